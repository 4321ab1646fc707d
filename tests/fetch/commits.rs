//! A repository to fetch from, the folder it is fetched into, and the judge: is that folder exactly one commit?

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha1::{Digest as _, Sha1};
use tempfile::TempDir;

use crate::support::process::{Finished, run};
use crate::support::transcript::root;

/// Somebody's repository, and a machine that follows its branch `main`.
pub struct Followed {
    folder: TempDir,
}

impl Followed {
    /// With one commit, not fetched yet.
    pub fn new() -> Self {
        let followed = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(followed.origin()).unwrap();
        fs::create_dir(followed.state()).unwrap();
        followed.git(&["init", "--quiet", "--initial-branch=main"]);
        followed.commit(&[("tenants/platform.yaml", "kind: Platform\n")]);
        followed
    }

    pub fn origin(&self) -> PathBuf {
        self.folder.path().join("origin")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let done = run(Command::new("git")
            .current_dir(self.origin())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["-c", "protocol.file.allow=always"])
            .args(arguments));
        assert_eq!(done.code, 0, "{arguments:?}: {done:#?}");
        done.stdout.trim().to_owned()
    }

    /// Writes files and commits everything; the commit.
    pub fn commit(&self, files: &[(&str, &str)]) -> String {
        for (file, text) in files {
            let path = self.origin().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The script, with nothing of this machine's settings.
    pub fn command(&self, more: &[(&str, &str)]) -> Command {
        let mut command = Command::new(root().join("examples/systemd/wxops-fetch"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("LC_ALL", "C.UTF-8")
            .env("STATE_DIRECTORY", self.state())
            .env("WXOPS_FETCH_URL", self.origin())
            .envs(more.iter().copied());
        command
    }

    pub fn fetch(&self, more: &[(&str, &str)]) -> Finished {
        run(&mut self.command(more))
    }

    /// Fetches, which works.
    pub fn fetched(&self) {
        let done = self.fetch(&[]);
        assert_eq!(done.code, 0, "{done:#?}");
    }

    /// Which commit is in force: `current` leads to all of it, and to nothing else.
    pub fn in_force(&self) -> Option<String> {
        let link = fs::read_link(self.state().join("current")).ok()?;
        let commit = link.strip_prefix("revisions").unwrap().to_str().unwrap();
        let there = files_below(&self.state().join("current"));
        let listed = self.git(&["-c", "core.quotePath=false", "ls-tree", "-r", commit]);
        let asked: BTreeMap<String, (String, String)> = listed
            .lines()
            .map(|line| {
                let (head, path) = line.split_once('\t').unwrap();
                let words: Vec<&str> = head.split(' ').collect();
                (path.to_owned(), (words[0].to_owned(), words[2].to_owned()))
            })
            .filter(|(_, (mode, _))| mode != "160000")
            .collect();
        assert_eq!(there, asked, "{commit}");
        Some(commit.to_owned())
    }

    /// Everything in the state's folder that is neither the repository nor a revision in force or before.
    pub fn leftovers(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (folder, known) in [
            (
                self.state(),
                &["current", "lock", "repository.git", "revisions"][..],
            ),
            (self.state().join("revisions"), &[]),
        ] {
            for name in names(&folder) {
                let is_commit = name.len() == 40 && name.chars().all(|c| c.is_ascii_hexdigit());
                if !is_commit && !known.contains(&name.as_str()) {
                    found.push(name);
                }
            }
        }
        let repository = self.state().join("repository.git");
        let all = run(Command::new("find")
            .arg(repository)
            .args(["-name", "*.lock", "-o", "-name", "tmp_*"]));
        found.extend(all.stdout.lines().map(str::to_owned));
        found
    }

    /// The revisions that are kept.
    pub fn revisions(&self) -> Vec<String> {
        names(&self.state().join("revisions"))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Mode and digest of every file, as git has them: path → (mode, blob).
fn files_below(folder: &Path) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let (mode, bytes) = if kind.is_symlink() {
                let to = fs::read_link(&path).unwrap();
                ("120000", to.into_os_string().into_encoded_bytes())
            } else if kind.permissions().mode() & 0o100 == 0 {
                ("100644", fs::read(&path).unwrap())
            } else {
                ("100755", fs::read(&path).unwrap())
            };
            let mut blob = Sha1::new();
            blob.update(format!("blob {}\0", bytes.len()));
            blob.update(&bytes);
            let digest: String = blob
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), (mode.to_owned(), digest));
        }
    }
    found
}
