//! Who makes the changes: a name, and the commit of the manifests. The history keeps both.

use std::path::Path;

use clap::Args;

use super::words;
use crate::controller::{given, head};
use crate::reconcile::Author;
use crate::store::history::Revision;

/// Who makes the changes.
#[derive(Debug, Clone, Default, Args)]
pub struct AuthorArgs {
    /// Who makes the changes; else the user of this machine.
    #[arg(
        long,
        value_name = "NAME",
        env = "WXOPS_BY",
        help_heading = "For the history"
    )]
    pub(super) by: Option<String>,

    /// The commit of the manifests; else git is asked about their folder.
    #[arg(
        long,
        value_name = "COMMIT",
        env = "WXOPS_REVISION",
        help_heading = "For the history"
    )]
    pub(super) revision: Option<String>,
}

impl AuthorArgs {
    /// Fills in what was not given, as far as this machine knows it.
    pub(super) async fn find(&self, manifests: &Path) -> Author {
        let by = self.by.clone().or_else(words::user);
        let revision = match given(self.revision.as_deref()) {
            Some(commit) => Some(Revision {
                commit,
                dirty: false,
            }),
            None => head(manifests).await,
        };
        Author {
            by: given(by.as_deref()),
            revision,
            restores: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_given_is_not_looked_for() {
        let args = AuthorArgs {
            by: Some(" ci\u{1b} ".to_owned()),
            revision: Some("abc".to_owned()),
        };
        let author = args.find(Path::new("/")).await;
        assert_eq!(author.by.as_deref(), Some("ci"));
        assert_eq!(author.revision.unwrap().commit, "abc");
    }
}
