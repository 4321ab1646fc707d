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
/// The authorization is gone.
const GONE: [i64; 2] = [42007, 61003];
/// The account is not entitled: its kind, its verification.
const NOT_ENTITLED: i64 = 48001;
/// The ticket was refused.
const TICKET: [i64; 3] = [40091, 61005, 61006];

/// What a page of WeChat's, a console or a step of ours ends, by number; no number stands here twice.
static STEPS: &[(&[i64], &str, &str)] = &[
    (
        &[41033, 91001],
        "登录小程序自己的公众平台后台（mp.weixin.qq.com → 设置 → 基本设置）修改，并从配置中去掉这一项",
        "change it in the mini-program's own console (mp.weixin.qq.com → 设置 → 基本设置), and take it out of the manifest",
    ),
    (
        &[91002, 91018],
        "登录小程序的公众平台后台（mp.weixin.qq.com）办理微信认证，在认证流程中改名",
        "have the mini-program verified (微信认证) in its console (mp.weixin.qq.com), and set the name on the way",
    ),
    (
        &[53308, 61031, 85009, 91019],
        "等待微信审核结束；审核结果会推送给第三方平台",
        "wait for the end of WeChat's review; its result is pushed to the platform",
    ),
    (
        &[53311, 91009],
        "在配置中补充证明材料后再次运行",
        "add the documents to the manifest and run it again",
    ),
    (
        &[53301, 85016, 85065, 89029, 89238],
        "先删除不再使用的，再次运行",
        "delete what is no longer used, and run it again",
    ),
    (
        &[85001],
        "核对 testers 中的微信号，并请本人在微信中允许通过微信号添加（我 → 设置 → 朋友权限 → 添加我的方式）",
        "check the WeChat id in `testers`, and let its owner allow others to find them by it in WeChat (我 → 设置 → 朋友权限 → \
         添加我的方式)",
    ),
    (
        &[85002],
        "在公众平台（mp.weixin.qq.com）的「成员管理」中移除不再需要的体验成员",
        "remove testers that are no longer needed in WeChat's console (mp.weixin.qq.com → 成员管理)",
    ),
    (
        &[85003],
        "请其退出一个不再体验的小程序，或在 testers 中换一个人",
        "let them leave a mini-program that they no longer test, or name somebody else in `testers`",
    ),
    (
        &[61052],
        "登录公众平台（mp.weixin.qq.com），完成公众号的微信认证",
        "complete the official account's verification (微信认证) in its console (mp.weixin.qq.com)",
    ),
    (
        &[61058],
        "先查询公众号关联的小程序；确认没有新的小程序后，再请公众号管理员重新扫码",
        "see first which mini-programs the official account is linked to; scan again only where none is new",
    ),
    (
        &[61028, 86031],
        "登录开放平台（open.weixin.qq.com → 第三方平台），完成全网发布",
        "publish the platform network-wide (全网发布) in WeChat's console (open.weixin.qq.com → 第三方平台)",
    ),
    (
        &[61029, 86033, 89254],
        "登录开放平台（open.weixin.qq.com → 第三方平台），补齐权限集后重新全网发布",
        "add the missing permission sets in WeChat's console (open.weixin.qq.com → 第三方平台) and publish again (全网发布)",
    ),
    (
        &[86002],
        "先设置小程序的名称、头像和介绍",
        "set the mini-program's name, avatar and introduction first",
    ),
    (
        &[85017, 85018, 89020, 89021],
        "先在第三方平台登记这些域名",
        "register these domains with the platform first",
    ),
    (
        &[45082, 85302],
        "完成域名的 ICP 备案后再次运行",
        "have the domains filed (ICP 备案) and run it again",
    ),
    (
        &[85069],
        "在每个域名的根路径提供微信的校验文件，再次运行",
        "serve WeChat's verification file at the root of every domain, and run it again",
    ),
    (
        &[87011, 89258],
        "等待分阶段发布结束后再次运行",
        "wait until the release by stages has ended, and run it again",
    ),
    (
        &[86074],
        "先设置开发版的隐私指引；它随下一次代码发布上线",
        "set the guide of the version in development, which goes online with the next release of code",
    ),
    (
        &[89003, 89036],
        "请账号管理员登录微信开放平台（open.weixin.qq.com → 管理中心），自行绑定或解绑",
        "bind or unbind it in WeChat's console (open.weixin.qq.com → 管理中心): only the owner of that open account can",
    ),
    (
        &[89010, 89018],
        "请小程序管理员在微信收到的消息中确认",
        "confirm it in the message that WeChat has sent",
    ),
    (
        &[89251],
        "请法人在微信收到的消息中完成人脸验证",
        "pass the face check in the message that WeChat has sent",
    ),
];

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
            "在开放平台“第三方平台 → 开发资料”核对 AppSecret，更新 Platform 的 credentials",
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
    } else if NOT_GRANTED.contains(&code) && error.who == Who::AccountAdmin {
        (
            "重新授权并勾选所需的权限集（wxops authorize 给出链接）",
            "authorize the platform again with the permission set ticked (wxops authorize gives the link)",
        )
    } else if GONE.contains(&code) && error.who == Who::AccountAdmin {
        (
            "重新授权（wxops authorize 给出链接）",
            "authorize the platform again (wxops authorize gives the link)",
        )
    } else if code == NOT_ENTITLED && error.who == Who::AccountAdmin {
        (
            "登录公众平台，完成认证或换用有此接口权限的账号",
            "complete the account's verification in its console (mp.weixin.qq.com), or use an account whose kind has this API",
        )
    } else if let Some(own) = own_remedy(error) {
        own
    } else {
        return by_person(error);
    };
    Some(said)
}

/// What to do about a refusal whose number says more than who must act, and where no other authorization helps. What is
/// so already asks nothing of anybody, whatever its number asks for elsewhere.
#[must_use]
pub fn own_remedy(error: &ApiError) -> Option<(&'static str, &'static str)> {
    if error.class == ErrorClass::AlreadyDone {
        return None;
    }
    let known = STEPS
        .iter()
        .find(|(codes, ..)| codes.contains(&error.errcode));
    known.map(|(_, zh, en)| (*zh, *en))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wechat::errcode::find;

    #[test]
    fn each_number_has_one_step_and_is_listed() {
        let mut said = BTreeSet::new();
        for code in STEPS.iter().flat_map(|(codes, ..)| codes.iter()) {
            assert!(said.insert(code) && find(*code).is_some(), "{code}");
        }
    }
}
