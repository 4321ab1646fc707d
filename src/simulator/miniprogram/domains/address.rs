//! How a domain is spelled, and what WeChat has against it.

use std::net::IpAddr;

use super::state::PlatformList;
use crate::simulator::answer::{Refusal, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::quota;
use crate::simulator::state::{Platform, State};

/// The one host that is WeChat's own.
const WECHAT: &str = "api.weixin.qq.com";

/// What is done to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Get,
    Add,
    Delete,
    Set,
}

impl Action {
    /// The body's `action`; none where it has none. One that does not exist is refused.
    pub(super) fn of(call: &Call<'_>) -> Result<Option<Self>, Refusal> {
        Ok(Some(match call.text("action") {
            None => return Ok(None),
            Some("get") => Self::Get,
            Some("add") => Self::Add,
            Some("delete") => Self::Delete,
            Some("set") => Self::Set,
            Some(_) => return refuse(85022),
        }))
    }
}

/// What is wrong with a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another scheme, or none where one is needed.
    Scheme,
    /// It breaks another rule: an IP address, a path, one of the state's `forbiddenHosts`.
    Rule,
    /// It is WeChat's own.
    WeChat,
    /// It has no ICP filing.
    Unfiled,
    /// The platform does not have it.
    Unregistered,
    /// Too many entities' apps have it.
    Crowded,
    /// Its verification file is not there.
    Unproven,
}

/// Host and port of a domain without its scheme.
pub(super) fn host_of(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    }
}

/// What is behind `scheme://`.
pub(super) fn behind<'a>(domain: &'a str, scheme: &str) -> Result<&'a str, Trouble> {
    match domain.split_once("://") {
        Some((given, rest)) if given.eq_ignore_ascii_case(scheme) => Ok(rest),
        Some(_) | None => Err(Trouble::Scheme),
    }
}

/// What is wrong with a host, the port that some may have included.
pub(super) fn spelling(rest: &str, may_have_port: bool) -> Result<(), Trouble> {
    let (host, port) = host_of(rest);
    if let Some(port) = port
        && !(may_have_port && port.parse::<u16>().is_ok_and(|port| port != 0))
    {
        return Err(Trouble::Rule);
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_name = host.contains('.') && host.split('.').all(is_label);
    if !is_name || host.parse::<IpAddr>().is_ok() {
        return Err(Trouble::Rule);
    }
    if host.eq_ignore_ascii_case(WECHAT) {
        return Err(Trouble::WeChat);
    }
    Ok(())
}

impl State {
    /// What WeChat has against a host that is spelled well.
    pub(super) fn standing(&self, rest: &str) -> Result<(), Trouble> {
        let host = host_of(rest).0.to_ascii_lowercase();
        if self.forbidden_hosts.iter().any(|one| is_at(&host, one)) {
            return Err(Trouble::Rule);
        }
        if self.unfiled_hosts.iter().any(|one| is_at(&host, one)) {
            return Err(Trouble::Unfiled);
        }
        Ok(())
    }

    /// A domain as it is kept.
    pub(super) fn kept(&self, domain: &str) -> String {
        if self.switches.domains_fold_case {
            domain.to_ascii_lowercase()
        } else {
            domain.to_owned()
        }
    }
}

/// Whether the host is this one or below it.
pub(super) fn is_at(host: &str, above: &str) -> bool {
    let above = above.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    host == above
        || host
            .strip_suffix(&above)
            .is_some_and(|rest| rest.ends_with('.'))
}

impl PlatformList {
    /// What its apps may have now.
    pub(super) fn usable<'a>(
        &'a self,
        platform: &Platform,
        testing: bool,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let with_testing = testing || !platform.published;
        let tested = self.testing.iter().filter(move |_| with_testing);
        let published: &[String] = if platform.published {
            &self.published
        } else {
            &[]
        };
        published.iter().chain(tested).map(String::as_str)
    }
}

/// The texts of a list in the body; none where it is left out.
pub(super) fn texts(call: &Call<'_>, field: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(given) = call.body.get(field).filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let items = given.as_array().ok_or(Refusal(47001))?;
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    let texts: Option<Vec<String>> = texts.collect();
    texts.map(Some).ok_or(Refusal(47001))
}

/// A limit of changes by the month.
#[derive(Clone, Copy)]
pub(super) struct Changes {
    /// Where they are counted.
    pub(super) path: &'static str,
    pub(super) limit: u64,
    pub(super) used_up: i64,
}

impl Changes {
    /// Whoever has none left is refused.
    pub(super) fn admit(self, call: &mut Call<'_>) -> Result<(), Refusal> {
        if self.counted(call) >= self.limit {
            return refuse(self.used_up);
        }
        Ok(())
    }

    fn counted(self, call: &mut Call<'_>) -> u64 {
        self.with(call, 0)
    }

    /// One more.
    pub(super) fn spend(self, call: &mut Call<'_>) {
        self.with(call, 1);
    }

    fn with(self, call: &mut Call<'_>, more: u64) -> u64 {
        let month = quota::rolling_month(call.now, &call.state.switches);
        let whose = if call.account.is_empty() {
            &call.platform
        } else {
            &call.account
        };
        let counter = quota::counter(call.state, whose, self.path, month);
        counter.used = counter.used.saturating_add(more);
        counter.used
    }
}

/// Adds what is not there yet, in its order.
pub(super) fn merge(list: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}
