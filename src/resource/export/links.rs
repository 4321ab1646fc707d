//! The mini-programs that an official account is linked to. Which of them are its tenant's own is not known here, so how a
//! manifest names them is said later.

use std::collections::BTreeSet;

use super::left_out::LeftOut;
use crate::resource::links::Links;
use crate::resource::{Kind, Resource as _, View, payload};
use crate::wechat::link::{self, LinkStatus};
use crate::wechat::{Appid, Call};

/// Whether the list can be read.
fn readable(view: &View<'_>) -> bool {
    view.facts.kind == Kind::Official && view.facts.grants(Links::SETS)
}

/// The read, if it has not been made.
pub(super) fn missing(view: &View<'_>) -> Vec<Call> {
    if readable(view) {
        view.unless_seen(link::get_request(view.account()))
    } else {
        Vec::new()
    }
}

/// Those that are linked: what was asked for or refused is none. An account that does not let the platform see its links
/// has none to declare.
pub(super) fn of(view: &View<'_>) -> Result<BTreeSet<Appid>, Box<LeftOut>> {
    if !readable(view) {
        return Ok(BTreeSet::new());
    }
    let answer = view.seen.get(&link::get_request(view.account()));
    let list = payload::<link::Links>(&link::GET, answer).map_err(|why| LeftOut {
        resource: Links::NAME,
        failed: why.kind.failed(),
        why: why.text,
        by_memory: false,
    })?;
    let linked = list.wxopens.items.into_iter();
    let linked = linked.filter(|link| link.status() == LinkStatus::Linked);
    Ok(linked
        .filter_map(|link| Appid::parse(&link.appid?).ok())
        .collect())
}
