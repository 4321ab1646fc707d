//! A draft that is being made into a template.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::doc::Doc;

/// `promote/<platform>/<draft>`: the last time that a draft was about to be made into a template. WeChat makes another template
/// each time it is asked, so whoever comes soon after waits until the library shows the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoteDoc {
    /// When the draft had been uploaded, in Unix seconds: uploaded anew it keeps its number, and is another.
    pub uploaded: Option<i64>,
    /// When the request was about to be sent.
    pub at: Timestamp,
}

impl Doc for PromoteDoc {}
