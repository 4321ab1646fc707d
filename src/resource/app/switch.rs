//! What is on or off: whether users find a mini-program by searching, and whether it serves them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Observation, Step, Text, Verdict, Waiting, Why};
use crate::resource::spec::MiniProgramSpec;
use crate::resource::{At, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::search_status::{self, SearchStatus};
use crate::wechat::visit_status::{self, VisitStatus};
use crate::wechat::{Answer, Appid, Call, Endpoint};

/// One thing that is on or off.
pub trait Switch: Sync {
    /// The name of its field.
    const FIELD: &'static str;
    /// Permission sets, one of which must be granted.
    const SETS: &'static [u16];
    /// The read that shows it.
    const SHOWN_BY: &'static [&'static Endpoint];

    /// What a manifest says of it.
    fn spec(item: &MiniProgramSpec) -> Option<&bool>;
    /// The read.
    fn read(account: &Appid) -> Call;
    /// Whether an answer says that it is on.
    ///
    /// # Errors
    /// [`Why`] it does not say.
    fn is_on(answer: Option<&Answer>) -> Result<bool, Why>;
    /// The call that turns it.
    fn turn(account: &Appid, on: bool) -> Call;
    /// What a person should know before it is turned.
    fn note(on: bool) -> Option<Text>;
}

/// Whether users find it by searching (可被搜索). On the wire the number says the contrary.
pub struct Searchable;

/// Whether it serves its users (服务状态); else they see that it is paused.
pub struct Serving;

/// The resource that a switch is.
pub struct Turned<S>(pub S);

impl Switch for Searchable {
    const FIELD: &'static str = "searchable";
    const SETS: &'static [u16] = search_status::CHANGE.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&search_status::GET];

    fn spec(item: &MiniProgramSpec) -> Option<&bool> {
        item.searchable.as_ref()
    }

    fn read(account: &Appid) -> Call {
        search_status::get_request(account)
    }

    fn is_on(answer: Option<&Answer>) -> Result<bool, Why> {
        payload::<SearchStatus>(&search_status::GET, answer).map(|status| !status.hidden)
    }

    fn turn(account: &Appid, on: bool) -> Call {
        search_status::change_request(account, !on)
    }

    fn note(_on: bool) -> Option<Text> {
        None
    }
}

impl Switch for Serving {
    const FIELD: &'static str = "serving";
    const SETS: &'static [u16] = visit_status::CHANGE.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&visit_status::GET];

    fn spec(item: &MiniProgramSpec) -> Option<&bool> {
        item.serving.as_ref()
    }

    fn read(account: &Appid) -> Call {
        visit_status::get_request(account)
    }

    fn is_on(answer: Option<&Answer>) -> Result<bool, Why> {
        payload::<VisitStatus>(&visit_status::GET, answer).map(|status| status.served)
    }

    fn turn(account: &Appid, on: bool) -> Call {
        visit_status::change_request(account, on)
    }

    fn note(on: bool) -> Option<Text> {
        // A pause as a punishment reads like one that the owner ordered, and only WeChat ends it.
        Some(if on {
            Text::new(
                "若是微信的处罚暂停了服务，须由小程序管理员先完成申诉或整改",
                "if WeChat paused it as a punishment, the app's administrator must settle that first",
            )
        } else {
            Text::new(
                "用户将无法使用该小程序",
                "users will not be able to use the mini-program",
            )
        })
    }
}

impl<S: Switch> Resource for Turned<S> {
    const NAME: &'static str = S::FIELD;
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = S::SETS;
    const SHOWN_BY: &'static [&'static Endpoint] = S::SHOWN_BY;
    type Spec = bool;
    type State = bool;

    fn path(at: &At) -> SpecPath {
        at.root().field(S::FIELD)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a bool> {
        S::spec(at.item(tenant)?)
    }

    fn check(_spec: &bool, _at: &At, _found: &mut Diagnostics) {}

    fn needs(_spec: Option<&bool>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(S::read(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<bool> {
        match S::is_on(view.seen.get(&S::read(view.account()))) {
            Ok(on) => Observation::Present(on),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &bool, _view: &View<'_>) -> Result<bool, Box<Waiting>> {
        Ok(*spec)
    }

    fn diff(
        _spec: &bool,
        desired: &bool,
        observed: &Observation<bool>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => *live,
            Observation::Absent => !*desired,
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
        };
        let change = Change {
            path: Self::path(view.at),
            from: Some(json!(live)),
            to: Some(json!(desired)),
        };
        let call = S::turn(view.account(), *desired);
        let mut step = Step::new(
            Action::Update,
            view.account().clone(),
            vec![change],
            vec![call],
        );
        step.notes.extend(S::note(*desired));
        only(Verdict::Step(step))
    }

    fn export(observed: &bool) -> Option<bool> {
        Some(*observed)
    }
}
