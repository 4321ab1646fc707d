//! The platforms that are served: as their manifests say, and where one cannot be read or is gone, as they were served
//! last. Pushes are taken whatever somebody writes into a folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::access::{access, api_base};
use super::{AccessError, Clients, blocking};
use crate::client::{Clock, NoTransport, PlatformAccess};
use crate::manifest::{Excerpt, Library, LoadedPlatform};
use crate::sidecar::Served;
use crate::store::documents::ServedDoc;
use crate::store::{Key, Secret, Store, StoreError};
use crate::wechat::Appid;

/// Why a platform cannot be served, or not as its manifest says.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
    /// The store.
    #[error("how a platform is served cannot be remembered")]
    Store(#[from] StoreError),
    /// Its credentials.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// WeChat's own address, with a clock that others move.
    #[error(
        "platform `{0}` cannot be served by a movable clock: WeChat's address is not a loopback one"
    )]
    Clock(String),
    /// TLS.
    #[error("HTTPS cannot be set up")]
    Transport(#[from] NoTransport),
    /// Its callback address is none.
    #[error("the callback.url of platform `{platform}` is no address")]
    Callback {
        /// Which platform.
        platform: String,
        /// Why.
        source: url::ParseError,
    },
}

/// Every platform that is served, by name.
#[derive(Debug, Clone)]
pub struct Platforms {
    store: Store,
    clock: Arc<dyn Clock>,
    api_base: Option<Url>,
    only_here: bool,
    is_remembered: bool,
    all: BTreeMap<String, One>,
    /// Speak for them.
    pub clients: Clients,
}

#[derive(Debug, Clone)]
struct One {
    loaded: LoadedPlatform,
    excerpt: Excerpt,
    access: PlatformAccess,
    /// Why it is served as it was and not as its manifest says.
    stale: Option<String>,
    /// Whether the store remembers how.
    is_remembered: bool,
}

impl Platforms {
    /// No platform yet. `api_base` is WeChat's address for all of them, in place of what the manifests say.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, api_base: Option<Url>) -> Self {
        Self {
            is_remembered: false,
            clients: Clients::new(store.clone(), Arc::clone(&clock)),
            clock,
            all: BTreeMap::new(),
            store,
            api_base,
            only_here: false,
        }
    }

    /// Takes in the platforms as they were served last, once: those that stand in no manifest go on. Whether any did.
    ///
    /// # Errors
    /// [`NotServed::Store`]; to be asked again.
    pub async fn remember(&mut self) -> Result<bool, NotServed> {
        if self.is_remembered {
            return Ok(false);
        }
        let mut any = false;
        let mut docs = Vec::new();
        for key in self.store.list("served/").await? {
            let stored = self.store.get::<ServedDoc>(&key).await?;
            docs.extend(stored.map(|stored| stored.value));
        }
        docs.sort_by_key(|doc| doc.at);
        for doc in docs {
            let Some(one) = self.remembered(doc) else {
                continue;
            };
            let appid = &one.access.appid;
            if !self.all.values().any(|known| known.access.appid == *appid) {
                self.put(one).await?;
                any = true;
            }
        }
        self.is_remembered = true;
        Ok(any)
    }

    /// Speaks to a WeChat on this machine alone: a clock that others move is no clock for the real one.
    pub fn only_here(&mut self, only_here: bool) {
        self.only_here = only_here;
    }

    /// Takes in what the manifests say. What could not be done is told, platform by platform; those are served as
    /// before. Whether anything is served otherwise than before.
    pub async fn take(&mut self, library: &Arc<Library>) -> (bool, Vec<NotServed>) {
        let (mut changed, mut troubles) = (false, Vec::new());
        let mut accesses = self.accesses(library).await;
        for (name, loaded) in &library.platforms {
            let (Some(excerpt), Some(found)) = (library.platform(name), accesses.remove(name))
            else {
                continue;
            };
            let found = found.map_err(NotServed::from);
            let found = found.and_then(|access| match access.is_loopback() {
                false if self.only_here => Err(NotServed::Clock(name.clone())),
                true | false => Ok(access),
            });
            match found {
                Ok(access) => {
                    let one = One {
                        loaded: loaded.clone(),
                        excerpt,
                        access,
                        stale: None,
                        is_remembered: false,
                    };
                    match self.serve(one).await {
                        Ok(new) => changed |= new,
                        Err(error) => troubles.push(error),
                    }
                }
                Err(error) => {
                    if let Some(one) = self.all.get_mut(name) {
                        one.stale = Some(error.to_string());
                    }
                    troubles.push(error);
                }
            }
        }
        for (name, one) in &mut self.all {
            if !library.platforms.contains_key(name) && one.loaded.name == *name {
                let known = library.platform_names().any(|known| known == name);
                let why = if known {
                    "its manifest has a mistake"
                } else {
                    "its manifest is gone"
                };
                one.stale = Some(why.to_owned());
            }
        }
        (changed, troubles)
    }

    /// What it takes to speak for each of them. Secrets are files, and a mount may hang: nobody else waits for that.
    async fn accesses(
        &self,
        library: &Arc<Library>,
    ) -> BTreeMap<String, Result<PlatformAccess, AccessError>> {
        let (library, given) = (Arc::clone(library), self.api_base.clone());
        blocking(move || {
            let all = library.platforms.iter();
            let found = all.map(|(name, loaded)| {
                let found = access(&|name| library.secret(name), loaded, given.as_ref());
                (name.clone(), found)
            });
            found.collect()
        })
        .await
    }

    /// Lets go of platforms that no manifest declares and the store remembers no more. Whether any was there.
    pub async fn let_go(&mut self) -> Result<bool, StoreError> {
        let mut forgotten = Vec::new();
        for (name, one) in &self.all {
            let waits = one.stale.is_some() && one.is_remembered;
            let key = Key::served(&one.access.appid);
            if waits && self.store.get::<ServedDoc>(&key).await?.is_none() {
                forgotten.push(name.clone());
            }
        }
        for name in &forgotten {
            tracing::info!(platform = name, "is served no longer");
            self.all.remove(name);
        }
        Ok(!forgotten.is_empty())
    }

    /// The platforms that are not served as their manifests say, and why.
    pub fn stale(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.all.iter();
        all.filter_map(|(name, one)| Some((name.as_str(), one.stale.as_deref()?)))
    }

    /// Their manifests, by name.
    #[must_use]
    pub fn loaded(&self) -> BTreeMap<String, LoadedPlatform> {
        let all = self.all.iter();
        all.map(|(name, one)| (name.clone(), one.loaded.clone()))
            .collect()
    }

    /// The name of the platform with an appid.
    #[must_use]
    pub fn name_of(&self, appid: &Appid) -> Option<&str> {
        let mut all = self.all.iter();
        let (name, _) = all.find(|(_, one)| one.access.appid == *appid)?;
        Some(name)
    }

    /// A platform's manifest.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&LoadedPlatform> {
        self.all.get(name).map(|one| &one.loaded)
    }

    /// Their documents, by name.
    #[must_use]
    pub fn excerpts(&self) -> BTreeMap<String, Excerpt> {
        let all = self.all.iter();
        all.map(|(name, one)| (name.clone(), one.excerpt.clone()))
            .collect()
    }

    /// What the sidecar needs of them. `follow`: a callback address on this machine follows the port that was bound.
    #[must_use]
    pub fn served(&self, follow: bool) -> Vec<Served> {
        let served = self.all.iter().filter_map(|(name, one)| {
            let client = self.clients.of(name)?;
            let callback = &one.loaded.spec.callback;
            Some(Served {
                client: client.clone(),
                public_url: Url::parse(&callback.url).ok()?,
                follow_port: follow && client.platform().is_loopback(),
                notices: callback.paths.notices.clone(),
                messages: callback.paths.messages.clone(),
                authorize: callback.paths.authorize.trim_end_matches('/').to_owned(),
                register: callback.paths.register.trim_end_matches('/').to_owned(),
                forward_messages: callback.forward_messages.clone(),
            })
        });
        served.collect()
    }

    async fn serve(&mut self, one: One) -> Result<bool, NotServed> {
        let callback = &one.loaded.spec.callback.url;
        Url::parse(callback).map_err(|source| NotServed::Callback {
            platform: one.loaded.name.clone(),
            source,
        })?;
        let before = self.all.get_mut(&one.loaded.name);
        if let Some(before) = before
            && before.excerpt == one.excerpt
            && same(&before.access, &one.access)
        {
            before.stale = None;
            return Ok(false);
        }
        let (appid, doc) = one.remember(self.clock.now());
        let name = one.loaded.name.clone();
        self.put(one).await?;
        let written = self
            .store
            .modify(&Key::served(&appid), |known| *known = Some(doc.clone()))
            .await;
        if let Err(error) = written {
            // It is served all the same: pushes do not wait for a disk.
            tracing::error!(%error, platform = %appid, "how a platform is served could not be remembered");
        } else if let Some(one) = self.all.get_mut(&name) {
            one.is_remembered = true;
        }
        Ok(true)
    }

    async fn put(&mut self, one: One) -> Result<(), NotServed> {
        let (name, appid) = (one.loaded.name.clone(), one.access.appid.clone());
        self.make_way(&name, &appid).await?;
        // Under another name it is the same platform.
        self.all
            .retain(|other, known| *other == name || known.access.appid != appid);
        let known = self.all.get(&name);
        if !known.is_some_and(|known| same(&known.access, &one.access)) {
            self.clients.add(&name, one.access.clone()).await?;
        }
        self.all.insert(name, one);
        Ok(())
    }

    /// A platform whose name another one has now is served on beside it: an appid that was mistyped must not keep the
    /// pushes of the right one out.
    async fn make_way(&mut self, name: &str, appid: &Appid) -> Result<(), NotServed> {
        let is_another = |one: &&One| one.access.appid != *appid;
        let Some(before) = self.all.get(name).filter(is_another).cloned() else {
            return Ok(());
        };
        let aside = format!("{name} ({})", before.access.appid);
        self.clients.add(&aside, before.access.clone()).await?;
        let why = format!("the manifest of `{name}` names another appId now");
        let stale = Some(why);
        self.all.remove(name);
        self.all.insert(aside, One { stale, ..before });
        Ok(())
    }

    /// A platform as it was served last. None, where this version cannot read it any more.
    fn remembered(&self, doc: ServedDoc) -> Option<One> {
        let excerpt = Excerpt {
            path: doc.path,
            line: doc.line,
            text: doc.text,
        };
        let loaded = Library::of(vec![excerpt.source()])
            .platforms
            .remove(&doc.name)?;
        let secret = |secret: &Secret| crate::wechat::Secret::new(secret.expose());
        let access = PlatformAccess {
            appid: loaded.spec.app_id.clone(),
            api_base: api_base(&loaded, self.api_base.as_ref()).ok()?,
            app_secret: secret(&doc.app_secret),
            push_token: secret(&doc.push_token),
            encoding_aes_key: secret(&doc.encoding_aes_key),
            previous_encoding_aes_key: doc.previous_encoding_aes_key.as_ref().map(secret),
            link_key: None,
        };
        Some(One {
            loaded,
            excerpt,
            access,
            stale: Some("its manifest has not been read yet".to_owned()),
            is_remembered: true,
        })
    }
}

impl One {
    fn remember(&self, now: Timestamp) -> (Appid, ServedDoc) {
        let access = &self.access;
        let secret = |secret: &crate::wechat::Secret| Secret::new(secret.expose());
        let doc = ServedDoc {
            name: self.loaded.name.clone(),
            text: self.excerpt.text.clone(),
            path: self.excerpt.path.clone(),
            line: self.excerpt.line,
            app_secret: secret(&access.app_secret),
            push_token: secret(&access.push_token),
            encoding_aes_key: secret(&access.encoding_aes_key),
            previous_encoding_aes_key: access.previous_encoding_aes_key.as_ref().map(secret),
            at: Some(now),
        };
        (access.appid.clone(), doc)
    }
}

/// Whether two platforms are spoken for by the same secrets, at the same address.
fn same(one: &PlatformAccess, other: &PlatformAccess) -> bool {
    let secrets = |access: &PlatformAccess| {
        let previous = access.previous_encoding_aes_key.as_ref();
        [
            Some(&access.app_secret),
            Some(&access.push_token),
            Some(&access.encoding_aes_key),
            previous,
        ]
        .map(|secret| secret.map(|secret| secret.expose().to_owned()))
    };
    one.appid == other.appid && one.api_base == other.api_base && secrets(one) == secrets(other)
}
