//! The gate of each of a tenant's accounts: whether it is ours to manage, and what the manifest says it is. Pure.

use super::at::{At, accounts};
use super::authorization::Past;
use super::registry::{Managed, managed};
use super::spec::MiniProgramSpec;
use super::subject::{Claimant, Subject};
use super::{Facts, Gates, Kind, Observation, Outputs, Seen, app, authorization, registration};
use crate::plan::{Person, Reason, Text, Verdict, Waiting, Whose, Why, WhyKind};
use crate::wechat::text::visible;
use crate::wechat::{Appid, Call, ErrorClass, Who, authorizer, basic_info};

/// Whether an account's gate is open.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// It is ours, and what the manifest says it is.
    Open {
        /// What is known of it.
        facts: Facts,
        /// Its own name; may be empty.
        nick_name: String,
    },
    /// There is no account yet, and the platform asks for one. Everything else behind it waits.
    Unborn {
        /// What stands in the account's place: the platform.
        facts: Facts,
        /// What the rest waits for.
        waiting: Waiting,
    },
    /// Everything behind it waits, or is not known.
    Shut(Vec<Verdict>),
}

impl Gate {
    /// What is known of the account.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Open { facts, .. } => Some(facts),
            Self::Unborn { .. } | Self::Shut(_) => None,
        }
    }

    /// What a resource of the account is compared by, if it can be.
    pub(super) fn facts_for(&self, resource: &dyn Managed) -> Option<&Facts> {
        match self {
            Self::Open { facts, .. } => Some(facts),
            Self::Unborn { facts, .. } => resource.makes_the_account().then_some(facts),
            Self::Shut(_) => None,
        }
    }

    /// The wait for this reason that keeps it shut.
    #[must_use]
    pub fn waits_for(&self, reason: Reason) -> Option<&Waiting> {
        let verdicts = match self {
            Self::Open { .. } => return None,
            Self::Unborn { waiting, .. } => {
                return Some(waiting).filter(|waiting| waiting.reason == reason);
            }
            Self::Shut(verdicts) => verdicts,
        };
        verdicts.iter().find_map(|verdict| match verdict {
            Verdict::Waiting(waiting) if waiting.reason == reason => Some(waiting),
            Verdict::Waiting(_)
            | Verdict::Step(_)
            | Verdict::Rejected { .. }
            | Verdict::Suppressed { .. }
            | Verdict::Unknown(_) => None,
        })
    }
}

/// The gate of every account.
pub(super) fn gates(subject: &Subject<'_>, seen: &Seen) -> Gates {
    accounts(subject.spec)
        .into_iter()
        .map(|at| {
            let gate = gate(subject, &at, seen);
            (at.whose, gate)
        })
        .collect()
}

/// What business code may ask for of an account whose gate is open: which it is.
pub(super) fn outputs(whose: &Whose, facts: &Facts) -> Outputs {
    if facts.kind == Kind::Platform {
        return Outputs::new();
    }
    let Some(item) = whose.item() else {
        return Outputs::from([(
            "officialAccount.appId".to_owned(),
            facts.account.to_string(),
        )]);
    };
    let named = |field: &str| format!("miniPrograms.{item}.{field}");
    let original_id = facts.original_id.clone();
    let original_id = original_id.map(|id| (named("originalId"), id));
    [(named("appId"), facts.account.to_string())]
        .into_iter()
        .chain(original_id)
        .collect()
}

/// The reads that are missing before every gate is known.
pub(super) fn missing(subject: &Subject<'_>, gates: &Gates, seen: &Seen) -> Vec<Call> {
    let accounts = accounts(subject.spec);
    let ours = accounts
        .iter()
        .filter(|at| subject.known(&at.whose).claimed_by.is_none());
    let reads = ours.filter_map(|at| {
        if at.kind() == Kind::Platform {
            return None;
        }
        let info = authorizer::info_request(subject.appid(at)?);
        if !seen.contains_key(&info) {
            return Some(info);
        }
        let asked = at.kind() == Kind::App && managed(subject.spec, at).next().is_some();
        let facts = gates.get(&at.whose)?.facts()?;
        let profile = basic_info::get_request(&facts.account);
        (asked && facts.grants(basic_info::GET.sets) && !seen.contains_key(&profile))
            .then_some(profile)
    });
    reads.collect()
}

fn gate(subject: &Subject<'_>, at: &At, seen: &Seen) -> Gate {
    let spec = subject.spec;
    if at.kind() == Kind::Platform {
        return Gate::Open {
            facts: Facts::of_platform(subject.platform, Kind::Platform),
            nick_name: String::new(),
        };
    }
    let nothing_of_it =
        spec.official_account.is_none() && managed(subject.spec, at).next().is_none();
    if at.whose == Whose::Official && nothing_of_it {
        return Gate::Shut(Vec::new());
    }
    let known = subject.known(&at.whose);
    let wait = |waiting: Waiting| Gate::Shut(vec![Verdict::Waiting(waiting)]);
    let Some(account) = subject.appid(at) else {
        if let Some(waiting) = maybe_renamed(subject, at) {
            return wait(waiting);
        }
        if at
            .item(spec)
            .is_some_and(MiniProgramSpec::reuses_official_account)
        {
            let item = at.whose.item().unwrap_or_default();
            if !may_register(subject, seen) {
                return wait(official_first(item));
            }
            let backdrop = subject.backdrop;
            let confirmed =
                backdrop.scanned.contains_key(item) || backdrop.in_doubt.contains_key(item);
            return wait(not_registered(item, confirmed));
        }
        if at.item(spec).is_some_and(MiniProgramSpec::is_for_a_person) {
            return Gate::Unborn {
                facts: Facts::of_platform(subject.platform, Kind::App),
                waiting: person_first(at.whose.item().unwrap_or_default()),
            };
        }
        return wait(authorization::not_authorized(at.kind(), None, Past::Never));
    };
    if let Some(claimant) = &known.claimed_by {
        return wait(claimed_by(account, claimant, subject.tenant));
    }
    if let Some(other) = known.pinned.as_ref().filter(|pinned| *pinned != account) {
        return wait(pinned_elsewhere(at, account, other));
    }
    match authorization::observe(account, seen) {
        Observation::Unknown(why) => Gate::Shut(vec![unknown(why, at.kind())]),
        Observation::Absent => wait(authorization::not_authorized(
            at.kind(),
            Some(account),
            known.past,
        )),
        Observation::Present(live) => {
            let objections = authorization::objections(spec, at, &live.authorizer_info);
            if let Some(why) = authorization::not_said(spec, &live.authorizer_info) {
                Gate::Shut(vec![Verdict::Unknown(why)])
            } else if objections.is_empty() {
                let facts = authorization::facts(&live, account);
                if let Some(waiting) = app::objection(&facts, seen) {
                    return wait(waiting);
                }
                Gate::Open {
                    facts,
                    nick_name: visible(&live.authorizer_info.nick_name.unwrap_or_default()),
                }
            } else {
                Gate::Shut(objections.into_iter().map(Verdict::Waiting).collect())
            }
        }
    }
}

/// Whether the official account can be registered through, as far as it is known: it has authorized, is verified, and grants
/// what that takes. A link to scan would lead nowhere otherwise.
fn may_register(subject: &Subject<'_>, seen: &Seen) -> bool {
    let Some(official) = subject.appid(&At::OFFICIAL) else {
        return false;
    };
    match authorization::observe(official, seen) {
        Observation::Unknown(_) => true,
        Observation::Absent => false,
        Observation::Present(live) => {
            let facts = authorization::facts(&live, official);
            facts.verified && registration::lacking(&facts).is_none()
        }
    }
}

/// A mini-program that waits for its official account: what that waits for is said there.
#[must_use]
pub fn official_first(item: &str) -> Waiting {
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!(
                "小程序 {item} 尚未注册；公众号授权、通过认证并授予注册所需的权限之后，才能扫码注册"
            ),
            format!(
                "`{item}` does not exist yet; it can be registered once the official account has authorized, is verified and grants \
                 what that takes"
            ),
        ),
    )
}

/// A mini-program that does not exist yet: a person agrees, and then WeChat makes it.
#[must_use]
pub fn person_first(item: &str) -> Waiting {
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!("小程序 {item} 尚未注册，本人同意、微信创建之后继续"),
            format!(
                "`{item}` does not exist yet; goes on once the person has agreed and WeChat has made it"
            ),
        ),
    )
}

/// A mini-program that does not exist yet: its official account's administrator scans, and then it is registered.
/// `confirmed`: that has been done.
#[must_use]
pub fn not_registered(item: &str, confirmed: bool) -> Waiting {
    if confirmed {
        return Waiting::new(
            Reason::AfterAnotherStep,
            Person::Nobody,
            Text::new(
                format!("公众号管理员已扫码，{item} 注册之后继续"),
                format!("the administrator has scanned; goes on once `{item}` is registered"),
            ),
        );
    }
    Waiting::new(
        Reason::NotRegistered,
        Person::Owner,
        Text::new(
            "小程序尚未注册，请公众号管理员打开链接并扫码确认，以公众号的主体注册",
            "the mini-program does not exist yet: the official account's administrator opens the link and scans, and it is \
             registered with the official account's principal",
        ),
    )
}

/// A manifest that names another account than the one pinned would silently move a customer.
fn pinned_elsewhere(at: &At, declared: &Appid, pinned: &Appid) -> Waiting {
    let (zh, en) = match at.whose.item() {
        None => (
            format!("该租户已绑定 {pinned}，配置写的是 {declared}；请改回，或为新账号新建租户"),
            format!(
                "the tenant is pinned to {pinned}, the manifest says {declared}: \
                 put it back, or make a new tenant for the other account"
            ),
        ),
        Some(item) => (
            format!(
                "小程序 {item} 已绑定 {pinned}，配置写的是 {declared}；请改回，或为另一个小程序在 miniPrograms 中新增一项"
            ),
            format!(
                "mini-program `{item}` is pinned to {pinned}, the manifest says {declared}: \
                 put it back, or add an item to miniPrograms for the other one"
            ),
        ),
    };
    Waiting::new(
        Reason::ClaimedByAnother,
        Person::Operator,
        Text::new(zh, en),
    )
}

/// An item without an account, while a pinned name has gone from the manifest: it may be that one renamed, and asking for
/// another account, or registering one, could not be undone.
fn maybe_renamed(subject: &Subject<'_>, at: &At) -> Option<Waiting> {
    let item = at.whose.item()?;
    let (gone, appid) = subject.vanished.first_key_value()?;
    Some(Waiting::new(
        Reason::NameVanished,
        Person::Operator,
        Text::new(
            format!(
                "{gone}（{appid}）已绑定，但配置中不再有它，而 {item} 还没有账号：若是改名，请为 {item} 写明 renamedFrom: {gone}；若不再管理，请执行 wxops claim release {appid}"
            ),
            format!(
                "`{gone}` ({appid}) is pinned and stands in the manifest no more, and `{item}` has no account: if it was \
                 renamed, say `renamedFrom: {gone}` at `{item}`; if it is not to be managed any more: wxops claim release {appid}"
            ),
        ),
    ))
}

/// One appid, one tenant, one item.
fn claimed_by(account: &Appid, claimant: &Claimant, tenant: &str) -> Waiting {
    let Claimant {
        tenant: other,
        whose,
    } = claimant;
    let text = if other == tenant {
        let item = whose.item().unwrap_or("officialAccount");
        Text::new(
            format!(
                "{account} 已是该租户的 {item}；若此项由它改名而来，请写明 renamedFrom: {item}"
            ),
            format!(
                "{account} is this tenant's `{item}` already: if this item is that one renamed, say `renamedFrom: {item}`"
            ),
        )
    } else {
        Text::new(
            format!(
                "{account} 已归租户 {other} 管理；一个账号只能属于一个租户。{other} 若已改名或删除：wxops claim release {account}"
            ),
            format!(
                "{account} belongs to tenant {other}; an account has one tenant. \
                 If {other} was renamed or removed: wxops claim release {account}"
            ),
        )
    };
    Waiting::new(Reason::ClaimedByAnother, Person::Operator, text)
}

/// What is not known, since WeChat refused to tell until the account's administrator has acted, is a wait for that
/// person: it must not end every plan of a fleet with an error. Everything else is a read that failed.
pub(super) fn unknown(why: Why, kind: Kind) -> Verdict {
    let WhyKind::Refused { class, who } = why.kind else {
        return Verdict::Unknown(why);
    };
    let by_a_person = matches!(
        class,
        ErrorClass::Human | ErrorClass::Permission | ErrorClass::Revoked
    );
    let who = match who {
        Who::AccountAdmin | Who::LegalPerson => authorization::administrator(kind),
        Who::AppAdmin => Person::AppAdmin,
        Who::Wxops | Who::Operator | Who::PlatformAdmin | Who::Wechat => {
            return Verdict::Unknown(why);
        }
    };
    if by_a_person {
        Verdict::Waiting(Waiting::new(Reason::AdministratorMustAct, who, why.text))
    } else {
        Verdict::Unknown(why)
    }
}
