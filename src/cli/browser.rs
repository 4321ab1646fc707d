//! The demo's owner: walks the authorization pages as a browser would, by the forms and links that are on them.

use anyhow::bail;
use reqwest::header::{LOCATION, REFERER};
use url::Url;

use crate::cli::failed::{Failed, OrSay};
use crate::plan::Text;

/// Opens the link, clicks, chooses the account, confirms, and comes back.
pub(super) async fn authorize(link: &str, account: &str) -> anyhow::Result<()> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let ours = Url::parse(link)?;
    let clicked = http
        .post(ours.clone())
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    let target = attribute(&clicked, "href=\"")
        .or_say(|| Text::new("授权页上没有去微信的链接", "our page has no link to WeChat"))?;
    let theirs = Url::parse(&target)?;
    let choose = http
        .get(theirs.clone())
        .header(REFERER, ours.as_str())
        .send()
        .await?
        .text()
        .await?;
    let confirm = submit(&http, &theirs, &choose, Some(account))
        .await?
        .text()
        .await?;
    let confirmed = submit(&http, &theirs, &confirm, None).await?;
    let Some(back) = confirmed
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
    else {
        bail!(Failed::new(
            "微信的页面没有跳回",
            "WeChat's page did not lead back",
        ));
    };
    let welcome = http.get(theirs.join(back)?).send().await?;
    if !welcome.status().is_success() {
        let said = attribute(&welcome.text().await?, "<h1>").unwrap_or_default();
        bail!(Failed::new(
            format!("授权页拒绝了这个账号：{said}"),
            format!("our page refused the account: {said}"),
        ));
    }
    Ok(())
}

/// Submits the form on a page with its hidden fields, and an account where one is chosen.
async fn submit(
    http: &reqwest::Client,
    at: &Url,
    page: &str,
    account: Option<&str>,
) -> anyhow::Result<reqwest::Response> {
    let action = attribute(page, "action=\"")
        .or_say(|| Text::new("微信的页面上没有表单", "WeChat's page has no form"))?;
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in page.split("<input ").skip(1) {
        let hidden = input.starts_with("type=\"hidden\"");
        if let (true, Some(name), Some(value)) = (
            hidden,
            attribute(input, "name=\""),
            attribute(input, "value=\""),
        ) {
            fields.append_pair(&name, &value);
        }
    }
    if let Some(account) = account {
        fields.append_pair("account", account);
    }
    let response = http
        .post(at.join(&action)?)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields.finish())
        .send()
        .await?;
    Ok(response)
}

/// The text after a mark, up to the next quote or tag.
fn attribute(page: &str, mark: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let value = rest.split(['"', '<']).next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&lt;", "<"),
    )
}
