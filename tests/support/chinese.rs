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
    // A list in a Chinese sentence has Chinese commas, whatever language its names are in.
    let listed = |at: usize| {
        chars[at] == ',' && chars.get(at + 1) == Some(&' ') && chars.iter().any(|c| is_han(*c))
    };
    let mut marks = (0..chars.len()).filter(|at| ",;:?!()".contains(chars[*at]) && !is_sign(*at));
    let at = marks.find(|at| {
        let spaced =
            chars.get(at + 1) == Some(&' ') && is_han_at(Some(at + 2)) && chars[*at] != ')';
        let opened = chars[*at] == '('
            && at.checked_sub(1).is_some_and(|before| chars[before] == ' ')
            && is_han_at(at.checked_sub(2));
        is_han_at(at.checked_sub(1)) || is_han_at(Some(at + 1)) || spaced || opened || listed(*at)
    })?;
    let from = at.saturating_sub(12);
    Some(chars[from..chars.len().min(at + 12)].iter().collect())
}

/// Without what stands in braces, brackets or backticks.
fn without_code(text: &str) -> String {
    let (mut kept, mut depth, mut quoted) = (String::new(), 0_u32, false);
    for c in without_answers(text).chars() {
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

/// Without the words of WeChat's answers, which stand behind their code: `返回 40164 invalid ip, …：`.
fn without_answers(text: &str) -> String {
    let mut parts = text.split("返回 ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let said = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        let code = &part[..part.len() - said.len()];
        let rest = match said.split_once('：') {
            Some((_, rest)) if !code.is_empty() => format!("：{rest}"),
            Some(_) | None => said.to_owned(),
        };
        format!("{kept}返回 {code}{rest}")
    })
}

/// What a command printed in Chinese, line by line: the first line that is not written so. A field of what a manifest says
/// or WeChat has stands further in, and is none that we wrote.
pub fn wrong_line(printed: &str) -> Option<String> {
    printed
        .lines()
        .filter(|line| !is_field(line))
        .find_map(|line| {
            let said = half_width(line)
                .or_else(|| clumsy(line))
                .or_else(|| glued(line))?;
            Some(format!("`{said}` in: {line}"))
        })
}

/// A sentence with two colons, or with two `但`: nobody can tell what belongs to what. A label in front of a line, and what
/// stands in parentheses, are read by themselves.
pub fn clumsy(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut depth = 0_u32;
    for c in without_code(text).chars() {
        match c {
            '（' => depth += 1,
            '）' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let mut sentences = plain.split(['。', '；', '！', '？']);
    let wrong = sentences.find(|one| {
        let label = one.split_once('：').filter(|(label, _)| is_label(label));
        let one = label.map_or(*one, |(_, rest)| rest);
        one.matches('：').count() > 1 || one.matches('但').count() > 1
    });
    wrong.map(str::to_owned)
}

/// A word of Latin letters that a Chinese one follows without a blank: a sentence was put together from parts that were not
/// made for it.
fn glued(text: &str) -> Option<String> {
    let chars: Vec<char> = without_code(text).chars().collect();
    let mut pairs = chars.windows(2).enumerate();
    let (at, _) = pairs.find(|(_, pair)| pair[0].is_ascii_lowercase() && is_han(pair[1]))?;
    let from = at.saturating_sub(12);
    Some(chars[from..chars.len().min(at + 12)].iter().collect())
}

/// `错误`, `下一次检查`, `sunrise-dance`: what a line begins with and is no sentence.
fn is_label(text: &str) -> bool {
    text.trim().chars().filter(|c| is_han(*c)).count() <= 8 && !text.contains(['，', ','])
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
        "error: 没有票据",
        "下一次发布后生效：a.example.com, b.example.com",
        "按钮 更多 (6) 已删除",
    ] {
        assert!(half_width(wrong).is_some(), "{wrong}");
    }
    for right in [
        "没有票据，请稍候：wxops run --standby",
        "改为 `{name: 约课, view: x}` 之后",
        "     {name: 约课, view: https://wx.example.com/book}",
        "! 已用完",
        "错误：没有票据",
        "plain, English: nothing (at all)",
        "{file}:{line} 的 spec",
        "tenants/sunrise.yaml:3 校验通过",
        "menu/get 返回 40164 invalid ip 127.0.0.1, not in whitelist：请求 IP 不在白名单",
    ] {
        assert_eq!(half_width(right), None, "{right}");
    }
}

#[test]
fn a_sentence_that_cannot_be_read_at_once_is_found() {
    for wrong in [
        "应返回校验文件，实际为：内容不同：请让它提供",
        "微信已接受，但查询不到，但也没有拒绝",
    ] {
        assert!(clumsy(wrong).is_some(), "{wrong}");
    }
    assert!(glued("add未能读取").is_some());
    assert_eq!(glued("add 未能读取"), None);
    for right in [
        "错误：没有平台 main：现有 other",
        "请核对（no：再次发送；done：视为已生效），再执行：wxops op resolve",
        "已保存，下一次发布后生效：a；请等待：b",
    ] {
        assert_eq!(clumsy(right), None, "{right}");
    }
}
