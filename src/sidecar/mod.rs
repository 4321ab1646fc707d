//! The endpoint that WeChat and account owners reach: pushes in, authorization pages, health.
//!
//! A push is stored before it is answered `success`, and never acts, but for one thing: an authorization code dies
//! within minutes, so it is exchanged at once and its tokens stored. Everything else only wakes whoever waits.

mod callback;
mod health;
mod messages;
mod notices;
mod page;
mod pages;
mod replay;
mod server;
mod ticket;

use std::net::SocketAddr;
use std::sync::Arc;

pub use page::Speech;
pub use server::{Running, SidecarError, start};

use url::Url;

use crate::client::{Client, Clock};
use crate::store::Store;
use crate::wechat::Appid;
use crate::wechat::authorizer::Info;

/// How a sidecar is started.
pub struct SidecarConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The platforms whose pushes are taken.
    pub platforms: Vec<Served>,
    /// What the pages must know of tenants.
    pub gatekeeper: Arc<dyn Gatekeeper>,
    /// Where pushes are stored.
    pub store: Store,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// Called with a tenant's or account's name after something about it was stored.
    pub wake: Arc<dyn Fn(&str) + Send + Sync>,
}

/// One platform, as WeChat's console knows our side of it.
#[derive(Debug, Clone)]
pub struct Served {
    /// Speaks for it.
    pub client: Client,
    /// `callback.url`; pages lead back to it.
    pub public_url: Url,
    /// Pages lead back to the address bound instead: against a simulator, on a port chosen by the system.
    pub follow_port: bool,
    /// 授权事件接收URL, its path.
    pub notices: String,
    /// 消息与事件接收URL, its path, with `$APPID$` in it.
    pub messages: String,
    /// Where authorization links live.
    pub authorize: String,
    /// Where users' messages are passed on to; `$APPID$` in it is replaced.
    pub forward_messages: Option<String>,
}

/// What the pages must know of tenants, without knowing what a tenant is.
pub trait Gatekeeper: Send + Sync {
    /// The platform a tenant belongs to, and the account its manifest names, if it names one.
    fn tenant(&self, tenant: &str) -> Option<(Appid, Option<Appid>)>;

    /// Every way in which an account is not what the tenant's manifest says.
    fn objections(&self, tenant: &str, info: &Info) -> Vec<Objection>;
}

/// One way in which an account is not what the tenant's manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Stable name: `WrongAccountKind`.
    pub reason: &'static str,
    /// For the owner, in Chinese.
    pub zh: String,
    /// For the owner, in English.
    pub en: String,
}
