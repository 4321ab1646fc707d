//! One order for the steps of all of a tenant's accounts: whatever a step comes after stands before it. Pure.

use crate::plan::{Address, Entry, Step, Verdict};

/// The ranks of an addition to a list of WeChat's and of a deletion from it: where it is too full for both, what is deleted
/// makes room first.
pub(super) fn ranks_of_change(crowded: bool) -> (u32, u32) {
    if crowded { (2, 1) } else { (0, 0) }
}

/// Sorts: of those that may come next always the first, so that what depends on nothing stays where it is. No two
/// resources come after one another; should they, the circle is broken at the same step every time.
pub(super) fn in_order(mut left: Vec<Entry>) -> Vec<Entry> {
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = (0..left.len()).find(|at| before(&left, *at).is_none());
        let at = free.unwrap_or_else(|| on_a_circle(&left));
        let mut entry = left.remove(at);
        if let (None, Some(step)) = (free, step_mut(&mut entry)) {
            let stands_later =
                |name: &Address| left.iter().any(|other| name.covers(&other.address));
            step.after.retain(|name| !stands_later(name));
        }
        sorted.push(entry);
    }
    sorted
}

/// The first entry that the one at this place comes after.
fn before(entries: &[Entry], at: usize) -> Option<usize> {
    let entry = entries.get(at)?;
    let step = step(entry)?;
    let comes_first = |other: &Entry| {
        let beside = other.address.is_beside(&entry.address);
        step.comes_after(&other.address)
            || beside && self::step(other).is_some_and(|first| step.follows(first))
    };
    let mut others = entries.iter().enumerate();
    let found = others.find(|(n, other)| *n != at && comes_first(other))?;
    Some(found.0)
}

/// Whoever goes back as often as there are entries, where each comes after another one, goes round.
fn on_a_circle(entries: &[Entry]) -> usize {
    let back = |at, _| before(entries, at).unwrap_or(at);
    (0..entries.len()).fold(0, back)
}

fn step(entry: &Entry) -> Option<&Step> {
    match &entry.verdict {
        Verdict::Step(step) => Some(step),
        Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_) => None,
    }
}

fn step_mut(entry: &mut Entry) -> Option<&mut Step> {
    match &mut entry.verdict {
        Verdict::Step(step) => Some(step),
        Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Action;
    use crate::wechat::Appid;

    /// Entries `a`, `b`, … each after others.
    fn entries(after: &[(&str, &[&str])]) -> Vec<Entry> {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let entry = |(name, after): &(&str, &[&str])| {
            let mut step = Step::new(Action::Create, account.clone(), Vec::new(), Vec::new());
            step.after = after.iter().map(|name| Address::from(*name)).collect();
            Entry {
                address: Address::from(*name),
                verdict: Verdict::Step(step),
            }
        };
        after.iter().map(entry).collect()
    }

    fn names(entries: &[Entry]) -> Vec<String> {
        let name = |entry: &Entry| entry.address.to_string();
        entries.iter().map(name).collect()
    }

    #[test]
    fn what_a_step_comes_after_stands_before_it_and_all_else_stays() {
        for (given, expected) in [
            (
                entries(&[("a", &[]), ("b", &[]), ("c", &[])]),
                "a b c".to_owned(),
            ),
            (
                entries(&[
                    ("a", &["main:c"]),
                    ("b", &[]),
                    ("main:c", &["d"]),
                    ("d", &[]),
                ]),
                "b d main:c a".to_owned(),
            ),
            (
                entries(&[("a", &["gone"]), ("b", &["a"])]),
                "a b".to_owned(),
            ),
        ] {
            assert_eq!(names(&in_order(given)).join(" "), expected);
        }
    }

    #[test]
    fn a_circle_is_broken_and_what_only_follows_it_is_not() {
        let sorted = in_order(entries(&[("d", &["a"]), ("a", &["b"]), ("b", &["a"])]));
        let after: Vec<usize> = sorted
            .iter()
            .map(|entry| step(entry).unwrap().after.len())
            .collect();
        let names = names(&sorted).join(" ");
        assert!(["a d b", "b a d"].contains(&names.as_str()), "{names}");
        assert_eq!(after.iter().sum::<usize>(), 2, "one edge is gone");
        let place = |name| {
            sorted
                .iter()
                .position(|entry| entry.address == name)
                .unwrap()
        };
        assert!(place(Address::of("d")) > place(Address::of("a")));
    }

    proptest! {
        #[test]
        fn every_order_holds_what_comes_first(edges in proptest::collection::vec((0_usize..8, 0_usize..8), 0..20)) {
            let names: Vec<String> = (0..8).map(|n| format!("r{n}")).collect();
            let after: Vec<Vec<&str>> = (0..8)
                .map(|n| edges.iter().filter(|(from, _)| *from == n).map(|(_, to)| names[*to].as_str()).collect())
                .collect();
            let given: Vec<(&str, &[&str])> = names.iter().zip(&after).map(|(name, after)| (name.as_str(), &after[..])).collect();
            let given = entries(&given);
            let sorted = in_order(given.clone());
            prop_assert_eq!(sorted.len(), given.len());
            prop_assert_eq!(&sorted, &in_order(given));
            for (at, entry) in sorted.iter().enumerate() {
                let later = |name: &Address| sorted[at + 1..].iter().any(|other| other.address == *name);
                prop_assert!(!step(entry).unwrap().after.iter().any(later));
            }
        }
    }
}
