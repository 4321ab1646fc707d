//! P10: no secret in anything a process prints, at any log level, nor in the bytes of a store that has a key.
//!
//! Every secret is a value of its own: those we choose are sentinels, those WeChat gives out are read from the
//! simulator's state at the end. Then everything printed and every byte of the store is searched for all of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::browser;
use crate::support::process::bytes_below;
use crate::support::stage::Stage;

const PLATFORM: &str = "wx0000000000000001";
const SUNRISE: &str = "wx1111111111111111";
const MOON: &str = "wx2222222222222222";
const APP_SECRET: &str = "sentinel-app-secret-5d1f";
const PUSH_TOKEN: &str = "sentinelpushtoken7c2e";
const AES_KEY: &str = "SentinelAesKey0123456789abcdefghijklmnopqrs";
const REFRESH_TOKEN: &str = "refreshtoken@@@sentinel-refresh-91aa";
const STORE_KEY: &str = "5e17142e15ec2e7000000000000000000000000000000000000000005e17142e";
/// What a stranger pushes as a ticket, in plain.
const FORGED_TICKET: &str = "ticket@@@sentinel-forged-33f0";

/// A stage, and everything its commands printed.
struct Play {
    _folder: TempDir,
    stage: Stage,
    printed: String,
}

impl Play {
    fn set(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifests = folder.path().join("manifests");
        lay_out(&manifests);
        let state = folder.path().join("wechat.sim.json");
        std::fs::write(&state, world().to_string()).unwrap();
        Self {
            stage: Stage::set_with(&manifests, &state, environment),
            _folder: folder,
            printed: String::new(),
        }
    }

    /// Runs a verb, whatever comes of it.
    fn run(&mut self, arguments: &[&str]) -> (i32, String) {
        let done = self.stage.wxops(arguments);
        let said = format!("{}{}", done.stdout, done.stderr);
        self.printed.push_str(&said);
        (done.code, said)
    }

    fn control(&self, method: &str, path: &str, body: &Value) {
        self.stage.control.send(method, path, body);
    }

    fn fault(&self, endpoint: &str, kind: &str) {
        let mut fault = json!({"endpoint": endpoint, "kind": kind, "count": 1});
        if kind == "errcode" {
            fault["code"] = json!(40001);
        }
        self.control("POST", "/_sim/faults", &fault);
    }

    /// Everything printed by every process so far.
    fn everything(&self) -> String {
        format!("{}{}", self.printed, self.stage.transcripts())
    }
}

fn lay_out(manifests: &Path) {
    let credentials = manifests.join("credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    for (name, text) in [
        ("appSecret", APP_SECRET),
        ("token", PUSH_TOKEN),
        ("encodingAesKey", AES_KEY),
    ] {
        std::fs::write(credentials.join(name), text).unwrap();
    }
    let documents = format!(
        r#"apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {{name: main}}
spec:
  appId: {PLATFORM}
  credentials: {{path: credentials}}
  callback: {{url: "https://wx.example.com"}}
---
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {{name: sunrise}}
spec:
  platformRef: {{name: main}}
  openAccount: {{create: true}}
  officialAccount:
    appId: {SUNRISE}
    menu: {{buttons: [{{name: 主页, view: "https://wx.example.com/sunrise"}}]}}
---
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {{name: moon}}
spec:
  platformRef: {{name: main}}
  officialAccount:
    menu: {{buttons: [{{name: 主页, view: "https://wx.example.com/moon"}}]}}
"#
    );
    std::fs::write(manifests.join("all.yaml"), documents).unwrap();
}

fn world() -> Value {
    json!({
        "platforms": [{
            "appId": PLATFORM, "appSecret": APP_SECRET, "token": PUSH_TOKEN, "encodingAesKey": AES_KEY,
        }],
        "accounts": [
            {"appId": SUNRISE, "kind": "officialAccount", "principalName": "日出", "nickName": "日出"},
            {"appId": MOON, "kind": "officialAccount", "principalName": "月光", "nickName": "月光"},
        ],
        "authorizations": [{
            "platform": PLATFORM, "account": SUNRISE, "permissionSets": [1, 3, 15, 24, 30],
            "refreshToken": REFRESH_TOKEN, "authTime": "2026-01-01T00:00:00Z",
        }],
        "switches": {"rotateRefreshTokenOnUse": true},
    })
}

/// Every secret that exists: the sentinels, and what the simulator gave out.
fn secrets(play: &Play) -> BTreeMap<String, Vec<String>> {
    let state = play.stage.control.state();
    let values = |list: &str, field: &str| -> Vec<String> {
        let (parent, list) = list.split_once('.').unwrap_or(("", list));
        let list = if parent.is_empty() {
            &state[list]
        } else {
            &state[parent][list]
        };
        list.as_array()
            .unwrap()
            .iter()
            .filter_map(|entry| entry[field].as_str().map(str::to_owned))
            .collect()
    };
    let mut refresh = values("authorizations", "refreshToken");
    refresh.extend(values("authorizations", "previousRefreshToken"));
    refresh.push(REFRESH_TOKEN.to_owned());
    [
        ("app secret", vec![APP_SECRET.to_owned()]),
        ("push token", vec![PUSH_TOKEN.to_owned()]),
        ("aes key", vec![AES_KEY.to_owned()]),
        ("store key", vec![STORE_KEY.to_owned()]),
        ("forged ticket", vec![FORGED_TICKET.to_owned()]),
        ("ticket", values("credentials.tickets", "value")),
        ("access token", values("credentials.accessTokens", "value")),
        ("pre-auth code", values("credentials.preAuthCodes", "value")),
        (
            "authorization code",
            values("credentials.authorizationCodes", "value"),
        ),
        ("refresh token", refresh),
    ]
    .map(|(kind, values)| (kind.to_owned(), values))
    .into()
}

/// The secrets found in some bytes, in whatever spelling: with or without prefix, or percent-encoded.
fn found_in<'a>(
    secrets: &'a BTreeMap<String, Vec<String>>,
    bytes: &[u8],
) -> Vec<(&'a str, &'a str)> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for (kind, values) in secrets {
        assert!(!values.is_empty(), "there is no {kind} to search for");
        for value in values {
            // The prefix is the same for all and no secret; what is written encoded has the rest as it is.
            let core = value.rsplit("@@@").next().unwrap();
            assert!(core.len() >= 12, "{kind} is too short to search for");
            if text.contains(core) {
                found.push((kind.as_str(), value.as_str()));
            }
        }
    }
    found
}

fn lines_with<'a>(text: &'a str, found: &[(&str, &str)]) -> Vec<&'a str> {
    let core = |value: &str| value.rsplit("@@@").next().unwrap().to_owned();
    text.lines()
        .filter(|line| found.iter().any(|(_, value)| line.contains(&core(value))))
        .take(5)
        .collect()
}

/// Pushes that are not WeChat's: unsigned, of another platform, not XML, plain with a ticket in it.
fn push_badly(play: &Play) {
    let url = format!("{}/wechat/notices", play.stage.sidecar_url);
    let plain = format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>1</CreateTime><InfoType>component_verify_ticket</InfoType>\
         <ComponentVerifyTicket>{FORGED_TICKET}</ComponentVerifyTicket></xml>"
    );
    let sealed = format!("<xml><AppId>{PLATFORM}</AppId><Encrypt>AAAA</Encrypt></xml>");
    let query = "timestamp=1&nonce=n&msg_signature=0000000000000000000000000000000000000000&encrypt_type=aes";
    for (query, body) in [
        ("", plain.as_str()),
        (query, plain.as_str()),
        (query, sealed.as_str()),
        (query, "no xml at all, but ticket@@@sentinel-forged-33f0"),
    ] {
        let answer = browser::open("POST", &format!("{url}?{query}"), &[], body);
        assert!(
            answer.status >= 400 || answer.body != "success",
            "{answer:?}"
        );
    }
}

/// Everything that handles a secret, done well and done badly.
fn perform(play: &mut Play) {
    push_badly(play);
    assert_eq!(play.run(&["plan"]).0, 0);

    // Each call fails once, in each way; refresh tokens are used and rotated meanwhile.
    play.fault("/cgi-bin/menu/create", "errcode");
    play.fault("/cgi-bin/open/create", "resetAfter");
    play.fault("/cgi-bin/component/api_get_authorizer_info", "notJson");
    for _ in 0..3 {
        play.run(&["apply", "--auto-approve"]);
    }
    assert_eq!(play.run(&["apply", "--auto-approve"]).0, 0);

    // An owner scans: pre-auth code, authorization code, tokens.
    let (code, link) = play.run(&["authorize", "moon"]);
    assert_eq!(code, 0, "{link}");
    let link = link
        .lines()
        .find(|line| line.contains("/authorize/"))
        .unwrap();
    let page = browser::authorize(&play.stage.sidecar_url, link, MOON);
    assert_eq!(page.status, 200, "{page:?}");
    let again = format!(
        "{}{}?auth_code=queryauthcode%40%40%40sentinel-forged-33f0&expires_in=600",
        play.stage.sidecar_url,
        &link[link.find("/authorize/").unwrap()..].trim(),
    );
    browser::open("GET", &again, &[], "");
    assert_eq!(play.run(&["apply", "--auto-approve"]).0, 0);

    // Tokens die, and every way to new ones fails once.
    play.control("POST", "/_sim/clock", &json!({"advance": 3 * 3600}));
    for (endpoint, kind) in [
        ("/cgi-bin/component/api_component_token", "http502"),
        ("/cgi-bin/component/api_component_token", "resetAfter"),
        ("/cgi-bin/component/api_authorizer_token", "notJson"),
        ("/cgi-bin/component/api_authorizer_token", "errcode"),
    ] {
        play.fault(endpoint, kind);
        play.run(&["plan"]);
    }
    let platform = format!("/_sim/platforms/{PLATFORM}");
    play.control("POST", "/_sim/clock", &json!({"advance": 3 * 3600}));
    play.control(
        "PATCH",
        &platform,
        &json!({"appSecret": "another-app-secret"}),
    );
    assert_eq!(play.run(&["plan"]).0, 1);
    play.control("PATCH", &platform, &json!({"appSecret": APP_SECRET}));

    let revoked = json!({"platform": PLATFORM, "account": MOON});
    play.control("POST", "/_sim/revoke", &revoked);
    play.run(&["plan", "--output", "json", "--lang", "zh"]);
    play.control("POST", "/_sim/authorize", &revoked);
    for _ in 0..2 {
        play.run(&["apply", "--auto-approve"]);
    }

    play.run(&["restore", "sunrise", "1"]);
    for arguments in [
        &["validate"][..],
        &["render", "sunrise"],
        &["status", "--all"],
        &["status", "--all", "--output", "json"],
        &["why", "sunrise"],
        &["why", "sunrise", "--live", "--output", "json"],
        &["history", "sunrise"],
        &["history", "sunrise", "1"],
        &["history", "sunrise", "1", "--output", "json"],
        &["output"],
        &["quota", "--live"],
        &["claim", "list"],
        &["op", "list"],
        &["op", "list", "--output", "json"],
        &["op", "show", &format!("open/create/{SUNRISE}")],
    ] {
        let (code, said) = play.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
    }
}

#[test]
fn p10_no_secret_is_printed_or_stored_in_the_clear() {
    let mut play = Play::set(&[("WXOPS_LOG", "trace"), ("WXOPS_STORE_KEY", STORE_KEY)]);
    perform(&mut play);
    let secrets = secrets(&play);
    // The sidecar ends before the store's bytes are read, so that everything is in them.
    play.stage.stop_sidecar();

    let printed = play.everything();
    assert!(printed.contains("TRACE"), "nothing was traced");
    let leaked = found_in(&secrets, printed.as_bytes());
    assert!(
        leaked.is_empty(),
        "printed: {leaked:?}\n{:#?}",
        lines_with(&printed, &leaked)
    );
    let stored = bytes_below(&play.stage.store());
    assert!(stored.len() > 1_000, "there is no store to search");
    let leaked = found_in(&secrets, &stored);
    assert!(leaked.is_empty(), "stored in the clear: {leaked:?}");

    // A command with another key, or none, says so and says no more.
    for key in [None, Some("00".repeat(32))] {
        let mut command = play.stage.command("status");
        match &key {
            Some(key) => command.env("WXOPS_STORE_KEY", key),
            None => command.env_remove("WXOPS_STORE_KEY"),
        };
        let done = crate::support::process::run(&mut command);
        let said = format!("{}{}", done.stdout, done.stderr);
        assert_eq!(done.code, 1, "{said}");
        assert!(said.contains("key"), "{said}");
        assert!(found_in(&secrets, said.as_bytes()).is_empty(), "{said}");
    }
}

#[test]
fn p10_a_store_without_a_key_says_that_it_is_not_encrypted_and_the_search_finds_what_is_in_it() {
    let mut play = Play::set(&[]);
    let (code, said) = play.run(&["apply", "--auto-approve"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("not encrypted"), "{said}");
    assert!(play.stage.transcripts().contains("not encrypted"));
    play.stage.stop_sidecar();
    // The same search as above does find secrets where there are some.
    let mut secrets = secrets(&play);
    secrets.retain(|kind, _| matches!(kind.as_str(), "refresh token" | "ticket" | "access token"));
    let stored = bytes_below(&play.stage.store());
    let found = found_in(&secrets, &stored);
    for kind in secrets.keys() {
        assert!(
            found.iter().any(|(found, _)| found == kind),
            "no {kind} in the store"
        );
    }
}
