//! `wxops sidecar`: the endpoint that WeChat and account owners reach.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use super::args::SidecarArgs;
use super::manifests::declarer;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io};
use crate::client::Addressee;
use crate::manifest::Loaded;
use crate::plan::Whose;
use crate::resource::registry::needed_sets;
use crate::resource::{At, TenantSpec, at, authorization};
use crate::sidecar::{self, Gatekeeper, Objection, Running, Served, SidecarConfig};
use crate::wechat::Appid;
use crate::wechat::authorizer::Info;

/// Runs the verb until the process is asked to end.
pub(super) async fn run(args: SidecarArgs, io: &mut Io) -> Exit {
    match served(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn served(args: &SidecarArgs, io: &mut Io) -> Result<Exit, Stop> {
    // A mistake in one manifest must not keep the pushes out that concern everybody.
    let session = Session::open_usable(&args.manifests.path, &args.place, io).await?;
    let running = start(&session, args.listen)
        .await
        .map_err(|error| stop(io, &error))?;
    io.say(format_args!("listening on http://{}", running.addr));
    let ended = tokio::select! {
        asked = until_asked_to_end() => asked,
        // What it would take from now on, it would lose.
        why = session.ended.wait() => Err(anyhow::anyhow!("{why}")),
    };
    running.stop().await;
    match ended {
        Ok(()) => Ok(Exit::Fine),
        Err(error) => Err(stop(io, &error)),
    }
}

async fn until_asked_to_end() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("wait for signals")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("wait for signals"),
        _ = terminate.recv() => Ok(()),
    }
}

/// Starts a sidecar for all platforms of a session. A callback address on this machine follows the port that was
/// bound, so that a demo or a test may listen on any.
pub(super) async fn start(session: &Session, listen: SocketAddr) -> anyhow::Result<Running> {
    let listener_known = listen.port() != 0;
    let platforms = session
        .loaded
        .platforms
        .values()
        .filter_map(|platform| Some((platform, session.client_of(&platform.name)?)))
        .map(|(platform, client)| {
            let paths = &platform.spec.callback.paths;
            Ok(Served {
                client: client.clone(),
                public_url: Url::parse(&platform.spec.callback.url).with_context(|| {
                    format!("read callback.url of platform `{}`", platform.name)
                })?,
                follow_port: client.platform().is_loopback() && !listener_known,
                notices: paths.notices.clone(),
                messages: paths.messages.clone(),
                authorize: paths.authorize.trim_end_matches('/').to_owned(),
                forward_messages: platform.spec.callback.forward_messages.clone(),
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let config = SidecarConfig {
        listen,
        platforms,
        gatekeeper: Arc::new(Tenants::all(&session.loaded)),
        store: session.store.clone(),
        clock: Arc::clone(&session.clock),
        wake: Arc::new(|what| tracing::info!(what, "stored, and whoever waits may go on")),
    };
    sidecar::start(config).await.context("start the sidecar")
}

/// What the pages must know of tenants.
struct Tenants(BTreeMap<String, (Appid, TenantSpec)>);

impl Tenants {
    fn all(loaded: &Loaded) -> Self {
        let appids: BTreeMap<&str, &Appid> = loaded
            .platforms
            .iter()
            .map(|(name, platform)| (name.as_str(), &platform.spec.app_id))
            .collect();
        Self(
            loaded
                .tenants
                .iter()
                .filter_map(|tenant| {
                    let appid = appids.get(tenant.platform.as_str())?;
                    Some((tenant.name.clone(), ((*appid).clone(), tenant.spec.clone())))
                })
                .collect(),
        )
    }
}

impl Tenants {
    fn of(&self, to: &Addressee) -> Option<(&Appid, &TenantSpec, At)> {
        let (platform, spec) = self.0.get(&to.tenant)?;
        let at = at::find(spec, &Whose::of_item(to.item.as_deref()))?;
        Some((platform, spec, at))
    }
}

impl Gatekeeper for Tenants {
    fn declared(&self, to: &Addressee) -> Option<(Appid, Option<Appid>)> {
        let (platform, spec, at) = self.of(to)?;
        Some((platform.clone(), at.declared(spec).cloned()))
    }

    fn declares(&self, account: &Appid) -> Option<Addressee> {
        let tenants = self.0.iter();
        declarer(
            tenants.map(|(name, (_, spec))| (name.as_str(), spec)),
            account,
        )
    }

    fn nickname(&self, to: &Addressee) -> Option<String> {
        let (_, spec, at) = self.of(to)?;
        let nickname = at.item(spec)?.nickname.as_ref()?;
        Some(nickname.name().to_owned())
    }

    fn sets(&self, to: &Addressee) -> BTreeSet<u16> {
        self.of(to)
            .map(|(_, spec, at)| needed_sets(spec, &at))
            .unwrap_or_default()
    }

    fn objections(&self, to: &Addressee, info: &Info) -> Vec<Objection> {
        let Some((_, spec, at)) = self.of(to) else {
            return Vec::new();
        };
        authorization::objections(spec, &at, &info.authorizer_info)
            .into_iter()
            .map(|waiting| Objection {
                reason: waiting.reason.as_str(),
                zh: waiting.text.zh,
                en: waiting.text.en,
            })
            .collect()
    }
}
