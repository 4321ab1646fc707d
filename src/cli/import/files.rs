//! Files that are written once: nothing that is there already is ever replaced.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::tenant::DATED;
use crate::cli::failed::{Failed, OrSay};
use crate::plan::Text;

/// A file to write.
pub(super) struct Target {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is new.
    Written,
    /// It was there, and said the same.
    Unchanged,
}

impl Target {
    pub(super) fn new(folder: &Path, name: &str, text: String) -> Self {
        Self {
            path: folder.join(name),
            text,
        }
    }
}

/// Looks at every place first; where all are free, or hold the same already, writes each file whole or not at all.
pub(super) fn write(folder: &Path, targets: &[Target]) -> anyhow::Result<Vec<State>> {
    let mut states = Vec::new();
    let mut in_the_way = Vec::new();
    for target in targets {
        match look(target)? {
            Some(state) => states.push(state),
            None => in_the_way.push(target.path.display().to_string()),
        }
    }
    if !in_the_way.is_empty() {
        bail!(Failed::new(
            format!(
                "没有写入任何文件：{} 已存在；请换一个 -o，或在 --mapping 中换别的名字",
                in_the_way.join("、")
            ),
            format!(
                "nothing was written: {} is there already; give another -o, or other names in --mapping",
                in_the_way.join(", ")
            ),
        ));
    }
    if states.contains(&State::Written) {
        fs::create_dir_all(folder).or_say(|| {
            let folder = folder.display();
            Text::new(
                format!("无法建立目录 {folder}"),
                format!("the folder {folder} cannot be made"),
            )
        })?;
    }
    for (target, state) in targets.iter().zip(&states) {
        if *state == State::Written {
            put(folder, target).or_say(|| {
                let path = target.path.display();
                Text::new(
                    format!("无法写入 {path}"),
                    format!("{path} cannot be written"),
                )
            })?;
        }
    }
    Ok(states)
}

/// What writing would come to; none where something else is in the way, be it a link that leads nowhere.
fn look(target: &Target) -> anyhow::Result<Option<State>> {
    match fs::symlink_metadata(&target.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(State::Written)),
        Err(error) => {
            return Err(error).or_say(|| {
                let path = target.path.display();
                Text::new(
                    format!("无法查看 {path}"),
                    format!("{path} cannot be looked at"),
                )
            });
        }
        Ok(_) => {}
    }
    let same = fs::read(&target.path)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .is_some_and(|there| undated(&there).eq(undated(&target.text)));
    Ok(same.then_some(State::Unchanged))
}

fn undated(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .filter(|line| !DATED.iter().any(|dated| line.starts_with(dated)))
}

/// Somebody may have made the file since it was looked for: then theirs stays.
fn put(folder: &Path, target: &Target) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".wxops-import-")
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(target.text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(&target.path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(folder: &Path, name: &str, text: &str) -> Target {
        Target::new(folder, name, text.to_owned())
    }

    #[test]
    fn nothing_is_written_where_one_file_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new");
        let both = [
            target(&root, "a.yaml", "a\n"),
            target(&root, "b.yaml", "b\n"),
        ];
        fs::create_dir(&root).unwrap();
        fs::write(root.join("b.yaml"), "mine\n").unwrap();
        let error = write(&root, &both).unwrap_err().to_string();
        assert!(
            error.contains("b.yaml") && !error.contains("a.yaml"),
            "{error}"
        );
        assert!(!root.join("a.yaml").exists());
        assert_eq!(fs::read_to_string(root.join("b.yaml")).unwrap(), "mine\n");
    }

    #[test]
    fn what_says_the_same_on_another_day_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let first = [target(root, "a.yaml", "# x\n# imported 2026-11-28\na: 1\n")];
        assert_eq!(write(root, &first).unwrap(), [State::Written]);
        let later = [target(root, "a.yaml", "# x\n# imported 2026-11-29\na: 1\n")];
        assert_eq!(write(root, &later).unwrap(), [State::Unchanged]);
        assert_eq!(fs::read_to_string(&later[0].path).unwrap(), first[0].text);
        assert!(write(root, &[target(root, "a.yaml", "a: 2\n")]).is_err());
    }

    #[test]
    fn a_link_that_leads_nowhere_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("a.yaml")).unwrap();
        assert!(write(root, &[target(root, "a.yaml", "a\n")]).is_err());
        assert!(!root.join("nowhere").exists());
    }

    #[test]
    fn a_file_that_came_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let one = target(folder.path(), "a.yaml", "a\n");
        fs::write(&one.path, "theirs\n").unwrap();
        assert!(put(folder.path(), &one).is_err());
        assert_eq!(fs::read_to_string(&one.path).unwrap(), "theirs\n");
    }

    #[test]
    fn files_are_as_readable_as_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let one = target(folder.path(), "a.yaml", "a\n");
        let other = folder.path().join("other");
        put(folder.path(), &one).unwrap();
        fs::write(&other, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&one.path), mode(&other));
    }
}
