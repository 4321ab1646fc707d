//! A fleet that follows its folder: looks, and once two looks agree, reads what changed and puts it in force.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::RwLock;

mod telling;
#[cfg(test)]
mod tests;

use telling::{MOST_LINES, Told};

use super::blocking;
use super::fleet::{Admission, Declared, Fleet, Held, named_otherwise};
use super::folder::{FolderError, Listing};
use super::moves::Moves;
use super::platforms::Platforms;
use super::watching::Watching;
use crate::manifest::{Approves, Library};
use crate::store::StoreError;

/// Two looks this far apart that agree are one state of a folder: nobody is writing it.
pub const AGREE: Duration = Duration::from_millis(500);

/// So long a folder may be written before somebody is told that nothing of it is put in force meanwhile.
const WRITTEN: Duration = Duration::from_secs(30);

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
    /// Since when no look came to anything, in real time, and why the last one did not.
    moves: Option<(Instant, Moves)>,
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
    /// Whether it is known what the folder says: nobody wrote while it was read.
    pub agreed: bool,
    /// Tenants to whose steps the folder says yes as it did not before.
    pub approved: BTreeSet<String>,
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
            moves: None,
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

    /// Why what the folder says has not been put in force for a while, though it can be read.
    #[must_use]
    pub fn not_followed(&self) -> Option<&Moves> {
        let moves = self.moves.as_ref();
        let moves = moves.filter(|(since, _)| since.elapsed() >= WRITTEN);
        moves.map(|(_, why)| why)
    }

    /// Why the last look came to nothing, though the folder can be read.
    #[must_use]
    pub fn moving(&self) -> Option<&Moves> {
        self.moves.as_ref().map(|(_, why)| why)
    }

    fn moves_still(&mut self, why: Moves) {
        let since = self
            .moves
            .take()
            .map_or_else(Instant::now, |(since, _)| since);
        self.moves = Some((since, why));
        if let (Some(why), false) = (self.not_followed(), self.told.moves) {
            let why = why.said().en;
            tracing::warn!(why, "the folder is not followed; what is in force stays so");
            self.told.moves = true;
        }
    }

    fn rests(&mut self) {
        self.moves = None;
        if std::mem::take(&mut self.told.moves) {
            tracing::info!("the folder is followed again");
        }
    }

    /// Has what the store remembers looked after, whatever becomes of looks at the folder.
    ///
    /// # Errors
    /// [`StoreError`]; to be tried again.
    pub async fn begin(&mut self) -> Result<(), StoreError> {
        self.fleet.write().await.begin(&self.platforms).await
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
            Ok(Ok(listing)) => {
                if self.told.folder.take().is_some() {
                    tracing::info!("the manifests can be read again");
                }
                let look = self.take(listing, now).await?;
                if look.agreed {
                    self.rests();
                }
                Ok(Some(look))
            }
            Ok(Err(moves)) => {
                self.moves_still(moves);
                Ok(None)
            }
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
        let kept = fleet.kept().clone();
        drop(fleet);
        if self.told.kept != kept {
            for (subject, why) in &kept {
                let why = &why.en;
                tracing::warn!(subject, why, "a platform's lists stay as they are");
            }
            self.told.kept = kept;
        }
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

    async fn agreed(&self) -> Result<Result<Listing, Moves>, FolderError> {
        let listing = self.list().await?;
        if let Some(lock) = listing.git_writes() {
            return Ok(Err(Moves::Git(lock)));
        }
        let declared = Arc::clone(self.fleet.read().await.declared());
        let unfinished = self.unfinished;
        let (listing, named) = blocking(move || {
            let rests = !unfinished && !declared.differs(&listing);
            (listing, (!rests).then(|| declared.named_now()))
        })
        .await;
        let Some(named) = named else {
            return Ok(Ok(listing));
        };
        tokio::time::sleep(AGREE).await;
        let again = self.list().await?;
        if let Some(lock) = again.git_writes() {
            return Ok(Err(Moves::Git(lock)));
        }
        let moved = listing.moved(&again);
        let moved = match moved {
            Some(path) => Some(path),
            None => blocking(move || named_otherwise(&named)).await,
        };
        Ok(moved.map_or(Ok(again), |path| Err(Moves::File(path))))
    }

    async fn list(&self) -> Result<Listing, FolderError> {
        let root = self.root.clone();
        blocking(move || Listing::of(&root)).await
    }

    async fn take(&mut self, listing: Listing, now: Timestamp) -> Result<Look, StoreError> {
        let remembered = self.remember().await;
        let otherwise = self.platforms.let_go().await? || remembered;
        if otherwise {
            self.fleet.write().await.serve(&self.platforms);
        }
        let before = Arc::clone(self.fleet.read().await.declared());
        let known = Arc::clone(before.library());
        let read = before.differs(&listing);
        if !read && !self.unfinished {
            // What is held waits for a yes, a platform's list for tenants, and a raised cap for passes; none of these changes
            // anything in the folder.
            let waits = {
                let fleet = self.fleet.read().await;
                !fleet.held().is_empty() || !fleet.kept().is_empty() || fleet.raises()
            };
            let admission = if waits {
                self.admit(now).await?
            } else {
                Admission::default()
            };
            return Ok(Look {
                admission,
                served: otherwise,
                agreed: true,
                ..Look::default()
            });
        }
        let next = blocking(move || {
            let next = before.next(&listing)?;
            if next.names_more_than(&before) {
                // A picture may be half written yet, and nobody knew of it before.
                std::thread::sleep(AGREE);
            }
            // What was read is what was agreed upon.
            let moved = listing.moved(&Listing::of(&listing.root)?);
            let moved = moved.or_else(|| next.moved(&listing));
            Ok::<Result<Declared, PathBuf>, FolderError>(moved.map_or(Ok(next), Err))
        })
        .await;
        let unread = Look {
            served: otherwise,
            ..Look::default()
        };
        let next = match next {
            Ok(Ok(next)) => next,
            Ok(Err(path)) => {
                self.moves_still(Moves::File(path));
                return Ok(unread);
            }
            Err(error) => {
                self.tell_folder(&error);
                return Ok(unread);
            }
        };
        let library = Arc::clone(next.library());
        let approved = newly_approved(&known, &library);
        let mistakes = next.mistakes();
        let (served, troubles) = self.platforms.take(&library).await;
        let served = served || otherwise;
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
            agreed: true,
            approved,
        })
    }
}

/// The tenants to whose steps a folder says yes as it did not before.
fn newly_approved(before: &Library, now: &Library) -> BTreeSet<String> {
    let steps = |library: &Library| {
        let all = library.approvals.iter();
        let steps = all.filter_map(|loaded| match &loaded.approves {
            Approves::Steps { tenant, approval } => {
                Some((tenant.clone(), loaded.name.clone(), approval.steps.clone()))
            }
            Approves::Revision { .. } => None,
        });
        steps.collect::<BTreeSet<_>>()
    };
    let before = steps(before);
    let new = steps(now).into_iter().filter(|one| !before.contains(one));
    new.map(|(tenant, _, _)| tenant).collect()
}
