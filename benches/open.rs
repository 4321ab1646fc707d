//! Opening a store of 10,000 tenants: every document is read and verified before the store is used.
//!
//! Run with `cargo bench --bench open`. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::path::Path;
use std::time::Instant;

use futures::future::join_all;
use serde_json::{Value, json};
use wxops::store::documents::{OpKey, Token};
use wxops::store::{ClaimDoc, CredDoc, Key, Sealing, SealingKey, Store, TenantDoc, open};
use wxops::wechat::Appid;

const TENANTS: usize = 10_000;
/// Operations of a tenant in its journal: a menu, three templates, an industry.
const OPERATIONS: usize = 5;
const ROUNDS: usize = 7;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = SealingKey::random();
    let sealing = || Sealing::Key(key.clone());
    runtime.block_on(async {
        let opened = open(folder.path(), sealing()).await.unwrap();
        let tenants: Vec<usize> = (0..TENANTS).collect();
        for some in tenants.chunks(500) {
            join_all(some.iter().map(|n| fill(&opened.store, *n))).await;
        }
    });
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let opened = runtime.block_on(open(folder.path(), sealing())).unwrap();
            let took = started.elapsed().as_secs_f64();
            assert!(!opened.is_new);
            took
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "open a store of {TENANTS} tenants, {} documents, {} MiB: {:.2} s (median of {ROUNDS})",
        TENANTS * (3 + OPERATIONS),
        size(folder.path()) >> 20,
        seconds.get(ROUNDS / 2).unwrap(),
    );
}

async fn fill(store: &Store, n: usize) {
    let name = format!("studio-{n:05}");
    let appid = Appid::parse(&format!("wx{n:016x}")).unwrap();
    let cred = CredDoc {
        refresh_token: Some(format!("refreshtoken@@@{}", "r".repeat(43)).as_str().into()),
        access_token: Some(Token {
            value: "a".repeat(157).as_str().into(),
            expires_at: jiff::Timestamp::MAX,
            obtained_at: jiff::Timestamp::UNIX_EPOCH,
        }),
        ..CredDoc::of(appid.clone())
    };
    store.create(&Key::cred(&appid), &cred).await.unwrap();
    let claim = ClaimDoc {
        item: None,
        tenant: name.clone(),
    };
    store.create(&Key::claim(&appid), &claim).await.unwrap();
    let tenant = filled(2_500);
    store.create(&Key::tenant(&name), &tenant).await.unwrap();
    for operation in 0..OPERATIONS {
        // What a document says is nothing to whoever verifies it: these have the size of one of the journal's.
        let op = OpKey {
            appid: appid.clone(),
            action: format!("add-template-{operation}"),
        };
        store.create(&Key::op(&op), &filled(1_500)).await.unwrap();
    }
}

/// A document of about so many bytes.
fn filled(bytes: usize) -> TenantDoc {
    let records = [("menu".to_owned(), json!("x".repeat(bytes)))];
    TenantDoc {
        records: records
            .into_iter()
            .collect::<std::collections::BTreeMap<String, Value>>(),
        ..TenantDoc::default()
    }
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder.join("db")).unwrap();
    entries
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}
