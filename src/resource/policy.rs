//! What a tenant's policy names must exist: costly actions, and resources. Offline.

use super::spec::PolicySpec;
use crate::plan::Costly;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;

fn preapproved(words: &[String], found: &mut Diagnostics) {
    for (n, word) in words.iter().enumerate() {
        if word.parse::<Costly>().is_ok() {
            continue;
        }
        let path = SpecPath::root()
            .field("policy")
            .field("preapproved")
            .index(n);
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
