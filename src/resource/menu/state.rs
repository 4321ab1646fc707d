//! A menu, normalised: the same value from a manifest, from `menu/get` and from `get_current_selfmenu_info`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::rule::Rule;
use crate::plan::Why;
use crate::resource::payload;
use crate::wechat::menu::{
    self, Button, ConditionalMenu, Does, MenuGet, NewsItem, SelfmenuInfo, WebsiteKind,
};
use crate::wechat::text::visible;
use crate::wechat::{Answer, Appid};

/// The key of the list as a whole: what is in it, and what is at WeChat though it is not.
pub(super) const LIST: &str = "conditional";

/// The menus of an account.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MenuState {
    /// The first level of the default menu.
    pub buttons: Vec<Button>,
    /// Conditional menus, the one that wins first. `None`: not managed; only ever desired.
    pub conditional: Option<Vec<Conditional>>,
    /// Whether the owner made it in WeChat's console.
    pub made_by_owner: bool,
    /// Whether followers see it; only ever observed.
    #[serde(skip)]
    pub shown: Shown,
}

/// Whether followers see the menu. Its administrator can switch it off in WeChat's console and keep it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Shown {
    /// They do, or there is none to see.
    #[default]
    Yes,
    /// It is switched off.
    SwitchedOff,
    /// It could not be asked.
    Unknown(Why),
}

/// A menu for some of the followers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conditional {
    /// For whom.
    pub rule: Rule,
    /// The first level.
    pub buttons: Vec<Button>,
    /// Its id, once there is one. Newer menus have higher ones.
    #[serde(skip)]
    pub menuid: Option<i64>,
}

impl MenuState {
    /// Reads the answer of `menu/get`.
    pub(super) fn from_menu_get(answer: Option<&Answer>) -> Result<Self, Why> {
        let MenuGet { menu, conditional } = payload(&menu::GET, answer)?;
        let mut menus =
            std::iter::once(&menu.button).chain(conditional.iter().map(|one| &one.button));
        if menus.any(|buttons| has_empty_container(buttons)) {
            return Err(unreadable("a button has no second level and does nothing"));
        }
        let mut conditional: Vec<Conditional> = conditional
            .into_iter()
            .map(Conditional::from_wire)
            .collect();
        if conditional.iter().any(|menu| menu.rule.is_empty()) {
            return Err(unreadable("the rule of a conditional menu says nothing"));
        }
        if conditional.iter().any(|menu| menu.buttons.is_empty()) {
            return Err(unreadable("a conditional menu has no buttons"));
        }
        // Ids ascend, and of those that match a follower the newest wins.
        conditional.sort_by_key(|menu| std::cmp::Reverse(menu.menuid));
        Ok(Self {
            buttons: normal(menu.button),
            conditional: Some(conditional),
            made_by_owner: false,
            shown: Shown::Yes,
        })
    }

    /// Reads the answer of `get_current_selfmenu_info` where `menu/get` said that there is no API menu: what it shows
    /// was made by the owner, whether it is switched on or not.
    pub(super) fn from_selfmenu_info(answer: Option<&Answer>) -> Result<Self, Why> {
        let info: SelfmenuInfo = payload(&menu::CURRENT_SELFMENU_INFO, answer)?;
        let shown = Shown::of(info.is_menu_open);
        let buttons = info.into_buttons().ok_or_else(|| {
            Why::unreadable(
                menu::CURRENT_SELFMENU_INFO.name,
                "it shows a menu and does not say which",
            )
        })?;
        Ok(Self {
            buttons: normal(buttons),
            conditional: Some(Vec::new()),
            made_by_owner: true,
            shown,
        })
    }

    /// The conditional menus, none where they are not managed.
    pub(super) fn conditional(&self) -> &[Conditional] {
        self.conditional.as_deref().unwrap_or_default()
    }
}

impl Shown {
    fn of(open: bool) -> Self {
        if open { Self::Yes } else { Self::SwitchedOff }
    }

    /// What `get_current_selfmenu_info` adds to a menu that `menu/get` shows.
    pub(super) fn read(answer: Option<&Answer>) -> Self {
        match payload::<SelfmenuInfo>(&menu::CURRENT_SELFMENU_INFO, answer) {
            Ok(info) => Self::of(info.is_menu_open),
            Err(why) => Self::Unknown(why),
        }
    }
}

fn unreadable(what: &str) -> Why {
    Why::unreadable(menu::GET.name, what)
}

/// Whether a first-level button opens a second level that has no buttons: the API makes none such (40023).
fn has_empty_container(buttons: &[Button]) -> bool {
    buttons
        .iter()
        .any(|button| matches!(&button.does, Does::Container(below) if below.is_empty()))
}

impl Conditional {
    fn from_wire(menu: ConditionalMenu) -> Self {
        Self {
            rule: Rule::from_wire(&menu.matchrule),
            buttons: normal(menu.button),
            menuid: Some(menu.menuid),
        }
    }

    /// Whether both show the same to the same followers, whatever their ids.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.rule == other.rule && self.buttons == other.buttons
    }
}

/// Buttons without what means nothing, cannot be seen, or is never twice the same.
pub(super) fn normal(buttons: Vec<Button>) -> Vec<Button> {
    buttons.into_iter().map(normal_button).collect()
}

fn normal_button(button: Button) -> Button {
    let does = match button.does {
        Does::Container(below) => Does::Container(normal(below)),
        Does::Website { kind, value, news } => website(kind, value, news),
        Does::Unknown { kind, fields } => Does::Unknown {
            kind,
            fields: without_nothing(fields),
        },
        Does::MiniProgram {
            url,
            appid,
            pagepath,
        } => Does::MiniProgram {
            url,
            appid: Appid::parse(&appid).map_or(appid, |appid| appid.to_string()),
            pagepath,
        },
        does @ (Does::Click { .. }
        | Does::View { .. }
        | Does::ScancodePush { .. }
        | Does::ScancodeWaitmsg { .. }
        | Does::PicSysphoto { .. }
        | Does::PicPhotoOrAlbum { .. }
        | Does::PicWeixin { .. }
        | Does::LocationSelect { .. }
        | Does::MediaId { .. }
        | Does::ViewLimited { .. }
        | Does::ArticleId { .. }
        | Does::ArticleViewLimited { .. }) => does,
    };
    Button {
        name: visible(&button.name),
        does,
    }
}

/// A video's address is signed anew at every read (`?vkey=…`); the ids of pictures and voices are temporary, another
/// one at every read. Articles are told apart by their material, and their titles and covers follow it.
fn website(kind: WebsiteKind, value: String, news: Vec<NewsItem>) -> Does {
    let value = match (kind, value.split_once('?')) {
        (WebsiteKind::Img | WebsiteKind::Photo | WebsiteKind::Voice, _) => String::new(),
        (WebsiteKind::Video, Some((address, _))) if address.contains("://") => address.to_owned(),
        (WebsiteKind::Video | WebsiteKind::Text | WebsiteKind::News, _) => value,
    };
    let news = if value.is_empty() { news } else { Vec::new() };
    Does::Website { kind, value, news }
}

/// Fields of an unknown type, without nulls and without the empty second level that `menu/get` puts on every leaf:
/// neither could be written in a manifest.
fn without_nothing(fields: Map<String, Value>) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(name, value)| name != "sub_button" || *value != Value::Array(Vec::new()))
        .filter_map(|(name, value)| Some((name, without_nulls(value)?)))
        .collect()
}

/// A value without nulls anywhere in it.
pub(super) fn without_nulls(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(items.into_iter().filter_map(without_nulls).collect()),
        Value::Object(fields) => Some(Value::Object(
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, without_nulls(value)?)))
                .collect(),
        )),
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_)) => Some(value),
    }
}

/// The keys of a list: by rule, and numbered where one rule is there twice.
pub(super) fn keys(menus: &[Conditional]) -> Vec<String> {
    let mut count = BTreeMap::new();
    menus
        .iter()
        .map(|menu| {
            let nth = count.entry(&menu.rule).or_insert(0_u32);
            *nth += 1;
            match *nth {
                1 => format!("{LIST} {}", menu.rule.name()),
                nth => format!("{LIST} {} #{nth}", menu.rule.name()),
            }
        })
        .collect()
}
