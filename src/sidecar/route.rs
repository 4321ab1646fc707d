//! Which path is whose. Paths are the operator's to choose, so they are matched here and not in a static table.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::oneshot;

use super::callback::Obstacle;
use super::intake::Refusal;
use super::paths::{at_messages, at_notices, below, decoded};
use super::platform::Platform;
use super::shared::{Current, Shared};
use super::{
    callback, confirm, health, intake, messages, notices, page, pages, register, stray, trouble,
};
use crate::client::Purpose;
use crate::wechat::push::PushTrouble;

/// A push is answered within WeChat's 5 seconds or not at all.
const PUSH: Duration = Duration::from_secs(5);
/// A page waits for WeChat, which may take its time: three tries of 10 seconds for a code.
const PAGE: Duration = Duration::from_secs(40);

/// How long an owner who comes back looks at an empty page before she is told that it goes on without her.
const OWNER: Duration = Duration::from_secs(20);

/// What a path is for.
enum Place<'a> {
    Alive,
    Ready,
    Notices,
    Messages,
    Page(&'a Platform, Purpose, String),
    Callback(&'a Platform, Purpose, String),
    /// A confirm file, by its name.
    Confirm(String),
    Nowhere,
}

/// Answers one request.
pub(super) async fn answer(State(current): State<Current>, request: Request<Body>) -> Response {
    let shared = current.get();
    let path = request.uri().path().to_owned();
    let place = place(&shared, request.method(), &path);
    let deadline = match place {
        Place::Page(..) | Place::Callback(..) => PAGE,
        Place::Alive
        | Place::Ready
        | Place::Notices
        | Place::Messages
        | Place::Confirm(_)
        | Place::Nowhere => PUSH,
    };
    let is_page = matches!(place, Place::Page(..) | Place::Callback(..));
    let reader = page::reader(request.headers());
    match tokio::time::timeout(deadline, at(&shared, place, &path, request)).await {
        Ok(response) => response,
        Err(_) if is_page => pages::busy(reader),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn at(
    shared: &Arc<Shared>,
    place: Place<'_>,
    path: &str,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let posted = parts.method == Method::POST;
    match place {
        Place::Alive => health::alive(),
        Place::Ready => health::ready(shared).await,
        Place::Notices | Place::Messages if !posted => {
            intake::echo(shared, &parts.method, &query).await
        }
        Place::Notices => match intake::receive(query, parts.headers, body).await {
            Ok(push) => notices::take(shared, path, &push).await,
            Err(trouble) => refuse(shared, at_notices(shared, path), trouble).await,
        },
        Place::Messages => match intake::receive(query, parts.headers, body).await {
            Ok(push) => messages::take(shared, path, &push).await,
            Err(trouble) => refuse(shared, at_messages(shared, path), trouble).await,
        },
        Place::Confirm(name) => confirm::answer(shared, &name).await,
        Place::Page(platform, Purpose::Authorize, link) => {
            pages::answer(shared, platform, &link, &parts.method, &parts.headers).await
        }
        Place::Page(platform, Purpose::Register, link) => {
            register::answer(shared, platform, &link, &parts.method, &parts.headers).await
        }
        // Whoever only looks spends nothing and leaves nothing behind.
        Place::Callback(platform, purpose, link) if parts.method == Method::HEAD => {
            callback::looked_at(shared, platform, (purpose, &link), &query, &parts.headers).await
        }
        Place::Callback(platform, Purpose::Authorize, link) if parts.method == Method::GET => {
            come_back(shared, platform, link, query, parts.headers).await
        }
        Place::Callback(platform, Purpose::Register, link) if parts.method == Method::GET => {
            register::come_back(shared, platform, &link, &query, &parts.headers).await
        }
        Place::Callback(..) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Place::Nowhere => {
            if stray::is_stray(&shared.platforms, posted, path, &query) {
                let platforms: Vec<&Platform> = shared.platforms.iter().map(Arc::as_ref).collect();
                trouble::note(shared, &platforms, PushTrouble::Path, Some(path)).await;
            }
            if is_get(&parts.method) && is_cut_short(shared, path) {
                return pages::unknown_link(page::reader(&parts.headers));
            }
            StatusCode::NOT_FOUND.into_response()
        }
    }
}

/// Whether a request only gets something; of a HEAD the server sends no body.
fn is_get(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

/// Whether a path is that of links, without one.
fn is_cut_short(shared: &Shared, path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    let mut all = shared.platforms.iter();
    all.any(|one| {
        let pages = [&one.served.authorize, &one.served.register];
        pages.iter().any(|path| path.trim_end_matches('/') == bare)
    })
}

async fn refuse<'a>(
    shared: &Shared,
    platforms: impl Iterator<Item = &'a Platform>,
    trouble: PushTrouble,
) -> Response {
    let platforms = platforms.collect();
    Refusal { trouble, platforms }.answer(shared).await
}

/// A code works once, so what it brings is kept and pinned also when the owner's browser is gone by then.
async fn come_back(
    shared: &Arc<Shared>,
    platform: &Platform,
    link: String,
    query: String,
    headers: HeaderMap,
) -> Response {
    let (tell, told) = oneshot::channel();
    let reader = page::reader(&headers);
    let (whole, appid) = (Arc::clone(shared), platform.appid().clone());
    shared.background(async move {
        let platform = whole.platforms.iter().find(|one| *one.appid() == appid);
        if let Some(platform) = platform {
            let page = callback::come_back(&whole, platform, &link, &query, &headers).await;
            // Nobody listens any more where the browser is gone.
            let _ = tell.send(page);
        }
    });
    match tokio::time::timeout(OWNER, told).await {
        Ok(Ok(page)) => page,
        Ok(Err(_)) => pages::out_of_order(reader),
        Err(_) => callback::goes_on(reader, Obstacle::WeChat),
    }
}

fn place<'a>(shared: &'a Shared, method: &Method, path: &str) -> Place<'a> {
    match path {
        "/healthz" => return Place::Alive,
        "/readyz" => return Place::Ready,
        _ => {}
    }
    let platforms = &shared.platforms;
    if at_notices(shared, path).next().is_some() {
        return Place::Notices;
    }
    if at_messages(shared, path).next().is_some() {
        return Place::Messages;
    }
    // Several platforms share a path; whose link it is, its signature says.
    let mut found = Place::Nowhere;
    let pages = platforms.iter().flat_map(|platform| {
        let served = &platform.served;
        [
            (platform, Purpose::Authorize, &served.authorize),
            (platform, Purpose::Register, &served.register),
        ]
    });
    for (platform, purpose, pages) in pages {
        let Some(link) = below(pages, path) else {
            continue;
        };
        let (link, callback) = match link.strip_suffix("/callback") {
            Some(link) => (decoded(link), true),
            None => (decoded(link), false),
        };
        let ours = pages::is_ours(platform, purpose, &link);
        if ours || matches!(found, Place::Nowhere) {
            found = if callback {
                Place::Callback(platform, purpose, link)
            } else {
                Place::Page(platform, purpose, link)
            };
        }
        if ours {
            break;
        }
    }
    match (&found, confirm::file_of(path)) {
        (Place::Nowhere, Some(name)) if is_get(method) => Place::Confirm(name.to_owned()),
        _ => found,
    }
}
