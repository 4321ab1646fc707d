//! What every call passes before its handler: token, caller's address, method, body, permission, quota.
//!
//! The order is WeChat's: who are you, may you come in from there, is this a request at all, may you ask for
//! this, have you asked too often.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answer::{Fields, Refusal, refuse};
use super::credential::{self, AccessToken};
use super::endpoint::{EITHER_NAME, Endpoint, Method, Token};
use super::grant;
use super::host::Fetched;
use super::multipart::{self, Part};
use super::quota;
use super::state::State;

/// A request as it came over the wire.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) content_type: String,
    /// Host and port, as the caller knows them.
    pub(super) host: String,
    pub(super) body: Bytes,
    pub(super) peer: IpAddr,
    /// What was found behind proxies, for an API that looks for files.
    pub(super) fetched: Fetched,
}

impl Request {
    /// The token, under one of these names.
    fn token(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.query.get(*name))
            .map(String::as_str)
            .filter(|token| !token.is_empty())
    }
}

/// A caller that was let in.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    pub(super) platform: String,
    pub(super) account: String,
    pub(super) body: Fields,
    pub(super) parts: Vec<Part>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) fetched: Fetched,
    pub(super) host: String,
}

/// Lets a call in, counting it, or refuses it.
pub(super) fn admit(
    endpoint: &Endpoint,
    state: &mut State,
    now: Timestamp,
    request: &Request,
) -> Result<Admitted, Refusal> {
    let mut admitted = Admitted {
        query: request.query.clone(),
        fetched: request.fetched.clone(),
        host: request.host.clone(),
        ..Admitted::default()
    };
    if endpoint.token != Token::None {
        let token = live_token(endpoint, state, now, request)?;
        admitted.platform = token.platform.clone();
        admitted.account = token.account.clone().unwrap_or_default();
        address(state, &admitted.platform, request.peer)?;
    }
    method(endpoint, request.method)?;
    if endpoint.form {
        admitted.parts = multipart::parts(&request.content_type, &request.body);
    } else if request.method == Method::Post && !(endpoint.bodiless && request.body.is_empty()) {
        admitted.body = body(&request.body, endpoint, state.switches.escaped_body)?;
    }
    if endpoint.token == Token::None {
        admitted.platform = named_platform(state, &admitted.body)?;
        address(state, &admitted.platform, request.peer)?;
    }
    permission(endpoint, state, &admitted)?;
    let charged = match admitted.account.as_str() {
        "" => &admitted.platform,
        account => account,
    };
    quota::charge(state, now, charged, endpoint)?;
    Ok(admitted)
}

/// Whom a call is about, as well as can be told before it is let in: for the call log and for faults.
pub(super) fn subject(state: &State, request: &Request) -> String {
    let from_token = request
        .token(EITHER_NAME)
        .and_then(|token| state.credentials.access_tokens.get(token));
    if let Some(account) = from_token.and_then(|token| token.account.clone()) {
        return account;
    }
    let body: Fields = serde_json::from_slice(&request.body).unwrap_or_default();
    ["authorizer_appid", "appid", "component_appid"]
        .into_iter()
        .find_map(|key| body.get(key).and_then(Value::as_str))
        .or(from_token.map(|token| token.platform.as_str()))
        .unwrap_or_default()
        .to_owned()
}

fn live_token<'a>(
    endpoint: &Endpoint,
    state: &'a State,
    now: Timestamp,
    request: &Request,
) -> Result<&'a AccessToken, Refusal> {
    let Some(text) = request.token(endpoint.token_names(state.switches.strict_token_name)) else {
        return refuse(41001);
    };
    let Some(token) = state.credentials.access_tokens.get(text) else {
        let known_shape = credential::looks_like_access_token(text);
        return refuse(if known_shape { 40001 } else { 40014 });
    };
    match (endpoint.token, &token.account) {
        (Token::Component, Some(_)) => return refuse(61014),
        (Token::Authorizer, None) => return refuse(61015),
        _ => {}
    }
    alive(state, now, token)?;
    Ok(token)
}

/// Cancelled, superseded and outlived tokens each have their own answer.
fn alive(state: &State, now: Timestamp, token: &AccessToken) -> Result<(), Refusal> {
    let switches = &state.switches;
    if token.cancelled {
        return refuse(switches.cancelled_aat);
    }
    let overlap = match token.account {
        Some(_) => Some(SignedDuration::from_secs(
            switches.aat_overlap_seconds.into(),
        )),
        None if switches.only_newest_component_token => Some(SignedDuration::ZERO),
        None => None,
    };
    if let (Some(superseded_at), Some(overlap)) = (token.superseded_at, overlap)
        && credential::after(superseded_at, overlap) <= now
    {
        return refuse(40001);
    }
    if token.expires_at <= now {
        return refuse(42001);
    }
    Ok(())
}

/// Calls that carry a secret instead of a token name their platform in the body.
fn named_platform(state: &State, body: &Fields) -> Result<String, Refusal> {
    match body.get("component_appid").and_then(Value::as_str) {
        None | Some("") => refuse(41018),
        Some(app_id) if state.platforms.contains_key(app_id) => Ok(app_id.to_owned()),
        Some(_) => refuse(40013),
    }
}

fn address(state: &State, platform: &str, peer: IpAddr) -> Result<(), Refusal> {
    let allowed = state
        .platforms
        .get(platform)
        .and_then(|platform| platform.ip_allow_list.as_ref())
        .is_none_or(|list| list.contains(&peer));
    if allowed { Ok(()) } else { refuse(61004) }
}

fn method(endpoint: &Endpoint, method: Method) -> Result<(), Refusal> {
    match (endpoint.method, method) {
        _ if endpoint.either_method => Ok(()),
        (Method::Get, Method::Post) => refuse(43001),
        (Method::Post, Method::Get) => refuse(43002),
        (Method::Get, Method::Get) | (Method::Post, Method::Post) => Ok(()),
    }
}

fn body(bytes: &[u8], endpoint: &Endpoint, escaped: i64) -> Result<Fields, Refusal> {
    if bytes.is_empty() {
        return refuse(44002);
    }
    if std::str::from_utf8(bytes).is_err() {
        return refuse(endpoint.garbled);
    }
    if escapes_unicode(bytes) {
        return refuse(endpoint.escaped.unwrap_or(escaped));
    }
    serde_json::from_slice(bytes).or(refuse(47001))
}

/// Whether the raw JSON holds a `\u` escape: WeChat wants UTF-8 as it is.
fn escapes_unicode(bytes: &[u8]) -> bool {
    let mut escaped = false;
    for byte in bytes {
        match byte {
            b'u' if escaped => return true,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    false
}

/// 61007 when the owner did not grant the set, 48001 when the account itself is not entitled.
fn permission(endpoint: &Endpoint, state: &State, caller: &Admitted) -> Result<(), Refusal> {
    if caller.account.is_empty() {
        return Ok(());
    }
    let Some(authorization) = state.authorization(&caller.platform, &caller.account) else {
        return refuse(61003);
    };
    let Some(account) = state.accounts.get(&caller.account) else {
        return refuse(61003);
    };
    if account.is_out_of_use() {
        return refuse(50002);
    }
    // What this kind of account could never grant it has no right to, rather than no permission.
    let grantable = |set: &u32| grant::suits(account, *set);
    if !endpoint.sets.is_empty() && !endpoint.sets.iter().any(grantable) {
        return refuse(endpoint.foreign_kind);
    }
    let has = |set: &u32| authorization.permission_sets.contains(set);
    let granted = match state.switches.permission_sets.get(endpoint.path) {
        Some(sets) => sets.iter().any(has),
        None => endpoint.sets.is_empty() || endpoint.sets.iter().any(has),
    };
    if !granted {
        return refuse(61007);
    }
    if !(endpoint.entitled)(account) {
        return refuse(48001);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::endpoints;
    use super::*;

    #[test]
    fn only_real_escapes_are_refused() {
        assert!(escapes_unicode(br#"{"name":"\u83dc"}"#));
        assert!(escapes_unicode(br#"{"name":"\\\u83dc"}"#));
        assert!(!escapes_unicode(br#"{"name":"C:\\users"}"#));
        assert!(!escapes_unicode(r#"{"name":"菜单","x":"\n"}"#.as_bytes()));
    }

    #[test]
    fn a_body_is_an_object() {
        let menu = endpoints::find("/cgi-bin/menu/create").unwrap();
        assert_eq!(body(b"", menu, 40033).unwrap_err(), Refusal(44002));
        assert_eq!(body(b"[]", menu, 40033).unwrap_err(), Refusal(47001));
        assert_eq!(body(b"{", menu, 40033).unwrap_err(), Refusal(47001));
        let latin = b"{\"name\": \"caf\xe9\"}";
        assert_eq!(body(latin, menu, 40033).unwrap_err(), Refusal(65318));
        assert!(body(b"{}", menu, 40033).unwrap().is_empty());
    }
}
