//! Two holders at once, in every order of their steps that chance finds: each is stopped before and after every
//! operation of the store, killed in the middle, started again; time passes where it hurts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use proptest::prelude::*;
use wxops::store::{Memory, sweep};
use wxops::wechat::Appid;

use super::holder::{Holder, appid};
use super::mortal::{Mortal, turn};
use super::world::{TREATMENTS, Treatment, World};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Event {
    /// A holder takes some steps.
    Steps(usize, u8),
    /// Time passes.
    Passes(Duration),
    /// A holder dies; another one takes its place.
    Dies(usize),
    /// A holder begins with a sweep.
    Sweeps(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (0..2usize, 1..30u8).prop_map(|(holder, steps)| Event::Steps(holder, steps)),
        2 => (0..9_000u64).prop_map(|ms| Event::Passes(Duration::from_millis(ms))),
        1 => (10..40u64).prop_map(|s| Event::Passes(Duration::from_secs(s))),
        1 => (0..2usize).prop_map(Event::Dies),
        1 => (0..2usize).prop_map(Event::Sweeps),
    ]
}

fn treatments() -> impl Strategy<Value = Vec<Treatment>> {
    prop::collection::vec(prop::sample::select(TREATMENTS.to_vec()), 0..6)
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// The processes that ever were, and the two that are.
struct Stage {
    memory: Arc<Memory>,
    world: World,
    limit: u32,
    accounts: Vec<Appid>,
    started: u32,
    running: [Option<Running>; 2],
}

impl Stage {
    fn holder(&mut self) -> Holder {
        self.started += 1;
        let store = Mortal::immortal(&self.memory).store();
        let owner = format!("holder-{}", self.started);
        Holder::new(store, &owner, self.world.clone(), self.limit)
    }

    /// Passes over the accounts for ever, each holder in another order.
    fn start(&mut self, which: usize, sweep_first: bool) {
        let holder = self.holder();
        let world = self.world.clone();
        let mut accounts = self.accounts.clone();
        if which == 1 {
            accounts.reverse();
        }
        self.running[which] = Some(Box::pin(async move {
            if sweep_first {
                // Another holder may fence it off; then it goes on without.
                let _swept = sweep(&holder.journal, world.now()).await;
            }
            loop {
                for appid in &accounts {
                    let _passed = holder.pass(appid).await;
                    turn().await;
                }
            }
        }));
    }

    fn happens(&mut self, event: &Event) {
        match event {
            Event::Steps(which, steps) => {
                if self.running[*which].is_none() {
                    self.start(*which, false);
                }
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..*steps {
                    if let Some(running) = &mut self.running[*which] {
                        let _never_done = running.as_mut().poll(&mut context);
                    }
                }
            }
            Event::Passes(time) => self.world.advance(*time),
            Event::Dies(which) => self.running[*which] = None,
            Event::Sweeps(which) => self.start(*which, true),
        }
    }

    /// Both die; what they leave behind is repaired and brought to an end.
    async fn end(mut self) {
        self.running = [None, None];
        let holder = self.holder();
        sweep(&holder.journal, self.world.now()).await.unwrap();
        holder.converge(&self.accounts).await.unwrap();
        holder.check(&self.accounts).await;
        let made: usize = self
            .accounts
            .iter()
            .map(|appid| self.world.effects(appid))
            .sum();
        let possible = self
            .accounts
            .len()
            .min(usize::try_from(self.limit).unwrap());
        assert_eq!(made, possible, "never stuck: what the quota allows is done");
    }
}

fn cases() -> u32 {
    if std::env::var_os("WXOPS_SOAK").is_some() {
        20_000
    } else {
        400
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn two_holders_never_send_twice_and_never_overspend(
        treatments in treatments(),
        limit in 1..3u32,
        events in prop::collection::vec(event(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _inside = runtime.enter();
        let mut stage = Stage {
            memory: Arc::new(Memory::default()),
            world: World::new(&treatments),
            limit,
            accounts: vec![appid(1), appid(2)],
            started: 0,
            running: [None, None],
        };
        for event in &events {
            stage.happens(event);
        }
        runtime.block_on(stage.end());
    }
}
