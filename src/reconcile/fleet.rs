//! Looks a whole platform's manifests up in the store, for the fleet guard.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::plan::fleet::{Member, Revision};
use crate::plan::limits::{Guarded, Limits};
use crate::plan::{Costly, Digest};
use crate::resource::{Files, TenantSpec, at, declared};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::store::documents::{AdmittedDoc, GuardDoc, TenantDoc};
use crate::store::{Doc, Key, Store, StoreError};
use crate::wechat::Appid;

/// How many documents are asked for at once: over a socket each is a round trip.
const AT_ONCE: usize = 16;

/// A tenant as its manifest says it, by its name.
type Declared<'a> = (&'a str, &'a TenantSpec, &'a Files);

/// A platform as its manifest says it.
#[derive(Debug, Clone)]
pub struct Watched<'a> {
    /// Its appid. Its limits are kept under it: another name is no other platform.
    pub appid: &'a Appid,
    /// Its name.
    pub name: &'a str,
    /// How much may change without a yes.
    pub written: Limits,
}

/// Which of the limits that a revision raises are in force from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    /// None: it may still be held, or make use of them.
    Nothing,
    /// The share: it judges revisions, and this one was judged. What the caps held before they hold still.
    Share,
    /// All.
    All,
}

/// What is remembered of the limits of every platform that ever was applied.
#[derive(Debug, Clone, Default)]
pub struct Remembered(BTreeMap<String, GuardDoc>);

impl Remembered {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let mut all = BTreeMap::new();
        for key in store.list("guard/").await? {
            let doc = readable::<GuardDoc>(store, &key).await?;
            // One that cannot be read is as strict as the usual limits, and not as if it had never been there.
            let doc = doc.unwrap_or_else(|| GuardDoc::of(Limits::default()));
            all.insert(key.segments().join("/"), doc);
        }
        Ok(Self(all))
    }

    /// The limits of a platform that were in force last, else the usual ones.
    #[must_use]
    pub fn limits(&self, platform: &Appid) -> Limits {
        let doc = self.0.get(platform.as_str());
        doc.map_or_else(Limits::default, GuardDoc::limits)
    }

    /// Every name that a platform had.
    #[must_use]
    pub fn names(&self, watched: &Watched<'_>) -> BTreeSet<String> {
        let mut names = BTreeSet::from([watched.name.to_owned()]);
        if let Some(doc) = self.0.get(watched.appid.as_str()) {
            names.extend(doc.names.iter().cloned());
        }
        names
    }

    /// Compares every tenant of a platform with what was applied of it last. The documents of those that come with one are
    /// not read again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revision<'a>(
        &self,
        store: &Store,
        watched: &Watched<'_>,
        tenants: impl Iterator<Item = (Declared<'a>, Option<&'a TenantDoc>)>,
    ) -> Result<(Revision, BTreeMap<String, Member>), StoreError> {
        let members: BTreeMap<String, Member> = stream::iter(tenants)
            .map(|(declared, known)| member(store, declared, known))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let names = self.names(watched);
        let gone = gone(store, &names, |name| members.contains_key(name)).await?;
        let gone: BTreeSet<String> = gone
            .into_iter()
            .filter(|gone| gone.in_force)
            .map(|gone| gone.name())
            .collect();
        Ok((self.compared(watched, &members, gone), members))
    }

    /// Compares a platform's tenants with what was applied and let in of them. `gone` were, and stand here no more.
    #[must_use]
    pub fn compared(
        &self,
        watched: &Watched<'_>,
        members: &BTreeMap<String, Member>,
        gone: BTreeSet<String>,
    ) -> Revision {
        let before = match self.0.get(watched.appid.as_str()) {
            Some(doc) => Some(doc.limits()),
            // Tenants are remembered and the limits are not: nobody may make use of that.
            None if !gone.is_empty() || members.values().any(|member| member.in_force) => {
                Some(Limits::default())
            }
            None => None,
        };
        let guarded = Guarded {
            written: watched.written.clone(),
            before,
        };
        Revision::of(watched.name, members, gone, guarded)
    }

    /// Revisions of platforms that were applied once and stand in these manifests no more, where they have let tenants
    /// go that stand here under another: moving tenants is no way past the platform's guard.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn left(
        &self,
        store: &Store,
        there: &[Watched<'_>],
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Vec<Revision>, StoreError> {
        let mut left = Vec::new();
        for (appid, doc) in &self.0 {
            let named = |watched: &Watched<'_>| doc.names.contains(watched.name);
            let same = |watched: &Watched<'_>| watched.appid.as_str() == appid;
            let Some(name) = doc.names.first() else {
                continue;
            };
            if there.iter().any(|watched| named(watched) || same(watched)) {
                continue;
            }
            let gone = gone(store, &doc.names, |_| false).await?;
            let gone: BTreeSet<String> = gone
                .into_iter()
                .filter(|gone| gone.in_force)
                .map(|gone| gone.name())
                .collect();
            if gone.iter().any(|name| is_there(name)) {
                let guarded = Guarded {
                    written: doc.limits(),
                    before: Some(doc.limits()),
                };
                left.push(Revision::of(name, &BTreeMap::new(), gone, guarded));
            }
        }
        Ok(left)
    }

    /// Writes down which limits are in force: to be called where the revision is not held. Before anything is changed,
    /// only what is no looser than what is known, so that a platform's first limits are known before its first tenant
    /// is; at the end, those that the revision raises too.
    ///
    /// # Errors
    /// [`StoreError`]; what was in force stays so.
    pub async fn remember(
        &self,
        store: &Store,
        watched: &Watched<'_>,
        guarded: &Guarded,
        raised: Raised,
    ) -> Result<(), StoreError> {
        let limits = match raised {
            Raised::Nothing => guarded.in_force(),
            Raised::Share => Limits {
                share: guarded.written.share,
                ..guarded.in_force()
            },
            Raised::All => guarded.written.clone(),
        };
        let wanted = GuardDoc {
            names: self.names(watched),
            ..GuardDoc::of(limits)
        };
        if self.0.get(watched.appid.as_str()) == Some(&wanted) {
            return Ok(());
        }
        store
            .update::<GuardDoc>(&Key::guard(watched.appid), |doc| *doc = wanted.clone())
            .await
            .map(drop)
    }

    /// Takes it for applied that tenants of a platform have no manifest any more: to be called where its revision is
    /// not held. Else every tenant that ever left would count against each later revision, for good.
    ///
    /// # Errors
    /// [`StoreError`]; what is left counts once more.
    pub async fn let_go(
        &self,
        store: &Store,
        watched: &Watched<'_>,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        for gone in gone(store, &self.names(watched), is_there).await? {
            store
                .amend::<TenantDoc, ()>(&gone.key, |doc| doc.platform = None)
                .await?;
        }
        Ok(())
    }
}

impl GuardDoc {
    fn of(limits: Limits) -> Self {
        let Limits {
            share,
            per_hour,
            of_kind,
        } = limits;
        let named = |(kind, limit): (Costly, u32)| (kind.as_str().to_owned(), limit);
        Self {
            names: BTreeSet::new(),
            share,
            per_hour,
            of_kind: of_kind.into_iter().map(named).collect(),
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            share: self.share,
            per_hour: self.per_hour,
            // A kind that only another wxops knows is none that this one makes.
            of_kind: self
                .of_kind
                .iter()
                .filter_map(|(kind, limit)| Some((kind.parse().ok()?, *limit)))
                .collect(),
        }
    }
}

/// A tenant that was applied and stands here no more.
struct Gone {
    key: Key,
    /// Whether anything of it is in force at WeChat.
    in_force: bool,
}

impl Gone {
    fn name(&self) -> String {
        self.key.segments().join("/")
    }
}

/// Tenants that were applied under one of a platform's names and stand there no more.
async fn gone(
    store: &Store,
    names: &BTreeSet<String>,
    is_there: impl Fn(&str) -> bool,
) -> Result<Vec<Gone>, StoreError> {
    let mut gone = Vec::new();
    for key in store.list("tenant/").await? {
        if is_there(&key.segments().join("/")) {
            continue;
        }
        let Some(doc) = readable::<TenantDoc>(store, &key).await? else {
            continue;
        };
        // Where it was let in last, though no pass has gone by that yet.
        let admitted = Key::admitted(&key.segments().join("/"));
        let admitted = readable::<AdmittedDoc>(store, &admitted).await?;
        let platform = admitted.map(|one| one.platform).or(doc.platform);
        if platform.is_some_and(|name| names.contains(&name)) {
            let in_force = !doc.records.is_empty();
            gone.push(Gone { key, in_force });
        }
    }
    Ok(gone)
}

async fn member(
    store: &Store,
    (name, spec, files): Declared<'_>,
    known: Option<&TenantDoc>,
) -> Result<(String, Member), StoreError> {
    let doc = match known {
        Some(doc) => Cow::Borrowed(doc),
        None => Cow::Owned(read(store, name).await?),
    };
    let has_account = at::accounts(spec).iter().any(|at| {
        let pinned = doc.pin_of(at.whose.item());
        at.appid(spec, pinned).is_some()
    });
    let admitted = readable::<AdmittedDoc>(store, &Key::admitted(name)).await?;
    let member = Member {
        now: declared(spec, files),
        admitted: admitted.map(|one| Digest::from_hex(one.noted.unwrap_or(one.digest))),
        applied: doc.manifest.clone().map(Digest::from_hex),
        has_account,
        in_force: !doc.records.is_empty(),
    };
    Ok((name.to_owned(), member))
}

async fn read(store: &Store, name: &str) -> Result<TenantDoc, StoreError> {
    let doc = readable::<TenantDoc>(store, &Key::tenant(name)).await?;
    Ok(doc.unwrap_or_default())
}

/// What is remembered. A document that cannot be read is as if it were not there: its tenant then counts as changed,
/// its own pass says what is wrong, and no other is kept from its.
async fn readable<T: Doc>(store: &Store, key: &Key) -> Result<Option<T>, StoreError> {
    match store.get::<T>(key).await {
        Ok(doc) => Ok(doc.map(|doc| doc.value)),
        Err(error @ StoreError::Corrupt { .. }) => {
            tracing::warn!(store.key = %key, %error, "a document cannot be read");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
