//! How Chinese is written: with its own punctuation. What a command prints and what stands in the source are looked at alike.

/// Han characters.
pub fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Where punctuation of Latin letters stands beside a Chinese character. What is written as code or as YAML (`…`, […],
/// {…}) is as its author wrote it.
pub fn half_width(text: &str) -> Option<String> {
    let chars: Vec<char> = without_code(text).chars().collect();
    let is_han_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_han(*c));
    let is_sign = |at: usize| "!?".contains(chars[at]) && chars.get(at + 1) == Some(&' ');
    let mut marks = (0..chars.len()).filter(|at| ",;:?!()".contains(chars[*at]) && !is_sign(*at));
    let at = marks.find(|at| {
        let spaced =
            chars.get(at + 1) == Some(&' ') && is_han_at(Some(at + 2)) && chars[*at] != ')';
        let opened = chars[*at] == '('
            && at.checked_sub(1).is_some_and(|before| chars[before] == ' ')
            && is_han_at(at.checked_sub(2));
        is_han_at(at.checked_sub(1)) || is_han_at(Some(at + 1)) || spaced || opened
    })?;
    let from = at.saturating_sub(12);
    Some(chars[from..chars.len().min(at + 12)].iter().collect())
}

/// Without what stands in braces, brackets or backticks.
fn without_code(text: &str) -> String {
    // Every error begins with that word, in both languages.
    let text = text
        .trim_start_matches("error: ")
        .trim_start_matches("warning: ");
    let (mut kept, mut depth, mut quoted) = (String::new(), 0_u32, false);
    for c in text.chars() {
        match c {
            '`' => {
                quoted = !quoted;
                kept.push(' ');
            }
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                kept.push('x');
            }
            _ if depth > 0 => {}
            c => kept.push(c),
        }
    }
    kept
}

/// What a command printed in Chinese, line by line: the first line that is not written so. A field of what a manifest says
/// or WeChat has stands further in, and is none that we wrote.
pub fn wrong_line(printed: &str) -> Option<String> {
    printed
        .lines()
        .filter(|line| !is_field(line))
        .find_map(|line| {
            let said = half_width(line)?;
            Some(format!("`{said}` in: {line}"))
        })
}

/// Whether a line is a field in YAML: a name, a colon and a value, below something else.
fn is_field(line: &str) -> bool {
    let text = line.trim_start_matches([' ', '-', '+', '~']);
    let name = text.split_once(": ").map(|(name, _)| name);
    line.len() - text.len() >= 6
        && name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[test]
fn punctuation_beside_a_chinese_character_is_found() {
    for wrong in [
        "没有票据,请稍候",
        "完成:3",
        "{name}:就绪",
        "已授权({account})",
        "重置 (本月)",
        "确认?",
        "main: 已暂停",
    ] {
        assert!(half_width(wrong).is_some(), "{wrong}");
    }
    for right in [
        "没有票据，请稍候：wxops run --standby",
        "改为 `{name: 约课, view: x}` 之后",
        "     {name: 约课, view: https://wx.example.com/book}",
        "! 已用完",
        "error: 没有票据",
        "plain, English: nothing (at all)",
        "{file}:{line} 的 spec",
        "tenants/sunrise.yaml:3 校验通过",
    ] {
        assert_eq!(half_width(right), None, "{right}");
    }
}
