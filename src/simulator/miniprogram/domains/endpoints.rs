//! The table of the APIs that are about domains.

use super::{business, platform, prefetch, server};
use crate::simulator::account::Account;
use crate::simulator::answer::Outcome;
use crate::simulator::endpoint::{Call, Endpoint, Token, get, post};

/// 开发管理与数据分析
const CODE: &[u32] = &[18];
/// That, or 小程序基本信息设置
const CODE_OR_INFO: &[u32] = &[18, 30];

/// One of a mini-program.
const fn app(path: &'static str, run: fn(&mut Call<'_>) -> Outcome) -> Endpoint {
    post(path, Token::Authorizer, run)
        .sets(CODE)
        .only_for(Account::is_mini_program)
}

/// One of a platform, whose page calls the token `access_token`.
const fn component(path: &'static str, run: fn(&mut Call<'_>) -> Outcome) -> Endpoint {
    post(path, Token::Component, run).access_token_name()
}

/// Its APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    app("/wxa/modify_domain", server::modify)
        .reads_when(&["get"])
        .absent(85017),
    app("/wxa/modify_domain_directly", server::modify_directly).reads_when(&["get"]),
    app("/wxa/get_effective_domain", server::effective).reads(),
    app("/wxa/setwebviewdomain", business::modify)
        .reads_when(&["get"])
        .asks_hosts()
        .absent(89022)
        .present(89019),
    app("/wxa/setwebviewdomain_directly", business::modify_directly)
        .reads_when(&["get"])
        .asks_hosts(),
    app("/wxa/get_webviewdomain_confirmfile", business::confirm_file).reads(),
    app("/wxa/get_effective_webviewdomain", business::effective).reads(),
    get(
        "/wxa/get_prefetchdnsdomain",
        Token::Authorizer,
        prefetch::names,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .reads(),
    app("/wxa/set_prefetchdnsdomain", prefetch::set_names),
    app("/wxa/fetchdatasetting", prefetch::data)
        .sets(CODE_OR_INFO)
        .reads_when(&["get"]),
    component(
        "/cgi-bin/component/modify_wxa_server_domain",
        platform::modify_server,
    )
    .reads_when(&["get"]),
    component(
        "/cgi-bin/component/modify_wxa_jump_domain",
        platform::modify_business,
    )
    .reads_when(&["get"])
    .asks_hosts(),
    component(
        "/cgi-bin/component/get_domain_confirmfile",
        platform::confirm_file,
    )
    .reads(),
];
