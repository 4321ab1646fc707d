//! What a manifest says of a menu.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::plan::path::SpecPath;
use crate::wechat::Appid;
use crate::wechat::menu::Does;
use crate::wechat::tag::NAME_BYTES;

/// 40016
pub(super) const FIRST_LEVEL: usize = 3;
/// 40023
pub(super) const SECOND_LEVEL: usize = 5;
/// 40025
pub(super) const SECOND_NAME_BYTES: usize = 60;
/// 40019
pub(super) const KEY_BYTES: usize = 128;
/// 40020
pub(super) const URL_BYTES: usize = 1024;

/// The custom menu. `buttons: []` with no conditional menus means that there must be none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MenuSpec {
    /// The first level, at most 3. `[]` deletes the menu.
    #[schemars(length(max = FIRST_LEVEL), extend("x-wire" = "button", "x-limit" = "at most 3 buttons"))]
    pub buttons: Vec<ButtonSpec>,
    /// Conditional menus (个性化菜单). Of those that match a follower the first in this list is shown; without any
    /// the default one. Left out: not managed. `[]`: there must be none.
    #[schemars(extend("x-wire" = "conditionalmenu", "x-limit" = "they lead to at most 3 domains together", "x-calls" = ["menu/addconditional", "menu/delconditional"]))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Vec<ConditionalSpec>>,
}

/// A menu for some of the followers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionalSpec {
    /// For whom: everything given must be true of the follower.
    #[schemars(extend("x-wire" = "matchrule"))]
    #[serde(rename = "match")]
    pub rule: MatchSpec,
    /// The first level, at most 3.
    #[schemars(length(min = 1, max = FIRST_LEVEL), extend("x-wire" = "button"))]
    pub buttons: Vec<ButtonSpec>,
}

/// Whom a conditional menu is for.
///
/// WeChat takes no new menus by sex or region (65320), and may refuse those by language. Old ones live on, and can be
/// written down as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MatchSpec {
    /// Followers with this tag (标签), by its number.
    #[schemars(schema_with = "digits", extend("x-wire" = "matchrule.tag_id"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<String>,
    /// Followers with this tag, by its name: see `officialAccount.tags`. The menu waits until the tag is there.
    #[schemars(length(min = 1, max = NAME_BYTES), extend("x-wire" = "matchrule.tag_id", "x-calls" = ["tags/get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The system WeChat runs on.
    #[schemars(extend("x-wire" = "matchrule.client_platform_type"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformWord>,
    /// The language WeChat is set to: `zh_CN`.
    #[schemars(extend("x-wire" = "matchrule.language"))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What only WeChat's console (公众平台) makes. Such a button is kept while it is there; the API cannot make it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<ConsoleButton>,
}

/// A mini-program behind a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MiniProgramButton {
    /// The mini-program's appid. Until it is linked to the official account (85005 else) the button is a plain link
    /// to `fallbackUrl`; then it becomes what it should be by itself.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// In its place: one of this tenant's mini-programs, by the name of its item. Until its administrator has scanned
    /// the button is a plain link as well.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The page inside it.
    #[schemars(length(min = 1), extend("x-wire" = "pagepath"))]
    pub page: String,
    /// What clients without mini-programs open.
    #[schemars(length(max = URL_BYTES), regex(pattern = "^[hH][tT][tT][pP][sS]?://"), extend("x-wire" = "url", "x-limit" = "1,024 bytes, http or https"))]
    pub fallback_url: String,
}

/// What a button does that only WeChat's console makes, as `get_current_selfmenu_info` shows it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
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

/// A number that is kept as the text it is; it may stand without quotes.
fn digits(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "integer"], "pattern": "^[0-9]+$"})
}

impl MenuSpec {
    /// Every button that opens a mini-program, with its place in a menu that stands at `path`.
    pub(in crate::resource) fn mini_programs(
        &self,
        path: &SpecPath,
    ) -> Vec<(SpecPath, &MiniProgramButton)> {
        let mut found = Vec::new();
        below(&self.buttons, &path.field("buttons"), &mut found);
        for (index, menu) in self.conditional.iter().flatten().enumerate() {
            let path = path.field("conditional").index(index).field("buttons");
            below(&menu.buttons, &path, &mut found);
        }
        found
    }
}

fn below<'a>(
    buttons: &'a [ButtonSpec],
    path: &SpecPath,
    found: &mut Vec<(SpecPath, &'a MiniProgramButton)>,
) {
    for (index, button) in buttons.iter().enumerate() {
        let path = path.index(index);
        let target = button.mini_program.as_ref();
        found.extend(target.map(|target| (path.field("miniProgram"), target)));
        let sub = button.sub_buttons.as_deref().unwrap_or_default();
        below(sub, &path.field("subButtons"), found);
    }
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

    /// The fields that say what the button does, of which there should be one.
    pub(super) fn choices(&self) -> Vec<String> {
        let plain = self.plain().map(|does| plain_field(&does).0.to_owned());
        let sub_buttons = self.sub_buttons.iter().map(|_| "subButtons".to_owned());
        let mini_program = self.mini_program.iter().map(|_| "miniProgram".to_owned());
        let console = self.console.iter().map(|_| "console".to_owned());
        plain
            .chain(sub_buttons)
            .chain(mini_program)
            .chain(console)
            .collect()
    }
}

/// The field and the text of what is said in one text. What is not has no text.
pub(super) fn plain_field(does: &Does) -> (&'static str, &str) {
    match does {
        Does::Click { key } => ("click", key),
        Does::View { url } => ("view", url),
        Does::ScancodePush { key } => ("scancodePush", key),
        Does::ScancodeWaitmsg { key } => ("scancodeWaitmsg", key),
        Does::PicSysphoto { key } => ("picSysphoto", key),
        Does::PicPhotoOrAlbum { key } => ("picPhotoOrAlbum", key),
        Does::PicWeixin { key } => ("picWeixin", key),
        Does::LocationSelect { key } => ("locationSelect", key),
        Does::MediaId { media_id } => ("mediaId", media_id),
        Does::ViewLimited { media_id } => ("viewLimited", media_id),
        Does::ArticleId { article_id } => ("articleId", article_id),
        Does::ArticleViewLimited { article_id } => ("articleViewLimited", article_id),
        Does::Container(_) => ("subButtons", ""),
        Does::MiniProgram { .. } => ("miniProgram", ""),
        Does::Website { .. } | Does::Unknown { .. } => ("console", ""),
    }
}
