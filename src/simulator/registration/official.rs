//! `account/fastregister`: a mini-program of the official account's entity, for the ticket of its administrator's scan.
//!
//! developers.weixin.qq.com: 第三方平台 / 复用公众号主体快速注册小程序. A ticket is used once. Success can hide behind 61058
//! and behind an answer that got lost: the new mini-program is among the account's links all the same.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::newborn::Origin;
use super::state::{RegisteredBy, Registration, ScanTicket};
use crate::simulator::account::{Account, Link};
use crate::simulator::answer::{Outcome, Refusal, fields, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::BasicInfo;
use crate::simulator::state::{Counter, Platform, State};
use crate::simulator::{grant, launch_domain, quota};

/// Where the month's registrations are counted.
const MONTH: &str = "/cgi-bin/account/fastregister#month";
/// Registrations of a month, and those of an individual business (个体户).
const LIMIT: u64 = 5;
const LIMIT_OF_INDIVIDUAL: u64 = 1;
/// `customer_type` of an individual business.
const INDIVIDUAL: i64 = 12;
/// `principal_type` of a person.
const PERSON: i64 = 0;
/// Those of media, governments and other organisations, which have to reuse the verification.
const MUST_COPY: [i64; 3] = [2, 3, 4];
/// `registered_country` of China's mainland.
const MAINLAND: i64 = 1017;
/// What WeChat verified itself: with the name, without it, without it but with Weibo's.
const VERIFIED: [i64; 3] = [0, 3, 4];
const LINKED: i64 = 1;

/// `account/fastregister`
pub(super) fn register(call: &mut Call<'_>) -> Outcome {
    let ticket = usable(call)?;
    admissible(call, &ticket)?;
    // From here on the ticket is spent, whatever is answered.
    call.effect = true;
    let now = call.now;
    if let Some(spent) = call.state.registrations.tickets.get_mut(&ticket.value) {
        spent.used_at = Some(now);
    }
    let fails = fails(call, &ticket);
    if !fails || call.state.switches.minus_one_consumes_registration {
        month(call.state, &ticket.account, now).used += 1;
    }
    if fails {
        return refuse(-1);
    }
    succeed(call, &ticket)
}

/// The ticket, if it is one: of this account and platform, alive, and no other call is being carried out.
fn usable(call: &Call<'_>) -> Result<ScanTicket, Refusal> {
    let (state, now) = (&call.state, call.now);
    let seconds = |count: u32| SignedDuration::from_secs(count.into());
    let life = seconds(state.switches.registration_ticket_seconds);
    let runs = seconds(state.switches.registration_runs_seconds);
    let is_running = |one: &ScanTicket| {
        let begun = one.used_at.filter(|_| one.account == call.account);
        begun.is_some_and(|at| now < after(at, runs))
    };
    let given = call.text("ticket").unwrap_or_default();
    let found = state.registrations.tickets.get(given);
    let own = found.filter(|one| one.platform == call.platform && one.account == call.account);
    match own {
        Some(ticket)
            if ticket.used_at.is_none()
                && now < after(ticket.issued_at, life)
                && !state.registrations.tickets.values().any(is_running) =>
        {
            Ok(ticket.clone())
        }
        Some(_) | None => refuse(61058),
    }
}

/// What speaks against a registration: the platform, the account, its entity, the month, the page.
fn admissible(call: &mut Call<'_>, ticket: &ScanTicket) -> Result<(), Refusal> {
    let (state, now) = (&*call.state, call.now);
    let account = state.accounts.get(&ticket.account).ok_or(Refusal(61003))?;
    let platform = state.platforms.get(&ticket.platform);
    let platform = platform.ok_or(Refusal(61003))?;
    if !platform.published && state.switches.unpublished_registration != -1 {
        return refuse(state.switches.unpublished_registration);
    }
    if lacks_sets(state, platform) {
        return refuse(61029);
    }
    if let Some(code) = unfit(account) {
        return refuse(code);
    }
    if let Some(hindrance) = account.registration.hindrances.first() {
        return refuse(hindrance.code());
    }
    if account.registration.unfinished || has_unfinished(state, account, now) {
        return refuse(61057);
    }
    let must_copy = MUST_COPY.contains(&account.basic_info.principal_type);
    if must_copy && !ticket.copy_wx_verify {
        return refuse(61056);
    }
    if launch_domain::landing(platform, &ticket.redirect_uri).is_none() {
        return refuse(61060);
    }
    let limit = match account.basic_info.customer_type {
        INDIVIDUAL => LIMIT_OF_INDIVIDUAL,
        _ => LIMIT,
    };
    if month(call.state, &ticket.account, now).used >= limit {
        return refuse(61055);
    }
    Ok(())
}

/// Why no mini-program can be made of this official account's entity; its page says the same.
pub(super) fn unfit(account: &Account) -> Option<i64> {
    if account.basic_info.registered_country != MAINLAND {
        Some(61061)
    } else if account.basic_info.principal_type == PERSON {
        Some(61051)
    } else if !VERIFIED.contains(&account.verify_type) {
        Some(61052)
    } else {
        None
    }
}

/// Whether the platform has not published what it needs for a new mini-program.
pub(super) fn lacks_sets(state: &State, platform: &Platform) -> bool {
    let published = grant::published(platform);
    !state.switches.registration_sets.is_subset(&published)
}

fn has_unfinished(state: &State, account: &Account, now: Timestamp) -> bool {
    let seconds = state.switches.registration_unfinished_seconds;
    let takes = SignedDuration::from_secs(seconds.into());
    let unfinished = |one: &Registration| now < after(one.made_at, takes);
    state.registrations.of(&account.app_id).any(unfinished)
}

/// The month's count of the account.
fn month<'a>(state: &'a mut State, account: &str, now: Timestamp) -> &'a mut Counter {
    let month = quota::rolling_month(now, &state.switches);
    quota::counter(state, account, MONTH, month)
}

/// Whether it ends in -1. For an unpublished platform there is a mini-program afterwards that nobody can use.
fn fails(call: &mut Call<'_>, ticket: &ScanTicket) -> bool {
    let platform = call.state.platforms.get(&ticket.platform);
    if platform.is_some_and(|platform| !platform.published) {
        bear(call, ticket);
        return true;
    }
    let Some(account) = call.state.accounts.get_mut(&ticket.account) else {
        return true;
    };
    let fails = account.registration.system_errors > 0;
    account.registration.system_errors -= u32::from(fails);
    fails
}

/// Makes the mini-program, of the entity the official account has.
fn bear(call: &mut Call<'_>, ticket: &ScanTicket) -> Option<String> {
    let account = call.state.accounts.get(&ticket.account)?;
    let principal_name = account.principal_name.clone();
    let basic_info = BasicInfo {
        wx_verify_info: serde_json::Map::new(),
        ..account.basic_info.clone()
    };
    let origin = Origin {
        by: RegisteredBy::OfficialAccount,
        platform: &ticket.platform,
        official_account: Some(&ticket.account),
    };
    let now = call.now;
    Some(call.state.bear(&origin, &principal_name, basic_info, now))
}

fn succeed(call: &mut Call<'_>, ticket: &ScanTicket) -> Outcome {
    let app_id = bear(call, ticket).ok_or(Refusal(61003))?;
    let (state, now) = (&mut *call.state, call.now);
    let switches = state.switches.clone();
    let verified = switches.registration_copies_verification && ticket.copy_wx_verify;
    if let Some(app) = state.accounts.get_mut(&app_id).filter(|_| verified) {
        app.verify_type = 0;
    }
    let official = state.accounts.get_mut(&ticket.account);
    if let Some(official) = official.filter(|_| switches.registration_links) {
        official.links.push(Link {
            app_id: app_id.clone(),
            status: LINKED,
            shown: true,
            unlink_asked: false,
        });
    }
    let handed_over = state.hand_over(&ticket.platform, &app_id, now);
    let made = handed_over.map_err(|_| Refusal(-1))?;
    let pushed = made
        .authorized
        .filter(|_| switches.registration_pushes_authorized);
    state.outbox.extend(pushed);
    let said = |is: bool| match switches.registration_says_booleans {
        true => Value::from(is),
        false => Value::from(is.to_string()),
    };
    Ok(fields([
        ("errcode", Value::from(0)),
        ("errmsg", Value::from("")),
        ("appid", Value::from(app_id)),
        ("authorization_code", Value::from(made.code)),
        ("is_wx_verify_succ", said(verified)),
        ("is_link_succ", said(switches.registration_links)),
    ]))
}
