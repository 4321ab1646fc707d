//! `examples/dance-school/`, as its README and the product's tell it: an official account and two mini-programs, from
//! three scans to released code and an empty plan, by the real binary against the simulator.

use serde_json::json;

use crate::support::browser;
use crate::support::files::copy;
use crate::support::stage::Stage;
use crate::support::transcript::{Player, Shown, read, root, text_of};

const PAGE: &str = "examples/dance-school/README.md";
const NAME: &str = "dance-school";

#[test]
fn a_school_with_two_mini_programs_goes_from_its_scans_to_an_empty_plan() {
    let folder = tempfile::tempdir().unwrap();
    let tenants = folder.path().join("tenants");
    copy(&root().join("examples/dance-school"), &tenants);
    let stage = Stage::set(&tenants, &tenants.join("wechat.sim.yaml"));
    let mut player = Player::new(&stage, folder.path());
    let mut printed = String::new();
    for shown in read(PAGE, NAME) {
        match shown {
            Shown::Typed {
                command,
                exit,
                lines,
            } => printed = player.check(&command, exit, &lines),
            Shown::Act(act) => happens(&stage, &act, &printed),
        }
    }
    // What may happen once happened once for each account.
    for (endpoint, effects) in [
        ("/cgi-bin/open/create", 1),
        ("/cgi-bin/open/bind", 2),
        ("/wxa/setnickname", 2),
        ("/cgi-bin/account/modifyheadimage", 2),
        ("/cgi-bin/wxopen/addcategory", 1),
        ("/cgi-bin/wxopen/wxamplink", 1),
        ("/cgi-bin/component/setprivacysetting", 1),
        ("/wxa/commit", 1),
        ("/wxa/submit_audit", 1),
        ("/wxa/release", 1),
    ] {
        assert_eq!(
            stage.control.count(endpoint).with_effect,
            effects,
            "{endpoint}"
        );
    }
}

#[test]
fn the_readmes_show_the_same_transcript() {
    let shown = text_of(PAGE, NAME);
    for readme in ["README.md", "README.zh-CN.md"] {
        assert_eq!(text_of(readme, NAME), shown, "{readme}");
    }
}

/// What somebody does. `printed`: what the last command said.
fn happens(stage: &Stage, act: &str, printed: &str) {
    let control = &stage.control;
    if let Some((_, account)) = act.split_once("opens the link and chooses ") {
        let link = printed.lines().find(|line| line.starts_with("http"));
        let account = account.trim_end_matches(')');
        let last = browser::authorize(&stage.sidecar_url, link.unwrap(), account);
        assert!(last.body.contains("授权成功"), "{}", last.body);
    } else if act == "(both administrators confirm the link in WeChat)" {
        let link = json!({"account": "wx1111111111111111", "miniProgram": "wx2222222222222222"});
        control.send("POST", "/_sim/links", &link);
        control.send("POST", "/_sim/links", &link);
    } else if act == "(WeChat passes both names)" {
        let audits = control.send("GET", "/_sim/audits", &json!(null));
        let audits = audits.as_array().unwrap();
        assert_eq!(audits.len(), 2, "{audits:?}");
        for audit in audits {
            let path = format!("/_sim/audits/{}", audit["auditId"]);
            control.send("POST", &path, &json!({"outcome": "passed"}));
        }
    } else if act == "(two minutes pass: WeChat has looked at the code)" {
        control.send("POST", "/_sim/clock", &json!({"advance": 120}));
    } else if act == "(WeChat's reviewers pass 1.4.2)" {
        let audits = control.send("GET", "/_sim/audits", &json!(null));
        let audits = audits.as_array().unwrap().iter();
        let mut code = audits.filter(|audit| audit["settledAt"].is_null());
        let path = format!("/_sim/audits/{}", code.next().unwrap()["auditId"]);
        control.send("POST", &path, &json!({"outcome": "approved"}));
    } else if act == "(its administrator has the mini-program filed)" {
        let filed = json!({"miniProgram": {"filing": {"status": "filed"}}});
        control.send("PATCH", "/_sim/accounts/wx2222222222222222", &filed);
    } else {
        panic!("nobody knows how to do {act}");
    }
}
