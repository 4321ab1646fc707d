//! The process that pushes are sent to, with its manifests and its store.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub const PLATFORM: &str = "wx0000000000000001";
pub const TOKEN: &str = "bench-push-token";
pub const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// A byte of the store's key, in hexadecimal.
pub const KEY: &str = "ab";
/// Ticks of the processor's clock in a second, on every Linux.
const TICKS: f64 = 100.0;

/// A place with manifests and a store.
pub struct Place(TempDir);

/// A process of the real binary in it.
pub struct Intake {
    child: Child,
    pub url: String,
}

impl Place {
    pub fn with(tenants: usize) -> Self {
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
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Intake {
    pub fn start(place: &Place, arguments: &[&str]) -> Self {
        let binary = std::env::var_os("WXOPS_BENCH_BINARY");
        let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_wxops").into());
        let mut child = Command::new(binary)
            .args(arguments)
            .env("WXOPS_MANIFESTS", place.path().join("manifests"))
            .env("WXOPS_STORE", place.path().join("store"))
            .env("WXOPS_STORE_KEY", KEY.repeat(32))
            .env("XDG_RUNTIME_DIR", place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, url }
    }

    /// `wxops run` on a port of its own.
    pub fn run(place: &Place, port: u16) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let arguments = [
            "run",
            "--listen",
            &listen,
            "--private-listen",
            "127.0.0.1:0",
        ];
        Self::start(place, &arguments)
    }

    /// Seconds of processor time so far.
    pub fn processor(&self) -> f64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let field = |n: usize| -> f64 { fields.split(' ').nth(n).unwrap().parse().unwrap() };
        (field(12) + field(13)) / TICKS
    }

    /// MiB in memory now.
    pub fn memory(&self) -> u64 {
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

impl Drop for Intake {
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
            crate::account(n)
        )
        .unwrap();
    }
    yaml
}
