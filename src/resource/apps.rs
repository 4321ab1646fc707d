//! What the list of a tenant's mini-programs must be as a whole: each under a name of its own, each an account of its
//! own. Offline.

use std::collections::BTreeMap;

use super::TenantSpec;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;

/// A name is a prefix in addresses and links, and a part of output names.
const LONGEST: usize = 32;

/// Checks the names and appids of a tenant's mini-programs.
pub(super) fn check(tenant: &TenantSpec, found: &mut Diagnostics) {
    let root = SpecPath::root().field("miniPrograms");
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let official = tenant.official_account.as_ref();
    let mut appids: BTreeMap<&Appid, String> = official
        .and_then(|one| one.app_id.as_ref())
        .map(|appid| (appid, "officialAccount".to_owned()))
        .into_iter()
        .collect();
    for (index, item) in tenant.mini_programs.iter().enumerate() {
        let path = root.index(index);
        check_name(&item.name, path.field("name"), found);
        if let Some(first) = names.insert(&item.name, index) {
            found.error(
                "WX1260",
                path.field("name"),
                format!("`{}` is the name of two mini-programs", item.name),
                format!("item {} has it too", first + 1),
                Some(
                    "what is remembered of a mini-program is found by its name: give each its own",
                ),
            );
        }
        if let Some(appid) = &item.app_id
            && let Some(first) = appids.insert(appid, item.name.clone())
        {
            found.error(
                "WX1261",
                path.field("appId"),
                format!("{appid} is given twice"),
                format!("`{first}` has it too"),
                Some("an account has one place in a manifest: remove one of them"),
            );
        }
    }
    for (index, item) in tenant.mini_programs.iter().enumerate() {
        let Some(from) = &item.renamed_from else {
            continue;
        };
        let path = root.index(index).field("renamedFrom");
        check_name(from, path.clone(), found);
        if names.contains_key(from.as_str()) {
            found.error(
                "WX1262",
                path,
                format!("`{from}` still stands in the list"),
                "what is called so would lose its account",
                Some("remove `renamedFrom`, or the item of the old name"),
            );
        }
    }
}

/// Whether a text can be the name of a mini-program among its tenant's.
#[must_use]
pub fn is_item(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(plain)
}

fn check_name(name: &str, path: SpecPath, found: &mut Diagnostics) {
    if !is_item(name) {
        found.error(
            "WX1263",
            path,
            format!("`{name}` cannot be the name of a mini-program"),
            "small letters, digits and `-`, beginning with a letter, at most 32 characters",
            Some("it is only used in manifests, links and outputs; what users see is `nickname`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn codes(spec: Value) -> Vec<&'static str> {
        let spec: TenantSpec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        check(&spec, &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    }

    #[test]
    fn every_mini_program_has_a_name_and_an_account_of_its_own() {
        let a = "wx2222222222222222";
        for (spec, expected) in [
            (
                json!([{"name": "main"}, {"name": "shop-2", "appId": a}]),
                vec![],
            ),
            (json!([{"name": "main"}, {"name": "main"}]), vec!["WX1260"]),
            (
                json!([{"name": "m", "appId": a}, {"name": "n", "appId": a}]),
                vec!["WX1261"],
            ),
            (
                json!([{"name": "m", "appId": "wx1111111111111111"}]),
                vec!["WX1261"],
            ),
            (json!([{"name": "m", "renamedFrom": "old"}]), vec![]),
            (
                json!([{"name": "m", "renamedFrom": "n"}, {"name": "n"}]),
                vec!["WX1262"],
            ),
            (json!([{"name": "m", "renamedFrom": "m"}]), vec!["WX1262"]),
        ] {
            let spec =
                json!({"officialAccount": {"appId": "wx1111111111111111"}, "miniPrograms": spec});
            assert_eq!(codes(spec.clone()), expected, "{spec}");
        }
        let long = "x".repeat(33);
        for name in ["", "Main", "1a", "a:b", "a/b", "a.b", "a-", "日出", &long] {
            assert_eq!(
                codes(json!({"miniPrograms": [{"name": name}]})),
                ["WX1263"],
                "{name}"
            );
        }
    }
}
