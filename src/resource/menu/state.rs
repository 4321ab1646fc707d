//! A menu, normalised: the same value from a manifest, from `menu/get` and from `get_current_selfmenu_info`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// A default menu, and what else must be known of menus to change it safely.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MenuState {
    /// The first level.
    pub buttons: Vec<Button>,
    /// How many conditional menus there are beside it.
    pub conditional: usize,
    /// Whether the owner made it in WeChat's console.
    pub made_by_owner: bool,
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// The text on it.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// The fields of its kind, by their name on the wire.
    pub fields: BTreeMap<String, String>,
    /// The second level, for a container.
    pub sub: Vec<Button>,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// Opens the second level; has no `type` on the wire.
    Container,
    /// `click`
    Click,
    /// `view`
    View,
    /// `miniprogram`
    MiniProgram,
    /// `scancode_push`
    ScancodePush,
    /// `scancode_waitmsg`
    ScancodeWaitmsg,
    /// `pic_sysphoto`
    PicSysphoto,
    /// `pic_photo_or_album`
    PicPhotoOrAlbum,
    /// `pic_weixin`
    PicWeixin,
    /// `location_select`
    LocationSelect,
    /// `media_id`
    MediaId,
    /// `view_limited`
    ViewLimited,
    /// `article_id`
    ArticleId,
    /// `article_view_limited`
    ArticleViewLimited,
    /// A type that only WeChat's console makes (`text`, `img`, `photo`, `voice`, `video`, `news`), or one we do not
    /// know. It can be compared and shown, never written.
    Foreign(String),
}

/// Kind, name on the wire, name in a manifest, the wire field that holds its value.
const KINDS: [(Kind, &str, &str, &str); 13] = [
    (Kind::Click, "click", "click", "key"),
    (Kind::View, "view", "view", "url"),
    (Kind::MiniProgram, "miniprogram", "miniProgram", "appid"),
    (Kind::ScancodePush, "scancode_push", "scancodePush", "key"),
    (
        Kind::ScancodeWaitmsg,
        "scancode_waitmsg",
        "scancodeWaitmsg",
        "key",
    ),
    (Kind::PicSysphoto, "pic_sysphoto", "picSysphoto", "key"),
    (
        Kind::PicPhotoOrAlbum,
        "pic_photo_or_album",
        "picPhotoOrAlbum",
        "key",
    ),
    (Kind::PicWeixin, "pic_weixin", "picWeixin", "key"),
    (
        Kind::LocationSelect,
        "location_select",
        "locationSelect",
        "key",
    ),
    (Kind::MediaId, "media_id", "mediaId", "media_id"),
    (Kind::ViewLimited, "view_limited", "viewLimited", "media_id"),
    (Kind::ArticleId, "article_id", "articleId", "article_id"),
    (
        Kind::ArticleViewLimited,
        "article_view_limited",
        "articleViewLimited",
        "article_id",
    ),
];

/// The fields that tell one button from another of the same type.
const FIELDS: [&str; 7] = [
    "key",
    "url",
    "appid",
    "pagepath",
    "media_id",
    "article_id",
    "value",
];

impl Kind {
    fn row(&self) -> Option<&'static (Kind, &'static str, &'static str, &'static str)> {
        KINDS.iter().find(|(kind, ..)| kind == self)
    }

    /// The name on the wire; empty for a container.
    pub fn wire_type(&self) -> &str {
        if let Self::Foreign(name) = self {
            return name;
        }
        self.row().map_or("", |(_, wire, ..)| wire)
    }

    /// The name in a manifest.
    pub fn spec_field(&self) -> &str {
        if let Self::Foreign(name) = self {
            return name;
        }
        self.row().map_or("subButtons", |(_, _, spec, _)| spec)
    }

    /// The wire field that holds the value of a kind with one value.
    pub(super) fn wire_field(&self) -> &'static str {
        self.row().map_or("value", |(.., field)| field)
    }
}

impl Button {
    pub(super) fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            fields: BTreeMap::new(),
            sub: Vec::new(),
        }
    }

    pub(super) fn container(name: &str, sub: Vec<Self>) -> Self {
        Self {
            sub,
            ..Self::new(name, Kind::Container)
        }
    }

    pub(super) fn with<const N: usize>(mut self, fields: [(&'static str, &str); N]) -> Self {
        self.fields
            .extend(fields.map(|(field, value)| (field.to_owned(), value.to_owned())));
        self
    }

    /// The button as `menu/create` takes it.
    fn wire(&self) -> Value {
        let mut object = Map::new();
        if self.kind == Kind::Container {
            object.insert("name".to_owned(), json!(self.name));
            object.insert(
                "sub_button".to_owned(),
                Value::Array(self.sub.iter().map(Self::wire).collect()),
            );
        } else {
            object.insert("type".to_owned(), json!(self.kind.wire_type()));
            object.insert("name".to_owned(), json!(self.name));
            object.extend(
                self.fields
                    .iter()
                    .map(|(field, value)| (field.clone(), json!(value))),
            );
        }
        Value::Object(object)
    }

    /// The button as a manifest would write it.
    pub(super) fn as_spec(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".to_owned(), json!(self.name));
        object.insert(self.kind.spec_field().to_owned(), self.does_as_spec());
        Value::Object(object)
    }

    /// What the button does, as a manifest would write it.
    pub(super) fn does_as_spec(&self) -> Value {
        let field = |name: &str| {
            self.fields
                .get(name)
                .map_or(Value::Null, |value| json!(value))
        };
        if self.kind == Kind::Container {
            Value::Array(self.sub.iter().map(Self::as_spec).collect())
        } else if self.kind == Kind::MiniProgram {
            json!({"appId": field("appid"), "page": field("pagepath"), "fallbackUrl": field("url")})
        } else {
            field(self.kind.wire_field())
        }
    }

    /// Reads a button of `menu/get` (sub_button an array) or of `get_current_selfmenu_info` (an object with `list`).
    fn from_wire(value: &Value) -> Result<Self, String> {
        let object = value.as_object().ok_or("a button is no object")?;
        let text = |field: &str| object.get(field).and_then(Value::as_str);
        let name = text("name").unwrap_or_default().to_owned();
        let sub = match object.get("sub_button") {
            None | Some(Value::Null) => Vec::new(),
            Some(sub) => buttons_from_wire(sub.get("list").unwrap_or(sub))?,
        };
        let kind = match text("type").unwrap_or_default() {
            "" => Kind::Container,
            wire => KINDS
                .iter()
                .find(|(_, known, ..)| *known == wire)
                .map_or_else(|| Kind::Foreign(wire.to_owned()), |(kind, ..)| kind.clone()),
        };
        let fields = FIELDS
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), text(field)?.to_owned())))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Ok(Self {
            name,
            kind,
            fields,
            sub,
        })
    }
}

fn buttons_from_wire(value: &Value) -> Result<Vec<Button>, String> {
    value
        .as_array()
        .ok_or("a list of buttons is no list")?
        .iter()
        .map(Button::from_wire)
        .collect()
}

impl MenuState {
    /// Reads the answer of `menu/get`.
    pub(super) fn from_menu_get(body: &Value) -> Result<Self, String> {
        let buttons = body.pointer("/menu/button").ok_or("no menu.button")?;
        let conditional = body
            .get("conditionalmenu")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        Ok(Self {
            buttons: buttons_from_wire(buttons)?,
            conditional,
            made_by_owner: false,
        })
    }

    /// Reads the answer of `get_current_selfmenu_info`, asked after `menu/get` said that there is no API menu: what
    /// it shows was made by the owner, whether it is switched on or not.
    pub(super) fn from_selfmenu_info(body: &Value) -> Result<Self, String> {
        let buttons = match body.pointer("/selfmenu_info/button") {
            Some(buttons) => buttons_from_wire(buttons)?,
            None if body.get("is_menu_open").is_some() => Vec::new(),
            None => return Err("neither is_menu_open nor selfmenu_info".to_owned()),
        };
        Ok(Self {
            buttons,
            conditional: 0,
            made_by_owner: true,
        })
    }

    /// The first level as `menu/create` takes it.
    pub(super) fn wire(&self) -> Vec<Value> {
        self.buttons.iter().map(Button::wire).collect()
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
