//! A menu, normalised: the same value from a manifest, from `menu/get` and from `get_current_selfmenu_info`.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value, json};

use crate::wechat::menu::{Button, Does, MenuGet, SelfmenuInfo};

/// A default menu, and what else must be known of menus to change it safely.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MenuState {
    /// The first level.
    pub buttons: Vec<Button>,
    /// How many conditional menus there are beside it.
    pub conditional: usize,
    /// Whether the owner made it in WeChat's console.
    pub made_by_owner: bool,
}

impl MenuState {
    /// Reads the answer of `menu/get`.
    pub(super) fn from_menu_get(body: &Value) -> Result<Self, serde_json::Error> {
        let MenuGet { menu, conditional } = MenuGet::deserialize(body)?;
        Ok(Self {
            buttons: menu.button,
            conditional: conditional.len(),
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
            buttons: selfmenu_info.button,
            conditional: 0,
            made_by_owner: true,
        })
    }

    /// The names of the first level, for people.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self
            .buttons
            .iter()
            .map(|button| button.name.as_str())
            .collect();
        names.join(", ")
    }
}

/// A button as a manifest would write it.
pub(super) fn as_spec(button: &Button) -> Value {
    let (field, value) = does_as_spec(&button.does);
    Value::Object(Map::from_iter([
        ("name".to_owned(), json!(button.name)),
        (field.to_owned(), value),
    ]))
}

/// What a button does, as a manifest would write it: the field and its value. What only WeChat's console makes
/// stands under its wire type: it can be shown, never written.
pub(super) fn does_as_spec(does: &Does) -> (&str, Value) {
    match does {
        Does::Container(sub) => ("subButtons", sub.iter().map(as_spec).collect()),
        Does::Click { key } => ("click", json!(key)),
        Does::View { url } => ("view", json!(url)),
        Does::ScancodePush { key } => ("scancodePush", json!(key)),
        Does::ScancodeWaitmsg { key } => ("scancodeWaitmsg", json!(key)),
        Does::PicSysphoto { key } => ("picSysphoto", json!(key)),
        Does::PicPhotoOrAlbum { key } => ("picPhotoOrAlbum", json!(key)),
        Does::PicWeixin { key } => ("picWeixin", json!(key)),
        Does::LocationSelect { key } => ("locationSelect", json!(key)),
        Does::MediaId { media_id } => ("mediaId", json!(media_id)),
        Does::ViewLimited { media_id } => ("viewLimited", json!(media_id)),
        Does::ArticleId { article_id } => ("articleId", json!(article_id)),
        Does::ArticleViewLimited { article_id } => ("articleViewLimited", json!(article_id)),
        Does::MiniProgram {
            url,
            appid,
            pagepath,
        } => (
            "miniProgram",
            json!({"appId": appid, "page": pagepath, "fallbackUrl": url}),
        ),
        Does::Website {
            kind,
            value,
            news: _,
        } => (kind.as_str(), json!(value)),
        Does::Unknown { kind, fields } => (kind, Value::Object(fields.clone())),
    }
}
