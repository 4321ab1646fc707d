//! Waiting is a value: why a step is held back, who must act, where, and until when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// A step held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The reason, from a closed list.
    pub reason: Reason,
    /// Who must act.
    pub who: Person,
    /// The reason with its facts, for people.
    pub text: Text,
    /// The page the person opens, if there is one. Filled in by whoever can sign links.
    pub link: Option<String>,
    /// When the wait ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// What follows once it is over: a forecast, never executed from a saved plan.
    pub then: Vec<Text>,
}

/// Why a step waits. A closed list: conditions, JSON and scripts rely on these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// The owner has not authorized the platform, or has left.
    NotAuthorized,
    /// A permission set is not granted.
    PermissionSetMissing,
    /// The account belongs to another principal (主体) than the manifest says.
    OtherPrincipal,
    /// The account is of another kind than the manifest requires.
    WrongAccountKind,
    /// The account is not verified as the manifest requires.
    NotVerified,
    /// The account is closed, banned or frozen.
    AccountNotNormal,
    /// The account came back after a revocation: one pass only observes.
    Reauthorized,
    /// The change is costly and needs an approval.
    NeedsApproval,
    /// An earlier request may have had its effect; a probe decides.
    OutcomeUnknown,
    /// It was tried and came to nothing, in a way that trying again does not mend.
    HeldAfterTrying,
    /// A quota is used up.
    QuotaUsedUp,
    /// Another step must come first.
    AfterAnotherStep,
    /// The account lacks a service category (服务类目), which only its administrator can add.
    CategoryMissing,
    /// The manifests change too many tenants at once for nobody to have said yes.
    FleetGuard,
    /// Enough that cannot be undone has happened in this hour.
    HourlyCap,
    /// A person has paused the tenant, or its platform.
    Paused,
    /// A mini-program is not linked to the official account.
    NotLinked,
    /// WeChat's API cannot make it; its console may.
    NotThroughApi,
    /// The account has as many as WeChat allows.
    LimitReached,
    /// WeChat accepted a change, and no read shows it.
    NotShown,
    /// Another tenant holds the account.
    ClaimedByAnother,
    /// A mini-program is about that no tenant has, and it may be the one that is to be registered.
    Unclaimed,
    /// A mini-program is not registered yet: its official account's administrator must confirm.
    NotRegistered,
    /// A mini-program's name is gone from the manifest while another asks for an account.
    NameVanished,
    /// WeChat, or whoever it asks, reviews what was handed in.
    UnderReview,
    /// A review ended with a no: somebody must look at its reason.
    AuditRefused,
    /// WeChat says of a name, before it is handed in, that it cannot be had.
    NameNotTaken,
    /// Documents are missing that WeChat wants.
    DocumentsMissing,
    /// WeChat has not confirmed who the account's principal is (实名).
    RealnamePending,
    /// A host is not on the platform's own list, so that a mini-program cannot have it, or loses it at the next release.
    HostNotOnPlatform,
    /// It is stored, and users get it with the next release.
    NotInForce,
    /// A host does not serve the file that WeChat looks for there.
    ConfirmFileUnreachable,
    /// Domains were set the other way than the manifest says.
    DomainsMixed,
    /// WeChat refuses until the account's administrator has put something right: its own IP list, a restriction.
    AdministratorMustAct,
    /// The library has no template, or several, that the manifest may mean.
    TemplateUnclear,
    /// WeChat still looks for privacy APIs in the code that was committed last.
    DetectionRunning,
    /// The code has what the manifest does not declare, or the other way round.
    Undeclared,
    /// The mini-program is not filed (小程序备案), and cannot go online.
    NotFiled,
    /// WeChat reviews something else of the same mini-program, and takes one at a time.
    AnotherAudit,
    /// A share of the users has it, and it stays so for a while.
    Soaking,
    /// The manifest allows it at other times alone.
    OutsideWindow,
    /// The manifest says that it is to be left alone for now.
    OnHold,
    /// Somebody took it back, from the reviewers or from the users.
    TakenBack,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Person {
    /// The account's owner or administrator (公众号管理员).
    Owner,
    /// The mini-program's administrator (小程序管理员).
    AppAdmin,
    /// The person for whom a mini-program is registered.
    Registrant,
    /// The principal's legal representative (法人).
    LegalPerson,
    /// The service provider's operator: us.
    Operator,
    /// The owner of a plugin (插件) that a mini-program wants to use.
    PluginOwner,
    /// WeChat.
    Wechat,
    /// Nobody: time or wxops itself ends the wait.
    Nobody,
}

impl Reason {
    /// The name as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorized => "NotAuthorized",
            Self::PermissionSetMissing => "PermissionSetMissing",
            Self::OtherPrincipal => "OtherPrincipal",
            Self::WrongAccountKind => "WrongAccountKind",
            Self::NotVerified => "NotVerified",
            Self::AccountNotNormal => "AccountNotNormal",
            Self::Reauthorized => "Reauthorized",
            Self::NeedsApproval => "NeedsApproval",
            Self::OutcomeUnknown => "OutcomeUnknown",
            Self::HeldAfterTrying => "HeldAfterTrying",
            Self::QuotaUsedUp => "QuotaUsedUp",
            Self::AfterAnotherStep => "AfterAnotherStep",
            Self::CategoryMissing => "CategoryMissing",
            Self::FleetGuard => "FleetGuard",
            Self::HourlyCap => "HourlyCap",
            Self::Paused => "Paused",
            Self::NotLinked => "NotLinked",
            Self::NotThroughApi => "NotThroughApi",
            Self::LimitReached => "LimitReached",
            Self::NotShown => "NotShown",
            Self::ClaimedByAnother => "ClaimedByAnother",
            Self::Unclaimed => "Unclaimed",
            Self::NotRegistered => "NotRegistered",
            Self::NameVanished => "NameVanished",
            Self::UnderReview => "UnderReview",
            Self::AuditRefused => "AuditRefused",
            Self::NameNotTaken => "NameNotTaken",
            Self::DocumentsMissing => "DocumentsMissing",
            Self::RealnamePending => "RealnamePending",
            Self::HostNotOnPlatform => "HostNotOnPlatform",
            Self::NotInForce => "NotInForce",
            Self::ConfirmFileUnreachable => "ConfirmFileUnreachable",
            Self::DomainsMixed => "DomainsMixed",
            Self::AdministratorMustAct => "AdministratorMustAct",
            Self::TemplateUnclear => "TemplateUnclear",
            Self::DetectionRunning => "DetectionRunning",
            Self::Undeclared => "Undeclared",
            Self::NotFiled => "NotFiled",
            Self::AnotherAudit => "AnotherAudit",
            Self::Soaking => "Soaking",
            Self::OutsideWindow => "OutsideWindow",
            Self::OnHold => "OnHold",
            Self::TakenBack => "TakenBack",
        }
    }
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 43] = [
        Self::NotAuthorized,
        Self::PermissionSetMissing,
        Self::OtherPrincipal,
        Self::WrongAccountKind,
        Self::NotVerified,
        Self::AccountNotNormal,
        Self::Reauthorized,
        Self::NeedsApproval,
        Self::OutcomeUnknown,
        Self::HeldAfterTrying,
        Self::QuotaUsedUp,
        Self::AfterAnotherStep,
        Self::CategoryMissing,
        Self::FleetGuard,
        Self::HourlyCap,
        Self::Paused,
        Self::NotLinked,
        Self::NotThroughApi,
        Self::LimitReached,
        Self::NotShown,
        Self::ClaimedByAnother,
        Self::Unclaimed,
        Self::NotRegistered,
        Self::NameVanished,
        Self::UnderReview,
        Self::AuditRefused,
        Self::NameNotTaken,
        Self::DocumentsMissing,
        Self::RealnamePending,
        Self::HostNotOnPlatform,
        Self::NotInForce,
        Self::ConfirmFileUnreachable,
        Self::DomainsMixed,
        Self::AdministratorMustAct,
        Self::TemplateUnclear,
        Self::DetectionRunning,
        Self::Undeclared,
        Self::NotFiled,
        Self::AnotherAudit,
        Self::Soaking,
        Self::OutsideWindow,
        Self::OnHold,
        Self::TakenBack,
    ];

    /// Whether what was asked for is on its way: all that a step can do is done, and others have to say yes.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::NotLinked | Self::UnderReview)
    }

    /// The reason in a few words, as a heading.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::NotAuthorized => ("尚未扫码授权", "not authorized yet"),
            Self::PermissionSetMissing => ("缺少权限集", "a permission set is missing"),
            Self::OtherPrincipal => ("主体不符", "another principal"),
            Self::WrongAccountKind => ("账号类型不符", "the wrong kind of account"),
            Self::NotVerified => ("未认证", "not verified"),
            Self::AccountNotNormal => ("账号状态异常", "the account is not in order"),
            Self::Reauthorized => ("重新授权后待确认", "came back, to be looked at"),
            Self::NeedsApproval => ("需要审批", "an approval is missing"),
            Self::OutcomeUnknown => ("结果待查明", "an outcome is not known"),
            Self::HeldAfterTrying => ("多次未生效，待核实", "tried without effect"),
            Self::QuotaUsedUp => ("调用次数已用完", "a quota is used up"),
            Self::AfterAnotherStep => ("须先完成前一步", "another step comes first"),
            Self::CategoryMissing => ("缺少服务类目", "a service category is missing"),
            Self::FleetGuard => ("改动的租户过多", "too many tenants change at once"),
            Self::HourlyCap => ("本小时操作已达上限", "the hourly cap is reached"),
            Self::Paused => ("已暂停", "paused"),
            Self::NotLinked => ("小程序未关联", "a mini-program is not linked"),
            Self::NotThroughApi => ("接口无法设置", "the API cannot make it"),
            Self::LimitReached => ("数量已达上限", "there are as many as WeChat allows"),
            Self::NotShown => ("微信已接受，但查询不到", "accepted, and not shown"),
            Self::ClaimedByAnother => ("账号属于其他租户", "another tenant has the account"),
            Self::Unclaimed => ("有小程序无人认领", "a mini-program that nobody claims"),
            Self::NotRegistered => ("小程序尚未注册", "not registered yet"),
            Self::NameVanished => ("配置中的名称已消失", "a name is gone from the manifest"),
            Self::UnderReview => ("审核中", "under review"),
            Self::AuditRefused => ("审核被驳回", "rejected by a review"),
            Self::NameNotTaken => ("名称不可用", "WeChat does not take the name"),
            Self::DocumentsMissing => ("缺少资质文件", "documents are missing"),
            Self::RealnamePending => ("实名核验未通过", "the principal is not confirmed"),
            Self::HostNotOnPlatform => ("域名未在平台登记", "a host is not on the platform's list"),
            Self::NotInForce => ("已保存，待发布生效", "stored, in force after a release"),
            Self::ConfirmFileUnreachable => ("校验文件无法访问", "the confirm file is not served"),
            Self::DomainsMixed => ("域名设置方式不符", "domains are set the other way"),
            Self::AdministratorMustAct => {
                ("需账号管理员处理", "the account's administrator must act")
            }
            Self::TemplateUnclear => ("代码模板不明确", "which template is not clear"),
            Self::DetectionRunning => ("隐私检测中", "WeChat looks at the code"),
            Self::Undeclared => ("代码与配置的声明不符", "code and manifest do not agree"),
            Self::NotFiled => ("小程序未备案", "the mini-program is not filed"),
            Self::AnotherAudit => ("正在审核另一个版本", "another version is under review"),
            Self::Soaking => ("灰度观察中", "some users have it, the rest wait"),
            Self::OutsideWindow => ("不在允许的时间段", "outside the times it is allowed at"),
            Self::OnHold => ("按配置暂不处理", "held by the manifest"),
            Self::TakenBack => ("已被撤回或回退", "taken back"),
        };
        Text::new(zh, en)
    }
}

impl Person {
    /// The person in both languages, as in "waiting for …".
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Owner => Text::new("公众号管理员", "the owner"),
            Self::AppAdmin => Text::new("小程序管理员", "the app's administrator"),
            Self::LegalPerson => Text::new("法人", "the legal person"),
            Self::Registrant => Text::new("申请注册的个人", "the person it is registered for"),
            Self::Operator => Text::new("服务商", "us"),
            Self::PluginOwner => Text::new("插件所有者", "the plugin's owner"),
            Self::Wechat => Text::new("微信", "WeChat"),
            Self::Nobody => Text::new("无需操作", "nobody"),
        }
    }
}

impl Waiting {
    /// "waiting for the owner", in both languages.
    #[must_use]
    pub fn for_whom(&self) -> Text {
        if self.who == Person::Nobody {
            return Text::new("等待中，无需操作", "waiting, nobody has to act");
        }
        let Text { zh, en } = self.who.text();
        Text::new(format!("等待{zh}"), format!("waiting for {en}"))
    }

    /// A wait without link, end or forecast.
    #[must_use]
    pub fn new(reason: Reason, who: Person, text: Text) -> Self {
        Self {
            reason,
            who,
            text,
            link: None,
            until: None,
            then: Vec::new(),
        }
    }

    /// The same wait with a forecast of what follows.
    #[must_use]
    pub fn then(mut self, text: Text) -> Self {
        self.then.push(text);
        self
    }
}
