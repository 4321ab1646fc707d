//! The privacy guide (用户隐私保护指引) of a mini-program. It is written to the version under development, and comes into force
//! with a release; whom users can ask is edited in what they read now as well.
//!
//! ```text
//!   WeChat found in the code what is not declared   said, with the lines to add; nothing is submitted before
//!   the guide under development is another one      put, as a whole
//!   users read another owner                        edited at once
//!   users read another guide                        stored, in force after a release
//! ```

mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

pub(in crate::resource) use spec::GUIDE as GUIDE_FILE;
pub use spec::PrivacySpec;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting, Why,
};
use crate::resource::app::code::is_on_its_way;
use crate::resource::{At, Kind, Resource, TenantSpec, View, payload};
use crate::wechat::privacy::{self, ExtFile, Guide, Setting, Which};
use crate::wechat::{Call, Endpoint, FileDigest};

/// The guide under development.
const GUIDE: &str = "guide";
/// What users read of the owner.
const ONLINE: &str = "online";
/// What is stored, and in force after a release.
const RELEASE: &str = "release";
/// What WeChat found and the manifest lacks.
const UNDECLARED: &str = "undeclared";

/// The resource.
pub struct Privacy;

/// The guide, as a manifest says it, and the digest of the file of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrivacyState(PrivacySpec, Option<FileDigest>);

impl Resource for Privacy {
    const NAME: &'static str = "privacy";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = privacy::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&privacy::GET];
    type Spec = PrivacySpec;
    type State = PrivacyState;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a PrivacySpec> {
        at.item(tenant)?.privacy.as_ref()
    }

    fn check(spec: &PrivacySpec, at: &At, found: &mut Diagnostics) {
        spec.check(&Self::path(at), found);
    }

    fn needs(spec: Option<&PrivacySpec>, view: &View<'_>) -> Vec<Call> {
        let both = [Which::Development, Which::Online];
        let needed = if spec.is_some() {
            &both[..]
        } else {
            &both[..1]
        };
        let reads = needed
            .iter()
            .map(|which| privacy::get_request(view.account(), *which));
        reads.flat_map(|read| view.unless_seen(read)).collect()
    }

    fn observe(view: &View<'_>) -> Observation<PrivacyState> {
        match setting(view, Which::Development) {
            Err(why) => Observation::Unknown(why),
            Ok(setting) if setting.updated.is_none() && setting.guide.collects.is_empty() => {
                Observation::Absent
            }
            Ok(setting) => {
                Observation::Present(PrivacyState(PrivacySpec::of(&setting.guide), None))
            }
        }
    }

    fn desire(spec: &PrivacySpec, view: &View<'_>) -> Result<PrivacyState, Box<Waiting>> {
        let path = Self::path(view.at).field("extFile");
        let file = view.files.get(&path).map(|facts| facts.sha256.clone());
        Ok(PrivacyState(PrivacySpec::of(&spec.guide()), file))
    }

    fn diff(
        spec: &PrivacySpec,
        desired: &PrivacyState,
        _observed: &Observation<PrivacyState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let unknown = |why: Why| BTreeMap::from([(GUIDE.to_owned(), Verdict::Unknown(why))]);
        let (development, online) = match (
            setting(view, Which::Development),
            setting(view, Which::Online),
        ) {
            (Ok(development), Ok(online)) => (development, online),
            (Err(why), _) | (_, Err(why)) => return unknown(why),
        };
        let due = Due {
            spec,
            desired,
            development: &development,
            online: &online,
            view,
        };
        due.verdicts()
    }

    fn digests(desired: &PrivacyState) -> BTreeMap<String, Digest> {
        BTreeMap::from([(GUIDE.to_owned(), Digest::of(desired))])
    }

    fn shown(_desired: &PrivacyState, observed: &PrivacyState) -> BTreeMap<String, Digest> {
        BTreeMap::from([(GUIDE.to_owned(), Digest::of(observed))])
    }

    fn respelled(
        desired: &PrivacyState,
        observed: &PrivacyState,
        kept: &BTreeMap<String, Digest>,
    ) -> PrivacyState {
        if kept.get(GUIDE) == Some(&Digest::of(observed)) {
            desired.clone()
        } else {
            observed.clone()
        }
    }

    fn export(observed: &PrivacyState) -> Option<PrivacySpec> {
        Some(observed.0.clone())
    }
}

fn setting(view: &View<'_>, which: Which) -> Result<Setting, Why> {
    let read = privacy::get_request(view.account(), which);
    payload(&privacy::GET, view.seen.get(&read))
}

/// What is declared, and what WeChat has.
struct Due<'a> {
    spec: &'a PrivacySpec,
    desired: &'a PrivacyState,
    development: &'a Setting,
    online: &'a Setting,
    view: &'a View<'a>,
}

impl Due<'_> {
    fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let wanted = self.spec.guide();
        let mut found = BTreeMap::new();
        if !self.spec.declare_unused
            && let Some(waiting) = undetected(self.development, &wanted)
        {
            found.insert(UNDECLARED.to_owned(), Verdict::Waiting(waiting));
        }
        let mut guide = self.development.guide.clone();
        guide.sdks.sort();
        if !self.development.tells_sdks {
            // An older answer leaves them out, and they were put with the rest.
            guide.sdks.clone_from(&wanted.sdks);
        }
        let region = self.spec.owner.region;
        if guide != wanted || !self.has_file() {
            let file = match (&self.desired.1, &self.development.file) {
                (Some(file), _) => Some(ExtFile::Ours(file)),
                // The whole guide is put: one that somebody else gave would be gone.
                (None, Some(id)) => Some(ExtFile::There(id)),
                (None, None) => None,
            };
            let call = privacy::set_request(self.view.account(), &wanted, region, file);
            let live = PrivacySpec::of(&guide);
            let step = self.step(
                Some(&live).filter(|_| self.development.updated.is_some()),
                call,
            );
            found.insert(GUIDE.to_owned(), Verdict::Step(step));
        }
        if self.online.updated.is_none() {
            // Users read none yet.
            return found;
        }
        if self.online.guide.owner != wanted.owner {
            let call = privacy::set_online_request(self.view.account(), &wanted.owner, region);
            let mut step = self.step(Some(&PrivacySpec::of(&self.online.guide)), call);
            step.changes
                .retain(|change| change.path.to_string().contains("owner"));
            step.notes
                .push(Text::new("立即对用户生效", "users see it at once"));
            found.insert(ONLINE.to_owned(), Verdict::Step(step));
        }
        if self.online.guide.collects != wanted.collects && guide == wanted {
            found.insert(
                RELEASE.to_owned(),
                Verdict::Waiting(not_in_force(is_on_its_way(self.view))),
            );
        }
        found
    }

    /// Whether the file of one's own is there, as far as it can be told: WeChat gives no content back, so that it is the one
    /// that was put last is remembered.
    fn has_file(&self) -> bool {
        if self.desired.1.is_none() {
            return true;
        }
        let name = self.view.address(Privacy::NAME).with_key(GUIDE);
        let record = self.view.records.get(&name);
        let digest = Digest::of(self.desired);
        let known = record.is_some_and(|record| {
            let applied = record.applied.as_ref().map(|applied| &applied.digest);
            let sent = record
                .unseen
                .as_ref()
                .and_then(|unseen| unseen.sent.as_ref());
            applied == Some(&digest) || sent == Some(&digest)
        });
        known && self.development.file.is_some()
    }

    fn step(&self, live: Option<&PrivacySpec>, call: Call) -> Step {
        let path = Privacy::path(self.view.at);
        let wanted = &self.desired.0;
        let mut changes = Vec::new();
        let mut compare = |field: &str, from: Option<serde_json::Value>, to: serde_json::Value| {
            if from.as_ref() != Some(&to) {
                changes.push(Change {
                    path: path.field(field),
                    from,
                    to: Some(to),
                });
            }
        };
        compare(
            "owner",
            live.map(|live| json!(live.owner)),
            json!(wanted.owner),
        );
        compare(
            "collects",
            live.map(|live| json!(live.collects)),
            json!(wanted.collects),
        );
        if !wanted.sdks.is_empty() || live.is_some_and(|live| !live.sdks.is_empty()) {
            compare(
                "sdks",
                live.map(|live| json!(live.sdks)),
                json!(wanted.sdks),
            );
        }
        if let Some(file) = &self.desired.1
            && !self.has_file()
        {
            let there = self.development.file.as_ref();
            changes.push(Change {
                path: path.field("extFile"),
                from: there.map(|_| json!("?")),
                to: Some(json!(file.short())),
            });
        }
        let action = if live.is_some() {
            Action::Update
        } else {
            Action::Create
        };
        Step::new(action, self.view.account().clone(), changes, vec![call])
    }
}

/// What WeChat found in the code and a guide does not name, with the lines to add.
pub(super) fn undetected(setting: &Setting, guide: &Guide) -> Option<Waiting> {
    let named = |key: &&String| guide.collects.contains_key(*key);
    let lacking: Vec<&String> = setting.detected.iter().filter(|key| !named(key)).collect();
    (!lacking.is_empty()).then(|| undeclared(&lacking, &setting.names))
}

fn undeclared(keys: &[&String], names: &BTreeMap<String, String>) -> Waiting {
    let said = |key: &&String| match names.get(*key) {
        Some(name) => format!("{key}（{name}）"),
        None => (*key).clone(),
    };
    let zh: Vec<String> = keys.iter().map(said).collect();
    let lines: Vec<String> = keys
        .iter()
        .map(|key| format!("- {{key: {key}, purpose: …}}"))
        .collect();
    let lines = lines.join("  ");
    Waiting::new(
        Reason::Undeclared,
        Person::Operator,
        Text::new(
            format!(
                "微信检测到代码使用了 {}，而隐私保护指引没有声明。请在 privacy.collects 中加入：{lines}；若代码并不使用，写 declareUnused: true",
                zh.join("、")
            ),
            format!(
                "WeChat found that the code uses {}, which the privacy guide does not declare. Add to `privacy.collects`: {lines}; or say \
                 `declareUnused: true` if the code does not use it",
                Text::list(keys.iter()).en
            ),
        ),
    )
}

/// It is stored. `code_comes`: another version of the code is wanted than what is online, and it comes with that.
fn not_in_force(code_comes: bool) -> Waiting {
    if code_comes {
        return Waiting::new(
            Reason::NotInForce,
            Person::Nobody,
            Text::new(
                "隐私保护指引已保存，随下一版代码发布后对用户生效",
                "the privacy guide is stored, and users read it once the next version of the code is released",
            ),
        );
    }
    Waiting::new(
        Reason::NotInForce,
        Person::Operator,
        Text::new(
            "隐私保护指引已保存，下一次发布后对用户生效；若代码不变，请提高 code.revision",
            "the privacy guide is stored, and users read it after the next release; raise `code.revision` where the code stays the same",
        ),
    )
}
