//! A menu, normalised: the same value from a manifest, from `menu/get` and from `get_current_selfmenu_info`.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};

use super::rule::Rule;
use crate::wechat::menu::{Button, ConditionalMenu, Does, MenuGet, SelfmenuInfo, WebsiteKind};

/// The menus of an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MenuState {
    /// The first level of the default menu.
    pub buttons: Vec<Button>,
    /// Conditional menus, the one that wins first. `None`: not managed; only ever desired.
    pub conditional: Option<Vec<Conditional>>,
    /// Whether the owner made it in WeChat's console.
    pub made_by_owner: bool,
}

/// A menu for some of the followers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conditional {
    /// For whom.
    pub rule: Rule,
    /// The first level.
    pub buttons: Vec<Button>,
    /// Its id, once there is one. Newer menus have higher ones.
    #[serde(skip)]
    pub menuid: Option<i64>,
}

impl MenuState {
    /// Reads the answer of `menu/get`.
    pub(super) fn from_menu_get(body: &Value) -> Result<Self, serde_json::Error> {
        let MenuGet { menu, conditional } = MenuGet::deserialize(body)?;
        let mut conditional: Vec<Conditional> = conditional
            .into_iter()
            .map(Conditional::from_wire)
            .collect();
        // Ids ascend, and of those that match a follower the newest wins.
        conditional.sort_by_key(|menu| std::cmp::Reverse(menu.menuid));
        Ok(Self {
            buttons: normal(menu.button),
            conditional: Some(conditional),
            made_by_owner: false,
        })
    }

    /// Reads the answer of `get_current_selfmenu_info`, asked after `menu/get` said that there is no API menu: what
    /// it shows was made by the owner, whether it is switched on or not.
    pub(super) fn from_selfmenu_info(body: &Value) -> Result<Self, serde_json::Error> {
        let SelfmenuInfo {
            is_menu_open: _,
            selfmenu_info,
        } = SelfmenuInfo::deserialize(body)?;
        Ok(Self {
            buttons: normal(selfmenu_info.button),
            conditional: Some(Vec::new()),
            made_by_owner: true,
        })
    }

    /// The conditional menus, none where they are not managed.
    pub(super) fn conditional(&self) -> &[Conditional] {
        self.conditional.as_deref().unwrap_or_default()
    }
}

impl Conditional {
    fn from_wire(menu: ConditionalMenu) -> Self {
        Self {
            rule: Rule::from_wire(&menu.matchrule),
            buttons: normal(menu.button),
            menuid: Some(menu.menuid),
        }
    }

    /// Whether both show the same to the same followers, whatever their ids.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.rule == other.rule && self.buttons == other.buttons
    }
}

/// Buttons without what means nothing or is never twice the same.
pub(super) fn normal(buttons: Vec<Button>) -> Vec<Button> {
    buttons.into_iter().map(normal_button).collect()
}

fn normal_button(button: Button) -> Button {
    let does = match button.does {
        Does::Container(below) => Does::Container(normal(below)),
        Does::Website { kind, value, news } => website(kind, value, news),
        Does::Unknown { kind, fields } => Does::Unknown {
            kind,
            fields: without_nothing(fields),
        },
        does @ (Does::Click { .. }
        | Does::View { .. }
        | Does::ScancodePush { .. }
        | Does::ScancodeWaitmsg { .. }
        | Does::PicSysphoto { .. }
        | Does::PicPhotoOrAlbum { .. }
        | Does::PicWeixin { .. }
        | Does::LocationSelect { .. }
        | Does::MediaId { .. }
        | Does::ViewLimited { .. }
        | Does::ArticleId { .. }
        | Does::ArticleViewLimited { .. }
        | Does::MiniProgram { .. }) => does,
    };
    Button {
        name: button.name,
        does,
    }
}

/// A video's address is signed anew at every read (`?vkey=…`). Articles are told apart by their material, and their
/// titles and covers follow it.
fn website(kind: WebsiteKind, value: String, news: Vec<crate::wechat::menu::NewsItem>) -> Does {
    let value = match (kind, value.split_once('?')) {
        (WebsiteKind::Video, Some((address, _))) if address.contains("://") => address.to_owned(),
        _ => value,
    };
    let news = if value.is_empty() { news } else { Vec::new() };
    Does::Website { kind, value, news }
}

/// Fields of an unknown type, without nulls and without the empty second level that `menu/get` puts on every leaf:
/// neither could be written in a manifest.
fn without_nothing(fields: Map<String, Value>) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(name, value)| name != "sub_button" || *value != Value::Array(Vec::new()))
        .filter_map(|(name, value)| Some((name, without_nulls(value)?)))
        .collect()
}

/// A value without nulls anywhere in it.
pub(super) fn without_nulls(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(items.into_iter().filter_map(without_nulls).collect()),
        Value::Object(fields) => Some(Value::Object(
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, without_nulls(value)?)))
                .collect(),
        )),
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_)) => Some(value),
    }
}
