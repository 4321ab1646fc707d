//! The table of the APIs that register mini-programs.

use super::{enterprise, official, person, trial};
use crate::simulator::account::Account;
use crate::simulator::endpoint::{Endpoint, Token, post};

/// 快速注册小程序
const REGISTER: &[u32] = &[27];

/// 试用小程序快速认证
const VERIFY_TRIAL: &[u32] = &[81];
/// The same, or 小程序基本信息设置: no page says which.
const RENAME_TRIAL: &[u32] = &[30, 81];

/// Those APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    post(
        "/cgi-bin/account/fastregister",
        Token::Authorizer,
        official::register,
    )
    .sets(REGISTER),
    post(
        "/cgi-bin/component/fastregisterweapp",
        Token::Component,
        enterprise::old,
    )
    .either_token_name(),
    post(
        "/wxa/component/fastregisterenterpriseweapp",
        Token::Component,
        enterprise::new,
    )
    .access_token_name(),
    post(
        "/wxa/component/fastregisterpersonalweapp",
        Token::Component,
        person::register,
    )
    .access_token_name(),
    post(
        "/wxa/component/fastregisterbetaweapp",
        Token::Component,
        trial::register,
    )
    .access_token_name(),
    post("/wxa/verifybetaweapp", Token::Authorizer, trial::verify)
        .sets(VERIFY_TRIAL)
        .only_for(Account::is_mini_program),
    post(
        "/wxa/setbetaweappnickname",
        Token::Authorizer,
        trial::rename,
    )
    .sets(RENAME_TRIAL)
    .only_for(Account::is_mini_program),
];
