//! Orders about web servers of others, and the release of an app.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, bad, missing, parse, plain};
use super::host::{self, Host};

pub(super) async fn list(Shared(app): Shared<Arc<App>>) -> Answer {
    plain(&app.world().state.hosts)
}

/// Declares a host, whole.
pub(super) async fn put(
    Shared(app): Shared<Arc<App>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let declared: Host = parse(&body)?;
    if let Some(problem) = host::problem(&name, &declared) {
        return Err(bad(problem));
    }
    let answer = plain(&declared);
    app.world().state.hosts.insert(name, declared);
    answer
}

pub(super) async fn delete(Shared(app): Shared<Arc<App>>, Path(name): Path<String>) -> Answer {
    match app.world().state.hosts.remove(&name) {
        Some(_) => Ok(Json(json!({}))),
        None => Err(missing(format!("there is no host `{name}`"))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    content: String,
}

/// Puts a file there; a host that nobody declared is declared by it.
pub(super) async fn put_file(
    Shared(app): Shared<Arc<App>>,
    Path((name, file)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let given: File = parse(&body)?;
    let mut world = app.world();
    let hosts = &mut world.state.hosts;
    let mut declared = hosts.get(&name).cloned().unwrap_or_default();
    if let Some(problem) = host::problem(&name, &declared) {
        return Err(bad(problem));
    }
    declared.files.insert(file, given.content);
    let answer = plain(&declared);
    hosts.insert(name, declared);
    answer
}

pub(super) async fn delete_file(
    Shared(app): Shared<Arc<App>>,
    Path((name, file)): Path<(String, String)>,
) -> Answer {
    let mut world = app.world();
    let declared = world.state.hosts.get_mut(&name);
    let removed = declared.and_then(|host| host.files.remove(&file));
    match removed {
        Some(_) => plain(&world.state.hosts.get(&name)),
        None => Err(missing(format!("there is no file `{file}` at `{name}`"))),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Release {
    platform: Option<String>,
}

/// A version of the app goes online: what that does to its domains.
pub(super) async fn release(
    Shared(app): Shared<Arc<App>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let order: Release = parse(&body)?;
    let mut world = app.world();
    let now = app.clock.now();
    world.settle(now);
    let Some(before) = world.state.accounts.get(&appid).cloned() else {
        return Err(missing(format!("there is no account `{appid}`")));
    };
    if let Some(platform) = &order.platform
        && !world.state.platforms.contains_key(platform)
    {
        return Err(missing(format!("there is no platform `{platform}`")));
    }
    world
        .state
        .release_domains(&appid, order.platform.as_deref());
    world.past.note(before, now);
    plain(&world.state.accounts.get(&appid))
}
