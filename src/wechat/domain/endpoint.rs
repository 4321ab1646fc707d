//! The endpoints of domains. Reading and writing share a path: the body's `action` tells them apart, the name here too.

use crate::wechat::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};

/// Changes of a month. Whether a read counts as one no page says, so what is stored is read from the effective lists first,
/// which are read by other endpoints.
const CHANGES: &[Quota] = &[Quota {
    limit: 50,
    period: Period::Month,
    scarce: true,
    payer: Payer::Account,
}];

const fn read(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint {
        name,
        path,
        method: Method::Post,
        class: CallClass::Read,
        token: TokenKind::Authorizer,
        sets: &[18],
        quotas: &[],
    }
}

/// Adding what is there and deleting what is not change nothing, but each request is one of a month.
const fn change(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint {
        class: CallClass::Put,
        quotas: CHANGES,
        ..read(name, path)
    }
}

const SERVER: &str = "/wxa/modify_domain";
const SERVER_DIRECTLY: &str = "/wxa/modify_domain_directly";
const WEBVIEW: &str = "/wxa/setwebviewdomain";
const WEBVIEW_DIRECTLY: &str = "/wxa/setwebviewdomain_directly";

/// `modifyServerDomain`, reading.
pub static GET: Endpoint = read("modify_domain get", SERVER);
/// `modifyServerDomain`, adding.
pub static ADD: Endpoint = change("modify_domain add", SERVER);
/// `modifyServerDomain`, deleting.
pub static DELETE: Endpoint = change("modify_domain delete", SERVER);

/// `modifyServerDomainDirectly`, reading.
pub static GET_DIRECTLY: Endpoint = read("modify_domain_directly get", SERVER_DIRECTLY);
/// `modifyServerDomainDirectly`, adding.
pub static ADD_DIRECTLY: Endpoint = change("modify_domain_directly add", SERVER_DIRECTLY);
/// `modifyServerDomainDirectly`, deleting.
pub static DELETE_DIRECTLY: Endpoint = change("modify_domain_directly delete", SERVER_DIRECTLY);

/// `modifyJumpDomain`, reading.
pub static WEBVIEW_GET: Endpoint = read("setwebviewdomain get", WEBVIEW);
/// `modifyJumpDomain`, adding.
pub static WEBVIEW_ADD: Endpoint = change("setwebviewdomain add", WEBVIEW);
/// `modifyJumpDomain`, deleting.
pub static WEBVIEW_DELETE: Endpoint = change("setwebviewdomain delete", WEBVIEW);

/// `modifyJumpDomainDirectly`, reading.
pub static WEBVIEW_GET_DIRECTLY: Endpoint = read("setwebviewdomain_directly get", WEBVIEW_DIRECTLY);
/// `modifyJumpDomainDirectly`: the whole list. It has no way to add or to delete one.
pub static WEBVIEW_SET_DIRECTLY: Endpoint =
    change("setwebviewdomain_directly set", WEBVIEW_DIRECTLY);

/// `getJumpDomainConfirmFile`: the file that each host of a webview domain that is set directly must serve.
pub static CONFIRM_FILE: Endpoint = read(
    "get_webviewdomain_confirmfile",
    "/wxa/get_webviewdomain_confirmfile",
);

/// `getEffectiveServerDomain`: what is stored each way, and what is in force.
pub static EFFECTIVE: Endpoint = read("get_effective_domain", "/wxa/get_effective_domain");
/// `getEffectiveJumpDomain`: the same of webview domains.
pub static EFFECTIVE_WEBVIEW: Endpoint = read(
    "get_effective_webviewdomain",
    "/wxa/get_effective_webviewdomain",
);

/// No endpoint of WeChat's: the confirm file, asked for where WeChat will look for it. The client makes it over HTTPS, without
/// a token; against a stand-in for WeChat that is on this machine it asks that, with the host's name in the header.
pub static REACH: Endpoint = Endpoint {
    name: "confirm file",
    path: "/",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::None,
    sets: &[],
    quotas: &[],
};
