//! The page of a mini-program's orders (订单页 path). It is handed in, and WeChat reviews it.
//!
//! ```text
//!   in force as declared                 nothing
//!   under review, whatever it is         waits for WeChat
//!   rejected, as declared                waits: not handed in again by itself
//!   all else                             handed in
//! ```
//!
//! A password for the reviewer cannot be declared, since no tenant refers to secrets. One that WeChat has is not compared; what
//! is handed in has none, which the step says.

mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use spec::OrderPathSpec;

use super::odd_status;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting, Why,
};
use crate::resource::{
    At, AtMostOnce, Kind, Outputs, Resource, Seen, Settled, TenantSpec, View, only, payload,
};
use crate::wechat::order_path::{self, Info, OrderPathInfo, OrderPathStatus, Which};
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass};

/// The resource.
pub struct OrderPath;

impl Resource for OrderPath {
    const NAME: &'static str = "orderPath";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = order_path::GET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&order_path::GET];
    type Spec = OrderPathSpec;
    /// The one in force.
    type State = OrderPathSpec;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a OrderPathSpec> {
        at.item(tenant)?.order_path.as_ref()
    }

    fn check(spec: &OrderPathSpec, at: &At, found: &mut Diagnostics) {
        spec.check(&Self::path(at), found);
    }

    fn needs(_spec: Option<&OrderPathSpec>, view: &View<'_>) -> Vec<Call> {
        let both = [Which::Online, Which::InReview];
        let reads = both.map(|which| order_path::get_request(view.account(), which));
        let unseen = reads.into_iter();
        unseen.flat_map(|read| view.unless_seen(read)).collect()
    }

    fn observe(view: &View<'_>) -> Observation<OrderPathSpec> {
        match read(view.account(), Which::Online, view.seen) {
            Err(why) => Observation::Unknown(why),
            Ok(None) => Observation::Absent,
            Ok(Some(info)) => Observation::Present(OrderPathSpec::of(&info.order_path)),
        }
    }

    fn desire(spec: &OrderPathSpec, _view: &View<'_>) -> Result<OrderPathSpec, Box<Waiting>> {
        Ok(OrderPathSpec::of(&spec.wire()))
    }

    fn diff(
        _spec: &OrderPathSpec,
        desired: &OrderPathSpec,
        observed: &Observation<OrderPathSpec>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let account = view.account();
        if let Observation::Unknown(why) = observed {
            return only(Verdict::Unknown(why.clone()));
        }
        let both = read(account, Which::Online, view.seen)
            .and_then(|online| Ok((online, read(account, Which::InReview, view.seen)?)));
        let (online, handed_in) = match both {
            Ok(both) => both,
            Err(why) => return only(Verdict::Unknown(why)),
        };
        let due = Due {
            wanted: desired,
            in_force: matches!(observed, Observation::Present(live) if live == desired),
            online: online.as_ref(),
            handed_in: handed_in.as_ref(),
            view,
        };
        due.verdict().map_or_else(BTreeMap::new, only)
    }

    /// What is in force was sent exactly so; while something else is reviewed, it is not what was sent.
    fn shown(_: &OrderPathSpec, _: &OrderPathSpec) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn about(call: &Call) -> Option<Text> {
        order_path::handed_in(call).map(|handed_in| Text::list([handed_in.path]))
    }

    fn export(observed: &OrderPathSpec) -> Option<OrderPathSpec> {
        Some(observed.clone())
    }

    fn not_shown_because() -> Option<Text> {
        Some(Text::new(
            "微信逐个小程序处理批量申请，可能没有受理这一个",
            "WeChat takes a batch up app by app, and may not have taken this one",
        ))
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&OrderPath)
    }
}

/// One of the two; `None`: WeChat says that there is none.
fn read(account: &Appid, which: Which, seen: &Seen) -> Result<Option<Info>, Why> {
    let answer = seen.get(&order_path::get_request(account, which));
    if let Some(Answer::Refused(error)) = answer
        && error.class == ErrorClass::NotFound
    {
        return Ok(None);
    }
    let info: OrderPathInfo = payload(&order_path::GET, answer)?;
    Ok(Some(info.msg))
}

/// What is declared, and what WeChat has.
struct Due<'a> {
    wanted: &'a OrderPathSpec,
    in_force: bool,
    online: Option<&'a Info>,
    handed_in: Option<&'a Info>,
    view: &'a View<'a>,
}

impl Due<'_> {
    /// None: as declared.
    fn verdict(&self) -> Option<Verdict> {
        let Some(handed_in) = self.handed_in else {
            return (!self.in_force).then(|| Verdict::Step(self.handing_in()));
        };
        let same = OrderPathSpec::of(&handed_in.order_path) == *self.wanted;
        let path = &handed_in.order_path.path;
        let status = handed_in.status();
        if self.in_force && (same || status != OrderPathStatus::InReview) {
            return None;
        }
        Some(match status {
            OrderPathStatus::InReview if same => in_review(Text::new(
                format!("订单页 path {path} 正在审核"),
                format!("WeChat reviews the order page {path}"),
            )),
            OrderPathStatus::InReview => in_review(Text::new(
                format!("微信正在审核另一个订单页 path（{path}），审核结束之前不能提交"),
                format!(
                    "WeChat reviews another order page ({path}), and takes none before that has ended"
                ),
            )),
            OrderPathStatus::Rejected if same => refused(path),
            OrderPathStatus::Passed if same && self.is_newest(handed_in) => in_review(Text::new(
                format!("订单页 path {path} 已通过审核，微信尚未显示为生效"),
                format!("WeChat approved the order page {path} and does not show it in force yet"),
            )),
            OrderPathStatus::Rejected | OrderPathStatus::Passed => Verdict::Step(self.handing_in()),
            OrderPathStatus::Odd(status) => Verdict::Unknown(odd(status)),
        })
    }

    /// Whether nothing that is in force was handed in since.
    fn is_newest(&self, handed_in: &Info) -> bool {
        self.online
            .is_none_or(|online| online.apply_time < handed_in.apply_time)
    }

    fn handing_in(&self) -> Step {
        let account = self.view.account().clone();
        let call = order_path::apply_request(&account, &self.wanted.wire());
        let live = self.online.map(|info| OrderPathSpec::of(&info.order_path));
        let action = if live.is_some() {
            Action::Update
        } else {
            Action::Create
        };
        let change = Change {
            path: OrderPath::path(self.view.at),
            from: live.map(|live| json!(live)),
            to: Some(json!(self.wanted)),
        };
        let mut step = Step::new(action, account, vec![change], vec![call]);
        step.evidence = before(self.handed_in);
        step.notes
            .push(Text::new("随后由微信审核", "WeChat reviews it then"));
        let rejected = |info: &&Info| info.status() == OrderPathStatus::Rejected;
        if self.handed_in.is_some_and(|info| rejected(&info)) {
            step.notes.push(Text::new(
                "微信驳回了此前提交的订单页 path",
                "WeChat rejected the order page that was handed in before",
            ));
        }
        let has_password = [self.online, self.handed_in]
            .into_iter()
            .flatten()
            .any(|info| info.has_password);
        if has_password {
            step.notes.push(Text::new(
                "微信现有的测试密码不会一并提交：配置中不能写密码",
                "the test password that WeChat has is not handed in along, since a manifest holds none",
            ));
        }
        step
    }
}

/// What tells what is handed in from what was before.
fn before(handed_in: Option<&Info>) -> Value {
    json!(handed_in.map(|info| info.apply_time))
}

fn in_review(text: Text) -> Verdict {
    Verdict::Waiting(Waiting::new(Reason::UnderReview, Person::Wechat, text))
}

fn refused(path: &str) -> Verdict {
    Verdict::Waiting(Waiting::new(
        Reason::AuditRefused,
        Person::Operator,
        Text::new(
            format!(
                "订单页 path {path} 的审核被驳回，微信不给出原因。配置更改之前不会再次提交：请检查页面后修改 path、pictures、video、testAccount 或 remark，或由小程序管理员在公众平台提交"
            ),
            format!(
                "WeChat rejected the order page {path}, and the API gives no reason. It is not handed in again before the \
                 manifest changes: look at the page, then change `path`, `pictures`, `video`, `testAccount` or `remark`, or let \
                 the app's administrator hand it in in WeChat's console (mp.weixin.qq.com)"
            ),
        ),
    ))
}

fn odd(status: i64) -> Why {
    odd_status("订单页 path", "the order page", status)
}

impl AtMostOnce for OrderPath {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &order_path::APPLY
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        [Which::Online, Which::InReview]
            .map(|which| order_path::get_request(&call.subject, which))
            .into()
    }

    /// It is under review or in force: whoever handed it in, it is so. One that is no longer under review is told from the one
    /// before by its time.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let read = |which| read(&call.subject, which, seen);
        let (Ok(online), Ok(handed_in)) = (read(Which::Online), read(Which::InReview)) else {
            return Settled::Undecided;
        };
        let wanted = order_path::handed_in(call);
        let is_it = |info: &&Info| Some(&info.order_path) == wanted.as_ref();
        let reviewed = handed_in.as_ref().filter(is_it).is_some_and(|info| {
            info.status() == OrderPathStatus::InReview || before(Some(info)) != *evidence
        });
        if reviewed || online.as_ref().is_some_and(|info| is_it(&info)) {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}
