//! An owner's browser: opens links, clicks what is on the pages, is sent from host to host.

use reqwest::header::{LOCATION, REFERER};
use url::Url;
use wxops::client::{Addressee, Purpose, authorize};

use super::place::Place;

/// A page as the owner sees it.
#[derive(Debug, Clone)]
pub struct Page {
    pub at: Url,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    pub fn title(&self) -> &str {
        between(&self.text, "<h1>", "<").unwrap_or_default()
    }

    /// Where the link on it leads.
    pub fn link(&self) -> Url {
        let href = between(&self.text, "href=\"", "\"").unwrap();
        Url::parse(&href.replace("&amp;", "&")).unwrap()
    }
}

impl Place {
    pub fn link(&self, tenant: &str) -> Url {
        let public = Url::parse(&self.url("")).unwrap();
        let Ok(to) = tenant.parse::<Addressee>();
        authorize::address(
            self.client.platform(),
            Purpose::Authorize,
            &to,
            (&public, "/authorize"),
        )
    }

    pub async fn get(&self, url: Url, headers: &[(&str, &str)]) -> Page {
        let request = headers
            .iter()
            .fold(self.http.get(url.clone()), |request, (name, value)| {
                request.header(*name, *value)
            });
        page(url, request.send().await.unwrap()).await
    }

    pub async fn post(&self, url: Url, headers: &[(&str, &str)]) -> Page {
        let request = headers
            .iter()
            .fold(self.http.post(url.clone()), |request, (name, value)| {
                request.header(*name, *value)
            });
        page(url, request.send().await.unwrap()).await
    }

    /// Opens the tenant's link, clicks, chooses an account at WeChat, confirms. Answers where WeChat leads back to.
    pub async fn authorize_at_wechat(&self, tenant: &str, account: &str) -> Url {
        let link = self.link(tenant);
        let clicked = self.post(link.clone(), &[]).await;
        assert_eq!(clicked.status, 200, "{}", clicked.text);
        let target = clicked.link();
        let theirs = self.get(target, &[(REFERER.as_str(), link.as_str())]).await;
        let confirm = self.submit(&theirs, Some(account)).await;
        let done = self.submit(&confirm, None).await;
        let back = done
            .headers
            .get(LOCATION)
            .unwrap_or_else(|| panic!("{}", done.text));
        done.at.join(back.to_str().unwrap()).unwrap()
    }

    /// As [`Place::authorize_at_wechat`], and comes back.
    pub async fn authorize(&self, tenant: &str, account: &str) -> Page {
        let back = self.authorize_at_wechat(tenant, account).await;
        self.get(back, &[]).await
    }

    async fn submit(&self, on: &Page, account: Option<&str>) -> Page {
        let action = between(&on.text, "action=\"", "\"").unwrap_or_else(|| panic!("{}", on.text));
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for input in on.text.split("<input ").skip(1) {
            if input.starts_with("type=\"hidden\"") {
                let name = between(input, "name=\"", "\"").unwrap();
                let value = between(input, "value=\"", "\"")
                    .unwrap()
                    .replace("&amp;", "&");
                fields.append_pair(name, &value);
            }
        }
        if let Some(account) = account {
            fields.append_pair("account", account);
        }
        let url = on.at.join(action).unwrap();
        let answer = self
            .http
            .post(url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(fields.finish())
            .send()
            .await
            .unwrap();
        page(url, answer).await
    }
}

async fn page(at: Url, answer: reqwest::Response) -> Page {
    Page {
        at,
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().await.unwrap(),
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(after).next()
}
