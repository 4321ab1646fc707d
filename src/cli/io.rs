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
    /// Whether the next process may take over at once what this one works on: set by a program that kills itself or
    /// lets itself be killed, so that nobody waits until it counts as dead.
    pub yields_passes: bool,
}

/// What data is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Cells of a line.
    pub width: usize,
    /// Whether it shows no more than ASCII signs.
    pub ascii: bool,
}

impl Screen {
    /// A file or a pipe: of a width that most people can look at, in UTF-8 whatever the locale.
    const PIPE: Self = Self {
        width: 100,
        ascii: false,
    };

    fn of_stdout() -> Self {
        if !io::stdout().is_terminal() {
            return Self::PIPE;
        }
        let width = rustix::termios::tcgetwinsize(io::stdout())
            .ok()
            .map(|size| usize::from(size.ws_col))
            .filter(|width| *width > 0)
            .unwrap_or(Self::PIPE.width);
        let charset = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        Self {
            width,
            ascii: !is_utf8(charset.as_deref()),
        }
    }
}

/// Whether a locale's character set is UTF-8. Without any locale it is plain ASCII (`C`).
fn is_utf8(locale: Option<&str>) -> bool {
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// The streams and the language of one command.
pub struct Io {
    /// Data.
    pub out: Box<dyn Write + Send>,
    /// Everything else.
    pub err: Box<dyn Write + Send>,
    /// The reader's language.
    pub lang: Lang,
    /// How wide a line of data may be, and which signs it may hold.
    pub screen: Screen,
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
            screen: Screen::of_stdout(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_locale_that_says_so_is_utf8() {
        for locale in ["zh_CN.UTF-8", "C.utf8", "en_US.UTF-8@euro"] {
            assert!(is_utf8(Some(locale)), "{locale}");
        }
        for locale in [Some("C"), Some("zh_CN.GB18030"), Some("POSIX"), None] {
            assert!(!is_utf8(locale), "{locale:?}");
        }
    }
}
