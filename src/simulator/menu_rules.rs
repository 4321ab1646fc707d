//! What WeChat takes as a menu: counts, lengths, types, links. Pure.
//!
//! developers.weixin.qq.com: 公众号 / 自定义菜单 / 创建接口, and the codes 40015-40028, 40054, 40055, 65316.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use url::Url;

use super::account::Account;
use super::answer::{Refusal, refuse};
use super::switches::Switches;

const MAX_BUTTONS: usize = 3;
const MAX_SUB_BUTTONS: usize = 5;
const SUB_NAME_BYTES: usize = 60;
const KEY_BYTES: usize = 128;
const URL_BYTES: usize = 1024;
/// Domains that the conditional menus of an account may lead to together.
pub(super) const CONDITIONAL_DOMAINS: usize = 3;

/// The codes of one level: WeChat numbers the two levels apart.
struct Level {
    name_bytes: usize,
    type_code: i64,
    name_code: i64,
    key_code: i64,
    url_code: i64,
    domain_code: i64,
    website_type_code: i64,
}

impl Level {
    const fn first(name_bytes: usize) -> Self {
        Self {
            name_bytes,
            type_code: 40017,
            name_code: 40018,
            key_code: 40019,
            url_code: 40020,
            domain_code: 40055,
            website_type_code: 40119,
        }
    }

    const SECOND: Self = Self {
        name_bytes: SUB_NAME_BYTES,
        type_code: 40024,
        name_code: 40025,
        key_code: 40026,
        url_code: 40027,
        domain_code: 40054,
        website_type_code: 40120,
    };
}

/// The buttons of a `menu/create` or `menu/addconditional` body, as they are to be stored.
pub(super) fn check(
    body: &Map<String, Value>,
    account: &Account,
    switches: &Switches,
) -> Result<Vec<Value>, Refusal> {
    let Some(buttons) = body.get("button").and_then(Value::as_array) else {
        return refuse(40016);
    };
    if !(1..=MAX_BUTTONS).contains(&buttons.len()) {
        return refuse(40016);
    }
    let menu = Checked { account, switches };
    let first = Level::first(switches.first_level_name_bytes);
    buttons
        .iter()
        .map(|button| menu.first_level(button, &first))
        .collect()
}

/// The domains outside WeChat that these buttons lead to.
pub(super) fn domains(buttons: &[Value]) -> BTreeSet<String> {
    let own = buttons.iter().filter_map(|button| {
        let url = Url::parse(button.get("url")?.as_str()?).ok()?;
        let host = url.host_str()?;
        (host != "qq.com" && !host.ends_with(".qq.com")).then(|| host.to_owned())
    });
    let below = buttons
        .iter()
        .filter_map(|button| button.get("sub_button")?.as_array())
        .flat_map(|below| domains(below));
    own.chain(below).collect()
}

/// One menu being checked.
struct Checked<'a> {
    account: &'a Account,
    switches: &'a Switches,
}

impl Checked<'_> {
    fn first_level(&self, button: &Value, level: &Level) -> Result<Value, Refusal> {
        let button = object(button)?;
        let below = match button.get("sub_button") {
            None => None,
            Some(Value::Array(below)) => Some(below),
            Some(_) => return refuse(40023),
        };
        match (button.contains_key("type"), below) {
            (true, Some(below)) if !below.is_empty() => refuse(level.type_code),
            (false, Some(below)) => self.container(button, below, level),
            (true, _) | (false, None) => self.leaf(button, level),
        }
    }

    fn container(
        &self,
        button: &Map<String, Value>,
        below: &[Value],
        level: &Level,
    ) -> Result<Value, Refusal> {
        let name = name(button, level)?;
        if !(1..=MAX_SUB_BUTTONS).contains(&below.len()) {
            return refuse(40023);
        }
        let below: Vec<Value> = below
            .iter()
            .map(|button| self.second_level(button))
            .collect::<Result<_, _>>()?;
        Ok(serde_json::json!({"name": name, "sub_button": below}))
    }

    fn second_level(&self, button: &Value) -> Result<Value, Refusal> {
        let button = object(button)?;
        match button.get("sub_button") {
            Some(Value::Array(below)) if !below.is_empty() => return refuse(40022),
            _ => {}
        }
        self.leaf(button, &Level::SECOND)
    }

    /// A button that does something. What its type does not use is dropped.
    fn leaf(&self, button: &Map<String, Value>, level: &Level) -> Result<Value, Refusal> {
        let name = name(button, level)?;
        let Some(kind) = button.get("type") else {
            return refuse(65308);
        };
        let kind = kind.as_str().unwrap_or_default();
        let used: &[&str] = match kind {
            "click" | "scancode_push" | "scancode_waitmsg" | "pic_sysphoto"
            | "pic_photo_or_album" | "pic_weixin" | "location_select" => {
                key(button, level)?;
                &["key"]
            }
            "view" => {
                url(button, level)?;
                &["url"]
            }
            "miniprogram" => {
                url(button, level)?;
                self.mini_program(button)?;
                &["url", "appid", "pagepath"]
            }
            "media_id" | "view_limited" => {
                present(button, "media_id", 40007)?;
                &["media_id"]
            }
            "article_id" | "article_view_limited" => {
                present(button, "article_id", 40007)?;
                &["article_id"]
            }
            "text" | "img" | "photo" | "voice" | "video" | "news" => {
                return refuse(level.website_type_code);
            }
            _ => return refuse(level.type_code),
        };
        Ok(["type", "name"]
            .into_iter()
            .chain(used.iter().copied())
            .filter_map(|field| Some((field.to_owned(), button.get(field)?.clone())))
            .chain([("name".to_owned(), Value::from(name))])
            .collect::<Map<_, _>>()
            .into())
    }

    fn mini_program(&self, button: &Map<String, Value>) -> Result<(), Refusal> {
        let app_id = present(button, "appid", 40013)?;
        present(button, "pagepath", 65308)?;
        if self.account.is_linked_to(app_id) {
            Ok(())
        } else {
            refuse(self.switches.unlinked_mini_program)
        }
    }
}

fn url(button: &Map<String, Value>, level: &Level) -> Result<(), Refusal> {
    let text = present(button, "url", level.url_code)?;
    if text.len() > URL_BYTES {
        return refuse(level.url_code);
    }
    let Ok(url) = Url::parse(text) else {
        return refuse(65317);
    };
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(_)) => Ok(()),
        _ => refuse(level.domain_code),
    }
}

fn object(button: &Value) -> Result<&Map<String, Value>, Refusal> {
    button.as_object().ok_or(Refusal(47001))
}

fn name<'a>(button: &'a Map<String, Value>, level: &Level) -> Result<&'a str, Refusal> {
    let name = present(button, "name", level.name_code)?;
    if name.len() > level.name_bytes {
        return refuse(level.name_code);
    }
    Ok(name)
}

fn key(button: &Map<String, Value>, level: &Level) -> Result<(), Refusal> {
    if present(button, "key", level.key_code)?.len() > KEY_BYTES {
        return refuse(level.key_code);
    }
    Ok(())
}

/// A text field that must be there and not empty.
fn present<'a>(button: &'a Map<String, Value>, field: &str, code: i64) -> Result<&'a str, Refusal> {
    button
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(Refusal(code))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::account::{Kind, Link};
    use super::*;

    const MINI: &str = "wx3333333333333333";

    fn checked(buttons: &Value) -> Result<Vec<Value>, i64> {
        let mut account = Account::new("wx1111111111111111", Kind::OfficialAccount);
        account.links.push(Link {
            app_id: MINI.to_owned(),
            status: 1,
            shown: true,
            unlink_asked: false,
        });
        let body = json!({"button": buttons});
        let body = body.as_object().unwrap();
        check(body, &account, &Switches::default()).map_err(|Refusal(code)| code)
    }

    fn click(name: &str) -> Value {
        json!({"type": "click", "name": name, "key": "K"})
    }

    fn view(url: &str) -> Value {
        json!({"type": "view", "name": "n", "url": url})
    }

    fn below(buttons: &[Value]) -> Value {
        json!([{"name": "more", "sub_button": buttons}])
    }

    #[test]
    fn counts_have_limits() {
        let some = |count| vec![click("a"); count];
        for (buttons, code) in [
            (json!([]), 40016),
            (json!(some(4)), 40016),
            (json!({"button": some(1)}), 40016),
            (below(&some(0)), 40023),
            (below(&some(6)), 40023),
            (
                json!([{"name": "more", "sub_button": [{"name": "deep", "sub_button": some(1)}]}]),
                40022,
            ),
        ] {
            assert_eq!(checked(&buttons), Err(code), "{buttons}");
        }
        assert!(checked(&json!(some(3))).is_ok());
        assert!(checked(&below(&some(5))).is_ok());
    }

    #[test]
    fn texts_have_limits_of_their_level() {
        let long = |bytes| "x".repeat(bytes);
        let key = |bytes| json!({"type": "click", "name": "n", "key": long(bytes)});
        let url = |bytes: usize| view(&format!("https://a.cn/{}", long(bytes - 13)));
        for (button, first, second) in [
            (click("五个汉字十六字节"), 40018, 0),
            (click(&long(61)), 40018, 40025),
            (click(""), 40018, 40025),
            (key(129), 40019, 40026),
            (json!({"type": "click", "name": "n"}), 40019, 40026),
            (url(1025), 40020, 40027),
            (
                json!({"type": "view", "name": "n", "key": "https://a.cn"}),
                40020,
                40027,
            ),
            (view("ftp://a.cn"), 40055, 40054),
            (json!({"type": "dance", "name": "n"}), 40017, 40024),
            (
                json!({"type": "text", "name": "n", "value": "v"}),
                40119,
                40120,
            ),
        ] {
            assert_eq!(
                checked(&json!([button])).err().unwrap_or(0),
                first,
                "{button}"
            );
            assert_eq!(checked(&below(&[button])).err().unwrap_or(0), second);
        }
        assert!(checked(&json!([key(128)])).is_ok());
        assert!(checked(&json!([url(1024)])).is_ok());
        assert!(checked(&json!([click(&long(16))])).is_ok());
        assert!(checked(&below(&[click(&long(60))])).is_ok());
    }

    #[test]
    fn domains_outside_wechat_are_told_on_both_levels() {
        let menu = [
            view("https://a.cn/x"),
            below(&[view("https://b.cn/x"), view("https://mp.weixin.qq.com/x")])[0].clone(),
            click("n"),
        ];
        assert_eq!(
            domains(&menu).into_iter().collect::<Vec<_>>(),
            ["a.cn", "b.cn"]
        );
        let five = ["a.cn", "b.cn", "c.cn", "d.cn", "e.cn"];
        let five = five.map(|host| view(&format!("https://{host}/x")));
        assert!(checked(&below(&five)).is_ok(), "a default menu may");
    }

    #[test]
    fn a_mini_program_has_to_be_linked() {
        let app = |appid: &str| json!([{"type": "miniprogram", "name": "n", "url": "https://a.cn", "appid": appid, "pagepath": "p"}]);
        assert_eq!(checked(&app("wx9")), Err(85005));
        assert_eq!(
            checked(&app(MINI)).unwrap(),
            app(MINI).as_array().unwrap().clone()
        );
    }

    #[test]
    fn a_button_either_acts_or_opens() {
        let both = json!([{"type": "click", "name": "n", "key": "K", "sub_button": [click("a")]}]);
        assert_eq!(checked(&both), Err(40017));
        assert_eq!(checked(&json!([{"name": "nothing"}])), Err(65308));
        let empty = json!([{"type": "click", "name": "n", "key": "K", "sub_button": [], "url": "left over"}]);
        assert_eq!(
            checked(&empty).unwrap(),
            [click("n")],
            "what the type does not use is dropped"
        );
    }
}
