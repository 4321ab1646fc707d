//! Offline validation of a fleet: 5,000 tenants, their class and platform, a file each, through the verb itself.
//!
//! Run with `cargo bench --bench validate`. Each run is a process of its own, so that its peak memory is its own.
//! The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Parser;
use wxops::cli::{Cli, Hooks, run};

const TENANTS: usize = 5_000;
const RUNS: usize = 7;
/// Names the folder to the measured process.
const FOLDER: &str = "WXOPS_BENCH_FOLDER";
/// Names the output to the measured process.
const OUTPUT: &str = "WXOPS_BENCH_OUTPUT";

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {path: credentials}
  callback: {url: https://wx.example.com}
";

const CLASS: &str = r#"apiVersion: wxops.io/v1alpha1
kind: TenantClass
metadata: {name: dance-school}
spec:
  platformRef: {name: main}
  openAccount: {create: true}
  policy: {mode: enforce, resources: {menu: {onDrift: report}}}
  officialAccount:
    require: {kind: service, verified: qualification}
    menu:
      buttons:
        - {name: 我的主页, view: "https://wx.example.com/$(values.site)"}
        - name: 课程
          subButtons:
            - {name: 本周课程, view: "https://wx.example.com/$(values.site)/week"}
            - {name: 名师介绍, view: "https://wx.example.com/$(values.site)/teachers"}
            - {name: 预约试听, view: "https://wx.example.com/$(values.site)/trial?city=$(values.city)"}
        - name: 关于
          subButtons:
            - {name: 小程序, miniProgram: {appId: wx5555555555555555, page: pages/index/index, fallbackUrl: "https://wx.example.com/$(values.site)"}}
            - {name: 联系我们, click: CONTACT}
"#;

/// What is wrong with the fleet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    EveryFifth,
    Class,
    ClassName,
    Tenfold,
}

/// What one run took.
struct Measured {
    milliseconds: u128,
    peak_kib: u64,
    printed_bytes: u64,
}

fn main() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        measured(Path::new(&folder));
        return;
    }
    for (name, wrong, output) in [
        ("no mistake", Wrong::Nothing, "human"),
        ("no mistake, JSON", Wrong::Nothing, "json"),
        (
            "a mistake in every fifth tenant",
            Wrong::EveryFifth,
            "human",
        ),
        ("a mistake in every fifth, JSON", Wrong::EveryFifth, "json"),
        (
            "one in the class, so in every tenant",
            Wrong::Class,
            "human",
        ),
        (
            "a class that none of 500 is, in all",
            Wrong::ClassName,
            "human",
        ),
        ("ten mistakes in every tenant", Wrong::Tenfold, "human"),
        ("ten mistakes in every tenant, JSON", Wrong::Tenfold, "json"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bytes = fleet(folder.path(), wrong);
        let mut runs: Vec<Measured> = (0..RUNS).map(|_| once(folder.path(), output)).collect();
        runs.sort_by_key(|run| run.milliseconds);
        let median = runs.get(RUNS / 2).unwrap();
        let peak = runs.iter().map(|run| run.peak_kib).max().unwrap();
        println!(
            "{name:<40} {:>5} ms   peak {:>4} MiB   {:>6} KiB read   {:>5} KiB printed",
            median.milliseconds,
            peak / 1024,
            bytes / 1024,
            median.printed_bytes / 1024,
        );
    }
}

/// One run in a process of its own.
fn once(folder: &Path, output: &str) -> Measured {
    let printed = tempfile::NamedTempFile::new().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .env(OUTPUT, output)
        .env_remove("WXOPS_MANIFESTS")
        .stdout(printed.reopen().unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let told = String::from_utf8(child.stderr).unwrap();
    let mut numbers = told
        .split_whitespace()
        .map(|number| number.parse().unwrap());
    let milliseconds: u64 = numbers.next().unwrap();
    Measured {
        milliseconds: u128::from(milliseconds),
        peak_kib: numbers.next().unwrap(),
        printed_bytes: printed.as_file().metadata().unwrap().len(),
    }
}

/// The verb, in the measured process: its time and its peak memory on stderr.
fn measured(folder: &Path) {
    let output = std::env::var(OUTPUT).unwrap();
    let folder = folder.to_str().unwrap();
    let started = Instant::now();
    let _exit = run(
        Cli::parse_from(["wxops", "validate", folder, "--output", &output]),
        Hooks::default(),
    );
    let took = started.elapsed().as_millis();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap();
    eprintln!("{took} {peak}");
}

/// Writes the fleet and tells how many bytes it is.
fn fleet(folder: &Path, wrong: Wrong) -> u64 {
    let mut bytes = 0;
    let mut write = |name: String, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        bytes += text.len() as u64;
    };
    write("platform.yaml".to_owned(), PLATFORM);
    match wrong {
        Wrong::Nothing | Wrong::EveryFifth | Wrong::Tenfold => {
            write("class.yaml".to_owned(), CLASS);
        }
        Wrong::Class => write(
            "class.yaml".to_owned(),
            &CLASS.replace("values.city", "values.town"),
        ),
        Wrong::ClassName => {
            for number in 0..500 {
                let class = CLASS.replace("dance-school", &format!("dance-{number:06}"));
                write(format!("class-{number}.yaml"), &class);
            }
        }
    }
    for number in 0..TENANTS {
        let mistake = wrong == Wrong::EveryFifth && number % 5 == 0;
        let mut text = tenant(number, mistake);
        if wrong == Wrong::Tenfold {
            text.push_str("  policy:\n    resources:\n");
            for unknown in 0..10 {
                let _ = writeln!(text, "      menu{unknown}: {{manage: false}}");
            }
        }
        write(format!("tenant-{number}.yaml"), &text);
    }
    bytes
}

/// One customer. Every third has a menu of its own.
fn tenant(number: usize, mistake: bool) -> String {
    let mut text = format!(
        "# Customer {number}, signed in 2024.
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata:
  name: school-{number}
  labels: {{city: hangzhou, ring: ring-{}, salesperson: wang-{}}}
spec:
  classRef: {{name: dance-school}}
  values:
    site: school-{number}
    city: hangzhou
  principal: {{name: 杭州第{number}舞蹈培训有限公司}}
  officialAccount:
    appId: wx{number:016x}
",
        number % 5,
        number % 17,
    );
    if number.is_multiple_of(3) || mistake {
        let name = if mistake {
            "本周精品课程预约"
        } else {
            "琴房"
        };
        let _ = write!(
            text,
            r#"    menu:
      buttons:
        - {{name: {name}, view: "https://wx.example.com/$(values.site)/rooms"}}
        - name: 课程
          subButtons:
            - {{name: 本周课程, view: "https://wx.example.com/$(values.site)/week"}}
            - {{name: 名师介绍, view: "https://wx.example.com/$(values.site)/teachers?city=$(values.city)"}}
            - {{name: 优惠活动, view: "https://wx.example.com/$(values.site)/offers"}}
        - {{name: 联系我们, click: CONTACT}}
"#
        );
    }
    text
}
