//! The domains a platform has for all its mini-programs: a testing and a published list of each sort.
//!
//! developers.weixin.qq.com: 第三方平台 / 设置第三方平台服务器域名, 设置第三方平台业务域名. Without schemes and joined by
//! semicolons, where an app has them with schemes and in lists.

use serde_json::Value;

use super::address::{Action, Changes, Trouble, merge, spelling};
use super::business::{proves, shown};
use super::state::{PlatformDomains, PlatformList};
use crate::simulator::answer::{Fields, Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::state::Platform;

/// One of the two sorts.
#[derive(Clone, Copy)]
struct Sort {
    field: &'static str,
    path: &'static str,
    of: fn(&mut PlatformDomains) -> &mut PlatformList,
    most: usize,
    /// The answer to one more.
    full: i64,
    may_have_port: bool,
    /// The platform's file has to be at each host.
    proven: bool,
}

const SERVER: Sort = Sort {
    field: "wxa_server_domain",
    path: "/cgi-bin/component/modify_wxa_server_domain",
    of: |domains| &mut domains.server,
    most: 1000,
    full: 85016,
    may_have_port: true,
    proven: false,
};

const BUSINESS: Sort = Sort {
    field: "wxa_jump_h5_domain",
    path: "/cgi-bin/component/modify_wxa_jump_domain",
    of: |domains| &mut domains.business,
    most: 300,
    full: 89029,
    may_have_port: false,
    proven: true,
};

/// `modify_wxa_server_domain`
pub(in crate::simulator) fn modify_server(call: &mut Call<'_>) -> Outcome {
    modify(call, SERVER, Some(50))
}

/// `modify_wxa_jump_domain`
pub(in crate::simulator) fn modify_business(call: &mut Call<'_>) -> Outcome {
    let monthly = call.state.switches.platform_webview_changes_a_month;
    modify(call, BUSINESS, monthly)
}

/// `get_domain_confirmfile`
pub(in crate::simulator) fn confirm_file(call: &mut Call<'_>) -> Outcome {
    let file = call.state.confirm_file(&call.platform);
    Ok(shown(file.ok_or(Refusal(40013))?))
}

fn modify(call: &mut Call<'_>, sort: Sort, monthly: Option<u64>) -> Outcome {
    let action = Action::of(call)?.ok_or(Refusal(85022))?;
    if action == Action::Get {
        return answer(call, sort, &[]);
    }
    let asked = asked(call, sort)?;
    if asked.is_empty() {
        return refuse(85017);
    }
    let (mut taken, mut invalid) = (Vec::new(), Vec::new());
    for host in asked {
        let judged = match action {
            Action::Delete => Ok(()),
            Action::Add | Action::Set | Action::Get => judge(call, sort, &host),
        };
        let kept = call.state.kept(&host);
        let list = if judged.is_ok() {
            &mut taken
        } else {
            &mut invalid
        };
        merge(list, vec![kept]);
    }
    if taken.is_empty() {
        let code = call.state.switches.platform_domains_all_invalid;
        return if code == 0 {
            answer(call, sort, &invalid)
        } else {
            refuse(code)
        };
    }
    let changes = monthly.map(|limit| Changes {
        path: sort.path,
        limit,
        used_up: call.state.switches.domain_changes_used_up,
    });
    if let Some(changes) = changes {
        changes.admit(call)?;
    }
    let together = is_together(call)?;
    let platform = platform(call)?;
    let present = (sort.of)(&mut platform.domains).clone();
    let mut next = present.clone();
    change(&mut next.testing, action, &taken);
    if together && platform.published {
        change(&mut next.published, action, &taken);
    }
    if next.testing.len().max(next.published.len()) > sort.most {
        return refuse(sort.full);
    }
    let differs = next != present;
    *(sort.of)(&mut platform.domains) = next;
    call.effect = differs;
    if let Some(changes) = changes {
        changes.spend(call);
    }
    answer(call, sort, &invalid)
}

fn change(list: &mut Vec<String>, action: Action, taken: &[String]) {
    match action {
        Action::Add => merge(list, taken.to_vec()),
        Action::Set => *list = taken.to_vec(),
        Action::Delete => list.retain(|host| !taken.contains(host)),
        Action::Get => {}
    }
}

fn judge(call: &Call<'_>, sort: Sort, host: &str) -> Result<(), Trouble> {
    spelling(host, sort.may_have_port)?;
    call.state.standing(host)?;
    if sort.proven && !proves(call, &call.platform, host) {
        return Err(Trouble::Unproven);
    }
    Ok(())
}

/// The hosts of the body.
fn asked(call: &Call<'_>, sort: Sort) -> Result<Vec<String>, Refusal> {
    let text = match call.body.get(sort.field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(given) => given.as_str().ok_or(Refusal(47001))?,
    };
    let hosts = text.split(';').map(str::trim);
    Ok(hosts
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Whether the published list is meant as well; absent: it is not.
fn is_together(call: &Call<'_>) -> Result<bool, Refusal> {
    match call.body.get("is_modify_published_together") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(together)) => Ok(*together),
        Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            refuse(47001)
        }
    }
}

fn platform<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Platform, Refusal> {
    call.state
        .platforms
        .get_mut(&call.platform)
        .ok_or(Refusal(40013))
}

/// Both lists, as far as there are such, and what could not be taken.
fn answer(call: &mut Call<'_>, sort: Sort, invalid: &[String]) -> Outcome {
    let platform = platform(call)?;
    let published = platform.published;
    let list = (sort.of)(&mut platform.domains);
    let mut answer: Fields = ok();
    let mut say = |what: &str, hosts: &[String]| {
        answer.insert(
            format!("{what}_{}", sort.field),
            Value::from(hosts.join(";")),
        );
    };
    if published {
        say("published", &list.published);
    }
    say("testing", &list.testing);
    if !invalid.is_empty() {
        say("invalid", invalid);
    }
    Ok(answer)
}
