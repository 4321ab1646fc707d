//! Lines for people above a document. What they quote is other people's (nicknames, errors): it stays in its line.

use crate::wechat::raw::is_raw;

/// One comment line for each; nothing in them can end it.
pub(super) fn comment(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| {
            let line: String = line
                .chars()
                .map(|c| if breaks(c) { ' ' } else { c })
                .collect();
            format!("# {}\n", line.trim_end())
        })
        .collect()
}

/// Whether a reader of YAML 1.1 or 1.2, or a terminal, takes it for more than a letter.
fn breaks(c: char) -> bool {
    is_raw(c) || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_cannot_leave_its_line() {
        let line = "a\nkind: x\u{85}b\u{2028}c\u{202e}d \r".to_owned();
        assert_eq!(comment(&[line]), "# a kind: x b c d\n");
    }
}
