//! Menus that our checks accept, put to the simulator over HTTP: it builds its rules from WeChat's pages alone.

use std::cell::OnceCell;

use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use wxops::plan::Verdict;
use wxops::resource::TenantSpec;
use wxops::simulator::{Config, Running, Simulator, State};

use super::wechat::{ACCOUNT, LINKED, Wechat};
use crate::support::control::request;

const TOKEN: &str = "authorizer-token";
const STATE: &str = r#"
platforms:
  - {appId: wx00000000000000aa, appSecret: s, token: t, encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}
accounts:
  - {appId: wx1111111111111111, kind: officialAccount, links: [{appId: wx3333333333333333}]}
  - {appId: wx3333333333333333, kind: miniProgram}
authorizations:
  - {platform: wx00000000000000aa, account: wx1111111111111111, permissionSets: [15], refreshToken: r, authTime: "2026-01-01T00:00:00Z"}
credentials:
  accessTokens:
    - {value: authorizer-token, platform: wx00000000000000aa, account: wx1111111111111111, expiresAt: "2200-01-01T00:00:00Z"}
"#;

struct World {
    _runtime: tokio::runtime::Runtime,
    running: Running,
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

fn world() -> World {
    assert!(STATE.contains(ACCOUNT) && STATE.contains(LINKED));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        control: ([127, 0, 0, 1], 0).into(),
        state: State::from_yaml(STATE).unwrap(),
        clock_file: None,
    };
    let running = runtime.block_on(Simulator::start(config)).unwrap();
    World {
        _runtime: runtime,
        running,
    }
}

fn call(method: &str, path: &str, body: &str) -> Value {
    WORLD.with(|cell| {
        let address = cell.get_or_init(world).running.listen.to_string();
        let path = format!("{path}?access_token={TOKEN}");
        let (status, text) = request(&address, method, &path, body);
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    })
}

/// Puts the menu of a manifest to the simulator, and plans again with what it reads back.
pub fn try_menu(menu: &Value) -> Result<(), TestCaseError> {
    let spec = json!({"officialAccount": {"appId": ACCOUNT, "menu": menu}});
    let Some(spec) = super::accepted(&spec) else {
        return Ok(());
    };
    let mut nothing = Wechat::default();
    let plan = nothing.plan(&spec);
    let Some((_, step)) = plan.steps().next() else {
        return Ok(());
    };
    let answer = call("POST", "/cgi-bin/menu/create", step.calls[0].body());
    proptest::prop_assert_eq!(&answer["errcode"], 0, "{} refused: {}", menu, answer);
    let read_back = call("GET", "/cgi-bin/menu/get", "");
    let current = call("GET", "/cgi-bin/get_current_selfmenu_info", "");
    let differences = compare(&spec, &read_back, &current);
    proptest::prop_assert!(
        differences.is_empty(),
        "{:#?} in {}",
        differences,
        read_back
    );
    Ok(())
}

fn compare(spec: &TenantSpec, read_back: &Value, current: &Value) -> Vec<Verdict> {
    let mut live = Wechat::default();
    let plan = live.plan_with(spec, &|endpoint| match endpoint {
        "menu/get" => Some(Some(read_back.clone())),
        "get_current_selfmenu_info" => Some(Some(current.clone())),
        _ => None,
    });
    plan.entries
        .into_iter()
        .map(|entry| entry.verdict)
        .collect()
}
