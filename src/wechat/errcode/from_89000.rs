//! 89000 to 89230: open accounts, linked mini-programs, business domains.

use super::row::{Errcode, row};
use crate::wechat::answer::ErrorClass::{Human, Invalid, Permission};
use crate::wechat::answer::Who::{AccountAdmin, Operator, Wxops};

pub(super) static ROWS: &[Errcode] = &[
    // Not done: bound to some open account, perhaps not to the one that is wanted. open/get decides.
    row(
        89000,
        "account has bound open",
        Invalid,
        Wxops,
        "账号已绑定某个开放平台账号,先查询是哪一个",
        "the account is bound to some open account already; ask which",
    ),
    row(
        89001,
        "not same contractor",
        Permission,
        AccountAdmin,
        "账号与开放平台账号的主体不同",
        "the account and the open account belong to different principals",
    ),
    row(
        89002,
        "open not exists",
        Invalid,
        Wxops,
        "账号没有绑定任何开放平台账号",
        "the account is bound to no open account",
    ),
    row(
        89003,
        "open is not created by api",
        Permission,
        AccountAdmin,
        "开放平台账号不是通过接口创建的,第三方平台不能操作",
        "the open account was not made through the API, so the platform may not touch it",
    ),
    row(
        89004,
        "number of sub-accounts bound reaches limit",
        Permission,
        Operator,
        "开放平台账号绑定的账号数达到上限",
        "the open account holds as many accounts as allowed",
    ),
    row(
        89036,
        "open is not created by api or not verified",
        Human,
        AccountAdmin,
        "开放平台账号既不是接口创建的,也没有认证",
        "the open account was neither made through the API nor verified",
    ),
];
