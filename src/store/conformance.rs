//! What every backend must hold. A new backend calls [`run`] and is done when it passes.

use std::sync::Arc;

use futures::future::join_all;

use super::backend::{
    Backend, BackendError, Document, Expected, MAX_DOCUMENT_BYTES, PAGE_KEYS, Revision,
};
use super::key::Key;

/// Runs the whole suite against an empty backend, seen through two doors: two handles, two clients, or twice the
/// same. What is written through one must be seen through the other.
pub(super) async fn run(one: Arc<dyn Backend>, other: Arc<dyn Backend>) {
    let doors = Doors { one, other };
    doors.a_document_is_read_as_it_was_written().await;
    doors.too_large_a_document_changes_nothing().await;
    doors.a_write_that_expects_otherwise_changes_nothing().await;
    doors.a_delete_needs_the_current_state().await;
    doors.a_state_never_comes_back().await;
    doors.lists_are_ordered_and_keep_to_their_prefix().await;
    doors.long_lists_come_in_pages().await;
    doors.of_many_writers_at_once_one_gets_through().await;
    doors.no_increment_is_lost().await;
}

struct Doors {
    one: Arc<dyn Backend>,
    other: Arc<dyn Backend>,
}

impl Doors {
    async fn get(&self, key: &Key) -> Option<Document> {
        let seen = self.one.get(key).await.expect("a read");
        let also = self.other.get(key).await.expect("a read");
        assert_eq!(seen, also, "both doors show the same");
        seen
    }

    async fn create(&self, key: &Key, value: &[u8]) -> Revision {
        let created = self.one.put(key, value.to_vec(), Expected::Absent).await;
        created.expect("an absent document can be created")
    }

    async fn a_document_is_read_as_it_was_written(&self) {
        let all: Vec<u8> = (0..=255).collect();
        let largest = vec![0xfe; MAX_DOCUMENT_BYTES];
        for (name, value) in [("empty", vec![]), ("all", all), ("largest", largest)] {
            let key = Key::tenant(&format!("read/{name}"));
            assert_eq!(self.get(&key).await, None);
            let revision = self.create(&key, &value).await;
            assert_eq!(self.get(&key).await, Some(Document { value, revision }));
        }
    }

    async fn too_large_a_document_changes_nothing(&self) {
        let key = Key::tenant("too-large");
        let revision = self.create(&key, b"small").await;
        let size = MAX_DOCUMENT_BYTES + 1;
        let put = self
            .other
            .put(&key, vec![0; size], Expected::At(revision.clone()))
            .await;
        assert_eq!(put, Err(BackendError::TooLarge { size }));
        let value = b"small".to_vec();
        assert_eq!(self.get(&key).await, Some(Document { value, revision }));
    }

    async fn a_write_that_expects_otherwise_changes_nothing(&self) {
        let key = Key::tenant("expects");
        let missing = Expected::At(Revision::random());
        let put = self.one.put(&key, b"x".to_vec(), missing.clone()).await;
        assert_eq!(put, Err(BackendError::Conflict), "absent");
        assert_eq!(self.get(&key).await, None);

        let first = self.create(&key, b"1").await;
        let put = self
            .other
            .put(&key, b"2".to_vec(), Expected::At(first.clone()))
            .await;
        let second = put.expect("the current state can be replaced");
        for stale in [Expected::Absent, Expected::At(first), missing] {
            let put = self.one.put(&key, b"3".to_vec(), stale.clone()).await;
            assert_eq!(put, Err(BackendError::Conflict), "{stale:?}");
        }
        let (value, revision) = (b"2".to_vec(), second);
        assert_eq!(self.get(&key).await, Some(Document { value, revision }));
    }

    async fn a_delete_needs_the_current_state(&self) {
        let key = Key::tenant("delete");
        let first = self.create(&key, b"1").await;
        let put = self
            .one
            .put(&key, b"2".to_vec(), Expected::At(first.clone()))
            .await;
        let second = put.expect("replaces");
        assert_eq!(
            self.other.delete(&key, first).await,
            Err(BackendError::Conflict)
        );
        assert_eq!(self.other.delete(&key, second.clone()).await, Ok(()));
        assert_eq!(self.get(&key).await, None);
        assert_eq!(
            self.one.delete(&key, second).await,
            Err(BackendError::Conflict)
        );
    }

    async fn a_state_never_comes_back(&self) {
        let key = Key::tenant("again");
        let mut seen = Vec::new();
        for _ in 0..5 {
            let revision = self.create(&key, b"same").await;
            assert!(!seen.contains(&revision), "the same bytes, another state");
            for old in &seen {
                let put = self
                    .other
                    .put(&key, b"x".to_vec(), Expected::At(Revision::clone(old)));
                assert_eq!(put.await, Err(BackendError::Conflict));
            }
            self.other
                .delete(&key, revision.clone())
                .await
                .expect("deletes");
            seen.push(revision);
        }
    }

    async fn lists_are_ordered_and_keep_to_their_prefix(&self) {
        let names = ["b", "a", "a/b", "a-b", "ab", "日"];
        for name in names {
            self.create(&Key::pass(name), b"").await;
        }
        let gone = Key::pass("gone");
        let revision = self.create(&gone, b"").await;
        self.one.delete(&gone, revision).await.expect("deletes");

        let mut expected: Vec<Key> = names.iter().map(|name| Key::pass(name)).collect();
        expected.sort();
        for door in [&self.one, &self.other] {
            let page = door.list("pass/", None).await.expect("lists");
            assert_eq!((page.keys, page.more), (expected.clone(), false));
            let after = door.list("pass/", expected.get(2)).await.expect("lists");
            assert_eq!(after.keys, expected[3..]);
            let longer = door.list("pass/a", None).await.expect("lists").keys;
            let starting: Vec<&Key> = expected
                .iter()
                .filter(|key| key.as_str().starts_with("pass/a"))
                .collect();
            assert_eq!(longer.iter().collect::<Vec<_>>(), starting);
            let nothing = door.list("pass/zzz", None).await.expect("lists");
            assert_eq!((nothing.keys.len(), nothing.more), (0, false));
        }
    }

    async fn long_lists_come_in_pages(&self) {
        let count = PAGE_KEYS + 3;
        let keys: Vec<Key> = (0..count)
            .map(|n| Key::ledger("s", "q", &format!("{n:06}")))
            .collect();
        for key in &keys {
            self.create(key, b"").await;
        }
        let mut listed: Vec<Key> = Vec::new();
        loop {
            let page = self.other.list("ledger/s/q/", listed.last()).await;
            let page = page.expect("lists");
            assert!(page.keys.len() <= PAGE_KEYS);
            listed.extend(page.keys);
            if !page.more {
                break;
            }
        }
        assert_eq!(listed, keys);
    }

    async fn of_many_writers_at_once_one_gets_through(&self) {
        let key = Key::tenant("race");
        let mut state = None;
        for round in 0..10 {
            let expected = match &state {
                None => Expected::Absent,
                Some(revision) => Expected::At(Revision::clone(revision)),
            };
            let writers = (0..8u8).map(|n| {
                let door = if n % 2 == 0 { &self.one } else { &self.other };
                door.put(&key, vec![round, n], expected.clone())
            });
            let results = join_all(writers).await;
            let winners: Vec<usize> = (0..8).filter(|&n| results[n].is_ok()).collect();
            assert_eq!(winners.len(), 1, "{results:?}");
            let lost = results
                .iter()
                .filter(|r| **r == Err(BackendError::Conflict));
            assert_eq!(lost.count(), 7);
            let document = self.get(&key).await.expect("is there");
            assert_eq!(usize::from(document.value[1]), winners[0]);
            state = Some(document.revision);
        }
    }

    async fn no_increment_is_lost(&self) {
        let key = Key::tenant("count");
        self.create(&key, b"0").await;
        let (writers, each) = (6usize, 15u32);
        join_all((0..writers).map(|n| {
            let door = if n % 2 == 0 { &self.one } else { &self.other };
            increment(&**door, &key, each)
        }))
        .await;
        let document = self.get(&key).await.expect("is there");
        let count: u32 = number(&document.value);
        assert_eq!(count, u32::try_from(writers).expect("small") * each);
    }
}

async fn increment(door: &dyn Backend, key: &Key, mut times: u32) {
    while times > 0 {
        let document = door.get(key).await.expect("a read").expect("is there");
        let next = (number(&document.value) + 1).to_string().into_bytes();
        match door.put(key, next, Expected::At(document.revision)).await {
            Ok(_) => times -= 1,
            Err(BackendError::Conflict) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

fn number(value: &[u8]) -> u32 {
    std::str::from_utf8(value)
        .expect("digits")
        .parse()
        .expect("a number")
}
