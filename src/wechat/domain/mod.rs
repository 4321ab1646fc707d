//! The domains (域名) of a mini-program: the servers it may talk to, and the pages it may show.
//!
//! There are two ways, never to be mixed for one mini-program: through the platform, where each host stands on the
//! platform's own list first ([`platform_domain`](super::platform_domain)), and directly. Either way users get a change with
//! the next release of its code: what is stored is not what is in force ([`EFFECTIVE`], [`EFFECTIVE_WEBVIEW`]).
//! WeChat's pages: developers.weixin.qq.com, `api_modifyserverdomain`, `api_modifyserverdomaindirectly`,
//! `api_modifyjumpdomain`, `api_modifyjumpdomaindirectly`.

mod confirm;
mod effective;
mod endpoint;
mod host;
mod server;
mod webview;

pub use confirm::{ConfirmFile, Reached, confirm_request, is_file_name, reach_request, to_reach};
pub use effective::{Effective, EffectiveWebview, effective_request, effective_webview_request};
pub use endpoint::{
    ADD, ADD_DIRECTLY, CONFIRM_FILE, DELETE, DELETE_DIRECTLY, EFFECTIVE, EFFECTIVE_WEBVIEW, GET,
    GET_DIRECTLY, REACH, WEBVIEW_ADD, WEBVIEW_DELETE, WEBVIEW_GET, WEBVIEW_GET_DIRECTLY,
    WEBVIEW_SET_DIRECTLY,
};
pub use host::{NotAHost, authority, host, normal, read as read_host};
pub use server::{
    Class, Dropped, Given, Lists, add_request, delete_request, get_request, lists_of,
};
pub use webview::{
    WebviewDomains, webview_add_request, webview_delete_request, webview_get_request, webview_of,
    webview_set_request,
};

/// By which way domains are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Through the platform (方式一): each host stands on the platform's list first.
    Platform,
    /// Directly (方式二): one host serves the mini-programs of at most 100 principals.
    Direct,
}

/// How many domains a list may have.
pub const MOST: usize = 200;
/// How many webview domains a mini-program may have; earlier pages say 200 and 100.
pub const MOST_WEBVIEW: usize = 300;
/// How many principals one host may serve that is set directly.
pub const MOST_PRINCIPALS: usize = 100;
