//! The push endpoint of the real sidecar, durable, under load: 1,000 pushes a second for 20 s, sent when they are due
//! whatever became of those before; and what a sidecar with 10,000 tenants holds in memory.
//!
//! Run with `cargo bench --bench endpoint`. `WXOPS_BENCH_BINARY` measures another binary in its place, for example one
//! from before a change. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

const PLATFORM: &str = "wx0000000000000001";
const TOKEN: &str = "bench-push-token";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const RATE: u32 = 1_000;
const SECONDS: u32 = 20;
const TENANTS: usize = 10_000;
/// Connections kept open, as a reverse proxy keeps them.
const CONNECTIONS: usize = 64;
/// Ticks of the processor's clock in a second, on every Linux.
const TICKS: f64 = 100.0;

/// A sidecar of the real binary.
struct Sidecar {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Sidecar {
    fn start(tenants: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifests = folder.path().join("manifests");
        fs::create_dir_all(manifests.join("credentials")).unwrap();
        for (name, secret) in [
            ("appSecret", "s"),
            ("token", TOKEN),
            ("encodingAesKey", AES_KEY),
        ] {
            fs::write(manifests.join("credentials").join(name), secret).unwrap();
        }
        let platform = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {{name: main}}\nspec:\n  appId: {PLATFORM}\n  \
             apiBase: http://127.0.0.1:9\n  credentials: {{path: credentials}}\n  callback: {{url: http://127.0.0.1:9}}\n"
        );
        fs::write(manifests.join("platform.yaml"), platform).unwrap();
        fs::write(manifests.join("tenants.yaml"), tenants_yaml(tenants)).unwrap();
        let binary = std::env::var_os("WXOPS_BENCH_BINARY");
        let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_wxops").into());
        let mut child = Command::new(binary)
            .args(["sidecar", "--listen", "127.0.0.1:0", "-f"])
            .arg(&manifests)
            .env("WXOPS_STORE", folder.path().join("store"))
            .env("WXOPS_STORE_KEY", "ab".repeat(32))
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self {
            child,
            url,
            _folder: folder,
        }
    }

    /// Seconds of processor time so far.
    fn processor(&self) -> f64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let field = |n: usize| -> f64 { fields.split(' ').nth(n).unwrap().parse().unwrap() };
        (field(12) + field(13)) / TICKS
    }

    /// MiB in memory now.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024
    }

    fn proc(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join(name)
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn tenants_yaml(count: usize) -> String {
    let mut yaml = String::new();
    for n in 0..count {
        write!(
            yaml,
            "---\napiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: tenant-{n}}}\nspec:\n  platformRef: \
             {{name: main}}\n  openAccount: {{create: true}}\n  officialAccount:\n    appId: {}\n    menu:\n      buttons:\n        \
             - {{name: 主页, view: \"https://wx.example.com/{n}\"}}\n        - {{name: 联系, click: CONTACT}}\n",
            account(n)
        )
        .unwrap();
    }
    yaml
}

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

fn load(name: &str, of: impl Fn(usize) -> String) {
    let sidecar = Sidecar::start(0);
    let key = EncodingAesKey::parse(AES_KEY).unwrap();
    let cipher = PushCipher::new(TOKEN, PLATFORM, key, None);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let before = sidecar.processor();
    let (mut times, refused) = runtime.block_on(async {
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(CONNECTIONS)
            .build()
            .unwrap();
        let open = Arc::new(Semaphore::new(CONNECTIONS));
        let start = Instant::now();
        let mut under_way = Vec::new();
        for n in 0..usize::try_from(RATE * SECONDS).unwrap() {
            let due = start + Duration::from_secs_f64(n as f64 / f64::from(RATE));
            tokio::time::sleep_until(due.into()).await;
            let (query, body) = sealed(&cipher, n, &of(n));
            let (http, open) = (http.clone(), Arc::clone(&open));
            let url = format!("{}/wechat/notices?{query}", sidecar.url);
            under_way.push(tokio::spawn(async move {
                let _turn = open.acquire().await.unwrap();
                let answer = http.post(url).body(body).send().await;
                let fine = answer.is_ok_and(|answer| answer.status() == 200);
                (due.elapsed(), fine)
            }));
        }
        let all = join_all(under_way).await;
        let all: Vec<(Duration, bool)> = all.into_iter().map(Result::unwrap).collect();
        let refused = all.iter().filter(|(_, fine)| !fine).count();
        let times: Vec<Duration> = all.into_iter().map(|(time, _)| time).collect();
        (times, refused)
    });
    let processor = (sidecar.processor() - before) / f64::from(SECONDS) * 100.0;
    times.sort();
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        let time = times.get(index.min(times.len() - 1)).unwrap();
        time.as_secs_f64() * 1e3
    };
    println!(
        "{name:<44} p50 {:>7.1} ms   p99 {:>7.1} ms   longest {:>7.1} ms   {processor:>4.0} % of a core   {refused} not taken   {} MiB",
        at(0.5),
        at(0.99),
        at(1.0),
        sidecar.memory()
    );
}

fn main() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    load("cancellations of 20,000 accounts", |n| {
        let of = format!("<AuthorizerAppid>{}</AuthorizerAppid>", account(n));
        notice(n, "unauthorized", &of)
    });
    load("tickets of one platform", |n| {
        let of = format!("<ComponentVerifyTicket>ticket@@@{n}</ComponentVerifyTicket>");
        notice(n, "component_verify_ticket", &of)
    });
    let started = Instant::now();
    let sidecar = Sidecar::start(TENANTS);
    println!(
        "a sidecar with {TENANTS} tenants: {} MiB, listening after {:.1} s",
        sidecar.memory(),
        started.elapsed().as_secs_f64()
    );
}
