//! Limits of conditional menus, checked offline. WeChat publishes no number of them; 65305 says when it is reached.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{DOMAINS, check_buttons, listed};
use super::rule::Rule;
use super::spec::{ConditionalSpec, MatchSpec, MenuSpec};
use crate::plan::diagnostic::{Diagnostic, Diagnostics, On, Severity};
use crate::plan::path::SpecPath;
use crate::resource::tags;

/// More than any tag's number or language has.
const WORD: usize = 20;

/// Checks the conditional menus of a menu.
pub(super) fn check(spec: &MenuSpec, path: &SpecPath, found: &mut Diagnostics) {
    let Some(menus) = &spec.conditional else {
        return;
    };
    let path = path.field("conditional");
    if spec.buttons.is_empty() && !menus.is_empty() {
        found.error(
            "WX1241",
            path.clone(),
            "conditional menus need a default menu",
            "`buttons` is empty",
            Some("give `buttons`: they are shown to whom no rule matches (WeChat: 65303)"),
        );
    }
    let mut first = BTreeMap::new();
    let mut domains = BTreeSet::new();
    for (index, menu) in menus.iter().enumerate() {
        let path = path.index(index);
        domains.extend(check_menu(menu, &path, found));
        let rule = Rule::from_spec(&menu.rule);
        let at = path.field("match");
        if let Some(earlier) = first.insert(rule.clone(), at.clone()) {
            first.insert(rule, earlier.clone());
            warn(
                found,
                "WX1244",
                at,
                "a conditional menu that nobody sees",
                (
                    "the same rule as an earlier menu, which wins",
                    "take one of the two out: of those that match a follower the first is shown",
                ),
                vec![(earlier, "this one is shown".to_owned())],
            );
        }
    }
    if domains.len() > DOMAINS {
        found.error(
            "WX1208",
            path,
            format!(
                "the conditional menus of an account may lead to at most {DOMAINS} domains together, these lead to {}: {}",
                domains.len(),
                listed(&domains)
            ),
            "too many domains",
            Some("WeChat refuses the menu that goes beyond them with 65316"),
        );
    }
}

/// Checks one; answers the domains it leads to.
fn check_menu(
    menu: &ConditionalSpec,
    path: &SpecPath,
    found: &mut Diagnostics,
) -> BTreeSet<String> {
    let at = path.field("match");
    let rule = Rule::from_spec(&menu.rule);
    if rule.is_empty() {
        found.error(
            "WX1242",
            at.clone(),
            "the rule of a conditional menu says nothing",
            "empty",
            Some("give `tag`, `platform`, or both; the menu for everybody is `buttons`"),
        );
    }
    // The pages disagree about language: still listed as a field, and listed among what 65320 refuses.
    let label = match (rule.is_withdrawn(), &menu.rule.language) {
        (true, _) => Some("a menu that is there is kept; a new one is refused (65320)"),
        (false, Some(_)) => Some("a menu that is there is kept; a new one may be refused (65320)"),
        (false, None) => None,
    };
    if let Some(label) = label {
        let message = "a rule that WeChat has withdrawn";
        let help = "match by `tag` or `platform`";
        warn(
            found,
            "WX1246",
            at.clone(),
            message,
            (label, help),
            Vec::new(),
        );
    }
    check_words(&menu.rule, &at, found);
    if menu.buttons.is_empty() {
        found.error(
            "WX1243",
            path.field("buttons"),
            "a conditional menu without buttons",
            "empty",
            Some("take the whole item out to have no such menu (WeChat: 65307)"),
        );
    }
    check_buttons(&menu.buttons, &path.field("buttons"), found)
}

fn check_words(rule: &MatchSpec, at: &SpecPath, found: &mut Diagnostics) {
    if let Some(name) = &rule.tag {
        tags::check_name(name, &at.field("tag"), found);
    }
    if rule.tag.is_some() && rule.tag_id.is_some() {
        found.error(
            "WX1283",
            at.field("tag"),
            "a rule names a tag twice",
            "`tagId` is given too",
            Some("give `tag`, which is the same in every account, or `tagId`, which is not"),
        );
    }
    let digits = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    let word = |text: &String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        text.bytes().all(plain)
    };
    let short = |text: &String| (1..=WORD).contains(&text.len());
    if rule
        .tag_id
        .as_ref()
        .is_some_and(|id| !digits(id) || !short(id))
    {
        found.error(
            "WX1109",
            at.field("tagId"),
            "a tag's id is a number",
            "not a number",
            Some("the number that `tags/get` or WeChat's console shows, as in `tagId: 100`"),
        );
    }
    let language = rule.language.as_ref();
    if language.is_some_and(|text| !word(text) || !short(text)) {
        found.error(
            "WX1109",
            at.field("language"),
            "a language is a short word",
            "not such a word",
            Some("as WeChat writes it: `zh_CN`, `en`"),
        );
    }
}

fn warn(
    found: &mut Diagnostics,
    code: &'static str,
    path: SpecPath,
    message: &str,
    (label, help): (&str, &str),
    related: Vec<(SpecPath, String)>,
) {
    found.push(Diagnostic {
        code,
        severity: Severity::Warning,
        path,
        on: On::Value,
        message: message.to_owned(),
        label: label.to_owned(),
        help: Some(help.to_owned()),
        related,
    });
}
