//! A mini-program's code: from a template of the platform's library to what users have.
//!
//! What is to be done next is one pure function ([`machine`]) of what is where ([`slots`]) and what is wanted
//! ([`target`]). Each step has a key of its own, `commit`, `submit`, `release`; what keeps the wanted version from being
//! online stands under `release`.

mod check;
mod ext;
mod filing;
mod grants;
mod journal;
mod machine;
#[cfg(test)]
mod machine_tests;
mod memory;
mod missing;
mod reviewed;
mod shares;
mod slots;
mod spec;
mod steps;
mod submission;
mod target;
#[cfg(test)]
mod tests;
mod waits;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

pub use spec::CodeSpec;
pub use waits::plain;

use self::machine::{Ask, Is, Next, next};
use self::slots::{Slots, is_absent};
use self::steps::Verdicts;
use self::target::{Target, resolve, tag_in};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Observation, Verdict, Waiting, Why};
use crate::resource::{At, AtMostOnce, Kind, Outputs, Resource, Shown, TenantSpec, View, payload};
use crate::wechat::code::{self, Version};
use crate::wechat::code_template::{self, CodeTemplate, Templates};
use crate::wechat::{Appid, Call, Endpoint, basic_info, category};

/// What it is called in manifests, plans and records.
pub const NAME: &str = "code";

/// The wait of a version that WeChat refused, by its push alone.
#[must_use]
pub fn told_refused(reason: Option<&str>) -> Waiting {
    waits::told_refused(reason)
}

/// The resource.
pub struct Code;

/// What is online, or should be: the tag and the version of it. A tag that is empty is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeState {
    tag: String,
    version: String,
}

/// Why there is no answer yet.
enum Halt {
    /// This has to be read first.
    Read(Box<Call>),
    /// This is all that can be said.
    Say(Box<Verdict>),
}

impl Resource for Code {
    const NAME: &'static str = NAME;
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = code::COMMIT.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[
        &code::VERSIONS,
        &code::LATEST,
        &code::STATUS,
        &code::GRAY_PLAN,
        &code::HISTORY,
        &code::DETECTION,
        &code::PAGES,
    ];
    const RECALLS: &'static [&'static Endpoint] = &[
        &code::COMMIT,
        &code::SUBMIT,
        &code::UNDO,
        &code::SPEED_UP,
        &code::RELEASE,
        &code::GRAY,
        &code::REVERT_GRAY,
        &code::REVERT,
    ];
    /// Neither the template nor its `ext.json` can be read back.
    const EXPORTED: bool = false;
    type Spec = CodeSpec;
    type State = CodeState;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    /// What was refused for the state something is in may be sent once that is another one.
    fn rests_on(account: &Appid) -> Vec<Call> {
        vec![
            code::latest_request(account),
            code::versions_request(account),
            category::reviewable_request(account),
            basic_info::get_request(account),
        ]
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a CodeSpec> {
        at.item(tenant)?.code.as_ref()
    }

    fn asks_nothing(spec: &CodeSpec) -> bool {
        spec.template.is_none()
    }

    fn check(spec: &CodeSpec, at: &At, found: &mut Diagnostics) {
        check::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&CodeSpec>, view: &View<'_>) -> Vec<Call> {
        let Some(spec) = spec else {
            return Vec::new();
        };
        match verdicts(spec, view) {
            Err(Halt::Read(call)) => vec![*call],
            Ok(_) | Err(Halt::Say(_)) => Vec::new(),
        }
    }

    fn observe(view: &View<'_>) -> Observation<CodeState> {
        let answer = view.seen.get(&code::versions_request(view.account()));
        let versions: code::Versions = match payload(&code::VERSIONS, answer) {
            Ok(versions) => versions,
            Err(why) => return Observation::Unknown(why),
        };
        versions.online().map_or(
            Observation::Absent,
            |Version {
                 version,
                 description,
                 ..
             }| {
                let tag = tag_in(&description).unwrap_or_default().to_owned();
                Observation::Present(CodeState { tag, version })
            },
        )
    }

    fn desire(spec: &CodeSpec, view: &View<'_>) -> Result<CodeState, Box<Waiting>> {
        let known = target(spec, view).ok();
        Ok(known.map_or_else(
            || CodeState {
                tag: String::new(),
                version: String::new(),
            },
            |target| CodeState {
                version: target.version().to_owned(),
                tag: target.tag,
            },
        ))
    }

    fn diff(
        spec: &CodeSpec,
        _desired: &CodeState,
        _observed: &Observation<CodeState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        verdicts(spec, view).unwrap_or_else(|halt| {
            let verdict = match halt {
                Halt::Say(verdict) => *verdict,
                Halt::Read(call) => Verdict::Unknown(Why::not_asked(call.endpoint.name)),
            };
            BTreeMap::from([(steps::RELEASE.to_owned(), verdict)])
        })
    }

    /// Whatever is not online as wanted has something under this key.
    fn digests(desired: &CodeState) -> BTreeMap<String, Digest> {
        if desired.tag.is_empty() {
            return BTreeMap::new();
        }
        BTreeMap::from([(steps::RELEASE.to_owned(), Digest::of(&desired.tag))])
    }

    /// A version is known by its tag, in one spelling.
    fn shown(_: &CodeState, _: &CodeState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(_observed: &CodeState) -> Option<CodeSpec> {
        None
    }

    fn outputs(spec: &CodeSpec, observed: &CodeState, view: &View<'_>, outputs: &mut Outputs) {
        let Some(item) = view.at.whose.item() else {
            return;
        };
        let wanted = target(spec, view)
            .ok()
            .filter(|wanted| wanted.tag == observed.tag);
        let template = wanted.map(|wanted| wanted.commit.template_id).or_else(|| {
            let done = memory::put_online(view)?;
            (done.before.tag == observed.tag).then_some(done.before.template)
        });
        outputs.extend(memory::live(item, &observed.version, template));
    }

    /// What was released is online, by our hand or a colleague's: should it be gone later, somebody went back.
    fn sign(view: &View<'_>) -> Option<Shown> {
        let Observation::Present(live) = Self::observe(view) else {
            return None;
        };
        let submitted = memory::done(view, &code::SUBMIT);
        let all = memory::put_online(view).into_iter().chain(submitted);
        let mut unseen =
            all.filter(|done| done.last.shown.is_null() && live.tag == done.before.tag);
        unseen.next().map(|done| Shown {
            call: done.last.call.clone(),
            shown: json!({"online": true}),
        })
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Code)
    }
}

impl CodeSpec {
    /// The template of a library that it means, by its id.
    #[must_use]
    pub fn means(&self, library: &[CodeTemplate]) -> Option<i64> {
        let found = resolve(self.template.as_ref()?, library);
        found.ok().map(|template| template.template_id)
    }

    /// Whether it names its template by a version, which others may have as well.
    fn names_version(&self) -> bool {
        self.template
            .as_ref()
            .is_some_and(|one| one.version.is_some())
    }

    /// What a version made of a template for a mini-program says of itself at WeChat, with the tag by which it is known again.
    #[must_use]
    pub fn known_as(&self, template: &CodeTemplate, account: &Appid) -> String {
        Target::of(self, template, account).commit.user_desc
    }
}

/// Whether what stands under a key is to go online, and has passed its review.
#[must_use]
pub fn goes_online(key: &str) -> bool {
    [steps::RELEASE, steps::GRAY].contains(&key)
}

/// Whether another version than what is online is wanted, as far as it is known: what waits for a release comes with that.
pub(in crate::resource::app) fn is_on_its_way(view: &View<'_>) -> bool {
    let Some(spec) = Code::spec(view.spec, view.at).filter(|spec| !spec.hold) else {
        return false;
    };
    let slots = target(spec, view).and_then(|target| Slots::of(spec, &target, view));
    match slots {
        Ok(slots) => slots.situation.live != Some(Is::Wanted),
        // More is asked only of what is not online as wanted.
        Err(Halt::Read(_)) => true,
        Err(Halt::Say(_)) => false,
    }
}

/// What the platform's library has for what is wanted.
fn target(spec: &CodeSpec, view: &View<'_>) -> Result<Target, Halt> {
    let Templates { template_list } = read(view, code_template::list_request(view.platform))?;
    let wanted = spec.template.clone().unwrap_or_default();
    match resolve(&wanted, &template_list) {
        Ok(template) => Ok(Target::of(spec, template, view.account())),
        Err(waiting) => Err(Halt::Say(Box::new(Verdict::Waiting(*waiting)))),
    }
}

fn verdicts(spec: &CodeSpec, view: &View<'_>) -> Result<Verdicts, Halt> {
    let target = target(spec, view)?;
    let mut slots = Slots::of(spec, &target, view)?;
    loop {
        let next = next(&slots.situation);
        if let Next::Ask(ask) = next {
            slots.ask(ask, (spec, &target), view)?;
            continue;
        }
        let runs = slots.situation.ours_runs && slots.situation.gray.is_none();
        if runs && !matches!(next, Next::InSync | Next::Held) {
            // Whatever is waited for, a share of the users has something else meanwhile.
            slots.ask(Ask::Gray, (spec, &target), view)?;
        }
        let of = steps::Of {
            spec,
            target: &target,
            slots: &slots,
            view,
        };
        return of.verdicts(next);
    }
}

/// What a read answered.
fn read<T: DeserializeOwned>(view: &View<'_>, call: Call) -> Result<T, Halt> {
    if !view.seen.contains_key(&call) {
        return Err(Halt::Read(Box::new(call)));
    }
    payload(call.endpoint, view.seen.get(&call))
        .map_err(|why| Halt::Say(Box::new(Verdict::Unknown(why))))
}

/// The same, where WeChat may say that there is none.
fn absent_or<T: DeserializeOwned>(view: &View<'_>, call: Call) -> Result<Option<T>, Halt> {
    if is_absent(view.seen.get(&call)) {
        return Ok(None);
    }
    read(view, call).map(Some)
}
