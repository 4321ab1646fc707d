//! An account owner's browser, as far as the authorization pages need one: forms, hidden fields, redirects.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// What a page answered.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Page {
    fn location(&self) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location")
                .then_some(value.trim())
        })
    }
}

/// Opens our link, clicks, chooses the account on WeChat's pages where they ask for one, confirms, and comes back to our
/// last page. Where our own page leads nowhere, that is the last one.
pub fn authorize(sidecar: &str, link: &str, account: &str) -> Page {
    match confirm(sidecar, link, account) {
        Ok(back) => open("GET", &format!("{sidecar}{back}"), &[], ""),
        Err(last) => last,
    }
}

/// The same up to WeChat's redirect: the path on our side that it leads to.
pub fn confirm(sidecar: &str, link: &str, account: &str) -> Result<String, Page> {
    // The link names the public host; this machine's sidecar stands behind it.
    let places = ["/authorize/", "/register/"];
    let place = places.iter().find_map(|place| link.find(place)).unwrap();
    let ours = format!("{sidecar}{}", &link[place..]);
    let clicked = open("POST", &ours, &[], "");
    let Some(theirs) = attribute(&clicked.body, "id=\"go\" href=\"") else {
        return Err(clicked);
    };
    let mut page = open("GET", &theirs, &[("Referer", &ours)], "");
    while page.location().is_none() {
        let chosen = page.body.contains("type=\"radio\"").then_some(account);
        page = submit(&theirs, &page, chosen);
    }
    let (_, path) = page.location().unwrap().split_once("://").unwrap();
    Ok(format!("/{}", path.split_once('/').unwrap().1))
}

/// Submits the form on a page with its hidden fields, and an account where one is chosen.
fn submit(at: &str, page: &Page, account: Option<&str>) -> Page {
    let action = attribute(&page.body, "action=\"")
        .unwrap_or_else(|| panic!("no form on the page: {page:?}"));
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in page.body.split("<input ").skip(1) {
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
    let target = url::Url::parse(at).unwrap().join(&action).unwrap();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    open("POST", target.as_str(), &form, &fields.finish())
}

/// One HTTP/1.1 request on a connection of its own.
pub fn open(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Page {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let text = String::from_utf8_lossy(&raw).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Page {
        status: head.split_whitespace().nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// The text after a mark, up to the next quote or tag.
fn attribute(page: &str, mark: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let value = rest.split(['"', '<']).next()?;
    Some(value.replace("&amp;", "&").replace("&quot;", "\""))
}
