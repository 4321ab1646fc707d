//! Server domains (服务器域名) of an app: through the platform, and directly.
//!
//! developers.weixin.qq.com: 第三方平台 / 域名管理 / 配置小程序服务器域名, 快速配置小程序服务器域名. Way one takes what it can
//! and says what it dropped, with errcode 0; way two takes all or nothing. Neither reaches users before a release.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::address::{Action, Changes, Trouble, behind, host_of, merge, spelling, texts};
use super::state::{DomainClass, ServerDomains};
use crate::simulator::answer::{Fields, Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};
use crate::simulator::state::State;

/// Most domains of one class.
const MOST: usize = 200;
/// Most of all classes together.
const MOST_IN_ALL: usize = 1000;
/// Changes of a month.
const MONTHLY: u64 = 50;

/// What a call brings, by class; classes it leaves out are not in it.
type Asked = BTreeMap<DomainClass, Vec<String>>;

/// What can be taken, and what cannot.
#[derive(Default)]
struct Sifted {
    taken: Asked,
    dropped: Vec<(DomainClass, String, Trouble)>,
}

/// `modify_domain`
pub(in crate::simulator) fn modify(call: &mut Call<'_>) -> Outcome {
    let action = Action::of(call)?.ok_or(Refusal(85022))?;
    let changes = Changes {
        path: "/wxa/modify_domain",
        limit: MONTHLY,
        used_up: call.state.switches.domain_changes_used_up,
    };
    if let Some(shown) = get(call, action, changes, |own| &own.third)? {
        return Ok(shown);
    }
    let asked = asked(call)?;
    let present = own(call)?.mini_program.domains.server.third.clone();
    let sifted = if action == Action::Delete {
        existing(call.state, asked, &present)
    } else {
        sift(asked, |class, domain| registered(call, class, domain))
    };
    let next = changed(
        call.state.switches.set_clears_omitted_domains,
        action,
        &present,
        &sifted.taken,
    );
    let empty_set = action == Action::Set && sifted.taken.values().all(Vec::is_empty);
    if empty_set || (action != Action::Set && next == present) {
        return nothing_left(call.state, action, &sifted);
    }
    within_limits(&next)?;
    changes.admit(call)?;
    changes.spend(call);
    call.effect = next != present;
    own_mut(call)?.mini_program.domains.server.third = next.clone();
    let mut answer = ok();
    answer.extend(listed(&next));
    answer.extend(said_of(&sifted));
    Ok(answer)
}

/// `modify_domain_directly`
pub(in crate::simulator) fn modify_directly(call: &mut Call<'_>) -> Outcome {
    let action = Action::of(call)?.ok_or(Refusal(85022))?;
    let changes = Changes {
        path: "/wxa/modify_domain_directly",
        limit: MONTHLY,
        used_up: 86102,
    };
    if let Some(shown) = get(call, action, changes, |own| &own.direct)? {
        return Ok(shown);
    }
    let asked = asked(call)?;
    let present = own(call)?.mini_program.domains.server.direct.clone();
    let sifted = if action == Action::Delete {
        existing(call.state, asked, &present)
    } else {
        sift(asked, |class, domain| allowed(call, class, domain))
    };
    if action != Action::Delete
        && let Some((_, _, trouble)) = sifted.dropped.first()
    {
        return refuse(refusal_directly(*trouble));
    }
    let next = changed(
        call.state.switches.set_clears_omitted_domains,
        action,
        &present,
        &sifted.taken,
    );
    within_limits(&next)?;
    changes.admit(call)?;
    changes.spend(call);
    let needs_release = action == Action::Set && call.state.switches.direct_set_needs_release;
    let server = &mut own_mut(call)?.mini_program.domains.server;
    let mut withdrawn = false;
    for (class, domains) in sifted.taken.iter().filter(|_| needs_release) {
        let in_force = server.effective.entry(*class).or_default();
        let before = in_force.len();
        in_force.retain(|domain| !domains.contains(domain));
        withdrawn |= in_force.len() != before;
    }
    server.effective.retain(|_, domains| !domains.is_empty());
    server.direct = next.clone();
    call.effect = withdrawn || next != present;
    let mut answer = ok();
    answer.extend(listed(&next));
    Ok(answer)
}

/// `get_effective_domain`
pub(in crate::simulator) fn effective(call: &mut Call<'_>) -> Outcome {
    let server = &own(call)?.mini_program.domains.server;
    let mut answer = ok();
    answer.extend(fields([
        ("mp_domain", Value::Object(listed(&server.mp))),
        ("third_domain", Value::Object(listed(&server.third))),
        ("direct_domain", Value::Object(listed(&server.direct))),
        ("effective_domain", Value::Object(listed(&server.effective))),
    ]));
    Ok(answer)
}

/// The answer to `get`; none to another action.
fn get(
    call: &mut Call<'_>,
    action: Action,
    changes: Changes,
    of: fn(&super::state::Stores<ServerDomains>) -> &ServerDomains,
) -> Result<Option<Fields>, Refusal> {
    if action != Action::Get {
        return Ok(None);
    }
    if call.state.switches.domain_get_counts {
        changes.admit(call)?;
        changes.spend(call);
    }
    let mut answer = ok();
    if !call.state.switches.domain_get_omits_hosts {
        answer.extend(listed(of(&own(call)?.mini_program.domains.server)));
    }
    Ok(Some(answer))
}

/// The six lists, the empty ones included.
fn listed(domains: &ServerDomains) -> Fields {
    let list = |class: DomainClass| domains.get(&class).cloned().unwrap_or_default();
    DomainClass::ALL
        .into_iter()
        .map(|class| (class.field().to_owned(), json!(list(class))))
        .collect()
}

fn asked(call: &Call<'_>) -> Result<Asked, Refusal> {
    let mut asked = Asked::new();
    for class in DomainClass::ALL {
        if let Some(domains) = texts(call, class.field())? {
            asked.insert(class, domains);
        }
    }
    Ok(asked)
}

fn sift(asked: Asked, judge: impl Fn(DomainClass, &str) -> Result<String, Trouble>) -> Sifted {
    let mut sifted = Sifted::default();
    for (class, domains) in asked {
        let taken = sifted.taken.entry(class).or_default();
        for domain in domains {
            match judge(class, &domain) {
                Ok(kept) => merge(taken, vec![kept]),
                Err(trouble) => sifted.dropped.push((class, domain, trouble)),
            }
        }
    }
    sifted
}

/// Those to delete that are there.
fn existing(state: &State, asked: Asked, present: &ServerDomains) -> Sifted {
    sift(asked, |class, domain| {
        let kept = state.kept(domain);
        let here = present.get(&class).is_some_and(|list| list.contains(&kept));
        here.then_some(kept).ok_or(Trouble::Unregistered)
    })
}

/// Way one: WeChat's rules, and the platform has it.
fn registered(call: &Call<'_>, class: DomainClass, domain: &str) -> Result<String, Trouble> {
    let kept = well(call.state, class, domain)?;
    let rest = behind(&kept, class.scheme())?;
    let state = &call.state;
    let Some(platform) = state.platforms.get(&call.platform) else {
        return Err(Trouble::Unregistered);
    };
    let testing = state.switches.testing_domains_suffice;
    let mut usable = platform.domains.server.usable(platform, testing);
    if usable.any(|one| has(one, rest)) {
        Ok(kept)
    } else {
        Err(Trouble::Unregistered)
    }
}

/// Whether an entry of a platform's list covers a domain of an app.
pub(super) fn has(entry: &str, rest: &str) -> bool {
    entry.eq_ignore_ascii_case(rest) || entry.eq_ignore_ascii_case(host_of(rest).0)
}

/// Way two: WeChat's rules, and not too many entities have it.
fn allowed(call: &Call<'_>, class: DomainClass, domain: &str) -> Result<String, Trouble> {
    let kept = well(call.state, class, domain)?;
    let of_account = |account: &crate::simulator::account::Account| {
        let domains = &account.mini_program.domains.server.direct;
        domains.values().flatten().any(|one| *one == kept)
    };
    let mine = call.state.accounts.get(&call.account);
    let mine = mine.map(|account| account.principal_name.as_str());
    let others: BTreeSet<&str> = call
        .state
        .accounts
        .values()
        .filter(|account| of_account(account))
        .map(|account| account.principal_name.as_str())
        .filter(|name| Some(*name) != mine)
        .collect();
    if others.len() >= call.state.switches.principals_of_a_domain {
        return Err(Trouble::Crowded);
    }
    Ok(kept)
}

fn well(state: &State, class: DomainClass, domain: &str) -> Result<String, Trouble> {
    let kept = state.kept(domain);
    let rest = behind(&kept, class.scheme())?;
    spelling(rest, true)?;
    state.standing(rest)?;
    Ok(kept)
}

/// What the lists are afterwards.
fn changed(clears: bool, action: Action, present: &ServerDomains, taken: &Asked) -> ServerDomains {
    let mut next = present.clone();
    if action == Action::Set && clears {
        next.clear();
    }
    for (class, domains) in taken {
        let list = next.entry(*class).or_default();
        match action {
            Action::Add => merge(list, domains.clone()),
            Action::Set => list.clone_from(domains),
            Action::Delete => list.retain(|domain| !domains.contains(domain)),
            Action::Get => {}
        }
    }
    next.retain(|_, domains| !domains.is_empty());
    next
}

fn within_limits(domains: &ServerDomains) -> Result<(), Refusal> {
    let sizes = || domains.values().map(Vec::len);
    if sizes().any(|size| size > MOST) || sizes().sum::<usize>() > MOST_IN_ALL {
        return refuse(85016);
    }
    Ok(())
}

/// Why nothing changed.
fn nothing_left(state: &State, action: Action, sifted: &Sifted) -> Outcome {
    let switches = &state.switches;
    if action == Action::Delete {
        let code = switches.unknown_domain_deleted;
        let named = !sifted.dropped.is_empty();
        return if named && code == 0 {
            Ok(ok())
        } else {
            refuse(85017)
        };
    }
    let has = |wanted: &[Trouble]| sifted.dropped.iter().any(|one| wanted.contains(&one.2));
    let by_rule = has(&[Trouble::Scheme, Trouble::Rule, Trouble::WeChat]);
    refuse(match (by_rule, has(&[Trouble::Unfiled])) {
        (true, true) => 85303,
        (true, false) => 85301,
        (false, true) => 85302,
        (false, false) if has(&[Trouble::Unregistered]) => switches.unregistered_domain,
        (false, false) => 85017,
    })
}

/// What was dropped, in the lists of its kind.
fn said_of(sifted: &Sifted) -> Fields {
    let invalid = |class: DomainClass| {
        let of_class = sifted.dropped.iter().filter(move |one| one.0 == class);
        let invalid = of_class.filter(|one| one.2 != Trouble::Unfiled);
        invalid.map(|one| one.1.clone()).collect::<Vec<_>>()
    };
    let unfiled = sifted.dropped.iter();
    let unfiled = unfiled.filter(|one| one.2 == Trouble::Unfiled);
    let unfiled: BTreeSet<&str> = unfiled.map(|one| one.1.as_str()).collect();
    let mut said: Fields = DomainClass::ALL
        .into_iter()
        .map(|class| (format!("invalid_{}", class.field()), json!(invalid(class))))
        .collect();
    said.insert("no_icp_domain".to_owned(), json!(unfiled));
    said
}

/// What way two refuses with. Where its page is silent a domain that breaks a rule is one of a wrong scheme.
fn refusal_directly(trouble: Trouble) -> i64 {
    match trouble {
        Trouble::Scheme | Trouble::Rule | Trouble::Unregistered | Trouble::Unproven => 86100,
        Trouble::WeChat => 86101,
        Trouble::Unfiled => 45082,
        Trouble::Crowded => 85301,
    }
}
