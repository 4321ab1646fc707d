//! What most verbs start from: manifests loaded and found valid, tenants selected, the store open, one client per
//! platform.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tokio::sync::OnceCell;

use super::args::{Place, Selection};
use super::guards::Guards;
use super::{Exit, Io, credentials, manifests};
use crate::client::{Client, Clock, PlatformAccess, SharedClock, SystemClock};
use crate::manifest::{Loaded, LoadedTenant};
use crate::plan::{BudgetLine, Lang};
use crate::reconcile::{Actor, Author, Desired, Notice, Observer, Passes, let_go};
use crate::store::ledger::Demand;
use crate::store::{Journal, Ledger, OpenStore, Sealing, Store, sweep};

/// An opened session.
pub(super) struct Session {
    pub(super) loaded: Loaded,
    /// The selected tenants, sorted by name.
    pub(super) tenants: Vec<LoadedTenant>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    /// What every line about the store needs: where it is.
    pub(super) store_place: String,
    /// Approvals, the fleet guard and the caps, as they stood when they were first asked for.
    guards: OnceCell<Guards>,
    /// Who makes the changes, for the history.
    pub(super) author: Author,
    clients: BTreeMap<String, Client>,
    owner: String,
    manifests: PathBuf,
    passes: Passes,
}

/// A command that cannot go on, with the exit code that says why.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Exit);

impl Session {
    /// Loads, checks, selects, opens. Problems are printed; [`Stop`] carries the exit code.
    pub(super) async fn open(
        selection: &Selection,
        place: &Place,
        io: &mut Io,
    ) -> Result<Self, Stop> {
        // Before the first file is opened, by the clock that this session will have.
        let read_at = match &place.clock {
            Some(file) => SharedClock::file(file).now(),
            None => SystemClock.now(),
        };
        let loaded = manifests::load_valid(&selection.manifests.path, io)?;
        let tenants = match select(&loaded, selection) {
            Ok(tenants) => tenants,
            Err(error) => return Err(stop(io, &error)),
        };
        match Self::start(loaded, tenants, &selection.manifests.path, place, io).await {
            Ok(mut session) => {
                session.passes.read_at = Some(read_at);
                io.note(&session.store_place);
                Ok(session)
            }
            Err(error) => Err(stop(io, &error)),
        }
    }

    async fn start(
        loaded: Loaded,
        tenants: Vec<LoadedTenant>,
        manifests: &Path,
        place: &Place,
        io: &Io,
    ) -> anyhow::Result<Self> {
        let OpenStore {
            store, place: at, ..
        } = open_store(place, io).await?;
        let accesses = credentials::platforms(&loaded, place)?;
        let clock = clock(place, accesses.values())?;
        let owner = owner();
        let clients = accesses
            .into_iter()
            .map(|(name, access)| {
                let client = Client::new(access, store.clone(), Arc::clone(&clock), owner.clone())?;
                Ok((name, client))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            loaded,
            tenants,
            store,
            clock,
            store_place: at,
            guards: OnceCell::new(),
            author: Author::default(),
            clients,
            owner,
            manifests: manifests.to_owned(),
            passes: Passes {
                read_at: None,
                notice: Some(notice(io.lang)),
                yields: io.hooks.yields_passes,
            },
        })
    }

    /// How a command that a person is to type names these manifests: ` -f tenants/`; nothing where it need not.
    pub(super) fn named_manifests(&self) -> String {
        let path = self.manifests.display().to_string();
        let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
        if path == "." {
            String::new()
        } else if path.chars().all(plain) {
            format!(" -f {path}")
        } else {
            format!(" -f '{}'", path.replace('\'', "'\\''"))
        }
    }

    /// What plans a tenant.
    pub(super) fn observer(&self, tenant: &LoadedTenant) -> anyhow::Result<Observer> {
        let client = self.client(tenant)?;
        Ok(Observer {
            reader: client.reader(),
            store: self.store.clone(),
            journal: Journal::new(self.store.clone(), self.owner.as_str()),
            clock: Arc::clone(&self.clock),
        })
    }

    /// What a tenant desires, and what may be done for it.
    pub(super) async fn desired(&self, tenant: &LoadedTenant) -> anyhow::Result<Desired> {
        Ok(Desired {
            tenant: tenant.name.clone(),
            spec: tenant.spec.clone(),
            platform: tenant.platform.clone(),
            mandate: self.guards().await?.mandate(tenant),
        })
    }

    /// Approvals, the fleet guard and the caps. They take a look at every tenant's document, so only verbs that plan
    /// ask for them.
    pub(super) async fn guards(&self) -> anyhow::Result<&Guards> {
        let load = || Guards::load(&self.loaded, &self.store, self.clock.now());
        self.guards
            .get_or_try_init(load)
            .await
            .context("look up what was approved")
    }

    /// Repairs what a crash left half done, for every tenant that nobody works on right now.
    pub(super) async fn sweep(&self) -> anyhow::Result<()> {
        let journal = Journal::new(self.store.clone(), self.owner.as_str());
        sweep(&journal, self.clock.now())
            .await
            .context("repair what an earlier run left half done")?;
        Ok(())
    }

    /// Takes it for applied that tenants have no manifest any more, on platforms whose revision is not held.
    pub(super) async fn let_go(&self) -> anyhow::Result<()> {
        for (platform, guard) in self.guards().await?.platforms() {
            // What is put back is no revision of the manifests.
            if guard.hold.is_none() && guard.revision.gone > 0 && self.author.restores.is_none() {
                let is_there = |name: &str| self.loaded.tenant(name).is_some();
                let_go(&self.store, platform, is_there)
                    .await
                    .context("let go of tenants that have no manifest any more")?;
            }
        }
        Ok(())
    }

    /// How much of a scarce quota is used or reserved in this period.
    pub(super) async fn used(&self, line: &BudgetLine) -> anyhow::Result<u32> {
        let Some(quota) = line.endpoint.quota else {
            return Ok(0);
        };
        let demand = Demand::new(
            line.account.as_str(),
            line.endpoint.name,
            quota,
            self.clock.now(),
        );
        let ledger = Ledger::new(self.store.clone());
        Ok(ledger.used(&demand).await?)
    }

    /// What changes a tenant.
    pub(super) fn actor(&self, tenant: &LoadedTenant) -> anyhow::Result<Actor> {
        Ok(Actor {
            observer: self.observer(tenant)?,
            writer: self.client(tenant)?.writer(),
            author: self.author.clone(),
            passes: self.passes.clone(),
        })
    }

    /// A platform's client.
    pub(super) fn client_of(&self, platform: &str) -> Option<&Client> {
        self.clients.get(platform)
    }

    /// A platform's identity and secrets.
    pub(super) fn access(&self, platform: &str) -> Option<&PlatformAccess> {
        self.clients.get(platform).map(Client::platform)
    }

    fn client(&self, tenant: &LoadedTenant) -> anyhow::Result<&Client> {
        self.clients.get(&tenant.platform).with_context(|| {
            format!(
                "find platform `{}` of tenant `{}`",
                tenant.platform, tenant.name
            )
        })
    }
}

/// Says on stderr, at once and whatever else is printed there, whom a pass waits for.
fn notice(lang: Lang) -> Notice {
    Arc::new(move |text| {
        let mut err = std::io::stderr();
        // A line of progress may stand there.
        let clear = if err.is_terminal() { "\r\u{1b}[2K" } else { "" };
        let _ = writeln!(err, "{clear}{}", text.in_lang(lang));
    })
}

/// A name for this process that no other ever has, not even the next one with the same id.
pub(super) fn owner() -> String {
    format!("{}-{:016x}", std::process::id(), rand::random::<u64>())
}

pub(super) fn stop(io: &mut Io, error: &anyhow::Error) -> Stop {
    io.note(format_args!("error: {error:#}"));
    Stop(Exit::Error)
}

/// Opens the store that `--store`, the environment or the user's state directory names.
pub(super) async fn open_store(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let at = match &place.store {
        Some(at) => at.clone(),
        None => crate::store::default_place()
            .context("find a place for the store (give --store DIR)")?,
    };
    let sealing = Sealing::from_environment().context("read the key of the store")?;
    let wrap = io.hooks.wrap_store.unwrap_or(|backend| backend);
    crate::store::open_with(&at, sealing, wrap)
        .await
        .with_context(|| format!("open the store {}", at.display()))
}

/// The clock: the system's, or one shared with a simulator, which only a loopback WeChat may have.
pub(super) fn clock<'a>(
    place: &Place,
    mut platforms: impl Iterator<Item = &'a PlatformAccess>,
) -> anyhow::Result<Arc<dyn Clock>> {
    let Some(file) = &place.clock else {
        return Ok(Arc::new(SystemClock));
    };
    if !platforms.all(PlatformAccess::is_loopback) {
        bail!(
            "use the movable clock {}: WeChat's address is not a loopback one",
            file.display()
        );
    }
    Ok(Arc::new(SharedClock::file(Path::new(file))))
}

fn select(loaded: &Loaded, selection: &Selection) -> anyhow::Result<Vec<LoadedTenant>> {
    for name in &selection.tenants {
        if !loaded.tenants.iter().any(|tenant| tenant.name == *name) {
            bail!(
                "find tenant `{name}` in {}",
                selection.manifests.path.display()
            );
        }
    }
    for appid in &selection.appids {
        crate::wechat::Appid::parse(appid).context("read --appid")?;
        if !loaded
            .tenants
            .iter()
            .any(|tenant| has_account(tenant, std::slice::from_ref(appid)))
        {
            bail!(
                "find a tenant with account {appid}: no manifest names it (one that was pinned by a scan is chosen with --tenant)"
            );
        }
    }
    let labels = selection
        .labels
        .iter()
        .map(|label| {
            label
                .split_once('=')
                .with_context(|| format!("read `-l {label}`: expected LABEL=VALUE"))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut tenants: Vec<LoadedTenant> = loaded
        .tenants
        .iter()
        .filter(|tenant| selection.tenants.is_empty() || selection.tenants.contains(&tenant.name))
        .filter(|tenant| {
            labels
                .iter()
                .all(|(label, value)| tenant.labels.get(*label).is_some_and(|live| live == value))
        })
        .filter(|tenant| selection.appids.is_empty() || has_account(tenant, &selection.appids))
        .cloned()
        .collect();
    if tenants.is_empty() && !selection.labels.is_empty() {
        bail!(
            "find a tenant with {}: none of the {} has it",
            selection.labels.join(" and "),
            loaded.tenants.len()
        );
    }
    tenants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tenants)
}

fn has_account(tenant: &LoadedTenant, appids: &[String]) -> bool {
    let account = tenant
        .spec
        .official_account
        .as_ref()
        .and_then(|oa| oa.app_id.as_ref());
    account.is_some_and(|account| appids.iter().any(|appid| appid == account.as_str()))
}
