//! Tickets, component tokens, pre-authorization codes and authorizer tokens (`/cgi-bin/component/api_…`).
//!
//! developers.weixin.qq.com: 第三方平台 / 授权相关接口. Successful answers of this family carry no errcode.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::{Outcome, fields, ok, refuse};
use super::authorizer::func_info;
use super::credential::{self, AccessToken, AuthorizationCode, PreAuthCode, after};
use super::endpoint::Call;
use super::state::{ReplacedToken, State};

/// `api_start_push_ticket`. Its secret is called `component_secret`, unlike everywhere else.
pub(super) fn start_push_ticket(call: &mut Call<'_>) -> Outcome {
    let secret = call.text("component_secret").map(str::to_owned);
    let now = call.now;
    let Some(platform) = call.state.platforms.get_mut(&call.platform) else {
        return refuse(40013);
    };
    match secret {
        None => return refuse(41004),
        Some(secret) if secret != platform.app_secret => return refuse(40125),
        Some(_) => {}
    }
    if platform.push_tickets {
        let mut normal = ok();
        normal.insert("errmsg".to_owned(), Value::from("in a normal state"));
        return Ok(normal);
    }
    platform.push_tickets = true;
    platform.failed_pushes = 0;
    platform.next_ticket_at = Some(now);
    call.effect = true;
    Ok(ok())
}

/// `api_component_token`: a ticket and the secret for a component access token.
pub(super) fn component_token(call: &mut Call<'_>) -> Outcome {
    let Some(platform) = call.state.platforms.get(&call.platform) else {
        return refuse(40013);
    };
    match call.text("component_appsecret") {
        None => return refuse(41004),
        Some(secret) if secret != platform.app_secret => return refuse(40125),
        Some(_) => {}
    }
    let Some(ticket) = call.text("component_verify_ticket") else {
        return refuse(41020);
    };
    match call.state.credentials.tickets.get(ticket) {
        Some(ticket) if ticket.platform != call.platform => return refuse(61006),
        None => return refuse(61006),
        Some(ticket) if after(ticket.issued_at, credential::TICKET_LIFE) <= call.now => {
            return refuse(61005);
        }
        Some(_) => {}
    }
    let token = issue_access_token(call.state, call.now, &call.platform, None);
    call.effect = true;
    Ok(fields([
        ("component_access_token", Value::from(token)),
        ("expires_in", seconds(credential::TOKEN_LIFE)),
    ]))
}

/// `api_create_preauthcode`
pub(super) fn create_pre_auth_code(call: &mut Call<'_>) -> Outcome {
    call.own_platform()?;
    let life = SignedDuration::from_secs(call.state.switches.pre_auth_code_seconds.into());
    let code = issue_pre_auth_code(call.state, call.now, &call.platform, life);
    call.effect = true;
    Ok(fields([
        ("pre_auth_code", Value::from(code)),
        ("expires_in", seconds(life)),
    ]))
}

/// `api_query_auth`: exchanges an authorization code, once.
pub(super) fn query_auth(call: &mut Call<'_>) -> Outcome {
    call.own_platform()?;
    let Some(code) = call.text("authorization_code").map(str::to_owned) else {
        return refuse(61009);
    };
    let reused = call.state.switches.reused_auth_code;
    let account = match call.state.credentials.authorization_codes.get_mut(&code) {
        Some(code) if code.platform == call.platform => {
            if code.used {
                return refuse(reused);
            }
            if code.expires_at <= call.now {
                return refuse(61010);
            }
            code.used = true;
            code.account.clone()
        }
        _ => return refuse(61009),
    };
    call.effect = true;
    let key = (call.platform.clone(), account.clone());
    let Some(authorization) = call.state.authorizations.get_mut(&key) else {
        return refuse(61003);
    };
    authorization.unexchanged = false;
    let authorization = authorization.clone();
    let token = issue_access_token(call.state, call.now, &call.platform, Some(&account));
    Ok(fields([(
        "authorization_info",
        json!({
            "authorizer_appid": account,
            "authorizer_access_token": token,
            "expires_in": seconds(credential::TOKEN_LIFE),
            "authorizer_refresh_token": authorization.refresh_token,
            "func_info": func_info(&authorization),
        }),
    )]))
}

/// `api_authorizer_token`: a refresh token for an authorizer access token.
pub(super) fn authorizer_token(call: &mut Call<'_>) -> Outcome {
    call.own_platform()?;
    let Some(account) = call.text("authorizer_appid").map(str::to_owned) else {
        return refuse(41002);
    };
    let Some(refresh) = call.text("authorizer_refresh_token").map(str::to_owned) else {
        return refuse(41003);
    };
    let (now, switches) = (call.now, call.state.switches.clone());
    let key = (call.platform.clone(), account.clone());
    let Some(authorization) = call.state.authorizations.get_mut(&key) else {
        return refuse(61003);
    };
    let grace = SignedDuration::from_secs(switches.refresh_token_grace_seconds.into());
    let in_grace = authorization
        .previous_refresh_token
        .as_ref()
        .is_some_and(|old| old.value == refresh && now < after(old.replaced_at, grace));
    if authorization.refresh_token != refresh && !in_grace {
        return refuse(61023);
    }
    if switches.rotate_refresh_token_on_use {
        let fresh = credential::new_refresh_token();
        authorization.previous_refresh_token = Some(ReplacedToken {
            value: std::mem::replace(&mut authorization.refresh_token, fresh),
            replaced_at: now,
        });
    }
    let refresh = authorization.refresh_token.clone();
    let token = issue_access_token(call.state, now, &call.platform, Some(&account));
    call.effect = true;
    Ok(fields([
        ("authorizer_access_token", Value::from(token)),
        ("expires_in", seconds(credential::TOKEN_LIFE)),
        ("authorizer_refresh_token", Value::from(refresh)),
    ]))
}

/// Makes an access token; the ones before it are superseded, the long dead ones forgotten.
fn issue_access_token(
    state: &mut State,
    now: Timestamp,
    platform: &str,
    account: Option<&str>,
) -> String {
    let tokens = &mut state.credentials.access_tokens;
    tokens.retain(|_, token| !credential::forgettable(token.expires_at, now));
    for token in tokens.values_mut() {
        if token.platform == platform && token.account.as_deref() == account {
            token.superseded_at.get_or_insert(now);
        }
    }
    let value = credential::new_access_token();
    let token = AccessToken {
        value: value.clone(),
        platform: platform.to_owned(),
        account: account.map(str::to_owned),
        expires_at: after(now, credential::TOKEN_LIFE),
        superseded_at: None,
        cancelled: false,
    };
    tokens.insert(value.clone(), token);
    value
}

/// Makes a pre-authorization code.
pub(super) fn issue_pre_auth_code(
    state: &mut State,
    now: Timestamp,
    platform: &str,
    life: SignedDuration,
) -> String {
    let codes = &mut state.credentials.pre_auth_codes;
    codes.retain(|_, code| !credential::forgettable(code.expires_at, now));
    let value = credential::new_pre_auth_code();
    let code = PreAuthCode {
        value: value.clone(),
        platform: platform.to_owned(),
        expires_at: after(now, life),
        used: false,
    };
    codes.insert(value.clone(), code);
    value
}

/// Makes an authorization code for an account whose owner has just confirmed.
pub(super) fn issue_authorization_code(
    state: &mut State,
    now: Timestamp,
    platform: &str,
    account: &str,
) -> String {
    let codes = &mut state.credentials.authorization_codes;
    codes.retain(|_, code| !credential::forgettable(code.expires_at, now));
    let value = credential::new_authorization_code();
    let code = AuthorizationCode {
        value: value.clone(),
        platform: platform.to_owned(),
        account: account.to_owned(),
        expires_at: after(now, credential::CODE_LIFE),
        used: false,
    };
    codes.insert(value.clone(), code);
    value
}

fn seconds(span: SignedDuration) -> Value {
    Value::from(span.as_secs())
}
