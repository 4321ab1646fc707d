//! Where a command prints: data on stdout, everything else on stderr, colour only on a terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use crate::plan::Lang;
use crate::store::Backend;

/// Puts something between the store and its backend.
pub type WrapStore = fn(Arc<dyn Backend>) -> Arc<dyn Backend>;

/// What a program around wxops may put in between. Empty in the `wxops` binary itself.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Wraps the store's backend, for example to slow it down.
    pub wrap_store: Option<WrapStore>,
}

/// The streams and the language of one command.
pub struct Io {
    /// Data.
    pub out: Box<dyn Write + Send>,
    /// Everything else.
    pub err: Box<dyn Write + Send>,
    /// The reader's language.
    pub lang: Lang,
    /// Whether a person can be asked.
    pub interactive: bool,
    /// What a program around wxops put in between.
    pub hooks: Hooks,
}

impl Io {
    /// The process's own streams.
    #[must_use]
    pub fn standard(lang: Lang) -> Self {
        Self {
            out: Box::new(anstream::AutoStream::auto(io::stdout())),
            err: Box::new(anstream::AutoStream::auto(io::stderr())),
            lang,
            hooks: Hooks::default(),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Prints data. A reader that has gone away (`| head`) is no error.
    pub fn say(&mut self, text: impl Display) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }

    /// Prints everything else.
    pub fn note(&mut self, text: impl Display) {
        let _ = writeln!(self.err, "{text}");
        let _ = self.err.flush();
    }
}
