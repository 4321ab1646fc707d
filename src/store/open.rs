//! Opening the store a person means: which folder, under which key.

use std::env;
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
    let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(place) = named(PLACE) {
        return Ok(PathBuf::from(place));
    }
    let state = named("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|state| state.is_absolute());
    let state =
        state.or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".local/state")));
    match state {
        Some(state) => Ok(state.join("wxops")),
        None => Err(StoreError::Unavailable {
            why: format!("neither {PLACE} nor HOME says where it is"),
        }),
    }
}

impl Sealing {
    /// The key that the environment gives, by value or by file; none: plain.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] for something that is no key, or both at once; [`StoreError::Io`].
    pub fn from_environment() -> Result<Self, StoreError> {
        let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        Self::from_settings(
            named(KEY).and_then(|key| key.into_string().ok()),
            named(KEY_FILE).map(PathBuf::from),
        )
    }

    fn from_settings(key: Option<String>, file: Option<PathBuf>) -> Result<Self, StoreError> {
        let (text, from) = match (key, file) {
            (None, None) => return Ok(Self::Plain),
            (Some(_), Some(_)) => {
                return Err(wrong_key(format!("both {KEY} and {KEY_FILE} are set")));
            }
            (Some(key), None) => (key, KEY.to_owned()),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => (text, path.display().to_string()),
                Err(source) => return Err(StoreError::Io { path, source }),
            },
        };
        let key = SealingKey::parse(&text);
        key.map(Self::Key)
            .map_err(|error| wrong_key(format!("{from}: {error}")))
    }
}

fn wrong_key(why: String) -> StoreError {
    StoreError::WrongKey { why }
}
