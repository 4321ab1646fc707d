//! A mistake in the manifests, in one line, with its place: what a loop says of it in its log and in a tenant's status.

use std::fmt;
use std::path::Path;

use crate::manifest::{Problem, Sources};
use crate::plan::diagnostic::Severity;
use crate::wechat::Appid;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where: `tenants/sunrise.yaml:12:5`; empty where it is of no one place.
    pub place: String,
    /// Its code: `WX1107`; empty where it has none.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
}

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
        if let [(first, _), rest @ ..] = problem.tenants.as_slice() {
            text = match rest.len() {
                0 => format!("{text} (tenant `{first}`)"),
                more => format!("{text} (tenant `{first}` and {more} more)"),
            };
        }
        Self {
            place: format!("{}:{}:{}", place.file, place.line, place.column),
            code: problem.code,
            text,
        }
    }

    /// A file that cannot be read.
    pub(super) fn of_file(why: &str) -> Self {
        Self {
            place: String::new(),
            code: "",
            text: why.to_owned(),
        }
    }

    /// What is wrong with a tenant, of all that is wrong with its file.
    pub(super) fn about(tenant: &str, all: &[Self]) -> Self {
        let named = format!("`{tenant}`");
        let of_it = all.iter().find(|one| one.text.contains(&named));
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
        f.write_str(&self.text)
    }
}
