//! An account's owner with a browser: opens a link of ours, clicks, chooses, confirms, and is sent back. Goes by what
//! stands on the pages alone.

use url::form_urlencoded::Serializer;

use super::control::{Response, exchange};

/// Where the owner's browser finds whom.
pub struct Browser<'a> {
    /// The host the manifest names, as it stands in links.
    pub public: &'a str,
    /// Where its sidecar listens in truth: `http://127.0.0.1:PORT`.
    pub sidecar: &'a str,
    /// Where WeChat's pages are.
    pub wechat: &'a str,
}

impl Browser<'_> {
    /// Walks from a link of ours to the page that WeChat leads back to, and answers that page. Where WeChat stops the
    /// owner on the way, its page is the last.
    pub fn authorize(&self, link: &str, account: &str) -> String {
        let ours = link.strip_prefix(self.public).unwrap();
        let invitation = self.get(self.sidecar, ours, &[]);
        assert_eq!(invitation.status, 200, "{}", invitation.body);
        let clicked = exchange(host(self.sidecar), "POST", ours, &[], "");
        let Some(target) = after(&clicked.body, "href=\"") else {
            return clicked.body;
        };
        let path = target
            .strip_prefix(self.wechat)
            .unwrap_or_else(|| panic!("{target} does not lead to {}", self.wechat));
        let choose = self.get(self.wechat, path, &[("Referer", link)]);
        let Some(confirm) = self.submit(&choose.body, Some(account)) else {
            return choose.body;
        };
        let Some(confirmed) = self.submit(&confirm.body, None) else {
            return confirm.body;
        };
        let Some(back) = confirmed.header("location") else {
            return confirmed.body;
        };
        // WeChat on this machine is told where the sidecar listens.
        let back = back
            .strip_prefix(self.sidecar)
            .unwrap_or_else(|| panic!("{back} does not lead back to {}", self.sidecar));
        self.get(self.sidecar, back, &[]).body
    }

    fn get(&self, at: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut all = vec![("Accept-Language", "en")];
        all.extend_from_slice(headers);
        exchange(host(at), "GET", path, &all, "")
    }

    /// Submits the form on a page of WeChat's with its hidden fields, and an account where one is chosen.
    fn submit(&self, page: &str, account: Option<&str>) -> Option<Response> {
        let action = after(page, "action=\"")?;
        let mut fields = Serializer::new(String::new());
        for input in page.split("<input ").skip(1) {
            if !input.starts_with("type=\"hidden\"") {
                continue;
            }
            fields.append_pair(&after(input, "name=\"")?, &after(input, "value=\"")?);
        }
        if let Some(account) = account {
            assert!(
                page.contains(account),
                "the page does not offer {account}: {page}"
            );
            fields.append_pair("account", account);
        }
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let host = host(self.wechat);
        Some(exchange(host, "POST", &action, &form, &fields.finish()))
    }
}

fn host(url: &str) -> &str {
    url.trim_start_matches("http://").trim_end_matches('/')
}

/// The text after a mark, up to the next quote.
fn after(page: &str, mark: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let value = rest.split('"').next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&lt;", "<"),
    )
}
