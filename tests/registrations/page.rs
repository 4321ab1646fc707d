//! The page of a registration: what it asks WeChat for, how often it is clicked, and what comes back once all is over.

use std::fs;
use std::path::Path;

use serde_json::json;
use wxops::store::{Sealing, open};

use crate::support::browser;
use crate::support::registered::{Newcomer, REGISTER, lay_out, wechat};
use crate::support::stage::Stage;

/// A stage with a sidecar on which nobody has scanned.
fn unscanned(folder: &Path, one: &Newcomer) -> (Stage, String) {
    let manifests = folder.join("manifests");
    lay_out(&manifests, std::slice::from_ref(one));
    let manifest = manifests.join(format!("{}.yaml", one.tenant));
    let text = fs::read_to_string(&manifest).unwrap();
    let copies_not = "reuseOfficialAccount: {copyVerification: false}";
    let text = text.replacen("reuseOfficialAccount: {}", copies_not, 1);
    assert!(text.contains(copies_not));
    fs::write(&manifest, text).unwrap();
    let state = folder.join("wechat.sim.json");
    fs::write(&state, wechat(std::slice::from_ref(one)).to_string()).unwrap();
    let stage = Stage::set(&manifests, &state);
    let printed = stage.wxops(&["authorize", &format!("{}:main", one.tenant)]);
    let at = printed.stdout.find("/register/").unwrap();
    let ours = format!("{}{}", stage.sidecar_url, printed.stdout[at..].trim());
    (stage, ours)
}

#[test]
fn a_page_that_is_opened_again_takes_no_second_ticket() {
    let folder = tempfile::tempdir().unwrap();
    let one = Newcomer::some(1).remove(0);
    let (mut stage, ours) = unscanned(folder.path(), &one);
    let back = browser::confirm(&stage.sidecar_url, &ours, &one.official).unwrap();
    let back = format!("{}{back}", stage.sidecar_url);
    assert!(browser::open("GET", &back, &[], "").body.contains("已确认"));
    stage.wxops(&["apply", "--auto-approve", "--tenant", &one.tenant]);
    assert_eq!(stage.control.count(REGISTER).with_effect, 1);
    // Loaded again with a ticket, clicked again, opened again: there is one, and nothing is kept to make another with.
    let other = back.replacen("ticket=", "ticket=another-", 1);
    assert_ne!(other, back);
    for (method, url) in [("GET", &other), ("POST", &ours), ("GET", &ours)] {
        let page = browser::open(method, url, &[], "");
        assert!(page.body.contains("已经注册"), "{method}: {page:?}");
    }
    stage.stop_sidecar();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = open(&stage.store(), Sealing::Plain).await.unwrap().store;
        assert_eq!(store.list("register/").await.unwrap(), []);
    });
}

#[test]
fn verification_is_reused_where_wechat_wants_it_and_the_button_has_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let one = Newcomer::some(1).remove(0);
    let (stage, ours) = unscanned(folder.path(), &one);
    // An enterprise, media, a government, another organisation: the last three must reuse it (61056).
    for (kind, copies) in [(1, "0"), (2, "1"), (3, "1"), (4, "1")] {
        let path = format!("/_sim/accounts/{}", one.official);
        let is = json!({"basicInfo": {"principalType": kind}});
        stage.control.send("PATCH", &path, &is);
        let page = browser::open("POST", &ours, &[], "");
        let asks = format!("copy_wx_verify={copies}");
        assert!(page.body.contains(&asks), "{kind}: {page:?}");
    }
    assert_eq!(browser::open("POST", &ours, &[], "").status, 200);
    assert_eq!(browser::open("POST", &ours, &[], "").status, 429);
    stage
        .control
        .send("POST", "/_sim/clock", &json!({"advance": 61}));
    assert_eq!(browser::open("POST", &ours, &[], "").status, 200);
}

#[test]
fn who_comes_back_without_a_ticket_is_told_so_and_the_provider_is_too() {
    let folder = tempfile::tempdir().unwrap();
    let one = Newcomer::some(1).remove(0);
    let (stage, ours) = unscanned(folder.path(), &one);
    let back = browser::confirm(&stage.sidecar_url, &ours, &one.official).unwrap();
    let path = back.split('?').next().unwrap();
    let page = browser::open("GET", &format!("{}{path}", stage.sidecar_url), &[], "");
    assert_eq!(page.status, 400, "{page:?}");
    let why = stage.wxops(&["why", &one.tenant]);
    assert!(why.stdout.contains("left without confirming"), "{why:?}");
    assert_eq!(stage.control.count(REGISTER).received, 0);
}
