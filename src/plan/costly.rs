//! The closed list of actions that cost something which nobody gives back, and so need somebody's yes.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// An action that is not made without an approval: standing (`policy.preapproved`) or for exactly one step.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Costly {
    /// Once a month, and WeChat deletes the templates of the dropped industry.
    SetIndustry,
    /// What the owner made in WeChat's console is gone, automatic answers included.
    ReplaceOwnerMenu,
    /// A template's id is lost: one added again has another, and messages to the old one fail.
    DeleteTemplate,
    /// What a mini-program offers under it can be submitted no more; additions are few.
    DeleteCategory,
    /// An account leaves its open account: its users have other unionids from then on.
    Unbind,
    /// An official account and a mini-program are linked no more: menus and articles open it no more, and two
    /// administrators have to confirm a new link.
    Unlink,
    /// One of five changes a year; the avatar that was there is gone.
    SetAvatar,
    /// One of two names a year; the one that was there may be taken by others.
    Rename,
    /// One of five mini-programs a month, and it is there for good.
    Register,
    /// Hosts leave the platform's published list: every mini-program that has them through it loses them at its next release.
    RemoveHosts,
    /// A mini-program uses a plugin no more: to use it again the plugin's owner has to agree anew.
    RemovePlugin,
    /// `latest` means another template than the one that was committed before: whoever adds one to the library changes every
    /// mini-program that follows it.
    FollowLatest,
    /// One of the platform's audits of the month, which all its mini-programs share; refused ones count as well.
    Submit,
    /// Users get another version, at once and without being asked.
    Release,
    /// Users get an older version; once until the next release.
    Revert,
    /// A review is given up: one of five a day and ten a month, and the audit it took is not given back.
    Withdraw,
    /// One of the platform's few reviews of the month that are done sooner.
    SpeedUp,
    /// The store was put back from a backup, and no read shows whether this was done since. Nobody can say yes to that
    /// beforehand.
    #[schemars(skip)]
    AddAgain,
    /// A person refused, or WeChat found something: whether to ask again is nobody's to say beforehand.
    #[schemars(skip)]
    AskAgain,
}

/// A word that names no costly action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no costly action")]
pub struct NotCostly(String);

impl Costly {
    /// All that can be said yes to beforehand.
    pub const ALL: [Self; 17] = [
        Self::SetIndustry,
        Self::ReplaceOwnerMenu,
        Self::DeleteTemplate,
        Self::DeleteCategory,
        Self::Unbind,
        Self::Unlink,
        Self::SetAvatar,
        Self::Rename,
        Self::Register,
        Self::RemoveHosts,
        Self::RemovePlugin,
        Self::FollowLatest,
        Self::Submit,
        Self::Release,
        Self::Revert,
        Self::Withdraw,
        Self::SpeedUp,
    ];

    /// The name, as written in `policy.preapproved`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetIndustry => "setIndustry",
            Self::ReplaceOwnerMenu => "replaceOwnerMenu",
            Self::DeleteTemplate => "deleteTemplate",
            Self::DeleteCategory => "deleteCategory",
            Self::Unbind => "unbind",
            Self::Unlink => "unlink",
            Self::SetAvatar => "setAvatar",
            Self::Rename => "rename",
            Self::Register => "register",
            Self::RemoveHosts => "removeHosts",
            Self::RemovePlugin => "removePlugin",
            Self::FollowLatest => "followLatest",
            Self::Submit => "submit",
            Self::Release => "release",
            Self::Revert => "revert",
            Self::Withdraw => "withdraw",
            Self::SpeedUp => "speedUp",
            Self::AddAgain => "addAgain",
            Self::AskAgain => "askAgain",
        }
    }

    /// What it costs, for people.
    #[must_use]
    pub fn cost(self) -> Text {
        match self {
            Self::SetIndustry => Text::new(
                "每月只能改一次；被替换行业的模板会被微信删除",
                "once a month; WeChat deletes the templates of the industry that is dropped",
            ),
            Self::ReplaceOwnerMenu => Text::new(
                "管理员在公众平台自建的菜单及其自动回复将被替换，无法找回",
                "the owner's own menu and its automatic answers are replaced and cannot be brought back",
            ),
            Self::DeleteTemplate => Text::new(
                "模板 ID 将失效；重新添加会得到新的 ID",
                "its template id is gone for good; adding it again gives another one",
            ),
            Self::DeleteCategory => Text::new(
                "以该类目提交的代码将无法再次提交审核；每月可添加的次数有限",
                "code submitted under it can be submitted no more, and additions are few a month",
            ),
            Self::Unbind => Text::new(
                "账号退出原开放平台账号后，用户的 unionid 会改变；若随后绑定失败，账号将不属于任何开放平台账号",
                "outside its open account the users of the account have other unionids; should binding it to the new one \
                 fail, it is in none",
            ),
            Self::Unlink => Text::new(
                "公众号的菜单和文章将不能再打开该小程序；重新关联须两位管理员再次确认，并占用每月的次数",
                "menus and articles open the mini-program no more; linking it again takes both administrators and one of \
                 the links of the month",
            ),
            Self::SetAvatar => Text::new(
                "每年只能改五次；原来的头像无法找回",
                "one of five changes a year; the avatar that was there cannot be brought back",
            ),
            Self::Rename => Text::new(
                "每年只能改两次名称；提交即占用一次，原来的名称可能被他人使用",
                "one of two names a year, taken when it is handed in; the old name may be taken by others",
            ),
            Self::Register => Text::new(
                "注册后无法撤销，并占用主体可拥有的小程序数量；通过公众号每月最多注册 5 个（个体户 1 个）",
                "it cannot be undone, and counts among the mini-programs that the principal may have; through an official \
                 account five may be registered a month (one for a sole trader)",
            ),
            Self::RemovePlugin => Text::new(
                "小程序不能再使用该插件；重新使用须插件所有者再次同意",
                "the mini-program may use the plugin no more; to use it again its owner has to agree anew",
            ),
            Self::RemoveHosts => Text::new(
                "通过平台设置了这些域名的小程序，下一次发布后将不能再访问它们",
                "mini-programs that have these hosts through the platform reach them no more after their next release",
            ),
            Self::FollowLatest => Text::new(
                "模板库中加入了新模板，所有写 latest 的小程序都会随之更换；上传后照常提审和发布",
                "a template was added to the library, and every mini-program that follows `latest` changes with it; once committed it is \
                 submitted and released like any other",
            ),
            Self::Submit => Text::new(
                "占用平台本月的 1 次提审额度，所有小程序共用，被驳回也不退回",
                "one of the platform's audits of this month, which all its mini-programs share; it is not given back where \
                 WeChat refuses",
            ),
            Self::Release => Text::new(
                "用户将立即使用新版本；之后只能回退一次",
                "users get the new version at once; it can be gone back from once",
            ),
            Self::Revert => Text::new(
                "用户将回到旧版本；下一次发布之前不能再次回退",
                "users get the older version; WeChat goes back no further before the next release",
            ),
            Self::Withdraw => Text::new(
                "放弃正在进行的审核，已占用的提审额度不退回；每天 5 次、每月 10 次",
                "the review is given up, and the audit it took is not given back; 5 a day, 10 a month",
            ),
            Self::SpeedUp => Text::new(
                "占用平台本月的 1 次加急额度",
                "one of the platform's few reviews of this month that are done sooner",
            ),
            Self::AskAgain => Text::new(
                "此前已经做过一次，结果并不是想要的；请先弄清原因，再决定是否重新发起",
                "it was done before, and what is wanted did not come of it: find out why before it is done again",
            ),
            Self::AddAgain => Text::new(
                "存储是从备份恢复的，备份之后可能已经添加过，而微信无法显示；请先到公众平台核实，重复执行会得到两个模板、两个小程序，或使同一份资质再次送审",
                "the store was put back from a backup, this may have been done since, and WeChat cannot show it: look in its \
                 console first, done twice a template or a mini-program is there twice, and documents are reviewed twice",
            ),
        }
    }
}

impl FromStr for Costly {
    type Err = NotCostly;

    fn from_str(text: &str) -> Result<Self, NotCostly> {
        Self::ALL
            .into_iter()
            .find(|costly| costly.as_str() == text)
            .ok_or_else(|| NotCostly(text.to_owned()))
    }
}
