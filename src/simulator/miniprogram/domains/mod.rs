//! The domains (域名) a mini-program may talk to and show, of its own and of its platform.
//!
//! developers.weixin.qq.com: 第三方平台 / 域名管理. Two ways, each with a store of its own; users get what a release has
//! made of them.

mod address;
mod business;
mod endpoints;
mod platform;
mod prefetch;
mod release;
mod server;
mod state;

pub(in crate::simulator) use endpoints::ENDPOINTS;
pub use state::{
    AppDomains, ConfirmFile, DomainClass, PlatformDomains, PlatformList, ServerDomains, Stores,
};
