//! A process as the journal sees it: looks, probes, observes, opens, reserves, arms, sends, settles.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use wxops::store::documents::LedgerDoc;
use wxops::store::journal::{
    Armed, Arming, Intent, JournalError, Op, OpKey, Outcome, Probe, Reserved, Stage,
};
use wxops::store::ledger::Demand;
use wxops::store::{Journal, Key, Store, TenantDoc, sweep};
use wxops::wechat::endpoint::{Period, Quota};
use wxops::wechat::{Appid, Call, open_account};

use super::world::{Reply, TIMEOUT, World};

/// What one pass over one account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// The thing is there.
    Converged,
    /// Something was written or sent.
    Moved,
    /// Nothing can be done before this.
    Wait(Timestamp),
    /// No quota is left.
    Full,
}

pub struct Holder {
    pub journal: Journal,
    store: Store,
    world: World,
    limit: u32,
}

pub fn appid(n: u64) -> Appid {
    Appid::parse(&format!("wx{n:016}")).unwrap()
}

pub fn key(appid: &Appid) -> OpKey {
    OpKey {
        action: "open/create".into(),
        appid: appid.clone(),
    }
}

pub fn tenant(appid: &Appid) -> String {
    format!("tenant-of-{appid}")
}

impl Holder {
    pub fn new(store: Store, owner: &str, world: World, limit: u32) -> Self {
        Self {
            journal: Journal::new(store.clone(), owner),
            store,
            world,
            limit,
        }
    }

    pub fn demand(&self) -> Demand {
        let quota = Quota {
            limit: self.limit,
            period: Period::Month,
            scarce: true,
            payer: wxops::wechat::endpoint::Payer::Account,
        };
        Demand::new("wx0000000000000001", "open/create", quota, self.world.now())
    }

    /// One pass over one account, as the reconciler makes it.
    pub async fn pass(&self, appid: &Appid) -> Result<Passed, JournalError> {
        let look = self.journal.recover(&key(appid), self.world.now()).await?;
        let look = match look.in_doubt() {
            Ok(op) => return self.probe(appid, op).await,
            Err(look) => look,
        };
        let observed_at = self.world.now();
        if self.world.read(appid) {
            return Ok(Passed::Converged);
        }
        if let Some(after) = look.doc().and_then(|doc| doc.observe_after())
            && observed_at <= after
        {
            return Ok(Passed::Wait(after + SignedDuration::from_millis(1)));
        }
        let intent = Intent {
            tenant: tenant(appid),
            call: Call::bare(&open_account::CREATE, appid.clone()),
            step: "s1".into(),
            wanted: "w1".into(),
            evidence: serde_json::Value::Null,
            observed_at,
        };
        let mut op = self.journal.open(look, intent, self.world.now()).await?;
        let demand = Some(self.demand());
        let reserved = self
            .journal
            .reserve(&mut op, demand.into_iter().collect(), self.world.now())
            .await?;
        if let Reserved::Full { .. } = reserved {
            let now = self.world.now();
            self.journal
                .abandon(&mut op, "no quota is left", now)
                .await?;
            return Ok(Passed::Full);
        }
        self.send(appid, &mut op).await?;
        Ok(Passed::Moved)
    }

    async fn send(&self, appid: &Appid, op: &mut Op) -> Result<(), JournalError> {
        let arming = Arming {
            approval: None,
            request_timeout: TIMEOUT,
        };
        for _ in 0..2 {
            let (now, since_boot) = (self.world.now(), self.world.since_boot());
            let armed = self.journal.arm(op, &arming, now, since_boot).await?;
            let reply = match self.deliver(appid, armed) {
                Ok(reply) => reply,
                Err(why) => {
                    self.journal.disarm(op, why, self.world.now()).await?;
                    break;
                }
            };
            let now = self.world.now();
            match reply {
                Reply::Done => {
                    let ids = BTreeMap::from([("openAppid".into(), format!("open-{appid}"))]);
                    return self.journal.settle_done(op, ids, now).await;
                }
                Reply::Nothing => return self.journal.doubt(op, "no answer", now).await,
                Reply::Refused(error) => self.journal.settle_refused(op, error, now).await?,
            }
            if op.doc().stage != Stage::Reserved {
                return Ok(());
            }
        }
        if op.doc().stage == Stage::Reserved {
            let now = self.world.now();
            self.journal.abandon(op, "not sent", now).await?;
        }
        Ok(())
    }

    /// What the client does with an armed request.
    fn deliver(&self, appid: &Appid, armed: Armed) -> Result<Reply, &'static str> {
        if !armed.until().may_send(self.world.since_boot()) {
            return Err("its time was over");
        }
        Ok(self.world.send(appid, armed.armed_at()))
    }

    async fn probe(&self, appid: &Appid, mut op: Op) -> Result<Passed, JournalError> {
        let due = op
            .doc()
            .probe_due()
            .expect("a doubt is about an armed request");
        let begun_at = self.world.now();
        if begun_at < due {
            return Ok(Passed::Wait(due));
        }
        let probe = if self.world.read(appid) {
            let ids = BTreeMap::from([("openAppid".into(), format!("open-{appid}"))]);
            Probe::Done { ids }
        } else {
            let why = "there is none".into();
            Probe::NotDone { why }
        };
        let now = self.world.now();
        self.journal
            .settle_probe(&mut op, &probe, begun_at, now)
            .await?;
        Ok(Passed::Moved)
    }

    /// Passes over all accounts until nothing moves any more. Waiting is moving the clock.
    pub async fn converge(&self, appids: &[Appid]) -> Result<(), JournalError> {
        for _ in 0..60 {
            let mut still = true;
            for appid in appids {
                match self.pass(appid).await? {
                    Passed::Converged | Passed::Full => {}
                    Passed::Moved => still = false,
                    Passed::Wait(until) => {
                        still = false;
                        self.world.advance_to(until);
                    }
                }
            }
            if still {
                return Ok(());
            }
        }
        panic!("it never converges");
    }

    /// What must be true once everything has come to rest.
    pub async fn check(&self, appids: &[Appid]) {
        sweep(&self.journal, self.world.now()).await.unwrap();
        let again = sweep(&self.journal, self.world.now()).await.unwrap();
        assert_eq!(
            again,
            Default::default(),
            "a sweep leaves nothing for the next one"
        );
        let mut effects = 0;
        for appid in appids {
            let made = self.world.effects(appid);
            effects += made;
            let look = self.journal.look(&key(appid)).await.unwrap();
            let Some(doc) = look.doc() else {
                assert_eq!(made, 0, "nothing happens without an op");
                continue;
            };
            assert!(doc.stage == Stage::Settled && doc.closed, "{doc:?}");
            let done = doc.outcome.as_ref().is_some_and(Outcome::is_done);
            assert_eq!(
                made,
                usize::from(done),
                "the journal knows what happened: {doc:?}"
            );
            let outputs = self.outputs(appid).await;
            assert_eq!(
                outputs.contains_key("openAppid"),
                done,
                "the tenant knows it too"
            );
        }
        let used = self.journal.ledger().used(&self.demand()).await.unwrap();
        let used = usize::try_from(used).unwrap();
        assert_eq!(used, effects, "no unit is leaked, none is freed twice");
        assert!(
            used <= usize::try_from(self.limit).unwrap(),
            "the quota is not overspent"
        );
        let ledger = self.store.get::<LedgerDoc>(&self.ledger_key()).await;
        let ledger = ledger
            .unwrap()
            .map(|stored| stored.value)
            .unwrap_or_default();
        let named = ledger.entries.values().filter(|entry| !entry.late);
        assert_eq!(named.count(), 0, "closed ops leave a number, no names");
    }

    fn ledger_key(&self) -> Key {
        let demand = self.demand();
        Key::ledger(&demand.scope, &demand.quota, &demand.period)
    }

    async fn outputs(&self, appid: &Appid) -> BTreeMap<String, String> {
        let tenant = Key::tenant(&tenant(appid));
        let doc = self.store.get::<TenantDoc>(&tenant).await.unwrap();
        doc.map(|stored| stored.value.outputs).unwrap_or_default()
    }
}
