//! What a manifest says of a menu.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wechat::Appid;
use crate::wechat::menu::Does;

/// The custom menu. `buttons: []` with no conditional menus means that there must be none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MenuSpec {
    /// The first level, at most 3.
    pub buttons: Vec<ButtonSpec>,
    /// Conditional menus (个性化菜单). Of those that match a follower the first in this list is shown; without any
    /// the default one. Left out: not managed. `[]`: there must be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Vec<ConditionalSpec>>,
}

/// A menu for some of the followers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionalSpec {
    /// For whom: everything given must be true of the follower.
    #[serde(rename = "match")]
    pub rule: MatchSpec,
    /// The first level, at most 3.
    pub buttons: Vec<ButtonSpec>,
}

/// Whom a conditional menu is for.
///
/// WeChat takes no new menus by sex or region (65320), and may refuse those by language. Old ones live on, and can be
/// written down as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MatchSpec {
    /// Followers with this tag (标签), by its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<String>,
    /// The system WeChat runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformWord>,
    /// The language WeChat is set to: `zh_CN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// 1 male, 2 female; kept, never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Kept, never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Kept, never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Kept, never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// The system WeChat runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlatformWord {
    /// iOS.
    Ios,
    /// Android.
    Android,
    /// Anything else.
    Other,
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
    /// What only WeChat's console (公众平台) makes. Such a button is kept while it is there; the API cannot make it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<ConsoleButton>,
}

/// A mini-program behind a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MiniProgramButton {
    /// The mini-program's appid. Until it is linked to the official account (85005 else) the button is a plain link
    /// to `fallbackUrl`; then it becomes what it should be by itself.
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

/// What a button does that only WeChat's console makes, as `get_current_selfmenu_info` shows it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConsoleButton {
    /// `text`, `img`, `photo`, `voice`, `video`, `news`, or whatever else the console makes.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The text, or the material's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Everything else it comes with.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
}

impl ButtonSpec {
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
            console: _,
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
            + usize::from(self.console.is_some())
    }
}
