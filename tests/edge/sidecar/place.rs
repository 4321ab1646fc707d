//! A sidecar beside a simulated WeChat, connected both ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::json;
use url::Url;
use wxops::client::Addressee;
use wxops::client::Client;
use wxops::sidecar::{
    Expected, Gatekeeper, Objection, Registering, Running, Served, SidecarConfig, start,
};
use wxops::store::Store;
use wxops::wechat::Appid;
use wxops::wechat::authorizer::Info;
use wxops::wechat::push::{EncodingAesKey, PushCipher, Sealed};

use crate::world::{AES_KEY, PLATFORM, PUSH_TOKEN, World, appid};

pub const PREVIOUS_KEY: &str = "sentinel0previous0key0abcdefghijklmnopqrstu";

pub struct Place {
    pub world: World,
    pub store: Store,
    pub client: Client,
    pub sidecar: Running,
    pub http: reqwest::Client,
    pub woken: Arc<Mutex<Vec<String>>>,
}

/// What is particular about a sidecar.
#[derive(Default)]
pub struct Setup {
    pub store: Option<Store>,
    pub forward: Option<String>,
    pub tenants: Tenants,
}

/// Tenants by name: the account the manifest names, the principal it asks for, the sets it needs.
#[derive(Default, Clone)]
pub struct Tenants(pub BTreeMap<&'static str, Tenant>);

#[derive(Default, Clone)]
pub struct Tenant {
    pub account: Option<&'static str>,
    pub principal: Option<&'static str>,
    pub nickname: Option<&'static str>,
    pub sets: BTreeSet<u16>,
}

impl Gatekeeper for Tenants {
    fn find<'a>(&'a self, to: &'a Addressee) -> BoxFuture<'a, Option<Box<dyn Expected>>> {
        let found = self.0.get(to.tenant.as_str()).map(|tenant| {
            let account = Account {
                platform: appid(PLATFORM),
                account: tenant.account.map(appid),
                tenant: tenant.clone(),
                is_app: to.item.is_some(),
            };
            Box::new(account) as Box<dyn Expected>
        });
        Box::pin(std::future::ready(found))
    }
}

struct Account {
    platform: Appid,
    account: Option<Appid>,
    tenant: Tenant,
    is_app: bool,
}

impl Expected for Account {
    fn platform(&self) -> &Appid {
        &self.platform
    }

    fn appid(&self) -> Option<&Appid> {
        self.account.as_ref()
    }

    fn objections(&self, info: &Info) -> Vec<Objection> {
        let account = &info.authorizer_info;
        let mut found = Vec::new();
        let mut object = |reason, zh: &str| {
            found.push(Objection {
                reason,
                zh: zh.into(),
                en: reason.into(),
            });
        };
        if account.is_mini_program() != self.is_app {
            object("WrongAccountKind", "授权的账号是小程序");
        }
        let wanted = self.tenant.principal;
        if wanted.is_some_and(|wanted| account.principal_name.as_deref() != Some(wanted)) {
            object("OtherPrincipal", "账号主体是别人");
        }
        if account.verify_type_info.id == -1 {
            object("NotVerified", "账号未通过认证");
        }
        found
    }

    fn nickname(&self) -> Option<String> {
        self.tenant.nickname.map(str::to_owned)
    }

    fn registration(&self) -> Option<Registering> {
        let how = Registering {
            copy_verification: true,
        };
        self.is_app.then_some(how)
    }

    fn sets(&self) -> BTreeSet<u16> {
        self.tenant.sets.clone()
    }
}

impl Place {
    pub async fn set() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let world = World::start().await;
        let store = setup.store.clone().unwrap_or_else(Store::in_memory);
        let place = Self::beside(world, store, setup).await;
        place.connect();
        place
    }

    /// A sidecar beside a WeChat that is there already, on a store that may hold an earlier one's documents.
    pub async fn beside(world: World, store: Store, setup: Setup) -> Self {
        let mut access = world.access();
        access.previous_encoding_aes_key = Some(wxops::wechat::Secret::new(PREVIOUS_KEY));
        let client =
            Client::new(access, store.clone(), world.clock.clone(), "sidecar".into()).unwrap();
        let woken = Arc::new(Mutex::new(Vec::new()));
        let heard = woken.clone();
        let sidecar = start(SidecarConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            platforms: vec![Served {
                client: client.clone(),
                public_url: Url::parse("http://127.0.0.1:8080").unwrap(),
                follow_port: true,
                notices: "/wechat/notices".into(),
                messages: "/wechat/messages/$APPID$".into(),
                authorize: "/authorize".into(),
                register: "/register".into(),
                forward_messages: setup.forward,
            }],
            gatekeeper: Arc::new(setup.tenants),
            store: store.clone(),
            clock: world.clock.clone(),
            wake: Arc::new(move |what| heard.lock().unwrap().push(what.to_owned())),
        })
        .await
        .unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            world,
            store,
            client,
            sidecar,
            http,
            woken,
        }
    }

    /// Tells WeChat where its pushes go.
    pub fn connect(&self) {
        let url = self.url("");
        let change = json!({
            "noticesUrl": format!("{url}/wechat/notices"),
            "messagesUrl": format!("{url}/wechat/messages/$APPID$"),
        });
        let path = format!("/_sim/platforms/{PLATFORM}");
        self.world.control.send("PATCH", &path, &change);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sidecar.addr)
    }

    /// Has WeChat push a ticket; answers whether it was acknowledged.
    pub fn push_ticket(&self) -> bool {
        let path = format!("/_sim/platforms/{PLATFORM}/ticket");
        let pushed = self.world.control.send("POST", &path, &json!({}));
        pushed["push"]["acknowledged"] == true
    }

    /// What a path of the public port answers.
    pub async fn asked(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub async fn health(&self) -> serde_json::Value {
        self.sidecar.told().await
    }

    /// Sends a push as WeChat would.
    pub async fn push(&self, path: &str, query: &str, body: impl Into<String>) -> (u16, String) {
        let answer = self
            .http
            .post(self.url(&format!("{path}?{query}")))
            .header("content-type", "text/xml")
            .body(body.into())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Seals and sends a notice.
    pub async fn notice(&self, nonce: &str, xml: &str) -> (u16, String) {
        let sealed = seal(&cipher(), nonce, xml);
        self.push(
            "/wechat/notices",
            &query(&sealed),
            sealed.notice_xml(PLATFORM),
        )
        .await
    }

    pub async fn stop(self) {
        self.sidecar.stop().await;
        self.world.simulator.stop().await;
    }

    pub fn heard_of(&self, what: &str) -> bool {
        self.woken.lock().unwrap().iter().any(|one| one == what)
    }
}

pub fn cipher() -> PushCipher {
    cipher_with(PUSH_TOKEN, PLATFORM, AES_KEY)
}

pub fn cipher_with(token: &str, appid: &str, key: &str) -> PushCipher {
    PushCipher::new(token, appid, EncodingAesKey::parse(key).unwrap(), None)
}

pub fn seal(cipher: &PushCipher, nonce: &str, xml: &str) -> Sealed {
    cipher.seal(xml.as_bytes(), "1763848800", nonce, [7; 16])
}

pub fn query(sealed: &Sealed) -> String {
    format!(
        "signature=ignored&timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
        sealed.timestamp, sealed.nonce, sealed.msg_signature
    )
}

/// A notice about our platform.
pub fn notice(info_type: &str, created: i64, rest: &str) -> String {
    format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>{created}</CreateTime>\
         <InfoType><![CDATA[{info_type}]]></InfoType>{rest}</xml>"
    )
}

pub fn ticket(created: i64, value: &str) -> String {
    notice(
        "component_verify_ticket",
        created,
        &format!("<ComponentVerifyTicket><![CDATA[{value}]]></ComponentVerifyTicket>"),
    )
}

/// Looks until something is so, for at most ten seconds.
pub async fn wait_for<F: Future<Output = bool>>(so: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !so().await {
        assert!(Instant::now() < deadline, "it never came to be");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
