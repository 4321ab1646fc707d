//! WeChat ids (微信号), as manifests name people by them.

/// What is wrong with a text that cannot be one, an original one (`wxid_…`) neither: message, label and help.
pub(super) fn objection(text: &str) -> Option<(String, &'static str, &'static str)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_one = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain);
    (!is_one).then(|| {
        (
            format!("`{text}` is no WeChat id"),
            "letters, digits, `_` and `-`, beginning with a letter",
            "the id stands in WeChat under 我 → 微信号; a nickname or a phone number will not do",
        )
    })
}
