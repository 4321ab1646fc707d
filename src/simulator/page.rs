//! The authorization pages (授权页): an owner chooses an account, confirms, and is sent back with a code.
//!
//! developers.weixin.qq.com: 第三方平台 / 授权流程技术说明. WeChat checks where the visitor comes from: the page
//! has to be reached by a click on a page of the configured domain, so a request without a Referer (as after a
//! bare redirect) ends on an error page. How it all looks is in `page_view.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use jiff::Timestamp;
use maud::Markup;
use serde::Deserialize;
use url::Url;

use super::account::{Account, Kind};
use super::app::App;
use super::credential::CODE_LIFE;
use super::launch_domain::{is_configured, landing, referer};
use super::page_view::{self as view, CHOOSE, CONFIRM, Link, Stop};
use super::state::{Platform, State};
use super::{delivery, grant};

/// The desktop page.
const SCAN: &str = "/cgi-bin/componentloginpage";
/// The page inside WeChat, and the address it used to have.
const INSIDE: [&str; 2] = ["/wxaopen/safe/bindcomponent", "/safe/bindcomponent"];

/// All page routes.
pub(super) fn routes() -> Router<Arc<App>> {
    INSIDE
        .into_iter()
        .fold(Router::new().route(SCAN, get(open)), |router, path| {
            router.route(path, get(open))
        })
        .route(CHOOSE, post(choose))
        .route(CONFIRM, post(confirm))
}

/// The link, and what the owner clicked.
#[derive(Debug, Deserialize)]
struct Click {
    #[serde(default)]
    account: String,
    component_appid: String,
    pre_auth_code: String,
    redirect_uri: String,
    #[serde(default)]
    auth_type: String,
    #[serde(default)]
    biz_appid: String,
    #[serde(default)]
    category_id_list: String,
}

async fn open(
    Shared(app): Shared<Arc<App>>,
    headers: HeaderMap,
    Query(link): Query<Link>,
) -> Markup {
    let now = app.clock.now();
    let world = app.world();
    let shown = entry(&world.state, &link, referer(&headers).as_ref())
        .and_then(|()| accounts(&world.state, &link, now));
    match shown {
        Ok(accounts) => view::choose(&link, &accounts),
        Err(stop) => view::stop(&stop),
    }
}

async fn choose(Shared(app): Shared<Arc<App>>, Form(click): Form<Click>) -> Markup {
    let (link, chosen) = click.parts();
    let now = app.clock.now();
    let world = app.world();
    match chosen_account(&world.state, &link, &chosen, now) {
        Ok((account, sets)) => view::confirm(&link, account, &sets),
        Err(stop) => view::stop(&stop),
    }
}

async fn confirm(Shared(app): Shared<Arc<App>>, Form(click): Form<Click>) -> Response {
    let (link, chosen) = click.parts();
    match complete(&app, &link, &chosen) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(stop) => view::stop(&stop).into_response(),
    }
}

impl Click {
    fn parts(self) -> (Link, String) {
        let link = Link {
            component_appid: self.component_appid,
            pre_auth_code: self.pre_auth_code,
            redirect_uri: self.redirect_uri,
            auth_type: self.auth_type,
            biz_appid: self.biz_appid,
            category_id_list: self.category_id_list,
        };
        (link, self.account)
    }
}

/// The owner confirms: the code is spent, the event is on its way, and the browser goes back.
fn complete(app: &Arc<App>, link: &Link, chosen: &str) -> Result<String, Stop> {
    let now = app.clock.now();
    let mut world = app.world();
    let (account, sets) = chosen_account(&world.state, link, chosen, now)?;
    let account = account.app_id.clone();
    let mut back = redirect_uri(platform(&world.state, link)?, link)?;
    let grant = grant::authorize(
        &mut world.state,
        now,
        &link.component_appid,
        &account,
        Some(&sets),
        Some(&link.pre_auth_code),
    )
    .map_err(Stop::Grant)?;
    let codes = &mut world.state.credentials.pre_auth_codes;
    if let Some(code) = codes.get_mut(&link.pre_auth_code) {
        code.used = true;
    }
    drop(world);
    if let Some(push) = grant.push {
        tokio::spawn(delivery::deliver(app.clone(), push));
    }
    back.query_pairs_mut()
        .append_pair("auth_code", &grant.code)
        .append_pair("expires_in", &CODE_LIFE.as_secs().to_string());
    Ok(back.into())
}

fn chosen_account<'a>(
    state: &'a State,
    link: &Link,
    chosen: &str,
    now: Timestamp,
) -> Result<(&'a Account, BTreeSet<u32>), Stop> {
    let account = accounts(state, link, now)?
        .into_iter()
        .find(|account| account.app_id == chosen)
        .ok_or(Stop::NoAccount)?;
    let asked = asked_sets(platform(state, link)?, link);
    let sets = grant::grantable(state, &link.component_appid, chosen, Some(&asked))
        .map_err(Stop::Grant)?;
    Ok((account, sets))
}

/// The accounts an owner may choose from, once the link is found to be in order.
fn accounts<'a>(state: &'a State, link: &Link, now: Timestamp) -> Result<Vec<&'a Account>, Stop> {
    let platform = platform(state, link)?;
    match state.credentials.pre_auth_codes.get(&link.pre_auth_code) {
        Some(code) if code.platform != platform.app_id => return Err(Stop::CodeInvalid),
        None => return Err(Stop::CodeInvalid),
        Some(code) if code.used => return Err(Stop::CodeUsed),
        Some(code) if code.expires_at <= now => return Err(Stop::CodeExpired),
        Some(_) => {}
    }
    redirect_uri(platform, link)?;
    let eligible: Vec<&Account> = state
        .accounts
        .values()
        .filter(|account| suits(link, account))
        .filter(|account| grant::grantable(state, &platform.app_id, &account.app_id, None).is_ok())
        .collect();
    if eligible.is_empty() {
        return Err(Stop::NoAccount);
    }
    Ok(eligible)
}

/// `biz_appid` overrides `auth_type`.
fn suits(link: &Link, account: &Account) -> bool {
    if !link.biz_appid.is_empty() {
        return account.app_id == link.biz_appid;
    }
    match link.auth_type.as_str() {
        "1" => account.kind == Kind::OfficialAccount,
        "2" => account.kind == Kind::MiniProgram,
        "" | "3" | "6" => true,
        _ => false,
    }
}

/// `category_id_list` narrows what is published; what it does not know it leaves out.
fn asked_sets(platform: &Platform, link: &Link) -> BTreeSet<u32> {
    let published = grant::published(platform);
    if link.category_id_list.is_empty() {
        return published;
    }
    link.category_id_list
        .split('|')
        .filter_map(|id| id.trim().parse().ok())
        .filter(|id| published.contains(id))
        .collect()
}

fn platform<'a>(state: &'a State, link: &Link) -> Result<&'a Platform, Stop> {
    state
        .platforms
        .get(&link.component_appid)
        .ok_or(Stop::NoPlatform)
}

fn redirect_uri(platform: &Platform, link: &Link) -> Result<Url, Stop> {
    landing(platform, &link.redirect_uri).ok_or(Stop::RedirectUri)
}

/// Where the visitor clicked: there has to be such a page, on the configured domain.
fn entry(state: &State, link: &Link, referer: Option<&Url>) -> Result<(), Stop> {
    let platform = platform(state, link)?;
    match referer.and_then(Url::host_str) {
        None => Err(Stop::EntryPage(None)),
        Some(host) if is_configured(platform, host) => Ok(()),
        Some(host) => Err(Stop::EntryPage(Some(host.to_owned()))),
    }
}
