//! Custom menus (自定义菜单): the calls, and what they carry.
//!
//! One [`Button`] is read from `menu/get` (`sub_button` is an array, empty on leaves) and from
//! `get_current_selfmenu_info` (an object with `list`), and is written as `menu/create` takes it.
//! WeChat's pages: developers.weixin.qq.com, `createCustomMenu`, `getMenu`, `getCurrentSelfmenuInfo`.

mod button;
mod codec;
mod endpoint;
mod wire;

pub use button::{Button, Does, NewsItem, WebsiteKind};
pub use endpoint::{CREATE, CURRENT_SELFMENU_INFO, DELETE, GET};
pub use wire::{
    ConditionalMenu, DefaultMenu, MatchRule, MenuGet, SelfmenuBody, SelfmenuInfo, create_request,
};
