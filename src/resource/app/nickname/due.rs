//! What is to be done so that a mini-program has its name: what is asked for first, what is waited for, what is sent.

use serde_json::json;

use super::proof::proof;
use super::review::{Asked, Before, Stands, asked, rejected};
use super::spec::NicknameSpec;
use super::{Nickname, profile};
use crate::plan::{Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting};
use crate::resource::{Resource as _, View, payload, refusal};
use crate::wechat::basic_info::{BasicInfo, NicknameInfo, PrincipalKind};
use crate::wechat::endpoint::Period;
use crate::wechat::nickname::{self, Checked};
use crate::wechat::{Answer, ApiError, Call, ErrorClass};

/// What becomes of a name that is not in force, from what was read; else the read that is missing. A name is checked
/// only when nothing else stands in the way: WeChat limits how often it checks one.
pub(super) fn verdict(
    spec: &NicknameSpec,
    live: Option<&str>,
    view: &View<'_>,
) -> Result<Verdict, Call> {
    if let Some(waiting) = not_through_api(view) {
        return Ok(Verdict::Waiting(waiting));
    }
    let info = match profile::of(view) {
        Ok(info) => info,
        Err(why) => return Ok(Verdict::Unknown(why)),
    };
    let call = proof(spec, &info, view).map(|proof| proof.call(spec, view));
    // What is in force is under review no more.
    if let Some(last) = asked(view).filter(|last| Some(last.name.as_str()) != live) {
        if let Some(read) = last.read().filter(|read| !view.seen.contains_key(read)) {
            return Err(read);
        }
        if let Some(verdict) = held(spec, &last, call.as_ref().ok(), view) {
            return Ok(verdict);
        }
    }
    let Some(changes) = info.nickname_info.as_ref().map(NicknameInfo::changes) else {
        return Ok(Verdict::Unknown(profile::not_said("nickname_info")));
    };
    if let Some(waiting) = used_up(&info, view) {
        return Ok(Verdict::Waiting(waiting));
    }
    let call = match call {
        Ok(call) => call,
        Err(verdict) => return Ok(*verdict),
    };
    let mut notes = vec![profile::budget(changes, Period::Year)];
    if !refused_before(&call, view) {
        match checked(spec, view)? {
            Ok(note) => notes.extend(note),
            Err(verdict) => return Ok(verdict),
        }
    }
    let action = match live {
        Some(_) => Action::Update,
        None => Action::Create,
    };
    let change = Change {
        path: Nickname::path(view.at),
        from: live.map(|live| json!(live)),
        to: Some(json!(spec.name())),
    };
    let mut step = Step::new(action, view.account().clone(), vec![change], vec![call]);
    step.costly = Some(Costly::Rename);
    step.notes = notes;
    let before = Before {
        item: view.at.whose.item().unwrap_or_default().to_owned(),
        name: live.unwrap_or_default().to_owned(),
        used: changes.used,
        quota: changes.quota,
        at: view.now,
    };
    step.evidence = serde_json::to_value(before).unwrap_or_default();
    Ok(Verdict::Step(step))
}

/// The wait of an account that was not registered through the API: WeChat would refuse, so it is not asked.
fn not_through_api(view: &View<'_>) -> Option<Waiting> {
    (view.facts.through_api == Some(false)).then(|| {
        Waiting::new(
            Reason::NotThroughApi,
            Person::AppAdmin,
            Text::new(
                "该小程序不是通过接口注册的，微信不允许通过接口改名（91001）：请小程序管理员在公众平台改名，或从配置中去掉 nickname",
                "the mini-program was not registered through the API, so the API cannot rename it (91001): its administrator \
                 does in WeChat's console (mp.weixin.qq.com), or `nickname` is taken out of the manifest",
            ),
        )
    })
}

/// What the name that was asked for last leaves to wait for. `call` is what would be sent now.
fn held(
    spec: &NicknameSpec,
    last: &Asked<'_>,
    call: Option<&Call>,
    view: &View<'_>,
) -> Option<Verdict> {
    let (name, same) = (&last.name, last.name == spec.name());
    let stands = match last.stands(view) {
        Ok(stands) => stands,
        Err(why) => return Some(Verdict::Unknown(why)),
    };
    let (reason, who, text) = match stands {
        Stands::InReview { can_ask: true } => (
            Reason::UnderReview,
            Person::Wechat,
            Text::new(
                format!("名称「{name}」正在审核"),
                format!("WeChat reviews the name `{name}`"),
            ),
        ),
        Stands::InReview { can_ask: false } if same => (
            Reason::UnderReview,
            Person::Wechat,
            Text::new(
                format!(
                    "名称「{name}」已提交，微信没有给出可查询的审核单号：结果以微信的推送或生效的名称为准。若已被驳回而未收到推送，请执行：{}",
                    differs(view)
                ),
                format!(
                    "the name `{name}` was handed in, and WeChat gave no id to ask about it by: its push, or the name itself, \
                     tells the end. Where it was rejected and no push came: {}",
                    differs(view)
                ),
            ),
        ),
        Stands::Refused(reason) if call == Some(&last.done.call) => {
            return Some(Verdict::Waiting(rejected(name, reason)));
        }
        Stands::Approved if same => (
            Reason::NotShown,
            Person::Operator,
            Text::new(
                format!(
                    "名称「{name}」已通过审核，但查询到的仍是另一个名称，因此不会再次提交；请在公众平台核对，若确未生效，请执行：{}",
                    differs(view)
                ),
                format!(
                    "WeChat approved the name `{name}` and shows another one, so it is not handed in again: look in WeChat's \
                     console; where it really is not in force: {}",
                    differs(view)
                ),
            ),
        ),
        // Where another name may be under review and nothing tells, WeChat itself refuses this one (91003).
        Stands::InReview { can_ask: false }
        | Stands::Refused(_)
        | Stands::Approved
        | Stands::Over => return None,
    };
    Some(Verdict::Waiting(Waiting::new(reason, who, text)))
}

/// The command by which a person says that nothing came of the last request.
fn differs(view: &View<'_>) -> String {
    let item = view.at.whose.item().unwrap_or_default();
    let tenant = view.tenant;
    format!("wxops op assume {tenant}:{item} nickname --differs")
}

/// The wait where no name is left. Of an organisation that has released, WeChat shows the count as used up, whatever was
/// used: nothing tells which of the two it is, so no count is said.
fn used_up(info: &BasicInfo, view: &View<'_>) -> Option<Waiting> {
    let changes = info.nickname_info.as_ref()?.changes();
    if changes.left() != 0 {
        return None;
    }
    let (zh, en) = (
        "它今年的改名次数已用完，1 月 1 日重新计数",
        "its names of this year are used up, until 1 January",
    );
    if info.principal_kind() == Some(PrincipalKind::Person) {
        let mut waiting = Waiting::new(Reason::QuotaUsedUp, Person::Nobody, Text::new(zh, en));
        waiting.until = Some(Period::Year.around(view.now).1);
        return Some(waiting);
    }
    Some(Waiting::new(
        Reason::QuotaUsedUp,
        Person::AppAdmin,
        Text::new(
            format!(
                "微信没有说明是哪一种：{zh}；或者它已发布，非个人主体的小程序发布之后只能通过微信认证改名（91002）"
            ),
            format!(
                "{en}, or it was released: WeChat lets a released organisation's mini-program rename only through \
                 verification (微信认证); WeChat does not say which (91002)"
            ),
        ),
    ))
}

/// Whether WeChat refused this very request for good: it is not sent, so its name need not be checked either.
fn refused_before(call: &Call, view: &View<'_>) -> bool {
    let record = view.records.get(&view.address(Nickname::NAME));
    let rejected = record.and_then(|record| record.rejected.as_ref());
    rejected
        .is_some_and(|rejected| rejected.payload == refusal::payload(std::slice::from_ref(call)))
}

/// What WeChat says of the name before it is asked for: a note for the step, or why there is none.
fn checked(spec: &NicknameSpec, view: &View<'_>) -> Result<Result<Option<Text>, Verdict>, Call> {
    let check = nickname::check_request(view.account(), spec.name());
    let answer = view.seen.get(&check);
    Ok(match answer {
        None => return Err(check),
        Some(Answer::Refused(error)) if error.class == ErrorClass::Invalid => {
            Err(Verdict::Waiting(not_taken(spec.name(), error)))
        }
        Some(Answer::Refused(error)) if error.class == ErrorClass::Throttled => {
            Err(Verdict::Waiting(Waiting::new(
                Reason::QuotaUsedUp,
                Person::Nobody,
                Text::new(
                    format!("名称检测过于频繁（{}），下次运行会再检测", error.errcode),
                    format!(
                        "WeChat was asked about names too often ({}); the next run asks again",
                        error.errcode
                    ),
                ),
            )))
        }
        answer => match payload::<Checked>(&nickname::CHECK, answer) {
            Err(why) => Err(Verdict::Unknown(why)),
            Ok(Checked {
                hit_condition: false,
                ..
            }) => Ok(None),
            Ok(Checked { wording, .. }) => {
                let said = wording.unwrap_or_default();
                if spec.materials() == 0 {
                    Err(Verdict::Waiting(needs_proof(spec.name(), &said)))
                } else {
                    Ok(Some(Text::new(
                        format!("名称命中关键字，附证明材料提交：{said}"),
                        format!("the name has a keyword in it, and goes with its material: {said}"),
                    )))
                }
            }
        },
    })
}

/// It was never handed in, so nothing of it was refused before. WeChat is asked again once what it said is a day old.
fn not_taken(name: &str, error: &ApiError) -> Waiting {
    let ApiError {
        errcode, zh, en, ..
    } = error;
    Waiting::new(
        Reason::NameNotTaken,
        Person::Operator,
        Text::new(
            format!(
                "微信不接受名称「{name}」：{zh}（{errcode}）。请换一个名称；不换的话，一天后会再次检测"
            ),
            format!(
                "WeChat does not take the name `{name}`: {en} ({errcode}); choose another. The same is checked again after \
                 a day"
            ),
        ),
    )
}

fn needs_proof(name: &str, said: &str) -> Waiting {
    Waiting::new(
        Reason::DocumentsMissing,
        Person::Operator,
        Text::new(
            format!(
                "名称「{name}」命中关键字，须附证明材料（{said}）：请在配置的 nickname.otherMaterials 中写明图片"
            ),
            format!(
                "the name `{name}` has a keyword in it, so WeChat wants proof ({said}): name pictures in \
                 `nickname.otherMaterials` of the manifest"
            ),
        ),
    )
}
