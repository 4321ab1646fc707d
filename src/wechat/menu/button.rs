//! One button of a menu, as the wire has it.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
/// A text that the wire left out is empty here (`menu/get` answers view buttons without `url`) and is left out
/// again when written.
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

    fn read(fields: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let text = |name: &str| {
            fields
                .get(name)
                .and_then(tolerant::text)
                .unwrap_or_default()
        };
        let website = |kind| -> Result<Self, serde_json::Error> {
            Ok(Self::Website {
                kind,
                value: text("value"),
                news: many(fields.get("news_info"))?,
            })
        };
        Ok(match text("type").as_str() {
            "" => Self::Container(many(fields.get("sub_button"))?),
            "click" => Self::Click { key: text("key") },
            "view" => Self::View { url: text("url") },
            "scancode_push" => Self::ScancodePush { key: text("key") },
            "scancode_waitmsg" => Self::ScancodeWaitmsg { key: text("key") },
            "pic_sysphoto" => Self::PicSysphoto { key: text("key") },
            "pic_photo_or_album" => Self::PicPhotoOrAlbum { key: text("key") },
            "pic_weixin" => Self::PicWeixin { key: text("key") },
            "location_select" => Self::LocationSelect { key: text("key") },
            "media_id" => Self::MediaId {
                media_id: text("media_id"),
            },
            "view_limited" => Self::ViewLimited {
                media_id: text("media_id"),
            },
            "article_id" => Self::ArticleId {
                article_id: text("article_id"),
            },
            "article_view_limited" => Self::ArticleViewLimited {
                article_id: text("article_id"),
            },
            "miniprogram" => Self::MiniProgram {
                url: text("url"),
                appid: text("appid"),
                pagepath: text("pagepath"),
            },
            "text" => website(WebsiteKind::Text)?,
            "img" => website(WebsiteKind::Img)?,
            "photo" => website(WebsiteKind::Photo)?,
            "voice" => website(WebsiteKind::Voice)?,
            "video" => website(WebsiteKind::Video)?,
            "news" => website(WebsiteKind::News)?,
            kind => Self::Unknown {
                kind: kind.to_owned(),
                fields: fields
                    .iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "name" | "type"))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            },
        })
    }
}

fn many<T: serde::de::DeserializeOwned>(
    value: Option<&Value>,
) -> Result<Vec<T>, serde_json::Error> {
    value
        .map(tolerant::items)
        .unwrap_or_default()
        .into_iter()
        .map(T::deserialize)
        .collect()
}

impl<'de> Deserialize<'de> for Button {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        Ok(Self {
            name: fields
                .get("name")
                .and_then(tolerant::text)
                .unwrap_or_default(),
            does: Does::read(&fields).map_err(serde::de::Error::custom)?,
        })
    }
}

/// The button as `menu/create` takes it: `type` and `sub_button` exclude each other.
impl Serialize for Button {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, does } = self;
        let mut map = serializer.serialize_map(None)?;
        if let Some(kind) = does.kind() {
            map.serialize_entry("type", kind)?;
        }
        map.serialize_entry("name", name)?;
        match does {
            Does::Container(sub) => map.serialize_entry("sub_button", sub)?,
            Does::Click { key }
            | Does::ScancodePush { key }
            | Does::ScancodeWaitmsg { key }
            | Does::PicSysphoto { key }
            | Does::PicPhotoOrAlbum { key }
            | Does::PicWeixin { key }
            | Does::LocationSelect { key } => given(&mut map, "key", key)?,
            Does::View { url } => given(&mut map, "url", url)?,
            Does::MediaId { media_id } | Does::ViewLimited { media_id } => {
                given(&mut map, "media_id", media_id)?;
            }
            Does::ArticleId { article_id } | Does::ArticleViewLimited { article_id } => {
                given(&mut map, "article_id", article_id)?;
            }
            Does::MiniProgram {
                url,
                appid,
                pagepath,
            } => {
                given(&mut map, "url", url)?;
                given(&mut map, "appid", appid)?;
                given(&mut map, "pagepath", pagepath)?;
            }
            Does::Website {
                kind: _,
                value,
                news,
            } => {
                given(&mut map, "value", value)?;
                if !news.is_empty() {
                    map.serialize_entry("news_info", &serde_json::json!({"list": news}))?;
                }
            }
            Does::Unknown { kind: _, fields } => {
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
            }
        }
        map.end()
    }
}

fn given<M: SerializeMap>(map: &mut M, name: &'static str, text: &str) -> Result<(), M::Error> {
    if text.is_empty() {
        Ok(())
    } else {
        map.serialize_entry(name, text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_writable_type_is_written_as_it_was_read() {
        let leaves = [
            json!({"type": "click", "name": "a", "key": "K"}),
            json!({"type": "view", "name": "a", "url": "https://x"}),
            json!({"type": "scancode_push", "name": "a", "key": "K"}),
            json!({"type": "scancode_waitmsg", "name": "a", "key": "K"}),
            json!({"type": "pic_sysphoto", "name": "a", "key": "K"}),
            json!({"type": "pic_photo_or_album", "name": "a", "key": "K"}),
            json!({"type": "pic_weixin", "name": "a", "key": "K"}),
            json!({"type": "location_select", "name": "a", "key": "K"}),
            json!({"type": "media_id", "name": "a", "media_id": "M"}),
            json!({"type": "view_limited", "name": "a", "media_id": "M"}),
            json!({"type": "article_id", "name": "a", "article_id": "A"}),
            json!({"type": "article_view_limited", "name": "a", "article_id": "A"}),
            json!({"type": "miniprogram", "name": "a", "url": "u", "appid": "wx1", "pagepath": "p"}),
        ];
        for leaf in &leaves {
            let button: Button = serde_json::from_value(leaf.clone()).unwrap();
            assert!(button.does.is_writable(), "{leaf}");
            assert_eq!(&serde_json::to_value(&button).unwrap(), leaf);

            let mut answered = leaf.clone();
            answered["sub_button"] = json!([]);
            let read: Button = serde_json::from_value(answered).unwrap();
            assert_eq!(read, button, "an empty second level means nothing");
        }
        let container = json!({"name": "更多", "sub_button": leaves});
        let button: Button = serde_json::from_value(container.clone()).unwrap();
        assert_eq!(serde_json::to_value(&button).unwrap(), container);
    }

    #[test]
    fn the_second_level_may_be_an_object_with_a_list() {
        let leaf = json!({"type": "click", "name": "a", "key": "K"});
        let array: Button =
            serde_json::from_value(json!({"name": "m", "sub_button": [leaf]})).unwrap();
        let object: Button =
            serde_json::from_value(json!({"name": "m", "sub_button": {"list": [leaf]}})).unwrap();
        assert_eq!(array, object);
    }

    #[test]
    fn what_the_console_made_is_read_but_not_writable() {
        for kind in ["text", "img", "photo", "voice", "video", "news"] {
            let wire = json!({"type": kind, "name": "a", "value": "V"});
            let button: Button = serde_json::from_value(wire.clone()).unwrap();
            assert!(!button.does.is_writable(), "{kind}");
            assert_eq!(button.does.kind(), Some(kind));
            assert_eq!(serde_json::to_value(&button).unwrap(), wire);
        }
    }

    #[test]
    fn an_unknown_type_keeps_all_it_came_with() {
        let wire = json!({"type": "finder", "name": "a", "finder": {"id": [1, 2]}});
        let button: Button = serde_json::from_value(wire.clone()).unwrap();
        assert!(!button.does.is_writable());
        assert_eq!(serde_json::to_value(&button).unwrap(), wire);
    }
}
