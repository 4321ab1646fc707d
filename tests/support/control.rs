//! The simulator's control API over a plain HTTP/1.1 connection: no code of ours between test and simulator.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What gives out a token: an effect that changes nobody's account.
const TOKENS: [&str; 2] = [
    "/cgi-bin/component/api_component_token",
    "/cgi-bin/component/api_authorizer_token",
];

/// A simulator's control API.
#[derive(Clone, Debug)]
pub struct Control {
    address: String,
}

/// How often an endpoint was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub received: u64,
    pub refused: u64,
    pub with_effect: u64,
}

impl Control {
    /// From `http://127.0.0.1:PORT`.
    pub fn at(url: &str) -> Self {
        Self {
            address: url
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .to_owned(),
        }
    }

    /// One request, whatever its status.
    pub fn tried(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        request(&self.address, method, path, &body.to_string())
    }

    /// One request; panics on any status but 200.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, text) = self.tried(method, path, body);
        assert_eq!(status, 200, "{method} {path} {body}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub fn state(&self) -> Value {
        self.send("GET", "/_sim/state", &Value::Null)
    }

    pub fn put_state(&self, state: &Value) {
        self.send("PUT", "/_sim/state", state);
    }

    /// How often a path was called since the start or the last reset.
    pub fn count(&self, path: &str) -> Count {
        let calls = self.send("GET", "/_sim/calls", &Value::Null);
        let of = |field: &str| calls["endpoints"][path][field].as_u64().unwrap_or_default();
        Count {
            received: of("received"),
            refused: of("refused"),
            with_effect: of("withEffect"),
        }
    }

    /// All calls with an effect, over all endpoints: what a dry run must not make. A token may be got anew.
    pub fn effects(&self) -> u64 {
        let calls = self.send("GET", "/_sim/calls", &Value::Null);
        let endpoints = calls["endpoints"].as_object().cloned().unwrap_or_default();
        endpoints
            .iter()
            .filter(|(path, _)| !TOKENS.contains(&path.as_str()))
            .filter_map(|(_, count)| count["withEffect"].as_u64())
            .sum()
    }

    /// The paths of every API there is.
    pub fn offered(&self) -> BTreeSet<String> {
        let offered = self.send("GET", "/_sim/endpoints", &Value::Null);
        let path = |endpoint: &Value| endpoint["path"].as_str().map(str::to_owned);
        offered
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(path)
            .collect()
    }

    /// The calls to the paths that `wanted` names (`PATH` or `PATH ERRCODE`), in the order received, as it names them.
    pub fn order(&self, wanted: &[String]) -> Vec<String> {
        let calls = self.send("GET", "/_sim/calls", &Value::Null);
        let path_of = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        calls["last"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|call| {
                let path = call["endpoint"].as_str()?.to_owned();
                let named: Vec<&String> =
                    wanted.iter().filter(|line| path_of(line) == path).collect();
                let with_code = format!("{path} {}", call["errcode"]);
                let first = named.first()?;
                Some(if first.contains(' ') { with_code } else { path })
            })
            .collect()
    }

    /// Turns switches.
    pub fn switch(&self, switches: &Value) {
        let mut state = self.state();
        for (name, value) in switches.as_object().into_iter().flatten() {
            state["switches"][name.as_str()] = value.clone();
        }
        self.put_state(&state);
    }

    pub fn reset_calls(&self) {
        self.send("DELETE", "/_sim/calls", &Value::Null);
    }
}

/// One HTTP/1.1 request on a connection of its own.
pub fn request(address: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let body = if body == "null" { "" } else { body };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let text = String::from_utf8_lossy(&raw).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    let chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    (
        status,
        if chunked {
            unchunk(body)
        } else {
            body.to_owned()
        },
    )
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        whole.push_str(rest.get(..size).unwrap_or(rest));
        body = rest
            .get(size..)
            .unwrap_or_default()
            .trim_start_matches("\r\n");
    }
    whole
}
