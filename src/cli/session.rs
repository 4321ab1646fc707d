//! What most verbs start from: manifests loaded and found valid, tenants selected, the store open, one client per
//! platform.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use tokio::sync::OnceCell;

use super::args::{Place, Reach, Selection};
use super::place::{api_base, open_store};
use super::select::select;
use super::stop::{Stop, stop};
use super::{Exit, Io, manifests, words};
use crate::cli::failed::{OrSay, no_clock};
use crate::client::{Client, Clock, PlatformAccess, SharedClock, SystemClock};
use crate::controller::{Clients, Guards, Links, Standing, accesses, in_force, standing};
use crate::manifest::{Loaded, LoadedPlatform, LoadedTenant};
use crate::plan::{BudgetLine, Lang, Text};
use crate::reconcile::{Actor, Author, Desired, Notice, Observer, Passes};
use crate::store::ledger::{Counted, Demand};
use crate::store::{Ledger, OpenStore, Store, sweep};
use crate::wechat::Appid;
use crate::wechat::code::{self, AuditQuota, Left};
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
    /// The tenants whose manifests have a mistake, told by the revision before.
    pub(super) by_the_one_before: BTreeSet<String>,
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
        let mut session = Self::of(loaded, selection, place, io).await?;
        session.passes.read_at = Some(read_at);
        Ok(session)
    }

    async fn of(
        loaded: Loaded,
        selection: &Selection,
        place: &Place,
        io: &mut Io,
    ) -> Result<Self, Stop> {
        let tenants = match select(&loaded, selection) {
            Ok(tenants) => tenants,
            Err(error) => return Err(stop(io, &error)),
        };
        let accesses = match accesses_of(&loaded, place) {
            Ok(accesses) => accesses,
            Err(error) => return Err(stop(io, &error)),
        };
        let manifests = &selection.manifests.path;
        Self::begin((loaded, tenants), accesses, manifests, place, io).await
    }

    /// Opens one that only tells how things stand: where manifests have mistakes, they are printed, and what was in force
    /// before is told.
    pub(super) async fn look(
        selection: &Selection,
        place: &Place,
        io: &mut Io,
    ) -> Result<Self, Stop> {
        let mut loaded = manifests::load(&selection.manifests.path, io)?;
        // Whoever only looks need not have the secrets that the loop has.
        let unspoken = accesses_of(&loaded, place).err();
        if !loaded.has_errors() && unspoken.is_none() {
            return Self::of(loaded, selection, place, io).await;
        }
        if loaded.has_errors() {
            io.note(words::pick(
                io.lang,
                "以下按出错之前生效的版本显示。",
                "What follows is told by what was in force before.",
            ));
        }
        let opened = open_store(place, io).await;
        let opened = opened.map_err(|error| stop(io, &error))?;
        let known = add_in_force(&mut loaded, selection, place, &opened.store).await;
        let (accesses, by_the_one_before) = known.map_err(|error| stop(io, &error))?;
        let all = |name: &String| accesses.contains_key(name);
        if let (Some(error), false) = (unspoken, loaded.platforms.keys().all(all)) {
            return Err(stop(io, &error));
        }
        let tenants = match select(&loaded, selection) {
            Ok(tenants) => tenants,
            Err(_) if loaded.has_errors() => return Err(Stop(Exit::InvalidManifests)),
            Err(error) => return Err(stop(io, &error)),
        };
        let manifests = &selection.manifests.path;
        let started = Self::start((loaded, tenants), accesses, manifests, place, opened, io).await;
        let mut session = started.map_err(|error| stop(io, &error))?;
        io.note(&session.store_place);
        session.by_the_one_before = by_the_one_before;
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
                ..Passes::default()
            },
            by_the_one_before: BTreeSet::new(),
        })
    }

    /// The same, taking for granted what it is told to.
    pub(super) fn reaching(mut self, reach: Reach) -> Self {
        if reach.assume_reachable {
            self.clients.assume_reachable();
        }
        self
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
        observer.or_say(|| no_platform(tenant))
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
        self.guards_beside(&[]).await
    }

    /// The same, where it is known already how some tenants stand: nobody's document is read twice.
    pub(super) async fn guards_beside(&self, known: &[Standing]) -> anyhow::Result<&Guards> {
        let known = known.iter().map(|one| (one.tenant.as_str(), &one.doc));
        let known = known.collect();
        let load = || Guards::load_beside(&known, &self.loaded, &self.store, self.clock.now());
        self.guards.get_or_try_init(load).await.or_say(|| {
            Text::new(
                "存储中的审批无法读取",
                "what was approved cannot be read from the store",
            )
        })
    }

    /// Repairs what a crash left half done, for every tenant that nobody works on right now.
    pub(super) async fn sweep(&self) -> anyhow::Result<()> {
        sweep(&self.clients.journal(), self.clock.now())
            .await
            .or_say(|| {
                Text::new(
                    "之前未完成的操作无法整理",
                    "what an earlier run left half done cannot be repaired",
                )
            })?;
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
                .or_say(|| {
                    Text::new(
                        "清单里已没有的租户无法放开",
                        "tenants that have no manifest any more cannot be let go of",
                    )
                })?;
        }
        Ok(())
    }

    /// Writes down that the limits which revisions raise are in force from now on.
    pub(super) async fn end_revisions(&self) -> anyhow::Result<()> {
        if self.author.restores.is_none() {
            let guards = self.guards().await?;
            guards.end(&self.loaded, &self.store).await.or_say(|| {
                Text::new(
                    "护栏的上限无法记下",
                    "the limits of the guard cannot be remembered",
                )
            })?;
        }
        Ok(())
    }

    /// The appid of the platform that a tenant's accounts share.
    pub(super) fn platform_of(&self, tenant: &str) -> Option<Appid> {
        let tenant = self.tenants.iter().find(|one| one.name == tenant)?;
        Some(self.access(&tenant.platform)?.appid.clone())
    }

    /// How much of a scarce quota is used or reserved in this period, and how much there is to be used.
    pub(super) async fn count(&self, line: &mut BudgetLine) -> anyhow::Result<()> {
        let of_it = |quota: &&Quota| quota.period == line.period;
        let Some(quota) = line.endpoint.quotas.iter().find(of_it).copied() else {
            return Ok(());
        };
        let demand = Demand::new(
            line.account.as_str(),
            line.endpoint.counted_as(),
            quota,
            self.clock.now(),
        );
        let ledger = Ledger::new(self.store.clone());
        let Counted { used, limit } = ledger.counted(&demand).await?;
        line.used = used;
        line.limit = limit;
        if line.endpoint == &code::SUBMIT {
            self.count_audits(line).await;
        }
        Ok(())
    }

    /// What WeChat has said of the platform's audits for this plan, and what is kept back of them.
    async fn count_audits(&self, line: &mut BudgetLine) {
        let mut platforms = self.loaded.platforms.iter();
        let of_it =
            |(_, platform): &(&String, &LoadedPlatform)| platform.spec.app_id == line.account;
        let Some((name, platform)) = platforms.find(of_it) else {
            return;
        };
        if let Some(client) = self.client_of(name) {
            let answer = client
                .reader()
                .read(&code::quota_request(&line.through))
                .await;
            if let Some(Left { used, limit }) = AuditQuota::told(&answer) {
                line.used = line.used.max(used);
                line.limit = limit;
            }
        }
        let kept = platform.spec.audit_reserve.unwrap_or(0);
        line.limit = line.limit.saturating_sub(kept);
    }

    /// What changes a tenant.
    pub(super) fn actor(&self, tenant: &LoadedTenant) -> anyhow::Result<Actor> {
        let actor = self
            .clients
            .actor(&tenant.platform, self.author.clone(), self.passes.clone());
        actor.or_say(|| no_platform(tenant))
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

/// Adds what is in force to what could be read. Answers what it takes to speak for the platforms, and which tenants were
/// added.
async fn add_in_force(
    loaded: &mut Loaded,
    selection: &Selection,
    place: &Place,
    store: &Store,
) -> anyhow::Result<(BTreeMap<String, PlatformAccess>, BTreeSet<String>)> {
    let mut accesses = accesses_of(loaded, place).unwrap_or_default();
    let (root, clock) = (&selection.manifests.path, Arc::new(SystemClock));
    let known = in_force(root, store, clock, api_base(place)?).await?;
    for (platform, access) in known.platforms {
        accesses.entry(platform.name.clone()).or_insert(access);
        let name = platform.name.clone();
        loaded.platforms.entry(name).or_insert(platform);
    }
    let mut added = BTreeSet::new();
    for tenant in known.tenants {
        if loaded.tenant(&tenant.name).is_none() {
            added.insert(tenant.name.clone());
            let at = loaded.tenants.partition_point(|one| one.name < tenant.name);
            loaded.tenants.insert(at, tenant);
        }
    }
    Ok((accesses, added))
}

fn no_platform(tenant: &LoadedTenant) -> Text {
    let LoadedTenant { name, platform, .. } = tenant;
    Text::new(
        format!("租户 {name} 的平台 {platform} 不在清单里"),
        format!("platform `{platform}` of tenant `{name}` is not among the manifests"),
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

/// The clock: the system's, or one shared with a simulator, which only a loopback WeChat may have.
pub(super) fn clock<'a>(
    place: &Place,
    mut platforms: impl Iterator<Item = &'a PlatformAccess>,
) -> anyhow::Result<Arc<dyn Clock>> {
    let Some(file) = &place.clock else {
        return Ok(Arc::new(SystemClock));
    };
    if !platforms.all(PlatformAccess::is_loopback) {
        bail!(no_clock(file));
    }
    Ok(Arc::new(SharedClock::file(Path::new(file))))
}
