//! A fleet that follows its folder: looks, and once two looks agree, reads what changed and puts it in force.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::RwLock;

use super::blocking;
use super::fleet::{Admission, Declared, Fleet, Held, Mistake};
use super::folder::{FolderError, Listing};
use super::platforms::{NotServed, Platforms};
use super::watching::Watching;
use crate::store::StoreError;

/// Two looks this far apart that agree are one state of a folder: nobody is writing it.
pub const AGREE: Duration = Duration::from_millis(500);

/// Follows a folder.
#[derive(Debug)]
pub struct Keeper {
    root: PathBuf,
    fleet: Arc<RwLock<Fleet>>,
    platforms: Platforms,
    /// What was said of the folder last, so that it is said once.
    told: Told,
    /// Whether something is left to be put in force: it is tried again though the folder rests.
    unfinished: bool,
    /// Whether what the folder says is put in force.
    admits: bool,
}

#[derive(Debug, Default, PartialEq)]
struct Told {
    folder: Option<String>,
    failed: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
    troubles: Vec<String>,
    stale: Vec<(String, String)>,
    /// Why, and what lets it in.
    held: Vec<(String, String)>,
}

/// What came of a look.
#[derive(Debug, Default)]
pub struct Look {
    /// What was put in force.
    pub admission: Admission,
    /// Whether platforms are served otherwise than before.
    pub served: bool,
    /// Whether there was something new to be read.
    pub read: bool,
}

impl Keeper {
    /// Follows a folder that has not been looked at.
    #[must_use]
    pub fn new(root: PathBuf, fleet: Arc<RwLock<Fleet>>, platforms: Platforms) -> Self {
        Self {
            root,
            fleet,
            platforms,
            told: Told::default(),
            unfinished: true,
            admits: true,
        }
    }

    /// The platforms that are served.
    #[must_use]
    pub fn platforms(&self) -> &Platforms {
        &self.platforms
    }

    /// Puts nothing in force: for a process that makes no passes.
    pub fn admits(&mut self, admits: bool) {
        self.admits = admits;
    }

    /// Takes the platforms from the folder as it is, before anything else: pushes do not wait for two looks that agree.
    pub async fn glance(&mut self) {
        self.remember().await;
        let root = self.root.clone();
        let found = blocking(move || {
            let listing = Listing::of(&root)?;
            Declared::of(&root).next(&listing)
        })
        .await;
        match found {
            Ok(declared) => {
                let (_, troubles) = self.platforms.take(&Arc::clone(declared.library())).await;
                self.tell(declared.mistakes(), &troubles);
                let mut fleet = self.fleet.write().await;
                fleet.serve(&self.platforms);
                fleet.declare(declared);
            }
            Err(error) => self.tell_folder(&error),
        }
    }

    /// What was served last goes on. Whether any of it did.
    async fn remember(&mut self) -> bool {
        match self.platforms.remember().await {
            Ok(any) => any,
            Err(error) => {
                let error = super::chain(&error);
                tracing::error!(error, "what was served before cannot be read yet");
                false
            }
        }
    }

    /// What is wrong with the folder, as it was said last.
    #[must_use]
    pub fn trouble(&self) -> String {
        let folder = self.told.folder.iter().cloned();
        let mistakes = self.told.mistakes.iter().map(ToString::to_string);
        let troubles = self.told.troubles.iter().cloned();
        let all = folder.chain(mistakes).chain(troubles);
        all.take(MOST_LINES).collect::<Vec<_>>().join("; ")
    }

    /// Why the folder cannot be read, where it cannot.
    #[must_use]
    pub fn folder_trouble(&self) -> Option<&str> {
        self.told.folder.as_deref()
    }

    /// Tells when the system says that something in the folder has changed. It does not tell of everything: the folder
    /// is looked at from time to time all the same.
    #[must_use]
    pub fn watch(&self) -> Watching {
        Watching::of(&self.root)
    }

    /// Looks once, and a second time where something changed. `None`: the folder is being written, or cannot be read;
    /// what is in force stays so.
    ///
    /// # Errors
    /// [`StoreError`]: what the folder says could not be put in force as a whole; the next look tries again.
    pub async fn look(&mut self, now: Timestamp) -> Result<Option<Look>, StoreError> {
        match self.agreed().await {
            Ok(Some(listing)) => {
                if self.told.folder.take().is_some() {
                    tracing::info!("the manifests can be read again");
                }
                self.take(listing, now).await.map(Some)
            }
            Ok(None) => Ok(None),
            Err(error) => {
                self.tell_folder(&error);
                Ok(None)
            }
        }
    }

    /// Puts in force what may be now: a yes may have come, and the folder be the same.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn admit(&mut self, now: Timestamp) -> Result<Admission, StoreError> {
        if !self.admits {
            self.unfinished = false;
            return Ok(Admission::default());
        }
        let mut all = Admission::default();
        let admitted = loop {
            // Between the parts whoever waits for the fleet has it.
            let part = self.fleet.write().await.admit(&all, now).await;
            match part {
                Ok(part) => all.add(part),
                Err(error) if all.admitted.is_empty() && all.left.is_empty() => break Err(error),
                Err(error) => {
                    // What was put in force is, and is looked at; the rest follows.
                    let error = super::chain(&error);
                    tracing::error!(error, "not all of the manifests could be put in force");
                    all.more = true;
                    break Ok(all);
                }
            }
            if !all.more {
                break Ok(all);
            }
        };
        let fleet = self.fleet.read().await;
        let said = |held: &Held| {
            let command = held.command(&self.root).unwrap_or_default();
            (held.hold.text.en.clone(), command)
        };
        let held: Vec<(String, String)> = fleet.held().iter().map(said).collect();
        drop(fleet);
        self.unfinished = match &admitted {
            Ok(admission) => admission.more || !admission.failed.is_empty(),
            Err(_) => true,
        };
        let failed = admitted.as_ref().map_or_else(
            |_| self.told.failed.clone(),
            |admission| admission.failed.clone(),
        );
        if self.told.failed != failed {
            for (tenant, why) in &failed {
                tracing::error!(
                    tenant.name = tenant,
                    why,
                    "a revision could not be put in force; what was in force stays so"
                );
            }
            self.told.failed = failed;
        }
        if self.told.held != held {
            for (why, command) in &held {
                tracing::warn!(
                    why,
                    command,
                    "a revision of the manifests is held: `wxops plan` shows what it changes, the command lets it in"
                );
            }
            self.told.held = held;
        }
        admitted
    }

    async fn agreed(&self) -> Result<Option<Listing>, FolderError> {
        let listing = self.list().await?;
        if listing.git_writes() {
            return Ok(None);
        }
        if !self.unfinished && !self.fleet.read().await.declared().differs(&listing) {
            return Ok(Some(listing));
        }
        tokio::time::sleep(AGREE).await;
        let again = self.list().await?;
        Ok((listing == again && !again.git_writes()).then_some(again))
    }

    async fn list(&self) -> Result<Listing, FolderError> {
        let root = self.root.clone();
        blocking(move || Listing::of(&root)).await
    }

    async fn take(&mut self, listing: Listing, now: Timestamp) -> Result<Look, StoreError> {
        let remembered = self.remember().await;
        let forgotten = self.platforms.let_go().await?;
        if forgotten {
            self.fleet.write().await.serve(&self.platforms);
        }
        let before = Arc::clone(self.fleet.read().await.declared());
        let read = before.differs(&listing);
        if !read && !self.unfinished {
            // What is held waits for a yes, and a raised cap for passes; neither changes anything in the folder.
            let waits = {
                let fleet = self.fleet.read().await;
                !fleet.held().is_empty() || fleet.may_raise()
            };
            let admission = if waits {
                self.admit(now).await?
            } else {
                Admission::default()
            };
            return Ok(Look {
                admission,
                served: forgotten,
                read: false,
            });
        }
        let next = blocking(move || {
            let next = before.next(&listing)?;
            // What was read is what was agreed upon.
            let still = !next.differs(&listing) && Listing::of(&listing.root)? == listing;
            Ok::<Option<Declared>, FolderError>(still.then_some(next))
        })
        .await;
        let unread = Look {
            served: remembered || forgotten,
            ..Look::default()
        };
        let next = match next {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(unread),
            Err(error) => {
                self.tell_folder(&error);
                return Ok(unread);
            }
        };
        let library = Arc::clone(next.library());
        let mistakes = next.mistakes();
        let (served, troubles) = self.platforms.take(&library).await;
        let served = served || remembered || forgotten;
        {
            let mut fleet = self.fleet.write().await;
            fleet.serve(&self.platforms);
            fleet.declare(next);
        }
        self.tell(mistakes, &troubles);
        Ok(Look {
            admission: self.admit(now).await?,
            served,
            read,
        })
    }

    fn tell_folder(&mut self, error: &FolderError) {
        let text = super::chain(error);
        if self.told.folder.as_ref() != Some(&text) {
            tracing::error!(
                error = text,
                "the manifests cannot be read; what is in force stays so"
            );
            self.told.folder = Some(text);
        }
    }

    fn tell(&mut self, mistakes: Vec<Mistake>, troubles: &[NotServed]) {
        let troubles = troubles.iter().map(|trouble| super::chain(trouble));
        let troubles: Vec<String> = troubles.collect();
        if self.told.troubles != troubles {
            for error in &troubles {
                tracing::error!(error, "a platform is not served as its manifest says");
            }
            self.told.troubles = troubles;
        }
        if self.told.mistakes != mistakes {
            for mistake in mistakes.iter().take(MOST_LINES) {
                tracing::error!(mistake = %mistake, "the manifests have a mistake");
            }
            if mistakes.len() > MOST_LINES {
                let more = mistakes.len() - MOST_LINES;
                tracing::error!(
                    more,
                    "the manifests have more mistakes: `wxops validate` lists them"
                );
            }
            if mistakes.is_empty() {
                tracing::info!("the manifests have no mistake any more");
            }
            self.told.mistakes = mistakes;
        }
        let stale = self.platforms.stale();
        let stale: Vec<(String, String)> = stale
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect();
        if self.told.stale != stale {
            for (platform, why) in &stale {
                tracing::warn!(platform, why, "a platform is served as it was last");
            }
            self.told.stale = stale;
        }
    }
}

/// So many mistakes are logged one by one.
const MOST_LINES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ManualClock;
    use crate::store::documents::ApprovalDoc;
    use crate::store::{Key, Memory, Sealing, Store};

    const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
         appId: wx0000000000000001\n  credentials: {path: credentials}\n  callback: {url: \"https://wx.example.com\"}\n";

    /// As many tenants as a guard counts, of which nobody remembers anything.
    fn lay_out(root: &std::path::Path) {
        let credentials = root.join("credentials");
        std::fs::create_dir_all(&credentials).unwrap();
        let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        for (name, text) in [("appSecret", "s"), ("token", "t"), ("encodingAesKey", key)] {
            std::fs::write(credentials.join(name), text).unwrap();
        }
        std::fs::write(root.join("platform.yaml"), PLATFORM).unwrap();
        for n in 0x100..0x120 {
            let text = format!(
                "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: tenant-{n}}}\nspec:\n  \
                 platformRef: {{name: main}}\n  officialAccount: {{appId: wx{n:016x}, tags: [{{name: VIP}}]}}\n"
            );
            std::fs::write(root.join(format!("tenant-{n}.yaml")), text).unwrap();
        }
    }

    #[tokio::test]
    async fn a_held_revision_is_in_force_once_somebody_says_yes_though_the_folder_rests() {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        let store = Store::new(Arc::new(Memory::default()), Sealing::Plain);
        let now = Timestamp::UNIX_EPOCH;
        let fleet = Fleet::new(store.clone(), folder.path());
        let fleet = Arc::new(RwLock::new(fleet));
        let clock = Arc::new(ManualClock::at(now));
        let platforms = Platforms::new(store.clone(), clock, None);
        let mut keeper = Keeper::new(folder.path().to_owned(), Arc::clone(&fleet), platforms);
        let look = keeper.look(now).await.unwrap().unwrap();
        assert!(look.admission.admitted.is_empty());
        let revision = fleet.read().await.held()[0].revision.clone();
        let yes = ApprovalDoc {
            revision: Some(revision.name()),
            changed_tenants: revision.count(),
            ..ApprovalDoc::default()
        };
        let key = Key::approval("platform", "main", "1");
        store.create(&key, &yes).await.unwrap();
        let look = keeper.look(now).await.unwrap().unwrap();
        assert_eq!(look.admission.admitted.len(), 0x20);
    }
}
