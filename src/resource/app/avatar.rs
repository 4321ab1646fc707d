//! The avatar (头像): set from a picture, in force at once, five changes a year.
//!
//! WeChat shows an address of a crop that it encoded anew, never the picture that was sent. So what is there is told by
//! what was set last and by what WeChat showed then, both of which stand in the operation, and by the count of changes.
//!
//! ```text
//!   no address                        there is none
//!   an address, nothing remembered    cannot be compared: a person says which picture it is (`wxops op assume`)
//!   the address seen after we set it  what we set
//!   no address seen since, and        one more change than before: ours; as many: not shown yet
//!   another address                   somebody else's picture
//! ```

mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use spec::{AvatarSpec, CropSpec, WANTED};

use super::profile;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Costly, Digest, Observation, Step, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::resource::file::{FileFacts, Image, Origin};
use crate::resource::ops::LastDone;
use crate::resource::{
    Assumption, At, AtMostOnce, Kind, Outputs, Resource, Seen, Settled, Shown, TenantSpec, View,
    only, payload,
};
use crate::wechat::avatar::{self, Crop};
use crate::wechat::basic_info::{self, BasicInfo, HeadImageInfo};
use crate::wechat::endpoint::Period;
use crate::wechat::{Call, Endpoint, FileDigest};

/// Which picture is there, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AvatarState {
    /// What it was made from; `None`: not by us, from what nobody knows.
    source: Option<Source>,
}

/// A picture and the part of it that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Source {
    file: FileDigest,
    crop: [String; 4],
}

/// What was so before the avatar was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    /// How often it had been changed in the year.
    used: i64,
    /// The address; empty where there was none.
    url: String,
}

/// What WeChat showed after it was set.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct After {
    url: String,
}

/// The resource.
pub struct Avatar;

impl Source {
    fn new(file: &FileDigest, crop: Crop) -> Self {
        Self {
            file: file.clone(),
            crop: crop.texts(),
        }
    }

    fn of(call: &Call) -> Option<Self> {
        let (file, crop) = avatar::modified(call)?;
        Some(Self::new(&file, crop))
    }
}

impl Resource for Avatar {
    const NAME: &'static str = "avatar";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = avatar::MODIFY.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&basic_info::GET];
    const NEVER_SHOWN: bool = true;
    const RECALLS: &'static [&'static Endpoint] = &[&avatar::MODIFY];
    type Spec = AvatarSpec;
    type State = AvatarState;

    fn path(at: &At) -> SpecPath {
        at.root().field("avatar")
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a AvatarSpec> {
        at.item(tenant)?.avatar.as_ref()
    }

    fn check(spec: &AvatarSpec, at: &At, found: &mut Diagnostics) {
        spec.source().check(&Self::path(at), found);
        if let Err(why) = spec.crop() {
            found.error(
                "WX1276",
                Self::path(at).field("crop"),
                why.to_string(),
                "x1 and y1 are the upper left corner, x2 and y2 the lower right one, all from 0 to 1",
                Some("leave `crop` out to use the whole picture"),
            );
        }
    }

    fn needs(_spec: Option<&AvatarSpec>, view: &View<'_>) -> Vec<Call> {
        profile::needs(view)
    }

    fn observe(view: &View<'_>) -> Observation<AvatarState> {
        let head = match head(profile::of(view)) {
            Ok(head) => head,
            Err(why) => return Observation::Unknown(why),
        };
        let Some(url) = url(&head) else {
            return Observation::Absent;
        };
        let Some(done) = view.ops.last(view.account(), &avatar::MODIFY) else {
            return Observation::Unknown(not_comparable(view));
        };
        match told(done, &head, url, view.now) {
            Told::Ours => Observation::Present(AvatarState {
                source: Source::of(&done.call),
            }),
            Told::Another => Observation::Present(AvatarState { source: None }),
            Told::Nobody => Observation::Unknown(not_comparable(view)),
        }
    }

    fn desire(spec: &AvatarSpec, view: &View<'_>) -> Result<AvatarState, Box<Waiting>> {
        let facts = view.files.get(&Self::path(view.at));
        let source = facts.zip(spec.crop().ok());
        Ok(AvatarState {
            source: source.map(|(facts, crop)| Source::new(&facts.sha256, crop)),
        })
    }

    fn diff(
        spec: &AvatarSpec,
        desired: &AvatarState,
        observed: &Observation<AvatarState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let action = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(_) | Observation::Absent if desired.source.is_none() => {
                return only(Verdict::Unknown(not_read()));
            }
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(_) => Action::Update,
            Observation::Absent => Action::Create,
        };
        let facts = view.files.get(&Self::path(view.at));
        let (Some(facts), Ok(crop), Ok(head)) = (facts, spec.crop(), head(profile::of(view)))
        else {
            return only(Verdict::Unknown(not_read()));
        };
        let what = Text::new("头像今年", "the avatar");
        let changes = head.changes();
        if let Some(waiting) = profile::used_up(Some(changes), Period::Year, view.now, &what) {
            return only(Verdict::Waiting(waiting));
        }
        let change = Change {
            path: Self::path(view.at),
            from: url(&head).map(|url| json!(url)),
            to: Some(json!(spoken(spec, facts, crop))),
        };
        let call = avatar::modify_request(view.account(), &facts.sha256, crop);
        let mut step = Step::new(action, view.account().clone(), vec![change], vec![call]);
        step.costly = Some(Costly::SetAvatar);
        step.notes.push(profile::budget(changes, Period::Year));
        let before = Before {
            used: changes.used,
            url: url(&head).unwrap_or_default().to_owned(),
        };
        step.evidence = serde_json::to_value(before).unwrap_or_default();
        only(Verdict::Step(step))
    }

    /// Nothing that is shown is another spelling of what was sent.
    fn shown(_: &AvatarState, _: &AvatarState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    /// No manifest can say which picture it is.
    fn export(_observed: &AvatarState) -> Option<AvatarSpec> {
        None
    }

    fn sign(view: &View<'_>) -> Option<Shown> {
        let head = head(profile::of(view)).ok()?;
        let url = url(&head)?;
        let done = view.ops.last(view.account(), &avatar::MODIFY)?;
        let new = done.shown.is_null() && told(done, &head, url, view.now) == Told::Ours;
        new.then(|| Shown {
            call: done.call.clone(),
            shown: after(url),
        })
    }

    fn assume(
        spec: &AvatarSpec,
        view: &View<'_>,
        _key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        Ok(assumed(spec, view, same))
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Avatar)
    }
}

fn assumed(spec: &AvatarSpec, view: &View<'_>, same: bool) -> Option<Assumption> {
    let facts = view.files.get(&Avatar::path(view.at))?;
    let head = head(profile::of(view)).ok()?;
    let now = url(&head)?;
    // A picture of somebody else's is none that was ever seen after we set one.
    let seen = if same { now } else { "" };
    Some(Assumption {
        call: avatar::modify_request(view.account(), &facts.sha256, spec.crop().ok()?),
        shown: after(seen),
    })
}

impl AtMostOnce for Avatar {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &avatar::MODIFY
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![basic_info::get_request(&call.subject)]
    }

    /// One more change than before is the one that was asked for. Two more, or a new year's count, tell nothing.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let read = basic_info::get_request(&call.subject);
        let head = head(payload(&basic_info::GET, seen.get(&read)));
        let (Ok(before), Ok(head)) = (Before::deserialize(evidence), head) else {
            return Settled::Undecided;
        };
        let same = same(&before.url, url(&head).unwrap_or_default());
        match head.changes().used - before.used {
            1 => Settled::Done(Outputs::new()),
            0 if same => Settled::NotDone,
            _ => Settled::Ambiguous,
        }
    }
}

/// What is said of the avatar.
fn head(info: Result<BasicInfo, Why>) -> Result<HeadImageInfo, Why> {
    let not_said = || profile::not_said("head_image_info");
    info?.head_image_info.ok_or_else(not_said)
}

/// Its address; none where there is no avatar.
fn url(head: &HeadImageInfo) -> Option<&str> {
    let url = head.head_image_url.as_deref();
    url.filter(|url| !url.is_empty())
}

/// Whose picture is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// What was set last.
    Ours,
    /// Something else.
    Another,
    /// Nothing tells.
    Nobody,
}

fn told(done: &LastDone, head: &HeadImageInfo, url: &str, now: Timestamp) -> Told {
    if let Ok(After { url: seen }) = After::deserialize(&done.shown) {
        return if same(&seen, url) {
            Told::Ours
        } else {
            Told::Another
        };
    }
    let Ok(before) = Before::deserialize(&done.evidence) else {
        return Told::Nobody;
    };
    // The count begins anew with the year: then it tells nothing of a change of the last one.
    let year = |at: Timestamp| Period::Year.around(at).0;
    if year(done.at) != year(now) {
        return Told::Nobody;
    }
    match head.changes().used - before.used {
        1 => Told::Ours,
        0 => Told::Another,
        _ => Told::Nobody,
    }
}

/// Whether two addresses are of one picture: the host may vary, and the size at the end.
fn same(one: &str, other: &str) -> bool {
    picture(one) == picture(other)
}

fn picture(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map_or(rest, |(_, path)| path);
    match path.rsplit_once('/') {
        Some((before, size)) if size.bytes().all(|byte| byte.is_ascii_digit()) => before,
        Some(_) | None => path,
    }
}

fn after(url: &str) -> Value {
    json!(After {
        url: url.to_owned()
    })
}

/// The picture in a few words: `logo.png sha256:4f2ab03c77e1 512×512 [0 0 0.5 0.5]`.
fn spoken(spec: &AvatarSpec, facts: &FileFacts, crop: Crop) -> String {
    let name = match &facts.from {
        Origin::Disk(_) => spec.file.as_deref().unwrap_or_default(),
        Origin::Web(url) => url.host_str().unwrap_or_default(),
    };
    let mut text = format!("{name} sha256:{}", facts.sha256.short());
    if let Some(Image {
        size: Some((width, height)),
        ..
    }) = facts.image
    {
        text.push_str(&format!(" {width}×{height}"));
    }
    if crop != Crop::WHOLE {
        text.push_str(&format!(" [{}]", crop.texts().join(" ")));
    }
    text
}

/// Whoever loads manifests reads their files, so this says that somebody did not.
fn not_read() -> Why {
    Why {
        kind: WhyKind::ReadFailed,
        text: Text::new("头像文件未读取", "the file of the avatar was not read"),
    }
}

fn not_comparable(view: &View<'_>) -> Why {
    let item = view.at.whose.item().unwrap_or_default();
    let tenant = view.tenant;
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!(
                "微信只给出头像地址，不知道是哪张图片，也没有设置记录。请在公众平台核对后执行：\
                 wxops op assume {tenant}:{item} avatar（与配置一致），或加 --differs（不一致，将重新设置）"
            ),
            format!(
                "WeChat shows an address and not which picture it is, and nothing is remembered of it: look in WeChat's \
                 console, then wxops op assume {tenant}:{item} avatar (it is the manifest's), or the same with --differs \
                 (it is another one, and is to be replaced)"
            ),
        ),
    }
}
