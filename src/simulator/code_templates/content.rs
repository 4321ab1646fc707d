//! What a version of code is like, as far as WeChat finds it out by looking at it. Plain data; nothing on the wire
//! tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What there is in a version of code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeContent {
    /// Its pages, the first one first.
    pub pages: Vec<String>,
    /// The kinds of users' information it touches: `UserInfo`, `PhoneNumber` …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub privacy_keys: Vec<String>,
    /// The location APIs it calls: `wx.getLocation`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub location_apis: Vec<String>,
    /// Those it says it calls (`requiredPrivateInfos`): `getLocation`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_private_infos: Vec<String>,
    /// Plugins it uses, appid to version.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub flaws: BTreeSet<CodeFlaw>,
}

/// Something WeChat does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CodeFlaw {
    /// The template itself (85043).
    Broken,
    /// The package (85044).
    TooLarge,
    /// It leads to other mini-programs without naming them (85087).
    UndeclaredJumps,
    /// The development mini-program has live broadcast (9400001).
    LiveBroadcast,
    /// It is a game (87006).
    Game,
}

impl Default for CodeContent {
    fn default() -> Self {
        Self {
            pages: vec!["pages/index/index".to_owned()],
            privacy_keys: Vec::new(),
            location_apis: Vec::new(),
            required_private_infos: Vec::new(),
            plugins: BTreeMap::new(),
            flaws: BTreeSet::new(),
        }
    }
}

impl CodeContent {
    pub(in crate::simulator) fn has(&self, flaw: CodeFlaw) -> bool {
        self.flaws.contains(&flaw)
    }

    pub(in crate::simulator) fn has_page(&self, page: &str) -> bool {
        self.pages.iter().any(|one| one == page)
    }
}
