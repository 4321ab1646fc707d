//! The name (小程序名称): checking one, asking for it, and what came of that.
//!
//! developers.weixin.qq.com: 第三方平台 / 基础信息管理. A name is reviewed or set at once; an answer with an audit id is
//! the former. The event `wxa_nickname_audit` says what came of it, and so does a query by that id.

use serde_json::{Value, json};

use super::budget::Allowance;
use super::names::NameTrouble;
use super::own::{own, own_mut};
use super::review::Reviewed;
use super::state::Reserved;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::media::NoMedia;
use crate::simulator::quota;
use crate::simulator::switches::{CountsAt, NameReview};

/// What an escaped body gets from `setnickname`, as any name that is none does.
pub(in crate::simulator) const INVALID: i64 = 91004;
/// Where checks of names are counted.
const CHECK: &str = "/cgi-bin/wxverify/checkwxverifynickname#minute";
/// Further material, one media id each.
const OTHER_STUFF: [&str; 5] = [
    "naming_other_stuff_1",
    "naming_other_stuff_2",
    "naming_other_stuff_3",
    "naming_other_stuff_4",
    "naming_other_stuff_5",
];

/// `checkwxverifynickname`
pub(in crate::simulator) fn check(call: &mut Call<'_>) -> Outcome {
    let app_id = call.account.clone();
    let limit = call.state.switches.name_checks_a_minute;
    let counter = quota::minute_counter(call.state, &app_id, CHECK, call.now);
    if counter.used >= limit {
        return refuse(53011);
    }
    counter.used += 1;
    let Some(name) = call.text("nick_name") else {
        return refuse(53010);
    };
    let trouble = call.state.name_trouble(own(call)?, name);
    if let Some(code) = trouble.and_then(NameTrouble::checked) {
        return refuse(code);
    }
    let wording = match trouble {
        Some(_) => "名称命中关键字，请上传证明材料",
        None => "",
    };
    let mut answer = ok();
    answer.insert("hit_condition".to_owned(), json!(trouble.is_some()));
    answer.insert("wording".to_owned(), json!(wording));
    Ok(answer)
}

/// `setnickname`
pub(in crate::simulator) fn set(call: &mut Call<'_>) -> Outcome {
    let Some(name) = call.text("nick_name").map(str::to_owned) else {
        return refuse(INVALID);
    };
    may_be_renamed(call)?;
    let trouble = call.state.name_trouble(own(call)?, &name);
    let proven = OTHER_STUFF.iter().any(|stuff| call.text(stuff).is_some());
    match trouble {
        Some(NameTrouble::Reserved(Reserved::Proof)) if proven => {}
        Some(trouble) => return refuse(trouble.set()),
        None => {}
    }
    check_material(call)?;
    let (now, switches) = (call.now, call.state.switches.clone());
    let (app_id, review) = (call.account.clone(), switches.name_review);
    let account = own_mut(call)?;
    let at_once = review != NameReview::Audited;
    if at_once {
        account.nick_name.clone_from(&name);
    }
    if at_once || switches.name_counts_at == CountsAt::Submission {
        account.spend(Allowance::Name, 1, now, &switches);
    }
    let mut answer = ok();
    answer.insert("wording".to_owned(), json!(""));
    let audit_id = match review {
        NameReview::Audited => Some(call.state.hand_in(&app_id, Reviewed::Name(name), now)),
        NameReview::AtOnceWithZero => Some(0),
        NameReview::AtOnce => None,
    };
    if let Some(audit_id) = audit_id {
        answer.insert("audit_id".to_owned(), json!(audit_id));
    }
    call.effect = true;
    Ok(answer)
}

/// `api_wxa_querynickname`
pub(in crate::simulator) fn query(call: &mut Call<'_>) -> Outcome {
    let asked = match call.body.get("audit_id") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let audit = asked.and_then(|audit_id| call.state.audits.get(&audit_id));
    let Some(audit) = audit.filter(|audit| audit.account == call.account) else {
        return refuse(91011);
    };
    let Reviewed::Name(name) = &audit.of else {
        return refuse(91011);
    };
    let status = audit.settled_at.map_or(1, |_| audit.outcome.number());
    let audit_time = audit.settled_at.map_or(0, |at| at.as_second());
    let reason = audit.settled_at.map_or("", |_| audit.reason.as_str());
    let mut answer = ok();
    for (field, value) in [
        ("nickname", json!(name)),
        ("audit_stat", json!(status)),
        ("fail_reason", json!(reason)),
        ("create_time", json!(audit.submitted_at.as_second())),
        ("audit_time", json!(audit_time)),
    ] {
        answer.insert(field.to_owned(), value);
    }
    Ok(answer)
}

/// Who made it, whether it is online, what is under review, and how often it was renamed.
fn may_be_renamed(call: &Call<'_>) -> Result<(), Refusal> {
    let (state, account) = (&call.state, own(call)?);
    let switches = &state.switches;
    let is_organisation = account.basic_info.principal_type != 0;
    if !account.is_api_registered() {
        return refuse(91001);
    }
    if account.mini_program.released {
        let cleared = is_organisation && account.nick_name.is_empty();
        return refuse(if cleared { 91018 } else { 91002 });
    }
    if account.mini_program.code_under_review {
        return refuse(91019);
    }
    if state.is_name_under_review(account) {
        return refuse(switches.name_under_review);
    }
    if !account.affords(Allowance::Name, 1, call.now, switches) {
        return refuse(switches.names_used_up);
    }
    Ok(())
}

/// An organisation shows its licence, a person an identity card; whatever is sent along has to be there.
fn check_material(call: &Call<'_>) -> Result<(), Refusal> {
    let needed = match own(call)?.basic_info.principal_type {
        0 => "id_card",
        _ => "license",
    };
    if call.text(needed).is_none() {
        return refuse(91009);
    }
    let sent = OTHER_STUFF.into_iter().chain(["id_card", "license"]);
    for media_id in sent.filter_map(|field| call.text(field)) {
        let found = call.state.picture_of(&call.account, media_id, call.now);
        found.map_err(|why| match why {
            NoMedia::Invalid => Refusal(40007),
            NoMedia::Gone => Refusal(call.state.switches.stale_name_material),
        })?;
    }
    Ok(())
}
