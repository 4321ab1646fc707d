//! A folder that `wxops run` follows, and what tests ask of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::control::request;
use crate::support::fleet;
use crate::support::stage::Stage;

/// How long anything may take that is to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one tenant of a house says, and what WeChat has of it.
const EACH: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  classRef: {name: school}
  values: {city: 杭州}
  officialAccount: {appId: $APPID}
";
const CLASS: &str = "apiVersion: wxops.io/v1alpha1
kind: TenantClass
metadata: {name: school}
spec:
  officialAccount:
    menu:
      buttons:
        - {name: 课程, view: \"https://wx.example.com/\"}
        - {name: $(values.city), click: CITY}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: 公司$N, nickName: 学校$N}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 3, 15, 24], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";

pub struct House {
    pub stage: Stage,
    folder: TempDir,
    _scratch: TempDir,
}

impl House {
    /// So many tenants of one class, each with an account that is authorized; nothing runs yet but WeChat.
    pub fn of(tenants: usize) -> Self {
        let house = Self::with(tenants, EACH, ACCOUNT);
        fs::write(house.path("class.yaml"), CLASS).unwrap();
        house
    }

    /// So many tenants that say what `manifest` says, with what `account` is at WeChat; both have `$N` and `$APPID`.
    pub fn with(tenants: usize, manifest: &str, account: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let common = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common");
        crate::support::files::copy(&common.join("manifests"), folder.path());
        let each = scratch.path().join("each");
        fs::create_dir_all(&each).unwrap();
        fs::write(each.join("each.yaml"), manifest).unwrap();
        fs::write(each.join("each.sim.yaml"), account).unwrap();
        let state = common.join("in_sync.sim.yaml");
        let state = fleet::write(&each, &state, folder.path(), scratch.path(), tenants);
        let stage = Stage::without_sidecar(folder.path(), &state);
        Self {
            stage,
            folder,
            _scratch: scratch,
        }
    }

    /// The same, with the loop running and a ticket pushed.
    pub fn running(tenants: usize) -> Self {
        let mut house = Self::of(tenants);
        house.stage.start_loop();
        house.stage.push_ticket();
        house.let_in(tenants);
        house
    }

    /// Says yes to the first revision: of many tenants that a new store knows nothing of, nobody can tell what changes.
    pub fn let_in(&self, tenants: usize) {
        if tenants < 20 {
            return;
        }
        let held = || self.ask("/v1/loop")["held"][0]["revision"].clone();
        self.until("the first revision is held", || held().is_string());
        let revision = held();
        let yes = self
            .stage
            .wxops(&["approve", revision.as_str().unwrap(), "--by", "li"]);
        assert_eq!(yes.code, 0, "{yes:?}");
    }

    /// Another folder with the same manifests, which nobody follows.
    pub fn copied(&self) -> TempDir {
        let elsewhere = tempfile::tempdir().unwrap();
        crate::support::files::copy(self.folder.path(), elsewhere.path());
        elsewhere
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(tenant: usize) -> String {
        format!("tenant-{tenant:03}.yaml")
    }

    pub fn name(tenant: usize) -> String {
        format!("tenant-{tenant:03}")
    }

    /// Writes a file as a person's editor would: whole, in place of the one that was.
    pub fn write(&self, name: &str, text: &str) {
        let draft = self.path(".draft");
        fs::write(&draft, text).unwrap();
        fs::rename(&draft, self.path(name)).unwrap();
    }

    /// Changes the text of a file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.write(name, &text.replace(from, to));
    }

    /// The names of the buttons of a tenant's live menu.
    pub fn buttons(&self, tenant: usize) -> Vec<String> {
        let state = self.stage.control.state();
        let accounts = state["accounts"].as_array().unwrap();
        let appid = fleet::appid(tenant);
        let account = accounts
            .iter()
            .find(|one| one["appId"] == appid.as_str())
            .unwrap();
        let buttons = account["menu"]["default"]["button"].as_array();
        let names = buttons.into_iter().flatten();
        names
            .map(|button| button["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Changes a tenant's menu as its owner would.
    pub fn meddle(&self, tenant: usize, name: &str) {
        let menu =
            json!({"menu": {"default": {"button": [{"type": "click", "name": name, "key": "X"}]}}});
        let path = format!("/_sim/accounts/{}", fleet::appid(tenant));
        self.stage.control.send("PATCH", &path, &menu);
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        self.until_within(PATIENCE, Duration::from_millis(50), what, is_so);
    }

    /// The same, of many tenants: that takes its time, and so does every look.
    pub fn until_all(&self, what: &str, is_so: impl Fn() -> bool) {
        self.until_within(PATIENCE * 6, Duration::from_millis(500), what, is_so);
    }

    fn until_within(
        &self,
        patience: Duration,
        glance: Duration,
        what: &str,
        is_so: impl Fn() -> bool,
    ) {
        let deadline = Instant::now() + patience;
        while !is_so() {
            assert!(
                Instant::now() < deadline,
                "{what}: not within {patience:?}\n{}",
                self.last_lines()
            );
            std::thread::sleep(glance);
        }
    }

    /// The end of what was printed: of many tenants nobody reads more.
    fn last_lines(&self) -> String {
        let all = self.stage.transcripts();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(200)..].join("\n")
    }

    /// Moves everybody's clock on.
    pub fn advance(&self, seconds: i64) {
        let by = json!({"advance": seconds});
        self.stage.control.send("POST", "/_sim/clock", &by);
    }

    /// Orders something to go wrong at WeChat.
    pub fn fault(&self, fault: &Value) {
        self.stage.control.send("POST", "/_sim/faults", fault);
    }

    /// Nothing goes wrong there any more.
    pub fn no_faults(&self) {
        self.stage
            .control
            .send("DELETE", "/_sim/faults", &json!({}));
    }

    /// What the guard holds.
    pub fn held(&self) -> Vec<Value> {
        self.ask("/v1/loop")["held"].as_array().unwrap().clone()
    }

    /// Whether every tenant was looked at since a moment.
    pub fn all_looked_at_since(&self, tenants: usize, since: Timestamp) -> bool {
        let told = self.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap();
        let is_later = |one: &Value| {
            let last = one["lastPass"].as_str();
            last.is_some_and(|last| last.parse::<Timestamp>().unwrap() >= since)
        };
        all.len() == tenants && all.values().all(is_later)
    }

    /// Waits until a tenant's menu has these buttons.
    pub fn until_buttons(&self, tenant: usize, names: &[&str]) {
        let what = format!("tenant {tenant} has {names:?}");
        self.until(&what, || self.buttons(tenant) == names);
    }

    /// Where the private port is, and what whoever asks must say.
    pub fn private(&self) -> (String, String) {
        let read = || {
            let lock = fs::read_to_string(self.stage.store().join("loop.lock")).unwrap();
            serde_json::from_str::<Value>(&lock).unwrap()
        };
        // It is there before the port is.
        self.until("the private port is known", || {
            read()["private"].is_string()
        });
        let lock = read();
        let text = |name: &str| lock[name].as_str().unwrap().to_owned();
        (text("private"), text("word"))
    }

    /// Asks the loop at its private port.
    pub fn ask(&self, path: &str) -> Value {
        let (address, word) = self.private();
        let (status, text) = asked(&address, path, Some(&word));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Has the loop look at every tenant now, as it does by itself after a pause.
    pub fn wake_all(&self) {
        let (address, word) = self.private();
        let path = "/v1/platforms/main/reconcile";
        let (status, text) = sent(&address, "POST", path, Some(&word));
        assert_eq!(status, 202, "{text}");
    }

    /// What time it is here.
    pub fn now(&self) -> Timestamp {
        let told = self.stage.control.send("GET", "/_sim/clock", &Value::Null);
        told["now"].as_str().unwrap().parse().unwrap()
    }

    /// Every document of the store, with what changes when it is written.
    pub fn documents(&self) -> BTreeMap<String, Vec<u8>> {
        let path = self.stage.store().join("db/documents.db");
        let read_only = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = rusqlite::Connection::open_with_flags(path, read_only).unwrap();
        let mut all = database
            .prepare("SELECT key, revision FROM documents")
            .unwrap();
        let rows = all
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Waits until every tenant that is in force was looked at.
    pub fn until_all_looked_at(&self, tenants: usize) {
        self.until("every tenant was looked at", || {
            let told = self.ask("/v1/loop");
            let all = told["tenants"].as_object().unwrap();
            all.len() == tenants && all.values().all(|one| one["lastPass"].is_string())
        });
    }
}

/// A request with the word that stands in the lock, or without one.
pub fn asked(address: &str, path: &str, word: Option<&str>) -> (u16, String) {
    sent(address, "GET", path, word)
}

fn sent(address: &str, method: &str, path: &str, word: Option<&str>) -> (u16, String) {
    use std::io::{Read as _, Write as _};
    let Some(word) = word else {
        return request(address, method, path, "");
    };
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nAuthorization: Bearer {word}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, unchunked(head, body))
}

fn unchunked(head: &str, body: &str) -> String {
    if !head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        return body.to_owned();
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((length, more)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap();
        if length == 0 {
            break;
        }
        whole.push_str(&more[..length]);
        rest = &more[length + 2..];
    }
    whole
}
