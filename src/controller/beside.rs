//! What a command does beside the loop of its store: it finds it, tells it that something has changed, and asks it.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::lock::{Held, Holder, held};
use crate::manifest::platform_among;
use crate::plan::Text;

/// The loop answers at once, or once it has looked at its folder.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long one that has just begun is waited for: it reads all its manifests before it listens.
const BEGINS: Duration = Duration::from_secs(12);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The loop of a store.
#[derive(Debug, Clone)]
pub struct Beside {
    http: reqwest::Client,
    base: String,
    holder: Holder,
}

/// What a loop answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// It did, or says.
    Yes(Value),
    /// It does not know what was asked about.
    Unknown,
}

/// Why a loop could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// One runs, and has not said where it listens.
    #[error(
        "a `wxops run` works on this store{}, and loop.lock does not say where it listens: it has just begun, or there was no room to \
         write it down; try again in a moment", .0.map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    Silent(Option<u32>),
    /// There was no answer.
    #[error("the `wxops run` of this store gave no answer")]
    Lost(#[source] reqwest::Error),
    /// It refuses.
    #[error(
        "the `wxops run` of this store refuses to answer ({0}); was it started by another version of wxops?"
    )]
    Refused(StatusCode),
}

impl NotTold {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Silent(pid) => {
                let pid = pid.map_or_else(String::new, |pid| format!("（进程 {pid}）"));
                format!(
                    "这个存储上有 wxops run 在运行{pid}，但 loop.lock 里没有它监听的地址：它刚刚启动，或磁盘已满写不下；请稍后再试"
                )
            }
            Self::Lost(_) => "这个存储的 wxops run 没有应答".to_owned(),
            Self::Refused(status) => {
                format!(
                    "这个存储的 wxops run 拒绝应答（{status}）；它是不是由另一版本的 wxops 启动的？"
                )
            }
        };
        Text::new(zh, self.to_string())
    }
}

impl Beside {
    /// The loop of a store, if one runs. One that has just begun is waited for.
    ///
    /// # Errors
    /// [`NotTold::Silent`].
    pub async fn find(store: &Path) -> Result<Option<Self>, NotTold> {
        let deadline = Instant::now() + BEGINS;
        loop {
            let holder = match held(store) {
                Held::ByNobody => return Ok(None),
                Held::By(holder) => holder,
            };
            let pid = holder.as_ref().map(|holder| holder.pid);
            if let Some(beside) = holder.and_then(Self::of) {
                return Ok(Some(beside));
            }
            if Instant::now() >= deadline {
                return Err(NotTold::Silent(pid));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The loop of a store, if one runs and listens now: for what it finds out by itself, later.
    #[must_use]
    pub fn now(store: &Path) -> Option<Self> {
        match held(store) {
            Held::ByNobody => None,
            Held::By(holder) => Self::of(holder?),
        }
    }

    fn of(holder: Holder) -> Option<Self> {
        let base = format!("http://{}", holder.private?);
        // Whoever came first has chosen the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .ok()?;
        Some(Self { http, base, holder })
    }

    /// Who runs it.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Has it look at the folder, and at what was approved, now.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn rescan(&self) -> Result<Told, NotTold> {
        self.send(Method::POST, "/v1/rescan").await
    }

    /// Has it look at a tenant now.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn reconcile(&self, tenant: &str) -> Result<Told, NotTold> {
        self.about(Method::POST, ["/v1/tenants/", tenant, "/reconcile"])
            .await
    }

    /// Has it look at every tenant of a platform now.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn resume(&self, platform: &str) -> Result<Told, NotTold> {
        self.about(Method::POST, ["/v1/platforms/", platform, "/reconcile"])
            .await
    }

    /// Tells it that something was stored about a tenant, or about an account by its appid.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn wake(&self, name: &str) -> Result<Told, NotTold> {
        self.about(Method::POST, ["/v1/wake/", name, ""]).await
    }

    /// How a tenant stands in it.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn tenant(&self, tenant: &str) -> Result<Told, NotTold> {
        self.about(Method::GET, ["/v1/tenants/", tenant, ""]).await
    }

    /// How it stands, without the tenants.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn tell_in_brief(&self) -> Result<Told, NotTold> {
        self.send(Method::GET, "/v1/loop/brief").await
    }

    /// How it stands.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn tell(&self) -> Result<Told, NotTold> {
        self.send(Method::GET, "/v1/loop").await
    }

    /// Asks about something by its name.
    async fn about(&self, method: Method, path: [&str; 3]) -> Result<Told, NotTold> {
        // No document has another name, nor has a platform among the tenants, and a path must stay the one that was meant.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let [_, name, _] = path;
        let bare = platform_among(name).unwrap_or(name);
        if bare.is_empty() || bare.starts_with('.') || !bare.chars().all(plain) {
            return Ok(Told::Unknown);
        }
        self.send(method, &path.concat()).await
    }

    async fn send(&self, method: Method, path: &str) -> Result<Told, NotTold> {
        let lost = |error: reqwest::Error| NotTold::Lost(error.without_url());
        let asked = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.holder.word);
        let answer = asked.send().await.map_err(lost)?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(Told::Unknown),
            status if status.is_success() => {
                let text = answer.text().await.map_err(lost)?;
                Ok(Told::Yes(
                    serde_json::from_str(&text).unwrap_or(Value::Null),
                ))
            }
            status => Err(NotTold::Refused(status)),
        }
    }
}
