//! Who makes the changes: a name, and the commit of the manifests. The history keeps both.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use tokio::process::Command;

use super::words;
use crate::reconcile::Author;
use crate::store::history::Revision;
use crate::wechat::raw::is_raw;

/// Git answers from the disk; a folder on a network disk that hangs must not keep an apply from beginning.
const PATIENCE: Duration = Duration::from_secs(2);
/// As much of a name or a commit as the history keeps, in characters.
const KEPT: usize = 120;

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

/// A text as the history keeps it; an empty one is none.
fn given(text: Option<&str>) -> Option<String> {
    let text: String = text?
        .trim()
        .chars()
        .filter(|c| !is_raw(*c))
        .take(KEPT)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// The commit that is checked out, and whether the manifests differ from it. `None` outside of git.
async fn head(manifests: &Path) -> Option<Revision> {
    let folder = if manifests.is_dir() {
        manifests
    } else {
        manifests
            .parent()
            .filter(|at| !at.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    };
    let commit = given(Some(&git(folder, &["rev-parse", "HEAD"]).await?))?;
    let changed = git(folder, &["status", "--porcelain", "--", "."]).await;
    Some(Revision {
        commit,
        dirty: changed.is_none_or(|changed| !changed.trim().is_empty()),
    })
}

async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let asked = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Looking takes no lock, so that it disturbs nobody who works in the folder.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let answer = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    let text = answer.status.success().then_some(answer.stdout)?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folder: &Path, arguments: &[&str]) {
        let done = std::process::Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[tokio::test]
    async fn the_commit_of_the_manifests_is_found_and_whether_they_differ_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        assert_eq!(head(at).await, None);
        run(at, &["init", "-q"]);
        std::fs::write(at.join("a.yaml"), "a").unwrap();
        run(at, &["add", "a.yaml"]);
        run(at, &["commit", "-q", "-m", "a"]);
        let clean = head(at).await.unwrap();
        assert_eq!((clean.commit.len(), clean.dirty), (40, false));
        std::fs::write(at.join("a.yaml"), "b").unwrap();
        assert!(head(&at.join("a.yaml")).await.unwrap().dirty);
    }

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
