//! What most verbs start from: manifests loaded and found valid, tenants selected, the store open, one client per
//! platform.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tokio::sync::OnceCell;
use url::Url;

use super::api_base::ApiBase;
use super::args::{Place, Selection};
use super::stop::{Stop, stop};
use super::{Io, WrapStore, manifests};
use crate::client::{Client, Clock, PlatformAccess, SharedClock, SystemClock};
use crate::controller::{Clients, Guards, Links, Standing, accesses, standing};
use crate::manifest::{Loaded, LoadedTenant};
use crate::plan::{BudgetLine, Lang, Text};
use crate::reconcile::{Actor, Author, Desired, Notice, Observer, Passes};
use crate::resource::at;
use crate::store::ledger::Demand;
use crate::store::{Ledger, OpenStore, Sealing, Store, sweep};
use crate::wechat::Appid;
use crate::wechat::endpoint::Quota;

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
    clients: Clients,
    /// How a command that a person is to type names these manifests: ` -f tenants/`; nothing where it need not.
    pub(super) named_manifests: String,
    passes: Passes,
}

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
        let accesses = match accesses_of(&loaded, place) {
            Ok(accesses) => accesses,
            Err(error) => return Err(stop(io, &error)),
        };
        let manifests = &selection.manifests.path;
        let mut session = Self::begin((loaded, tenants), accesses, manifests, place, io).await?;
        session.passes.read_at = Some(read_at);
        Ok(session)
    }

    async fn begin(
        what: (Loaded, Vec<LoadedTenant>),
        accesses: BTreeMap<String, PlatformAccess>,
        manifests: &Path,
        place: &Place,
        io: &mut Io,
    ) -> Result<Self, Stop> {
        let opened = open_store(place, io).await;
        let started = match opened {
            Ok(opened) => Self::start(what, accesses, manifests, place, opened, io).await,
            Err(error) => Err(error),
        };
        match started {
            Ok(session) => {
                io.note(&session.store_place);
                Ok(session)
            }
            Err(error) => Err(stop(io, &error)),
        }
    }

    async fn start(
        (loaded, tenants): (Loaded, Vec<LoadedTenant>),
        accesses: BTreeMap<String, PlatformAccess>,
        manifests: &Path,
        place: &Place,
        opened: OpenStore,
        io: &Io,
    ) -> anyhow::Result<Self> {
        let OpenStore {
            store, place: at, ..
        } = opened;
        let clock = clock(place, accesses.values())?;
        let mut clients = Clients::new(store.clone(), Arc::clone(&clock));
        for (name, access) in accesses {
            clients.add(&name, access).await?;
        }
        Ok(Self {
            loaded,
            tenants,
            store,
            clock,
            store_place: at,
            guards: OnceCell::new(),
            author: Author::default(),
            clients,
            named_manifests: named(manifests),
            passes: Passes {
                read_at: None,
                notice: Some(notice(io.lang)),
                yields: io.hooks.yields_passes,
            },
        })
    }

    /// Makes the links to its platforms' pages.
    pub(super) fn links(&self) -> Links<'_> {
        Links {
            clients: &self.clients,
            platforms: &self.loaded.platforms,
            manifests: &self.named_manifests,
        }
    }

    /// How a tenant stands, from the store.
    pub(super) async fn standing(&self, tenant: &LoadedTenant) -> anyhow::Result<Standing> {
        Ok(standing(&self.store, &self.links(), tenant).await?)
    }

    /// What plans a tenant.
    pub(super) fn observer(&self, tenant: &LoadedTenant) -> anyhow::Result<Observer> {
        let observer = self.clients.observer(&tenant.platform);
        observer.with_context(|| no_platform(tenant))
    }

    /// What a tenant desires, and what may be done for it.
    pub(super) async fn desired(&self, tenant: &LoadedTenant) -> anyhow::Result<Desired> {
        Ok(Desired {
            tenant: tenant.name.clone(),
            spec: tenant.spec.clone(),
            files: tenant.files.clone(),
            platform: tenant.platform.clone(),
            mandate: self.guards().await?.mandate(tenant, &self.loaded),
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
        sweep(&self.clients.journal(), self.clock.now())
            .await
            .context("repair what an earlier run left half done")?;
        Ok(())
    }

    /// Writes down what revisions that are not held begin with, before anything is changed.
    pub(super) async fn begin_revisions(&self) -> anyhow::Result<()> {
        // What is put back is no revision of the manifests.
        if self.author.restores.is_none() {
            let guards = self.guards().await?;
            guards
                .begin(&self.loaded, &self.store, self.clock.now())
                .await
                .context("let go of tenants that have no manifest any more")?;
        }
        Ok(())
    }

    /// Writes down that the limits which revisions raise are in force from now on.
    pub(super) async fn end_revisions(&self) -> anyhow::Result<()> {
        if self.author.restores.is_none() {
            let guards = self.guards().await?;
            guards
                .end(&self.loaded, &self.store)
                .await
                .context("remember the limits of the guard")?;
        }
        Ok(())
    }

    /// How much of a scarce quota is used or reserved in this period.
    pub(super) async fn used(&self, line: &BudgetLine) -> anyhow::Result<u32> {
        let of_it = |quota: &&Quota| quota.period == line.period;
        let Some(quota) = line.endpoint.quotas.iter().find(of_it).copied() else {
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
        let actor = self
            .clients
            .actor(&tenant.platform, self.author.clone(), self.passes.clone());
        actor.with_context(|| no_platform(tenant))
    }

    /// A platform's client.
    pub(super) fn client_of(&self, platform: &str) -> Option<&Client> {
        self.clients.of(platform)
    }

    /// A platform's identity and secrets.
    pub(super) fn access(&self, platform: &str) -> Option<&PlatformAccess> {
        self.clients.access(platform)
    }
}

fn no_platform(tenant: &LoadedTenant) -> String {
    format!(
        "find platform `{}` of tenant `{}`",
        tenant.platform, tenant.name
    )
}

/// How a command that a person is to type names a folder of manifests.
fn named(manifests: &Path) -> String {
    let path = manifests.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if path == "." {
        String::new()
    } else if path.chars().all(plain) {
        format!(" -f {path}")
    } else {
        format!(" -f '{}'", path.replace('\'', "'\\''"))
    }
}

/// WeChat's address as the command line gives it.
pub(super) fn api_base(place: &Place) -> anyhow::Result<Option<Url>> {
    place.api_base.as_ref().map(ApiBase::url).transpose()
}

fn accesses_of(loaded: &Loaded, place: &Place) -> anyhow::Result<BTreeMap<String, PlatformAccess>> {
    Ok(accesses(loaded, api_base(place)?.as_ref())?)
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

/// Opens the store that `--store`, the environment or the user's state directory names.
pub(super) async fn open_store(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_with(&at, sealing, wrap)
        .await
        .with_context(|| format!("open the store {}", at.display()))?;
    Ok(announced(opened, io))
}

/// As [`open_store`]; where there is no room on the disk, it is opened later.
pub(super) async fn open_store_late(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_late(&at, sealing, wrap)
        .await
        .with_context(|| format!("open the store {}", at.display()))?;
    Ok(announced(opened, io))
}

/// The folder that `--store`, the environment or the user's state directory names.
pub(super) fn store_folder(place: &Place) -> anyhow::Result<PathBuf> {
    match &place.store {
        Some(at) => Ok(at.clone()),
        None => {
            crate::store::default_place().context("find a place for the store (give --store DIR)")
        }
    }
}

fn named_store(place: &Place, io: &Io) -> anyhow::Result<(PathBuf, Sealing, WrapStore)> {
    let at = store_folder(place)?;
    let sealing = Sealing::from_environment().context("read the key of the store")?;
    Ok((
        at,
        sealing,
        io.hooks.wrap_store.unwrap_or(|backend| backend),
    ))
}

fn announced(mut opened: OpenStore, io: &Io) -> OpenStore {
    if opened.is_new {
        opened.place = new_store(&opened.place).in_lang(io.lang).to_owned();
    }
    opened
}

/// What a person must hear who expected a store: a folder that was not mounted looks just like one that is new.
fn new_store(place: &str) -> Text {
    Text::new(
        format!(
            "新建了空的 {place}：它不知道任何授权，也不知道做过什么。如果这里本该有存储，请先检查 --store 和 WXOPS_STORE。"
        ),
        format!(
            "a new, empty {place}: it knows of no authorization and of nothing that was done. If there should be one already, \
             look at --store and WXOPS_STORE first"
        ),
    )
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
    let named = |appid: &Appid| appids.iter().any(|wanted| wanted == appid.as_str());
    at::accounts(&tenant.spec)
        .iter()
        .filter_map(|at| at.declared(&tenant.spec))
        .any(named)
}
