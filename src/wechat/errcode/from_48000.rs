//! 48xxx to 53xxx: permissions of accounts; names, introductions, avatars and categories of mini-programs.

use super::row::{Errcode, row};
use crate::wechat::answer::ErrorClass::{Human, Permission};
use crate::wechat::answer::Who::{AccountAdmin, Wechat};

pub(super) static ROWS: &[Errcode] = &[
    row(
        48001,
        "api unauthorized",
        Permission,
        AccountAdmin,
        "账号类型或认证状态不具备该接口权限,或令牌种类用错",
        "the account's kind or verification does not give this API, or the wrong kind of token was used",
    ),
    row(
        48004,
        "api forbidden for irregularities, view detail on mp.weixin.qq.com",
        Human,
        AccountAdmin,
        "接口因违规被封禁,详情见公众平台",
        "the API is banned for this account as a punishment; the console tells why",
    ),
    row(
        50001,
        "user unauthorized",
        Permission,
        AccountAdmin,
        "账号未授权使用该接口",
        "the account has not authorized this API",
    ),
    row(
        50002,
        "user limited",
        Human,
        AccountAdmin,
        "账号被冻结、注销或限制",
        "the account is frozen, closed or restricted",
    ),
    row(
        50003,
        "user unexpected, maybe not in white list",
        Human,
        Wechat,
        "账号不在该接口的内测名单中",
        "the account is not on the list of those admitted to this API",
    ),
    row(
        50004,
        "user not allow to use accesstoken, maybe for punishment",
        Human,
        AccountAdmin,
        "账号被禁止使用令牌,可能因处罚",
        "the account is barred from using tokens, perhaps as a punishment",
    ),
];
