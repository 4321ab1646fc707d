//! What the person who must act does about a refusal, and where: what WeChat's console calls it.

use crate::wechat::answer::{ApiError, ErrorClass, Who};

/// The address is on no list: of the platform (61004, 45035, 40090).
const PLATFORM_ADDRESS: [i64; 3] = [40090, 45035, 61004];
/// The platform itself is not what it says it is.
const PLATFORM_UNKNOWN: [i64; 3] = [61000, 61001, 61011];
/// The platform's secret.
const SECRET: [i64; 2] = [40001, 40125];
/// The address is not on the account's own list.
const ACCOUNT_ADDRESS: i64 = 40164;
/// The account is frozen, closed or punished.
const ACCOUNT_LIMITED: [i64; 3] = [48004, 50002, 50004];
/// A permission set was not granted.
const NOT_GRANTED: [i64; 3] = [50001, 61007, 61017];
/// The account is not entitled: its kind, its verification.
const NOT_ENTITLED: i64 = 48001;
/// The ticket was refused.
const TICKET: [i64; 3] = [40091, 61005, 61006];

/// Whether a refusal, on whatever endpoint, says something about the platform and nothing about the account that was
/// asked about: no other account can be reached either.
#[must_use]
pub fn concerns_platform(error: &ApiError) -> bool {
    PLATFORM_ADDRESS.contains(&error.errcode) || PLATFORM_UNKNOWN.contains(&error.errcode)
}

/// Whether a refusal is about the ticket: another one may be taken.
#[must_use]
pub fn names_ticket(error: &ApiError) -> bool {
    TICKET.contains(&error.errcode)
}

/// What to do about a refusal, in Chinese and in English. None where nobody has to do anything.
#[must_use]
pub fn remedy(error: &ApiError) -> Option<(&'static str, &'static str)> {
    let code = error.errcode;
    let said = if PLATFORM_ADDRESS.contains(&code) {
        (
            "登录开放平台，在“第三方平台 → 开发资料 → 白名单IP地址列表”中加入上面的 IP",
            "add the address named above to 白名单IP地址列表 in WeChat's console (open.weixin.qq.com → 第三方平台 → 开发资料)",
        )
    } else if PLATFORM_UNKNOWN.contains(&code) {
        (
            "核对 Platform 的 spec.appId 是否与开放平台“第三方平台”的 AppID 一致，平台是否仍然有效",
            "compare the Platform's spec.appId with the AppID in WeChat's console (open.weixin.qq.com → 第三方平台), and see that the platform is still in force",
        )
    } else if names_ticket(error) {
        (
            "下一次推送在 10 分钟内到达；若一直如此，核对开放平台的授权事件接收URL 是否指向运行中的 sidecar",
            "the next ticket comes within 10 minutes; if it stays so, see that 授权事件接收URL in WeChat's console leads to the sidecar of this store",
        )
    } else if error.who == Who::PlatformAdmin && SECRET.contains(&code) {
        (
            "在开放平台“第三方平台 → 开发资料”核对 AppSecret,更新 Platform 的 credentials",
            "compare the AppSecret in WeChat's console (open.weixin.qq.com → 第三方平台 → 开发资料) with the Platform's credentials, and put these right",
        )
    } else if code == ACCOUNT_ADDRESS {
        (
            "登录公众平台，在“设置与开发 → 基本配置 → IP白名单”中加入上面的 IP",
            "add the address named above to IP白名单 in the account's console (mp.weixin.qq.com → 设置与开发 → 基本配置)",
        )
    } else if ACCOUNT_LIMITED.contains(&code) && error.who == Who::AccountAdmin {
        (
            "登录公众平台查看通知，解除账号的限制",
            "see the notices in the account's console (mp.weixin.qq.com) and have the restriction lifted",
        )
    } else if NOT_GRANTED.contains(&code) {
        (
            "重新授权并勾选所需的权限集（wxops authorize 给出链接）",
            "authorize the platform again with the permission set ticked (wxops authorize gives the link)",
        )
    } else if code == NOT_ENTITLED && error.who == Who::AccountAdmin {
        (
            "登录公众平台，完成认证或换用有此接口权限的账号",
            "complete the account's verification in its console (mp.weixin.qq.com), or use an account whose kind has this API",
        )
    } else {
        return by_person(error);
    };
    Some(said)
}

/// Where no number says more than who.
fn by_person(error: &ApiError) -> Option<(&'static str, &'static str)> {
    match (error.class, error.who) {
        (ErrorClass::Transient | ErrorClass::Throttled | ErrorClass::Quota, _) => None,
        (_, Who::Wxops) => None,
        (_, Who::Operator) => Some((
            "按上面的说明核对配置；若配置无误，把 rid 和这段文字反馈给 wxops",
            "see what is said above and put the manifests right; if they are, report this text with its rid to wxops",
        )),
        (_, Who::AccountAdmin) => Some((
            "登录公众平台（mp.weixin.qq.com）处理上面所说的问题",
            "settle what is said above in the account's console (mp.weixin.qq.com)",
        )),
        (_, Who::AppAdmin) => Some((
            "登录小程序的公众平台后台（mp.weixin.qq.com）处理上面所说的问题",
            "settle what is said above in the mini-program's console (mp.weixin.qq.com)",
        )),
        (_, Who::LegalPerson) => Some((
            "请法人在微信中处理上面所说的问题",
            "settle what is said above in WeChat",
        )),
        (_, Who::PlatformAdmin) => Some((
            "登录开放平台（open.weixin.qq.com → 第三方平台）处理上面所说的问题",
            "settle what is said above in WeChat's console (open.weixin.qq.com → 第三方平台)",
        )),
        (_, Who::Wechat) => Some((
            "带上 rid 联系微信客服（developers.weixin.qq.com 社区或开放平台客服）",
            "ask WeChat's support about it, with the rid",
        )),
    }
}
