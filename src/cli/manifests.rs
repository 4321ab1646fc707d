//! Loading a folder of manifests for verbs that need valid ones.

use std::path::Path;

use super::session::Stop;
use super::{Exit, Io, files};
use crate::manifest::{self, Loaded, report};

/// Loads and checks. Anything wrong is printed and ends the command with the code for invalid manifests.
pub(super) fn load_valid(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let sources = match files::read(path) {
        Ok(sources) => sources,
        Err(error) => {
            io.note(format_args!("error: {error:#}"));
            return Err(Stop(Exit::Error));
        }
    };
    let loaded = manifest::load(sources);
    if !loaded.problems.is_empty() {
        io.note(report::human(&loaded).trim_end());
    }
    if loaded.has_errors() {
        return Err(Stop(Exit::InvalidManifests));
    }
    Ok(loaded)
}
