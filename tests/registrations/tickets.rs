//! What visitors of a registration's link bring back: real tickets, made-up ones, and those that only look.

use std::fs;

use wxops::store::documents::RegisterDoc;
use wxops::store::{Key, Sealing, open};
use wxops::wechat::Appid;

use crate::support::browser::{confirm, open as ask};
use crate::support::registered::{Newcomer, REGISTER, calls, lay_out, wechat};
use crate::support::stage::Stage;

const BACK_TO_THE_LINK: &str = "请重新打开链接";

/// A stage with a sidecar on which nobody has scanned, and the address that WeChat leads back to after a scan.
fn about_to_scan(folder: &std::path::Path, one: &Newcomer) -> (Stage, String) {
    let all = std::slice::from_ref(one);
    let manifests = folder.join("manifests");
    lay_out(&manifests, all);
    let state = folder.join("wechat.sim.json");
    fs::write(&state, wechat(all).to_string()).unwrap();
    let stage = Stage::set(&manifests, &state);
    let printed = stage.wxops(&["authorize", &format!("{}:main", one.tenant)]);
    let link = printed.stdout.trim();
    let back = confirm(&stage.sidecar_url, link, &one.official).unwrap();
    let back = format!("{}{back}", stage.sidecar_url);
    (stage, back)
}

fn stored(stage: &Stage, one: &Newcomer) -> Option<RegisterDoc> {
    let key = Key::register(&Appid::parse(&one.official).unwrap(), &one.tenant, "main");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = open(&stage.store(), Sealing::Plain).await.unwrap().store;
        let stored = store.get::<RegisterDoc>(&key).await.unwrap();
        stored.map(|stored| stored.value)
    })
}

#[test]
fn a_made_up_ticket_takes_nothing_from_a_real_one() {
    let folder = tempfile::tempdir().unwrap();
    let one = &Newcomer::some(1)[0];
    let (mut stage, back) = about_to_scan(folder.path(), one);
    let bare = back.split('?').next().unwrap().to_owned();
    // A look is no visit.
    let looked = ask("HEAD", &back, &[], "");
    assert_eq!((looked.status, looked.body.as_str()), (200, ""));
    assert_eq!(stored(&stage, one), None);
    let none = ask("HEAD", &bare, &[], "");
    assert_eq!((none.status, none.body.as_str()), (400, ""));
    assert!(ask("GET", &back, &[], "").body.contains("已确认，正在注册"));
    let real = stored(&stage, one).unwrap();
    let long = "x".repeat(5_000);
    for odd in [
        "%00",
        "a%0Ab",
        "a%1B%5B31m",
        "%E7%A5%A8",
        "a%20b",
        "%FF",
        &long,
    ] {
        let page = ask("GET", &format!("{bare}?ticket={odd}"), &[], "");
        assert_eq!(page.status, 400, "{odd}");
        assert!(page.body.contains(BACK_TO_THE_LINK), "{odd}: {}", page.body);
        assert_eq!(stored(&stage, one), Some(real.clone()), "{odd}");
    }
    let made_up = ask("GET", &format!("{bare}?ticket=made-up"), &[], "");
    assert_eq!(made_up.status, 200);
    assert_ne!(stored(&stage, one), Some(real));
    stage.stop_sidecar();
    one.converge(&stage);
    one.judge(&stage);
    let sent = calls(&stage, &one.official, Some(REGISTER));
    assert_eq!(sent.len(), 2, "{sent:#?}");
}

#[test]
fn a_confirm_file_is_told_of_to_whoever_only_looks() {
    let folder = tempfile::tempdir().unwrap();
    let one = &Newcomer::some(1)[0];
    let (stage, _) = about_to_scan(folder.path(), one);
    let manifests = folder.path().join("manifests");
    let text = fs::read_to_string(manifests.join("platform.yaml")).unwrap();
    let listed = text.replacen("  callback:", "  domains: {hosts: []}\n  callback:", 1);
    fs::write(manifests.join("platform.yaml"), listed).unwrap();
    let out = folder.path().join("served");
    let written = stage.wxops(&["confirm-file", "@main", "--out", out.to_str().unwrap()]);
    assert_eq!(written.code, 0, "{written:?}");
    let name = written.stdout.trim().rsplit('/').next().unwrap().to_owned();
    let url = format!("{}/{name}", stage.sidecar_url);
    let (got, looked) = (ask("GET", &url, &[], ""), ask("HEAD", &url, &[], ""));
    assert_eq!((got.status, looked.status), (200, 200));
    assert_eq!(looked.body, "");
    let length = format!("content-length: {}", got.body.len());
    assert!(
        looked.head.to_ascii_lowercase().contains(&length),
        "{}",
        looked.head
    );
    assert_eq!(ask("HEAD", &format!("{url}.txt"), &[], "").status, 404);
}
