//! A plan for people and for programs.
//!
//! `fold` decides once what is said of one tenant and what of many; the text for a terminal and the comment for a
//! merge request are both written from that. JSON folds nothing.

mod budget;
mod entry;
mod fold;
mod human;
mod json;
mod layout;
mod lines;
mod markdown;
mod sheet;
#[cfg(test)]
mod tests;
mod trouble;
mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use human::human;
pub use json::{json, schema};
pub use layout::{count, pad, thousands, value_text};
pub use markdown::{MOST_CHARACTERS, markdown};
pub use sheet::Sheet;
pub use trouble::trouble;
pub use words::summary;

use super::BudgetLine;
use super::path::SpecPath;
use super::text::{Lang, Text};

/// What printing needs beside the plan.
pub struct Context<'a> {
    /// Looks up where a value was written.
    pub places: &'a dyn Places,
    /// Scarce quotas the plan takes from.
    pub budget: &'a [BudgetLine],
    /// The reader's language.
    pub lang: Lang,
    /// Whether every tenant is listed: those in sync too, and each of those that have the same change.
    pub all: bool,
    /// When the plan was made.
    pub now: Timestamp,
    /// The reader's time zone.
    pub zone: TimeZone,
    /// How many cells a line has.
    pub width: usize,
    /// Whether the terminal shows no more than ASCII signs.
    pub ascii: bool,
}

impl Context<'_> {
    /// A text in the reader's language.
    fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.in_lang(self.lang)
    }
}

/// Where the values of a tenant's spec were written.
pub trait Places {
    /// The file that holds the tenant.
    fn file(&self, tenant: &str) -> Option<String>;
    /// The place of a spec path, or of its nearest parent.
    fn place(&self, tenant: &str, path: &SpecPath) -> Option<Place>;
    /// The class that a value comes from; none when the tenant gives it itself.
    fn class(&self, tenant: &str, path: &SpecPath) -> Option<String>;
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
