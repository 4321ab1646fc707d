//! A person with a browser, by order: opens a link of the platform's, clicks, chooses and confirms on WeChat's pages, and
//! comes back to the platform's page.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use reqwest::{RequestBuilder, header};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::app::App;
use super::control_answer::{Answer, Refused, bad, parse};

/// WeChat's pages on the way to a confirmation are two; more than a few are a circle.
const PAGES: usize = 6;
const FORM: &str = "application/x-www-form-urlencoded";
/// As much of a page as is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Who scans what.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    /// What `wxops authorize` prints.
    link: String,
    /// Where the platform listens, where the link's host is not one of this machine.
    #[serde(default)]
    at: Option<String>,
    /// The account that is chosen where a page asks for one.
    #[serde(default)]
    account: Option<String>,
}

/// A page: its status, where it leads at once, and its text.
struct Page {
    status: u16,
    location: Option<Url>,
    text: String,
}

/// Answers `{status, page}`: the last page, which is the platform's, and what it says at its top.
pub(super) async fn scan(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Order = parse(&body)?;
    let http = &app.http;
    let stands = order
        .at
        .as_deref()
        .map(Url::parse)
        .transpose()
        .map_err(bad)?;
    let ours = moved(Url::parse(&order.link).map_err(bad)?, stands.as_ref());
    let clicked = ask(http.post(ours.clone())).await?;
    let Some(theirs) = attribute(&clicked.text, "id=\"go\" href=\"") else {
        return answer(&clicked);
    };
    let mut at = Url::parse(&theirs).map_err(bad)?;
    let mut page = ask(http.get(at.clone()).header(header::REFERER, ours.as_str())).await?;
    for _ in 0..PAGES {
        if let Some(back) = page.location {
            let back = moved(back, stands.as_ref());
            return answer(&ask(http.get(back)).await?);
        }
        let Some(form) = form(&page.text, &mut at, order.account.as_deref())? else {
            return answer(&page);
        };
        let sent = http.post(at.clone()).body(form);
        page = ask(sent.header(header::CONTENT_TYPE, FORM)).await?;
    }
    Err(bad("the pages lead in a circle"))
}

fn answer(page: &Page) -> Answer {
    let said = between(&page.text, "<h1>", "</h1>").unwrap_or_default();
    Ok(Json(json!({"status": page.status, "page": said})))
}

/// The same address where the platform listens.
fn moved(mut link: Url, at: Option<&Url>) -> Url {
    if let Some(at) = at
        && link.set_scheme(at.scheme()).is_ok()
        && link.set_host(at.host_str()).is_ok()
    {
        // An address with a host takes a port.
        let _ = link.set_port(at.port());
    }
    link
}

async fn ask(request: RequestBuilder) -> Result<Page, Refused> {
    let failed = |error: reqwest::Error| {
        let why = format!("the page cannot be opened: {}", error.without_url());
        Refused(StatusCode::BAD_GATEWAY, why)
    };
    let answer = request.send().await.map_err(failed)?;
    let status = answer.status().as_u16();
    let location = answer.headers().get(header::LOCATION);
    let location = location.and_then(|to| answer.url().join(to.to_str().ok()?).ok());
    let text = answer.text().await.map_err(failed)?;
    if text.len() > LONGEST {
        return Err(bad("the page is too long"));
    }
    Ok(Page {
        status,
        location,
        text,
    })
}

/// What a page's form sends, with `at` where to. `None`: there is none.
fn form(text: &str, at: &mut Url, account: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(action) = attribute(text, "action=\"") else {
        return Ok(None);
    };
    *at = at.join(&action).map_err(bad)?;
    let inputs = text.split("<input ").skip(1);
    let hidden = inputs.filter(|input| input.starts_with("type=\"hidden\""));
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in hidden {
        if let (Some(name), Some(value)) =
            (attribute(input, "name=\""), attribute(input, "value=\""))
        {
            fields.append_pair(&name, &value);
        }
    }
    if text.contains("type=\"radio\"") {
        let account = account.ok_or_else(|| bad("the page asks for an `account`"))?;
        fields.append_pair("account", account);
    }
    Ok(Some(fields.finish()))
}

fn attribute(text: &str, begin: &str) -> Option<String> {
    let value = between(text, begin, "\"")?;
    Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split_once(end)?.0)
}
