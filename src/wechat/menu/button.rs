//! One button of a menu, as the wire has it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wechat::tolerant;

/// A button: the text on it and what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    /// The text on it.
    pub name: String,
    /// What it does.
    pub does: Does,
}

/// What a button does.
///
/// A text that is empty is left out when written: WeChat refuses an empty one, and says of which button.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Opens the second level. Has no `type`.
    Container(Vec<Button>),
    /// `click`: sends a `CLICK` event.
    Click {
        /// What the event says.
        key: String,
    },
    /// `view`: opens a page.
    View {
        /// Its address.
        url: String,
    },
    /// `scancode_push`: scans a code and opens what it says.
    ScancodePush {
        /// What the event says.
        key: String,
    },
    /// `scancode_waitmsg`: scans a code and waits for our answer.
    ScancodeWaitmsg {
        /// What the event says.
        key: String,
    },
    /// `pic_sysphoto`: takes a photo.
    PicSysphoto {
        /// What the event says.
        key: String,
    },
    /// `pic_photo_or_album`: takes a photo or picks one.
    PicPhotoOrAlbum {
        /// What the event says.
        key: String,
    },
    /// `pic_weixin`: picks a photo of WeChat's album.
    PicWeixin {
        /// What the event says.
        key: String,
    },
    /// `location_select`: picks a place.
    LocationSelect {
        /// What the event says.
        key: String,
    },
    /// `media_id`: sends permanent material.
    MediaId {
        /// The material.
        media_id: String,
    },
    /// `view_limited`: opens news material. Being retired by WeChat.
    ViewLimited {
        /// The material.
        media_id: String,
    },
    /// `article_id`: sends a published article.
    ArticleId {
        /// The article.
        article_id: String,
    },
    /// `article_view_limited`: opens a published article.
    ArticleViewLimited {
        /// The article.
        article_id: String,
    },
    /// `miniprogram`: opens a mini-program that is linked to the account.
    MiniProgram {
        /// What old clients open instead.
        url: String,
        /// The mini-program. The key is lowercase on the wire.
        appid: String,
        /// The page in it.
        pagepath: String,
    },
    /// Made in WeChat's console: shown, never written.
    Website {
        /// What it sends.
        kind: WebsiteKind,
        /// A text, a media id or an address.
        value: String,
        /// The articles, for [`WebsiteKind::News`].
        news: Vec<NewsItem>,
    },
    /// A type that is not known here, with all its fields but name and type.
    Unknown {
        /// The type.
        kind: String,
        /// Everything else.
        fields: Map<String, Value>,
    },
}

/// Buttons that only WeChat's console (公众平台官网) makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebsiteKind {
    /// `text`
    Text,
    /// `img`
    Img,
    /// `photo`
    Photo,
    /// `voice`
    Voice,
    /// `video`
    Video,
    /// `news`
    News,
}

/// An article behind a `news` button.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewsItem {
    /// Title.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub title: Option<String>,
    /// Author.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub author: Option<String>,
    /// Summary.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub digest: Option<String>,
    /// Whether the cover is shown, 0 or 1.
    #[serde(deserialize_with = "tolerant::maybe_int")]
    pub show_cover: Option<i64>,
    /// The cover.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub cover_url: Option<String>,
    /// The article.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub content_url: Option<String>,
    /// The original.
    #[serde(deserialize_with = "tolerant::maybe_text")]
    pub source_url: Option<String>,
}

impl WebsiteKind {
    /// The `type` on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Img => "img",
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::News => "news",
        }
    }
}

impl Does {
    /// The `type` on the wire; `None` for a container.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        Some(match self {
            Self::Container(_) => return None,
            Self::Click { .. } => "click",
            Self::View { .. } => "view",
            Self::ScancodePush { .. } => "scancode_push",
            Self::ScancodeWaitmsg { .. } => "scancode_waitmsg",
            Self::PicSysphoto { .. } => "pic_sysphoto",
            Self::PicPhotoOrAlbum { .. } => "pic_photo_or_album",
            Self::PicWeixin { .. } => "pic_weixin",
            Self::LocationSelect { .. } => "location_select",
            Self::MediaId { .. } => "media_id",
            Self::ViewLimited { .. } => "view_limited",
            Self::ArticleId { .. } => "article_id",
            Self::ArticleViewLimited { .. } => "article_view_limited",
            Self::MiniProgram { .. } => "miniprogram",
            Self::Website { kind, .. } => kind.as_str(),
            Self::Unknown { kind, .. } => kind,
        })
    }

    /// Whether `menu/create` takes such a button.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        !matches!(self, Self::Website { .. } | Self::Unknown { .. })
    }
}
