//! Web servers of others, served on WeChat's own port: by their name in the `Host` header, or below `/_hosts/`.
//!
//! A host that leads to a proxy has what lies there, so that a file which somebody serves on this machine is found
//! both by who looks at the host and by the simulated WeChat.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde_json::Value;

use super::app::App;
use super::host::{Fetched, Host, PATIENCE_MS};
use super::miniprogram::ConfirmFile;
use super::state::State;
use super::wire::Wire;

/// Where a host is served whose name the `Host` header does not give.
const BELOW: &str = "/_hosts/";
/// Marks what was sent on, which is not sent on again.
const SENT_ON: &str = "x-simulated-host";
/// Most bytes taken from behind a proxy.
const MOST: usize = 1 << 20;

/// Answers for a declared host, or lets the request go to WeChat.
pub(super) async fn serve(
    Shared(app): Shared<Arc<App>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let Some((name, path)) = addressed(&request) else {
        return next.run(request).await;
    };
    let declared = app.world().state.hosts.get(&name).cloned();
    match declared {
        Some(host) => {
            // A body cannot be waited beside.
            let (asked, _) = request.into_parts();
            answer(&app, &name, &host, &path, &asked, &wire).await
        }
        None if request.uri().path().starts_with(BELOW) => {
            plain(StatusCode::NOT_FOUND, "no such host")
        }
        None => next.run(request).await,
    }
}

/// Host and path of a request that may be for a declared host.
fn addressed(request: &Request) -> Option<(String, String)> {
    let path = request.uri().path_and_query()?.as_str();
    if let Some(below) = path.strip_prefix(BELOW) {
        let (host, file) = below.split_once('/').unwrap_or((below, ""));
        return Some((host.to_ascii_lowercase(), format!("/{file}")));
    }
    let named = request.headers().get(header::HOST)?.to_str().ok()?;
    let host = named.rsplit_once(':').map_or(named, |(host, _)| host);
    Some((host.to_ascii_lowercase(), path.to_owned()))
}

async fn answer(
    app: &App,
    name: &str,
    host: &Host,
    path: &str,
    asked: &Parts,
    wire: &Wire,
) -> Response<Body> {
    tokio::time::sleep(Duration::from_millis(host.delay_ms)).await;
    if host.unreachable {
        wire.cut();
        return plain(StatusCode::BAD_GATEWAY, "unreachable");
    }
    if let Some(location) = &host.redirect {
        let to = [(header::LOCATION, location.clone())];
        return (StatusCode::FOUND, to).into_response();
    }
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "files are read");
    }
    let file = path.split('?').next().unwrap_or_default();
    if let Some(content) = host.files.get(file.trim_start_matches('/')) {
        return plain(StatusCode::OK, content);
    }
    match &host.proxy {
        Some(proxy) if !asked.headers.contains_key(SENT_ON) => {
            match send_on(app, proxy, name, path, &asked.headers).await {
                Some((status, bytes)) => (status, bytes).into_response(),
                None => plain(StatusCode::BAD_GATEWAY, "nobody answers behind the proxy"),
            }
        }
        Some(_) | None => plain(StatusCode::NOT_FOUND, "no such file"),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, text.to_owned()).into_response()
}

/// What lies behind a proxy.
async fn send_on(
    app: &App,
    proxy: &str,
    host: &str,
    path: &str,
    headers: &HeaderMap,
) -> Option<(StatusCode, Vec<u8>)> {
    let url = format!("{}{path}", proxy.trim_end_matches('/'));
    let mut sent = app
        .http
        .get(url)
        .timeout(Duration::from_millis(PATIENCE_MS))
        .header(header::HOST, host)
        .header(SENT_ON, host);
    if let Some(kind) = headers.get(header::ACCEPT) {
        sent = sent.header(header::ACCEPT, kind);
    }
    let mut answer = sent.send().await.ok()?;
    let mut bytes = Vec::new();
    while let Some(more) = answer.chunk().await.ok()? {
        bytes.extend_from_slice(&more);
        if bytes.len() > MOST {
            return None;
        }
    }
    Some((answer.status(), bytes))
}

/// Looks behind the proxies of the hosts that a call names, for the files that may be asked for: those of the account
/// it is about and of its platforms.
pub(super) async fn fetched(app: &App, account: &str, body: &[u8]) -> Fetched {
    let wanted = wanted(&app.world().state, account, body);
    let asked = wanted.into_iter().map(|(host, proxy, file)| async move {
        let path = format!("/{file}");
        let found = send_on(app, &proxy, &host, &path, &HeaderMap::new()).await;
        let (status, bytes) = found?;
        let text = String::from_utf8(bytes).ok()?;
        (status == StatusCode::OK).then_some(((host, file), text))
    });
    let found = futures::future::join_all(asked).await;
    Fetched(found.into_iter().flatten().collect())
}

/// Host, proxy and file.
fn wanted(state: &State, account: &str, body: &[u8]) -> Vec<(String, String, String)> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = body.to_string().to_ascii_lowercase();
    let names_none = body.get("action").is_none();
    let platforms = state.authorizations.values();
    let platforms = platforms.filter(|one| one.account == account);
    let platforms = platforms.map(|one| one.platform.as_str());
    let files: Vec<ConfirmFile> = platforms
        .chain([account])
        .filter_map(|app_id| state.confirm_file(app_id))
        .collect();
    let hosts = state
        .hosts
        .iter()
        .filter(|(name, host)| host.answers() && (names_none || text.contains(name.as_str())));
    hosts
        .filter_map(|(name, host)| Some((name, host.proxy.as_ref()?)))
        .flat_map(|(name, proxy)| {
            let of_file = |file: &ConfirmFile| (name.clone(), proxy.clone(), file.name.clone());
            files.iter().map(of_file).collect::<Vec<_>>()
        })
        .collect()
}

impl State {
    /// The verification file of an app or a platform.
    pub(super) fn confirm_file(&self, app_id: &str) -> Option<ConfirmFile> {
        let own = match (self.accounts.get(app_id), self.platforms.get(app_id)) {
            (Some(account), _) => &account.mini_program.domains.confirm_file,
            (None, Some(platform)) => &platform.domains.confirm_file,
            (None, None) => return None,
        };
        Some(own.clone().unwrap_or_else(|| ConfirmFile::of(app_id)))
    }
}
