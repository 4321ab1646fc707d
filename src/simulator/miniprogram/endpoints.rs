//! The table of the APIs that are about a mini-program.

use super::{
    avatar, base_library, basic_info, category, category_lists, follow, nickname, signature,
    testers, visibility,
};
use crate::simulator::account::Account;
use crate::simulator::endpoint::{Endpoint, Token, get, post};

/// 帐号服务, or 小程序基本信息设置
const BASIC_INFO: &[u32] = &[3, 30];

/// 小程序基本信息设置
const MINI_PROGRAM: &[u32] = &[30];

/// 开发管理与数据分析
const CODE: &[u32] = &[18];

/// Its APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    post(
        "/cgi-bin/account/getaccountbasicinfo",
        Token::Authorizer,
        basic_info::get,
    )
    .sets(BASIC_INFO)
    .either_method()
    .bodiless()
    .reads(),
    post(
        "/cgi-bin/account/modifysignature",
        Token::Authorizer,
        signature::modify,
    )
    .sets(BASIC_INFO)
    .only_for(Account::is_mini_program)
    .escaped(signature::INVALID)
    .garbled(signature::INVALID),
    post(
        "/cgi-bin/account/modifyheadimage",
        Token::Authorizer,
        avatar::modify,
    )
    .sets(BASIC_INFO)
    .only_for(Account::is_mini_program),
    post(
        "/cgi-bin/wxverify/checkwxverifynickname",
        Token::Authorizer,
        nickname::check,
    )
    .sets(BASIC_INFO)
    .only_for(Account::is_mini_program)
    .reads(),
    post("/wxa/setnickname", Token::Authorizer, nickname::set)
        .sets(MINI_PROGRAM)
        .only_for(Account::is_mini_program)
        .escaped(nickname::INVALID),
    post(
        "/wxa/api_wxa_querynickname",
        Token::Authorizer,
        nickname::query,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .reads()
    .absent(91011),
    get(
        "/cgi-bin/wxopen/getallcategories",
        Token::Authorizer,
        category_lists::all,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .reads(),
    post(
        "/cgi-bin/wxopen/getcategoriesbytype",
        Token::Authorizer,
        category_lists::by_type,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .reads(),
    get(
        "/cgi-bin/wxopen/getcategory",
        Token::Authorizer,
        category_lists::set_ones,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .reads(),
    post(
        "/cgi-bin/wxopen/addcategory",
        Token::Authorizer,
        category::add,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .present(53304),
    post(
        "/cgi-bin/wxopen/deletecategory",
        Token::Authorizer,
        category::delete,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .absent(53303),
    post(
        "/cgi-bin/wxopen/modifycategory",
        Token::Authorizer,
        category::modify,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .absent(53306),
    get(
        "/wxa/get_category",
        Token::Authorizer,
        category_lists::for_review,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .reads(),
    get(
        "/wxa/getwxasearchstatus",
        Token::Authorizer,
        visibility::search,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program)
    .reads(),
    post(
        "/wxa/changewxasearchstatus",
        Token::Authorizer,
        visibility::change_search,
    )
    .sets(MINI_PROGRAM)
    .only_for(Account::is_mini_program),
    post("/wxa/getvisitstatus", Token::Authorizer, visibility::visit)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .reads(),
    post(
        "/wxa/change_visitstatus",
        Token::Authorizer,
        visibility::change_visit,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program),
    post(
        "/cgi-bin/wxopen/getweappsupportversion",
        Token::Authorizer,
        base_library::get,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .either_method()
    .reads(),
    post(
        "/cgi-bin/wxopen/setweappsupportversion",
        Token::Authorizer,
        base_library::set,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program),
    post("/wxa/bind_tester", Token::Authorizer, testers::bind)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .present(85004),
    post("/wxa/unbind_tester", Token::Authorizer, testers::unbind)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .absent(85001),
    get("/wxa/getshowwxaitem", Token::Authorizer, follow::shown)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .reads(),
    get(
        "/wxa/getwxamplinkforshow",
        Token::Authorizer,
        follow::listed,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .reads(),
    post("/wxa/updateshowwxaitem", Token::Authorizer, follow::update)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .absent(85005),
    post("/wxa/memberauth", Token::Authorizer, testers::list)
        .sets(CODE)
        .only_for(Account::is_mini_program)
        .reads(),
];
