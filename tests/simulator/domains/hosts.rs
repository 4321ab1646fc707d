//! Web servers of others, as the simulator serves them and looks at them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{WEBVIEW_DIRECT, file_of, state_has};
use crate::simulator::miniprogram::Mini;

/// The raw answer to a GET with this Host header; empty when the connection breaks.
fn get(to: SocketAddr, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn is_text(answer: &str, status: u16, text: &str) -> bool {
    answer.starts_with(&format!("HTTP/1.1 {status} "))
        && answer.ends_with(&format!("\r\n\r\n{text}"))
}

/// A web server that answers one path with 200, and how it is reached.
fn behind(path: &'static str, content: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 2048];
            let size = stream.read(&mut asked).unwrap();
            let asked = String::from_utf8_lossy(&asked[..size]).to_lowercase();
            let known = asked.starts_with(&format!("get {path} "))
                && asked.contains("host: www.example.com");
            let (status, body) = if known {
                ("200 OK", &*content)
            } else {
                ("404 Not Found", "")
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn a_declared_host_is_served_by_its_name_and_below_hosts() {
    let mini = Mini::start();
    let to = mini.world.wechat;
    let control = |method: &str, path: &str, body: Value| mini.world.control(method, path, &body);
    control(
        "PUT",
        "/_sim/hosts/www.example.com/files/a.txt",
        json!({"content": "hello"}),
    );
    assert!(is_text(&get(to, "www.example.com", "/a.txt"), 200, "hello"));
    assert!(is_text(
        &get(to, "WWW.example.com:8090", "/a.txt?x=1"),
        200,
        "hello"
    ));
    assert!(is_text(
        &get(to, "127.0.0.1", "/_hosts/www.example.com/a.txt"),
        200,
        "hello"
    ));
    assert!(get(to, "www.example.com", "/b.txt").starts_with("HTTP/1.1 404 "));
    assert!(get(to, "127.0.0.1", "/_hosts/other.example.com/a.txt").starts_with("HTTP/1.1 404 "));
    let api = get(to, "other.example.com", "/cgi-bin/menu/get");
    assert!(api.contains("41001"), "every other name is WeChat's: {api}");
    assert_eq!(
        control("GET", "/_sim/hosts", json!({})),
        json!({"www.example.com": {"files": {"a.txt": "hello"}}})
    );
    control(
        "DELETE",
        "/_sim/hosts/www.example.com/files/a.txt",
        json!({}),
    );
    assert!(get(to, "www.example.com", "/a.txt").starts_with("HTTP/1.1 404 "));
    control(
        "PUT",
        "/_sim/hosts/www.example.com",
        json!({"redirect": "https://else.example.com/"}),
    );
    let moved = get(to, "www.example.com", "/a.txt").to_lowercase();
    assert!(
        moved.starts_with("http/1.1 302 ") && moved.contains("location: https://else.example.com/")
    );
    control(
        "PUT",
        "/_sim/hosts/www.example.com",
        json!({"unreachable": true}),
    );
    assert_eq!(get(to, "www.example.com", "/a.txt"), "");
    let slow = json!({"delayMs": 80, "files": {"a.txt": "late"}});
    control("PUT", "/_sim/hosts/www.example.com", slow);
    let begun = Instant::now();
    assert!(is_text(&get(to, "www.example.com", "/a.txt"), 200, "late"));
    assert!(begun.elapsed() >= Duration::from_millis(80));
    control("DELETE", "/_sim/hosts/www.example.com", json!({}));
    assert!(
        get(to, "www.example.com", "/a.txt").contains("40066"),
        "WeChat again"
    );
}

#[test]
fn a_host_may_lead_to_what_somebody_serves() {
    let mini = Mini::start();
    let own = json!({"miniProgram": {"domains": {"confirmFile": {"name": "own.txt", "content": "mine"}}}});
    mini.change(own);
    assert_eq!(file_of(&mini), ("own.txt".to_owned(), "mine".to_owned()));
    let proxy = behind("/own.txt", "mine".to_owned());
    let set = || {
        let body = json!({"action": "set", "webviewdomain": ["https://www.example.com"]});
        mini.code(WEBVIEW_DIRECT, &body)
    };
    state_has(
        &mini,
        json!({"hosts": {"www.example.com": {"proxy": &proxy}}}),
    );
    assert!(is_text(
        &get(mini.world.wechat, "www.example.com", "/own.txt"),
        200,
        "mine"
    ));
    assert!(get(mini.world.wechat, "www.example.com", "/else.txt").starts_with("HTTP/1.1 404 "));
    assert_eq!(set(), 0, "WeChat finds it there");
    mini.world.control(
        "PUT",
        "/_sim/hosts/www.example.com",
        &json!({"proxy": proxy, "files": {"own.txt": "another"}}),
    );
    assert_eq!(set(), 85069, "a file of the host goes first");
    let itself = format!("http://{}", mini.world.wechat);
    mini.world.control(
        "PUT",
        "/_sim/hosts/www.example.com",
        &json!({"proxy": itself}),
    );
    assert!(get(mini.world.wechat, "www.example.com", "/own.txt").starts_with("HTTP/1.1 404 "));
    assert_eq!(set(), 85069);
    let nobody = json!({"proxy": "http://127.0.0.1:1"});
    mini.world
        .control("PUT", "/_sim/hosts/www.example.com", &nobody);
    assert!(get(mini.world.wechat, "www.example.com", "/own.txt").starts_with("HTTP/1.1 502 "));
    assert_eq!(set(), 85069);
}

#[test]
fn a_host_is_a_name() {
    let mini = Mini::start();
    let put = |path: &str, body: Value| mini.world.refused("PUT", path, &body);
    for strange in [
        "localhost",
        "127.0.0.1",
        "A.example.com",
        "a.example.com:80",
    ] {
        assert_eq!(
            put(&format!("/_sim/hosts/{strange}"), json!({})),
            400,
            "{strange}"
        );
        let file = format!("/_sim/hosts/{strange}/files/a.txt");
        assert_eq!(put(&file, json!({"content": "x"})), 400);
    }
    let host = "/_sim/hosts/a.example.com";
    assert_eq!(put(host, json!({"proxy": "nowhere"})), 400);
    assert_eq!(put(host, json!({"port": 1})), 400);
    let refused = |path: &str| mini.world.refused("DELETE", path, &json!({}));
    assert_eq!(refused(host), 404);
    assert_eq!(refused(&format!("{host}/files/a.txt")), 404);
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["hosts"] = json!({"localhost": {}});
    assert_eq!(mini.world.refused("PUT", "/_sim/state", &state), 400);
}
