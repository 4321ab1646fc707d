//! Bodies and answers of the menu calls.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::button::Button;
use super::endpoint::{ADDCONDITIONAL, CREATE, DELCONDITIONAL, TRYMATCH};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// Replaces the whole default menu of `account`. The list must not be wrapped in `menu`: that is refused with 40016.
#[must_use]
pub fn create_request(account: &Appid, buttons: &[Button]) -> Call {
    Call::new(&CREATE, account.clone(), &json!({"button": buttons}))
}

/// Adds a menu of `account` for the followers of a rule.
#[must_use]
pub fn add_conditional_request(account: &Appid, buttons: &[Button], rule: &MatchRule) -> Call {
    Call::new(
        &ADDCONDITIONAL,
        account.clone(),
        &json!({"button": buttons, "matchrule": rule}),
    )
}

/// Deletes one conditional menu. The id goes as text, as in WeChat's sample.
#[must_use]
pub fn delete_conditional_request(account: &Appid, menuid: i64) -> Call {
    Call::new(
        &DELCONDITIONAL,
        account.clone(),
        &json!({"menuid": menuid.to_string()}),
    )
}

/// Asks which menu a follower sees; `user` is an openid or a WeChat id.
#[must_use]
pub fn try_match_request(account: &Appid, user: &str) -> Call {
    Call::new(&TRYMATCH, account.clone(), &json!({"user_id": user}))
}

/// The body of [`ADDCONDITIONAL`], read back from a journaled call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ConditionalBody {
    /// The first level.
    #[serde(deserialize_with = "tolerant::list")]
    pub button: Vec<Button>,
    /// For whom.
    #[serde(deserialize_with = "tolerant::object")]
    pub matchrule: MatchRule,
}

/// The answer of [`TRYMATCH`], which some pages show wrapped in `menu`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TryMatch {
    /// The first level.
    #[serde(default, deserialize_with = "tolerant::given_list")]
    button: Option<Vec<Button>>,
    #[serde(default, deserialize_with = "tolerant::given_object")]
    menu: Option<DefaultMenu>,
}

impl TryMatch {
    /// The first level, wrapped or not; `None` where the answer has none.
    #[must_use]
    pub fn into_buttons(self) -> Option<Vec<Button>> {
        self.menu.map(|menu| menu.button).or(self.button)
    }
}

/// The answer of [`GET`](super::GET).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct MenuGet {
    /// The default menu.
    #[serde(deserialize_with = "tolerant::object")]
    pub menu: DefaultMenu,
    /// Conditional menus (个性化菜单), the newest matching one wins. Left out: there are none.
    #[serde(
        default,
        rename = "conditionalmenu",
        deserialize_with = "tolerant::list"
    )]
    pub conditional: Vec<ConditionalMenu>,
}

/// The default menu.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct DefaultMenu {
    /// The first level.
    #[serde(deserialize_with = "tolerant::list")]
    pub button: Vec<Button>,
    /// Its id; only where there are conditional menus.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub menuid: Option<i64>,
}

/// A menu for some of the followers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct ConditionalMenu {
    /// The first level.
    #[serde(deserialize_with = "tolerant::list")]
    pub button: Vec<Button>,
    /// For whom.
    #[serde(deserialize_with = "tolerant::object")]
    pub matchrule: MatchRule,
    /// Its id, by which it is deleted.
    #[serde(deserialize_with = "tolerant::int")]
    pub menuid: i64,
}

/// For whom a conditional menu is. Sex, region and language are refused in new rules (65320) but still read back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchRule {
    /// Followers with this tag.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub tag_id: Option<String>,
    /// The same under its old name, which `menu/get` still uses.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub group_id: Option<String>,
    /// 1 iOS, 2 Android, 3 other.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub client_platform_type: Option<String>,
    /// Language of the client.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub language: Option<String>,
    /// 1 male, 2 female.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub sex: Option<String>,
    /// Country.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub country: Option<String>,
    /// Province.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub province: Option<String>,
    /// City.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "tolerant::given_text"
    )]
    pub city: Option<String>,
}

impl MatchRule {
    /// The tag, whichever name it came under.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag_id.as_deref().or(self.group_id.as_deref())
    }
}

/// The answer of [`CURRENT_SELFMENU_INFO`](super::CURRENT_SELFMENU_INFO): the menu in force, whoever made it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct SelfmenuInfo {
    /// Whether a menu is shown at all: the account's administrator can switch it off and keep it.
    #[serde(deserialize_with = "tolerant::truthful")]
    pub is_menu_open: bool,
    /// The menu.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    selfmenu_info: Option<SelfmenuBody>,
}

/// The buttons of [`SelfmenuInfo`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
struct SelfmenuBody {
    /// The first level.
    #[serde(default, deserialize_with = "tolerant::given_list")]
    button: Option<Vec<Button>>,
}

impl SelfmenuInfo {
    /// The first level; `None` where the answer says neither which buttons are shown nor that none are.
    #[must_use]
    pub fn into_buttons(self) -> Option<Vec<Button>> {
        let shown = self.selfmenu_info.and_then(|menu| menu.button);
        // Where there never was a menu the list may be left out.
        shown.or_else(|| (!self.is_menu_open).then(Vec::new))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::wechat::menu::Does;

    #[test]
    fn the_body_of_create_is_raw_utf_8_without_a_wrapper() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let button = Button {
            name: "课程💕".to_owned(),
            does: Does::Click {
                key: "K".to_owned(),
            },
        };
        let call = create_request(&account, &[button]);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(
            body,
            json!({"button": [{"type": "click", "name": "课程💕", "key": "K"}]})
        );
        assert!(call.body().contains("课程💕") && !call.body().contains("\\u"));
    }

    #[test]
    fn an_account_without_any_menu_reads_as_no_buttons() {
        for body in [
            json!({"is_menu_open": 0}),
            json!({"is_menu_open": "0", "selfmenu_info": {}}),
            json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}),
            json!({"is_menu_open": 1, "selfmenu_info": {"button": []}}),
        ] {
            let read: SelfmenuInfo = serde_json::from_value(body).unwrap();
            assert_eq!(read.into_buttons(), Some(Vec::new()));
        }
    }

    #[test]
    fn a_menu_that_is_shown_and_not_said_is_not_none() {
        for body in [
            json!({"is_menu_open": 1}),
            json!({"is_menu_open": 1, "selfmenu_info": {}}),
        ] {
            let read: SelfmenuInfo = serde_json::from_value(body).unwrap();
            assert_eq!(read.into_buttons(), None);
        }
        for body in [
            json!({"selfmenu_info": {"button": []}}),
            json!({"is_menu_open": null, "selfmenu_info": {"button": []}}),
            json!({"is_menu_open": 0, "selfmenu_info": null}),
            json!({"is_menu_open": 0, "selfmenu_info": []}),
            json!({"is_menu_open": 0, "selfmenu_info": {"button": null}}),
        ] {
            assert!(
                serde_json::from_value::<SelfmenuInfo>(body.clone()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn what_a_conditional_menu_cannot_be_without_makes_it_unreadable() {
        let leaf = json!({"type": "click", "name": "a", "key": "K"});
        let whole = json!({"button": [leaf], "matchrule": {"group_id": "2"}, "menuid": 1});
        assert!(serde_json::from_value::<ConditionalMenu>(whole.clone()).is_ok());
        for (field, odd) in [
            ("button", None),
            ("button", Some(json!(null))),
            ("matchrule", None),
            ("matchrule", Some(json!([]))),
            ("matchrule", Some(json!({"group_id": null}))),
            ("matchrule", Some(json!({"client_platform_type": true}))),
            ("menuid", None),
            ("menuid", Some(json!("x"))),
        ] {
            let mut body = whole.clone();
            match odd {
                Some(odd) => body[field] = odd,
                None => drop(body.as_object_mut().unwrap().remove(field)),
            }
            assert!(
                serde_json::from_value::<ConditionalMenu>(body.clone()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn a_rule_is_written_without_what_it_does_not_say() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let rule = MatchRule {
            tag_id: Some("2".to_owned()),
            ..MatchRule::default()
        };
        let call = add_conditional_request(&account, &[], &rule);
        assert_eq!(call.body(), r#"{"button":[],"matchrule":{"tag_id":"2"}}"#);
        let read: ConditionalBody = serde_json::from_str(call.body()).unwrap();
        assert_eq!(read.matchrule, rule);
    }

    #[test]
    fn a_matched_menu_may_be_wrapped() {
        let leaf = json!({"type": "click", "name": "a", "key": "K"});
        for body in [
            json!({"button": [leaf]}),
            json!({"menu": {"button": [leaf]}}),
        ] {
            let read: TryMatch = serde_json::from_value(body).unwrap();
            assert_eq!(read.into_buttons().map(|buttons| buttons.len()), Some(1));
        }
        let nothing: TryMatch = serde_json::from_value(json!({"errcode": 0})).unwrap();
        assert_eq!(nothing.into_buttons(), None);
    }

    #[test]
    fn a_tag_is_found_under_its_old_name() {
        let rule: MatchRule = serde_json::from_value(json!({"group_id": 2})).unwrap();
        assert_eq!(rule.tag(), Some("2"));
    }
}
