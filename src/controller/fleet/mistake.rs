//! A mistake in the manifests, in one line, with its place: what a loop says of it in its log and in a tenant's status.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use crate::manifest::{Problem, Sources, codes};
use crate::plan::diagnostic::Severity;
use crate::wechat::Appid;
use crate::wechat::domain::MOST_PRINCIPALS;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where: `tenants/sunrise.yaml:12:5`; empty where it is of no one place.
    pub place: String,
    /// Its code: `WX1107`; empty where it has none.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
    /// The tenants that have it from their class, or are concerned by it.
    pub tenants: Vec<String>,
}

/// So many tenants are named that have one mistake.
const NAMED: usize = 3;

/// The errors among what was found; warnings stop nobody.
pub(super) fn mistakes(problems: &[Problem], sources: &Sources) -> Vec<Mistake> {
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    errors
        .map(|problem| Mistake::of(problem, sources))
        .collect()
}

impl Mistake {
    pub(super) fn of(problem: &Problem, sources: &Sources) -> Self {
        let place = sources.place(problem.span);
        let mut text = problem.message.clone();
        if let Some(help) = &problem.help {
            text = format!("{text}; {help}");
        }
        Self {
            place: format!("{}:{}:{}", place.file, place.line, place.column),
            code: problem.code,
            text,
            tenants: problem
                .tenants
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
        }
    }

    /// Each mistake once, with everybody who has it: one in a class is found again with each tenant's file.
    pub(super) fn folded(all: Vec<Self>) -> Vec<Self> {
        let mut folded: Vec<Self> = Vec::new();
        let mut at: HashMap<(String, &'static str, String), usize> = HashMap::new();
        for one in all {
            let same = (one.place.clone(), one.code, one.text.clone());
            match at.get(&same).and_then(|at| folded.get_mut(*at)) {
                Some(known) => known.tenants.extend(one.tenants),
                None => {
                    at.insert(same, folded.len());
                    folded.push(one);
                }
            }
        }
        for one in &mut folded {
            one.tenants.sort();
            one.tenants.dedup();
        }
        folded
    }

    /// A file that cannot be read.
    pub(super) fn of_file(why: &str) -> Self {
        Self {
            place: String::new(),
            code: "",
            text: why.to_owned(),
            tenants: Vec::new(),
        }
    }

    /// What is wrong with a tenant, of all that is wrong with its file.
    pub(super) fn about(tenant: &str, all: &[Self]) -> Self {
        let named = format!("`{tenant}`");
        let is_its = |one: &&Self| {
            one.tenants.iter().any(|name| name == tenant) || one.text.contains(&named)
        };
        let of_it = all.iter().find(is_its);
        let one = of_it.or(all.first()).cloned();
        one.unwrap_or_else(|| Self::of_file("it cannot be read; `wxops validate` says why"))
    }

    /// Two tenants with one name.
    pub(super) fn named_twice(name: &str, first: &Path, second: &Path) -> Self {
        Self::of_file(&format!(
            "two documents are Tenant `{name}`, in {} and in {}; rename one of them, or remove it",
            first.display(),
            second.display()
        ))
    }

    /// A tenant that sets a host directly for one principal too many.
    pub(super) fn served_too_many(tenant: &str, host: &str) -> Self {
        Self {
            code: codes::DOMAIN_PRINCIPALS,
            tenants: vec![tenant.to_owned()],
            ..Self::of_file(&format!(
                "`{host}` is set directly for more than {MOST_PRINCIPALS} principals; put it on the platform's list and write \
                 `via: platform`, or give some of them another host"
            ))
        }
    }

    /// Several tenants with one account.
    pub(super) fn claimed_twice(appid: &Appid, tenants: &[String]) -> Self {
        Self::of_file(&format!(
            "{appid} is claimed by {}; an account belongs to one tenant: remove it from the others",
            tenants.join(", ")
        ))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [self.place.as_str(), self.code] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.text)?;
        let named: Vec<String> = self
            .tenants
            .iter()
            .take(NAMED)
            .map(|name| format!("`{name}`"))
            .collect();
        match (named.as_slice(), self.tenants.len().saturating_sub(NAMED)) {
            ([], _) => Ok(()),
            ([one], _) => write!(f, " (tenant {one})"),
            (some, 0) => write!(f, " ({} tenants: {})", some.len(), some.join(", ")),
            (some, more) => write!(
                f,
                " ({} tenants: {} and {more} more)",
                self.tenants.len(),
                some.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_tenants_have_of_their_class_is_one_mistake() {
        let one = |tenant: String| Mistake {
            place: "class.yaml:8:24".to_owned(),
            code: "WX1107",
            text: "unknown field `viw`; did you mean `view`?".to_owned(),
            tenants: vec![tenant],
        };
        let all = |count: usize| {
            let names = (0..count).map(|number| format!("t{number:03}"));
            Mistake::folded(names.rev().map(one).collect())
        };
        let [single] = all(1).try_into().unwrap();
        let said = "class.yaml:8:24: WX1107: unknown field `viw`; did you mean `view`?";
        assert_eq!(single.to_string(), format!("{said} (tenant `t000`)"));
        let [many] = all(800).try_into().unwrap();
        assert_eq!(
            many.to_string(),
            format!("{said} (800 tenants: `t000`, `t001`, `t002` and 797 more)")
        );
        assert_eq!(
            Mistake::about("t700", &[Mistake::of_file("x"), many.clone()]),
            many
        );
        let two = [
            one("a".to_owned()),
            Mistake {
                place: "b.yaml:1:1".to_owned(),
                ..one("b".to_owned())
            },
        ];
        assert_eq!(Mistake::folded(two.to_vec()).len(), 2);
    }
}
