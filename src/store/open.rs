//! Opening the store a person means: which folder, under which key.

use std::env;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::FutureExt as _;

use super::backend::Backend;
use super::doc::Store;
use super::error::StoreError;
use super::late::Late;
use super::sealing::{Sealing, SealingKey};
use super::sqlite::{Ended, Settings, Sqlite};

/// Names the store's folder.
const PLACE: &str = "WXOPS_STORE";
/// The store's key: 64 hex digits or base64.
const KEY: &str = "WXOPS_STORE_KEY";
/// A file that holds the store's key.
const KEY_FILE: &str = "WXOPS_STORE_KEY_FILE";
/// How long after an attempt to open a store late the next one waits. What comes in between is refused without one.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// What is read of a key's file.
const MAX_KEY_FILE: u64 = 4096;

/// An open store, and what to tell the person who opened it.
#[derive(Debug, Clone)]
pub struct OpenStore {
    /// The store.
    pub store: Store,
    /// Where it is, as printed.
    pub place: String,
    /// Whether there was nothing before. A person who expected a store must hear of it.
    pub is_new: bool,
    /// Whether it is encrypted. If not, whoever can read the files can read the tokens: say so.
    pub encrypted: bool,
    /// Tells when the store is another one than was opened: whoever runs on must end then.
    pub ended: Ended,
}

/// Opens the embedded store of a folder, or makes one. Other processes may have it open.
///
/// # Errors
/// [`StoreError::WrongKey`] if it was written under another key, or with one where now there is none, or the other way
/// round; [`StoreError::Damaged`], [`StoreError::Refused`], [`StoreError::Io`], [`StoreError::Unavailable`].
pub async fn open(path: &Path, sealing: Sealing) -> Result<OpenStore, StoreError> {
    open_with(path, sealing, |backend| backend).await
}

/// As [`open`], with something between the store and its backend: tests slow it down or make it fail.
///
/// # Errors
/// As [`open`].
pub async fn open_with(
    path: &Path,
    sealing: Sealing,
    wrap: impl FnOnce(Arc<dyn Backend>) -> Arc<dyn Backend>,
) -> Result<OpenStore, StoreError> {
    let sqlite = sqlite(path.to_owned()).await?;
    let (is_new, ended) = (sqlite.is_new(), sqlite.ended());
    let how = if sqlite.is_read_only() {
        "embedded, a copy: it can only be read"
    } else {
        "embedded"
    };
    let place = place(path, how, &sealing);
    let encrypted = sealing.is_encrypted();
    let store = Store::new(wrap(Arc::new(sqlite)), sealing);
    store.verify().await?;
    Ok(OpenStore {
        store,
        place,
        is_new,
        encrypted,
        ended,
    })
}

/// As [`open_with`]; where the disk is full or does not answer, the store is opened later, and until then every use of
/// it says so.
///
/// # Errors
/// As [`open`], but for what goes by itself ([`StoreError::is_temporary`]).
pub async fn open_late(
    path: &Path,
    sealing: Sealing,
    wrap: fn(Arc<dyn Backend>) -> Arc<dyn Backend>,
) -> Result<OpenStore, StoreError> {
    let why = match open_with(path, sealing.clone(), wrap).await {
        Err(error) if error.is_temporary() => error,
        opened => return opened,
    };
    let place = place(path, "cannot be opened yet", &sealing);
    let encrypted = sealing.is_encrypted();
    let ended = Ended::default();
    let (path, opening_sealing, its_end) = (path.to_owned(), sealing.clone(), ended.clone());
    let opening = move || {
        let (path, sealing, ended) = (path.clone(), opening_sealing.clone(), its_end.clone());
        async move {
            let sqlite = sqlite_told(path, ended).await?;
            if sqlite.is_new() {
                tracing::warn!("the store is open now: a new, empty store");
            } else {
                tracing::warn!("the store is open now");
            }
            let backend: Arc<dyn Backend> = wrap(Arc::new(sqlite));
            Store::new(Arc::clone(&backend), sealing).verify().await?;
            Ok(backend)
        }
        .boxed()
    };
    let why = why.into_why();
    tracing::warn!(
        why,
        "the store cannot be opened yet; nothing is taken until it is"
    );
    Ok(OpenStore {
        store: Store::new(
            Arc::new(Late::new(Box::new(opening), why, TRY_EVERY)),
            sealing,
        ),
        place,
        is_new: false,
        encrypted,
        ended,
    })
}

async fn sqlite(path: PathBuf) -> Result<Sqlite, StoreError> {
    sqlite_told(path, Ended::default()).await
}

/// Opens the backend, which tells its end to whoever waits for it already.
async fn sqlite_told(path: PathBuf, ended: Ended) -> Result<Sqlite, StoreError> {
    let opening = move || Sqlite::open_told(&path, Settings::default(), ended);
    let opened = tokio::task::spawn_blocking(opening).await;
    opened.unwrap_or_else(|error| {
        Err(StoreError::Unavailable {
            why: error.to_string(),
        })
    })
}

fn place(path: &Path, how: &str, sealing: &Sealing) -> String {
    let at_rest = if sealing.is_encrypted() {
        "encrypted".to_owned()
    } else {
        format!("not encrypted: {KEY} gives it a key")
    };
    format!("store {} ({how}, {at_rest})", path.display())
}

/// Where the store is unless somebody says otherwise: `$WXOPS_STORE`, else the user's state folder. Never the
/// current folder: a checkout that is thrown away would forget what may be done only once.
///
/// # Errors
/// [`StoreError::Unavailable`] where the environment names neither a state folder nor a home.
pub fn default_place() -> Result<PathBuf, StoreError> {
    let place = place_from(named(PLACE), named("XDG_STATE_HOME"), named("HOME"));
    place.ok_or_else(|| StoreError::Unavailable {
        why: format!("neither {PLACE} nor HOME says where it is"),
    })
}

fn place_from(
    place: Option<PathBuf>,
    state: Option<PathBuf>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    place.or_else(|| {
        // A relative one is to be ignored, says the XDG specification.
        let state = state.filter(|state| state.is_absolute());
        let state = state.or_else(|| home.map(|home| home.join(".local/state")));
        state.map(|state| state.join("wxops"))
    })
}

/// A setting of the environment; an empty one counts as none.
fn named(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

impl Sealing {
    /// The key that the environment gives, by value or by file; none: plain.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] for something that is no key, or both at once; [`StoreError::Io`].
    pub fn from_environment() -> Result<Self, StoreError> {
        Self::from_named(KEY, KEY_FILE)
    }

    /// The key that one of these two variables gives: the first by value, the second by file; none: plain.
    ///
    /// # Errors
    /// As [`Sealing::from_environment`].
    pub fn from_named(value: &str, file: &str) -> Result<Self, StoreError> {
        let key = env::var_os(value).filter(|key| !key.is_empty());
        let key = key.map(|key| key.to_string_lossy().into_owned());
        Self::from_settings(key, named(file), [value, file])
    }

    fn from_settings(
        key: Option<String>,
        file: Option<PathBuf>,
        [key_name, file_name]: [&str; 2],
    ) -> Result<Self, StoreError> {
        let (text, from) = match (key, file) {
            (None, None) => return Ok(Self::Plain),
            (Some(_), Some(_)) => {
                return Err(wrong_key(format!(
                    "both {key_name} and {file_name} are set"
                )));
            }
            (Some(key), None) => (key, key_name.to_owned()),
            (None, Some(path)) => match read_key(&path) {
                Ok(text) => (text, path.display().to_string()),
                Err(source) => return Err(StoreError::Io { path, source }),
            },
        };
        let key = SealingKey::parse(&text);
        key.map(Self::Key)
            .map_err(|error| wrong_key(format!("{from}: {error}")))
    }
}

/// A key has 64 characters; a device that never ends is none.
fn read_key(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_KEY_FILE).read_to_string(&mut text)?;
    Ok(text)
}

fn wrong_key(why: String) -> StoreError {
    StoreError::WrongKey { why }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{CredDoc, Key, SealingKey, TenantDoc};
    use super::*;
    use crate::wechat::Appid;

    #[test]
    fn the_place_is_named_or_in_the_users_state_folder_never_here() {
        let path = |text: &str| Some(PathBuf::from(text));
        let cases = [
            (path("here"), path("/state"), path("/home/li"), path("here")),
            (None, path("/state"), path("/home/li"), path("/state/wxops")),
            (
                None,
                path("state"),
                path("/home/li"),
                path("/home/li/.local/state/wxops"),
            ),
            (
                None,
                None,
                path("/home/li"),
                path("/home/li/.local/state/wxops"),
            ),
            (None, None, None, None),
        ];
        for (place, state, home, expected) in cases {
            assert_eq!(place_from(place, state, home), expected);
        }
    }

    #[test]
    fn the_key_comes_from_the_environment_or_a_file_and_not_from_both() {
        const NAMES: [&str; 2] = [KEY, KEY_FILE];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, format!("{}\n", "0f".repeat(32))).unwrap();
        let key = Some("0f".repeat(32));
        assert!(
            !Sealing::from_settings(None, None, NAMES)
                .unwrap()
                .is_encrypted()
        );
        assert!(
            Sealing::from_settings(key.clone(), None, NAMES)
                .unwrap()
                .is_encrypted()
        );
        assert!(
            Sealing::from_settings(None, Some(file.clone()), NAMES)
                .unwrap()
                .is_encrypted()
        );
        assert!(Sealing::from_settings(key, Some(file), NAMES).is_err());
        let secret = "not-a-key-but-secret";
        let error = Sealing::from_settings(Some(secret.into()), None, NAMES).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret));
    }

    fn bytes_below(folder: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                bytes.extend(bytes_below(&path));
            } else {
                bytes.extend(fs::read(&path).unwrap());
            }
        }
        bytes
    }

    async fn write(store: &Store, secret: &str) {
        let appid = Appid::parse("wx1111111111111111").unwrap();
        let key = Key::cred(&appid);
        let doc = CredDoc {
            refresh_token: Some(secret.into()),
            ..CredDoc::of(appid)
        };
        store.create(&key, &doc).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_files_of_an_encrypted_store_hold_no_secret() {
        let sentinel = "sentinel-9d02-in-no-file";
        for (sealing, shows) in [
            (Sealing::Plain, true),
            (Sealing::Key(SealingKey::random()), false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let first = open(folder.path(), sealing.clone()).await.unwrap();
            let other = open(folder.path(), sealing.clone()).await.unwrap();
            assert!(first.is_new && !other.is_new);
            assert_eq!(first.encrypted, !shows);
            assert!(first.place.contains("(embedded"), "{}", first.place);
            let says = first.place.contains("not encrypted");
            assert_eq!(says, shows, "{}", first.place);
            write(&other.store, sentinel).await;
            let bytes = bytes_below(folder.path());
            let found = bytes
                .windows(sentinel.len())
                .any(|window| window == sentinel.as_bytes());
            assert_eq!(found, shows);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_key_is_refused_beside_an_open_store_and_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let sealing = Sealing::Key(SealingKey::random());
        let others = [Sealing::Plain, Sealing::Key(SealingKey::random())];
        let first = open(folder.path(), sealing.clone()).await.unwrap();
        for other in &others {
            let beside = open(folder.path(), other.clone()).await;
            assert!(matches!(beside, Err(StoreError::WrongKey { .. })));
        }
        drop(first);
        for other in &others {
            let after = open(folder.path(), other.clone()).await;
            assert!(matches!(after, Err(StoreError::WrongKey { .. })));
        }
        let again = open(folder.path(), sealing).await.unwrap();
        assert_eq!(
            again
                .store
                .get::<TenantDoc>(&Key::tenant("x"))
                .await
                .unwrap(),
            None
        );
    }
}
