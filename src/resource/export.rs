//! From what was read of an account to what a manifest would say of it: the pure half of an import.
//!
//! Nothing is guessed. Which accounts make a tenant is not decided here. What was not read, what no manifest can say, and what would not compare equal with what was
//! just read, is left out with its reason; so the plan of what is left is empty.

mod left_out;
mod links;
mod take;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use self::left_out::LeftOut;
use self::take::{missing, refused, take};
use super::registration::Backdrop;
use super::registry::{RESOURCES, granted};
use super::spec::{AccountKind, MiniProgramSpec, OfficialAccountSpec, PrincipalSpec, RequireSpec};
use super::texts::Flaw;
use super::{
    At, Facts, Files, Gates, Kind, Observation, Ops, Outputs, PlatformWaits, Seen, Sibling,
    TenantRecords, TenantSpec, View, app, authorization, open_account,
};
use crate::plan::{Waiting, Why};
use crate::wechat::authorizer::{self, Info};
use crate::wechat::text::visible;
use crate::wechat::{Appid, Call};

/// What the one mini-program of a tenant is called, until somebody says otherwise.
pub const ITEM: &str = "main";

/// What an account turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Export {
    /// An account, as a manifest would say it.
    Account(Box<Exported>),
    /// It has not authorized the platform, or has left.
    NotAuthorized,
    /// It could not be asked what it is.
    Unknown(Why),
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// A 服务号 or a 订阅号.
    Official(AccountKind),
    /// A 小程序.
    MiniProgram,
}

/// An account as a manifest would say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The account.
    pub account: Appid,
    /// The name users see; may be empty.
    pub nick_name: String,
    /// The WeChat id that people can search for; may be empty.
    pub alias: String,
    /// What it is.
    pub is: Is,
    /// The legal entity (主体); may be empty.
    pub principal: String,
    /// The open account it is in, as far as it is known.
    pub open_account: Observation<Appid>,
    /// The mini-programs that an official account is linked to, as far as they are known.
    pub linked: BTreeSet<Appid>,
    /// What it has; a mini-program is the only item, and called [`ITEM`]. Who it belongs to among the manifests is not
    /// said yet: no platform, no policy, no links.
    pub spec: TenantSpec,
    /// What could not be said, and why.
    pub left_out: Vec<LeftOut>,
}

/// The reads still missing before [`export`] can tell of an account as a platform sees it; asked again until empty.
#[must_use]
pub fn needs_to_export(
    (account, platform): (&Appid, &Appid),
    now: Timestamp,
    seen: &Seen,
) -> Vec<Call> {
    let read = authorizer::info_request(account);
    if !seen.contains_key(&read) {
        return vec![read];
    }
    let Observation::Present(info) = authorization::observe(account, seen) else {
        return Vec::new();
    };
    if authorization::status_objection(&info.authorizer_info).is_some() {
        return Vec::new();
    }
    let base = base(account, &info);
    let mut calls: Vec<Call> = with_view((account, platform), &info, now, seen, |view| {
        RESOURCES
            .iter()
            .filter(|resource| resource.is_of(view.at.kind()))
            .filter(|resource| granted(**resource, view.facts))
            .flat_map(|resource| missing(*resource, &base, view))
            .chain(links::missing(view))
            .collect()
    });
    calls.sort();
    calls.dedup();
    calls
}

/// Says of an account what a manifest of a platform's can.
#[must_use]
pub fn export((account, platform): (&Appid, &Appid), now: Timestamp, seen: &Seen) -> Export {
    let info = match authorization::observe(account, seen) {
        Observation::Present(info) => info,
        Observation::Absent => return Export::NotAuthorized,
        Observation::Unknown(why) => return Export::Unknown(why),
    };
    let mut spec = base(account, &info);
    let mut left_out = Vec::new();
    let principal = spec
        .principal
        .as_ref()
        .and_then(|said| said.name.as_deref());
    if let Some(flaw) = principal.and_then(Flaw::of) {
        spec.principal = None;
        left_out.push(LeftOut {
            resource: "principal",
            why: refused(flaw.code(), "principal.name", flaw.message()),
            failed: false,
            by_memory: false,
        });
    }
    let (mut open, mut linked) = (Observation::Absent, BTreeSet::new());
    with_view((account, platform), &info, now, seen, |view| {
        if let Some((waiting, failed)) = objection(&info, view) {
            open = Observation::Unknown(Why::not_asked(crate::wechat::open_account::GET.name));
            left_out.push(LeftOut {
                resource: authorization::NAME,
                why: waiting.text,
                failed,
                by_memory: false,
            });
            return;
        }
        for resource in RESOURCES.iter().filter(|one| one.is_of(view.at.kind())) {
            match take(*resource, &spec, view) {
                Ok(Some(with)) => spec = with,
                Ok(None) => {}
                Err(one) => left_out.push(*one),
            }
        }
        open = open_account::bound(view);
        match links::of(view) {
            Ok(found) => linked = found,
            Err(one) => left_out.push(*one),
        }
    });
    let text = |text: Option<String>| visible(&text.unwrap_or_default());
    Export::Account(Box::new(Exported {
        account: account.clone(),
        is: is(&info),
        nick_name: text(info.authorizer_info.nick_name),
        alias: text(info.authorizer_info.alias),
        principal: text(info.authorizer_info.principal_name),
        open_account: open,
        linked,
        spec,
        left_out,
    }))
}

/// Why nothing of the account can be declared; whether that is a failure.
fn objection(info: &Info, view: &View<'_>) -> Option<(Waiting, bool)> {
    let status = authorization::status_objection(&info.authorizer_info);
    let principal = || match view.facts.kind {
        Kind::App => app::objection(view.facts, view.seen),
        Kind::Official | Kind::Platform => None,
    };
    status
        .map(|waiting| (waiting, true))
        .or_else(|| Some((principal()?, false)))
}

fn with_view<T>(
    (account, platform): (&Appid, &Appid),
    info: &Info,
    now: Timestamp,
    seen: &Seen,
    look: impl FnOnce(&View<'_>) -> T,
) -> T {
    let facts: Facts = authorization::facts(info, account);
    // An account that has no tenant yet: nothing is remembered.
    let (records, outputs, gates) = (TenantRecords::new(), Outputs::new(), Gates::new());
    let spec = TenantSpec::default();
    let at = match facts.kind {
        Kind::Official | Kind::Platform => At::OFFICIAL,
        Kind::App => At::app(ITEM, 0),
    };
    let siblings = [Sibling {
        at: at.clone(),
        appid: Some(account.clone()),
    }];
    let files = Files::new();
    look(&View {
        tenant: "TENANT",
        at: &at,
        facts: &facts,
        siblings: &siblings,
        spec: &spec,
        platform,
        backdrop: &Backdrop::NONE,
        lists: &PlatformWaits::new(),
        gates: &gates,
        now,
        seen,
        files: &files,
        ops: &Ops::NONE,
        records: &records,
        outputs: &outputs,
    })
}

fn is(info: &Info) -> Is {
    if info.authorizer_info.is_mini_program() {
        Is::MiniProgram
    } else if authorization::is_service_account(&info.authorizer_info) {
        Is::Official(AccountKind::Service)
    } else {
        Is::Official(AccountKind::Subscription)
    }
}

/// What the account is, with nothing declared of it.
fn base(account: &Appid, info: &Info) -> TenantSpec {
    let principal = info.authorizer_info.principal_name.as_deref().map(visible);
    let principal = principal.filter(|name| !name.is_empty());
    let mut spec = TenantSpec {
        principal: principal.map(|name| PrincipalSpec {
            name: Some(name),
            license: None,
        }),
        ..TenantSpec::default()
    };
    match is(info) {
        Is::Official(kind) => {
            spec.official_account = Some(OfficialAccountSpec {
                app_id: Some(account.clone()),
                require: Some(RequireSpec {
                    kind: Some(kind),
                    verified: None,
                }),
                ..OfficialAccountSpec::default()
            });
        }
        Is::MiniProgram => spec.mini_programs.push(MiniProgramSpec {
            name: ITEM.to_owned(),
            app_id: Some(account.clone()),
            ..MiniProgramSpec::default()
        }),
    }
    spec
}
