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
pub async fn run(args: Args, out: &mut (dyn Write + Send)) -> Result<(), SimulatorError> {
    // Listening for it before anything is said: who read the addresses may end the process at once.
    let mut terminate = signal(SignalKind::terminate()).map_err(SimulatorError::Signal)?;
    let asked_to_end = async {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(SimulatorError::Signal),
            _ = terminate.recv() => Ok(()),
        }
    };
    serve(args, out, asked_to_end).await
}

async fn serve(
    args: Args,
    out: &mut (dyn Write + Send),
    asked_to_end: impl Future<Output = Result<(), SimulatorError>>,
) -> Result<(), SimulatorError> {
    let state = match &args.state {
        Some(path) => State::read(path)?,
        None => State::default(),
    };
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
    asked_to_end.await?;
    running.stop().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn args(given: &[&str]) -> Args {
        Cli::parse_from([&["simulator"], given].concat()).args
    }

    #[tokio::test]
    async fn the_bound_addresses_are_told_in_two_lines() {
        let mut out = Vec::new();
        let given = args(&["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
        serve(given, &mut out, async { Ok(()) }).await.unwrap();
        let told = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{told}");
        for (line, start) in lines
            .iter()
            .zip(["listening on http://", "control on http://"])
        {
            let address: SocketAddr = line.strip_prefix(start).unwrap().parse().unwrap();
            assert_ne!(address.port(), 0);
        }
    }

    #[tokio::test]
    async fn a_state_that_is_not_there_is_an_error() {
        let mut out = Vec::new();
        let given = args(&["--state", "no/such.yaml"]);
        let refused = serve(given, &mut out, async { Ok(()) }).await;
        assert!(matches!(refused, Err(SimulatorError::State(_))));
    }
}
