//! The authorization gate (授权): is the account ours to manage, and is it what the manifest says it is?
//!
//! A gate only reads. While it is shut, everything behind it waits for the person who must act.

use jiff::Timestamp;

use super::spec::{AccountKind, Verified};
use super::{At, Facts, Kind, Observation, Seen, TenantSpec, payload, principal};
use crate::plan::{Address, Person, Reason, Text, Waiting, Why, WhyKind};
use crate::wechat::authorization::granted_sets;
use crate::wechat::authorizer::{self, Account, Info};
use crate::wechat::calendar::minute;
use crate::wechat::{
    Answer, ApiError, Appid, ErrorClass, Who, endpoint, errcode, json, permission_set, text,
};

/// `service_type_info.id` of a 服务号; 0 and 1 are 订阅号. The ids overlap with mini-programs'.
const SERVICE_ACCOUNT: i64 = 2;

/// `register_type` of a mini-program that somebody registered on WeChat's website.
const BY_HAND: i64 = 0;

/// The gate's name in plans.
pub const NAME: &str = "authorization";
/// The address of the official account's gate.
pub const ADDRESS: Address = Address::of(NAME);

/// Folds the answer. Absent: the account has not authorized the platform, or has left.
#[must_use]
pub fn observe(account: &Appid, seen: &Seen) -> Observation<Info> {
    match seen.get(&authorizer::info_request(account)) {
        Some(Answer::Refused(error)) if error.class == ErrorClass::Revoked => Observation::Absent,
        answer => match payload::<Info>(&authorizer::INFO, answer) {
            Ok(info) if is_about(&info, account) => Observation::Present(info),
            Ok(_) => Observation::Unknown(Why::unreadable(
                authorizer::INFO.name,
                "it is about another account",
            )),
            Err(why) => Observation::Unknown(why),
        },
    }
}

/// Whether an answer is about the account that was asked about. One that names none that is one proves nothing.
fn is_about(info: &Info, account: &Appid) -> bool {
    info.authorization_info
        .authorizer_appid
        .parse()
        .is_ok_and(|named| named == *account)
}

/// The facts that resources behind the gate rely on.
#[must_use]
pub fn facts(info: &Info, account: &Appid) -> Facts {
    Facts {
        account: account.clone(),
        kind: kind(&info.authorizer_info),
        granted: granted_sets(info.authorization_info.func_info.as_ref()),
        service_account: is_service_account(&info.authorizer_info),
        verified: is_qualified(&info.authorizer_info),
        through_api: info
            .authorizer_info
            .register_type
            .map(|kind| kind != BY_HAND),
        original_id: Some(info.authorizer_info.user_name.clone()).filter(|id| !id.is_empty()),
    }
}

/// Whether an account is a 服务号; the ids overlap with those of mini-programs.
pub(super) fn is_service_account(account: &Account) -> bool {
    !account.is_mini_program() && account.service_type_info.id == SERVICE_ACCOUNT
}

fn kind(account: &Account) -> Kind {
    if account.is_mini_program() {
        Kind::App
    } else {
        Kind::Official
    }
}

/// Who scans for an account of a kind.
#[must_use]
pub fn administrator(kind: Kind) -> Person {
    match kind {
        Kind::Official => Person::Owner,
        Kind::App => Person::AppAdmin,
        Kind::Platform => Person::Operator,
    }
}

/// What the store knows of an account's authorization.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Past {
    /// It never authorized the platform, as far as is known.
    #[default]
    Never,
    /// It has authorized the platform.
    Authorized,
    /// It has left; since when that is known.
    Left(Timestamp),
}

/// How it is called that an account is not authorized, in a few words.
#[must_use]
pub fn title(past: Past) -> Text {
    match past {
        Past::Never => Reason::NotAuthorized.title(),
        Past::Authorized => Text::new("须重新扫码授权", "to be authorized again"),
        Past::Left(_) => Text::new("已取消授权", "the authorization was cancelled"),
    }
}

/// The owner must authorize the platform: for the first time, or again.
#[must_use]
pub fn not_authorized(kind: Kind, account: Option<&Appid>, past: Past) -> Waiting {
    let who = administrator(kind);
    let (name, admin) = (kind.zh(), who.text().zh);
    let text = match (account, kind) {
        (Some(account), _) if past != Past::Never => {
            let (zh, en) = match past {
                Past::Left(since) => {
                    let since = minute(since);
                    (
                        format!("（{since} 得知）"),
                        format!(" (known since {since})"),
                    )
                }
                Past::Never | Past::Authorized => (String::new(), String::new()),
            };
            Text::new(
                format!("{name} {account} 已取消对本平台的授权{zh}，请{admin}重新扫码授权"),
                format!(
                    "{account} has cancelled its authorization of the platform{en}: its administrator must scan again"
                ),
            )
        }
        (Some(account), _) => Text::new(
            format!("{name} {account} 尚未授权给本平台，请{admin}扫码授权"),
            format!("{account} has not authorized the platform: its administrator must scan"),
        ),
        (None, Kind::Official | Kind::Platform) => Text::new(
            "等待公众号管理员扫码授权，授权后绑定其 appid",
            "its administrator must scan to authorize the platform; the account is then pinned to this tenant",
        ),
        (None, Kind::App) => Text::new(
            "等待小程序管理员扫码授权，授权后绑定其 appid",
            "its administrator must scan to authorize the platform; the mini-program is then pinned to this item",
        ),
    };
    Waiting::new(Reason::NotAuthorized, who, text)
}

/// A permission set that a resource needs and the account has not granted.
#[must_use]
pub fn set_missing(kind: Kind, sets: &[u16]) -> Waiting {
    let who = administrator(kind);
    let listed = |describe: fn(u16) -> String, or: &str| {
        let all: Vec<String> = sets.iter().map(|id| describe(*id)).collect();
        all.join(or)
    };
    let (zh, en) = (
        listed(permission_set::describe_zh, "或 "),
        listed(permission_set::describe, " / "),
    );
    Waiting::new(
        Reason::PermissionSetMissing,
        who,
        Text::new(
            format!("权限集 {zh}未授予本平台，请{}重新授权并勾选", who.text().zh),
            format!("permission set {en} is not granted"),
        ),
    )
}

/// The wait that a refusal comes to, where the account's owner can end it: the account is not entitled to the API, or
/// has not granted its permission set.
#[must_use]
pub fn lacking(facts: &Facts, error: &ApiError) -> Option<Waiting> {
    if error.who != Who::AccountAdmin {
        return None;
    }
    if errcode::lacks_permission_set(error) {
        let sets = endpoint::by_name(&error.endpoint)?.sets;
        return Some(set_missing(facts.kind, sets));
    }
    if !errcode::lacks_capability(error) {
        return None;
    }
    let (name, code) = (&error.endpoint, error.errcode);
    let who = administrator(facts.kind);
    let admin = who.text().zh;
    let (reason, text) = if facts.verified {
        (
            if facts.service_account {
                Reason::NotVerified
            } else {
                Reason::WrongAccountKind
            },
            Text::new(
                format!(
                    "微信未向该账号开放 {name}（{code}）：账号类型或认证状态不够（刚通过认证的须等微信更新），或该权限已被其他平台占用；\
                     请{admin}在公众平台查看「接口权限」"
                ),
                format!(
                    "WeChat does not give this account {name} ({code}): its kind or verification is not enough (one that \
                     was verified just now takes a while), or another platform holds it; its administrator sees the API \
                     rights (接口权限) in WeChat's console"
                ),
            ),
        )
    } else {
        (
            Reason::NotVerified,
            Text::new(
                format!("账号未认证，微信未向其开放 {name}（{code}）：请{admin}在公众平台完成认证"),
                format!(
                    "the account is not verified, so WeChat does not give it {name} ({code}): its administrator must \
                     complete verification in WeChat's console"
                ),
            ),
        )
    };
    Some(Waiting::new(reason, who, text))
}

/// As [`lacking`], for what could not be read because of such a refusal.
#[must_use]
pub(super) fn unread_for_want(why: &Why, facts: &Facts, seen: &Seen) -> Option<Waiting> {
    seen.values().find_map(|answer| match answer {
        Answer::Refused(error) if Why::refused(error) == *why => lacking(facts, error),
        Answer::Refused(_) | Answer::Done(_) | Answer::Lost(_) => None,
    })
}

/// Every way in which the account is not what the manifest says.
#[must_use]
pub fn objections(spec: &TenantSpec, at: &At, account: &Account) -> Vec<Waiting> {
    let mut found = Vec::new();
    found.extend(status_objection(account));
    if kind(account) != at.kind() {
        let (is, want) = (kind(account), at.kind());
        found.push(wrong_kind(
            at.kind(),
            (is.zh(), is.en()),
            (want.zh(), want.en()),
        ));
        return found;
    }
    if let Some(item) = at.item(spec) {
        found.extend(principal::objection(spec, at, account));
        let required = item.require.and_then(|require| require.verified);
        found.extend(verification_objection(required, at.kind(), account));
        return found;
    }
    let require = spec
        .official_account
        .as_ref()
        .and_then(|oa| oa.require)
        .unwrap_or_default();
    match (require.kind, is_service_account(account)) {
        (Some(AccountKind::Service), false) => {
            found.push(wrong_kind(
                at.kind(),
                ("订阅号", "a subscription account"),
                ("服务号", "a service account"),
            ));
        }
        (Some(AccountKind::Subscription), true) => {
            found.push(wrong_kind(
                at.kind(),
                ("服务号", "a service account"),
                ("订阅号", "a subscription account"),
            ));
        }
        (Some(AccountKind::Service), true)
        | (Some(AccountKind::Subscription), false)
        | (None, _) => {}
    }
    found.extend(principal::objection(spec, at, account));
    found.extend(verification_objection(require.verified, at.kind(), account));
    found
}

fn wrong_kind(
    kind: Kind,
    (is_zh, is_en): (&str, &str),
    (want_zh, want_en): (&str, &str),
) -> Waiting {
    Waiting::new(
        Reason::WrongAccountKind,
        administrator(kind),
        Text::new(
            format!("授权的账号是{is_zh}，配置要求{want_zh}；请用正确的账号授权"),
            format!(
                "the account is {is_en}, the manifest requires {want_en}: authorize the right one"
            ),
        ),
    )
}

/// The account is closed, banned or frozen.
pub(super) fn status_objection(account: &Account) -> Option<Waiting> {
    let (zh, en) = match account.account_status? {
        14 => ("已注销", "closed"),
        16 => ("已封禁", "banned"),
        19 => ("已冻结", "frozen"),
        _ => return None,
    };
    let who = administrator(kind(account));
    Some(Waiting::new(
        Reason::AccountNotNormal,
        who,
        Text::new(
            format!("账号{zh}，请{}先恢复账号", who.text().zh),
            format!("the account is {en}: its administrator must restore it first"),
        ),
    ))
}

/// What a manifest requires of the account and the answer does not say: not known is not "otherwise".
#[must_use]
pub fn not_said(spec: &TenantSpec, account: &Account) -> Option<Why> {
    let said = account.principal_name.as_deref().map(text::visible);
    let unsaid = |name: String| name.is_empty() || name.contains(json::LOST);
    let missing = principal::required(spec).is_some() && said.is_none_or(unsaid);
    missing.then(|| {
        Why::unreadable(
            authorizer::INFO.name,
            "it does not say whose account it is (`principal_name`)",
        )
    })
}

/// `verify_type_info.id`: 0 verified; 3 and 4 verified as an entity but not by name.
fn is_qualified(account: &Account) -> bool {
    matches!(account.verify_type_info.id, 0 | 3 | 4)
}

fn verification_objection(
    required: Option<Verified>,
    kind: Kind,
    account: &Account,
) -> Option<Waiting> {
    let (ok, zh, en) = match required? {
        Verified::Name => (
            account.verify_type_info.id == 0,
            "名称认证",
            "name verification",
        ),
        Verified::Qualification => (
            is_qualified(account),
            "资质认证",
            "qualification verification",
        ),
    };
    let who = administrator(kind);
    (!ok).then(|| {
        Waiting::new(
            Reason::NotVerified,
            who,
            Text::new(
                format!("账号未通过{zh}，请{}在公众平台完成认证", who.text().zh),
                format!(
                    "the account lacks {en}: its administrator must complete it in WeChat's console"
                ),
            ),
        )
    })
}

/// Template messages are for verified 服务号 only (48001 else): nothing is asked before the account is one.
#[must_use]
pub fn no_template_messages(facts: &Facts) -> Option<Waiting> {
    let (reason, text) = if !facts.service_account {
        (
            Reason::WrongAccountKind,
            Text::new(
                "模板消息只对服务号开放，该账号是订阅号",
                "template messages are for service accounts; this is a subscription account",
            ),
        )
    } else if !facts.verified {
        (
            Reason::NotVerified,
            Text::new(
                "模板消息要求服务号已认证，请公众号管理员在公众平台完成认证",
                "template messages need a verified account: its administrator must complete verification in WeChat's console",
            ),
        )
    } else {
        return None;
    };
    Some(Waiting::new(reason, Person::Owner, text))
}

/// What an observation comes to where nothing may be asked: a 订阅号 has neither industries nor templates; what an
/// unverified 服务号 has, WeChat does not say.
#[must_use]
pub fn no_templates_to_see<T>(facts: &Facts) -> Option<Observation<T>> {
    let waiting = no_template_messages(facts)?;
    Some(if facts.service_account {
        Observation::Unknown(Why {
            kind: WhyKind::NotComparable,
            text: waiting.text,
        })
    } else {
        Observation::Absent
    })
}
