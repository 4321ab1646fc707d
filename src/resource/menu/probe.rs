//! How the outcome of a menu call that may happen at most once is found out: `menu/get` shows what the API made.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::Value;

use super::rule::Rule;
use super::state::{Conditional, MenuState, normal};
use super::{AtMostOnce, Menu, Outputs, Seen, Settled};
use crate::plan::Digest;
use crate::wechat::menu::{self, ConditionalBody};
use crate::wechat::{Answer, Call, ErrorClass};

/// Enough of a digest to tell an account's menus apart.
const SHOWN: usize = 12;

impl AtMostOnce for Menu {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &menu::ADDCONDITIONAL || call.endpoint == &menu::CREATE
    }

    /// A conditional menu is what it shows and to whom; of default menus there is one.
    fn thing(&self, call: &Call) -> Option<String> {
        let wanted = conditional(call)?;
        let name = wanted.rule.name().replace(' ', ",");
        let digest = Digest::of(&wanted);
        Some(format!("{name},{}", digest.short(SHOWN)))
    }

    /// Ids of menus are of no use to business code: `menu/get` tells them, and they change with every replacement.
    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![Call::bare(&menu::GET, call.subject.clone())]
    }

    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let answer = seen.get(&Call::bare(&menu::GET, call.subject.clone()));
        if let Some(Answer::Refused(error)) = answer
            && error.class == ErrorClass::NotFound
        {
            return Settled::NotDone;
        }
        let live = MenuState::from_menu_get(answer);
        match (live, conditional(call)) {
            (Err(_), _) => Settled::Undecided,
            // Journaled only where it replaces the owner's own menu, beside which there is no menu of the API.
            (Ok(_), None) => Settled::Done(Outputs::new()),
            (Ok(live), Some(wanted)) => {
                let known = known(evidence);
                // In whatever spelling: WeChat may keep its texts otherwise, and a second one would be one too many.
                let made = live.conditional().iter().any(|menu| {
                    menu.rule == wanted.rule && menu.menuid.is_some_and(|id| !known.contains(&id))
                });
                if made {
                    Settled::Done(Outputs::new())
                } else {
                    Settled::NotDone
                }
            }
        }
    }
}

/// The menu a call adds.
fn conditional(call: &Call) -> Option<Conditional> {
    if call.endpoint != &menu::ADDCONDITIONAL {
        return None;
    }
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let ConditionalBody { button, matchrule } = ConditionalBody::deserialize(&body).ok()?;
    Some(Conditional {
        rule: Rule::from_wire(&matchrule),
        buttons: normal(button),
        menuid: None,
    })
}

/// Ids that were there before: a menu that is added again has an older copy.
fn known(evidence: &Value) -> BTreeSet<i64> {
    let ids = evidence.get("known").and_then(Value::as_array);
    ids.into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect()
}
