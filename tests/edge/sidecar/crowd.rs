//! The real sidecar with few file descriptors and a crowd that holds connections open.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::place::{cipher, query, ticket};
use crate::world::{AES_KEY, APP_SECRET, PLATFORM, PUSH_TOKEN};

/// Ends with the test.
struct Sidecar(Child);

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn manifests(folder: &Path) {
    let credentials = folder.join("credentials");
    fs::create_dir_all(&credentials).unwrap();
    for (name, secret) in [
        ("appSecret", APP_SECRET),
        ("token", PUSH_TOKEN),
        ("encodingAesKey", AES_KEY),
    ] {
        fs::write(credentials.join(name), secret).unwrap();
    }
    let platform = format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {{name: main}}\nspec:\n  appId: {PLATFORM}\n  \
         apiBase: http://127.0.0.1:9\n  credentials: {{path: credentials}}\n  callback: {{url: http://127.0.0.1:9}}\n"
    );
    fs::write(folder.join("platform.yaml"), platform).unwrap();
}

/// A sidecar that may open 512 files, and where it listens.
fn start(folder: &Path) -> (Sidecar, String) {
    let manifests = folder.join("manifests");
    let order = "ulimit -n 512; exec \"$0\" \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", order, env!("CARGO_BIN_EXE_wxops")])
        .args(["sidecar", "--listen", "127.0.0.1:0", "-f"])
        .arg(&manifests)
        .env("WXOPS_STORE", folder.join("store"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.find(|line| line.as_ref().unwrap().contains("listening on http://"));
    let line = line.unwrap().unwrap();
    let address = line.split("http://").nth(1).unwrap().trim().to_owned();
    // Nothing else is said there that could fill the pipe.
    std::mem::forget(lines);
    (Sidecar(child), address)
}

/// The store, the manifests and connections to WeChat want files too, whatever the crowd does. Where there is no such
/// folder nothing is looked at.
fn keeps_some_back(sidecar: &Sidecar) {
    let open = fs::read_dir(format!("/proc/{}/fd", sidecar.0.id()));
    let open = open.map_or(0, |open| open.flatten().count());
    assert!(open <= 512 - 64, "{open} files are open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_holds_connections_open_keeps_no_ticket_out() {
    // Another test may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    manifests(&folder.path().join("manifests"));
    let (sidecar, address) = start(folder.path());
    let mut crowd = Vec::new();
    for n in 0..2_500 {
        let stream = TcpStream::connect(&address);
        let mut stream = stream.unwrap_or_else(|error| panic!("after {n}: {error}"));
        if n % 5 == 0 {
            // The first of them may have been closed by now.
            let _ = stream.write_all(b"POST /wechat/notices HTTP/1.1\r\nHost: a");
        }
        crowd.push(stream);
        if n % 50 == 0 {
            keeps_some_back(&sidecar);
        }
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    for n in 0..3 {
        let xml = ticket(now + n, &format!("ticket@@@{n}"));
        let sealed = cipher().seal(xml.as_bytes(), &now.to_string(), &n.to_string(), [7; 16]);
        let began = Instant::now();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http
            .post(format!(
                "http://{address}/wechat/notices?{}",
                query(&sealed)
            ))
            .body(sealed.notice_xml(PLATFORM))
            .timeout(Duration::from_secs(5))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text().await.unwrap(), "success");
        assert!(began.elapsed() < Duration::from_secs(5));
        keeps_some_back(&sidecar);
    }
    drop(crowd);
}
