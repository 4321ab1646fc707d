//! What an owner scanned in vain.

use wxops::store::Key;
use wxops::store::documents::ScanDoc;

use super::place::{Place, Setup, Tenant, Tenants};
use crate::world::{OFFICIAL, OTHER, appid};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_scan_in_vain_is_remembered_until_one_is_admitted() {
    let strict = Tenant {
        principal: Some("日出舞蹈有限公司"),
        ..Tenant::default()
    };
    let place = Place::with(Setup {
        tenants: Tenants([("strict", strict)].into()),
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    let scan = async || {
        let stored = place.store.get::<ScanDoc>(&Key::scan("strict", None)).await;
        stored.unwrap().map(|stored| stored.value)
    };
    let mut back = place.link("strict");
    back.path_segments_mut().unwrap().push("callback");
    assert_eq!(place.get(back, &[]).await.title(), "没有完成授权");
    assert_eq!(scan().await.unwrap().reason, "NotConfirmed");
    let refused = place.authorize("strict", OTHER).await;
    assert_eq!(refused.title(), "账号主体不符");
    let first = scan().await.unwrap();
    assert_eq!(first.account, Some(appid(OTHER)));
    assert_eq!(first.reason, "OtherPrincipal");
    assert!(first.zh.contains("账号主体是别人"), "{}", first.zh);
    // A reload brings no news: the log and the store stay as they are.
    place.world.advance(60);
    place.get(refused.at.clone(), &[]).await;
    assert_eq!(scan().await.unwrap(), first);
    assert_eq!(place.authorize("strict", OFFICIAL).await.status, 200);
    assert_eq!(scan().await, None);
    place.stop().await;
}
