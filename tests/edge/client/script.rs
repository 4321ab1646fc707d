//! A server that answers what a test says, for what the simulator never does.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use url::Url;
use wxops::client::{Client, ManualClock, PlatformAccess};
use wxops::store::Store;
use wxops::wechat::Secret;

use crate::logs;
use crate::world::{AES_KEY, APP_SECRET, PLATFORM, PUSH_TOKEN, appid};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: String,
}

type Answerer = Arc<dyn Fn(Received) -> BoxFuture<'static, Response> + Send + Sync>;

#[derive(Clone)]
struct Stage {
    received: Arc<Mutex<Vec<Received>>>,
    answerer: Answerer,
}

pub struct Script {
    pub url: Url,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn ok(body: &Value) -> Response {
    body.to_string().into_response()
}

/// What every script answers to token requests, if it has nothing else to say.
pub fn token(received: &Received) -> Option<Response> {
    match received.path.rsplit('/').next().unwrap() {
        "api_component_token" => Some(ok(
            &json!({"component_access_token": "61_component_sentinel", "expires_in": 7200}),
        )),
        "api_authorizer_token" => Some(ok(
            &json!({"authorizer_access_token": "62_authorizer_sentinel", "expires_in": "7200"}),
        )),
        _ => None,
    }
}

impl Script {
    pub async fn start(
        answerer: impl Fn(Received) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    ) -> Self {
        logs::record();
        let received = Arc::new(Mutex::new(Vec::new()));
        let stage = Stage {
            received: received.clone(),
            answerer: Arc::new(answerer),
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let app = Router::new().fallback(take).with_state(stage);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, received }
    }

    /// A script whose answers need no waiting.
    pub async fn answering(
        answerer: impl Fn(&Received) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |received| {
            let answer = answerer(&received)
                .or_else(|| token(&received))
                .unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
            Box::pin(futures::future::ready(answer))
        })
        .await
    }

    /// A client that talks to it and has a ticket.
    pub async fn client(&self, store: &Store) -> Client {
        let access = PlatformAccess {
            appid: appid(PLATFORM),
            api_base: self.url.clone(),
            app_secret: Secret::new(APP_SECRET),
            push_token: Secret::new(PUSH_TOKEN),
            encoding_aes_key: Secret::new(AES_KEY),
            previous_encoding_aes_key: None,
            link_key: None,
        };
        // Waits between tries take no time.
        let clock = Arc::new(ManualClock::at(jiff::Timestamp::now()));
        let client = Client::new(access, store.clone(), clock, "this process".into()).unwrap();
        client
            .keep_ticket(&Secret::new("ticket@@@sentinel"), None)
            .await
            .unwrap();
        client
    }

    /// What came in at paths that end so.
    pub fn received(&self, ending: &str) -> Vec<Received> {
        let all = self.received.lock().unwrap();
        all.iter()
            .filter(|one| one.path.ends_with(ending))
            .cloned()
            .collect()
    }
}

async fn take(State(stage): State<Stage>, uri: Uri, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    let received = Received {
        path: uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    stage.received.lock().unwrap().push(received.clone());
    (stage.answerer)(received).await
}
