//! Starting and stopping a simulator: two ports, one world.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::app::App;
use super::clock::Clock;
use super::state::{State, StateError};
use super::wire::{CuttableListener, Wire};
use super::{control, host_serve, page, registration, serve, tickets};

/// How a simulator is to be started.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where WeChat's API and pages are served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control API is served.
    pub control: SocketAddr,
    /// The world to begin with.
    pub state: State,
    /// Holds the clock's offset, shared with other processes.
    pub clock_file: Option<PathBuf>,
}

/// A stand-in for WeChat.
#[derive(Clone, Copy, Debug)]
pub struct Simulator;

/// A simulator that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where WeChat's API and pages are served.
    pub listen: SocketAddr,
    /// Where the control API is served.
    pub control: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// An address could not be bound.
    #[error("listen on {address}")]
    Bind {
        /// Which one.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The client that sends pushes could not be made.
    #[error("make the client that sends pushes")]
    Client(#[source] reqwest::Error),
    /// The state could not be read.
    #[error("read the simulator's state")]
    State(#[from] StateError),
    /// The clock file could not be written.
    #[error("write the clock file")]
    Clock(#[source] std::io::Error),
    /// The addresses could not be told.
    #[error("write to the standard output")]
    Output(#[source] std::io::Error),
    /// Signals cannot be waited for.
    #[error("wait for signals")]
    Signal(#[source] std::io::Error),
}

impl Simulator {
    /// Binds both addresses and serves.
    ///
    /// # Errors
    /// An address that cannot be bound, or a clock file that cannot be written.
    pub async fn start(config: Config) -> Result<Running, SimulatorError> {
        // Whoever came first has chosen the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(SimulatorError::Client)?;
        let clock = Clock::new(config.clock_file);
        if config.state.clock.offset_ms != 0 {
            clock
                .set_offset_ms(config.state.clock.offset_ms)
                .map_err(SimulatorError::Clock)?;
        }
        let state = config
            .state
            .settled()
            .map_err(|problems| SimulatorError::State(StateError::Contradiction(problems)))?;
        let listener = bind(config.listen).await?;
        let control_listener = bind(config.control).await?;
        let app = Arc::new(App::new(clock, http, state));
        let (stop, stopped) = watch::channel(false);
        let mut running = Running {
            listen: address(&listener, config.listen)?,
            control: address(&control_listener, config.control)?,
            stop,
            tasks: JoinSet::new(),
        };
        let wechat = wechat_routes(app.clone()).into_make_service_with_connect_info::<Wire>();
        let serving = axum::serve(CuttableListener(listener), wechat)
            .with_graceful_shutdown(until(stopped.clone()));
        running.tasks.spawn(async move {
            let _ = serving.await;
        });
        let controlling = axum::serve(control_listener, control::routes(app.clone()))
            .with_graceful_shutdown(until(stopped));
        running.tasks.spawn(async move {
            let _ = controlling.await;
        });
        running.tasks.spawn(tickets::keep_tickets_coming(app));
        Ok(running)
    }
}

impl Running {
    /// Stops accepting, lets what has begun finish for a moment, and ends.
    pub async fn stop(mut self) {
        /// Longer than any answer takes without a fault.
        const PATIENCE: Duration = Duration::from_secs(1);
        let _ = self.stop.send(true);
        let both_servers = async {
            self.tasks.join_next().await;
            self.tasks.join_next().await;
        };
        let _ = tokio::time::timeout(PATIENCE, both_servers).await;
        self.tasks.shutdown().await;
    }
}

fn wechat_routes(app: Arc<App>) -> Router {
    let hosts = middleware::from_fn_with_state(app.clone(), host_serve::serve);
    page::routes()
        .merge(registration::routes())
        .fallback(serve::call)
        .layer(hosts)
        .with_state(app)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| SimulatorError::Bind { address, source })
}

fn address(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, SimulatorError> {
    listener
        .local_addr()
        .map_err(|source| SimulatorError::Bind {
            address: asked,
            source,
        })
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means the sender is gone, which is a stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}
