//! A saved plan: a permission slip, not a program. It holds no secret; it says which steps somebody looked at, and
//! `apply FILE` plans again and does those and no other.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::args::{Manifests, Selection};
use crate::cli::failed::{Failed, OrSay};
use crate::plan::{Action, Address, Digest, Plan, Text, address_fields};

/// The version of the file; a newer one is refused.
const VERSION: u32 = 1;

/// How long a saved plan is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Larger than any plan of a fleet: 10,000 steps are 3 MB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SavedPlan {
    /// [`VERSION`].
    saved_plan: u32,
    /// When the plan was made.
    made_at: Timestamp,
    /// After this it is refused.
    valid_until: Timestamp,
    /// The manifests it was made from, as given on the command line.
    manifests: PathBuf,
    /// The tenants it was made for.
    selection: SavedSelection,
    /// The plan's digest.
    digest: Digest,
    /// The steps.
    steps: Vec<SavedStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedSelection {
    tenants: Vec<String>,
    labels: Vec<String>,
    appids: Vec<String>,
}

/// A step that somebody looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedStep {
    pub(super) tenant: String,
    #[serde(flatten, with = "address_fields")]
    pub(super) address: Address,
    action: Action,
    pub(super) digest: Digest,
}

impl SavedStep {
    /// Whether it takes something away: once done, nothing of it is left to be compared.
    pub(super) fn deletes(&self) -> bool {
        self.action == Action::Delete
    }
}

impl SavedPlan {
    /// The slip for a plan that was just shown.
    pub(super) fn of(plan: &Plan, selection: &Selection, now: Timestamp) -> Self {
        let mut steps: Vec<SavedStep> = Vec::new();
        for tenant in &plan.tenants {
            steps.extend(tenant.steps().map(|(entry, step)| SavedStep {
                tenant: tenant.tenant.clone(),
                address: entry.address.clone(),
                action: step.action,
                digest: entry.digest(&tenant.tenant, step),
            }));
        }
        Self {
            saved_plan: VERSION,
            made_at: now,
            valid_until: now.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX),
            manifests: selection.manifests.path.clone(),
            selection: SavedSelection {
                tenants: selection.tenants.clone(),
                labels: selection.labels.clone(),
                appids: selection.appids.clone(),
            },
            digest: plan.digest(),
            steps,
        }
    }

    /// Writes it, beside the file first, so that a half-written slip is never there.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self).or_say(|| not_written(file))?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            Some(_) | None => Path::new("."),
        };
        let mut new = tempfile::NamedTempFile::new_in(folder).or_say(|| not_written(file))?;
        new.write_all(text.as_bytes())
            .or_say(|| not_written(file))?;
        new.persist(file).or_say(|| not_written(file))?;
        Ok(())
    }

    /// Reads one.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            saved_plan: u32,
        }
        let mut text = String::new();
        fs::File::open(file)
            .and_then(|opened| opened.take(MAX_BYTES + 1).read_to_string(&mut text))
            .or_say(|| {
                let file = file.display();
                Text::new(format!("无法读取 {file}"), format!("{file} cannot be read"))
            })?;
        if text.len() as u64 > MAX_BYTES {
            bail!(Failed::from(no_plan(file)));
        }
        let version: Version = serde_json::from_str(&text).or_say(|| no_plan(file))?;
        if version.saved_plan != VERSION {
            let (file, version) = (file.display(), version.saved_plan);
            bail!(Failed::new(
                format!(
                    "{file} 是第 {version} 版的计划，这个 wxops 只认识第 {VERSION} 版；请重新运行 wxops plan --out"
                ),
                format!(
                    "{file} is a plan of version {version}, this wxops knows {VERSION}; run wxops plan --out again"
                ),
            ));
        }
        serde_json::from_str(&text).or_say(|| no_plan(file))
    }

    /// What it was made for.
    pub(super) fn selection(&self) -> Selection {
        let SavedSelection {
            tenants,
            labels,
            appids,
        } = self.selection.clone();
        Selection {
            manifests: Manifests {
                path: self.manifests.clone(),
            },
            tenants,
            labels,
            appids,
        }
    }

    /// When it ends, if that is over.
    pub(super) fn expired(&self, now: Timestamp) -> Option<Timestamp> {
        (self.valid_until <= now).then_some(self.valid_until)
    }

    /// The steps that may be done.
    pub(super) fn digests(&self) -> BTreeSet<Digest> {
        self.steps.iter().map(|step| step.digest.clone()).collect()
    }

    /// The steps.
    pub(super) fn steps(&self) -> &[SavedStep] {
        &self.steps
    }

    /// Until when it is good.
    pub(super) fn valid_until(&self) -> Timestamp {
        self.valid_until
    }
}

fn not_written(file: &Path) -> Text {
    let file = file.display();
    Text::new(
        format!("无法写入 {file}"),
        format!("{file} cannot be written"),
    )
}

fn no_plan(file: &Path) -> Text {
    let file = file.display();
    Text::new(
        format!("{file} 不是保存的计划（wxops plan --out 文件 可生成）"),
        format!("{file} is no saved plan (wxops plan --out FILE makes one)"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip() -> SavedPlan {
        let selection = Selection::of(Path::new("tenants"), Some("sunrise"));
        SavedPlan::of(&Plan::default(), &selection, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_slip_reads_back_as_it_was_written_and_ends_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        let slip = slip();
        slip.write(&file).unwrap();
        assert_eq!(SavedPlan::read(&file).unwrap(), slip);
        let day = Timestamp::UNIX_EPOCH + GOOD_FOR;
        assert_eq!(slip.expired(day), Some(day));
        assert_eq!(slip.expired(day - SignedDuration::from_secs(1)), None);
    }

    #[test]
    fn what_is_no_slip_is_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        for (text, says) in [
            ("", "is no saved plan"),
            ("{\"formatVersion\": 1}", "wxops plan --out"),
            ("{\"savedPlan\": 2}", "version 2"),
        ] {
            fs::write(&file, text).unwrap();
            let error = format!("{:#}", SavedPlan::read(&file).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
    }
}
