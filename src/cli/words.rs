//! Small words that several verbs print.

use std::time::Duration;

use anstyle::Style;
use jiff::tz::TimeZone;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::plan::Lang;
use crate::wechat::raw::shown;

pub(super) use crate::plan::render::{count, thousands};

/// A heading.
pub(super) const BOLD: Style = Style::new().bold();
/// Everything that is no sign and no heading.
pub(super) const PLAIN: Style = Style::new();

/// A word of a table or a heading, in the reader's language.
pub(super) fn pick(lang: Lang, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The cells of a table's row: each is one line, whatever it holds.
pub(super) fn cells(cells: impl IntoIterator<Item = String>) -> Vec<String> {
    cells.into_iter().map(|cell| shown(&cell)).collect()
}

/// The headings of a table, in the reader's language.
pub(super) fn columns(lang: Lang, names: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    names.iter().map(|(zh, en)| pick(lang, zh, en)).collect()
}

/// `2026-11-28 20:36 +08:00`: a moment in the user's zone.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M %:z")
        .to_string()
}

/// The same of a moment from which on something may be done: the whole minute at which it surely may.
pub(super) fn moment_from(at: Timestamp) -> String {
    let whole = at.round(
        TimestampRound::new()
            .smallest(Unit::Minute)
            .mode(RoundMode::Ceil),
    );
    moment(whole.unwrap_or(at))
}

/// `3 d`, `6 h`, `2 min`, `5 s`: how long ago something was.
pub(super) fn since(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Who is at the terminal, as far as the environment says.
pub(super) fn user() -> Option<String> {
    ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}

/// Who is at work where nobody has a name, as in a container: a number.
pub(super) fn uid() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let own = std::fs::metadata("/proc/self").ok()?;
    Some(format!("uid {}", own.uid()))
}

/// `3 d`, or `3 天`: how long something has lasted.
pub(super) fn duration(from: Timestamp, now: Timestamp, lang: Lang) -> String {
    let text = since(from, now);
    match (lang, text.split_once(' ')) {
        (Lang::Zh, Some((number, unit))) => {
            let unit = match unit {
                "s" => "秒",
                "min" => "分钟",
                "h" => "小时",
                _ => "天",
            };
            format!("{number} {unit}")
        }
        (Lang::Zh | Lang::En, _) => text,
    }
}

/// `3 d ago`, or `3 天前`.
pub(super) fn ago(then: Timestamp, now: Timestamp, lang: Lang) -> String {
    let text = duration(then, now, lang);
    match lang {
        Lang::Zh => format!("{text}前"),
        Lang::En => format!("{text} ago"),
    }
}

/// How long `90m`, `6h` or `3d` is.
pub(super) fn how_long(text: &str) -> Option<SignedDuration> {
    let units = [('m', 60), ('h', 3_600), ('d', 86_400)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?.parse::<i64>().ok()?;
        number.checked_mul(seconds).filter(|seconds| *seconds > 0)
    });
    seconds.map(SignedDuration::from_secs)
}

/// `0.2 s`.
pub(super) fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f32())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert_eq!(since(at(0), at(5)), "5 s");
        assert_eq!(since(at(0), at(150)), "2 min");
        assert_eq!(since(at(0), at(6 * 3_600)), "6 h");
        assert_eq!(since(at(0), at(3 * 86_400)), "3 d");
        assert_eq!(since(at(9), at(5)), "0 s");
        assert_eq!(ago(at(0), at(150), Lang::En), "2 min ago");
        assert_eq!(ago(at(0), at(150), Lang::Zh), "2 分钟前");
    }
}
