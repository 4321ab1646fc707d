//! `wxops status --watch`: how things stand, again whenever that has changed.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{StatusArgs, tell};
use crate::cli::Io;
use crate::cli::args::Output;
use crate::cli::stop::Stop;

/// How often it is looked, or a fifth of the time where a look takes longer.
const EVERY: Duration = Duration::from_secs(2);

/// Watches until it is interrupted. What cannot be told at first ends it; later it is said, and looked at again.
pub(super) async fn watch(args: &StatusArgs, io: &mut Io) -> Result<(), Stop> {
    let mut before: Option<Value> = None;
    let redraws = io.is_terminal && args.output == Output::Human;
    loop {
        let begun = Instant::now();
        let (mut page, text) = io.page();
        let told = tokio::select! {
            told = tell(args, &mut page) => told,
            // Nothing was written that could be left half done.
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        let now = match (told, &before) {
            (Ok(now), _) => now,
            (Err(Stop(exit)), None) => {
                io.put(&text, false);
                return Err(Stop(exit));
            }
            (Err(_), Some(_)) => Value::Null,
        };
        if redraws || before.as_ref() != Some(&now) {
            io.put(&text, redraws);
        }
        before = Some(now);
        let pause = EVERY.max(begun.elapsed() * 4);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}
