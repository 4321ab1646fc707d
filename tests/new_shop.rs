//! `examples/new-shop/`, as its README tells it: a mini-program that does not exist, from its official account's scan to an
//! empty plan, by the real binary against the simulator.

use serde_json::{Value, json};

use crate::support::files::copy;
use crate::support::stage::Stage;
use crate::support::transcript::{Player, Shown, read, root};

const PAGE: &str = "examples/new-shop/README.md";

#[test]
fn a_shop_without_a_mini_program_goes_from_its_scans_to_an_empty_plan() {
    let folder = tempfile::tempdir().unwrap();
    let tenants = folder.path().join("tenants");
    copy(&root().join("examples/new-shop"), &tenants);
    let stage = Stage::set(&tenants, &tenants.join("wechat.sim.yaml"));
    let mut player = Player::new(&stage, folder.path());
    let mut printed = String::new();
    for shown in read(PAGE, "new-shop") {
        match shown {
            Shown::Typed {
                command,
                exit,
                lines,
            } => printed = player.check(&command, exit, &lines),
            Shown::Act(act) => scans(&stage, &act, &printed),
        }
    }
    // What may happen once happened once.
    for endpoint in [
        "/cgi-bin/account/fastregister",
        "/cgi-bin/open/create",
        "/cgi-bin/component/modify_wxa_server_domain",
    ] {
        let effects = stage.control.count(endpoint).with_effect;
        assert_eq!(effects, 1, "{endpoint}");
    }
}

/// The administrator, with the order that the page names for whoever has no browser. `printed`: the link.
fn scans(stage: &Stage, act: &str, printed: &str) {
    let link = printed.lines().find(|line| line.starts_with("http"));
    let mut order = json!({"link": link.unwrap(), "at": stage.sidecar_url});
    let said = match act.split_once("opens the link and ") {
        Some((_, "scans)")) => "已确认，正在注册",
        Some((_, chosen)) => {
            let account = chosen.trim_start_matches("chooses ").trim_end_matches(')');
            order["account"] = Value::from(account);
            "授权成功"
        }
        None => panic!("nobody knows how to do {act}"),
    };
    let last = stage.control.send("POST", "/_sim/scan", &order);
    assert_eq!(last, json!({"status": 200, "page": said}));
}
