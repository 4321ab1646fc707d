//! All tenants of a folder, and which revision of each is in force.
//!
//! ```text
//! folder ──two looks agree──► Declared ──guard──► admitted: noted with its texts in the store ──► passes
//!                                │          └────► held: what was in force stays so
//!                                └─ a mistake ───► what was in force stays so, and the mistake is said
//! ```
//!
//! A pass goes by the texts that were admitted, never by what lies in the folder at that moment, so nothing acts on a
//! half-written one, and a restart goes on with what was in force.

mod admission;
mod caps;
mod claimed;
mod declared;
mod keeping;
mod leaving;
mod mistake;
mod reading;
mod row;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use admission::{Admission, Held};
pub use declared::{Declared, Declares, Said};
pub use mistake::Mistake;
pub use reading::named_otherwise;
pub use row::Row;

use super::Platforms;
use super::folder::with_named;
use crate::manifest::{Approves, Excerpt, Library, LoadedTenant};
use crate::plan::{Digest, Text};
use crate::reconcile::{Cap, Mandate};
use crate::resource::declared;
use crate::store::documents::{TenantDoc, TextRef};
use crate::store::{Store, StoreError};
use crate::wechat::Appid;

/// Why a tenant cannot be looked after by the revision of it that is in force.
#[derive(Debug, thiserror::Error)]
pub enum NotInForce {
    /// The store.
    #[error("read the revision in force")]
    Store(#[from] StoreError),
    /// Nothing of it was admitted yet, or it was let go.
    #[error("no revision of it is in force")]
    None,
    /// What was kept of it is not enough to read it again.
    #[error("the revision in force cannot be read again: {0}")]
    Unreadable(String),
    /// A file that it refers to is not what it was when the revision was admitted.
    #[error("a file that it refers to has changed or is gone since the revision was admitted")]
    Files,
}

/// What tenants are read with, by platform and the digest of their class's text.
type Libraries = BTreeMap<(String, Option<String>), Arc<Library>>;

/// All tenants of a folder.
#[derive(Debug)]
pub struct Fleet {
    store: Store,
    /// The folder.
    root: PathBuf,
    declared: Arc<Declared>,
    rows: BTreeMap<String, Row>,
    is_remembered: bool,
    /// How many costly steps may be made per hour, by platform.
    caps: BTreeMap<String, Cap>,
    /// What platforms are read with, by name: the documents as they are served.
    platforms: BTreeMap<String, Excerpt>,
    /// The appids of platforms, by name.
    appids: BTreeMap<String, Appid>,
    /// What passes read tenants with.
    libraries: Mutex<Libraries>,
    held: Vec<Held>,
    /// Tenants whose revision could not be written down, and why.
    failed: BTreeMap<String, String>,
    /// Platforms whose lists mini-programs still live by.
    kept: BTreeMap<String, Text>,
}

impl Fleet {
    /// A fleet whose folder has not been looked at, nor its store.
    #[must_use]
    pub fn new(store: Store, root: &Path) -> Self {
        Self {
            store,
            root: root.to_owned(),
            declared: Arc::new(Declared::of(root)),
            rows: BTreeMap::new(),
            is_remembered: false,
            caps: BTreeMap::new(),
            platforms: BTreeMap::new(),
            appids: BTreeMap::new(),
            libraries: Mutex::default(),
            held: Vec::new(),
            failed: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Reads what the store remembers, once. Nothing is put in force before: every tenant would look like a new one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remember(&mut self) -> Result<(), StoreError> {
        if !self.is_remembered {
            self.rows = row::load(&self.store).await?;
            self.is_remembered = true;
        }
        Ok(())
    }

    /// Reads what the store remembers, with the caps that are in force where no look has judged them yet: passes by what
    /// is in force begin, whatever becomes of looks at the folder.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&mut self, platforms: &Platforms) -> Result<(), StoreError> {
        self.remember().await?;
        self.serve(platforms);
        self.remember_caps(platforms).await
    }

    /// What the folder says.
    #[must_use]
    pub fn declared(&self) -> &Arc<Declared> {
        &self.declared
    }

    /// Takes in what the folder says now; [`Fleet::admit`] puts it in force.
    pub fn declare(&mut self, declared: Declared) {
        self.declared = Arc::new(declared);
    }

    /// Reads tenants with these platforms from now on.
    pub fn serve(&mut self, platforms: &Platforms) {
        let excerpts = platforms.excerpts();
        if self.platforms != excerpts {
            let loaded = platforms.loaded().into_iter();
            self.appids = loaded
                .map(|(name, platform)| (name, platform.spec.app_id))
                .collect();
            self.platforms = excerpts;
            self.libraries().clear();
        }
    }

    /// The tenants of which a revision is in force.
    pub fn in_force(&self) -> impl Iterator<Item = (&str, &Row)> {
        let rows = self.rows.iter().filter(|(_, row)| row.admitted.is_some());
        rows.map(|(name, row)| (name.as_str(), row))
    }

    /// What is known of a tenant.
    #[must_use]
    pub fn row(&self, tenant: &str) -> Option<&Row> {
        self.rows.get(tenant)
    }

    /// Whether the folder says what is in force of a tenant.
    #[must_use]
    pub fn says(&self, tenant: &str) -> bool {
        let admitted = self.rows.get(tenant).and_then(|row| row.admitted.as_ref());
        let said = self.declared.said(tenant);
        match (admitted, said) {
            (Some(admitted), Some(Said::Good(one))) => admitted.digest == one.digest.as_str(),
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    /// Whom the manifests give an account to.
    #[must_use]
    pub fn declares(&self, account: &Appid) -> Option<(String, Option<String>)> {
        self.declared.tenants().find_map(|(name, said)| {
            let Said::Good(one) = said else { return None };
            let mut accounts = one.accounts.iter();
            let (item, _) = accounts.find(|(_, appid)| appid.as_ref() == Some(account))?;
            Some((name.to_owned(), item.clone()))
        })
    }

    /// What a tenant's pass may do beyond what costs nothing. What is in force was let in, so no guard holds it.
    #[must_use]
    pub fn mandate(&self, tenant: &LoadedTenant) -> Mandate {
        let yes = self.declared.library().approvals.iter();
        let yes = yes.filter_map(|loaded| match &loaded.approves {
            Approves::Steps {
                tenant: of,
                approval,
            } if *of == tenant.name => Some(approval.clone()),
            Approves::Steps { .. } | Approves::Revision { .. } => None,
        });
        Mandate {
            approvals: yes.collect(),
            fleet: None,
            cap: self.caps.get(&tenant.platform).cloned(),
        }
    }

    /// Takes over what a pass, or another process, has written down of a tenant.
    pub fn passed(&mut self, tenant: &str, doc: &TenantDoc) {
        self.rows.entry(tenant.to_owned()).or_default().take(doc);
    }

    /// A pass by a revision has ended, whatever came of it.
    pub fn tried(&mut self, tenant: &str, digest: Option<&str>, is_capped: bool) {
        let Some(row) = self.rows.get_mut(tenant) else {
            return;
        };
        let admitted = row.admitted.as_ref().map(|one| one.digest.as_str());
        // One that began before another revision was put in force tells nothing of that.
        if admitted == digest {
            row.was_tried = true;
            row.is_capped = is_capped;
        }
    }

    /// Whether the manifests raise a cap that is not in force as they say: it waits for a yes, or for passes.
    #[must_use]
    pub fn raises(&self) -> bool {
        self.caps.values().any(|cap| cap.limits != cap.written)
    }

    fn needs_no_cap(&self, platform: &str) -> bool {
        self.rows.values().all(|row| {
            let admitted = row.admitted.as_ref();
            admitted.is_none_or(|one| one.platform != platform) || row.needs_no_cap()
        })
    }

    /// Tenants whose revision could not be written down, and why.
    #[must_use]
    pub fn failed(&self) -> &BTreeMap<String, String> {
        &self.failed
    }

    /// What is held back, by platform.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// A tenant by the revision of it that is in force.
    ///
    /// # Errors
    /// [`NotInForce`].
    pub async fn tenant(&self, name: &str) -> Result<LoadedTenant, NotInForce> {
        let row = self.rows.get(name).and_then(|row| row.admitted.as_ref());
        let admitted = row.ok_or(NotInForce::None)?;
        let text = admitted.text.as_ref().ok_or(NotInForce::None)?;
        let library = self
            .library(&admitted.platform, admitted.class.as_ref())
            .await?;
        let lost = || NotInForce::Unreadable("its text is not in the store".to_owned());
        let excerpt = texts::find(&self.store, text).await?.ok_or_else(lost)?;
        let (loaded, _) = with_named(library.load(excerpt.source()).loaded, &[&self.root]);
        let Some(mut tenant) = loaded.tenant(name).cloned() else {
            let found = mistake::mistakes(&loaded.problems, &loaded.sources);
            return Err(NotInForce::Unreadable(
                Mistake::about(name, &found).to_string(),
            ));
        };
        // A file that lies there now is none of this revision's: it is compared by the one that was, and whoever would send
        // it finds that it is another.
        for (path, facts) in &mut tenant.files {
            if let Some(known) = admitted.files.get(&path.to_string()) {
                facts.sha256 = known.clone();
            }
        }
        if declared(&tenant.spec, &tenant.files) == Digest::from_hex(admitted.digest.clone()) {
            Ok(tenant)
        } else {
            Err(NotInForce::Files)
        }
    }

    /// A tenant as the folder has it, else by the revision in force.
    pub async fn newest(&self, name: &str) -> Option<LoadedTenant> {
        match self.declared.tenant(name) {
            Ok(Some(tenant)) => Some(tenant),
            Ok(None) | Err(_) => self.tenant(name).await.ok(),
        }
    }

    /// A platform's appid.
    #[must_use]
    pub fn platform(&self, name: &str) -> Option<Appid> {
        self.appids.get(name).cloned()
    }

    /// What a tenant of a platform is read with, by its class.
    async fn library(
        &self,
        platform: &str,
        class: Option<&TextRef>,
    ) -> Result<Arc<Library>, NotInForce> {
        let key = (platform.to_owned(), class.map(|class| class.digest.clone()));
        if let Some(known) = self.libraries().get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut sources = Vec::new();
        sources.extend(self.platforms.get(platform).map(Excerpt::source));
        if let Some(class) = class {
            let lost = || NotInForce::Unreadable("its class's text is not in the store".to_owned());
            let text = texts::find(&self.store, class).await?.ok_or_else(lost)?;
            sources.push(text.source());
        }
        let library = Arc::new(Library::in_force(sources));
        self.libraries().insert(key, Arc::clone(&library));
        Ok(library)
    }

    fn libraries(&self) -> MutexGuard<'_, Libraries> {
        self.libraries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The digests of the texts that somebody still needs.
    fn needed(&self) -> BTreeSet<&str> {
        let admitted = self.rows.values().filter_map(|row| row.admitted.as_ref());
        let texts = admitted.flat_map(|one| one.text.iter().chain(&one.class));
        texts.map(|text| text.digest.as_str()).collect()
    }
}
