//! The clients that speak for platforms, and what every pass over one of their tenants works with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::{Client, Clock, Meter, NoTransport, PlatformAccess, Reader, authorize};
use crate::reconcile::{Actor, Author, LOOP, Observer, Passes};
use crate::store::{Journal, Store};

/// A client for each platform, with the store and the clock that all of them share.
#[derive(Debug, Clone)]
pub struct Clients {
    store: Store,
    clock: Arc<dyn Clock>,
    /// A name for this process.
    owner: String,
    /// What all of them ask WeChat for is counted here.
    meter: Meter,
    /// A person has said that every host serves its confirm file.
    assume_reachable: bool,
    /// By the platforms' names.
    all: BTreeMap<String, Client>,
}

/// A name for this process that no other ever has, not even the next one with the same id.
#[must_use]
pub fn owner() -> String {
    format!("{}-{:016x}", std::process::id(), rand::random::<u64>())
}

impl Clients {
    /// Speaks in the name of a store's loop; to be called before a platform is added.
    pub fn are_the_loop(&mut self) {
        self.owner = format!(
            "{}-{LOOP}-{:016x}",
            std::process::id(),
            rand::random::<u64>()
        );
    }

    /// No platform yet.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            owner: owner(),
            meter: Meter::default(),
            assume_reachable: false,
            all: BTreeMap::new(),
        }
    }

    /// Speaks for one more platform, or for one by other secrets than before.
    ///
    /// # Errors
    /// [`NoTransport`].
    pub async fn add(&mut self, name: &str, mut access: PlatformAccess) -> Result<(), NoTransport> {
        match authorize::key(&self.store, &access.appid).await {
            Ok(key) => access.link_key = Some(key),
            // Links signed with the AppSecret hold too, until that changes.
            Err(error) => {
                tracing::warn!(platform = %access.appid, %error, "no key for authorization links");
            }
        }
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let (owner, meter) = (self.owner.clone(), self.meter.clone());
        let client = Client::counting(access, store, clock, owner, meter)?;
        self.all.insert(name.to_owned(), client);
        Ok(())
    }

    /// What was asked of WeChat since the start.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A platform's client.
    #[must_use]
    pub fn of(&self, platform: &str) -> Option<&Client> {
        self.all.get(platform)
    }

    /// A platform's identity and secrets.
    #[must_use]
    pub fn access(&self, platform: &str) -> Option<&PlatformAccess> {
        self.of(platform).map(Client::platform)
    }

    /// Looks at no host for its confirm file any more, and takes it to be there.
    pub fn assume_reachable(&mut self) {
        self.assume_reachable = true;
    }

    fn reader(&self, platform: &str) -> Option<Reader> {
        let reader = self.of(platform)?.reader();
        Some(if self.assume_reachable {
            reader.assuming_reachable()
        } else {
            reader
        })
    }

    /// What plans a platform's tenants.
    #[must_use]
    pub fn observer(&self, platform: &str) -> Option<Observer> {
        Some(Observer {
            reader: self.reader(platform)?,
            store: self.store.clone(),
            journal: self.journal(),
            clock: Arc::clone(&self.clock),
        })
    }

    /// What changes a platform's tenants.
    #[must_use]
    pub fn actor(&self, platform: &str, author: Author, passes: Passes) -> Option<Actor> {
        Some(Actor {
            observer: self.observer(platform)?,
            writer: self.of(platform)?.writer(),
            author,
            passes,
        })
    }

    /// The operations, in this process's name.
    #[must_use]
    pub fn journal(&self) -> Journal {
        Journal::new(self.store.clone(), self.owner.as_str())
    }
}
