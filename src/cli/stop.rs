//! A command that cannot go on, with the exit code that says why.

use std::fmt;

use super::{Exit, Io};
use crate::client::Reader;
use crate::plan::{Lang, Troubled};

/// Ends a command; what is wrong has been printed.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Exit);

/// Prints what is wrong.
pub(super) fn stop(io: &mut Io, error: &anyhow::Error) -> Stop {
    io.failed(error);
    Stop(exit(error))
}

/// Why a verb that asks about one thing got no answer.
#[derive(Debug)]
pub(super) struct PlatformInTrouble(pub(super) Troubled, pub(super) Lang);

impl fmt::Display for PlatformInTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(troubled, lang) = self;
        let (title, whole) = (troubled.title(), troubled.whole());
        let (title, whole) = (title.in_lang(*lang), whole.in_lang(*lang));
        write!(f, "{title}{}{whole}", lang.colon())
    }
}

impl std::error::Error for PlatformInTrouble {}

/// Whether what was read says something of what it was asked about.
///
/// # Errors
/// [`PlatformInTrouble`]: what keeps the platform from WeChat, which is not about what was asked.
pub(super) fn not_in_trouble(reader: &Reader, platform: &str, io: &Io) -> anyhow::Result<()> {
    match reader.met() {
        None => Ok(()),
        Some(trouble) => {
            let platform = platform.to_owned();
            Err(PlatformInTrouble(Troubled { platform, trouble }, io.lang).into())
        }
    }
}

/// The exit code of an error.
fn exit(error: &anyhow::Error) -> Exit {
    let mut causes = error.chain();
    match causes.find_map(|cause| cause.downcast_ref::<PlatformInTrouble>()) {
        Some(PlatformInTrouble(troubled, _)) => exit_of(troubled),
        None => Exit::Error,
    }
}

/// The exit code of a trouble.
pub(super) fn exit_of(troubled: &Troubled) -> Exit {
    if troubled.trouble.is_quota() {
        Exit::OutOfQuota
    } else {
        Exit::Error
    }
}
