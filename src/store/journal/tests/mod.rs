//! The journal's moves one by one; `tests/store_crash` breaks them off and crosses them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(super) use super::*;
use crate::store::documents::TenantDoc;
use crate::store::ledger::Demand;
use crate::store::{Key, Store};
use crate::wechat::answer::{ApiError, Effect, ErrorClass, Who};
use crate::wechat::endpoint::{Payer, Period, Quota};
use crate::wechat::{Appid, Call, open_account};

mod evidence;
mod moves;
mod rules;
mod shown;
mod stays;

const TIMEOUT: Duration = Duration::from_secs(8);

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

fn account() -> Appid {
    Appid::parse("wx1111111111111111").unwrap()
}

fn key() -> OpKey {
    OpKey {
        action: "open/create".into(),
        appid: account(),
    }
}

fn intent(observed_at: Timestamp) -> Intent {
    Intent {
        tenant: "sunrise".into(),
        call: Call::bare(&open_account::CREATE, account()),
        step: "s9c41d0".into(),
        wanted: "w1".into(),
        evidence: serde_json::Value::Null,
        observed_at,
    }
}

fn arming(approval: Option<&str>) -> Arming {
    Arming {
        approval: approval.map(str::to_owned),
        request_timeout: TIMEOUT,
    }
}

fn demand(now: Timestamp) -> Demand {
    let quota = Quota {
        limit: 3,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    };
    Demand::new("wx0000000000000001", "open/create", quota, now)
}

fn refusal(errcode: i64, class: ErrorClass, effect: Effect) -> ApiError {
    ApiError {
        endpoint: "open/create".into(),
        errcode,
        errmsg: "no".into(),
        rid: None,
        class,
        effect,
        zh: "不行".into(),
        en: "no".into(),
        who: Who::Wxops,
    }
}

fn ids() -> BTreeMap<String, String> {
    BTreeMap::from([("openAppid".into(), "wx2222222222222222".into())])
}

async fn opened(journal: &Journal, second: i64) -> Op {
    let look = journal.recover(&key(), at(second)).await.unwrap();
    let intent = intent(at(second + 1));
    journal.open(look, intent, at(second + 2)).await.unwrap()
}

async fn reserved(journal: &Journal, second: i64) -> Op {
    let mut op = opened(journal, second).await;
    let reserved = journal
        .reserve(&mut op, vec![demand(at(second))], at(second + 2))
        .await;
    assert_eq!(reserved.unwrap(), Reserved::Yes);
    op
}

/// An op that was armed at this second.
async fn armed(journal: &Journal, second: i64) -> Op {
    let mut op = reserved(journal, second - 3).await;
    arm(journal, &mut op, None, second).await.unwrap();
    op
}

/// Arms an op; what was armed counts as sent.
async fn arm(
    journal: &Journal,
    op: &mut Op,
    approval: Option<&str>,
    second: i64,
) -> Result<(), JournalError> {
    let since_boot = Duration::from_secs(1000);
    let arming = arming(approval);
    let armed = journal.arm(op, &arming, at(second), since_boot).await?;
    assert_eq!(
        (armed.op(), armed.armed_at()),
        (&op.doc().op_ref(), at(second))
    );
    Ok(())
}

async fn stage(journal: &Journal) -> Stage {
    journal.look(&key()).await.unwrap().doc().unwrap().stage
}

async fn used(journal: &Journal) -> u32 {
    journal.ledger().used(&demand(at(0))).await.unwrap()
}

fn journal() -> (Store, Journal) {
    let store = Store::in_memory();
    (store.clone(), Journal::new(store, "first"))
}
