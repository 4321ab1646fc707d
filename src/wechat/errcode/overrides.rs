//! Where the endpoint decides what a number means.

use crate::wechat::answer::{Effect, ErrorClass, Who};
use crate::wechat::endpoint::Endpoint;
use crate::wechat::{
    category, code, code_template, domain, industry, link, menu, open_account, plugin, tag,
    template, token,
};

/// What an errcode means on one endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Override {
    /// On which endpoint.
    pub endpoint: &'static Endpoint,
    /// Which number.
    pub code: i64,
    /// What happens next.
    pub class: ErrorClass,
    /// Whether the call may have changed anything.
    pub effect: Effect,
    /// Who must act.
    pub who: Who,
    /// Meaning in Chinese.
    pub zh: &'static str,
    /// Meaning in English.
    pub en: &'static str,
}

/// All of them.
pub static OVERRIDES: [Override; 26] = [
    // No token goes into these two calls, so there is nothing to refresh: the secret is wrong.
    Override {
        endpoint: &token::COMPONENT_TOKEN,
        code: 40001,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::PlatformAdmin,
        zh: "获取平台令牌时 AppSecret 不被接受，请核对开放平台上的密钥",
        en: "the platform token was refused because of the AppSecret; compare it with the console's",
    },
    Override {
        endpoint: &token::START_PUSH_TICKET,
        code: 40001,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::PlatformAdmin,
        zh: "启动票据推送时 AppSecret 不被接受，请核对开放平台上的密钥",
        en: "starting the ticket service was refused because of the AppSecret; compare it with the console's",
    },
    // The appid stands in our manifest, and nowhere else in this call.
    Override {
        endpoint: &token::COMPONENT_TOKEN,
        code: 40013,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::Operator,
        zh: "获取平台令牌时 AppID 不被接受：Platform 的 spec.appId 不是第三方平台的 AppID",
        en: "the platform token was refused because of the appid: the Platform's spec.appId is no third-party platform's",
    },
    // No other token helps: a newer ticket does, and that comes by push.
    Override {
        endpoint: &token::COMPONENT_TOKEN,
        code: 61005,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::Operator,
        zh: "获取平台令牌时票据已过期，要等微信推送新的票据",
        en: "the platform token was refused because its ticket is too old; WeChat must push a newer one",
    },
    Override {
        endpoint: &token::COMPONENT_TOKEN,
        code: 61006,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::Operator,
        zh: "获取平台令牌时票据不被接受（错误，或属于其他平台），要等微信推送新的票据",
        en: "the platform token was refused because of its ticket (wrong, or another platform's); WeChat must push a new one",
    },
    // An observation here, and on a delete that there is nothing left to do; anywhere else it says nothing.
    Override {
        endpoint: &menu::GET,
        code: 46003,
        class: ErrorClass::NotFound,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "没有通过接口创建的菜单",
        en: "no menu was made through the API",
    },
    Override {
        endpoint: &menu::DELETE,
        code: 46003,
        class: ErrorClass::NotFound,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：没有通过接口创建的菜单",
        en: "nothing to delete: no menu was made through the API",
    },
    // What the probe of open/create looks for.
    Override {
        endpoint: &open_account::GET,
        code: 89002,
        class: ErrorClass::NotFound,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "查询结果：账号尚未绑定开放平台账号",
        en: "the answer is that the account is in no open account yet",
    },
    // This call made nothing (effect none). That the account is in *an* open account is what a create is for, but
    // which one only open/get can say: it observes, nothing is concluded from here. On open/bind the number stays
    // invalid: the open account may be another one than was asked for.
    Override {
        endpoint: &open_account::CREATE,
        code: 89000,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需创建：账号已在某个开放平台账号中，以查询结果为准",
        en: "nothing to create: the account is in an open account, and asking tells in which",
    },
    // It left by somebody else's hand, or by an earlier request. This request changed nothing.
    Override {
        endpoint: &open_account::UNBIND,
        code: 89002,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需解绑：账号已不在任何开放平台账号中",
        en: "nothing to unbind: the account is in no open account any more",
    },
    // Asked for already, by whomever: the administrators have the message. This request sent none.
    Override {
        endpoint: &link::LINK,
        code: 89010,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需申请：关联邀请已发出，等待管理员确认",
        en: "nothing to ask: the link was asked for before and waits for the administrators",
    },
    Override {
        endpoint: &link::LINK,
        code: 1003,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::AppAdmin,
        zh: "小程序管理员绑定的账号数达到上限，不能再关联",
        en: "the mini-program's administrator is bound to as many accounts as allowed, so no link can be made",
    },
    // Asked for and never set: the only absence there is of industries.
    Override {
        endpoint: &industry::GET,
        code: 40102,
        class: ErrorClass::NotFound,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "查询结果：账号从未设置过所属行业",
        en: "the answer is that the account never set its industries",
    },
    // The id comes from the account's own list, so it was deleted meanwhile: by somebody else's hand, or by an earlier
    // request. This request changed nothing.
    Override {
        endpoint: &template::DELETE,
        code: 40037,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：账号已没有这个模板",
        en: "nothing to delete: the account does not have that template any more",
    },
    // One number for "there is one of that name" and for "no such name can be": the list tells which. This request made
    // nothing.
    Override {
        endpoint: &tag::CREATE,
        code: 45157,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "标签名已存在，或不被接受，以查询结果为准",
        en: "there is a tag of this name, or WeChat takes no such name; asking tells which",
    },
    // Of one category it says that it is there; of several, nothing about the others. This request changed nothing.
    Override {
        endpoint: &category::ADD,
        code: 53304,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需添加：小程序已有这个类目，以查询结果为准",
        en: "nothing to add: the mini-program has the category already, and asking tells which it has",
    },
    // It left by somebody else's hand, or by an earlier request. This request changed nothing.
    Override {
        endpoint: &plugin::UNBIND,
        code: 89244,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：小程序已没有这个插件",
        en: "nothing to remove: the mini-program has the plugin no more",
    },
    // Likewise. Of several domains nothing is said of the others: asking tells which are left.
    Override {
        endpoint: &domain::DELETE,
        code: 85017,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：小程序已没有这些服务器域名，以查询结果为准",
        en: "nothing to delete: the mini-program has these server domains no more, and asking tells",
    },
    Override {
        endpoint: &domain::WEBVIEW_DELETE,
        code: 89022,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：有的业务域名小程序已没有，以查询结果为准",
        en: "nothing to delete: the mini-program has one of the business domains no more, and asking tells which",
    },
    // The whole list goes into this call, so nothing but another list fits.
    Override {
        endpoint: &domain::WEBVIEW_SET_DIRECTLY,
        code: 89029,
        class: ErrorClass::Invalid,
        effect: Effect::None,
        who: Who::Operator,
        zh: "声明的业务域名超过微信的上限",
        en: "the business domains that are declared are more than WeChat takes",
    },
    // An observation here: WeChat has not finished looking. Asking again at once tells nothing new.
    Override {
        endpoint: &code::DETECTION,
        code: 61039,
        class: ErrorClass::NotFound,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "查询结果：隐私检测尚未完成",
        en: "the answer is that the check for privacy APIs goes on",
    },
    // What was read showed none in flight: WeChat says so for some minutes after a release or a withdrawal.
    Override {
        endpoint: &code::SUBMIT,
        code: 85009,
        class: ErrorClass::Transient,
        effect: Effect::None,
        who: Who::Wechat,
        zh: "提审时微信仍认为有版本在审核，发布或撤回之后几分钟内会这样",
        en: "WeChat still takes a version to be under review, as it does for some minutes after a release or a withdrawal",
    },
    // The number is one of going back; it was reported of a withdrawal with no review under way.
    Override {
        endpoint: &code::UNDO,
        code: 87012,
        class: ErrorClass::Human,
        effect: Effect::None,
        who: Who::Operator,
        zh: "没有可撤回的审核",
        en: "there is no review to withdraw",
    },
    // Nothing is handed in while a commit runs; of an earlier submission the review tells.
    Override {
        endpoint: &code::SUBMIT,
        code: 9_402_202,
        class: ErrorClass::Transient,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "上一次操作仍在进行，本次没有提交",
        en: "the operation before this one is still running, so nothing was submitted",
    },
    // A delete of what is gone.
    Override {
        endpoint: &code_template::DELETE,
        code: 85064,
        class: ErrorClass::AlreadyDone,
        effect: Effect::None,
        who: Who::Wxops,
        zh: "无需删除：模板库中已没有该模板",
        en: "nothing to delete: the library has no such template any more",
    },
    Override {
        endpoint: &menu::DELCONDITIONAL,
        code: 65301,
        class: ErrorClass::AlreadyDone,
        effect: Effect::Done,
        who: Who::Wxops,
        zh: "要删除的个性化菜单已经不在",
        en: "the conditional menu to delete is gone already",
    },
];
