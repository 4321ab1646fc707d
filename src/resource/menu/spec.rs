//! What a manifest says of a menu.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::{MenuState, as_spec};
use crate::wechat::Appid;
use crate::wechat::menu::{Button, Does};

/// The custom menu. `buttons: []` with no conditional menus means that there must be none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MenuSpec {
    /// The first level, at most 3.
    pub buttons: Vec<ButtonSpec>,
    /// Conditional menus (个性化菜单). Only the empty list is supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Vec<Value>>,
}

/// One button: a name and exactly one thing it does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ButtonSpec {
    /// The text on the button: at most 16 bytes on the first level, 60 on the second.
    pub name: String,
    /// Opens the second level, at most 5 buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_buttons: Option<Vec<ButtonSpec>>,
    /// Sends a `CLICK` event with this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click: Option<String>,
    /// Opens this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Opens a mini-program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_program: Option<MiniProgramButton>,
    /// Scans a code and opens what it says; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scancode_push: Option<String>,
    /// Scans a code and waits for our answer; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scancode_waitmsg: Option<String>,
    /// Takes a photo; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_sysphoto: Option<String>,
    /// Takes a photo or picks one from the album; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_photo_or_album: Option<String>,
    /// Picks a photo from WeChat's album; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pic_weixin: Option<String>,
    /// Picks a place; event key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_select: Option<String>,
    /// Sends permanent material; its `media_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    /// Opens news material (being retired by WeChat); its `media_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_limited: Option<String>,
    /// Sends a published article; its `article_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    /// Opens a published article; its `article_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_view_limited: Option<String>,
}

/// A mini-program behind a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MiniProgramButton {
    /// The mini-program's appid. It must be linked to the official account (85005 else).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// The name of one of this tenant's mini-programs.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The page inside it.
    pub page: String,
    /// What clients without mini-programs open.
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

    /// How many things the button does.
    pub(super) fn choices(&self) -> usize {
        self.plain().count()
            + usize::from(self.sub_buttons.is_some())
            + usize::from(self.mini_program.is_some())
    }
}
