//! A tag (用户标签) as the state file has it. What can be done with it is in `tags.rs`.

use serde::{Deserialize, Serialize};

/// A tag an account made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tag {
    /// Its id, 100 or more.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Users that have it and are not in this state.
    #[serde(default, skip_serializing_if = "is_none")]
    pub other_fans: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_none(count: &u64) -> bool {
    *count == 0
}
