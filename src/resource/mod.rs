//! One file per thing a tenant can declare: its spec, what to read, how it is compared, which calls change it.
//!
//! Resources do no I/O. They name the reads they need, fold the answers, and return a verdict; only `reconcile`
//! reads and writes. So every resource is tested with plain values, and a dry run cannot write.

pub mod app;
mod apps;
pub mod at;
mod at_most_once;
pub mod authorization;
mod compared;
pub mod decide;
#[cfg(test)]
mod decide_tests;
pub mod export;
mod facts;
pub mod file;
mod gate;
#[cfg(test)]
mod gate_tests;
pub mod heading;
pub mod industry;
mod judge;
mod kept;
pub mod links;
pub mod menu;
#[cfg(test)]
mod odd_answers;
pub mod open_account;
pub mod ops;
pub mod options;
mod order;
pub mod personal_registration;
pub mod platform_domains;
mod policy;
mod principal;
pub mod put_back;
mod reach;
pub mod record;
mod refs;
pub mod refusal;
pub mod registration;
pub mod registry;
mod same_principal;
#[cfg(test)]
mod seen_tests;
pub mod spec;
mod spelling;
mod subject;
pub mod subscribe_messages;
pub mod tags;
pub mod templates;
pub mod texts;
mod unseen;
mod wechat_id;
pub mod windows;
#[cfg(test)]
mod world;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use app::AvatarSpec;
pub use apps::is_item;
pub use at::{At, Kind};
pub use at_most_once::{AtMostOnce, Settled};
pub use decide::{decide, needs};
pub use facts::Facts;
pub use file::{FileRef, Files, declared};
pub use gate::{Gate, not_registered, official_first, person_first};
pub use industry::IndustrySpec;
pub use kept::text as kept_otherwise;
pub use links::LinkSpec;
pub use menu::MenuSpec;
pub use open_account::OpenAccountSpec;
pub use ops::{Assumption, Ops, Shown};
pub use options::OptionsSpec;
pub use platform_domains::PlatformDomainsSpec;
pub use record::{Kept, ResourceRecord, TenantRecords, Unseen};
pub use refusal::Part;
pub use registration::RegistrationSpec;
pub use registry::{RESOURCES, check_all};
pub use spec::TenantSpec;
pub use subject::{Claimant, Known, PlatformWaits, Subject};
pub use subscribe_messages::SubscribeMessageSpec;
pub use tags::TagSpec;
pub use templates::TemplatesSpec;

use self::registration::Backdrop;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Address, Digest, Observation, Reason, Text, Verdict, Waiting, Whose, Why};
use crate::wechat::answer::read_payload;
use crate::wechat::{Answer, Appid, Call, Endpoint, authorizer, json};

/// One of a tenant's accounts, whether its gate is open or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// Which.
    pub at: At,
    /// Its appid: what the manifest names, else what a scan pinned.
    pub appid: Option<Appid>,
}

/// Everything read so far in one pass, by the request that read it.
pub type Seen = BTreeMap<Call, Answer>;

/// The gate of each of a tenant's accounts.
pub type Gates = BTreeMap<Whose, Gate>;

/// What business code needs back, by name: `openAccount.appId`.
pub type Outputs = BTreeMap<String, String>;

/// What a resource is given to look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The tenant's name; `TENANT` where an import has none yet.
    pub tenant: &'a str,
    /// Which of the tenant's accounts it is about.
    pub at: &'a At,
    /// The account.
    pub facts: &'a Facts,
    /// All of the tenant's accounts, itself among them, in the manifest's order.
    pub siblings: &'a [Sibling],
    /// Everything that the tenant declares.
    pub spec: &'a TenantSpec,
    /// The platform that the tenant is managed by: some lists are the platform's own.
    pub platform: &'a Appid,
    /// What a registration must not be made without.
    pub backdrop: &'a Backdrop,
    /// What the platform's own lists wait for.
    pub lists: &'a PlatformWaits,
    /// What is known of each of the tenant's accounts.
    pub gates: &'a Gates,
    /// When it is looked at.
    pub now: Timestamp,
    /// Everything read so far in this pass.
    pub seen: &'a Seen,
    /// The files that the tenant refers to.
    pub files: &'a Files,
    /// What was done last at WeChat.
    pub ops: &'a Ops,
    /// What earlier passes remember of this tenant's resources.
    pub records: &'a TenantRecords,
    /// What earlier passes gave to business code, ids that cannot be read back by name among them.
    pub outputs: &'a Outputs,
}

impl<'a> View<'a> {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &Appid {
        &self.facts.account
    }

    /// One of the tenant's accounts.
    #[must_use]
    pub fn sibling(&self, whose: &Whose) -> Option<&'a Sibling> {
        self.siblings
            .iter()
            .find(|sibling| sibling.at.whose == *whose)
    }

    /// The wait of a mini-program of the tenant that may be another one renamed: until that is answered, what refers to it
    /// is left as it is.
    #[must_use]
    pub fn maybe_renamed(&self, name: &str) -> Option<Waiting> {
        let gate = self.gates.get(&Whose::app(name))?;
        gate.waits_for(Reason::NameVanished).cloned()
    }

    /// A read, if it has not been made.
    #[must_use]
    pub fn unless_seen(&self, read: Call) -> Vec<Call> {
        if self.seen.contains_key(&read) {
            Vec::new()
        } else {
            vec![read]
        }
    }

    /// The address of a resource of this account, as a whole.
    #[must_use]
    pub fn address(&self, resource: &'static str) -> Address {
        Address::of(resource).whose(self.at.whose.clone())
    }
}

/// One thing a tenant can declare.
pub trait Resource {
    /// The name in manifests, plans and records.
    const NAME: &'static str;
    /// The kinds of account that have it.
    const OF: &'static [Kind];
    /// Permission sets, one of which must be granted before anything is read or written.
    const SETS: &'static [u16];
    /// Whether an import declares what it finds of it.
    const EXPORTED: bool = true;
    /// Whether it makes the account that it is declared of, so that the platform acts while there is none.
    const MAKES_THE_ACCOUNT: bool = false;
    /// Whether WeChat never gives back what is there, so that only a person can say what it is.
    const NEVER_SHOWN: bool = false;
    /// What is written in a manifest.
    type Spec: Serialize;
    /// The normalised value, the same type for desired and observed.
    type State: Clone + PartialEq + Serialize;

    /// Whether the things of two keys stand in one list at WeChat, so that the one is not as the manifest says while the
    /// other waits.
    #[must_use]
    fn in_one_list(_key: &str, _other: &str) -> bool {
        false
    }

    /// Those of [`Resource::SETS`] that accounts of a kind can grant.
    #[must_use]
    fn sets_of(_kind: Kind) -> &'static [u16] {
        Self::SETS
    }

    /// The reads that show what a write of it did; the others need not be made again after one.
    const SHOWN_BY: &'static [&'static Endpoint];

    /// The address of the resource of an account, as a whole.
    #[must_use]
    fn address(whose: &Whose) -> Address {
        Address::of(Self::NAME).whose(whose.clone())
    }

    /// The endpoints whose last operation it has to know: what they did cannot be read back.
    const RECALLS: &'static [&'static Endpoint] = &[];
    /// Which of the account's things these operations are about, where it has several: each has one of its own.
    /// `app_id` tells the appid of one of the tenant's mini-programs by its name.
    fn recalled_things(
        _spec: &Self::Spec,
        _app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        None
    }

    /// Where an account's spec of it stands in a tenant's spec.
    fn path(at: &At) -> SpecPath;

    /// Other reads that a refusal may rest on: where one shows something else, what was refused may be sent again.
    #[must_use]
    fn rests_on(_account: &Appid) -> Vec<Call> {
        Vec::new()
    }

    /// The spec, if the tenant declares one for this account.
    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Self::Spec>;

    /// Whether a spec asks for nothing, whatever is there: a list of things without one, where those that nobody declares
    /// are left alone. It is as if it was not declared: nothing is read for it, and nothing has to be granted. Where an
    /// empty list says that there must be none, it does ask for something.
    fn asks_nothing(_spec: &Self::Spec) -> bool {
        false
    }

    /// Checks that need no network. Every problem, not the first.
    fn check(spec: &Self::Spec, at: &At, found: &mut Diagnostics);

    /// The reads that are still missing; asked again until empty. Without a spec: those it takes to export what is
    /// there.
    fn needs(spec: Option<&Self::Spec>, view: &View<'_>) -> Vec<Call>;

    /// Folds the answers.
    fn observe(view: &View<'_>) -> Observation<Self::State>;

    /// What should be true.
    ///
    /// # Errors
    /// [`Waiting`] where it cannot be known yet.
    fn desire(spec: &Self::Spec, view: &View<'_>) -> Result<Self::State, Box<Waiting>>;

    /// Compares. Empty: in sync. Keys name the things of a resource that has several, else the one key is empty.
    fn diff(
        spec: &Self::Spec,
        desired: &Self::State,
        observed: &Observation<Self::State>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict>;

    /// Digests of what is desired, by the keys that [`Resource::diff`] uses: what a record of the last apply is
    /// compared with, to tell drift.
    fn digests(desired: &Self::State) -> BTreeMap<String, Digest> {
        BTreeMap::from([(String::new(), Digest::of(desired))])
    }

    /// Digests of what WeChat shows in the place of each desired thing, by the keys of [`Resource::digests`]. What can
    /// be nothing but what was sent is left out.
    fn shown(_desired: &Self::State, observed: &Self::State) -> BTreeMap<String, Digest> {
        BTreeMap::from([(String::new(), Digest::of(observed))])
    }

    /// What was observed, where each thing that WeChat keeps in a spelling of its own is put back into ours. `kept`
    /// holds those, by key, with the digests that [`Resource::shown`] gives.
    fn respelled(
        desired: &Self::State,
        observed: &Self::State,
        kept: &BTreeMap<String, Digest>,
    ) -> Self::State {
        if kept.get("") == Some(&Digest::of(observed)) {
            desired.clone()
        } else {
            observed.clone()
        }
    }

    /// Why WeChat may accept a write of it and show nothing, where there is more to say than that.
    fn not_shown_because() -> Option<Text> {
        None
    }

    /// What is there, as a manifest would say it; `None` where no manifest can say it.
    fn export(observed: &Self::State) -> Option<Self::Spec>;

    /// Whether what is there is nothing that a manifest could declare, so that nothing of it is left out.
    fn is_nothing(_observed: &Self::State) -> bool {
        false
    }

    /// How a manifest says that there must be none, if it can.
    fn nothing() -> Option<Self::Spec> {
        None
    }

    /// Adds what business code may ask for.
    fn outputs(
        _spec: &Self::Spec,
        _observed: &Self::State,
        _view: &View<'_>,
        _outputs: &mut Outputs,
    ) {
    }

    /// What WeChat shows of what was done last, where that is all there is to see of it and nobody has noted it yet.
    fn sign(_view: &View<'_>) -> Option<Shown> {
        None
    }

    /// What would be remembered had wxops made what is there, from what the manifest says (`same`), or from something
    /// else; of the thing of that key, where it has several. `None`: nothing of it is known by memory alone.
    ///
    /// # Errors
    /// Why nobody may say so now.
    fn assume(
        _spec: &Self::Spec,
        _view: &View<'_>,
        _key: &str,
        _same: bool,
    ) -> Result<Option<Assumption>, Text> {
        Ok(None)
    }

    /// What WeChat left out of a call that it answered with success, by the keys of the things: each is remembered, and held
    /// until a person says that it is mended.
    fn partly(_call: &Call, _body: &Value) -> BTreeMap<String, Part> {
        BTreeMap::new()
    }

    /// What a call names, where a refusal of it does not tell which of it is meant.
    fn about(_call: &Call) -> Option<Text> {
        None
    }

    /// How a doubtful call of this resource is settled, if it has calls that may happen at most once.
    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        None
    }
}

/// What a read answered, as its type; else why it is not known.
fn payload<T: DeserializeOwned>(
    endpoint: &'static Endpoint,
    answer: Option<&Answer>,
) -> Result<T, Why> {
    match answer {
        None => Err(Why::not_asked(endpoint.name)),
        // What is left of a text is not what was typed, so it is compared with nothing. Names in what is said of an
        // account are compared where they count.
        Some(Answer::Done(body)) if endpoint != &authorizer::INFO && json::has_lost(body) => {
            Err(Why::unreadable(
                endpoint.name,
                "part of a text in it was lost (bytes that are no UTF-8, or half of a character)",
            ))
        }
        Some(Answer::Done(body)) => read_payload(endpoint, body)
            .map_err(|error| Why::unreadable(endpoint.name, error.detail())),
        Some(Answer::Refused(error)) => Err(Why::refused(error)),
        Some(Answer::Lost(lost)) => Err(Why::lost(lost)),
    }
}

/// The verdict of a resource that has only one thing.
fn only(verdict: Verdict) -> BTreeMap<String, Verdict> {
    BTreeMap::from([(String::new(), verdict)])
}
