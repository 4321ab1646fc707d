//! 401xx to 409xx: templates, media, secrets, addresses, mini-programs in menus.

use super::row::{Errcode, row};
use crate::wechat::answer::ErrorClass::{Human, Invalid, Permission};
use crate::wechat::answer::Who::{AccountAdmin, Operator, PlatformAdmin};

pub(super) static ROWS: &[Errcode] = &[
    row(
        40102,
        "invalid industry id",
        Invalid,
        Operator,
        "行业代码不存在，或账号从未设置过所属行业",
        "the code of the industry does not exist, or the account never set its industries",
    ),
    row(
        40118,
        "invalid media_id size",
        Invalid,
        Operator,
        "按钮引用的 media_id 长度不合法",
        "the media_id behind a button has the wrong length",
    ),
    row(
        40119,
        "invalid use button type",
        Permission,
        AccountAdmin,
        "该公众号不能使用这种一级按钮类型",
        "this account may not use that type of button on the first level",
    ),
    row(
        40120,
        "invalid use sub button type",
        Permission,
        AccountAdmin,
        "该公众号不能使用这种二级按钮类型",
        "this account may not use that type of button on the second level",
    ),
    row(
        40121,
        "invalid media_id type",
        Invalid,
        Operator,
        "media_id 对应的素材类型与按钮不符",
        "the material behind the media_id is of another type than the button needs",
    ),
    row(
        40125,
        "invalid appsecret",
        Human,
        PlatformAdmin,
        "第三方平台的 AppSecret 错误或已被重置",
        "the platform's AppSecret is wrong or was reset",
    ),
    row(
        40126,
        "invalid text size",
        Invalid,
        Operator,
        "文本文件超过 100 KB",
        "the text file is larger than 100 KB",
    ),
    row(
        40132,
        "invalid username",
        Invalid,
        Operator,
        "微信号不合法",
        "the WeChat id is not valid",
    ),
    row(
        40155,
        "invalid url with other biz profile",
        Invalid,
        Operator,
        "按钮链接指向了其他公众号的主页",
        "a button leads to the profile page of another official account",
    ),
    // For calls with an account's own secret; a platform is answered 61004.
    row(
        40164,
        "invalid ip, not in whitelist",
        Human,
        AccountAdmin,
        "请求 IP 不在该公众号自己的 IP 白名单中",
        "the caller's IP is not on the account's own IP list",
    ),
    row(
        40165,
        "invalid weapp pagepath",
        Invalid,
        Operator,
        "按钮引用的小程序页面路径不存在",
        "the mini-program page behind a button does not exist",
    ),
    row(
        40166,
        "invalid weapp appid",
        Invalid,
        Operator,
        "AppID 不是小程序的 AppID，或小程序未与公众号关联",
        "the appid is not a mini-program's, or the mini-program is not linked to the official account",
    ),
    row(
        40246,
        "keyword name invalid",
        Invalid,
        Operator,
        "没有给出关键词，或其中有不在该模板关键词库里的",
        "the keywords are missing, or one of them is not in that template's list",
    ),
];
