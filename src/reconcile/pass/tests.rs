//! How long a pass lives, and what becomes of a process that stood still.

use std::sync::Mutex;

use super::*;
use crate::client::ManualClock;
use crate::wechat::endpoint::Method;

struct Process {
    store: Store,
    clock: Arc<ManualClock>,
    shared: Arc<dyn Clock>,
    owner: &'static str,
    passes: Passes,
}

impl Process {
    fn of(store: &Store, clock: &Arc<ManualClock>, owner: &'static str) -> Self {
        Self {
            store: store.clone(),
            clock: clock.clone(),
            shared: clock.clone(),
            owner,
            passes: Passes::default(),
        }
    }

    async fn take(&self) -> Pass {
        let taker = Taker {
            store: &self.store,
            clock: &self.shared,
            owner: self.owner,
            passes: &self.passes,
        };
        take(&taker, "sunrise").await.unwrap()
    }

    async fn is_kept_out(&self) -> bool {
        tokio::time::timeout(LOOK_AGAIN * 3, self.take())
            .await
            .is_err()
    }

    async fn stored(&self) -> Option<PassDoc> {
        let stored = self.store.get(&Key::pass("sunrise")).await.unwrap();
        stored.map(|stored| stored.value)
    }
}

fn two() -> (Process, Process) {
    let store = Store::in_memory();
    let clock = Arc::new(ManualClock::at("2026-11-24T00:00:00Z".parse().unwrap()));
    (
        Process::of(&store, &clock, "11-first"),
        Process::of(&store, &clock, "22-second"),
    )
}

#[tokio::test]
async fn no_write_leaves_unless_it_ends_before_anybody_else_can_begin() {
    let request = crate::client::REQUEST_TIMEOUT.as_secs();
    for asleep in 0..=70 {
        let (first, second) = two();
        let pass = first.take().await;
        let fence = pass.fence();
        first.clock.advance(Duration::from_secs(asleep));
        let leaves = fence.holds().is_ok();
        let free_in = second.stored().await.unwrap().expires_at;
        let left = free_in.duration_since(first.clock.now()).as_secs();
        assert_eq!(leaves, asleep < 40, "{asleep}");
        assert!(!leaves || left > i64::try_from(request).unwrap());
    }
}

#[tokio::test]
async fn a_pass_is_renewed_while_it_lives_and_by_nobody_once_it_is_given_back() {
    let (first, second) = two();
    let pass = first.take().await;
    let taken = first.stored().await.unwrap();
    for _ in 0..6 {
        first.clock.advance(Duration::from_secs(15));
        let now = first.clock.now();
        while first.stored().await.unwrap().renewed_at != Some(now) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(second.is_kept_out().await);
        assert!(pass.fence().holds().is_ok());
    }
    assert_eq!(first.stored().await.unwrap().since, taken.since);
    pass.give_back().await;
    assert_eq!(first.stored().await, None);
    second.take().await;
}

#[tokio::test]
async fn what_another_process_took_is_lost_even_when_it_was_given_back() {
    for given_back in [false, true] {
        let (first, second) = two();
        let pass = first.take().await;
        first.clock.advance(Duration::from_secs(61));
        let theirs = second.take().await;
        if given_back {
            theirs.give_back().await;
        }
        assert!(!pass.is_ours().await.unwrap());
        assert!(pass.is_lost() && pass.fence().holds().is_err());
        // Gives back what is not its own: nothing.
        let before = second.stored().await;
        pass.give_back().await;
        assert_eq!(second.stored().await, before);
    }
}

#[tokio::test]
async fn a_process_that_stood_still_goes_on_where_nobody_took_over() {
    let (first, second) = two();
    let pass = first.take().await;
    first.clock.advance(Duration::from_secs(3_600));
    assert!(pass.fence().holds().is_err());
    assert!(pass.is_ours().await.unwrap());
    assert!(pass.fence().holds().is_ok());
    assert!(second.is_kept_out().await);
}

#[tokio::test]
async fn a_pass_that_yields_keeps_nobody_waiting() {
    let (mut first, second) = two();
    first.passes.yields = true;
    let pass = first.take().await;
    let theirs = second.take().await;
    assert!(!pass.is_ours().await.unwrap());
    assert!(theirs.is_ours().await.unwrap());
}

#[tokio::test]
async fn a_loop_takes_what_a_loop_before_it_had_once_nothing_of_it_is_under_way_and_waits_for_everybody_else()
 {
    let (mut first, mut second) = two();
    (first.owner, second.owner) = ("11-loop-a", "22-loop-b");
    let dead = first.take().await;
    first.clock.advance(Duration::from_secs(20));
    // Whoever does not hold the lock of the loop knows nothing of the loop's end.
    assert!(second.is_kept_out().await);
    let now = Instant::now();
    // Time that the clock was moved by is none in which a request ends.
    second.passes.loop_since = now.checked_sub(HANDED_OVER / 2);
    assert!(second.is_kept_out().await);
    second.passes.loop_since = now.checked_sub(HANDED_OVER);
    let theirs = second.take().await;
    assert!(!dead.is_ours().await.unwrap() && theirs.is_ours().await.unwrap());
    theirs.give_back().await;
    // A verb beside it may be alive.
    first.owner = "11-verb";
    let _alive = first.take().await;
    first.clock.advance(Duration::from_secs(20));
    assert!(second.is_kept_out().await);
}

#[tokio::test]
async fn a_loop_that_is_seen_alive_keeps_what_it_has_whoever_holds_the_lock() {
    let (mut first, mut second) = two();
    (first.owner, second.owner) = ("11-loop-a", "22-loop-b");
    second.passes.loop_since = Instant::now().checked_sub(HANDED_OVER);
    let _alive = first.take().await;
    first.clock.advance(Duration::from_secs(11));
    assert!(second.is_kept_out().await);
}

#[test]
fn what_a_dead_loop_had_sent_has_ended_before_the_next_one_begins() {
    let writes = crate::wechat::endpoint::ALL
        .iter()
        .copied()
        // What the journal armed, it asks about once the time of that request is over.
        .filter(|one| one.method != Method::Upload && !one.class.journaled());
    let longest = writes.map(|one| one.timeout()).max().unwrap();
    assert!(HANDED_OVER >= longest + Duration::from_secs(5));
}

#[tokio::test]
async fn a_process_takes_nothing_from_itself_but_what_it_could_not_give_back() {
    let (first, _) = two();
    let pass = first.take().await;
    assert!(first.is_kept_out().await);
    assert!(pass.is_ours().await.unwrap());
    drop(pass);
    assert!(first.stored().await.is_some());
    first.take().await;
}

#[tokio::test]
async fn a_wait_says_at_once_whom_it_is_for_and_how_long() {
    let (first, mut second) = two();
    let _pass = first.take().await;
    first.clock.advance(Duration::from_secs(7));
    let said: Arc<Mutex<Vec<Text>>> = Arc::default();
    let heard = said.clone();
    second.passes.notice = Some(Arc::new(move |text| {
        heard.lock().unwrap().push(text.clone())
    }));
    assert!(second.is_kept_out().await);
    let said = said.lock().unwrap();
    let [Text { zh, en }] = said.as_slice() else {
        panic!("said once and not at every look: {said:?}");
    };
    for part in ["sunrise", "process 11", "08:00:00 +08:00", "53 s"] {
        assert!(en.contains(part), "{part}: {en}");
    }
    for part in ["sunrise", "PID 11", "08:00:00 +08:00", "53 秒"] {
        assert!(zh.contains(part), "{part}: {zh}");
    }
}
