//! `wxops simulator`: a simulator in a process of its own.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::server::{Config, Simulator, SimulatorError};
use super::state::State;

/// Serve a stand-in for WeChat on this machine.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Where WeChat's API and pages are served; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where the control API is served
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub control: SocketAddr,
    /// The world to begin with (docs/simulator.md)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Keep the clock's offset in this file, to share it with other processes
    #[arg(long, value_name = "FILE")]
    pub clock: Option<PathBuf>,
}

/// Serves until the process is asked to end.
///
/// # Errors
/// A state that cannot be read, an address that cannot be bound, an output that is closed.
pub async fn run(args: Args, out: &mut impl Write) -> Result<(), SimulatorError> {
    let state = match &args.state {
        Some(path) => State::read(path)?,
        None => State::default(),
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(SimulatorError::Signal)?;
    let running = Simulator::start(Config {
        listen: args.listen,
        control: args.control,
        state,
        clock_file: args.clock,
    })
    .await?;
    writeln!(out, "listening on http://{}", running.listen)
        .and_then(|()| writeln!(out, "control on http://{}", running.control))
        .and_then(|()| out.flush())
        .map_err(SimulatorError::Output)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(SimulatorError::Signal)?,
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}
