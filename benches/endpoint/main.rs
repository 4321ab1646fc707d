//! The push endpoint of a real `wxops run`, durable, under load: 1,000 pushes a second for a minute, sent when they are due
//! whatever became of those before; then the same while the process is killed every few seconds, after which every push
//! that was acknowledged must be in the store. It ends with 1 where a target is missed.
//!
//! A commit is synced twice: SQLite's log, then the file that names the newest acknowledged commit. A push waits for the
//! commit that is under way, and then for its own: four syncs. So the slowest hundredth of the pushes is measured by the
//! slowest hundredth of the syncs of that disk, of a file of its own beside the store, in the same minute and under the
//! same load: what one process waits for there is the other's doing too.
//!
//! Run with `cargo bench --bench endpoint`. `WXOPS_BENCH_BINARY` measures another binary in its place, for example one
//! from before a change. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

mod intake;

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures::future::join_all;
use intake::{AES_KEY, Intake, KEY, PLATFORM, Place, TOKEN};
use tokio::sync::Semaphore;
use wxops::store::{CredDoc, Key, PlatformDoc, Sealing, SealingKey, open};
use wxops::wechat::Appid;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

const RATE: u32 = 1_000;
const SECONDS: u32 = 60;
/// How long the process is killed again and again, and how often.
const KILLING: u32 = 24;
const KILLED_AFTER: Duration = Duration::from_secs(3);
/// How many syncs a push may take.
const SYNCS: u32 = 4;
/// How often the disk is tried: seldom enough to be no load itself.
const TRIED_EVERY: Duration = Duration::from_millis(20);
const TENANTS: usize = 10_000;
/// Connections kept open, as a reverse proxy keeps them.
const CONNECTIONS: usize = 64;

fn account(n: usize) -> String {
    format!("wx{:016x}", 0x1000_0000_0000_0000 + n)
}

/// The body and the query of one sealed notice.
fn sealed(cipher: &PushCipher, n: usize, notice: &str) -> (String, String) {
    let now = jiff::Timestamp::now().as_second().to_string();
    let sealed = cipher.seal(
        notice.as_bytes(),
        &now,
        &format!("nonce{n}"),
        *b"0123456789abcdef",
    );
    let query = format!(
        "timestamp={}&nonce={}&encrypt_type=aes&signature=0&msg_signature={}",
        sealed.timestamp, sealed.nonce, sealed.msg_signature
    );
    let body = sealed.notice_xml(PLATFORM);
    (query, body)
}

fn notice(n: usize, kind: &str, rest: &str) -> String {
    let created = 1_700_000_000 + n;
    format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>{created}</CreateTime><InfoType>{kind}</InfoType>{rest}</xml>"
    )
}

/// Pushes what is due for so many seconds; for each how long it took from when it was due, and whether it was taken.
async fn push(url: &str, seconds: u32, of: impl Fn(usize) -> String) -> Vec<(Duration, bool)> {
    let key = EncodingAesKey::parse(AES_KEY).unwrap();
    let cipher = PushCipher::new(TOKEN, PLATFORM, key, None);
    let http = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(CONNECTIONS)
        .build()
        .unwrap();
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    let start = Instant::now();
    let mut under_way = Vec::new();
    for n in 0..usize::try_from(RATE * seconds).unwrap() {
        let due = start + Duration::from_secs_f64(n as f64 / f64::from(RATE));
        tokio::time::sleep_until(due.into()).await;
        let (query, body) = sealed(&cipher, n, &of(n));
        let (http, open) = (http.clone(), Arc::clone(&open));
        let url = format!("{url}/wechat/notices?{query}");
        under_way.push(tokio::spawn(async move {
            let _turn = open.acquire().await.unwrap();
            let answer = http.post(url).body(body).send().await;
            let is_taken = match answer {
                Ok(answer) if answer.status() == 200 => {
                    answer.text().await.is_ok_and(|text| text == "success")
                }
                Ok(_) | Err(_) => false,
            };
            (due.elapsed(), is_taken)
        }));
    }
    let all = join_all(under_way).await;
    all.into_iter().map(Result::unwrap).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Syncs a page of a file again and again until it is over: how long each took from when it was due, as pushes are
/// measured. Where the disk stands still for a second, those that were due in it waited.
fn syncs(folder: &Path, is_over: &AtomicBool) -> Vec<Duration> {
    const PAGE: [u8; 4096] = [7; 4096];
    const PAGES: u64 = 256;
    let file = File::create(folder.join("syncs")).unwrap();
    (0..PAGES).for_each(|page| file.write_all_at(&PAGE, page * 4096).unwrap());
    file.sync_all().unwrap();
    let mut times = Vec::new();
    let mut due = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let page = times.len() as u64 % PAGES;
        file.write_all_at(&PAGE, page * 4096).unwrap();
        file.sync_all().unwrap();
        times.push(due.elapsed());
        due += TRIED_EVERY;
    }
    times
}

/// The time that a share of them does not exceed, in milliseconds.
fn at(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    let index = (sorted.len() as f64 * share) as usize;
    let time = sorted.get(index.min(sorted.len() - 1)).unwrap();
    time.as_secs_f64() * 1e3
}

/// Whether the pushes were taken in time.
fn load(name: &str, of: impl Fn(usize) -> String) -> bool {
    let place = Place::with(0);
    let intake = Intake::run(&place, 0);
    let before = intake.processor();
    let is_over = AtomicBool::new(false);
    let (all, syncs) = thread::scope(|scope| {
        let syncs = scope.spawn(|| syncs(place.path(), &is_over));
        let all = runtime().block_on(push(&intake.url, SECONDS, of));
        is_over.store(true, Ordering::Relaxed);
        (all, syncs.join().unwrap())
    });
    let processor = (intake.processor() - before) / f64::from(SECONDS) * 100.0;
    let refused = all.iter().filter(|(_, is_taken)| !is_taken).count();
    let times: Vec<Duration> = all.into_iter().map(|(time, _)| time).collect();
    let most = f64::from(SYNCS) * at(&syncs, 0.99);
    let is_met = at(&times, 0.99) <= most && refused == 0;
    println!(
        "{name:<36} p50 {:>6.2} ms   p99 {:>6.2} ms   longest {:>6.1} ms   {processor:>3.0} % of a core   {refused} not taken   {} MiB\n  \
         a sync of the disk in that minute    p50 {:>6.2} ms   p99 {:>6.2} ms   longest {:>6.1} ms   {SYNCS} of p99: {most:.2} ms{}",
        at(&times, 0.5),
        at(&times, 0.99),
        at(&times, 1.0),
        intake.memory(),
        at(&syncs, 0.5),
        at(&syncs, 0.99),
        at(&syncs, 1.0),
        missed(is_met),
    );
    is_met
}

fn missed(is_met: bool) -> &'static str {
    if is_met { "" } else { " - MISSED" }
}

/// Whether every push that was acknowledged is in the store after the process was killed again and again.
fn killed() -> bool {
    let place = Place::with(0);
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let is_over = AtomicBool::new(false);
    // Every tenth is a ticket: of those the newest counts.
    let is_ticket = |n: usize| n.is_multiple_of(10);
    let (all, kills) = thread::scope(|scope| {
        let mut alive = Intake::run(&place, port);
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while !is_over.load(Ordering::Relaxed) {
                thread::sleep(KILLED_AFTER);
                // SIGKILL; it is started again at once.
                drop(alive);
                kills += 1;
                alive = Intake::run(&place, port);
            }
            kills
        });
        let all = runtime().block_on(push(&url, KILLING, |n| {
            if is_ticket(n) {
                ticket(n)
            } else {
                cancellation(n)
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        (all, killer.join().unwrap())
    });
    let key = SealingKey::parse(&KEY.repeat(32)).unwrap();
    let taken: Vec<usize> = all
        .iter()
        .enumerate()
        .filter_map(|(n, (_, is_taken))| is_taken.then_some(n))
        .collect();
    let lost = runtime().block_on(async {
        let store = open(&place.path().join("store"), Sealing::Key(key))
            .await
            .unwrap()
            .store;
        let mut lost = 0;
        for n in taken.iter().copied().filter(|n| !is_ticket(*n)) {
            let appid = Appid::parse(&account(n)).unwrap();
            let cred = store.get::<CredDoc>(&Key::cred(&appid)).await.unwrap();
            lost += usize::from(cred.is_none_or(|cred| cred.value.revoked_at.is_none()));
        }
        let appid = Appid::parse(PLATFORM).unwrap();
        let platform = store
            .get::<PlatformDoc>(&Key::platform(&appid))
            .await
            .unwrap();
        let stored = platform.and_then(|doc| doc.value.ticket);
        let newest = taken.iter().copied().filter(|n| is_ticket(*n)).max();
        let number = |ticket: &str| ticket.rsplit('@').next().unwrap().parse::<usize>().unwrap();
        let stored = stored.map(|ticket| number(ticket.value.expose()));
        lost + usize::from(stored < newest)
    });
    println!(
        "killed {kills} times in {KILLING} s: {} of {} acknowledged, {lost} of them lost{}",
        taken.len(),
        all.len(),
        missed(lost == 0),
    );
    lost == 0
}

fn cancellation(n: usize) -> String {
    let of = format!("<AuthorizerAppid>{}</AuthorizerAppid>", account(n));
    notice(n, "unauthorized", &of)
}

fn ticket(n: usize) -> String {
    let of = format!("<ComponentVerifyTicket>ticket@@@{n}</ComponentVerifyTicket>");
    notice(n, "component_verify_ticket", &of)
}

fn main() -> ExitCode {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let met = [
        load("cancellations of 60,000 accounts", cancellation),
        load("tickets of one platform", ticket),
        killed(),
    ];
    let place = Place::with(TENANTS);
    let started = Instant::now();
    let sidecar = Intake::start(&place, &["sidecar", "--listen", "127.0.0.1:0"]);
    println!(
        "a sidecar with {TENANTS} tenants: {} MiB, listening after {:.1} s",
        sidecar.memory(),
        started.elapsed().as_secs_f64()
    );
    if met.contains(&false) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
