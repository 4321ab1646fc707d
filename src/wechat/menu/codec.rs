//! A button from and to JSON.
//!
//! Read by hand rather than by derive: the second level has two shapes, a container has no type, and what is not
//! known must be kept.

use serde::de::{DeserializeOwned, Error};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::button::{Button, Does, WebsiteKind};
use crate::wechat::tolerant;

fn read_does(fields: &Map<String, Value>) -> Result<Does, serde_json::Error> {
    let text = |name: &str| {
        fields
            .get(name)
            .and_then(tolerant::text)
            .unwrap_or_default()
    };
    let website = |kind| -> Result<Does, serde_json::Error> {
        Ok(Does::Website {
            kind,
            value: text("value"),
            news: many(fields.get("news_info"))?,
        })
    };
    Ok(match text("type").as_str() {
        "" => Does::Container(many(fields.get("sub_button"))?),
        "click" => Does::Click { key: text("key") },
        "view" => Does::View { url: text("url") },
        "scancode_push" => Does::ScancodePush { key: text("key") },
        "scancode_waitmsg" => Does::ScancodeWaitmsg { key: text("key") },
        "pic_sysphoto" => Does::PicSysphoto { key: text("key") },
        "pic_photo_or_album" => Does::PicPhotoOrAlbum { key: text("key") },
        "pic_weixin" => Does::PicWeixin { key: text("key") },
        "location_select" => Does::LocationSelect { key: text("key") },
        "media_id" => Does::MediaId {
            media_id: text("media_id"),
        },
        "view_limited" => Does::ViewLimited {
            media_id: text("media_id"),
        },
        "article_id" => Does::ArticleId {
            article_id: text("article_id"),
        },
        "article_view_limited" => Does::ArticleViewLimited {
            article_id: text("article_id"),
        },
        "miniprogram" => Does::MiniProgram {
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
        kind => Does::Unknown {
            kind: kind.to_owned(),
            fields: fields
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "name" | "type"))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        },
    })
}

fn many<T: DeserializeOwned>(value: Option<&Value>) -> Result<Vec<T>, serde_json::Error> {
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
            does: read_does(&fields).map_err(Error::custom)?,
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
