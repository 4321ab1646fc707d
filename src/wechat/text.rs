//! Texts that people typed: what of them can be seen, and when two of them are one name.

/// Whether a character shows nothing and means nothing in a name: control characters, byte order marks, marks of
/// direction, line separators.
#[must_use]
pub fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A name without what cannot be seen, and without blanks around it: as a manifest can write it.
#[must_use]
pub fn visible(name: &str) -> String {
    let name: String = name.chars().filter(|char| !is_unseen(*char)).collect();
    name.trim().to_owned()
}

/// What of the name of a legal entity (主体) counts: no blanks, and one width of brackets, letters and digits.
#[must_use]
pub fn plain_entity(name: &str) -> String {
    name.chars()
        .filter(|char| !char.is_whitespace() && !is_unseen(*char))
        .map(half_width)
        .collect()
}

/// Only the letters of a name, in one case: what is left where punctuation differs.
#[must_use]
pub fn letters(name: &str) -> String {
    plain_entity(name)
        .chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The half-width form of a full-width ASCII character.
fn half_width(char: char) -> char {
    const FULL: u32 = 0xff01;
    const LAST: u32 = 0xff5e;
    match u32::from(char) {
        code @ FULL..=LAST => char::from_u32(code - FULL + 0x21).unwrap_or(char),
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_can_be_seen() {
        assert_eq!(visible("\u{14}主\u{7}页\u{feff} "), "主页");
        assert_eq!(visible("A\u{202e}B\u{2028}\n"), "AB");
        assert_eq!(
            visible("签到 送礼💕👨\u{200d}👩"),
            "签到 送礼💕👨\u{200d}👩"
        );
    }

    #[test]
    fn brackets_letters_and_blanks_have_one_width() {
        let name = plain_entity("日出(杭州)舞蹈ABC1有限公司");
        for other in [
            "日出（杭州）舞蹈ABC1有限公司",
            " 日出 （杭州)\u{3000}舞蹈ＡＢＣ１有限公司\u{7}",
        ] {
            assert_eq!(plain_entity(other), name, "{other}");
        }
        assert_ne!(plain_entity("日出杭州舞蹈ABC1有限公司"), name);
        assert_eq!(letters("日出〔杭州〕舞蹈Abc1有限公司"), letters(&name));
        assert_ne!(letters("月光(杭州)舞蹈ABC1有限公司"), letters(&name));
    }
}
