//! Which open account is the tenant's: the one that the first of its accounts is in.
//!
//! ```text
//!   the first, in the manifest's order, that is in one       tells which
//!   none is in one                                           the first that can be asked makes one
//!   one before them cannot be told of (a read failed)        not known: nothing is bound, nothing is made
//!   one is not ours to ask (not authorized, has left)        passed over, unless an earlier pass saw the tenant's
//! ```

use super::{OUTPUT, OpenAccountState, observe_bound};
use crate::plan::{Observation, Verdict, Whose};
use crate::resource::{Gate, View, gate};
use crate::wechat::{Appid, Call, open_account};

/// The tenant's open account.
pub(super) enum Common<'a> {
    /// This one, which the account named is in.
    Is { open: Appid, first: &'a Whose },
    /// None of its accounts is in one: this one makes it.
    None { maker: &'a Whose },
    /// Nothing is known of this account, which comes before all that are in one.
    NotKnown(&'a Whose),
    /// An earlier pass saw one. None of the accounts that can be asked is in it, but this one cannot be asked.
    Remembered { open: String, shut: &'a Whose },
}

/// What is known of one account.
enum Told {
    In(Appid),
    InNone,
    NotKnown,
    /// It is not ours to ask until somebody has acted.
    Shut,
}

/// The tenant's open account, as far as it was read.
pub(super) fn of<'a>(view: &View<'a>) -> Common<'a> {
    let (mut maker, mut shut) = (None, None);
    for sibling in view.siblings {
        let whose = &sibling.at.whose;
        match told(view, whose) {
            Told::In(open) => return Common::Is { open, first: whose },
            Told::InNone => maker = maker.or(Some(whose)),
            Told::NotKnown => return Common::NotKnown(whose),
            Told::Shut => shut = shut.or(Some(whose)),
        }
    }
    match (view.outputs.get(OUTPUT), shut) {
        (Some(open), Some(shut)) => Common::Remembered {
            open: open.clone(),
            shut,
        },
        (None, _) | (_, None) => Common::None {
            maker: maker.unwrap_or(&view.at.whose),
        },
    }
}

/// The reads that tell it.
pub(super) fn reads(view: &View<'_>) -> Vec<Call> {
    let asked = view.siblings.iter().filter_map(|sibling| {
        let facts = view.gates.get(&sibling.at.whose)?.facts()?;
        facts
            .grants(open_account::GET.sets)
            .then(|| open_account::get_request(&facts.account))
    });
    asked.collect()
}

fn told(view: &View<'_>, whose: &Whose) -> Told {
    let facts = match view.gates.get(whose) {
        _ if *whose == view.at.whose => view.facts,
        Some(Gate::Open { facts, .. }) => facts,
        Some(Gate::Shut(verdicts)) if verdicts.iter().any(is_unknown) => return Told::NotKnown,
        Some(Gate::Shut(_) | Gate::Unborn { .. }) | None => return Told::Shut,
    };
    if !facts.grants(open_account::GET.sets) {
        return Told::Shut;
    }
    match observe_bound(view.seen.get(&open_account::get_request(&facts.account))) {
        Observation::Present(OpenAccountState::Bound(open)) => Told::In(open),
        Observation::Absent => Told::InNone,
        Observation::Unknown(why) if !is_unknown(&gate::unknown(why.clone(), facts.kind)) => {
            Told::Shut
        }
        Observation::Unknown(_) | Observation::Present(OpenAccountState::Any) => Told::NotKnown,
    }
}

fn is_unknown(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unknown(_))
}
