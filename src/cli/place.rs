//! What every verb is told of where it works: the store, and WeChat's address.

use std::path::PathBuf;

use anyhow::Context as _;
use url::Url;

use super::api_base::ApiBase;
use super::args::Place;
use super::{Io, WrapStore};
use crate::plan::Text;
use crate::store::{OpenStore, Sealing};

/// WeChat's address as the command line gives it.
pub(super) fn api_base(place: &Place) -> anyhow::Result<Option<Url>> {
    place.api_base.as_ref().map(ApiBase::url).transpose()
}

/// Opens the store that `--store`, the environment or the user's state directory names.
pub(super) async fn open_store(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_with(&at, sealing, wrap)
        .await
        .with_context(|| format!("open the store {}", at.display()))?;
    Ok(announced(opened, io))
}

/// As [`open_store`]; where there is no room on the disk, it is opened later.
pub(super) async fn open_store_late(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_late(&at, sealing, wrap)
        .await
        .with_context(|| format!("open the store {}", at.display()))?;
    Ok(announced(opened, io))
}

/// The folder that `--store`, the environment or the user's state directory names.
pub(super) fn store_folder(place: &Place) -> anyhow::Result<PathBuf> {
    match &place.store {
        Some(at) => Ok(at.clone()),
        None => {
            crate::store::default_place().context("find a place for the store (give --store DIR)")
        }
    }
}

fn named_store(place: &Place, io: &Io) -> anyhow::Result<(PathBuf, Sealing, WrapStore)> {
    let at = store_folder(place)?;
    let sealing = Sealing::from_environment().context("read the key of the store")?;
    Ok((
        at,
        sealing,
        io.hooks.wrap_store.unwrap_or(|backend| backend),
    ))
}

fn announced(mut opened: OpenStore, io: &Io) -> OpenStore {
    if opened.is_new {
        opened.place = new_store(&opened.place).in_lang(io.lang).to_owned();
    }
    opened
}

/// What a person must hear who expected a store: a folder that was not mounted looks just like one that is new.
fn new_store(place: &str) -> Text {
    Text::new(
        format!(
            "新建了空的 {place}：它不知道任何授权，也不知道做过什么。如果这里本该有存储，请先检查 --store 和 WXOPS_STORE。"
        ),
        format!(
            "a new, empty {place}: it knows of no authorization and of nothing that was done. If there should be one already, \
             look at --store and WXOPS_STORE first"
        ),
    )
}
