//! The table of the APIs about plugins, location APIs and the order path.

use super::{location, order_path, plugin_owner, plugins};
use crate::simulator::account::Account;
use crate::simulator::endpoint::{Endpoint, Token, get, post};

/// 开发管理与数据分析
const CODE: &[u32] = &[18];
/// That, or 小程序基本信息设置
const CODE_OR_INFO: &[u32] = &[18, 30];
/// 插件管理
const PLUGINS: &[u32] = &[40];

/// Its APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    post("/wxa/plugin", Token::Authorizer, plugins::plugin)
        .sets(PLUGINS)
        .only_for(Account::is_mini_program)
        .reads_when(&["list"])
        .absent(89244)
        .present(89237),
    post("/wxa/devplugin", Token::Authorizer, plugin_owner::manage)
        .sets(PLUGINS)
        .only_for(Account::is_mini_program)
        .reads_when(&["dev_apply_list"])
        .absent(89242),
    post(
        "/wxa/security/apply_privacy_interface",
        Token::Authorizer,
        location::apply,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .garbled(location::GARBLED)
    .present(61035),
    get(
        "/wxa/security/get_privacy_interface",
        Token::Authorizer,
        location::list,
    )
    .sets(CODE)
    .only_for(Account::is_mini_program)
    .reads(),
    post(
        "/wxa/security/applysetorderpathinfo",
        Token::Component,
        order_path::apply,
    )
    .access_token_name(),
    post(
        "/wxa/security/getorderpathinfo",
        Token::Authorizer,
        order_path::get,
    )
    .sets(CODE_OR_INFO)
    .only_for(Account::is_mini_program)
    .reads()
    .absent(61041),
];
