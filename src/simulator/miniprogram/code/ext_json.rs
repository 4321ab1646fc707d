//! What `ext_json` makes of a template: pages and tab bar take the place of the template's, all else is laid over it.
//!
//! developers.weixin.qq.com: 第三方平台 / 上传代码并生成体验版. The text is kept as it came; here is only what WeChat finds
//! wrong with it.

use serde_json::{Map, Value};

use crate::simulator::answer::{Refusal, refuse};
use crate::simulator::code_templates::{CodeContent, CodeTemplate};

/// The keys a standard template takes.
const OF_STANDARD: [&str; 3] = ["extAppid", "ext", "window"];
const INVALID_PATH: Refusal = Refusal(85013);
const NO_SUCH_PAGE: Refusal = Refusal(85045);

/// What the mini-program gets, or why it does not. `unreadable` is the code for a text that is no object.
pub(super) fn built(
    template: &CodeTemplate,
    text: &str,
    unreadable: i64,
) -> Result<CodeContent, Refusal> {
    let parsed: Result<Map<String, Value>, _> = serde_json::from_str(text);
    let sent = parsed.map_err(|_| Refusal(unreadable))?;
    let strange = |key: &String| !OF_STANDARD.contains(&key.as_str());
    if template.is_standard() && sent.keys().any(strange) {
        return refuse(9_402_203);
    }
    let mut content = template.code.clone();
    content.pages = pages(&template.code, &sent)?;
    check_tab_bar(&template.code, &sent)?;
    if let Some(pages) = sent.get("extPages") {
        let pages = pages.as_object().ok_or(INVALID_PATH)?;
        for page in pages.keys() {
            check_page(&template.code, page)?;
        }
    }
    if let Some(names) = sent.get("requiredPrivateInfos") {
        content.required_private_infos = texts(names).ok_or(Refusal(85310))?;
    }
    for key in ["plugin", "plugins"] {
        let named = sent.get(key).and_then(Value::as_object);
        for plugin in named.into_iter().flat_map(Map::values) {
            let text = |key| plugin.get(key).and_then(Value::as_str).map(str::to_owned);
            let provider = text("provider").ok_or(Refusal(80067))?;
            let version = text("version").unwrap_or_default();
            content.plugins.insert(provider, version);
        }
    }
    Ok(content)
}

/// A list of texts; none: it is something else.
pub(super) fn texts(list: &Value) -> Option<Vec<String>> {
    let items = list.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

fn check_page(template: &CodeContent, page: &str) -> Result<(), Refusal> {
    if page.is_empty() || page.starts_with('/') {
        return Err(INVALID_PATH);
    }
    match template.has_page(page) {
        true => Ok(()),
        false => Err(NO_SUCH_PAGE),
    }
}

/// The template's pages, unless some of them are named.
fn pages(template: &CodeContent, sent: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let Some(named) = sent.get("pages") else {
        return Ok(template.pages.clone());
    };
    let mut pages = texts(named).ok_or(INVALID_PATH)?;
    if pages.is_empty() {
        return refuse(85047);
    }
    for key in ["subPackages", "subpackages"] {
        let packages = sent.get(key).and_then(Value::as_array);
        for package in packages.into_iter().flatten() {
            let root = package.get("root").and_then(Value::as_str);
            let root = root.ok_or(INVALID_PATH)?.trim_matches('/');
            let below = package.get("pages").and_then(texts).ok_or(INVALID_PATH)?;
            pages.extend(below.iter().map(|page| format!("{root}/{page}")));
        }
    }
    for page in &pages {
        check_page(template, page)?;
    }
    Ok(pages)
}

fn check_tab_bar(template: &CodeContent, sent: &Map<String, Value>) -> Result<(), Refusal> {
    let list = sent.get("tabBar").and_then(|bar| bar.get("list"));
    for item in list.and_then(Value::as_array).into_iter().flatten() {
        let path = item.get("pagePath").and_then(Value::as_str);
        let path = path.filter(|path| !path.is_empty()).ok_or(Refusal(85046))?;
        check_page(template, path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_a_part_of_the_templates() {
        let mut template = CodeTemplate::default();
        template.code.pages = ["index", "list", "shop/cart"].map(str::to_owned).into();
        for (text, expected) in [
            ("{}", Ok(vec!["index", "list", "shop/cart"])),
            (r#"{"pages": ["list"]}"#, Ok(vec!["list"])),
            (
                r#"{"pages": ["list"], "subPackages": [{"root": "shop", "pages": ["cart"]}]}"#,
                Ok(vec!["list", "shop/cart"]),
            ),
            (r#"{"pages": []}"#, Err(85047)),
            (r#"{"pages": ["new"]}"#, Err(85045)),
            (r#"{"pages": ["/index"]}"#, Err(85013)),
            (r#"{"extPages": {"new": {}}}"#, Err(85045)),
            (r#"{"tabBar": {"list": [{"text": "x"}]}}"#, Err(85046)),
            (r#"{"tabBar": {"list": [{"pagePath": "new"}]}}"#, Err(85045)),
            (r#"{"requiredPrivateInfos": "getLocation"}"#, Err(85310)),
            ("[]", Err(85048)),
        ] {
            let built = built(&template, text, 85048).map(|content| content.pages);
            let expected =
                expected.map(|pages| pages.iter().map(|page| (*page).to_owned()).collect());
            assert_eq!(built, expected.map_err(Refusal), "{text}");
        }
    }
}
