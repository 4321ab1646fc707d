//! 授权事件接收URL: the notice of a registration, whose code dies like every other one.

use wxops::store::Key;
use wxops::store::documents::CodeDoc;

use super::place::{Place, notice};
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
