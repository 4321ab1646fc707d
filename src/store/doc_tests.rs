//! Typed documents over backends that lose answers, other keys, and other versions of wxops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{BoxFuture, FutureExt};
use serde::{Deserialize, Serialize};

use super::backend::{Backend, BackendError, Document, Expected, Page, Revision};
use super::doc::{Doc, Store, Stored};
use super::documents::{ClaimDoc, CredDoc, PlatformDoc, TenantDoc, Ticket, Token};
use super::error::StoreError;
use super::key::Key;
use super::memory::Memory;
use super::sealing::{Sealing, SealingKey};
use crate::wechat::Appid;

const SENTINEL: &str = "sentinel-4f1c-never-in-the-clear";

fn appid() -> Appid {
    Appid::parse("wx1111111111111111").unwrap()
}

fn tenant(output: &str) -> TenantDoc {
    let mut doc = TenantDoc::default();
    doc.outputs.insert("output".into(), output.into());
    doc
}

/// Every document with a secret in it.
async fn write_secrets(store: &Store) {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let token = Token {
        value: SENTINEL.into(),
        expires_at: at,
        obtained_at: at,
    };
    let platform = PlatformDoc {
        ticket: Some(Ticket {
            value: SENTINEL.into(),
            created_at: at,
        }),
        component_token: Some(token.clone()),
        ..PlatformDoc::default()
    };
    let cred = CredDoc {
        refresh_token: Some(SENTINEL.into()),
        access_token: Some(token),
        func_info: vec![1, 15],
        ..CredDoc::of(appid())
    };
    assert!(!format!("{platform:?} {cred:?}").contains(SENTINEL));
    store
        .create(&Key::platform(&appid()), &platform)
        .await
        .unwrap();
    store.create(&Key::cred(&appid()), &cred).await.unwrap();
    let read = store.get::<CredDoc>(&Key::cred(&appid())).await.unwrap();
    assert_eq!(read.unwrap().value, cred);
}

async fn raw(memory: &Memory) -> Vec<u8> {
    let mut bytes = Vec::new();
    for key in memory.list("", None).await.unwrap().keys {
        bytes.extend(key.as_str().as_bytes());
        bytes.extend(memory.get(&key).await.unwrap().unwrap().value);
    }
    bytes
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn under_a_key_no_secret_is_stored_in_the_clear() {
    let sealings = [
        (Sealing::Plain, true),
        (Sealing::Key(SealingKey::random()), false),
    ];
    for (sealing, in_the_clear) in sealings {
        let memory = Arc::new(Memory::default());
        write_secrets(&Store::new(memory.clone(), sealing)).await;
        assert_eq!(contains(&raw(&memory).await, SENTINEL), in_the_clear);
    }
}

#[tokio::test]
async fn a_store_opens_only_as_it_was_written() {
    let sealings = [
        Sealing::Plain,
        Sealing::Key(SealingKey::random()),
        Sealing::Key(SealingKey::random()),
    ];
    for (i, writes) in sealings.iter().enumerate() {
        let memory = Arc::new(Memory::default());
        let store = Store::new(memory.clone(), writes.clone());
        store.verify().await.unwrap();
        write_secrets(&store).await;
        for (j, reads) in sealings.iter().enumerate() {
            let other = Store::new(memory.clone(), reads.clone());
            let read = other.get::<CredDoc>(&Key::cred(&appid())).await;
            match other.verify().await {
                Ok(()) => assert!(i == j && read.is_ok()),
                Err(error) => {
                    assert!(i != j && read.is_err());
                    assert!(matches!(error, StoreError::WrongKey { .. }), "{error}");
                }
            }
        }
    }
}

/// What a newer wxops might store for a tenant.
#[derive(Serialize, Deserialize)]
struct NewerTenant {
    outputs: std::collections::BTreeMap<String, String>,
    unheard_of: Vec<u32>,
}

impl Doc for NewerTenant {
    const SCHEMA: u16 = 3;
}

#[tokio::test]
async fn what_a_newer_wxops_wrote_is_read_and_not_written() {
    let store = Store::in_memory();
    let key = Key::tenant("sunrise");
    let newer = NewerTenant {
        outputs: tenant("x").outputs,
        unheard_of: vec![1],
    };
    store.create(&key, &newer).await.unwrap();

    let read: Stored<TenantDoc> = store.get(&key).await.unwrap().unwrap();
    assert_eq!(read.value, tenant("x"));
    let refused = [
        store
            .replace(&key, &read.value, &read.version)
            .await
            .map(drop),
        store
            .update::<TenantDoc>(&key, |doc| doc.outputs.clear())
            .await
            .map(drop),
    ];
    for error in refused {
        let error = error.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::NewerSchema {
                    found: 3,
                    known: 2,
                    ..
                }
            ),
            "{error}"
        );
    }
    let kept: Stored<NewerTenant> = store.get(&key).await.unwrap().unwrap();
    assert_eq!(kept.value.unheard_of, [1]);
}

/// What an older wxops might have stored for a tenant.
#[derive(Serialize, Deserialize)]
struct OlderTenant {
    outputs: std::collections::BTreeMap<String, String>,
}

impl Doc for OlderTenant {
    const SCHEMA: u16 = 0;
}

#[tokio::test]
async fn what_an_older_wxops_wrote_is_read_and_written() {
    let store = Store::in_memory();
    let key = Key::tenant("sunrise");
    let outputs = tenant("x").outputs;
    store.create(&key, &OlderTenant { outputs }).await.unwrap();
    let doc = store
        .update::<TenantDoc>(&key, |doc| doc.pin = Some(appid()))
        .await
        .unwrap();
    assert_eq!(doc.outputs, tenant("x").outputs);
    let older = OlderTenant {
        outputs: doc.outputs,
    };
    let back = store.get::<OlderTenant>(&key).await.unwrap().unwrap();
    let refused = store.replace(&key, &older, &back.version).await;
    assert!(matches!(refused, Err(StoreError::NewerSchema { .. })));
}

#[tokio::test]
async fn an_unreadable_document_does_not_give_away_its_content() {
    let memory = Arc::new(Memory::default());
    let store = Store::new(memory.clone(), Sealing::Plain);
    let key = Key::cred(&appid());
    store.create(&key, &tenant(SENTINEL)).await.unwrap();
    let error = store.get::<CredDoc>(&key).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }));
    assert!(!format!("{error} {error:?}").contains(SENTINEL));
    let noise = b"noise".to_vec();
    memory
        .put(&Key::pass("x"), noise, Expected::Absent)
        .await
        .unwrap();
    let error = store.get::<TenantDoc>(&Key::pass("x")).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }));
}

/// What a flaky backend does with one operation.
#[derive(Debug, Clone, Copy)]
enum Flaw {
    /// Does not do it; the answer is lost.
    LostBefore,
    /// Does it; the answer is lost.
    LostAfter,
    /// Does it, somebody else writes at once, and the answer is lost.
    LostAndOverwritten,
    /// Cannot be reached.
    Gone,
}

struct Flaky {
    memory: Arc<Memory>,
    /// By number of the operation. Reads count too.
    flaws: Vec<(usize, Flaw)>,
    operations: AtomicUsize,
    puts: AtomicUsize,
}

impl Flaky {
    fn new(memory: &Arc<Memory>, flaws: &[(usize, Flaw)]) -> Arc<Self> {
        Arc::new(Self {
            memory: Arc::clone(memory),
            flaws: flaws.to_vec(),
            operations: AtomicUsize::default(),
            puts: AtomicUsize::default(),
        })
    }

    fn store(self: &Arc<Self>) -> Store {
        Store::new(self.clone(), Sealing::Plain)
    }

    fn flaw(&self) -> Option<Flaw> {
        let n = self.operations.fetch_add(1, Ordering::Relaxed);
        let found = self.flaws.iter().find(|(at, _)| *at == n);
        found.map(|(_, flaw)| *flaw)
    }

    async fn operate<T>(
        &self,
        key: &Key,
        operation: BoxFuture<'_, Result<T, BackendError>>,
    ) -> Result<T, BackendError> {
        let lost = Err(BackendError::Lost("gone".into()));
        match self.flaw() {
            None => operation.await,
            Some(Flaw::Gone) => Err(BackendError::Unavailable("gone".into())),
            Some(Flaw::LostBefore) => lost,
            Some(Flaw::LostAfter) => operation.await.and(lost),
            Some(Flaw::LostAndOverwritten) => {
                operation.await?;
                let other = Store::new(self.memory.clone(), Sealing::Plain);
                let theirs = |doc: &mut TenantDoc| *doc = tenant("theirs");
                other.update::<TenantDoc>(key, theirs).await.unwrap();
                lost
            }
        }
    }
}

impl Backend for Flaky {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        let get = async move { self.memory.get(key).await }.boxed();
        self.operate(key, get).boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        let put = async move { self.memory.put(key, value, expected).await }.boxed();
        self.operate(key, put).boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        let delete = async move { self.memory.delete(key, revision).await }.boxed();
        self.operate(key, delete).boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        self.memory.list(prefix, after)
    }
}

async fn read(memory: &Arc<Memory>, key: &Key) -> TenantDoc {
    let store = Store::new(memory.clone(), Sealing::Plain);
    store.get(key).await.unwrap().unwrap().value
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done_exactly_once() {
    let key = Key::tenant("sunrise");
    for flaw in [Flaw::LostBefore, Flaw::LostAfter] {
        let memory = Arc::new(Memory::default());
        let store = Flaky::new(&memory, &[(0, flaw)]).store();
        let version = store.create(&key, &tenant("1")).await.unwrap();
        // The version is the real one: it can be replaced.
        store.replace(&key, &tenant("2"), &version).await.unwrap();
        assert_eq!(read(&memory, &key).await, tenant("2"), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_recognised_after_somebody_else_wrote() {
    let key = Key::tenant("sunrise");
    let memory = Arc::new(Memory::default());
    let store = Flaky::new(&memory, &[(0, Flaw::LostAndOverwritten)]).store();
    let version = store.create(&key, &tenant("ours")).await.unwrap();
    assert_eq!(read(&memory, &key).await, tenant("theirs"));
    let blind = store.replace(&key, &tenant("ours"), &version).await;
    assert!(
        blind.unwrap_err().is_conflict(),
        "what we have not seen is not overwritten"
    );
    assert_eq!(read(&memory, &key).await, tenant("theirs"));
}

#[tokio::test]
async fn a_lost_write_that_another_one_forestalled_is_a_conflict() {
    let key = Key::tenant("sunrise");
    let memory = Arc::new(Memory::default());
    let other = Store::new(memory.clone(), Sealing::Plain);
    let first = other.create(&key, &tenant("1")).await.unwrap();
    other
        .replace(&key, &tenant("theirs"), &first)
        .await
        .unwrap();
    let store = Flaky::new(&memory, &[(0, Flaw::LostBefore)]).store();
    let late = store.replace(&key, &tenant("ours"), &first).await;
    assert!(late.unwrap_err().is_conflict());
    assert_eq!(read(&memory, &key).await, tenant("theirs"));
}

#[tokio::test]
async fn when_the_store_stays_away_a_lost_write_is_uncertain_and_an_unsent_one_is_not() {
    let key = Key::tenant("sunrise");
    let memory = Arc::new(Memory::default());
    let mut flaws = vec![(0, Flaw::LostAfter)];
    flaws.extend((1..30).map(|n| (n, Flaw::Gone)));
    let store = Flaky::new(&memory, &flaws).store();
    let error = store.create(&key, &tenant("1")).await.unwrap_err();
    assert!(matches!(error, StoreError::Uncertain { .. }), "{error}");
    flaws[0] = (0, Flaw::Gone);
    let store = Flaky::new(&memory, &flaws).store();
    let error = store
        .create(&Key::tenant("x"), &tenant("1"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_done() {
    let key = Key::claim(&appid());
    let claim = ClaimDoc::of("sunrise", None);
    for flaw in [Flaw::LostBefore, Flaw::LostAfter] {
        let memory = Arc::new(Memory::default());
        let store = Flaky::new(&memory, &[(1, flaw)]).store();
        let version = store.create(&key, &claim).await.unwrap();
        store.delete(&key, &version).await.unwrap();
        assert_eq!(memory.get(&key).await, Ok(None), "{flaw:?}");
    }
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let memory = Arc::new(Memory::default());
    let flaky = Flaky::new(&memory, &[]);
    let store = flaky.store();
    let key = Key::tenant("sunrise");
    store
        .update::<TenantDoc>(&key, |doc| *doc = tenant("1"))
        .await
        .unwrap();
    store
        .update::<TenantDoc>(&key, |doc| *doc = tenant("1"))
        .await
        .unwrap();
    let nothing = Key::tenant("nothing");
    let absent = store
        .modify::<TenantDoc, bool>(&nothing, |doc| doc.is_none())
        .await;
    assert!(absent.unwrap());
    assert_eq!(flaky.puts.load(Ordering::Relaxed), 1);
    assert_eq!(memory.get(&nothing).await, Ok(None));
    let taken = store
        .modify::<TenantDoc, _>(&key, Option::take)
        .await
        .unwrap();
    assert_eq!(
        (taken, memory.get(&key).await),
        (Some(tenant("1")), Ok(None))
    );
}
