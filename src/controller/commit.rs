//! Which commit the manifests are of: the history keeps it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::store::history::Revision;
use crate::wechat::raw::is_raw;

/// Git answers from the disk; a folder on a network disk that hangs must keep nobody from beginning.
const PATIENCE: Duration = Duration::from_secs(2);
/// As much of a name or a commit as the history keeps, in characters.
const KEPT: usize = 120;

/// A text as the history keeps it; an empty one is none.
#[must_use]
pub fn given(text: Option<&str>) -> Option<String> {
    let text: String = text?
        .trim()
        .chars()
        .filter(|c| !is_raw(*c))
        .take(KEPT)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// The commit that is checked out, and whether the manifests differ from it; of a folder that was taken out of git under
/// its commit's name, that name. `None` where neither is so.
pub async fn head(manifests: &Path) -> Option<Revision> {
    let folder = if manifests.is_dir() {
        manifests
    } else {
        manifests
            .parent()
            .filter(|at| !at.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    };
    let Some(commit) = git(folder, &["rev-parse", "HEAD"]).await else {
        return named(folder);
    };
    let commit = given(Some(&commit))?;
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

/// The commit that a folder above is named by: `revisions/<commit>/tenants`.
fn named(folder: &Path) -> Option<Revision> {
    let real = folder.canonicalize().ok()?;
    let is_commit = |name: &str| name.len() == 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let mut names = real.iter().filter_map(|name| name.to_str()).rev();
    let commit = names.find(|name| is_commit(name))?;
    Some(Revision {
        commit: commit.to_owned(),
        dirty: false,
    })
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
    async fn a_folder_that_is_named_by_its_commit_is_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let tenants = folder.path().join(commit).join("tenants");
        std::fs::create_dir_all(&tenants).unwrap();
        let link = folder.path().join("current");
        std::os::unix::fs::symlink(folder.path().join(commit), &link).unwrap();
        let found = head(&link.join("tenants")).await.unwrap();
        assert_eq!((found.commit.as_str(), found.dirty), (commit, false));
    }
}
