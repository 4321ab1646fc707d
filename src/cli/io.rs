//! Where a command prints: data on stdout, everything else on stderr, colour only on a terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::plan::Lang;

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
}

impl Io {
    /// The process's own streams.
    #[must_use]
    pub fn standard(lang: Lang) -> Self {
        Self {
            out: Box::new(anstream::AutoStream::auto(io::stdout())),
            err: Box::new(anstream::AutoStream::auto(io::stderr())),
            lang,
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
