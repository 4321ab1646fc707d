//! The page `fastregisterauth`: an official account's administrator confirms that its entity is reused, and is sent back
//! with a ticket.
//!
//! developers.weixin.qq.com: 第三方平台 / 复用公众号主体快速注册小程序. Like the authorization page it has to be reached by a
//! click on a page of the platform's domain. How it looks is in `page_view.rs`.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::Markup;
use url::Url;

use super::consent_page;
use super::official;
use super::page_view::{self as view, CONFIRM, Link, Stop};
use super::state::ScanTicket;
use crate::simulator::account::Account;
use crate::simulator::app::App;
use crate::simulator::credential;
use crate::simulator::launch_domain::{is_configured, landing, referer};
use crate::simulator::state::{Platform, State};

/// 快速注册小程序: the set an official account grants to one platform only.
const REGISTER: u32 = 27;

/// Its routes, and those of the page on which a person agrees.
pub(in crate::simulator) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/cgi-bin/fastregisterauth", get(open))
        .route(CONFIRM, post(confirm))
        .merge(consent_page::routes())
}

async fn open(
    Shared(app): Shared<Arc<App>>,
    headers: HeaderMap,
    Query(link): Query<Link>,
) -> Markup {
    let world = app.world();
    let shown = entry(&world.state, &link, referer(&headers).as_ref())
        .and_then(|()| checked(&world.state, &link));
    match shown {
        Ok((account, _)) => view::confirm(&link, account),
        Err(stop) => view::stop(&stop),
    }
}

async fn confirm(Shared(app): Shared<Arc<App>>, Form(link): Form<Link>) -> Response {
    match complete(&app, &link) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(stop) => view::stop(&stop).into_response(),
    }
}

/// The administrator confirms: a ticket is made, and the browser goes back with it.
fn complete(app: &App, link: &Link) -> Result<String, Stop> {
    let now = app.clock.now();
    let mut world = app.world();
    let (account, mut back) = checked(&world.state, link)?;
    let ticket = ScanTicket {
        value: credential::new_registration_ticket(),
        platform: link.component_appid.clone(),
        account: account.app_id.clone(),
        copy_wx_verify: link.copies(),
        redirect_uri: link.redirect_uri.clone(),
        issued_at: now,
        used_at: None,
    };
    back.query_pairs_mut().append_pair("ticket", &ticket.value);
    let tickets = &mut world.state.registrations.tickets;
    tickets.retain(|_, ticket| !credential::forgettable(ticket.issued_at, now));
    tickets.insert(ticket.value.clone(), ticket);
    Ok(back.into())
}

/// The account whose entity is to be reused, and where the browser goes, once the link is found to be in order.
fn checked<'a>(state: &'a State, link: &Link) -> Result<(&'a Account, Url), Stop> {
    let platform = platform(state, link)?;
    if !matches!(link.copy_wx_verify.as_str(), "" | "0" | "1") {
        return Err(Stop::CopyWxVerify);
    }
    let back = landing(platform, &link.redirect_uri).ok_or(Stop::RedirectUri)?;
    let account = state.accounts.get(&link.appid);
    let account = account.filter(|account| account.is_official());
    let account = account.ok_or(Stop::NoAccount)?;
    if account.is_out_of_use() {
        return Err(Stop::NotInUse);
    }
    match state.authorization(&platform.app_id, &account.app_id) {
        None => return Err(Stop::NotAuthorized),
        Some(one) if !one.permission_sets.contains(&REGISTER) => return Err(Stop::SetMissing),
        Some(_) => {}
    }
    match official::unfit(account) {
        Some(code) => Err(Stop::Unfit(code)),
        None => Ok((account, back)),
    }
}

fn platform<'a>(state: &'a State, link: &Link) -> Result<&'a Platform, Stop> {
    let found = state.platforms.get(&link.component_appid);
    found.ok_or(Stop::NoPlatform)
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
