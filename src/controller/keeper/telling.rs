//! What is said in the log of a folder: each thing once, until it is another.

use std::collections::BTreeMap;

use super::Keeper;
use crate::controller::chain;
use crate::controller::fleet::Mistake;
use crate::controller::folder::FolderError;
use crate::controller::platforms::NotServed;
use crate::plan::Text;

/// So many mistakes are logged one by one.
pub(super) const MOST_LINES: usize = 20;

/// What was said last.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) folder: Option<String>,
    pub(super) failed: BTreeMap<String, String>,
    pub(super) moves: bool,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) troubles: Vec<String>,
    pub(super) stale: Vec<(String, String)>,
    /// Why, and what lets it in.
    pub(super) held: Vec<(String, String)>,
    /// Platforms whose lists stay as they are.
    pub(super) kept: BTreeMap<String, Text>,
}

impl Keeper {
    pub(super) fn tell_folder(&mut self, error: &FolderError) {
        let text = chain(error);
        if self.told.folder.as_ref() != Some(&text) {
            tracing::error!(
                error = text,
                "the manifests cannot be read; what is in force stays so"
            );
            self.told.folder = Some(text);
        }
    }

    pub(super) fn tell(&mut self, mistakes: Vec<Mistake>, troubles: &[NotServed]) {
        let troubles = troubles.iter().map(|trouble| chain(trouble));
        let troubles: Vec<String> = troubles.collect();
        if self.told.troubles != troubles {
            for error in &troubles {
                tracing::error!(error, "a platform is not served as its manifest says");
            }
            self.told.troubles = troubles;
        }
        if self.told.mistakes != mistakes {
            for mistake in mistakes.iter().take(MOST_LINES) {
                tracing::error!(mistake = %mistake, "the manifests have a mistake");
            }
            if mistakes.len() > MOST_LINES {
                let more = mistakes.len() - MOST_LINES;
                tracing::error!(
                    more,
                    "the manifests have more mistakes: `wxops validate` lists them"
                );
            }
            if mistakes.is_empty() {
                tracing::info!("the manifests have no mistake any more");
            }
            self.told.mistakes = mistakes;
        }
        let stale = self.platforms.stale();
        let stale: Vec<(String, String)> = stale
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect();
        if self.told.stale != stale {
            for (platform, why) in &stale {
                tracing::warn!(platform, why, "a platform is served as it was last");
            }
            self.told.stale = stale;
        }
    }
}
