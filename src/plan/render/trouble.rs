//! What keeps a whole platform from WeChat, said once, with the tenants that wait behind it.

use unicode_width::UnicodeWidthStr as _;

use super::layout::{count, thousands};
use super::sheet::{BOLD, PLAIN, RED, Sheet};
use crate::plan::{Lang, Text, Troubled};

/// Writes a platform's trouble. `all`: every tenant is named, not only those that fit a line.
pub fn trouble(sheet: &mut Sheet, troubled: &Troubled, tenants: &[&str], all: bool, lang: Lang) {
    sheet.head(BOLD, troubled.title().in_lang(lang), "");
    let kept = Text::new("无法访问微信", "kept from WeChat");
    sheet.head(RED, &format!("  ? {}", kept.in_lang(lang)), "");
    for line in troubled.lines() {
        sheet.prose(PLAIN, 6, line.in_lang(lang));
    }
    if tenants.is_empty() {
        return;
    }
    let n = tenants.len();
    let behind = Text::new(
        format!("{} 个租户因此读取失败，读到之前不会改动：", thousands(n)),
        format!(
            "{} could not be read because of it, and nothing is done to {} until then: ",
            count(n, "tenant"),
            if n == 1 { "it" } else { "them" }
        ),
    );
    let mut said = behind.in_lang(lang).to_owned();
    let room = if all { usize::MAX } else { sheet.width() };
    said.push_str(&names(tenants, room, lang));
    sheet.prose(PLAIN, 6, &said);
}

/// The first names that fit.
fn names(tenants: &[&str], room: usize, lang: Lang) -> String {
    let widths = tenants.iter().scan(0, |width, name| {
        *width += name.width() + 2;
        Some(*width)
    });
    // The first stands there whatever the room, and so does the sign that there are more.
    let fit = widths.enumerate();
    let fit = fit.take_while(|(n, width)| *n == 0 || width + 3 <= room);
    let fit = fit.count();
    let more = (fit < tenants.len()).then_some("…");
    let said = Text::list(tenants.iter().copied().take(fit).chain(more));
    said.in_lang(lang).to_owned()
}
