//! The table of APIs the simulator answers.
//!
//! Supporting one more API is one row here and one function in the file of its family.

use super::account::Account;
use super::endpoint::{Endpoint, Token, get, post};
use super::{
    authorizer, code_templates, conditional, links, media, menu, miniprogram, open_account,
    options, registration, subscription, tags, templates, token, tools, users,
};

/// 自定义菜单
const MENU: &[u32] = &[15];
/// 消息管理, 帐号服务 or 自定义菜单
const SELF_MENU: &[u32] = &[1, 3, 15];
/// 开放平台帐号管理, of official accounts, of mini-programs, and its number in older documents
const OPEN: &[u32] = &[24, 25, 60];
/// 小程序管理/关联
const LINK: &[u32] = &[33];
/// 帐号服务, or 小程序基本信息设置
const BASIC_INFO: &[u32] = &[3, 30];

/// Whatever has to do with pictures.
const MEDIA: &[u32] = &[1, 3, 8, 9, 11, 19, 30, 31, 100];

/// 群发与通知, or its newer grouping
const TEMPLATES: &[u32] = &[7, 100, 101];

/// 用户管理, or its newer grouping
const USERS: &[u32] = &[2, 100];

/// Every API.
pub(super) fn all() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS
        .iter()
        .chain(miniprogram::ENDPOINTS)
        .chain(registration::ENDPOINTS)
        .chain(miniprogram::domains::ENDPOINTS)
        .chain(miniprogram::addons::ENDPOINTS)
        .chain(miniprogram::code::ENDPOINTS)
        .chain(miniprogram::privacy::ENDPOINTS)
        .chain(miniprogram::filing::ENDPOINTS)
        .chain(code_templates::ENDPOINTS)
}

/// The API at `path`.
pub(super) fn find(path: &str) -> Option<&'static Endpoint> {
    all().find(|endpoint| endpoint.path == path)
}

/// Those of a platform and of an official account.
static ENDPOINTS: &[Endpoint] = &[
    post(
        "/cgi-bin/component/api_start_push_ticket",
        Token::None,
        token::start_push_ticket,
    ),
    post(
        "/cgi-bin/component/api_component_token",
        Token::None,
        token::component_token,
    )
    .daily(2000),
    post(
        "/cgi-bin/component/api_create_preauthcode",
        Token::Component,
        token::create_pre_auth_code,
    ),
    post(
        "/cgi-bin/component/api_query_auth",
        Token::Component,
        token::query_auth,
    ),
    post(
        "/cgi-bin/component/api_authorizer_token",
        Token::Component,
        token::authorizer_token,
    )
    .absent(61003),
    post(
        "/cgi-bin/component/api_get_authorizer_info",
        Token::Component,
        authorizer::info,
    )
    .reads()
    .absent(61003),
    post(
        "/cgi-bin/component/api_get_authorizer_list",
        Token::Component,
        authorizer::list,
    )
    .reads(),
    post("/cgi-bin/menu/create", Token::Authorizer, menu::create)
        .sets(MENU)
        .only_for(Account::may_have_menus)
        .daily(1000),
    get("/cgi-bin/menu/get", Token::Authorizer, menu::get)
        .sets(MENU)
        .only_for(Account::may_have_menus)
        .daily(10_000)
        .reads()
        .absent(46003),
    get("/cgi-bin/menu/delete", Token::Authorizer, menu::delete)
        .sets(MENU)
        .only_for(Account::may_have_menus)
        .daily(1000),
    get(
        "/cgi-bin/get_current_selfmenu_info",
        Token::Authorizer,
        menu::in_force,
    )
    .sets(SELF_MENU)
    .only_for(Account::may_have_menus)
    .reads(),
    post(
        "/cgi-bin/menu/addconditional",
        Token::Authorizer,
        conditional::add,
    )
    .sets(MENU)
    .only_for(Account::may_have_menus)
    .daily(2000)
    .absent(65303),
    post(
        "/cgi-bin/menu/delconditional",
        Token::Authorizer,
        conditional::delete,
    )
    .sets(MENU)
    .only_for(Account::may_have_menus)
    .daily(2000)
    .absent(65301),
    post(
        "/cgi-bin/menu/trymatch",
        Token::Authorizer,
        conditional::try_match,
    )
    .sets(MENU)
    .only_for(Account::may_have_menus)
    .daily(20_000)
    .reads()
    .absent(46003),
    post(
        "/cgi-bin/template/api_set_industry",
        Token::Authorizer,
        templates::set_industry,
    )
    .sets(TEMPLATES)
    .only_for(Account::may_have_templates),
    get(
        "/cgi-bin/template/get_industry",
        Token::Authorizer,
        templates::get_industry,
    )
    .sets(TEMPLATES)
    .only_for(Account::may_have_templates)
    .reads()
    .absent(40102),
    post(
        "/cgi-bin/template/api_add_template",
        Token::Authorizer,
        templates::add,
    )
    .sets(TEMPLATES)
    .only_for(Account::may_have_templates)
    // A keyword that is escaped is no keyword of the template.
    .escaped(40246),
    get(
        "/cgi-bin/template/get_all_private_template",
        Token::Authorizer,
        templates::list,
    )
    .sets(TEMPLATES)
    .only_for(Account::may_have_templates)
    .reads(),
    post(
        "/cgi-bin/template/del_private_template",
        Token::Authorizer,
        templates::delete,
    )
    .sets(TEMPLATES)
    .only_for(Account::may_have_templates)
    .absent(40037),
    get(
        "/wxaapi/newtmpl/getcategory",
        Token::Authorizer,
        templates::categories,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official)
    .reads(),
    get(
        "/wxaapi/newtmpl/getpubtemplatetitles",
        Token::Authorizer,
        subscription::titles,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official)
    .reads(),
    get(
        "/wxaapi/newtmpl/getpubtemplatekeywords",
        Token::Authorizer,
        subscription::keywords,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official)
    .reads(),
    post(
        "/wxaapi/newtmpl/addtemplate",
        Token::Authorizer,
        subscription::add,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official),
    get(
        "/wxaapi/newtmpl/gettemplate",
        Token::Authorizer,
        subscription::list,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official)
    .reads(),
    post(
        "/wxaapi/newtmpl/deltemplate",
        Token::Authorizer,
        subscription::delete,
    )
    .sets(TEMPLATES)
    .only_for(Account::is_official)
    .absent(40037),
    get("/cgi-bin/tags/get", Token::Authorizer, tags::list)
        .sets(USERS)
        .only_for(Account::is_official)
        .reads(),
    post("/cgi-bin/tags/create", Token::Authorizer, tags::create)
        .sets(USERS)
        .only_for(Account::is_official)
        .present(45157),
    post("/cgi-bin/tags/update", Token::Authorizer, tags::update)
        .sets(USERS)
        .only_for(Account::is_official)
        .absent(45159),
    post("/cgi-bin/tags/delete", Token::Authorizer, tags::delete)
        .sets(USERS)
        .only_for(Account::is_official)
        .absent(45159),
    get("/cgi-bin/user/get", Token::Authorizer, users::list)
        .sets(USERS)
        .only_for(Account::is_official)
        .daily(500)
        .reads()
        .absent(40003),
    get("/cgi-bin/user/info", Token::Authorizer, users::info)
        .sets(USERS)
        .only_for(Account::is_official)
        .daily(5_000_000)
        .reads()
        .absent(40003),
    post(
        "/cgi-bin/user/info/batchget",
        Token::Authorizer,
        users::batch,
    )
    .sets(USERS)
    .only_for(Account::is_official)
    .reads(),
    post(
        "/cgi-bin/open/create",
        Token::Authorizer,
        open_account::create,
    )
    .sets(OPEN)
    .present(89000),
    post("/cgi-bin/open/bind", Token::Authorizer, open_account::bind)
        .sets(OPEN)
        .present(89000),
    post(
        "/cgi-bin/open/unbind",
        Token::Authorizer,
        open_account::unbind,
    )
    .sets(OPEN)
    .absent(89002),
    post("/cgi-bin/open/get", Token::Authorizer, open_account::get)
        .sets(OPEN)
        .reads()
        .absent(89002),
    get("/cgi-bin/open/have", Token::Authorizer, open_account::have)
        .sets(BASIC_INFO)
        .reads(),
    get(
        "/cgi-bin/open/sameentity",
        Token::Authorizer,
        open_account::same_entity,
    )
    .sets(OPEN)
    .reads()
    .absent(89002),
    post(
        "/cgi-bin/wxopen/wxamplinkget",
        Token::Authorizer,
        links::list,
    )
    .sets(LINK)
    .only_for(Account::is_official)
    .reads(),
    post("/cgi-bin/wxopen/wxamplink", Token::Authorizer, links::link)
        .sets(LINK)
        .only_for(Account::is_official)
        .present(89015),
    post(
        "/cgi-bin/wxopen/wxampunlink",
        Token::Authorizer,
        links::unlink,
    )
    .sets(LINK)
    .only_for(Account::is_official)
    .absent(85005),
    post("/cgi-bin/media/upload", Token::Authorizer, media::upload)
        .sets(MEDIA)
        .daily(100_000)
        .form(),
    get("/cgi-bin/media/get", Token::Authorizer, media::get)
        .sets(MEDIA)
        .daily(200_000)
        .reads()
        .absent(40007),
    post(
        "/cgi-bin/component/get_authorizer_option",
        Token::Either,
        options::get,
    )
    .reads(),
    post(
        "/cgi-bin/component/api_get_authorizer_option",
        Token::Either,
        options::get,
    )
    .component_token_name()
    .reads(),
    post(
        "/cgi-bin/component/set_authorizer_option",
        Token::Either,
        options::set,
    ),
    post(
        "/cgi-bin/component/api_set_authorizer_option",
        Token::Either,
        options::set,
    )
    .component_token_name(),
    post("/cgi-bin/clear_quota", Token::Either, tools::clear_quota),
    post(
        "/cgi-bin/component/clear_quota/v2",
        Token::None,
        tools::clear_quota_by_secret,
    ),
    post(
        "/cgi-bin/openapi/quota/get",
        Token::Either,
        tools::get_quota,
    )
    .reads(),
    post(
        "/cgi-bin/openapi/quota/clear",
        Token::Either,
        tools::clear_one,
    ),
    post("/cgi-bin/openapi/rid/get", Token::Either, tools::get_rid).reads(),
];
