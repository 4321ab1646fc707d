//! A model of what the journal talks about: a clock that is moved by hand, and a WeChat that creates one thing per
//! account, loses answers, takes its time, and shows what it did only a while later. It checks every request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wxops::wechat::{ApiError, Appid, Effect, ErrorClass, Who};

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(8);
/// Send window, timeout and margin, written out: the journal's own sum must not be smaller.
const PROBE_AFTER: SignedDuration = SignedDuration::from_secs(5 + 8 + 10);
/// How long WeChat shows the state before a change.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_secs(9);

/// How WeChat treats one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Does it and says so.
    Done,
    /// Does it; the answer is lost.
    DoneLost,
    /// Does it at the last moment of the timeout; there is no answer.
    DoneSlowly,
    /// Does it and answers that it is busy.
    DoneBusy,
    /// Does not do it; there is no answer.
    Lost,
    /// Does not do it and answers that it is busy.
    Busy,
    /// Refuses it.
    Refused,
    /// Refuses its token.
    TokenRefused,
}

pub const TREATMENTS: [Treatment; 8] = [
    Treatment::Done,
    Treatment::DoneLost,
    Treatment::DoneSlowly,
    Treatment::DoneBusy,
    Treatment::Lost,
    Treatment::Busy,
    Treatment::Refused,
    Treatment::TokenRefused,
];

/// What the sender sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Done,
    Refused(ApiError),
    Nothing,
}

#[derive(Debug, Default)]
struct Account {
    /// When each effect happened, or will.
    effects: Vec<Timestamp>,
    requests: u32,
    /// When the last request was armed, if it may have had an effect and nobody has looked since.
    unprobed: Option<Timestamp>,
}

#[derive(Debug)]
struct Inner {
    now: Timestamp,
    accounts: BTreeMap<Appid, Account>,
    treatments: VecDeque<Treatment>,
}

/// Clock and WeChat, shared by all holders.
#[derive(Debug, Clone)]
pub struct World(Arc<Mutex<Inner>>);

impl World {
    pub fn new(treatments: &[Treatment]) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            now: "2026-11-24T02:00:00Z".parse().unwrap(),
            accounts: BTreeMap::new(),
            treatments: treatments.iter().copied().collect(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.inner().now
    }

    pub fn since_boot(&self) -> Duration {
        let passed = self.now().duration_since(Timestamp::UNIX_EPOCH);
        Duration::try_from(passed).unwrap()
    }

    pub fn advance(&self, by: Duration) {
        self.inner().now += SignedDuration::try_from(by).unwrap();
    }

    pub fn advance_to(&self, to: Timestamp) {
        let mut inner = self.inner();
        inner.now = inner.now.max(to);
    }

    /// Whether WeChat shows the thing. A read that shows nothing, made late enough, allows another request.
    pub fn read(&self, appid: &Appid) -> bool {
        let mut inner = self.inner();
        inner.now += SignedDuration::from_millis(1);
        let now = inner.now;
        let account = inner.accounts.entry(appid.clone()).or_default();
        let shown = account
            .effects
            .iter()
            .any(|effect| *effect + SHOWN_AFTER <= now);
        let late_enough = account
            .unprobed
            .is_some_and(|armed_at| armed_at + PROBE_AFTER <= now);
        if !shown && late_enough {
            account.unprobed = None;
        }
        shown
    }

    /// One request. Panics if it must not be made.
    pub fn send(&self, appid: &Appid, armed_at: Timestamp) -> Reply {
        let mut inner = self.inner();
        inner.now += SignedDuration::from_millis(1);
        let now = inner.now;
        let treatment = inner.treatments.pop_front().unwrap_or(Treatment::Done);
        let account = inner.accounts.entry(appid.clone()).or_default();
        account.requests += 1;
        assert!(
            account.effects.is_empty(),
            "{appid}: a second request after one that took effect"
        );
        assert!(
            account.unprobed.is_none(),
            "{appid}: a second request after one that may have, without a probe between"
        );
        assert!(
            now.duration_since(armed_at) <= SignedDuration::from_millis(5001),
            "{appid}: sent too long after it was armed"
        );
        let timeout = SignedDuration::try_from(TIMEOUT).unwrap();
        match treatment {
            Treatment::Done | Treatment::DoneLost | Treatment::DoneBusy => {
                account.effects.push(now);
            }
            Treatment::DoneSlowly => account.effects.push(now + timeout),
            Treatment::Lost | Treatment::Busy | Treatment::Refused | Treatment::TokenRefused => {}
        }
        let (reply, may_have) = match treatment {
            Treatment::Done => (Reply::Done, true),
            Treatment::DoneLost | Treatment::DoneSlowly | Treatment::Lost => (Reply::Nothing, true),
            Treatment::DoneBusy | Treatment::Busy => {
                (refused(-1, ErrorClass::Unknown, Effect::Maybe), true)
            }
            Treatment::Refused => (refused(40097, ErrorClass::Invalid, Effect::None), false),
            Treatment::TokenRefused => (refused(40001, ErrorClass::Token, Effect::None), false),
        };
        account.unprobed = may_have.then_some(armed_at);
        reply
    }

    /// How often the thing was made, for one account.
    pub fn effects(&self, appid: &Appid) -> usize {
        self.inner()
            .accounts
            .get(appid)
            .map_or(0, |account| account.effects.len())
    }

    pub fn requests(&self) -> u32 {
        self.inner()
            .accounts
            .values()
            .map(|account| account.requests)
            .sum()
    }
}

fn refused(errcode: i64, class: ErrorClass, effect: Effect) -> Reply {
    Reply::Refused(ApiError {
        endpoint: "open/create".into(),
        errcode,
        errmsg: "no".into(),
        rid: None,
        class,
        effect,
        zh: "不行".into(),
        en: "no".into(),
        who: Who::Wxops,
    })
}
