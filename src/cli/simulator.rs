//! `wxops simulator`: the stand-in for WeChat, in a process of its own.

use super::{Exit, Io};
use crate::simulator;

/// Runs the verb until the process is asked to end.
pub(super) async fn run(args: simulator::Args, io: &mut Io) -> Exit {
    match simulator::run(args, io.data()).await {
        Ok(()) => Exit::Fine,
        Err(error) => {
            // What is wrong with a state is shown with its lines.
            io.paint_note(format_args!("error: {:#}", anyhow::Error::new(error)));
            Exit::Error
        }
    }
}
