//! Business domains (业务域名) of an app, whose pages it may show: through the platform, and directly.
//!
//! developers.weixin.qq.com: 第三方平台 / 域名管理 / 配置小程序业务域名、快速配置小程序业务域名. All or nothing; a domain
//! that is set directly must have the app's file at its root.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::address::{Action, Trouble, behind, is_at, merge, spelling, texts};
use super::state::ConfirmFile;
use crate::simulator::account::Account;
use crate::simulator::answer::{Fields, Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::host;
use crate::simulator::miniprogram::own::{own, own_mut};

/// Most domains; the message of 89029 still says a hundred.
const MOST: usize = 300;
/// `principal_type` of a person.
const PERSON: i64 = 0;

/// `setwebviewdomain`; without an `action` it copies all that the platform has.
pub(in crate::simulator) fn modify(call: &mut Call<'_>) -> Outcome {
    let action = Action::of(call)?;
    let present = own(call)?.mini_program.domains.business.third.clone();
    if action == Some(Action::Get) {
        return Ok(got(call, &present));
    }
    no_person(call)?;
    let mut next = present.clone();
    match action {
        Some(Action::Delete) => {
            let gone = kept_ones(call)?;
            if !gone.iter().all(|domain| present.contains(domain)) {
                return refuse(89022);
            }
            next.retain(|domain| !gone.contains(domain));
        }
        Some(Action::Add) => merge(&mut next, registered_ones(call)?),
        Some(Action::Set) => {
            next.clear();
            merge(&mut next, registered_ones(call)?);
        }
        Some(Action::Get) | None => {
            let all = platforms(call)?;
            let all = all.into_iter().map(|host| format!("https://{host}"));
            merge(&mut next, all.collect());
        }
    }
    if next == present {
        return refuse(89019);
    }
    within_limit(&next)?;
    own_mut(call)?
        .mini_program
        .domains
        .business
        .third
        .clone_from(&next);
    call.effect = true;
    Ok(listed(&next))
}

/// `setwebviewdomain_directly`
pub(in crate::simulator) fn modify_directly(call: &mut Call<'_>) -> Outcome {
    let present = own(call)?.mini_program.domains.business.direct.clone();
    match Action::of(call)? {
        Some(Action::Get) => return Ok(got(call, &present)),
        Some(Action::Set) => {}
        Some(Action::Add | Action::Delete) | None => return refuse(85022),
    }
    no_person(call)?;
    let mut next = Vec::new();
    for domain in texts(call, "webviewdomain")?.ok_or(Refusal(40097))? {
        let kept = allowed(call, &domain).map_err(|why| refusal(call, why))?;
        merge(&mut next, vec![kept]);
    }
    within_limit(&next)?;
    let unchanged = call.state.switches.direct_webview_unchanged;
    if next == present && unchanged != 0 {
        return refuse(unchanged);
    }
    let needs_release = call.state.switches.direct_set_needs_release;
    let business = &mut own_mut(call)?.mini_program.domains.business;
    let in_force = business.effective.len();
    if needs_release {
        business.effective.retain(|domain| !next.contains(domain));
    }
    let withdrawn = business.effective.len() != in_force;
    business.direct.clone_from(&next);
    call.effect = withdrawn || next != present;
    Ok(listed(&next))
}

/// `get_webviewdomain_confirmfile`: the app's own, another than its platform's.
pub(in crate::simulator) fn confirm_file(call: &mut Call<'_>) -> Outcome {
    let file = call
        .state
        .confirm_file(&call.account)
        .ok_or(Refusal(61003))?;
    Ok(shown(file))
}

/// A verification file as both APIs show it.
pub(super) fn shown(file: ConfirmFile) -> Fields {
    let mut answer = ok();
    answer.extend(fields([
        ("file_name", Value::from(file.name)),
        ("file_content", Value::from(file.content)),
    ]));
    answer
}

/// `get_effective_webviewdomain`
pub(in crate::simulator) fn effective(call: &mut Call<'_>) -> Outcome {
    let slashes = call.state.switches.webview_domains_end_with_slash;
    // WeChat's sample has them with a slash and without, side by side.
    let sent = |domains: &[String]| -> Vec<String> {
        let spelled = |(place, domain): (usize, &String)| match slashes && place % 2 == 0 {
            true => format!("{domain}/"),
            false => domain.clone(),
        };
        domains.iter().enumerate().map(spelled).collect()
    };
    let business = &own(call)?.mini_program.domains.business;
    let mut answer = ok();
    answer.extend(fields([
        ("mp_webviewdomain", json!(sent(&business.mp))),
        ("third_webviewdomain", json!(sent(&business.third))),
        ("direct_webviewdomain", json!(sent(&business.direct))),
        ("effective_webviewdomain", json!(sent(&business.effective))),
    ]));
    Ok(answer)
}

fn no_person(call: &Call<'_>) -> Result<(), Refusal> {
    if own(call)?.basic_info.principal_type == PERSON {
        return refuse(89231);
    }
    Ok(())
}

fn within_limit(domains: &[String]) -> Result<(), Refusal> {
    if domains.len() > MOST {
        return refuse(89029);
    }
    Ok(())
}

fn listed(domains: &[String]) -> Fields {
    let mut answer = ok();
    answer.insert("webviewdomain".to_owned(), json!(domains));
    answer
}

fn got(call: &Call<'_>, domains: &[String]) -> Fields {
    if call.state.switches.domain_get_omits_hosts {
        ok()
    } else {
        listed(domains)
    }
}

/// The body's domains as they are kept, unlooked at.
fn kept_ones(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let given = texts(call, "webviewdomain")?.unwrap_or_default();
    let kept = given.iter().map(|domain| kept(call, domain));
    Ok(kept.collect())
}

fn kept(call: &Call<'_>, domain: &str) -> String {
    call.state.kept(domain.strip_suffix('/').unwrap_or(domain))
}

/// What the platform has, or 89020.
fn platforms(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let testing = call.state.switches.testing_domains_suffice;
    let platform = call.state.platforms.get(&call.platform);
    let usable = platform
        .into_iter()
        .flat_map(|platform| platform.domains.business.usable(platform, testing));
    let mut hosts = Vec::new();
    merge(&mut hosts, usable.map(str::to_owned).collect());
    if hosts.is_empty() {
        return refuse(89020);
    }
    Ok(hosts)
}

/// The body's domains, each of which the platform has.
fn registered_ones(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let known = platforms(call)?;
    let mut registered = Vec::new();
    for domain in kept_ones(call)? {
        let rest = well(call, &domain).map_err(|why| match why {
            Trouble::Unfiled => Refusal(45082),
            Trouble::Scheme
            | Trouble::Rule
            | Trouble::WeChat
            | Trouble::Unregistered
            | Trouble::Crowded
            | Trouble::Unproven => Refusal(89021),
        })?;
        if !known.iter().any(|host| is_at(rest, host)) {
            return refuse(89021);
        }
        if call.state.switches.webview_domain_checks_file && !proves(call, &call.platform, rest) {
            return refuse(call.state.switches.confirm_file_missing);
        }
        merge(&mut registered, vec![domain]);
    }
    Ok(registered)
}

/// The host of a domain that keeps to WeChat's rules.
fn well<'a>(call: &Call<'_>, domain: &'a str) -> Result<&'a str, Trouble> {
    let rest = behind(domain, "https")?;
    spelling(rest, false)?;
    call.state.standing(rest)?;
    Ok(rest)
}

/// A domain that may be set directly.
fn allowed(call: &Call<'_>, domain: &str) -> Result<String, Trouble> {
    let kept = kept(call, domain);
    let rest = well(call, &kept)?;
    let mine = call.state.accounts.get(&call.account);
    let mine = mine.map(|account| account.principal_name.as_str());
    let has = |account: &&Account| {
        let direct = &account.mini_program.domains.business.direct;
        direct.contains(&kept)
    };
    let others = call.state.accounts.values().filter(has);
    let others: BTreeSet<&str> = others
        .map(|account| account.principal_name.as_str())
        .filter(|name| Some(*name) != mine)
        .collect();
    if others.len() >= call.state.switches.principals_of_a_domain {
        return Err(Trouble::Crowded);
    }
    if !proves(call, &call.account, rest) {
        return Err(Trouble::Unproven);
    }
    Ok(kept)
}

/// Whether the file of an app or a platform lies at the host.
pub(super) fn proves(call: &Call<'_>, whose: &str, host: &str) -> bool {
    let Some(file) = call.state.confirm_file(whose) else {
        return false;
    };
    let host = host.to_ascii_lowercase();
    let found = host::file_at(&call.state.hosts, &call.fetched, &host, &file.name);
    found.map(str::trim_end) == Some(file.content.as_str())
}

/// What a domain is refused with that cannot be set directly.
fn refusal(call: &Call<'_>, trouble: Trouble) -> Refusal {
    let switches = &call.state.switches;
    Refusal(match trouble {
        Trouble::Unproven => switches.confirm_file_missing,
        Trouble::Unfiled => 45082,
        Trouble::Crowded => 85301,
        Trouble::Scheme | Trouble::Rule | Trouble::WeChat | Trouble::Unregistered => {
            switches.direct_webview_invalid
        }
    })
}
