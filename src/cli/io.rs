//! Where a command prints: data on stdout, everything else on stderr, colour only on a terminal.
//!
//! This is the border that every text crosses, whoever wrote it: WeChat, an operator, another process. Nothing in it
//! moves a cursor, begins a line or turns the direction of writing there (`wechat::raw`), so no caller has to think of
//! it: [`Io::say`] and [`Io::note`] print one line whatever they are given. Whoever made lines or colours of what was
//! shown already says so.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::failed::spoken;
use super::words;
use crate::plan::Lang;
use crate::store::Backend;
use crate::wechat::raw;

/// Moves a terminal's cursor to its first cell and clears it.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

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
    out: Data,
    /// Everything else.
    err: Box<dyn Write + Send>,
    /// The reader's language.
    pub lang: Lang,
    /// How wide a line of data may be, and which signs it may hold.
    pub screen: Screen,
    /// Whether a person can be asked.
    pub interactive: bool,
    /// Whether data goes to a terminal.
    pub(super) is_terminal: bool,
    /// What a program around wxops put in between.
    pub hooks: Hooks,
}

impl Io {
    /// The process's own streams.
    #[must_use]
    pub fn standard(lang: Lang) -> Self {
        Self {
            out: Data::on(anstream::AutoStream::auto(io::stdout())),
            err: Box::new(anstream::AutoStream::auto(io::stderr())),
            lang,
            screen: Screen::of_stdout(),
            hooks: Hooks::default(),
            is_terminal: io::stdout().is_terminal(),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }

    /// Prints what could not be done, in the reader's language.
    pub(super) fn failed(&mut self, error: &anyhow::Error) {
        self.error(spoken(error, self.lang));
    }

    /// Prints what could not be done, as it is said in the reader's language.
    pub(super) fn error(&mut self, said: impl Display) {
        let label = words::pick(self.lang, "错误：", "error: ");
        self.note(format_args!("{label}{said}"));
    }

    /// Prints what was not as it should be and stopped nothing, as it is said in the reader's language.
    pub(super) fn warning(&mut self, said: impl Display) {
        let label = words::pick(self.lang, "警告：", "warning: ");
        self.note(format_args!("{label}{said}"));
    }

    /// Why data could not be printed, where some could not: the disk is full, or the reader has gone away.
    #[must_use]
    pub fn lost(&self) -> Option<&io::Error> {
        self.out.lost.as_ref()
    }

    /// Prints one line of data. A reader that has gone away (`| head`) is no error.
    pub fn say(&mut self, line: impl Display) {
        print(&mut self.out, &raw::shown(&line.to_string()));
    }

    /// Prints lines of data, made of what was shown.
    pub fn say_lines(&mut self, lines: impl Display) {
        print(&mut self.out, &raw::shown_lines(&lines.to_string()));
    }

    /// Prints lines of data with our own colours in them, made of what was shown.
    pub fn paint(&mut self, lines: impl Display) {
        print(&mut self.out, &raw::painted(&lines.to_string()));
    }

    /// Prints data for programs: it says what it says, escaped where a terminal would take it for more.
    pub fn json(&mut self, value: &Value) {
        print(&mut self.out, &raw::escaped_json(&format!("{value:#}")));
    }

    /// As this one, printing on a page that [`Io::put`] brings out as a whole.
    pub(super) fn page(&self) -> (Self, Page) {
        let page = Page::default();
        let io = Self {
            out: Data::on(Sheet(page.clone(), true)),
            err: Box::new(Sheet(page.clone(), false)),
            lang: self.lang,
            screen: self.screen,
            interactive: false,
            is_terminal: false,
            hooks: self.hooks.clone(),
        };
        (io, page)
    }

    /// Brings out a page, in the order in which it was printed; on a terminal that is cleared before, if so wanted.
    pub(super) fn put(&mut self, page: &Page, clears: bool) {
        if clears {
            let _ = self.out.write_all(CLEAR.as_bytes());
            let _ = self.out.flush();
        }
        let lines = page.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (is_data, text) in lines.iter() {
            let stream: &mut dyn Write = if *is_data {
                &mut self.out
            } else {
                &mut self.err
            };
            let _ = stream.write_all(text);
            let _ = stream.flush();
        }
    }

    /// What a part of the program that prints nothing but addresses of its own writes data on.
    pub(super) fn data(&mut self) -> &mut (dyn Write + Send) {
        &mut self.out
    }

    /// Prints one line of everything else.
    pub fn note(&mut self, line: impl Display) {
        print(&mut self.err, &raw::shown(&line.to_string()));
    }

    /// Prints an empty line of everything else, or ends a part of it.
    pub fn note_blank(&mut self) {
        print(&mut self.err, "");
    }

    /// Prints lines of everything else with our own colours in them, made of what was shown.
    pub fn paint_note(&mut self, lines: impl Display) {
        print(&mut self.err, &raw::painted(&lines.to_string()));
    }
}

/// The stream of data, which knows whether all of it got out.
struct Data {
    stream: Box<dyn Write + Send>,
    lost: Option<io::Error>,
}

impl Data {
    fn on(stream: impl Write + Send + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            lost: None,
        }
    }

    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &done
            && error.kind() != io::ErrorKind::Interrupted
            && self.lost.is_none()
        {
            self.lost = Some(error.kind().into());
        }
        done
    }
}

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.stream.write(bytes);
        self.noted(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.stream.flush();
        self.noted(done)
    }
}

/// What a command printed and nobody has seen yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Page(Arc<Mutex<Vec<Piece>>>);

/// Whether it is data, and the bytes.
type Piece = (bool, Vec<u8>);

/// One stream of a page.
struct Sheet(Page, bool);

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((self.1, bytes.to_vec()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints help, or what is wrong with a command line. It quotes what was typed, and what the environment says instead.
pub fn print_mistake(shown: &clap::Error) {
    let typed = std::env::args_os().skip(1);
    let environment = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name.starts_with("WXOPS_")
    });
    let foreign = typed.chain(environment.map(|(_, value)| value));
    let text = quoted(
        shown.render().ansi().to_string(),
        foreign.map(|text| text.to_string_lossy().into_owned()),
    );
    if shown.use_stderr() {
        anstream::eprintln!("{}", text.trim_end());
    } else {
        anstream::println!("{}", text.trim_end());
    }
}

/// A text of ours that quotes others, with what it quotes as it is shown.
fn quoted(mut text: String, foreign: impl Iterator<Item = String>) -> String {
    for typed in foreign.filter(|typed| typed.contains(raw::is_raw)) {
        let value = typed.split_once('=').map(|(_, value)| value);
        for part in std::iter::once(typed.as_str()).chain(value) {
            text = text.replace(part, &raw::shown(part));
        }
    }
    raw::painted(&text)
}

fn print(stream: &mut impl Write, text: &str) {
    let _ = writeln!(stream, "{text}");
    let _ = stream.flush();
}

/// The log: each event is one line, whatever its fields hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    /// Whether events are JSON.
    pub(super) json: bool,
}

impl Write for Log {
    /// An event comes in one piece.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let line = if self.json {
            raw::escaped_json(text)
        } else {
            raw::shown(text)
        };
        writeln!(io::stderr(), "{line}")?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_quoted_as_it_is_shown() {
        let typed = ["--hours=7\nFAKE", "a\u{1b}[31m\u{202e}"].map(str::to_owned);
        let text =
            "\u{1b}[1merror\u{1b}[0m: '7\nFAKE' for '--hours=7\nFAKE', 'a\u{1b}[31m\u{202e}'\n";
        let shown = quoted(text.to_owned(), typed.into_iter());
        let wanted = "\u{1b}[1merror\u{1b}[0m: '7\u{fffd}FAKE' for '--hours=7\u{fffd}FAKE', 'a\u{fffd}[31m\u{fffd}'\n";
        assert_eq!(shown, wanted);
    }

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
