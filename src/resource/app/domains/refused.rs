//! What WeChat did not take of a change that it answered with success: remembered host by host, and not sent again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Domains;
use crate::plan::{Text, Verdict};
use crate::resource::refusal::{self, Part};
use crate::resource::{Resource as _, View};
use crate::wechat::Call;
use crate::wechat::domain::{self, ADD, ADD_DIRECTLY, Class, Dropped, authority, host};

/// What one domain of a list is called.
pub(super) fn key(class: Class, domain: &str) -> String {
    format!("{} {domain}", class.as_str())
}

/// What an answer of success says that WeChat left out, and why.
pub(super) fn parts(call: &Call, body: &Value) -> BTreeMap<String, Part> {
    if call.endpoint != &ADD && call.endpoint != &ADD_DIRECTLY {
        return BTreeMap::new();
    }
    let Dropped { invalid, unfiled } = Dropped::of(body);
    let nothing = BTreeSet::new();
    let mut parts = BTreeMap::new();
    for (class, domains) in domain::lists_of(call) {
        let invalid = invalid.get(&class).unwrap_or(&nothing);
        for domain in domains {
            let why = if unfiled.contains(host(&domain)) {
                not_filed(&domain)
            } else if invalid.contains(&domain) || invalid.contains(authority(&domain)) {
                not_taken(&domain, call.endpoint == &ADD)
            } else {
                continue;
            };
            let part = Part {
                why,
                thing: host(&domain).to_owned(),
            };
            parts.insert(key(class, &domain), part);
        }
    }
    parts
}

fn not_filed(domain: &str) -> Text {
    Text::new(
        format!("{domain} 没有完成域名备案（ICP），微信没有添加：请域名所有者完成备案"),
        format!(
            "{domain} has no ICP filing, so WeChat left it out: whoever owns the host must have it filed"
        ),
    )
}

fn not_taken(domain: &str, through_platform: bool) -> Text {
    if through_platform {
        Text::new(
            format!(
                "{domain} 不在第三方平台的域名列表中，或不符合域名规则，微信没有添加：请登记到平台，或更换域名"
            ),
            format!(
                "{domain} is not on the platform's list, or breaks WeChat's rules, so WeChat left it out: register it with the \
                 platform, or take another host"
            ),
        )
    } else {
        Text::new(
            format!("{domain} 不符合微信的域名规则，微信没有添加：请更换域名"),
            format!("{domain} breaks WeChat's rules, so WeChat left it out: take another host"),
        )
    }
}

/// What is remembered of a domain that was left out before.
pub(super) fn remembered(key: &str, view: &View<'_>) -> Option<Verdict> {
    let address = view.address(Domains::NAME).with_key(key);
    let rejected = view.records.get(&address)?.rejected.as_ref()?;
    refusal::of_part(rejected, key)
}

/// The domains that a change names, as they are said of a refusal of all of it.
pub(super) fn named(call: &Call) -> Option<Text> {
    /// The others are counted.
    const SAID: usize = 5;
    let server = domain::lists_of(call).into_values().flatten();
    let all: BTreeSet<String> = server.chain(domain::webview_of(call)).collect();
    if all.is_empty() {
        return None;
    }
    Some(Text::list_of(all, SAID))
}
