//! What one API of the table is: path, method, token, permission sets, published daily limit; and a call on its way.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of some thirty kinds of fault each place is about a few"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::account::Account;
use super::answer::{Fields, File, Outcome, Refusal, refuse};
use super::calls::CallLog;
use super::fault::Kind;
use super::host::Fetched;
use super::multipart::Part;
use super::state::State;

/// How an API is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
}

/// Which token an API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// None: a secret travels in the body.
    None,
    /// The platform's (CAT).
    Component,
    /// The account's (AAT).
    Authorizer,
    /// Either of them.
    Either,
}

/// The names under which a token may come in the address.
type Names = &'static [&'static str];

/// What is taken unless WeChat is strict: both names are in use for the same APIs.
pub(super) const EITHER_NAME: Names = &["access_token", "component_access_token"];
const ACCESS_TOKEN: Names = &["access_token"];
const COMPONENT_ACCESS_TOKEN: Names = &["component_access_token"];

/// One API.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    pub(super) method: Method,
    /// Taken with the other method as well: page and SDKs disagree.
    pub(super) either_method: bool,
    /// A POST need not have a body.
    pub(super) bodiless: bool,
    /// Takes a form with a file in place of JSON.
    pub(super) form: bool,
    pub(super) token: Token,
    /// The name its page gives the token; it counts while the switch `strictTokenName` is on.
    named: Names,
    /// One of these permission sets must be granted; empty: none is asked for.
    pub(super) sets: &'static [u32],
    /// The published limit per appid and day.
    pub(super) daily: Option<u64>,
    /// Whether an account of this kind and verification has the API at all.
    pub(super) entitled: fn(&Account) -> bool,
    /// What a body with `\u` escapes is answered; none: as a switch says.
    pub(super) escaped: Option<i64>,
    /// What a body that is not UTF-8 is answered.
    pub(super) garbled: i64,
    /// Answers from what is there and changes nothing.
    pub(super) reads: bool,
    /// What an account that could never grant one of the sets is answered.
    pub(super) foreign_kind: i64,
    /// Does no more than that when its `action` is one of these.
    reading: &'static [&'static str],
    /// Looks for files at the hosts that a call names.
    pub(super) asks_hosts: bool,
    /// Its own code for "it is not there".
    absent: Option<i64>,
    /// Its own code for "it is there already".
    present: Option<i64>,
    pub(super) run: fn(&mut Call<'_>) -> Outcome,
}

/// An admitted call on its way through a handler.
pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    pub(super) now: Timestamp,
    /// The calling platform; empty where no token is asked for.
    pub(super) platform: String,
    /// The account the token acts for; empty for a platform's own calls.
    pub(super) account: String,
    pub(super) body: Fields,
    /// The parts of a form, where the API takes one.
    pub(super) parts: Vec<Part>,
    /// The parameters of the address, the token aside.
    pub(super) query: BTreeMap<String, String>,
    /// Host and port it came to: where the pages are.
    pub(super) host: String,
    /// The API at a path, for the few that are about other APIs.
    pub(super) api: fn(&str) -> Option<&'static Endpoint>,
    /// Earlier calls.
    pub(super) calls: &'a CallLog,
    /// Files that were fetched for this call from behind proxies.
    pub(super) fetched: Fetched,
    /// Set by a handler that changed something.
    pub(super) effect: bool,
    /// Set by a handler whose answer takes its time, though all is done.
    pub(super) late: Duration,
    /// Set by a handler that answers with bytes in place of fields.
    pub(super) file: Option<File>,
}

impl Call<'_> {
    /// A text field of the body; missing, empty and non-text are the same to WeChat.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.body
            .get(key)
            .and_then(serde_json::Value::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Component APIs name the platform once more in the body; it must be the token's.
    pub(super) fn own_platform(&self) -> Result<(), Refusal> {
        match self.text("component_appid") {
            None => refuse(41018),
            Some(app_id) if app_id != self.platform => refuse(40013),
            Some(_) => Ok(()),
        }
    }

    /// A parameter of the address; missing and empty are the same.
    pub(super) fn parameter(&self, key: &str) -> Option<&str> {
        self.query
            .get(key)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }
}

pub(super) const fn post(
    path: &'static str,
    token: Token,
    run: fn(&mut Call<'_>) -> Outcome,
) -> Endpoint {
    Endpoint {
        path,
        method: Method::Post,
        either_method: false,
        bodiless: false,
        form: false,
        token,
        named: match token {
            Token::Component => COMPONENT_ACCESS_TOKEN,
            Token::None | Token::Authorizer | Token::Either => ACCESS_TOKEN,
        },
        sets: &[],
        entitled: every_account,
        daily: None,
        escaped: None,
        garbled: 65318,
        reads: false,
        foreign_kind: 48001,
        reading: &[],
        asks_hosts: false,
        absent: None,
        present: None,
        run,
    }
}

pub(super) const fn get(
    path: &'static str,
    token: Token,
    run: fn(&mut Call<'_>) -> Outcome,
) -> Endpoint {
    Endpoint {
        method: Method::Get,
        ..post(path, token, run)
    }
}

impl Endpoint {
    pub(super) const fn sets(self, sets: &'static [u32]) -> Self {
        Self { sets, ..self }
    }

    /// Its page calls the token `component_access_token`, though an account's is taken as well.
    pub(super) const fn component_token_name(self) -> Self {
        Self {
            named: COMPONENT_ACCESS_TOKEN,
            ..self
        }
    }

    /// Its page calls the token `access_token`, though it is the platform's.
    pub(super) const fn access_token_name(self) -> Self {
        Self {
            named: ACCESS_TOKEN,
            ..self
        }
    }

    /// Its pages call the token by either name.
    pub(super) const fn either_token_name(self) -> Self {
        Self {
            named: EITHER_NAME,
            ..self
        }
    }

    /// The names under which it takes a token.
    pub(super) fn token_names(&self, strict: bool) -> Names {
        if strict { self.named } else { EITHER_NAME }
    }

    pub(super) const fn only_for(self, entitled: fn(&Account) -> bool) -> Self {
        Self { entitled, ..self }
    }

    pub(super) const fn daily(self, limit: u64) -> Self {
        Self {
            daily: Some(limit),
            ..self
        }
    }

    pub(super) const fn escaped(self, code: i64) -> Self {
        Self {
            escaped: Some(code),
            ..self
        }
    }

    pub(super) const fn garbled(self, code: i64) -> Self {
        Self {
            garbled: code,
            ..self
        }
    }

    pub(super) const fn either_method(self) -> Self {
        Self {
            either_method: true,
            ..self
        }
    }

    pub(super) const fn form(self) -> Self {
        Self { form: true, ..self }
    }

    pub(super) const fn bodiless(self) -> Self {
        Self {
            bodiless: true,
            ..self
        }
    }

    pub(super) const fn absent(self, code: i64) -> Self {
        Self {
            absent: Some(code),
            ..self
        }
    }

    pub(super) const fn present(self, code: i64) -> Self {
        Self {
            present: Some(code),
            ..self
        }
    }

    /// The code with which this API says that something is not there, or is there already.
    pub(super) fn says(&self, kind: Kind) -> Option<i64> {
        match kind {
            Kind::SaysAbsent => self.absent,
            Kind::SaysPresent => self.present,
            _ => None,
        }
    }

    pub(super) const fn reads(self) -> Self {
        Self {
            reads: true,
            ..self
        }
    }

    pub(super) const fn foreign_kind(self, code: i64) -> Self {
        Self {
            foreign_kind: code,
            ..self
        }
    }

    /// Reads when its `action`, in the body or in the address, is one of these.
    pub(super) const fn reads_when(self, reading: &'static [&'static str]) -> Self {
        Self { reading, ..self }
    }

    /// Whether a call with this body and this address reads.
    pub(super) fn is_read(&self, body: &[u8], query: &BTreeMap<String, String>) -> bool {
        if self.reads || self.reading.is_empty() {
            return self.reads;
        }
        let body: Fields = serde_json::from_slice(body).unwrap_or_default();
        let action = match self.method {
            Method::Post => body.get("action").and_then(serde_json::Value::as_str),
            Method::Get => query.get("action").map(String::as_str),
        };
        action.is_some_and(|action| self.reading.contains(&action))
    }

    pub(super) const fn asks_hosts(self) -> Self {
        Self {
            asks_hosts: true,
            ..self
        }
    }
}

fn every_account(_: &Account) -> bool {
    true
}
