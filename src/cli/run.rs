//! `wxops run`: follow the manifests, take WeChat's pushes, and bring every tenant home, until asked to end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use jiff::SignedDuration;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::{Manifests, Place, Reach};
use super::place::{api_base, open_store_late, store_folder};
use super::stop::{Stop, stop};
use super::words::how_long;
use super::{Exit, Io, words};
use crate::cli::failed::OrSay;
use crate::client::{Clock, SharedClock, SystemClock};
use crate::controller::{Holder, Host, HostConfig, HostError, Lock, NotLocked};
use crate::plan::Text;
use crate::store::OpenStore;

/// How often it is looked whether the loop before has ended.
const STAND_BY: Duration = Duration::from_millis(500);

/// How often it is looked whether others still find this loop.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops run -f tenants/ --listen 0.0.0.0:8080
  WXOPS_LOG=info wxops run -f tenants/ --listen 0.0.0.0:8080 --private-listen 127.0.0.1:8081

It looks at the manifests whenever they change, and puts nothing in force that has a mistake: what was in force stays
so. SIGHUP looks at them now; SIGTERM ends it once what was sent is finished.")]
pub struct RunArgs {
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    /// Where WeChat and account owners reach it; behind the TLS of the host that `callback.url` names.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        env = "WXOPS_LISTEN"
    )]
    pub(super) listen: SocketAddr,
    /// Where programs and people of yours reach it.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8081",
        env = "WXOPS_PRIVATE_LISTEN"
    )]
    pub(super) private_listen: SocketAddr,
    /// Where another `wxops run` works on this store: wait until it ends, and take over.
    #[arg(long)]
    pub(super) standby: bool,
    #[command(flatten)]
    pub(super) reach: Reach,
    /// How often a tenant is looked at that nobody waits for: 10m to 7d.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "6h",
        env = "WXOPS_DRIFT_EVERY",
        value_parser = drift_every
    )]
    pub(super) drift_every: SignedDuration,
    /// Who is named in the history.
    #[arg(
        long,
        value_name = "NAME",
        env = "WXOPS_BY",
        default_value = "wxops run"
    )]
    pub(super) by: String,
}

fn drift_every(text: &str) -> Result<SignedDuration, String> {
    let range = SignedDuration::from_mins(10)..=SignedDuration::from_hours(7 * 24);
    let time = how_long(text).filter(|time| range.contains(time));
    time.ok_or_else(|| "expected 10m to 7d, as in 90m, 6h, 1d".to_owned())
}

/// Where a process listens.
pub(super) struct Listen {
    pub(super) public: SocketAddr,
    /// Set where passes are made: whom the history names, and where the private port is.
    pub(super) private: Option<(SocketAddr, String)>,
    /// How often a tenant is looked at that nobody waits for.
    pub(super) drift_every: SignedDuration,
    /// Whether hosts are taken to serve their confirm files, without looking.
    pub(super) assume_reachable: bool,
    /// Whether to wait for the loop that works on this store, where there is one.
    pub(super) standby: bool,
}

/// Runs the verb until the process is asked to end.
pub(super) async fn run(args: RunArgs, io: &mut Io) -> Exit {
    let listen = Listen {
        public: args.listen,
        private: Some((args.private_listen, args.by)),
        standby: args.standby,
        assume_reachable: args.reach.assume_reachable,
        drift_every: args.drift_every,
    };
    match serve(&args.manifests.path, &args.place, &listen, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

/// Serves until the process is asked to end, or its store is another one.
pub(super) async fn serve(
    manifests: &Path,
    place: &Place,
    listen: &Listen,
    io: &mut Io,
) -> Result<Exit, Stop> {
    let mut signals = Signals::listen().map_err(|error| stop(io, &error))?;
    let opened = open_store_late(place, io).await;
    let opened = opened.map_err(|error| stop(io, &error))?;
    io.note(&opened.place);
    let mut holder = Holder::this(clock(place).now());
    let mut lock = None;
    if listen.private.is_some() {
        let folder = store_folder(place).map_err(|error| stop(io, &error))?;
        let taken = match Lock::take(&folder, &holder) {
            Err(NotLocked::Held(who)) if listen.standby => {
                io.note(standing_by(who.as_ref()).in_lang(io.lang));
                let Some(taken) = signals.stand_by(&folder, &mut holder, place).await else {
                    return Ok(Exit::Fine);
                };
                taken
            }
            taken => taken,
        };
        lock = Some(taken.map_err(|error| stop(io, &anyhow::Error::new(error)))?);
    }
    let ended = opened.ended.clone();
    let config = config(manifests, place, (listen, &holder), opened, io)
        .map_err(|error| stop(io, &error))?;
    let host = match Host::start(config).await {
        Ok(host) => host,
        Err(error) => return Err(refused(error, io)),
    };
    io.say(format_args!("listening on http://{}", host.public));
    if let (Some(lock), Some(private)) = (&mut lock, host.private) {
        io.say(format_args!("private on http://{private}"));
        holder.private = Some(private);
        if let Err(error) = lock.say(&holder) {
            let text = Text::new(
                format!("未能记下本进程监听的地址，其他命令找不到它：{error}"),
                format!("where the loop listens could not be written down: {error}"),
            );
            io.warning(text.in_lang(io.lang));
        }
    }
    let outcome = {
        let kept = keep(lock.as_mut(), &holder);
        let ended = async {
            tokio::select! {
                why = ended.wait() => why,
                why = kept => why,
            }
        };
        signals.wait(&host, ended).await
    };
    host.stop().await;
    // Held until nothing is left of this process: the next loop takes its passes for those of a dead one.
    std::mem::forget(lock);
    match outcome {
        None => Ok(Exit::Fine),
        Some(why) => Err(stop(io, &anyhow::anyhow!("{why}"))),
    }
}

/// Keeps the lock where others find it. Why this loop must end, once another one has taken it.
async fn keep(lock: Option<&mut Lock>, holder: &Holder) -> String {
    let Some(lock) = lock else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        if let Err(error) = lock.keep(holder) {
            return format!("loop.lock was removed while this loop ran: {error}");
        }
    }
}

fn config(
    manifests: &Path,
    place: &Place,
    (listen, holder): (&Listen, &Holder),
    opened: OpenStore,
    io: &Io,
) -> anyhow::Result<HostConfig> {
    let private = listen.private.as_ref();
    Ok(HostConfig {
        manifests: PathBuf::from(manifests),
        store: opened.store,
        clock: clock(place),
        is_shared_clock: place.clock.is_some(),
        api_base: api_base(place)?,
        listen: listen.public,
        private_listen: private.map(|(address, _)| *address),
        word: holder.word.clone(),
        by: private.map(|(_, by)| by.clone()),
        yields: io.hooks.yields_passes,
        drift_every: listen.drift_every,
        assume_reachable: listen.assume_reachable,
        loop_since: private.map(|_| Instant::now()),
    })
}

/// A process that runs on moves no clock that others share.
fn clock(place: &Place) -> Arc<dyn Clock> {
    match &place.clock {
        Some(file) => Arc::new(SharedClock::still(file)),
        None => Arc::new(SystemClock),
    }
}

fn standing_by(who: Option<&Holder>) -> Text {
    let (zh, en) = who.map_or_else(
        || (String::new(), String::new()),
        |who| {
            (
                format!("（pid {}）", who.pid),
                format!(" (pid {})", who.pid),
            )
        },
    );
    Text::new(
        format!("另一个 wxops run{zh}正在使用这个存储；等它结束后接手"),
        format!("another `wxops run`{en} works on this store; this one takes over when it ends"),
    )
}

fn refused(error: HostError, io: &mut Io) -> Stop {
    let HostError::NoPlatform(why) = error else {
        return stop(io, &anyhow::Error::new(error));
    };
    io.error(why);
    io.error(words::pick(
        io.lang,
        "没有可用的 Platform，无法接收推送；请先改正以上错误",
        "no Platform can be read, so there is nothing to take pushes with; correct the mistakes above",
    ));
    Stop(Exit::InvalidManifests)
}

/// What the system asks of a process.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).or_say(no_signals)?,
            hang_up: signal(SignalKind::hangup()).or_say(no_signals)?,
        })
    }

    /// Waits until nobody else holds the lock. `None`: it was asked to end before.
    async fn stand_by(
        &mut self,
        folder: &Path,
        holder: &mut Holder,
        place: &Place,
    ) -> Option<Result<Lock, NotLocked>> {
        loop {
            tokio::select! {
                () = tokio::time::sleep(STAND_BY) => {}
                _ = tokio::signal::ctrl_c() => return None,
                _ = self.terminate.recv() => return None,
            }
            *holder = Holder::this(clock(place).now());
            match Lock::take(folder, holder) {
                Err(NotLocked::Held(_)) => {}
                taken => return Some(taken),
            }
        }
    }

    /// Waits for the end; why, where nobody asked for it.
    async fn wait(mut self, host: &Host, ended: impl Future<Output = String>) -> Option<String> {
        tokio::pin!(ended);
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => {
                    return interrupted.err().map(|error| format!("{}: {error}", no_signals().en));
                }
                _ = self.terminate.recv() => return None,
                _ = self.hang_up.recv() => host.rescan(),
                // What it would take from now on, it would lose.
                why = &mut ended => return Some(why),
            }
        }
    }
}

fn no_signals() -> Text {
    Text::new(
        "无法等待系统信号",
        "the system's signals cannot be waited for",
    )
}
