//! What a mini-program asks others for: plugins of theirs, permission to use location APIs, a path for its orders.
//!
//! developers.weixin.qq.com: 第三方平台 / 插件管理、地理位置接口、订单页 path.

mod control;
mod endpoints;
pub(super) mod location;
mod order_path;
mod plugin_owner;
mod plugins;
mod state;

pub(in crate::simulator) use control::decide_plugin;
pub(in crate::simulator) use endpoints::ENDPOINTS;
pub use state::{
    LocationApi, LocationGrant, LocationStatus, OrderPath, OrderPathBatch, OrderPathResult,
    OrderPaths, Plugin, PluginStatus, UsedPlugin,
};
