//! A plan for people and for programs, from one walk over the same value.

mod human;
mod json;
mod layout;

pub use human::human;
pub use json::json;
pub use layout::{pad, value_text};

use super::path::SpecPath;
use super::text::Lang;
use super::{BudgetLine, Plan};

/// What printing needs beside the plan.
pub struct Context<'a> {
    /// Looks up where a value was written.
    pub places: &'a dyn Places,
    /// Scarce quotas the plan takes from.
    pub budget: &'a [BudgetLine],
    /// The reader's language.
    pub lang: Lang,
    /// Whether tenants in sync are listed too.
    pub all: bool,
}

/// Where the values of a tenant's spec were written.
pub trait Places {
    /// The file that holds the tenant.
    fn file(&self, tenant: &str) -> Option<String>;
    /// The place of a spec path, or of its nearest parent.
    fn place(&self, tenant: &str, path: &SpecPath) -> Option<Place>;
}

/// A place in a manifest file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as given on the command line.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The one-line sum of a plan.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    let counts = plan.counts();
    let total = plan.tenants.len();
    if counts.in_sync == total {
        return match total {
            0 => "No tenant selected. Nothing to do.".to_owned(),
            1 => "The tenant matches. Nothing to do.".to_owned(),
            _ => format!("All {total} tenants match. Nothing to do."),
        };
    }
    let mut parts = Vec::new();
    parts.push(format!(
        "{} to change ({})",
        layout::count(counts.changing, "tenant"),
        layout::count(counts.steps, "step")
    ));
    for (n, words) in [
        (counts.waiting, "waiting"),
        (counts.suppressed, "left alone"),
        (counts.not_comparable, "not comparable"),
        (counts.failed, "could not be read"),
        (counts.in_sync, "in sync"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {words}"));
        }
    }
    format!("Plan {}: {}.", plan.digest().short(8), parts.join(", "))
}
