//! Loading a folder of manifests for verbs that need valid ones.

use std::path::Path;

use super::session::Stop;
use super::{Exit, Io, files};
use crate::manifest::{Loaded, report};

/// Loads and checks. Anything wrong is printed and ends the command with the code for invalid manifests.
pub(super) fn load_valid(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let loaded = match files::load(&[path]) {
        Ok(loaded) => loaded,
        Err(error) => {
            io.note(format_args!("error: {:#}", anyhow::Error::new(error)));
            return Err(Stop(Exit::Error));
        }
    };
    if !loaded.problems.is_empty() {
        io.paint_note(report::human(&loaded).trim_end());
    }
    if loaded.has_errors() {
        io.note_blank();
        io.note(report::summary(&loaded, None));
        return Err(Stop(Exit::InvalidManifests));
    }
    Ok(loaded)
}
