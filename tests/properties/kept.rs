//! P5 and P6 with a WeChat that keeps texts otherwise than they were sent, or accepts a write and does nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use wxops::plan::{Address, Digest, Step, TenantPlan, Text, Verdict};
use wxops::resource::decide::Learned;
use wxops::resource::record::Applied;
use wxops::resource::{TenantRecords, TenantSpec, Unseen};

use super::strategy::{spec, wechat};
use super::wechat::{Spelling, Wechat};

fn spelling() -> impl Strategy<Value = Vec<Spelling>> {
    prop::sample::subsequence(Spelling::ALL.to_vec(), 0..=Spelling::ALL.len())
}

/// Whether no two conditional menus are for the same followers: the second of them would be shown to nobody.
fn told_apart(declared: &Value) -> bool {
    let menus = declared["officialAccount"]["menu"]["conditional"].as_array();
    let rules = || {
        menus
            .into_iter()
            .flatten()
            .map(|menu| menu["match"].to_string())
    };
    rules().collect::<BTreeSet<String>>().len() == rules().count()
}

/// What a pass writes down of a step that WeChat accepted.
fn wrote(records: &mut TenantRecords, learned: &Learned, name: &Address, step: &Step) {
    let record = records.entry(name.clone()).or_default();
    record.unseen = Some(Unseen {
        sent: learned.desired.get(name).cloned(),
        changes: Digest::of(&step.changes),
        op: String::new(),
        answer: Text::new("", ""),
        at: Timestamp::UNIX_EPOCH,
        read_at: None,
        resolved_at: None,
    });
}

/// What a pass writes down of what it sees.
fn saw(records: &mut TenantRecords, learned: &Learned) {
    for (name, digest) in &learned.in_force {
        let record = records.entry(name.clone()).or_default();
        record.unseen = None;
        record.applied = Some(Applied {
            digest: digest.clone(),
            at: Timestamp::UNIX_EPOCH,
        });
    }
    for (name, kept) in &learned.kept {
        records.entry(name.clone()).or_default().kept = Some(kept.clone());
    }
}

/// A pass, step by step, each looked at once it was accepted.
fn pass(
    live: &mut Wechat,
    spec: &TenantSpec,
    records: &mut TenantRecords,
    deaf: bool,
) -> TenantPlan {
    let (plan, learned) = live.plan_remembering(spec, records, &|_| None);
    saw(records, &learned);
    for (entry, step) in plan.due() {
        if !deaf {
            let mut only = plan.clone();
            only.entries.retain(|one| one.address == entry.address);
            live.apply(&only);
        }
        wrote(records, &learned, &entry.address, step);
        let (_, learned) = live.plan_remembering(spec, records, &|_| None);
        saw(records, &learned);
    }
    plan
}

fn drifted(plan: &TenantPlan) -> bool {
    plan.steps().any(|(_, step)| step.drift.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p5_what_wechat_keeps_otherwise_is_written_once_and_is_no_drift(
        declared in spec(),
        mut live in wechat(),
        spelling in spelling(),
    ) {
        let spec = super::accepted(&declared);
        prop_assume!(spec.is_some() && told_apart(&declared));
        let spec = spec.unwrap();
        live.spelling = spelling;
        let mut records = TenantRecords::new();
        let first = pass(&mut live, &spec, &mut records, false);
        prop_assert!(!drifted(&first));
        let after = live.clone();
        for _ in 0..3 {
            let next = pass(&mut live, &spec, &mut records, false);
            prop_assert!(next.official().unwrap().observe_only || next.steps().count() == 0, "{:#?}", next);
            prop_assert!(!next.failed());
        }
        prop_assert_eq!(&live, &after);
    }

    #[test]
    fn what_wechat_accepts_and_does_not_do_is_sent_once_and_is_no_drift(declared in spec(), mut live in wechat()) {
        let spec = super::accepted(&declared);
        prop_assume!(spec.is_some());
        let spec = spec.unwrap();
        let before = live.clone();
        let mut records = TenantRecords::new();
        let first = pass(&mut live, &spec, &mut records, true);
        for _ in 0..3 {
            let next = pass(&mut live, &spec, &mut records, true);
            prop_assert!(!drifted(&next), "{:#?}", next);
            // What came after a step that did nothing is still due.
            let sent: Vec<Address> = first.due().map(|(entry, _)| entry.address.clone()).collect();
            let again = next.due().any(|(entry, _)| sent.contains(&entry.address));
            prop_assert!(next.official().unwrap().observe_only || !again, "{:#?}", next);
            let said = |name: &Address| next.entries.iter().any(|entry| {
                entry.address == *name && !matches!(entry.verdict, Verdict::Step(_))
            });
            prop_assert!(next.official().unwrap().observe_only || sent.iter().all(said), "{:#?}", next);
        }
        prop_assert_eq!(&live, &before);
    }
}
