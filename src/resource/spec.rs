//! What one tenant declares, merged and typed. It holds no source positions: whoever prints a path looks its
//! place up in `manifest`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::app::privacy::GUIDE_FILE;
use super::app::{
    Categories, CategorySpec, Code, CodeSpec, DataPrefetchSpec, DomainsSpec, FollowComponentSpec,
    LocationApiSpec, Nickname, NicknameSpec, OrderPathSpec, PluginSpec, Privacy, PrivacySpec,
    avatar,
};
use super::file::{FileRef, Format, Wanted};
use super::personal_registration::PersonSpec;
use super::windows::WindowsSpec;
use super::{
    At, AvatarSpec, IndustrySpec, LinkSpec, MenuSpec, OpenAccountSpec, OptionsSpec,
    PlatformDomainsSpec, RegistrationSpec, Resource, SubscribeMessageSpec, TagSpec, TemplatesSpec,
};
use crate::plan::Costly;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;

/// The merged spec of a Tenant: its class below, its own fields above, placeholders filled in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TenantSpec {
    /// The Platform whose authorizer this tenant is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_ref: Option<NameRef>,
    /// The TenantClass this tenant starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_ref: Option<NameRef>,
    /// Values for `$(values.x)` in strings.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// The legal entity (主体) the accounts must belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<PrincipalSpec>,
    /// The open account (开放平台账号) that gives the tenant's accounts common unionids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_account: Option<OpenAccountSpec>,
    /// The official account (公众号).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub official_account: Option<OfficialAccountSpec>,
    /// The mini-programs (小程序), each under a name of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mini_programs: Vec<MiniProgramSpec>,
    /// When code may be submitted and released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<WindowsSpec>,
    /// What wxops may do for this tenant.
    pub policy: PolicySpec,
    /// The lists of a platform, which is compared like a tenant: it stands for the platform, and no tenant has it.
    #[schemars(skip)]
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub platform_domains: Option<PlatformDomainsSpec>,
}

/// A reference to another document by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameRef {
    /// `metadata.name` of the other document.
    pub name: String,
}

/// The legal entity (主体).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrincipalSpec {
    /// Its full registered name. An account of somebody else is not touched.
    #[schemars(extend("x-wire" = "authorizer_info.principal_name", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A picture of its licence (营业执照), for what WeChat takes only with proof. JPEG, PNG or GIF, at most 2 MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<FileRef>,
}

/// The official account and what is declared of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OfficialAccountSpec {
    /// Its appid. Left out: the tenant waits for its owner to scan; then the appid is pinned.
    #[schemars(extend("x-wire" = "authorizer_appid", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// What the account must be before anything is changed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<RequireSpec>,
    /// The tags (标签) there should be. Others are left alone.
    #[schemars(extend("x-limit" = "100 at an account", "x-calls" = ["tags/create", "tags/get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<TagSpec>>,
    /// The custom menu (自定义菜单).
    #[schemars(extend(
        "x-wire" = "button",
        "x-calls" = ["menu/create", "menu/delete", "get_current_selfmenu_info", "menu/get"]
    ))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu: Option<MenuSpec>,
    /// The mini-programs (小程序) it is linked to. Two administrators confirm each in WeChat. Those that are not in the
    /// list are left alone.
    #[schemars(extend("x-limit" = "13 new links a month", "x-calls" = ["wxopen/wxamplink", "wxopen/wxampunlink", "wxopen/wxamplinkget"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<LinkSpec>>,
    /// The industries its templates are chosen from (old template model).
    #[schemars(extend("x-calls" = ["template/api_set_industry", "template/get_industry"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<IndustrySpec>,
    /// The message templates.
    #[schemars(extend("x-calls" = ["template/api_add_template", "template/del_private_template", "template/get_all_private_template"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<TemplatesSpec>,
    /// The templates of its subscription notifications (订阅通知). A class's and a tenant's are merged by `name`; others
    /// are left alone.
    #[schemars(extend("x-limit" = "25 at an account", "x-calls" = ["newtmpl/addtemplate", "newtmpl/gettemplate"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe_messages: Option<Vec<SubscribeMessageSpec>>,
    /// What the account reports to the platform.
    #[schemars(extend("x-calls" = ["api_set_authorizer_option", "api_get_authorizer_option"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<OptionsSpec>,
}

/// One mini-program and what is declared of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MiniProgramSpec {
    /// Its name among the tenant's. What belongs to it is remembered under it: see `renamedFrom`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,31}$"))]
    pub name: String,
    /// The name it had before in this manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,31}$"))]
    pub renamed_from: Option<String>,
    /// Its appid. Left out: it waits for its administrator to scan; then the appid is pinned.
    #[schemars(extend("x-wire" = "authorizer_appid", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// How it comes to be, where it does not exist yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<RegistrationSpec>,
    /// What it must be before anything is changed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<RequireAppSpec>,
    /// The name (名称) that users see: alone, or as a map. Each is one of two a year and needs an approval; most are
    /// reviewed.
    #[schemars(extend("x-wire" = "nick_name", "x-calls" = ["setnickname", "wxverify/checkwxverifynickname", "api_wxa_querynickname", "account/getaccountbasicinfo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<NicknameSpec>,
    /// The introduction (介绍) that users read on its page. It may have several lines.
    #[schemars(length(min = 4, max = 120), extend("x-wire" = "signature", "x-calls" = ["account/modifysignature", "account/getaccountbasicinfo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The service categories (服务类目), all of them.
    #[schemars(extend("x-wire" = "categories", "x-calls" = ["wxopen/addcategory", "wxopen/getcategory", "wxopen/modifycategory", "wxopen/deletecategory", "wxopen/getallcategories"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<CategorySpec>>,
    /// Whether users find it by searching.
    #[schemars(extend("x-wire" = "status", "x-calls" = ["changewxasearchstatus", "getwxasearchstatus"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searchable: Option<bool>,
    /// Whether it serves its users; false pauses it.
    #[schemars(extend("x-wire" = "action", "x-calls" = ["change_visitstatus", "getvisitstatus"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serving: Option<bool>,
    /// The oldest base library (基础库) it runs on.
    #[schemars(extend("x-wire" = "version", "x-calls" = ["wxopen/setweappsupportversion", "wxopen/getweappsupportversion"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_base_library: Option<String>,
    /// The avatar (头像): BMP, JPEG, GIF or PNG, at most 2 MB. Each change is one of five a year and needs an approval.
    #[schemars(extend("x-wire" = "head_img_media_id", "x-calls" = ["account/modifyheadimage", "media/upload", "account/getaccountbasicinfo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<AvatarSpec>,
    /// The domains (域名): the servers it may talk to, and the pages it may show. Users get a change with the next release.
    #[schemars(extend("x-limit" = "50 changes a month", "x-calls" = ["modify_domain add", "modify_domain delete", "modify_domain_directly add", "modify_domain_directly delete", "get_effective_domain"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<DomainsSpec>,
    /// The hosts whose names are resolved before it runs (DNS 预解析域名), without scheme: the whole list.
    #[schemars(extend("x-wire" = "prefetch_dns_domain", "x-limit" = "5 hosts, 50 changes a month", "x-calls" = ["set_prefetchdnsdomain", "get_prefetchdnsdomain"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_prefetch: Option<Vec<String>>,
    /// The data that WeChat fetches for it ahead of time.
    #[schemars(extend("x-calls" = ["fetchdatasetting set_pre_fetch", "fetchdatasetting set_period_fetch", "fetchdatasetting get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_prefetch: Option<DataPrefetchSpec>,
    /// Which official account it shows to users who came by scanning (扫码关注组件): one that is linked to it.
    #[schemars(extend("x-calls" = ["updateshowwxaitem", "getshowwxaitem", "getwxamplinkforshow"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_component: Option<FollowComponentSpec>,
    /// The plugins (插件) it uses, by appid. Others are left alone; one that must not be used says `absent: true`.
    #[schemars(extend("x-calls" = ["plugin list", "plugin apply", "plugin update", "plugin unbind"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugins: Option<Vec<PluginSpec>>,
    /// The location APIs (地理位置接口) it has permission for. WeChat reviews each; others are left alone.
    #[schemars(extend("x-calls" = ["security/apply_privacy_interface", "security/get_privacy_interface"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_apis: Option<Vec<LocationApiSpec>>,
    /// The page of its orders (订单页 path). WeChat reviews it.
    #[schemars(extend("x-calls" = ["security/applysetorderpathinfo", "security/getorderpathinfo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_path: Option<OrderPathSpec>,
    /// Its privacy guide (用户隐私保护指引): what it collects and why. Users get a change with the next release.
    #[schemars(extend("x-calls" = ["setprivacysetting", "getprivacysetting"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<PrivacySpec>,
    /// Its code (代码): which template of the platform's library users should have.
    #[schemars(extend("x-calls" = ["commit", "submit_audit", "release", "gettemplatelist"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeSpec>,
    /// Who may open its trial version (体验成员), by WeChat id (微信号). Others are left alone.
    #[schemars(extend("x-wire" = "wechatid", "x-calls" = ["bind_tester", "memberauth"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub testers: Option<Vec<String>>,
}

impl MiniProgramSpec {
    /// Whether it is to be registered with the official account's principal, where it does not exist.
    #[must_use]
    pub fn reuses_official_account(&self) -> bool {
        let registration = self.registration.as_ref();
        registration.is_some_and(|how| how.reuse_official_account.is_some())
    }

    /// The person that it is to be registered for, if it is.
    #[must_use]
    pub fn person(&self) -> Option<&PersonSpec> {
        self.registration.as_ref()?.personal.as_ref()
    }

    /// Whether it is to be registered for a person.
    #[must_use]
    pub fn is_for_a_person(&self) -> bool {
        self.person().is_some()
    }
}

/// Where the principal's licence stands.
pub(super) fn licence_path() -> SpecPath {
    SpecPath::root().field("principal").field("license")
}

/// What WeChat takes as a licence.
const LICENCE: Wanted = Wanted {
    what: "a licence",
    most: 2 * 1024 * 1024,
    formats: &[Format::Jpeg, Format::Png, Format::Gif],
};

/// Every file that a tenant refers to: where, and what it must be.
#[must_use]
pub fn files(tenant: &TenantSpec) -> Vec<(SpecPath, FileRef, Wanted)> {
    let licence = tenant.principal.iter().filter_map(|one| {
        let file = one.license.clone()?;
        Some((licence_path(), file, LICENCE))
    });
    let apps = tenant.mini_programs.iter().enumerate();
    let avatars = apps.filter_map(|(index, item)| {
        let path = At::app(&item.name, index).root().field("avatar");
        Some((path, item.avatar.as_ref()?.source(), avatar::WANTED))
    });
    let apps = tenant.mini_programs.iter().enumerate();
    let names = apps.flat_map(|(index, item)| {
        let path = Nickname::path(&At::app(&item.name, index));
        let files = item.nickname.iter().flat_map(move |name| name.files(&path));
        files.collect::<Vec<_>>()
    });
    let apps = tenant.mini_programs.iter().enumerate();
    let certificates = apps.flat_map(|(index, item)| {
        let path = Categories::path(&At::app(&item.name, index));
        let all = item.categories.iter().flatten().enumerate();
        let files = all.flat_map(move |(n, one)| one.files(&path.index(n)));
        files.collect::<Vec<_>>()
    });
    let apps = tenant.mini_programs.iter().enumerate();
    let reviewed = apps.flat_map(|(index, item)| {
        let path = Code::path(&At::app(&item.name, index)).field("audit");
        let audit = item.code.iter().filter_map(|code| code.audit.as_ref());
        let files = audit.flat_map(move |audit| audit.files(&path));
        files.collect::<Vec<_>>()
    });
    let apps = tenant.mini_programs.iter().enumerate();
    let guides = apps.filter_map(|(index, item)| {
        let path = Privacy::path(&At::app(&item.name, index)).field("extFile");
        Some((path, item.privacy.as_ref()?.ext_file.clone()?, GUIDE_FILE))
    });
    licence
        .chain(avatars)
        .chain(names)
        .chain(certificates)
        .chain(reviewed)
        .chain(guides)
        .collect()
}

/// What a mini-program must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequireAppSpec {
    /// How far it must be verified (认证).
    #[schemars(extend("x-wire" = "authorizer_info.verify_type_info.id", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// What an account must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequireSpec {
    /// 服务号 or 订阅号.
    #[schemars(extend("x-wire" = "authorizer_info.service_type_info.id", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AccountKind>,
    /// How far it must be verified (认证).
    #[schemars(extend("x-wire" = "authorizer_info.verify_type_info.id", "x-calls" = ["api_get_authorizer_info"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verified>,
}

/// The kind of an official account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccountKind {
    /// 服务号.
    Service,
    /// 订阅号.
    Subscription,
}

/// How far an account must be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verified {
    /// The legal entity is verified; the name need not be (`verify_type_info` 0, 3 or 4).
    Qualification,
    /// Entity and name are verified (`verify_type_info` 0).
    Name,
}

/// What wxops may do for a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PolicySpec {
    /// Whether differences are acted on.
    pub mode: Mode,
    /// Costly actions that need no single approval.
    #[schemars(with = "Vec<Costly>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preapproved: Vec<String>,
    /// What happens at WeChat when the Tenant disappears.
    pub deletion: Deletion,
    /// Per resource: opt out, or only report drift.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {"enum": super::registry::names()}))]
    pub resources: BTreeMap<String, ResourcePolicy>,
}

impl PolicySpec {
    /// The costly actions that need no single approval.
    #[must_use]
    pub fn preapproved(&self) -> Vec<Costly> {
        self.preapproved
            .iter()
            .filter_map(|word| word.parse().ok())
            .collect()
    }
}

/// Whether differences are acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Differences are shown and never acted on.
    Observe,
    /// Differences are acted on.
    #[default]
    Enforce,
}

/// What happens at WeChat when the Tenant disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Deletion {
    /// Nothing: the account keeps what it has.
    #[default]
    Orphan,
}

/// The policy of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResourcePolicy {
    /// `false`: leave alone what the class declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manage: Option<bool>,
    /// What to do when WeChat moved though the manifest did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_drift: Option<OnDrift>,
}

/// What to do about drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnDrift {
    /// Put back what the manifest says.
    Revert,
    /// Only say it.
    Report,
}
