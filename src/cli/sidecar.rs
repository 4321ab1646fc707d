//! `wxops sidecar`: the endpoint that WeChat and account owners reach.

use super::args::SidecarArgs;
use super::run::{Listen, serve};
use super::stop::Stop;
use super::{Exit, Io};
use crate::controller::DRIFT;

/// Runs the verb until the process is asked to end.
pub(super) async fn run(args: SidecarArgs, io: &mut Io) -> Exit {
    let listen = Listen {
        public: args.listen,
        private: None,
        standby: false,
        assume_reachable: false,
        drift_every: DRIFT,
    };
    match serve(&args.manifests.path, &args.place, &listen, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}
