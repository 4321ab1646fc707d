//! What an endpoint is: its path, its token, what a repeated call would do, what it costs.
//!
//! Every endpoint is one `static` beside the types of its family; [`ALL`] lists them. Nothing here sends.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::calendar::shanghai;
use super::id::Appid;

/// One endpoint of WeChat's API.
#[derive(Debug)]
pub struct Endpoint {
    /// The name people use, which is the end of the path and no other endpoint's: `menu/create`,
    /// `api_get_authorizer_info`.
    pub name: &'static str,
    /// The path with its leading slash: `/cgi-bin/menu/create`. A query stands in it only where the endpoint is told by
    /// one that is sent beside a body.
    pub path: &'static str,
    /// How it is sent.
    pub method: Method,
    /// What repeating it would do. A property of the API, not of the method: `GET menu/delete` is a write.
    pub class: CallClass,
    /// Which token goes into its query.
    pub token: TokenKind,
    /// Permission sets (权限集), one of which must be granted. Empty: none is asked for.
    pub sets: &'static [u16],
    /// Its published limits, if there are any: that of the longest period last. Each call takes from all of them.
    pub quotas: &'static [Quota],
}

/// HTTP method of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// No body: what the call says goes into the query.
    Get,
    /// A JSON body, at least `{}`: an empty one is refused with 44002.
    Post,
    /// A form that holds a file (`multipart/form-data`); what else the call says goes into the query.
    Upload,
}

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long one that carries a file may: 10 MiB at 200 KiB a second.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a commit may: WeChat packs the code before it answers, by reports for more than 30 seconds.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(90);

impl Endpoint {
    /// The limit that is shown where one is: that of the longest period, which is the hardest to wait for.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        self.quotas.last().copied()
    }

    /// The action of an operation that calls it: its name, and which of the account's things it is about where it has
    /// several.
    #[must_use]
    pub fn action(&self, thing: Option<&str>) -> String {
        match thing {
            None => self.name.to_owned(),
            Some(thing) => format!("{}+{thing}", self.name),
        }
    }

    /// What its limits are counted under: endpoints that share a path share them, and the first word of their names.
    #[must_use]
    pub fn counted_as(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// How long one request may take as a whole. The journal waits this long before it probes.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        match self.method {
            Method::Post if self.path == super::code::COMMIT.path => COMMIT_TIMEOUT,
            Method::Get | Method::Post => TIMEOUT,
            Method::Upload => UPLOAD_TIMEOUT,
        }
    }
}

/// What a repeated call does, and so what may be done after a doubtful outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallClass {
    /// Changes nothing; repeated with backoff.
    Read,
    /// Puts a whole value; after a doubtful outcome the value is read again before anything else.
    Put,
    /// Creates something that can be looked up by its content; journaled.
    NaturalKey,
    /// Journaled; at most one request that may have had an effect.
    AtMostOnce,
    /// Spends what it is given: what goes in is stored before, what comes out before anything else.
    OneShot,
}

impl CallClass {
    /// The class in one word, as printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Put => "put",
            Self::NaturalKey => "natural-key",
            Self::AtMostOnce => "at-most-once",
            Self::OneShot => "one-shot",
        }
    }

    /// Whether the call changes an account.
    #[must_use]
    pub fn writes(self) -> bool {
        match self {
            Self::Read | Self::OneShot => false,
            Self::Put | Self::NaturalKey | Self::AtMostOnce => true,
        }
    }

    /// Whether the call may only be sent once the journal has armed it.
    #[must_use]
    pub fn journaled(self) -> bool {
        match self {
            Self::NaturalKey | Self::AtMostOnce => true,
            Self::Read | Self::Put | Self::OneShot => false,
        }
    }
}

/// Which token an endpoint takes, always in the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// None: the body carries the platform's secret.
    None,
    /// `component_access_token`; the client adds `component_appid` to the body.
    Component,
    /// The same token where it goes under the name `access_token`, since the endpoint takes an account's as well.
    ComponentAsAccess,
    /// `access_token` of the account concerned.
    Authorizer,
}

/// A published limit on the number of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many calls per period.
    pub limit: u32,
    /// When it starts again, by the calendar of Asia/Shanghai.
    pub period: Period,
    /// Whether a plan must show it: a quota that one plan could use up.
    pub scarce: bool,
    /// Whose it is.
    pub payer: Payer,
}

/// Whose quota a call takes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// The account that is called for.
    Account,
    /// The platform: all its accounts share it.
    Platform,
}

impl Payer {
    /// The appid it is counted under.
    #[must_use]
    pub fn of<'a>(self, account: &'a Appid, platform: &'a Appid) -> &'a Appid {
        match self {
            Self::Account => account,
            Self::Platform => platform,
        }
    }
}

/// The period of a [`Quota`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A calendar day in Asia/Shanghai.
    Day,
    /// A calendar month in Asia/Shanghai.
    Month,
    /// A calendar year in Asia/Shanghai.
    Year,
}

impl Period {
    /// The period in one word, as printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The period that `now` lies in, by WeChat's calendar: its name (`2026-11-24`, `2026-11`, `2026`), and when it
    /// ends.
    ///
    /// Asia/Shanghai has had no summer time since 1991, so a fixed offset is exact and needs no time zone data.
    #[must_use]
    pub fn around(self, now: Timestamp) -> (String, Timestamp) {
        let shanghai = shanghai();
        let today = now.to_zoned(shanghai.clone()).date();
        let (name, first, span) = match self {
            Self::Day => (today.strftime("%Y-%m-%d"), today, 1.day()),
            Self::Month => (today.strftime("%Y-%m"), today.first_of_month(), 1.month()),
            Self::Year => (today.strftime("%Y"), today.first_of_year(), 1.year()),
        };
        let next = first.checked_add(span).unwrap_or(Date::MAX);
        let ends_at = next
            .to_zoned(shanghai)
            .map_or(Timestamp::MAX, |zoned| zoned.timestamp());
        (name.to_string(), ends_at)
    }
}

/// By the name: some paths are shared by what reads and what writes (`modify_domain`, `plugin`), which the body tells
/// apart.
impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Endpoint {}

impl PartialOrd for Endpoint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Endpoint {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.path, self.name).cmp(&(other.path, other.name))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// Every endpoint wxops calls.
pub static ALL: &[&Endpoint] = &[
    &super::menu::CREATE,
    &super::menu::GET,
    &super::menu::DELETE,
    &super::menu::CURRENT_SELFMENU_INFO,
    &super::menu::ADDCONDITIONAL,
    &super::menu::DELCONDITIONAL,
    &super::menu::TRYMATCH,
    &super::link::GET,
    &super::link::LINK,
    &super::link::UNLINK,
    &super::open_account::CREATE,
    &super::open_account::GET,
    &super::open_account::BIND,
    &super::open_account::UNBIND,
    &super::industry::SET,
    &super::industry::GET,
    &super::template::ADD,
    &super::template::LIST,
    &super::template::DELETE,
    &super::template::CATEGORIES,
    &super::tag::CREATE,
    &super::tag::LIST,
    &super::user::LIST,
    &super::user::INFO,
    &super::subscribe_message::ADD,
    &super::subscribe_message::LIST,
    &super::subscribe_message::TITLES,
    &super::subscribe_message::KEYWORDS,
    &super::account_option::GET,
    &super::account_option::SET,
    &super::authorizer::INFO,
    &super::authorizer::LIST,
    &super::registration::BY_OFFICIAL_ACCOUNT,
    &super::personal_registration::CREATE,
    &super::personal_registration::QUERY,
    &super::basic_info::GET,
    &super::signature::MODIFY,
    &super::avatar::MODIFY,
    &super::media::UPLOAD,
    &super::nickname::CHECK,
    &super::nickname::SET,
    &super::nickname::QUERY,
    &super::category::ALLOWED,
    &super::category::OWN,
    &super::category::ADD,
    &super::category::DELETE,
    &super::category::MODIFY,
    &super::category::REVIEWABLE,
    &super::search_status::GET,
    &super::search_status::CHANGE,
    &super::visit_status::GET,
    &super::visit_status::CHANGE,
    &super::base_library::GET,
    &super::base_library::SET,
    &super::tester::BIND,
    &super::tester::UNBIND,
    &super::tester::LIST,
    &super::domain::GET,
    &super::domain::ADD,
    &super::domain::DELETE,
    &super::domain::GET_DIRECTLY,
    &super::domain::ADD_DIRECTLY,
    &super::domain::DELETE_DIRECTLY,
    &super::domain::WEBVIEW_GET,
    &super::domain::WEBVIEW_ADD,
    &super::domain::WEBVIEW_DELETE,
    &super::domain::WEBVIEW_GET_DIRECTLY,
    &super::domain::WEBVIEW_SET_DIRECTLY,
    &super::domain::CONFIRM_FILE,
    &super::domain::EFFECTIVE,
    &super::domain::EFFECTIVE_WEBVIEW,
    &super::dns_prefetch::GET,
    &super::dns_prefetch::SET,
    &super::data_prefetch::GET,
    &super::data_prefetch::SET_PRE,
    &super::data_prefetch::SET_PERIOD,
    &super::follow::GET,
    &super::follow::CANDIDATES,
    &super::follow::UPDATE,
    &super::plugin::LIST,
    &super::plugin::APPLY,
    &super::plugin::UNBIND,
    &super::plugin::UPDATE,
    &super::location_api::LIST,
    &super::location_api::APPLY,
    &super::order_path::GET,
    &super::order_path::APPLY,
    &super::platform_domain::GET,
    &super::platform_domain::ADD,
    &super::platform_domain::DELETE,
    &super::platform_domain::WEBVIEW_GET,
    &super::platform_domain::WEBVIEW_ADD,
    &super::platform_domain::WEBVIEW_DELETE,
    &super::platform_domain::CONFIRM_FILE,
    &super::code::COMMIT,
    &super::code::PAGES,
    &super::code::QR_CODE,
    &super::code::UPLOAD,
    &super::code::DETECTION,
    &super::code::SUBMIT,
    &super::code::STATUS,
    &super::code::LATEST,
    &super::code::UNDO,
    &super::code::SPEED_UP,
    &super::code::QUOTA,
    &super::code::RELEASE,
    &super::code::HISTORY,
    &super::code::REVERT,
    &super::code::GRAY,
    &super::code::GRAY_PLAN,
    &super::code::REVERT_GRAY,
    &super::code::VERSIONS,
    &super::code_template::LIST,
    &super::code_template::DRAFTS,
    &super::code_template::ADD,
    &super::code_template::DELETE,
    &super::filing::GET,
    &super::picture::MATERIAL,
    &super::privacy::GET,
    &super::privacy::SET,
    &super::privacy::UPLOAD,
    &super::quota::GET,
    &super::token::START_PUSH_TICKET,
    &super::token::COMPONENT_TOKEN,
    &super::token::CREATE_PREAUTHCODE,
    &super::authorization::QUERY_AUTH,
    &super::authorization::AUTHORIZER_TOKEN,
];

/// Looks an endpoint up by its name, as a saved plan or the journal wrote it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Endpoint> {
    ALL.iter().copied().find(|endpoint| endpoint.name == name)
}

/// Looks an endpoint with a limit up by what that is counted under.
#[must_use]
pub fn by_count(name: &str) -> Option<&'static Endpoint> {
    let mut counted = ALL.iter().filter(|one| !one.quotas.is_empty());
    counted.find(|one| one.counted_as() == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_endpoints_have_one_name_and_two_of_one_path_are_two() {
        let mut names: Vec<&str> = ALL.iter().map(|endpoint| endpoint.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());

        let named = |name| Endpoint {
            name,
            path: "/wxa/modify_domain",
            method: Method::Post,
            class: CallClass::Read,
            token: TokenKind::Authorizer,
            sets: &[],
            quotas: &[],
        };
        let (get, set) = (named("modify_domain get"), named("modify_domain set"));
        assert!(get != set && get < set && get == named("modify_domain get"));
    }
}
