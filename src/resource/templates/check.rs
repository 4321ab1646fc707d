//! What is wrong with templates can be known offline, before WeChat refuses it.

use std::collections::BTreeMap;

use super::spec::{TemplateSpec, TemplatesSpec};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::template::{MOST, is_of_category, plain_label};

/// As long as a name of Kubernetes.
const NAME_BYTES: usize = 63;

/// Checks all templates.
pub(super) fn check(spec: &TemplatesSpec, path: &SpecPath, found: &mut Diagnostics) {
    let items = path.field("items");
    if spec.items.len() > MOST {
        found.error(
            "WX1217",
            items.clone(),
            format!(
                "an account has at most {MOST} templates, {} are declared",
                spec.items.len()
            ),
            "too many templates",
            Some("WeChat refuses the 26th with 45026"),
        );
    }
    for (index, item) in spec.items.iter().enumerate() {
        check_item(item, &items.index(index), found);
    }
    check_twice(&spec.items, &items, found);
}

fn check_item(item: &TemplateSpec, path: &SpecPath, found: &mut Diagnostics) {
    if !is_name(&item.name) {
        found.error(
            "WX1213",
            path.field("name"),
            "a template's name is of small letters, digits and `-`",
            "not such a name",
            Some("business code asks for it as `templates.<name>`: class-reminder"),
        );
    }
    if item.title.trim().is_empty() {
        found.error(
            "WX1216",
            path.field("title"),
            "a template needs its title",
            "empty",
            Some("the title in WeChat's library: WeChat gives no short id back, so it is recognised by its title"),
        );
    }
    if let Some(short_id) = &item.short_id
        && !is_short_id(short_id)
    {
        found.error(
            "WX1214",
            path.field("shortId"),
            "this is no short id of WeChat's template library",
            "not digits, `TM…` or `OPENTM…`",
            Some("it is the number in the library (模板库), not the template id of 43 characters"),
        );
    }
    check_keywords(item, path, found);
}

fn check_keywords(item: &TemplateSpec, path: &SpecPath, found: &mut Diagnostics) {
    let of_category = item.short_id.as_deref().is_some_and(is_of_category);
    if of_category && item.keywords.is_empty() {
        found.error(
            "WX1215",
            path.clone(),
            "a template whose short id is of digits needs its keywords",
            "`keywords` is missing",
            Some("the keywords chosen in the library, in the order of the lines; WeChat refuses with 40246 else"),
        );
    }
    let mut seen: Vec<String> = Vec::new();
    for (index, keyword) in item.keywords.iter().enumerate() {
        let place = path.field("keywords").index(index);
        let plain = plain_label(keyword);
        if plain.is_empty() {
            found.error(
                "WX1215",
                place,
                "a keyword needs a name",
                "empty",
                None::<&str>,
            );
        } else if of_category && seen.contains(&plain) {
            found.error(
                "WX1215",
                place,
                "a keyword is chosen once",
                "chosen already",
                None::<&str>,
            );
        }
        seen.push(plain);
    }
}

/// No two items may be one template: by name, by what is sent, by what WeChat shows, or by id.
fn check_twice(items: &[TemplateSpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown: BTreeMap<(String, Vec<String>), usize> = BTreeMap::new();
    let mut sent: BTreeMap<(&str, Vec<String>), usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if names.insert(&item.name, index).is_some() {
            found.error(
                "WX1213",
                path.index(index).field("name"),
                format!("two templates are called `{}`", item.name),
                "called so already",
                Some("each needs a name of its own"),
            );
        }
        if let Some(id) = &item.id
            && ids.insert(id, index).is_some()
        {
            twice(
                path.index(index).field("id"),
                "this template is another item's",
                found,
            );
        }
        let labels: Vec<String> = item.keywords.iter().map(|text| plain_label(text)).collect();
        let looks = (plain_label(&item.title), labels.clone());
        let choice = item
            .short_id
            .as_deref()
            .map(|short_id| (short_id, labels))
            .filter(|_| item.id.is_none());
        // Those that look alike can only be told apart by their ids.
        if item.id.is_none() && shown.insert(looks, index).is_some() {
            twice(path.index(index), "the same title and keywords", found);
        } else if choice.is_some_and(|choice| sent.insert(choice, index).is_some()) {
            twice(path.index(index), "the same short id and keywords", found);
        }
    }
}

fn twice(path: SpecPath, label: &str, found: &mut Diagnostics) {
    found.error(
        "WX1218",
        path,
        "two items are one template",
        label,
        Some("take one of them out; business code may ask for one template by one name only"),
    );
}

/// Whether business code can ask for something by this name.
pub(in crate::resource) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_short_id(text: &str) -> bool {
    let digits = text
        .strip_prefix("OPENTM")
        .or_else(|| text.strip_prefix("TM"))
        .unwrap_or(text);
    is_of_category(digits)
}
