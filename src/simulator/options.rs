//! Options of an account (选项信息): `get_authorizer_option`, `set_authorizer_option`, and their legacy paths.
//!
//! developers.weixin.qq.com names the component token for them, yet the current body names no account; so either
//! token is taken, and a component token has to come with `authorizer_appid` (40013).

use serde_json::Value;

use super::account::Account;
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::endpoint::Call;

/// Options and the values they take.
const OPTIONS: &[(&str, &[&str])] = &[
    ("location_report", &["0", "1", "2"]),
    ("voice_recognize", &["0", "1"]),
    ("customer_service", &["0", "1"]),
];

/// Answers `{"option_name", "option_value"}`, and the account where a component token asked.
pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let (name, _) = option(call)?;
    let account = account(call)?;
    let value = account.options.get(name).map_or("0", String::as_str);
    let mut answer = fields([
        ("option_name", Value::from(name)),
        ("option_value", Value::from(value)),
    ]);
    if call.account.is_empty() {
        let app_id = Value::from(account.app_id.as_str());
        answer.insert("authorizer_appid".to_owned(), app_id);
    }
    Ok(answer)
}

/// Takes the value as text only.
pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let (name, values) = option(call)?;
    let app_id = account(call)?.app_id.clone();
    if call.state.switches.read_only_options.contains(name) {
        return refuse(61025);
    }
    let value = match call.text("option_value") {
        Some(value) if values.contains(&value) => value.to_owned(),
        Some(_) | None => return refuse(61013),
    };
    if let Some(account) = call.state.accounts.get_mut(&app_id) {
        account.options.insert(name.to_owned(), value);
    }
    call.effect = true;
    Ok(ok())
}

fn option(call: &Call<'_>) -> Result<(&'static str, &'static [&'static str]), Refusal> {
    let asked = call.text("option_name").unwrap_or_default();
    OPTIONS
        .iter()
        .find(|(name, _)| *name == asked)
        .copied()
        .ok_or(Refusal(61012))
}

fn account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    let app_id = match call.account.as_str() {
        "" => call.text("authorizer_appid").ok_or(Refusal(40013))?,
        account => account,
    };
    if call.state.authorization(&call.platform, app_id).is_none() {
        return refuse(61003);
    }
    call.state.accounts.get(app_id).ok_or(Refusal(61003))
}
