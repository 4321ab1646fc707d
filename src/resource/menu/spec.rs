//! What a manifest says of a menu.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::{FIRST_LEVEL, KEY_BYTES, SECOND_LEVEL, SECOND_NAME_BYTES, URL_BYTES};
use super::state::{MenuState, as_spec, does_as_spec};
use crate::wechat::Appid;
use crate::wechat::menu::{Button, Does};

/// The custom menu. `buttons: []` with no conditional menus means that there must be none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MenuSpec {
    /// The first level, at most 3. `[]` deletes the menu.
    #[schemars(length(max = FIRST_LEVEL), extend("x-wire" = "button", "x-limit" = "at most 3 buttons, which lead to at most 3 domains"))]
    pub buttons: Vec<ButtonSpec>,
    /// Conditional menus (个性化菜单). Only the empty list is supported yet.
    #[schemars(length(max = 0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Vec<Value>>,
}

/// One button: a name and exactly one thing it does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 2, "maxProperties" = 2))]
pub struct ButtonSpec {
    /// The text on the button.
    #[schemars(
        length(min = 1, max = SECOND_NAME_BYTES),
        extend("x-wire" = "button[].name", "x-limit" = "16 bytes on the first level (about 4 汉字), 60 on the second")
    )]
    pub name: String,
    /// Opens the second level, at most 5 buttons.
    #[schemars(length(min = 1, max = SECOND_LEVEL), extend("x-wire" = "button[].sub_button", "x-limit" = "1 to 5 buttons, first level only"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_buttons: Option<Vec<ButtonSpec>>,
    /// Sends a `CLICK` event with this key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: click, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click: Option<String>,
    /// Opens this address.
    #[schemars(length(max = URL_BYTES), regex(pattern = "^[hH][tT][tT][pP][sS]?://"), extend("x-wire" = "type: view, url", "x-limit" = "1,024 bytes, http or https"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Opens a mini-program (小程序).
    #[schemars(extend("x-wire" = "type: miniprogram"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_program: Option<MiniProgramButton>,
    /// Scans a code and opens what it says; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: scancode_push, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scancode_push: Option<String>,
    /// Scans a code and waits for our answer; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: scancode_waitmsg, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scancode_waitmsg: Option<String>,
    /// Takes a photo; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: pic_sysphoto, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_sysphoto: Option<String>,
    /// Takes a photo or picks one from the album; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: pic_photo_or_album, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_photo_or_album: Option<String>,
    /// Picks a photo from WeChat's album; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: pic_weixin, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_weixin: Option<String>,
    /// Picks a place; event key.
    #[schemars(length(min = 1, max = KEY_BYTES), extend("x-wire" = "type: location_select, key", "x-limit" = "128 bytes"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_select: Option<String>,
    /// Sends permanent material; its `media_id`.
    #[schemars(length(min = 1), extend("x-wire" = "type: media_id, media_id"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    /// Opens news material (being retired by WeChat); its `media_id`.
    #[schemars(length(min = 1), extend("x-wire" = "type: view_limited, media_id"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_limited: Option<String>,
    /// Sends a published article; its `article_id`.
    #[schemars(length(min = 1), extend("x-wire" = "type: article_id, article_id"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    /// Opens a published article; its `article_id`.
    #[schemars(length(min = 1), extend("x-wire" = "type: article_view_limited, article_id"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_view_limited: Option<String>,
}

/// A mini-program behind a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MiniProgramButton {
    /// The mini-program's appid. It must be linked to the official account (85005 else).
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// The name of one of this tenant's mini-programs. Not supported yet: give `appId`.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The page inside it.
    #[schemars(length(min = 1), extend("x-wire" = "pagepath"))]
    pub page: String,
    /// What clients without mini-programs open.
    #[schemars(length(max = URL_BYTES), regex(pattern = "^[hH][tT][tT][pP][sS]?://"), extend("x-wire" = "url", "x-limit" = "1,024 bytes, http or https"))]
    pub fallback_url: String,
}

impl MenuSpec {
    /// The normalised menu.
    pub(super) fn state(&self) -> MenuState {
        MenuState {
            buttons: self.buttons.iter().map(ButtonSpec::button).collect(),
            conditional: 0,
            made_by_owner: false,
        }
    }
}

/// The menu as a manifest would write it; `None` where a button is of a kind that no manifest can name.
pub(super) fn exported(state: &MenuState) -> Option<MenuSpec> {
    let buttons: Option<Vec<ButtonSpec>> = state
        .buttons
        .iter()
        .map(|button| serde_json::from_value(as_spec(button)).ok())
        .collect();
    Some(MenuSpec {
        buttons: buttons?,
        conditional: None,
    })
}

impl ButtonSpec {
    /// The button; of several things it does the first, which `check` refuses.
    fn button(&self) -> Button {
        let does = if let Some(sub) = &self.sub_buttons {
            Does::Container(sub.iter().map(Self::button).collect())
        } else if let Some(target) = &self.mini_program {
            Does::MiniProgram {
                url: target.fallback_url.clone(),
                appid: target
                    .app_id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                pagepath: target.page.clone(),
            }
        } else {
            self.plain().next().unwrap_or(Does::Container(Vec::new()))
        };
        Button {
            name: self.name.clone(),
            does,
        }
    }

    /// The choices that are one text, of which a button has at most one.
    pub(super) fn plain(&self) -> impl Iterator<Item = Does> {
        let Self {
            name: _,
            sub_buttons: _,
            mini_program: _,
            click,
            view,
            scancode_push,
            scancode_waitmsg,
            pic_sysphoto,
            pic_photo_or_album,
            pic_weixin,
            location_select,
            media_id,
            view_limited,
            article_id,
            article_view_limited,
        } = self.clone();
        [
            click.map(|key| Does::Click { key }),
            view.map(|url| Does::View { url }),
            scancode_push.map(|key| Does::ScancodePush { key }),
            scancode_waitmsg.map(|key| Does::ScancodeWaitmsg { key }),
            pic_sysphoto.map(|key| Does::PicSysphoto { key }),
            pic_photo_or_album.map(|key| Does::PicPhotoOrAlbum { key }),
            pic_weixin.map(|key| Does::PicWeixin { key }),
            location_select.map(|key| Does::LocationSelect { key }),
            media_id.map(|media_id| Does::MediaId { media_id }),
            view_limited.map(|media_id| Does::ViewLimited { media_id }),
            article_id.map(|article_id| Does::ArticleId { article_id }),
            article_view_limited.map(|article_id| Does::ArticleViewLimited { article_id }),
        ]
        .into_iter()
        .flatten()
    }

    /// The fields that say what the button does, of which there should be one.
    pub(super) fn choices(&self) -> Vec<String> {
        let plain = self.plain().map(|does| does_as_spec(&does).0.to_owned());
        let sub_buttons = self.sub_buttons.iter().map(|_| "subButtons".to_owned());
        let mini_program = self.mini_program.iter().map(|_| "miniProgram".to_owned());
        plain.chain(sub_buttons).chain(mini_program).collect()
    }
}
