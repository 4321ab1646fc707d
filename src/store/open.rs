//! Opening the store a person means: which folder, under which key.

use std::env;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::backend::Backend;
use super::doc::Store;
use super::embedded::Embedded;
use super::error::StoreError;
use super::sealing::{Sealing, SealingKey};

/// Names the store's folder.
const PLACE: &str = "WXOPS_STORE";
/// The store's key: 64 hex digits or base64.
const KEY: &str = "WXOPS_STORE_KEY";
/// A file that holds the store's key.
const KEY_FILE: &str = "WXOPS_STORE_KEY_FILE";
/// What is read of a key's file.
const MAX_KEY_FILE: u64 = 4096;

/// An open store, and what to tell the person who opened it.
#[derive(Debug, Clone)]
pub struct OpenStore {
    /// The store.
    pub store: Store,
    /// Where it is and who holds it, as printed.
    pub place: String,
    /// Whether it is encrypted. If not, whoever can read the files can read the tokens: say so.
    pub encrypted: bool,
}

/// Opens the embedded store of a folder, or joins the process that has it open.
///
/// # Errors
/// [`StoreError::WrongKey`] if it was written under another key, or with one where now there is none, or the other
/// way round; [`StoreError::Io`], [`StoreError::Unavailable`].
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
    let embedded = Embedded::open(path).await?;
    let how = if embedded.is_holder() {
        "embedded"
    } else {
        "shared with the process that holds it"
    };
    let encrypted = sealing.is_encrypted();
    let at_rest = if encrypted {
        "encrypted".to_owned()
    } else {
        format!("not encrypted: {KEY} gives it a key")
    };
    let store = Store::new(wrap(Arc::new(embedded)), sealing);
    store.verify().await?;
    Ok(OpenStore {
        store,
        place: format!("store {} ({how}, {at_rest})", path.display()),
        encrypted,
    })
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
        let key = env::var_os(KEY).filter(|key| !key.is_empty());
        let key = key.map(|key| key.to_string_lossy().into_owned());
        Self::from_settings(key, named(KEY_FILE))
    }

    fn from_settings(key: Option<String>, file: Option<PathBuf>) -> Result<Self, StoreError> {
        let (text, from) = match (key, file) {
            (None, None) => return Ok(Self::Plain),
            (Some(_), Some(_)) => {
                return Err(wrong_key(format!("both {KEY} and {KEY_FILE} are set")));
            }
            (Some(key), None) => (key, KEY.to_owned()),
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
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, format!("{}\n", "0f".repeat(32))).unwrap();
        let key = Some("0f".repeat(32));
        assert!(!Sealing::from_settings(None, None).unwrap().is_encrypted());
        assert!(
            Sealing::from_settings(key.clone(), None)
                .unwrap()
                .is_encrypted()
        );
        assert!(
            Sealing::from_settings(None, Some(file.clone()))
                .unwrap()
                .is_encrypted()
        );
        assert!(Sealing::from_settings(key, Some(file)).is_err());
        let secret = "not-a-key-but-secret";
        let error = Sealing::from_settings(Some(secret.into()), None).unwrap_err();
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
            platform: appid,
            refresh_token: Some(secret.into()),
            access_token: None,
            claim: None,
            func_info: Vec::new(),
            authorized_at: None,
            revoked_at: None,
            reauthorized: false,
            original_id: None,
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
            let holder = open(folder.path(), sealing.clone()).await.unwrap();
            let guest = open(folder.path(), sealing.clone()).await.unwrap();
            assert_eq!(holder.encrypted, !shows);
            assert!(holder.place.contains("(embedded"), "{}", holder.place);
            let says = holder.place.contains("not encrypted");
            assert_eq!(says, shows, "{}", holder.place);
            assert!(guest.place.contains("(shared"), "{}", guest.place);
            write(&guest.store, sentinel).await;
            let bytes = bytes_below(folder.path());
            let found = bytes
                .windows(sentinel.len())
                .any(|window| window == sentinel.as_bytes());
            assert_eq!(found, shows);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_key_is_refused_by_holder_and_guest_alike() {
        let folder = tempfile::tempdir().unwrap();
        let sealing = Sealing::Key(SealingKey::random());
        let others = [Sealing::Plain, Sealing::Key(SealingKey::random())];
        let first = open(folder.path(), sealing.clone()).await.unwrap();
        for other in &others {
            let guest = open(folder.path(), other.clone()).await;
            assert!(matches!(guest, Err(StoreError::WrongKey { .. })));
        }
        drop(first);
        for other in &others {
            let holder = open(folder.path(), other.clone()).await;
            assert!(matches!(holder, Err(StoreError::WrongKey { .. })));
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
