//! Files as they were given, and the way from a byte of one to its line and column.

use std::fmt;
use std::sync::Arc;

use crate::plan::render::Place;
use crate::wechat::raw::shown;

/// Larger files are refused: 5,000 tenants are about 3 MiB.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// One file, not looked at yet.
pub struct Source {
    /// The path as the reader typed it, for printing.
    pub path: String,
    /// The file's content.
    pub bytes: Vec<u8>,
}

impl Source {
    /// A file with this content.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            bytes: bytes.into(),
        }
    }
}

/// One document, cut out of its file.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The path of the file.
    pub path: String,
    /// The line on which it begins there, from 1.
    pub line: u32,
    /// The document.
    pub text: String,
}

impl Excerpt {
    /// The most lines that are put before one: what stands further down is said to stand here.
    const MOST_LINES: u32 = 1 << 20;

    /// A file that holds this document alone, on the lines on which it stood.
    #[must_use]
    pub fn source(&self) -> Source {
        let before = self.line.saturating_sub(1).min(Self::MOST_LINES);
        let mut bytes = vec![b'\n'; usize::try_from(before).unwrap_or_default()];
        bytes.extend_from_slice(self.text.as_bytes());
        Source::new(self.path.as_str(), bytes)
    }
}

/// A document may be a Secret.
impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({} bytes)", self.path, self.line, self.text.len())
    }
}

/// Content may hold Secrets, so only its size is printed.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.path, self.bytes.len())
    }
}

/// Which file of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range in a file.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            file,
            start: clip(start),
            end: clip(end.max(start)),
        }
    }

    /// Whether another range lies inside this one.
    #[must_use]
    pub fn contains(&self, inner: Self) -> bool {
        self.file == inner.file && self.start <= inner.start && inner.end <= self.end
    }
}

/// Every file of one run. A copy shares their texts.
#[derive(Clone, Default)]
pub struct Sources {
    files: Vec<Arc<File>>,
}

struct File {
    path: Arc<str>,
    /// The path as it is printed.
    shown: Arc<str>,
    text: String,
    /// Byte offsets at which lines begin.
    lines: Vec<u32>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.files.iter().map(|file| &file.path))
            .finish()
    }
}

impl Sources {
    /// Adds a file.
    pub(super) fn push(&mut self, path: &str, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(starts.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        self.files.push(Arc::new(File {
            path: path.into(),
            shown: shown(path).into(),
            text,
            lines,
        }));
        id
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of a file as the reader typed it.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.path)
    }

    /// The path of a file as it is printed: a name may hold anything.
    fn shown(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.shown)
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The text of a range; empty when it is none.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        self.text(span.file).get(range).unwrap_or_default()
    }

    /// A range with everything before it on its first line, as a file that reads the same, line by line.
    #[must_use]
    pub(super) fn excerpt(&self, span: Span) -> Excerpt {
        let (line, start) = self.line(span);
        Excerpt {
            path: self.path(span.file).to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            text: self.slice(Span { start, ..span }).to_owned(),
        }
    }

    /// Line and column of a range's first byte.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        let (line, start) = self.line(span);
        let before = Span {
            start,
            end: span.start,
            ..span
        };
        Place {
            file: self.shown(span.file).to_owned(),
            line,
            column: self.slice(before).chars().count() + 1,
        }
    }

    /// The range cut to its first line, and never empty where the line has a character left.
    #[must_use]
    pub fn first_line(&self, span: Span) -> Span {
        let text = self.text(span.file);
        let rest = text.get(span.start as usize..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let wanted = (span.end - span.start) as usize;
        let length = match wanted.min(line.len()) {
            0 => line.chars().next().map_or(0, char::len_utf8),
            length => line.get(..length).unwrap_or_default().trim_end().len(),
        };
        Span::new(span.file, span.start as usize, span.start as usize + length)
    }

    /// The line a range begins on: its number, from 1, and the offset of its first byte.
    #[must_use]
    pub(super) fn line(&self, span: Span) -> (usize, u32) {
        let Some(file) = self.file(span.file) else {
            return (1, 0);
        };
        let line = file.lines.partition_point(|start| *start <= span.start);
        let start = file.lines.get(line.saturating_sub(1)).copied();
        (line.max(1), start.unwrap_or(0))
    }

    fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_begin_at_one() {
        let mut sources = Sources::default();
        let file = sources.push("a.yaml", "name: 课程\r\nview: x\n".to_owned());
        let at = |text: &str, needle: &str| {
            let start = text.find(needle).unwrap();
            Span::new(file, start, start + needle.len())
        };
        let text = sources.text(file).to_owned();
        let place = sources.place(at(&text, "程"));
        assert_eq!((place.line, place.column), (1, 8));
        let place = sources.place(at(&text, "x"));
        assert_eq!((place.line, place.column), (2, 7));
        assert_eq!(sources.slice(at(&text, "课程")), "课程");
    }

    #[test]
    fn a_range_over_several_lines_is_cut_to_the_first() {
        let mut sources = Sources::default();
        let file = sources.push("a.yaml", "a:  \n  b: 1\n".to_owned());
        let cut = sources.first_line(Span::new(file, 0, 12));
        assert_eq!(sources.slice(cut), "a:");
        let none = sources.first_line(Span::new(file, 12, 12));
        assert_eq!(sources.slice(none), "");
    }
}
