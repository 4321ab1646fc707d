//! Domains of an app and of its platform, from outside: what their pages document, refusals included.

mod business;
mod codes;
mod hosts;
mod platform;
mod prefetch;
mod release;
mod rows;
mod server;

pub use rows::rows;

use serde_json::{Value, json};

use super::miniprogram::Mini;
use super::world::{MINI, PLATFORM, text};

pub const WAY_ONE: &str = "/wxa/modify_domain";
pub const WAY_TWO: &str = "/wxa/modify_domain_directly";
pub const EFFECTIVE: &str = "/wxa/get_effective_domain";
pub const WEBVIEW: &str = "/wxa/setwebviewdomain";
pub const WEBVIEW_DIRECT: &str = "/wxa/setwebviewdomain_directly";
pub const EFFECTIVE_WEBVIEW: &str = "/wxa/get_effective_webviewdomain";
pub const CONFIRM: &str = "/wxa/get_webviewdomain_confirmfile";

/// The platform's lists, by the console's hand.
pub fn platform_has(mini: &Mini, server: Value, business: Value) {
    let lists = |published: Value| json!({"testing": published, "published": published});
    let change = json!({"domains": {"server": lists(server), "business": lists(business)}});
    let path = format!("/_sim/platforms/{PLATFORM}");
    mini.world.control("PATCH", &path, &change);
}

/// Part of the whole state.
pub fn state_has(mini: &Mini, part: Value) {
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    for (key, value) in part.as_object().unwrap() {
        state[key] = value.clone();
    }
    mini.world.control("PUT", "/_sim/state", &state);
}

/// A version of the app goes online.
pub fn release(mini: &Mini, platform: Option<&str>) {
    let path = format!("/_sim/accounts/{MINI}/release");
    let order = platform.map_or(json!({}), |platform| json!({"platform": platform}));
    mini.world.control("POST", &path, &order);
}

/// The app's verification file: its name and what is in it.
pub fn file_of(mini: &Mini) -> (String, String) {
    let answer = mini.post(CONFIRM, &json!({}));
    (text(&answer["file_name"]), text(&answer["file_content"]))
}

/// Puts a file at a host.
pub fn put_file(mini: &Mini, host: &str, (name, content): &(String, String)) {
    let path = format!("/_sim/hosts/{host}/files/{name}");
    mini.world
        .control("PUT", &path, &json!({"content": content}));
}
