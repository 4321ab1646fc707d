//! What is stored of a mini-program's domains, and what is in force, as far as the answers tell.
//!
//! The lists of what is in force also say what is stored each way; they are asked first, since no page says whether a read by
//! `modify_domain` counts as one of the fifty changes of a month. Where they lack a list, that is asked.

use std::collections::BTreeSet;

use serde::Serialize;

use super::spec::{DomainsSpec, Via};
use crate::plan::Why;
use crate::resource::{View, payload};
use crate::wechat::domain::{
    self, Class, Effective, EffectiveWebview, Given, Lists, Way, WebviewDomains,
};
use crate::wechat::platform_domain::{self, Hosts, List};
use crate::wechat::{Call, Endpoint};

/// The domains of a mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainsState {
    /// The way they are set. `None`: both ways, or none.
    pub(super) via: Option<&'static str>,
    /// The server lists that are known.
    pub(super) server: Lists,
    /// The webview domains, where they are known.
    pub(super) webview: Option<BTreeSet<String>>,
}

pub(super) fn effective(view: &View<'_>) -> Result<Effective, Why> {
    let read = domain::effective_request(view.account());
    payload(&domain::EFFECTIVE, view.seen.get(&read))
}

pub(super) fn effective_webview(view: &View<'_>) -> Result<EffectiveWebview, Why> {
    let read = domain::effective_webview_request(view.account());
    payload(&domain::EFFECTIVE_WEBVIEW, view.seen.get(&read))
}

/// The server lists that are stored one way, as far as they are known.
pub(super) fn stored(view: &View<'_>, way: Way) -> Lists {
    let Given(mut lists) = given(view, way).unwrap_or_default();
    if let Ok(effective) = effective(view) {
        lists.extend(effective.stored(way).0.clone());
    }
    lists
}

/// Why a server list is not known.
pub(super) fn not_told(view: &View<'_>, way: Way, class: Class) -> Why {
    match given(view, way) {
        Err(why) => why,
        Ok(_) => Why::unreadable(
            domain::get_request(view.account(), way).endpoint.name,
            &format!("{} is not in it", class.wire()),
        ),
    }
}

fn given(view: &View<'_>, way: Way) -> Result<Given, Why> {
    let read = domain::get_request(view.account(), way);
    payload(read.endpoint, view.seen.get(&read))
}

/// The webview domains that are stored one way.
pub(super) fn stored_webview(view: &View<'_>, way: Way) -> Result<BTreeSet<String>, Why> {
    if let Ok(effective) = effective_webview(view)
        && let Some(stored) = effective.stored(way)
    {
        return Ok(stored.clone());
    }
    let read = domain::webview_get_request(view.account(), way);
    let given: WebviewDomains = payload(read.endpoint, view.seen.get(&read))?;
    Ok(given.webviewdomain)
}

/// One of the platform's own lists.
pub(super) fn of_platform(view: &View<'_>, list: List) -> Result<Hosts, Why> {
    let read = platform_domain::get_request(view.platform, list);
    payload(read.endpoint, view.seen.get(&read))
}

/// The reads that are still missing before what is declared can be compared.
pub(super) fn missing(spec: &DomainsSpec, view: &View<'_>) -> Vec<Call> {
    let Some(via) = spec.via else {
        return Vec::new();
    };
    let (way, account) = (via.way(), view.account());
    let server = spec.server();
    let mut calls = Vec::new();
    if !server.is_empty() {
        let known = stored(view, way);
        calls.push(domain::effective_request(account));
        if was_asked(view, &domain::EFFECTIVE)
            && server.keys().any(|class| !known.contains_key(class))
        {
            calls.push(domain::get_request(account, way));
        }
        if way == Way::Platform {
            calls.push(platform_domain::get_request(view.platform, List::Server));
        }
    }
    if spec.webview.is_some() {
        calls.push(domain::effective_webview_request(account));
        if was_asked(view, &domain::EFFECTIVE_WEBVIEW) && stored_webview(view, way).is_err() {
            calls.push(domain::webview_get_request(account, way));
        }
        if way == Way::Platform {
            calls.push(platform_domain::get_request(view.platform, List::Webview));
        }
    }
    calls.retain(|call| !view.seen.contains_key(call));
    calls
}

fn was_asked(view: &View<'_>, endpoint: &'static Endpoint) -> bool {
    let read = Call::bare(endpoint, view.account().clone());
    view.seen.contains_key(&read)
}

/// What is there, whatever a manifest says of it.
pub(super) fn there(view: &View<'_>) -> Result<DomainsState, Why> {
    let (server, webview) = (effective(view)?, effective_webview(view)?);
    let uses = |way: Way| {
        let lists = &server.stored(way).0;
        let some = |domains: &BTreeSet<String>| !domains.is_empty();
        lists.values().any(some) || webview.stored(way).is_some_and(some)
    };
    let via = match (uses(Way::Platform), uses(Way::Direct)) {
        (true, false) => Via::Platform,
        (false, true) => Via::Direct,
        (true, true) => {
            return Ok(DomainsState {
                via: None,
                server: server.platform.0,
                webview: webview.platform,
            });
        }
        (false, false) => return Ok(DomainsState::default()),
    };
    Ok(DomainsState {
        via: Some(via.as_str()),
        server: server.stored(via.way()).0.clone(),
        webview: webview.stored(via.way()).cloned(),
    })
}
