//! Every code that WeChat's pages give for what comes with a mini-program, said by the simulator and heard by the client.

use serde_json::{Value, json};
use wxops::client::{Client, REQUEST_TIMEOUT};
use wxops::store::journal::{Arming, Intent, OpKey, Reserved};
use wxops::store::{Journal, Store};
use wxops::wechat::location_api::{self, Application};
use wxops::wechat::order_path::{self, Which};
use wxops::wechat::{Answer, Call, CallClass, ErrorClass, data_prefetch, dns_prefetch, plugin};

use crate::world::{MINI, World, appid};

const PLUGIN: &str = "wx9999999999999999";

fn cases() -> Vec<(Call, Vec<(i64, ErrorClass)>)> {
    use ErrorClass::{
        AlreadyDone, Human, Invalid, NotFound, Permission, Quota, Throttled, Transient,
    };
    let (app, one) = (appid(MINI), appid(PLUGIN));
    let poi = Application {
        api_name: "wx.choosePoi".to_owned(),
        content: "选门店".to_owned(),
        pic_list: Vec::new(),
        video_list: Vec::new(),
    };
    vec![
        (
            dns_prefetch::set_request(&app, &["a.example.com".to_owned()].into()),
            vec![
                (9_420_000, Quota),
                (9_420_001, Invalid),
                (9_420_002, Invalid),
            ],
        ),
        (
            data_prefetch::set_request(&app, data_prefetch::When::Pre, &data_prefetch::Source::Off),
            vec![(9_410_013, Invalid), (9_410_016, Invalid), (40166, Invalid)],
        ),
        (plugin::list_request(&app), vec![(61007, Permission)]),
        (
            plugin::apply_request(&app, &one, None),
            vec![
                (89236, Permission),
                (89237, AlreadyDone),
                (89238, Human),
                (89239, Invalid),
            ],
        ),
        (
            plugin::unbind_request(&app, &one),
            vec![(89244, AlreadyDone)],
        ),
        (
            plugin::update_request(&app, &one, "1.0.0"),
            vec![(89244, Invalid), (89257, Invalid), (89258, Human)],
        ),
        (
            location_api::apply_request(&app, &poi),
            vec![
                (61031, Human),
                (61032, Invalid),
                (61033, Transient),
                (61034, Invalid),
                (61035, Invalid),
                (61036, Permission),
                (61037, Invalid),
                (61038, Throttled),
            ],
        ),
        (
            order_path::get_request(&app, Which::Online),
            vec![(61041, NotFound)],
        ),
    ]
}

/// Sends a call the way its class wants.
async fn send(client: &Client, store: &Store, call: &Call) -> Answer {
    match call.endpoint.class {
        CallClass::Read => client.reader().read(call).await,
        CallClass::Put => client.writer().put(call).await,
        CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
            client.writer().prepare(call).await.unwrap();
            let (journal, clock) = (Journal::new(store.clone(), "this process"), client.clock());
            let key = OpKey {
                action: call.endpoint.name.into(),
                appid: call.subject.clone(),
            };
            let look = journal.recover(&key, clock.now()).await.unwrap();
            let intent = Intent {
                tenant: "t".into(),
                call: call.clone(),
                step: "s".into(),
                wanted: "w".into(),
                evidence: Value::Null,
                observed_at: clock.now(),
            };
            let mut op = journal.open(look, intent, clock.now()).await.unwrap();
            let now = clock.now();
            let reserved = journal.reserve(&mut op, Vec::new(), now).await.unwrap();
            assert!(matches!(reserved, Reserved::Yes), "{reserved:?}");
            let arming = Arming {
                approval: None,
                request_timeout: REQUEST_TIMEOUT,
            };
            let armed = journal.arm(&mut op, &arming, clock.now(), clock.since_boot());
            client.writer().send_armed(armed.await.unwrap()).await
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_code_of_a_mini_programs_parts_is_heard_as_what_it_means() {
    for (call, codes) in cases() {
        for (code, class) in codes {
            let world = World::authorized(&[MINI]).await;
            let (client, store) = world.client_with_ticket().await;
            let path = call.endpoint.path;
            world.fault(json!({"endpoint": path, "kind": "errcode", "code": code}));
            let Answer::Refused(error) = send(&client, &store, &call).await else {
                panic!("{} {code}", call.endpoint);
            };
            assert_eq!(
                (error.errcode, error.class),
                (code, class),
                "{}",
                call.endpoint
            );
            assert_eq!(world.count(path).with_effect, 0, "{} {code}", call.endpoint);
        }
    }
}
