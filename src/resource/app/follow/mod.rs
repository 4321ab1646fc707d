//! The follow component (扫码关注组件) of a mini-program: which official account is shown to users who came by scanning.
//!
//! WeChat shows only one that is linked to the mini-program, and not in every mini-program: both are waits, of the link's two
//! administrators and of WeChat's own word (`can_open`).

mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::json;

pub use spec::FollowComponentSpec;
pub(in crate::resource) use spec::check_refs;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting, Whose, Why,
};
use crate::resource::{At, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::follow::{self, Candidates, Shown};
use crate::wechat::{Appid, Call, Endpoint};

/// Guards against endless paging: an official account is on one of so many pages, or on none.
const PAGES: usize = 50;

/// The resource.
pub struct FollowComponent;

impl Resource for FollowComponent {
    const NAME: &'static str = "followComponent";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = follow::UPDATE.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&follow::GET];
    type Spec = FollowComponentSpec;
    /// The official account that is shown.
    type State = Option<Appid>;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a FollowComponentSpec> {
        at.item(tenant)?.follow_component.as_ref()
    }

    fn check(spec: &FollowComponentSpec, at: &At, found: &mut Diagnostics) {
        spec.check(&Self::path(at), found);
    }

    fn needs(spec: Option<&FollowComponentSpec>, view: &View<'_>) -> Vec<Call> {
        let missing = view.unless_seen(follow::get_request(view.account()));
        let wanted = spec.and_then(|spec| wanted(spec, view).ok().flatten());
        match (missing.is_empty(), wanted, Self::observe(view)) {
            (true, Some(wanted), Observation::Present(live)) if live.as_ref() != Some(&wanted) => {
                match candidate(&wanted, view) {
                    Found::Unread(read) => vec![read],
                    Found::Is(_) | Found::Unknown(_) => missing,
                }
            }
            (_, _, _) => missing,
        }
    }

    fn observe(view: &View<'_>) -> Observation<Option<Appid>> {
        let shows = shown(view).and_then(|shown| {
            shown
                .shows()
                .map_err(|error| Why::unreadable(follow::GET.name, &error.to_string()))
        });
        match shows {
            Ok(shows) => Observation::Present(shows),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &FollowComponentSpec, view: &View<'_>) -> Result<Option<Appid>, Box<Waiting>> {
        wanted(spec, view)
    }

    fn diff(
        _spec: &FollowComponentSpec,
        desired: &Option<Appid>,
        observed: &Observation<Option<Appid>>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => live.as_ref(),
            Observation::Absent => None,
        };
        if let Some(wanted) = desired
            && let Some(verdict) = held(wanted, view)
        {
            return only(verdict);
        }
        let action = match (live, desired) {
            (None, _) => Action::Create,
            (Some(_), None) => Action::Delete,
            (Some(_), Some(_)) => Action::Update,
        };
        let change = Change {
            path: Self::path(view.at),
            from: live.map(|appid| json!(appid)),
            to: desired.as_ref().map(|appid| json!(appid)),
        };
        let call = follow::update_request(view.account(), desired.as_ref());
        let account = view.account().clone();
        only(Verdict::Step(Step::new(
            action,
            account,
            vec![change],
            vec![call],
        )))
    }

    /// An account is this one or another, in whatever spelling.
    fn shown(_: &Option<Appid>, _: &Option<Appid>) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &Option<Appid>) -> Option<FollowComponentSpec> {
        Some(FollowComponentSpec {
            app_id: observed.clone(),
            off: observed.is_none(),
            ..FollowComponentSpec::default()
        })
    }

    /// A new mini-program shows none.
    fn is_nothing(observed: &Option<Appid>) -> bool {
        observed.is_none()
    }

    fn nothing() -> Option<FollowComponentSpec> {
        Self::export(&None)
    }
}

fn shown(view: &View<'_>) -> Result<Shown, Why> {
    let read = follow::get_request(view.account());
    payload(&follow::GET, view.seen.get(&read))
}

/// The official account that is to be shown.
fn wanted(spec: &FollowComponentSpec, view: &View<'_>) -> Result<Option<Appid>, Box<Waiting>> {
    if !spec.official_account {
        return Ok(spec.app_id.clone());
    }
    let official = view.sibling(&Whose::Official);
    match official.and_then(|official| official.appid.clone()) {
        Some(appid) => Ok(Some(appid)),
        None => Err(Box::new(Waiting::new(
            Reason::NotLinked,
            Person::Owner,
            Text::new(
                "公众号尚未扫码授权，还不知道其 appid；授权并与小程序关联后再设置关注组件",
                "the official account has no appid before its administrator scans; it is shown once it is authorized and \
                 linked to the mini-program",
            ),
        ))),
    }
}

/// Why an official account cannot be shown yet.
fn held(wanted: &Appid, view: &View<'_>) -> Option<Verdict> {
    match shown(view) {
        Err(why) => return Some(Verdict::Unknown(why)),
        Ok(shown) if shown.can_open == Some(false) => {
            return Some(Verdict::Waiting(Waiting::new(
                Reason::AdministratorMustAct,
                Person::AppAdmin,
                Text::new(
                    "微信表示该小程序目前不能开启公众号关注组件（can_open 为 0）：请小程序管理员在公众平台的「设置」中查看原因；可以开启后会自动设置",
                    "WeChat says that the follow component cannot be switched on in this mini-program now (`can_open` is 0): its \
                     administrator looks for the reason in the settings of WeChat's console (mp.weixin.qq.com). It is set by \
                     itself once it can be",
                ),
            )));
        }
        Ok(_) => {}
    }
    match candidate(wanted, view) {
        Found::Is(true) => None,
        Found::Is(false) => Some(Verdict::Waiting(Waiting::new(
            Reason::NotLinked,
            Person::Owner,
            Text::new(
                format!(
                    "公众号 {wanted} 尚未与该小程序关联，不能在关注组件中展示；关联后会自动设置（officialAccount.links，或由公众号管理员在公众平台关联）"
                ),
                format!(
                    "official account {wanted} is not linked to this mini-program, so it cannot be shown; it is set by itself \
                     once it is (`officialAccount.links`, or its administrator in WeChat's console, mp.weixin.qq.com)"
                ),
            ),
        ))),
        Found::Unknown(why) => Some(Verdict::Unknown(why)),
        Found::Unread(_) => Some(Verdict::Unknown(Why::not_asked(follow::CANDIDATES.name))),
    }
}

/// What the pages of candidates say of an official account.
enum Found {
    /// Whether it is on one of them.
    Is(bool),
    /// A page that was not read yet.
    Unread(Call),
    /// A page that could not be read.
    Unknown(Why),
}

fn candidate(wanted: &Appid, view: &View<'_>) -> Found {
    for page in 0..PAGES {
        let read = follow::candidates_request(view.account(), page);
        let Some(answer) = view.seen.get(&read) else {
            return Found::Unread(read);
        };
        let candidates: Candidates = match payload(&follow::CANDIDATES, Some(answer)) {
            Ok(candidates) => candidates,
            Err(why) => return Found::Unknown(why),
        };
        if candidates.has(wanted) {
            return Found::Is(true);
        }
        let read_so_far = (page + 1).saturating_mul(follow::PAGE);
        let all = usize::try_from(candidates.total_num).unwrap_or_default();
        if all <= read_so_far {
            return Found::Is(false);
        }
    }
    Found::Unknown(Why::unreadable(
        follow::CANDIDATES.name,
        "there are more pages than can be",
    ))
}
