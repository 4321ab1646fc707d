//! What stands in the platform's lists, and whether a host serves the platform's confirm file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize as _, Serialize};

use crate::plan::{Person, Reason, Text, Verdict, Waiting, Why};
use crate::resource::reach::instead;
use crate::resource::{View, payload};
use crate::wechat::domain::{ConfirmFile, REACH, Reached, reach_request};
use crate::wechat::platform_domain::{self, Hosts, List};
use crate::wechat::{Answer, Call};

/// The lists that are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PlatformDomainsState(pub(super) BTreeMap<List, Listed>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Listed {
    published: Option<BTreeSet<String>>,
    testing: BTreeSet<String>,
}

impl Listed {
    pub(super) fn of(hosts: &Hosts) -> Self {
        Self {
            published: hosts.published.clone(),
            testing: hosts.testing.clone(),
        }
    }

    /// These, in both.
    pub(super) fn both(hosts: BTreeSet<String>) -> Self {
        Self {
            published: Some(hosts.clone()),
            testing: hosts,
        }
    }
}

/// What stands in one of them.
pub(super) fn listed(view: &View<'_>, list: List) -> Result<Hosts, Why> {
    let read = platform_domain::get_request(view.platform, list);
    payload(read.endpoint, view.seen.get(&read))
}

/// The reads that tell whether the hosts which are to be added serve the platform's confirm file.
pub(super) fn confirm_reads(declared: &BTreeSet<String>, view: &View<'_>) -> Vec<Call> {
    let Ok(hosts) = listed(view, List::Webview) else {
        return Vec::new();
    };
    let mut new = declared
        .iter()
        .filter(|host| !hosts.stands_everywhere(host))
        .peekable();
    if new.peek().is_none() {
        return Vec::new();
    }
    match confirm_file(view) {
        Ok(file) => new
            .map(|host| reach_request(view.platform, host, &file))
            .collect(),
        Err(_) => vec![platform_domain::confirm_request(view.platform)],
    }
}

fn confirm_file(view: &View<'_>) -> Result<ConfirmFile, Why> {
    let read = platform_domain::confirm_request(view.platform);
    let file: ConfirmFile = payload(read.endpoint, view.seen.get(&read))?;
    if file.is_sound() {
        return Ok(file);
    }
    Err(Why::unreadable(
        read.endpoint.name,
        "its name or its content is none that can be served",
    ))
}

/// What keeps a host from the list of pages: it does not serve the confirm file, as far as is known.
pub(super) fn unserved(host: &str, view: &View<'_>) -> Option<Verdict> {
    let file = match confirm_file(view) {
        Ok(file) => file,
        Err(why) => return Some(Verdict::Unknown(why)),
    };
    let came = match view.seen.get(&reach_request(view.platform, host, &file)) {
        Some(Answer::Done(body)) => Reached::deserialize(body).ok(),
        Some(Answer::Refused(_) | Answer::Lost(_)) | None => None,
    };
    let Some(came) = came else {
        return Some(Verdict::Unknown(Why::not_asked(REACH.name)));
    };
    let Text { zh, en } = instead(&came)?;
    let name = &file.file_name;
    Some(Verdict::Waiting(Waiting::new(
        Reason::ConfirmFileUnreachable,
        Person::Operator,
        Text::new(
            format!(
                "https://{host}/{name} 应返回平台的校验文件，{zh}。请让 {host} 提供该文件（wxops run 和 wxops sidecar 会在自己的地址上提供）；若确认微信可以访问，加 --assume-reachable"
            ),
            format!(
                "https://{host}/{name} should give the platform's confirm file, and {en}: let {host} serve it (`wxops run` and \
                 `wxops sidecar` do at their own address); if WeChat can reach it all the same, add --assume-reachable"
            ),
        ),
    )))
}
