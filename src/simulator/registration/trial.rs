//! Trial accounts (试用小程序): making one, calling it something else, and making it a proper one.
//!
//! developers.weixin.qq.com: 第三方平台 / 注册试用小程序 and 试用小程序快速认证. Where the pages name no code for a name that
//! cannot be had, the codes are those of other names.

use serde_json::{Map, Value, json};

use super::enterprise::{check_code, text, texts};
use super::task_state::{RegistrationTask, TaskOf};
use super::{notice, people};
use crate::simulator::account::{Account, Kind};
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;

/// What every such name ends with.
const SUFFIX: &str = "的体验小程序";

/// `fastregisterbetaweapp`
pub(super) fn register(call: &mut Call<'_>) -> Outcome {
    let Some(openid) = call.text("openid").map(str::to_owned) else {
        return refuse(41009);
    };
    if !openid.starts_with('o') {
        return refuse(40003);
    }
    let name = bare_name(call).ok_or(Refusal(53010))?;
    let nobody = Account::new("", Kind::MiniProgram);
    if let Some(trouble) = call.state.name_trouble(&nobody, &name) {
        return refuse(trouble.checked().unwrap_or(53012));
    }
    let mut asked = Map::new();
    asked.insert("name".to_owned(), Value::from(format!("{name}{SUFFIX}")));
    asked.insert("openid".to_owned(), Value::from(openid));
    let task = notice::open(call, TaskOf::Trial, asked, true);
    let mut answer = ok();
    answer.insert("unique_id".to_owned(), json!(task.task_id));
    answer.insert("authorize_url".to_owned(), json!(notice::link(call, &task)));
    Ok(answer)
}

/// `setbetaweappnickname`
pub(super) fn rename(call: &mut Call<'_>) -> Outcome {
    let account = own(call)?;
    let name = bare_name(call).ok_or(Refusal(91004))?;
    if let Some(trouble) = call.state.name_trouble(account, &name) {
        return refuse(trouble.set());
    }
    if let Some(account) = call.state.accounts.get_mut(&call.account) {
        account.nick_name = format!("{name}{SUFFIX}");
    }
    call.effect = true;
    Ok(ok())
}

/// `verifybetaweapp`: the account becomes an enterprise's, once the legal person has agreed.
pub(super) fn verify(call: &mut Call<'_>) -> Outcome {
    own(call)?;
    let Some(info) = call.body.get("verify_info").and_then(Value::as_object) else {
        return refuse(89253);
    };
    // No page says on which level it stands.
    let by_link = notice::is_new(info) || notice::is_new(&call.body);
    if notice::is_in_force(call) && !by_link {
        return refuse(89253);
    }
    let asked = match by_link {
        true => new_form(call, info)?,
        false => old_form(call, info)?,
    };
    let own = |task: &RegistrationTask| task.account.as_ref() == Some(&call.account);
    let mut tasks = call.state.registrations.tasks.values();
    if tasks.any(|task| own(task) && task.is_running()) {
        return refuse(89249);
    }
    let task = notice::open(call, TaskOf::TrialVerification, asked, by_link);
    let mut answer = ok();
    if by_link {
        answer.insert("authorize_url".to_owned(), json!(notice::link(call, &task)));
    }
    Ok(answer)
}

fn new_form(call: &Call<'_>, info: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let asked = texts(info, &["enterprise_name", "code", "component_phone"])?;
    check_code(call, &text(&asked, "code"), 1)?;
    Ok(called_name(asked))
}

fn old_form(call: &Call<'_>, info: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let required = [
        "enterprise_name",
        "code",
        "legal_persona_wechat",
        "legal_persona_name",
        "legal_persona_idcard",
    ];
    let mut asked = texts(info, &required)?;
    let kind = info.get("code_type").ok_or(Refusal(89253))?.as_i64();
    let Some(kind @ 1..=3) = kind else {
        return refuse(89248);
    };
    check_code(call, &text(&asked, "code"), kind)?;
    let (wechat_id, name) = (
        text(&asked, "legal_persona_wechat"),
        text(&asked, "legal_persona_name"),
    );
    if !people::exists(call.state, &wechat_id) {
        return refuse(86004);
    }
    if !people::is_called(call.state, &wechat_id, &name) {
        return refuse(61070);
    }
    // The event does not tell it.
    asked.remove("legal_persona_idcard");
    asked.insert("code_type".to_owned(), Value::from(kind));
    let phone = info.get("component_phone").cloned();
    asked.insert("component_phone".to_owned(), phone.unwrap_or(json!("")));
    Ok(called_name(asked))
}

/// The event calls the enterprise's name `name`.
fn called_name(mut asked: Map<String, Value>) -> Map<String, Value> {
    if let Some(name) = asked.remove("enterprise_name") {
        asked.insert("name".to_owned(), name);
    }
    asked
}

/// The trial account whose token a call has.
fn own<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    let account = call.state.accounts.get(&call.account);
    let trial = account.filter(|account| account.is_trial());
    trial.ok_or(Refusal(48001))
}

/// `name` without the suffix, which it has whether it was sent or not.
fn bare_name(call: &Call<'_>) -> Option<String> {
    let name = call.text("name")?;
    Some(name.strip_suffix(SUFFIX).unwrap_or(name).to_owned())
}
