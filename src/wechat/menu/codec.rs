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

/// The fields of one button, and whether all must be there that its type cannot be without.
#[derive(Clone, Copy)]
struct Fields<'a> {
    all: &'a Map<String, Value>,
    whole: bool,
}

/// What a button does, from fields of which some may be left out: they are empty then. An answer of WeChat's is read
/// as a [`Button`], from which nothing may be missing.
///
/// # Errors
/// Where a field is of another kind than the type wants.
pub fn read_partly(fields: &Map<String, Value>) -> Result<Does, serde_json::Error> {
    Fields {
        all: fields,
        whole: false,
    }
    .does()
}

impl Fields<'_> {
    /// A text; one that is there and is no text is never an empty one.
    fn text(self, name: &'static str) -> Result<String, serde_json::Error> {
        match self.all.get(name) {
            None if !self.whole => Ok(String::new()),
            found => found.and_then(tolerant::text).ok_or_else(|| {
                Error::custom(format!("`{name}` of a button is missing or no text"))
            }),
        }
    }

    /// A list; of a button whose type has it beside a value, it may be left out.
    fn list<T: DeserializeOwned>(self, name: &str) -> Result<Vec<T>, serde_json::Error> {
        self.all
            .get(name)
            .map_or_else(|| Ok(Vec::new()), tolerant::objects)
    }

    fn does(self) -> Result<Does, serde_json::Error> {
        let kind = match self.all.get("type") {
            None => String::new(),
            Some(_) => self.text("type")?,
        };
        if kind.is_empty() {
            return self.container();
        }
        if self.whole && !self.list::<Value>("sub_button")?.is_empty() {
            return Err(Error::custom("a button has a type and a second level"));
        }
        self.leaf(kind)
    }

    /// Without a type a button opens the second level, and says nothing else.
    fn container(self) -> Result<Does, serde_json::Error> {
        let below = self.list("sub_button")?;
        let mut others = self.all.keys();
        let lost = others.any(|name| !matches!(name.as_str(), "name" | "type" | "sub_button"));
        let odd = !self.all.contains_key("sub_button") || below.is_empty() && lost;
        if self.whole && odd {
            return Err(Error::custom(
                "a button has neither a type nor a second level",
            ));
        }
        Ok(Does::Container(below))
    }

    fn website(self, kind: WebsiteKind) -> Result<Does, serde_json::Error> {
        let news = self.list("news_info")?;
        let value = match kind {
            // Articles may stand there themselves instead of the material that holds them.
            WebsiteKind::News if !news.is_empty() && !self.all.contains_key("value") => {
                String::new()
            }
            WebsiteKind::News
            | WebsiteKind::Text
            | WebsiteKind::Img
            | WebsiteKind::Photo
            | WebsiteKind::Voice
            | WebsiteKind::Video => self.text("value")?,
        };
        Ok(Does::Website { kind, value, news })
    }

    fn leaf(self, kind: String) -> Result<Does, serde_json::Error> {
        let text = |name| self.text(name);
        Ok(match kind.as_str() {
            "click" => Does::Click { key: text("key")? },
            "view" => Does::View { url: text("url")? },
            "scancode_push" => Does::ScancodePush { key: text("key")? },
            "scancode_waitmsg" => Does::ScancodeWaitmsg { key: text("key")? },
            "pic_sysphoto" => Does::PicSysphoto { key: text("key")? },
            "pic_photo_or_album" => Does::PicPhotoOrAlbum { key: text("key")? },
            "pic_weixin" => Does::PicWeixin { key: text("key")? },
            "location_select" => Does::LocationSelect { key: text("key")? },
            "media_id" => Does::MediaId {
                media_id: text("media_id")?,
            },
            "view_limited" => Does::ViewLimited {
                media_id: text("media_id")?,
            },
            "article_id" => Does::ArticleId {
                article_id: text("article_id")?,
            },
            "article_view_limited" => Does::ArticleViewLimited {
                article_id: text("article_id")?,
            },
            "miniprogram" => Does::MiniProgram {
                url: text("url")?,
                appid: text("appid")?,
                pagepath: text("pagepath")?,
            },
            "text" => self.website(WebsiteKind::Text)?,
            "img" => self.website(WebsiteKind::Img)?,
            "photo" => self.website(WebsiteKind::Photo)?,
            "voice" => self.website(WebsiteKind::Voice)?,
            "video" => self.website(WebsiteKind::Video)?,
            "news" => self.website(WebsiteKind::News)?,
            kind => Does::Unknown {
                kind: kind.to_owned(),
                fields: self
                    .all
                    .iter()
                    .filter(|(name, _)| !matches!(name.as_str(), "name" | "type"))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Button {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::deserialize(deserializer)?;
        let fields = Fields {
            all: &all,
            whole: true,
        };
        let read = || -> Result<Self, serde_json::Error> {
            Ok(Self {
                name: fields.text("name")?,
                does: fields.does()?,
            })
        };
        read().map_err(Error::custom)
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
    fn a_button_without_what_it_cannot_be_without_is_not_read() {
        let leaf = json!({"type": "click", "name": "a", "key": "K", "sub_button": []});
        assert!(serde_json::from_value::<Button>(leaf.clone()).is_ok());
        for odd in [
            json!({"type": "click", "name": "a"}),
            json!({"type": "view", "name": "a", "key": "u"}),
            json!({"type": "view", "name": "a", "url": null}),
            json!({"type": "view", "name": "a", "url": true}),
            json!({"type": "miniprogram", "name": "a", "url": "u", "pagepath": "p"}),
            json!({"type": "img", "name": "a"}),
            json!({"type": "news", "name": "a", "news_info": {"list": []}}),
            json!({"type": "news", "name": "a", "news_info": null}),
            json!({"type": null, "name": "a", "key": "K"}),
            json!({"name": "a", "key": "K", "sub_button": []}),
            json!({"name": "a"}),
            json!({"name": "a", "sub_button": null}),
            json!({"name": "a", "sub_button": ""}),
            json!({"name": "a", "sub_button": [7]}),
            json!({"name": "a", "type": "click", "key": "K", "sub_button": [leaf]}),
            json!({"type": "click", "key": "K"}),
            json!({"type": "click", "name": null, "key": "K"}),
            json!({"type": "click", "name": ["a"], "key": "K"}),
            json!([]),
            json!("click"),
        ] {
            assert!(
                serde_json::from_value::<Button>(odd.clone()).is_err(),
                "{odd}"
            );
        }
    }

    #[test]
    fn of_what_is_only_declared_fields_may_be_left_out() {
        let fields = |value: Value| value.as_object().unwrap().clone();
        let img = read_partly(&fields(json!({"type": "img"}))).unwrap();
        assert_eq!(img.kind(), Some("img"));
        assert!(read_partly(&fields(json!({"type": "click", "key": null}))).is_err());
    }

    #[test]
    fn an_unknown_type_keeps_all_it_came_with() {
        let wire = json!({"type": "finder", "name": "a", "finder": {"id": [1, 2]}});
        let button: Button = serde_json::from_value(wire.clone()).unwrap();
        assert!(!button.does.is_writable());
        assert_eq!(serde_json::to_value(&button).unwrap(), wire);
    }
}
