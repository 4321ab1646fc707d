//! The guard across renamed and vanished platforms, lost memory and raised limits.

use jiff::Timestamp;

use super::fleet::{Raised, Remembered, Watched};
use crate::plan::Digest;
use crate::plan::fleet::Revision;
use crate::plan::limits::Limits;
use crate::resource::{Files, TenantSpec};
use crate::store::documents::TenantDoc;
use crate::store::{Key, Memory, Sealing, Store};
use crate::wechat::Appid;

const FLEET: usize = 25;

fn appid(n: usize) -> Appid {
    Appid::parse(&format!("wx{n:016x}")).unwrap()
}

fn spec(n: usize) -> TenantSpec {
    let account = serde_json::json!({"officialAccount": {"appId": appid(100 + n)}});
    serde_json::from_value(account).unwrap()
}

fn limits(share: u8) -> Limits {
    Limits {
        share,
        ..Limits::default()
    }
}

fn name(n: usize) -> String {
    format!("t{n}")
}

/// A store in which all tenants were applied under platform `main`, and what is in force at WeChat.
async fn applied(in_force: bool) -> Store {
    let memory = std::sync::Arc::new(Memory::default());
    let store = Store::new(memory, Sealing::Plain);
    for n in 0..FLEET {
        let mut doc = TenantDoc {
            manifest: Some(Digest::of(&spec(n)).to_string()),
            platform: Some("main".to_owned()),
            ..TenantDoc::default()
        };
        if in_force {
            doc.records.insert("menu".to_owned(), serde_json::json!({}));
        }
        store.create(&Key::tenant(&name(n)), &doc).await.unwrap();
    }
    store
}

fn main(appid: &Appid, share: u8) -> Watched<'_> {
    Watched {
        appid,
        name: "main",
        written: limits(share),
    }
}

async fn revision(store: &Store, watched: &Watched<'_>, tenants: usize) -> Revision {
    let named: Vec<(String, TenantSpec)> = (0..tenants).map(|n| (name(n), spec(n))).collect();
    let remembered = Remembered::load(store).await.unwrap();
    let none = Files::new();
    let all = named
        .iter()
        .map(|(name, spec)| ((name.as_str(), spec, &none), None));
    remembered.revision(store, watched, all).await.unwrap().0
}

async fn remember(store: &Store, watched: &Watched<'_>) {
    let remembered = Remembered::load(store).await.unwrap();
    let guarded = revision(store, watched, FLEET).await.guarded;
    remembered
        .remember(store, watched, &guarded, Raised::All)
        .await
        .unwrap();
}

#[tokio::test]
async fn limits_that_nobody_remembers_of_tenants_that_somebody_does_are_the_usual_ones() {
    let platform = appid(1);
    let store = applied(true).await;
    let found = revision(&store, &main(&platform, 100), FLEET).await;
    assert_eq!(found.guarded.in_force(), Limits::default());
    // Nothing is in force, nothing is remembered: what is written counts.
    let store = applied(false).await;
    let found = revision(&store, &main(&platform, 100), FLEET).await;
    assert_eq!(found.guarded.in_force(), limits(100));
    assert_eq!(found.total, 0);
}

#[tokio::test]
async fn a_platform_of_another_name_is_held_to_its_limits_and_its_tenants() {
    let platform = appid(1);
    let store = applied(true).await;
    remember(&store, &main(&platform, 5)).await;
    let renamed = Watched {
        name: "second",
        ..main(&platform, 100)
    };
    let found = revision(&store, &renamed, 20).await;
    assert_eq!(found.guarded.in_force(), limits(5));
    assert_eq!((found.gone.len(), found.total), (5, FLEET));
}

#[tokio::test]
async fn tenants_that_move_to_another_platform_are_gone_from_theirs() {
    let (first, second) = (appid(1), appid(2));
    let store = applied(true).await;
    remember(&store, &main(&first, 10)).await;
    let twin = Watched {
        name: "twin",
        ..main(&second, 100)
    };
    let remembered = Remembered::load(&store).await.unwrap();
    // The first platform's document is taken away, or left without tenants.
    let left = remembered
        .left(&store, std::slice::from_ref(&twin), |_| true)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let hold = left[0].hold(&[], Timestamp::UNIX_EPOCH).unwrap();
    assert!(hold.text.en.contains("25 of the 25"), "{}", hold.text.en);
    assert!(left[0].concerns("t7"));
    let both = [main(&first, 10), twin.clone()];
    assert!(
        remembered
            .left(&store, &both, |_| true)
            .await
            .unwrap()
            .is_empty()
    );
    let empty = revision(&store, &main(&first, 10), 0).await;
    assert!(empty.hold(&[], Timestamp::UNIX_EPOCH).is_some());
    // Another folder of the same store, in which none of them stands.
    assert!(
        remembered
            .left(&store, &[twin], |_| false)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_raised_is_remembered_at_the_end_alone() {
    let platform = appid(1);
    let store = applied(true).await;
    remember(&store, &main(&platform, 10)).await;
    let raised = main(&platform, 50);
    let found = revision(&store, &raised, FLEET).await;
    let remembered = Remembered::load(&store).await.unwrap();
    remembered
        .remember(&store, &raised, &found.guarded, Raised::Nothing)
        .await
        .unwrap();
    let before = revision(&store, &raised, FLEET).await.guarded;
    assert_eq!(before.in_force(), limits(10));
    remembered
        .remember(&store, &raised, &found.guarded, Raised::All)
        .await
        .unwrap();
    let after = revision(&store, &raised, FLEET).await.guarded;
    assert_eq!(after.in_force(), limits(50));
}
