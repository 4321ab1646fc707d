//! What a tenant's policy names must exist: costly actions, and resources. Offline.

use super::spec::PolicySpec;
use crate::plan::Costly;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;

/// Standing approvals that only a later version acts on: what they are for cannot be declared yet.
const PREAPPROVED_LATER: [&str; 4] = ["submit", "release", "withdraw", "revert"];

fn preapproved(words: &[String], found: &mut Diagnostics) {
    for (n, word) in words.iter().enumerate() {
        if word.parse::<Costly>().is_ok() {
            continue;
        }
        let path = SpecPath::root()
            .field("policy")
            .field("preapproved")
            .index(n);
        if PREAPPROVED_LATER.contains(&word.as_str()) {
            found.error(
                "WX1902",
                path,
                format!("`{word}` is not supported by this version yet"),
                "nothing is approved by this",
                Some("leave it out: what it is for cannot be declared yet either"),
            );
            continue;
        }
        let known: Vec<&str> = Costly::ALL.iter().map(|costly| costly.as_str()).collect();
        found.error(
            "WX1221",
            path,
            format!("`{word}` is no costly action"),
            "nothing is approved by this",
            Some(format!("the costly actions are {}", known.join(", "))),
        );
    }
}

/// Checks a policy. `names` are those of all resources.
pub(super) fn check(policy: &PolicySpec, names: &[&str], found: &mut Diagnostics) {
    preapproved(&policy.preapproved, found);
    for name in policy.resources.keys() {
        if !names.contains(&name.as_str()) {
            found.error(
                "WX1220",
                SpecPath::root()
                    .field("policy")
                    .field("resources")
                    .field(name),
                format!("`{name}` is no resource"),
                "unknown resource",
                Some(format!("the resources are {}", names.join(", "))),
            );
        }
    }
}
