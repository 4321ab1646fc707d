//! What a registration brings: 授权事件接收URL has its notice, whose code dies like every other one; a scan has its ticket.

use url::Url;
use wxops::client::{Addressee, Purpose, authorize};
use wxops::store::Key;
use wxops::store::documents::{CodeDoc, RegisterDoc, ScanDoc};

use super::place::{Place, Setup, Tenant, Tenants, notice};
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, PLATFORM, appid};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_code_of_a_registration_is_stored_before_it_is_acknowledged() {
    let place = Place::set().await;
    let failed = notice(
        "notify_third_fasteregister",
        1,
        "<status>-1</status><msg>no</msg>",
    );
    assert_eq!(
        place.notice("1", &failed).await,
        (200, "success".to_owned())
    );
    let rest = format!(
        "<appid>{OFFICIAL}</appid><status>0</status><auth_code>queryauthcode@@@new</auth_code><info><name>x</name></info>"
    );
    let done = notice("notify_third_fasteregister", 1, &rest);
    assert_eq!(place.notice("2", &done).await, (200, "success".to_owned()));
    let platform = appid(PLATFORM);
    let key = Key::code(&platform, "queryauthcode@@@new");
    let stored = place.store.get::<CodeDoc>(&key).await.unwrap().unwrap();
    assert_eq!(stored.value.account.unwrap().as_str(), OFFICIAL);
    assert_eq!(place.health().await["pushes"]["registered"], 2);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_scan_is_confirmed_once_its_ticket_is_stored() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store),
        tenants: Tenants([("any", Tenant::default())].into()),
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    assert_eq!(place.authorize("any", OFFICIAL).await.status, 200);
    let public = Url::parse(&place.url("")).unwrap();
    let mut back = authorize::callback(
        place.client.platform(),
        Purpose::Register,
        &Addressee::of("any", Some("main")),
        (&public, "/register"),
    );
    let scan = async || {
        let key = Key::scan("any", Some("main"));
        let stored = place.store.get::<ScanDoc>(&key).await.unwrap();
        stored.map(|stored| stored.value.reason)
    };
    assert_eq!(place.get(back.clone(), &[]).await.status, 400);
    assert_eq!(scan().await.as_deref(), Some("NotConfirmed"));
    back.set_query(Some("ticket=scanned"));
    place.woken.lock().unwrap().clear();
    flaky.fail_writes_of("register");
    let told = place.get(back.clone(), &[]).await;
    assert_eq!(told.status, 503, "{}", told.text);
    assert!(!told.text.contains("已确认"), "{}", told.text);
    assert!(!place.heard_of("any"));
    flaky.heal();
    let told = place.get(back, &[]).await;
    assert_eq!((told.status, told.title()), (200, "已确认，正在注册"));
    let key = Key::register(&appid(OFFICIAL), "any", "main");
    let stored = place.store.get::<RegisterDoc>(&key).await.unwrap();
    assert_eq!(stored.unwrap().value.due().expose(), "scanned");
    // Who left before has confirmed now, and a pass registers at once.
    assert_eq!(scan().await, None);
    assert!(place.heard_of("any"));
    place.stop().await;
}
