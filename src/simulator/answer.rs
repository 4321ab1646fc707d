//! What WeChat answers: refusals with their code, text and `rid`, and the odd types of its successes.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::odd_answer::Bytes;
use super::switches::Switches;

/// A JSON object on its way out.
pub(super) type Fields = Map<String, Value>;

/// An answer of bytes: a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) content_type: &'static str,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A refused call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) i64);

/// What a handler makes of a call.
pub(super) type Outcome = Result<Fields, Refusal>;

/// `Err(Refusal(code))`, to read like a sentence: `return refuse(40013)`.
pub(super) fn refuse<T>(code: i64) -> Result<T, Refusal> {
    Err(Refusal(code))
}

/// `{"errcode":0,"errmsg":"ok"}`
pub(super) fn ok() -> Fields {
    fields([("errcode", Value::from(0)), ("errmsg", Value::from("ok"))])
}

/// An object of these fields.
pub(super) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// `64f69b23-60f73830-19f36488`
pub(super) fn new_rid() -> String {
    let part = || rand::random::<u32>();
    format!("{:08x}-{:08x}-{:08x}", part(), part(), part())
}

/// The body of a refusal: English text and the request id. Two codes tell the caller's address as well.
pub(super) fn refusal_fields(code: i64, rid: &str, peer: IpAddr, words: Option<&str>) -> Fields {
    let usual = errmsg(code);
    let text = match (words, code) {
        (Some(words), _) => words.to_owned(),
        (None, 61004) => format!("{usual} requestIP: {peer}"),
        (None, 40164) => format!("invalid ip {peer} ipv6 ::ffff:{peer}, not in whitelist"),
        (None, _) => usual.to_owned(),
    };
    let text = format!("{text} rid: {rid}");
    fields([
        ("errcode", Value::from(code)),
        ("errmsg", Value::from(text)),
    ])
}

/// A success as the switches say it is sent.
pub(super) fn dress(mut success: Fields, switches: &Switches) -> Fields {
    if switches.unknown_fields {
        success.insert("reserved_ext".to_owned(), Value::from("x"));
    }
    if !switches.numbers_as_strings {
        return success;
    }
    success
        .into_iter()
        .map(|(key, value)| match key.as_str() {
            "errcode" => (key, value),
            _ => (key, numbers_as_strings(value)),
        })
        .collect()
}

fn numbers_as_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => items.into_iter().map(numbers_as_strings).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, numbers_as_strings(value)))
            .collect(),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

/// WeChat says HTTP 200 whatever happened, and writes `encoding` where others write `charset`.
pub(super) fn respond(bytes: Bytes) -> Response<Body> {
    const JSON: &str = "application/json; encoding=utf-8";
    const PAUSE: Duration = Duration::from_millis(20);
    let content_type = bytes.file.as_ref().map_or(JSON, |file| file.0);
    let name = bytes.file.as_ref().map(|file| file.1.clone());
    let Some(announced) = bytes.announced else {
        let response = raw(StatusCode::OK, content_type, bytes.sent.into());
        return with_name(response, name.as_deref());
    };
    let half = stream::once(async { Ok(bytes.sent) });
    // What is ready at once is not sent when an error comes at once as well.
    let cut = stream::once(async {
        tokio::time::sleep(PAUSE).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let parts = half.chain(cut);
    let response = raw(StatusCode::OK, content_type, Body::from_stream(parts));
    let mut response = with_name(response, name.as_deref());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
    response
}

/// Under which name a file is to be saved.
fn with_name(mut response: Response<Body>, name: Option<&str>) -> Response<Body> {
    let named = name.map(|name| format!("attachment; filename=\"{name}\""));
    if let Some(value) = named.and_then(|named| HeaderValue::from_str(&named).ok()) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// What a broken gateway in between answers.
pub(super) fn bad_gateway() -> Response<Body> {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    raw(StatusCode::BAD_GATEWAY, "text/html", page.into())
}

/// HTTP 200 with a body that is not JSON.
pub(super) fn not_json() -> Response<Body> {
    raw(StatusCode::OK, "text/html", "<html>busy</html>".into())
}

fn raw(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// WeChat's English text for a code.
fn errmsg(code: i64) -> &'static str {
    match code {
        40001 => "invalid credential, access_token is invalid or not latest",
        40003 => "invalid openid",
        40004 => "invalid media type",
        40005 => "invalid file type",
        40006 => "invalid meida size",
        40007 => "invalid media_id",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40015 => "invalid menu type",
        40016 => "invalid button size",
        40017 => "invalid button type",
        40018 => "invalid button name size",
        40019 => "invalid button key size",
        40020 => "invalid button url size",
        40022 => "invalid sub menu level",
        40023 => "invalid sub button size",
        40024 => "invalid sub button type",
        40025 => "invalid sub button name size",
        40026 => "invalid sub button key size",
        40027 => "invalid sub button url size",
        40031 => "invalid openid list",
        40033 => "invalid charset. please check your request, if include \\uxxxx will create fail!",
        40037 => "invalid template_id",
        40054 => "invalid sub button url domain",
        40055 => "invalid button url domain",
        40066 => "invalid url",
        40097 => "invalid args",
        40102 => "invalid industry id",
        40119 => "invalid use button type",
        40120 => "invalid use sub button type",
        40125 => "invalid appsecret",
        40246 => "keyword name invalid",
        41001 => "access_token missing",
        41002 => "appid missing",
        41003 => "refresh_token missing",
        41004 => "appsecret missing",
        41005 => "media data missing",
        41006 => "media_id missing",
        41009 => "missing openid",
        41018 => "missing component_appid",
        41020 => "missing platform_ticket",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        43100 => "change template too frequently",
        43106 => "not allow to add template, for punishment",
        44002 => "empty post data",
        45009 => "reach max api daily quota limit",
        45010 => "create menu limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        45026 => "template num exceeds limit",
        45027 => "template conflict with industry",
        45064 => "no permission to use weapp in menu",
        46003 => "menu no exist",
        47001 => "data format error",
        48001 => "api unauthorized",
        48006 => "forbid to clear quota because of reaching the limit",
        50002 => "user limited",
        53200 => "modify signature quota limit exceed",
        53201 => "signature in black list, can not use",
        53203 => "can't be modified for the time being",
        53204 => "signature invalid",
        61003 => "component is not authorized by this account",
        61004 => "access clientip is not registered",
        61005 => "component ticket is expired",
        61006 => "component ticket is invalid",
        61007 => "api is unauthorized to component",
        61009 => "code is invalid",
        61010 => "code is expired",
        61012 => "invalid option name",
        61013 => "invalid option value",
        61014 => "must use component token for component api",
        61015 => "must use biz account token for not component api",
        61023 => "refresh_token is invalid",
        65301 => "no menuid matched",
        65302 => "no such user",
        65303 => "there is no selfmenu, please create selfmenu first",
        65304 => "match rule empty",
        65305 => "menu count limit",
        65308 => "exist empty button act",
        65315 => "not fans",
        65316 => "domain count reach limit",
        65317 => "contain invalid url",
        65318 => "must use utf-8 charset",
        65320 => "privacy match rule is not supported",
        76001 => "rid not found",
        76003 => "cgi_path not found or no permission",
        76021 => "cgi_path not found, please check",
        85005 => "appid not bind weapp",
        89000 => "account has bound open",
        89001 => "not same contractor",
        89002 => "open not exists",
        89003 => "open is not created by api",
        89004 => "number of sub-accounts bound reaches limit",
        89010 => "link message has sent",
        89013 => "wxa is banned",
        89015 => "has linked wxa",
        89016 => "reach same realname quota",
        89017 => "reach different realname quota",
        89036 => "open is not created by api or not verified",
        _ => "system error",
    }
}
