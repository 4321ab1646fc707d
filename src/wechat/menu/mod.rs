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
pub use codec::read_partly;
pub use endpoint::{
    ADDCONDITIONAL, CREATE, CURRENT_SELFMENU_INFO, DELCONDITIONAL, DELETE, GET, TRYMATCH,
};
pub use wire::{
    ConditionalBody, ConditionalMenu, DefaultMenu, MatchRule, MenuGet, SelfmenuInfo, TryMatch,
    add_conditional_request, create_request, delete_conditional_request, try_match_request,
};
