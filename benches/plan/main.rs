//! A plan of many tenants in steady state against a simulator in this process, beside a bare HTTP client that makes the
//! same reads with the same tokens, as many at once.
//!
//! Run with `cargo bench --bench plan` (300 tenants) or `TENANTS=2000 cargo bench --bench plan`. The figures of record
//! are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

mod tenants;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::future::{join, join3};
use futures::stream;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wxops::client::{Client, Clock, PlatformAccess, SystemClock};
use wxops::plan::limits::Limits;
use wxops::reconcile::{Desired, Mandate, Observer, Remembered, Watched, plan_tenant};
use wxops::resource::{Files, TenantSpec};
use wxops::simulator::{Config, Running, Simulator, State};
use wxops::store::{Journal, Sealing, Store};
use wxops::wechat::{Appid, Secret};

use tenants::{AES_KEY, PLATFORM, account, app, manifests, name, spec, state};

const WXOPS: &str = env!("CARGO_BIN_EXE_wxops");
/// As many tenants at once as `wxops plan` reads.
const AT_ONCE: usize = 16;
const ROUNDS: usize = 7;
/// Of each tenant in steady state: four about its official account, four about its mini-program.
const READS: usize = 8;
/// The platform's library of templates is one call for all, which each tenant's plan counts.
const SHARED: usize = 1;

fn main() {
    let count = std::env::var("TENANTS").map_or(300, |count| count.parse().unwrap());
    let world = World::start(count);
    world.run("apply", &["--auto-approve"]);
    let tokens = world.tokens();
    let mut bare = Vec::new();
    let mut reading = Vec::new();
    let mut whole = Vec::new();
    let mut peak = 0;
    for _ in 0..ROUNDS {
        bare.push(world.bare(&tokens));
        reading.push(world.reading());
        let (took, held) = world.run("plan", &[]);
        whole.push(took);
        peak = peak.max(held);
    }
    let (bare, reading, whole) = (median(bare), median(reading), median(whole));
    let ratio = |took: Duration| took.as_secs_f64() / bare.as_secs_f64();
    println!("{count} tenants, {READS} reads each, {AT_ONCE} tenants at once; median of {ROUNDS}");
    println!("bare HTTP client           {bare:>10.0?}");
    println!(
        "reading and comparing      {reading:>10.0?}   {:.2} x",
        ratio(reading)
    );
    println!(
        "wxops plan, whole process  {whole:>10.0?}   {:.2} x",
        ratio(whole)
    );
    println!("peak of wxops plan         {:>6} MiB", peak / 1024);
    println!(
        "the fleet guard's look     {:>10.0?}   over a socket",
        world.guard()
    );
}

/// A simulator, a folder of manifests and a store.
struct World {
    runtime: Runtime,
    simulator: Running,
    folder: TempDir,
    specs: BTreeMap<String, TenantSpec>,
}

impl World {
    fn start(count: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let state = State::from_yaml(&state(count).to_string()).unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let simulator = runtime
            .block_on(Simulator::start(Config {
                listen: any,
                control: any,
                state,
                clock_file: None,
            }))
            .unwrap();
        std::fs::create_dir(folder.path().join("manifests")).unwrap();
        std::fs::write(folder.path().join("manifests/all.yaml"), manifests(count)).unwrap();
        for (name, secret) in [
            ("appSecret", "s"),
            ("token", "t"),
            ("encodingAesKey", AES_KEY),
        ] {
            let credentials = folder.path().join("credentials");
            std::fs::create_dir_all(&credentials).unwrap();
            std::fs::write(credentials.join(name), secret).unwrap();
        }
        let world = Self {
            runtime,
            simulator,
            folder,
            specs: (0..count).map(|n| (name(n), spec(n))).collect(),
        };
        world.push_ticket();
        world
    }

    fn api(&self) -> String {
        format!("http://{}", self.simulator.listen)
    }

    fn store(&self) -> Store {
        let opened = self.runtime.block_on(wxops::store::open(
            &self.folder.path().join("store"),
            Sealing::Plain,
        ));
        opened.unwrap().store
    }

    fn client(&self, store: Store) -> Client {
        let access = PlatformAccess {
            appid: Appid::parse(PLATFORM).unwrap(),
            api_base: self.api().parse().unwrap(),
            app_secret: Secret::new("s"),
            push_token: Secret::new("t"),
            encoding_aes_key: Secret::new(AES_KEY),
            previous_encoding_aes_key: None,
            link_key: None,
        };
        Client::new(access, store, Arc::new(SystemClock), "bench".to_owned()).unwrap()
    }

    fn control(&self, method: reqwest::Method, path: &str) -> Value {
        let url = format!("http://{}{path}", self.simulator.control);
        let answer = async {
            let answer = http().request(method, url).send().await.unwrap();
            answer.bytes().await.unwrap()
        };
        serde_json::from_slice(&self.runtime.block_on(answer)).unwrap()
    }

    /// As the sidecar keeps one that was pushed.
    fn push_ticket(&self) {
        let path = format!("/_sim/platforms/{PLATFORM}/ticket");
        let made = self.control(reqwest::Method::POST, &path);
        let ticket = Secret::new(made["ticket"].as_str().unwrap());
        let client = self.client(self.store());
        self.runtime
            .block_on(client.keep_ticket(&ticket, None))
            .unwrap();
    }

    /// The tokens that wxops was given, by account; the platform's own under no account.
    fn tokens(&self) -> BTreeMap<Option<String>, String> {
        let state = self.control(reqwest::Method::GET, "/_sim/state");
        let tokens = state["credentials"]["accessTokens"].as_array().unwrap();
        tokens
            .iter()
            .map(|token| {
                let account = token["account"].as_str().map(str::to_owned);
                (account, token["value"].as_str().unwrap().to_owned())
            })
            .collect()
    }

    /// The real binary: how long it took, and the most memory it held, in KiB.
    fn run(&self, verb: &str, arguments: &[&str]) -> (Duration, u64) {
        let started = Instant::now();
        let child = Command::new(WXOPS)
            .arg(verb)
            .args(arguments)
            .env("WXOPS_MANIFESTS", self.folder.path().join("manifests"))
            .env("WXOPS_STORE", self.folder.path().join("store"))
            .env("WXOPS_API_BASE", self.api())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let (over, ended) = std::sync::mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            let mut peak = 0;
            while ended
                .recv_timeout(Duration::from_millis(5))
                .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                peak = peak.max(peak_kib(&status).unwrap_or(0));
            }
            peak
        });
        let done = child.wait_with_output().unwrap();
        let took = started.elapsed();
        drop(over);
        let said = String::from_utf8_lossy(&done.stdout).into_owned()
            + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        if verb == "plan" {
            let all = format!("All {} tenants match.", self.specs.len());
            assert!(said.contains(&all) && said.contains("per tenant"), "{said}");
        }
        (took, watch.join().unwrap())
    }

    /// What `wxops plan` does between opening the store and printing.
    fn reading(&self) -> Duration {
        let store = self.store();
        let client = self.client(store.clone());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let started = Instant::now();
        let plans = stream::iter(&self.specs).map(|(name, spec)| {
            let observer = Observer {
                reader: client.reader(),
                store: store.clone(),
                journal: Journal::new(store.clone(), "bench"),
                clock: Arc::clone(&clock),
            };
            let desired = Desired {
                tenant: name.clone(),
                spec: spec.clone(),
                files: Files::new(),
                platform: "main".to_owned(),
                mandate: Mandate::default(),
            };
            async move { plan_tenant(&observer, &desired).await.unwrap() }
        });
        let reads = self.runtime.block_on(async {
            plans
                .buffer_unordered(AT_ONCE)
                .fold(0, |reads, planned| async move {
                    assert!(planned.plan.entries.is_empty(), "{:?}", planned.plan);
                    reads + planned.reads
                })
                .await
        });
        let took = started.elapsed();
        assert_eq!(reads, (READS + SHARED) * self.specs.len());
        took
    }

    /// The same reads, and nothing else: info first, then the menu and the open account, then
    /// whether the menu is shown.
    fn bare(&self, tokens: &BTreeMap<Option<String>, String>) -> Duration {
        let http = http();
        let api = self.api();
        let platform = &tokens[&None];
        let started = Instant::now();
        let tenants = stream::iter(0..self.specs.len()).map(|n| {
            let (http, api) = (&http, &api);
            let account = account(n);
            let token = &tokens[&Some(account.clone())];
            async move {
                let url = format!(
                    "{api}/cgi-bin/component/api_get_authorizer_info?component_access_token={platform}"
                );
                let body = json!({"component_appid": PLATFORM, "authorizer_appid": account});
                let info = read(http.post(url).body(body.to_string())).await;
                let menu = http.get(format!("{api}/cgi-bin/menu/get?access_token={token}"));
                let open = http
                    .post(format!("{api}/cgi-bin/open/get?access_token={token}"))
                    .body(json!({"appid": account}).to_string());
                let (menu, open) = join(read(menu), read(open)).await;
                let shown = format!("{api}/cgi-bin/get_current_selfmenu_info?access_token={token}");
                let shown = read(http.get(shown)).await;
                let app = app(n);
                let token = &tokens[&Some(app.clone())];
                let url = format!(
                    "{api}/cgi-bin/component/api_get_authorizer_info?component_access_token={platform}"
                );
                let body = json!({"component_appid": PLATFORM, "authorizer_appid": app});
                let of_app = read(http.post(url).body(body.to_string())).await;
                let basic = http
                    .get(format!("{api}/cgi-bin/account/getaccountbasicinfo?access_token={token}"));
                let versions = http
                    .post(format!("{api}/wxa/getversioninfo?access_token={token}"))
                    .body("{}");
                let bound = http
                    .post(format!("{api}/cgi-bin/open/get?access_token={token}"))
                    .body(json!({"appid": app}).to_string());
                let (basic, versions, bound) = join3(read(basic), read(versions), read(bound)).await;
                assert!(bound["open_appid"].is_string(), "{bound}");
                assert!(of_app["authorizer_info"].is_object(), "{of_app}");
                assert_eq!(basic["appid"], json!(app), "{basic}");
                assert!(versions["release_info"].is_object(), "{versions}");
                assert!(info["authorizer_info"].is_object(), "{info}");
                assert!(menu["menu"].is_object(), "{menu}");
                assert_eq!(shown["is_menu_open"], 1, "{shown}");
                assert!(open["open_appid"].is_string(), "{open}");
            }
        });
        self.runtime
            .block_on(tenants.buffer_unordered(AT_ONCE).collect::<Vec<()>>());
        started.elapsed()
    }

    /// How long the fleet guard takes to look all tenants up in a store that another process holds.
    fn guard(&self) -> Duration {
        let _holder = self.store();
        let joined = self.store();
        let none = Files::new();
        let tenants = self
            .specs
            .iter()
            .map(|(name, spec)| ((name.as_str(), spec, &none), None));
        let started = Instant::now();
        let platform = Appid::parse(PLATFORM).unwrap();
        let watched = Watched {
            appid: &platform,
            name: "main",
            written: Limits::default(),
        };
        let found = self.runtime.block_on(async {
            let remembered = Remembered::load(&joined).await.unwrap();
            remembered
                .revision(&joined, &watched, tenants)
                .await
                .unwrap()
        });
        assert_eq!((found.0.total, found.0.gone.len()), (self.specs.len(), 0));
        started.elapsed()
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

async fn read(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn peak_kib(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(Path::new(status)).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
