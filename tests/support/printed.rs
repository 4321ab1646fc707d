//! What stands in printed text: secrets that must not, and words that later steps have.

use std::collections::BTreeMap;

use serde_json::Value;

/// Every secret of a simulated world: the platforms', and all that was given out.
pub fn secrets(state: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let fields = |list: &Value, names: &[&str], found: &mut Vec<String>| {
        for one in list.as_array().into_iter().flatten() {
            found.extend(
                names
                    .iter()
                    .filter_map(|name| one[*name].as_str())
                    .map(str::to_owned),
            );
        }
    };
    fields(
        &state["platforms"],
        &["appSecret", "token", "encodingAesKey"],
        &mut found,
    );
    fields(&state["authorizations"], &["refreshToken"], &mut found);
    fields(&state["registrations"]["tickets"], &["value"], &mut found);
    for given_out in state["credentials"].as_object().into_iter().flatten() {
        fields(given_out.1, &["value"], &mut found);
    }
    found
}

/// The word behind the first place where a text stands.
pub fn word_after<'a>(said: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = said.split_once(before)?;
    rest.split(|c: char| c.is_whitespace() || matches!(c, ')' | '"'))
        .find(|word| !word.is_empty())
}

/// What earlier steps have kept stands in place of its name.
pub fn fill_in(kept: &BTreeMap<String, String>, text: &str) -> String {
    kept.iter().fold(text.to_owned(), |filled, (name, value)| {
        filled.replace(&format!("${name}"), value)
    })
}
