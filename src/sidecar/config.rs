//! What a sidecar is told when it starts.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use url::Url;

use crate::client::Addressee;
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
    /// Where claims and pins are stored. The clients keep what was pushed in theirs.
    pub store: Store,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// Called with a tenant's name or an appid after something about it was stored.
    pub wake: Arc<dyn Fn(&str) + Send + Sync>,
}

/// One platform, as WeChat's console knows our side of it. Printing it never prints where messages are passed on to:
/// that address may hold a password.
#[derive(Clone)]
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
    /// Where the links live by which registrations are confirmed.
    pub register: String,
    /// Where users' messages are passed on to; `$APPID$` in it is replaced.
    pub forward_messages: Option<String>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served")
            .field("client", &self.client)
            .field("public_url", &self.public_url.as_str())
            .field("notices", &self.notices)
            .field("messages", &self.messages)
            .field("authorize", &self.authorize)
            .field("register", &self.register)
            .field("forwards", &self.forward_messages.is_some())
            .finish_non_exhaustive()
    }
}

/// What the pages must know of tenants, without knowing what a tenant is.
pub trait Gatekeeper: Send + Sync {
    /// What a tenant's manifest says of one of its accounts. None where no manifest declares such an account.
    fn find<'a>(&'a self, to: &'a Addressee) -> BoxFuture<'a, Option<Box<dyn Expected>>>;

    /// Whom the manifests give an account to, by its appid: nobody else gets it by a scan.
    fn declares(&self, _account: &Appid) -> Option<Addressee> {
        None
    }
}

/// What a manifest says of an account that is to be authorized.
pub trait Expected: Send + Sync {
    /// The platform that its tenant belongs to.
    fn platform(&self) -> &Appid;

    /// Its appid, if the manifest names it.
    fn appid(&self) -> Option<&Appid>;

    /// Every way in which an account is not what the manifest says.
    fn objections(&self, info: &Info) -> Vec<Objection>;

    /// What the manifest calls it, where it does.
    fn nickname(&self) -> Option<String> {
        None
    }

    /// How it is to be registered, where the manifest says that it is.
    fn registration(&self) -> Option<Registering> {
        None
    }

    /// The permission sets that are needed; the page after a scan names those that are missing.
    fn sets(&self) -> BTreeSet<u16>;
}

/// What the page of a registration must know of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registering {
    /// Whether the official account's verification is asked to be reused.
    pub copy_verification: bool,
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
