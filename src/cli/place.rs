//! What every verb is told of where it works: the store, and WeChat's address.

use std::path::{Path, PathBuf};

use url::Url;

use super::api_base::ApiBase;
use super::args::Place;
use super::{Io, WrapStore};
use crate::cli::failed::OrSay;
use crate::plan::Text;
use crate::store::{OpenStore, Sealing};

/// WeChat's address as the command line gives it.
pub(super) fn api_base(place: &Place) -> anyhow::Result<Option<Url>> {
    place.api_base.as_ref().map(ApiBase::url).transpose()
}

/// Opens the store that `--store`, the environment or the user's state directory names.
pub(super) async fn open_store(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_with(&at, sealing, wrap).await;
    Ok(announced(&at, opened.or_say(|| not_opened(&at))?, io))
}

/// As [`open_store`]; where there is no room on the disk, it is opened later.
pub(super) async fn open_store_late(place: &Place, io: &Io) -> anyhow::Result<OpenStore> {
    let (at, sealing, wrap) = named_store(place, io)?;
    let opened = crate::store::open_late(&at, sealing, wrap).await;
    Ok(announced(&at, opened.or_say(|| not_opened(&at))?, io))
}

/// The folder that `--store`, the environment or the user's state directory names.
pub(super) fn store_folder(place: &Place) -> anyhow::Result<PathBuf> {
    match &place.store {
        Some(at) => Ok(at.clone()),
        None => crate::store::default_place().or_say(|| {
            Text::new(
                "不知道存储在哪里；请用 --store 或 WXOPS_STORE 指明目录",
                "it is not known where the store is; give its folder with --store or WXOPS_STORE",
            )
        }),
    }
}

fn not_opened(at: &Path) -> Text {
    let at = at.display();
    Text::new(
        format!("无法打开存储 {at}"),
        format!("the store {at} cannot be opened"),
    )
}

/// The store's key is none.
pub(super) fn no_key() -> Text {
    Text::new(
        "存储的密钥无法使用（WXOPS_STORE_KEY、WXOPS_STORE_KEY_FILE）",
        "the key of the store cannot be used (WXOPS_STORE_KEY, WXOPS_STORE_KEY_FILE)",
    )
}

fn named_store(place: &Place, io: &Io) -> anyhow::Result<(PathBuf, Sealing, WrapStore)> {
    let at = store_folder(place)?;
    let sealing = Sealing::from_environment().or_say(no_key)?;
    Ok((
        at,
        sealing,
        io.hooks.wrap_store.unwrap_or(|backend| backend),
    ))
}

fn announced(at: &Path, mut opened: OpenStore, io: &Io) -> OpenStore {
    let place = in_words(at, &opened);
    let place = if opened.is_new {
        new_store(&place)
    } else {
        place
    };
    opened.place = place.in_lang(io.lang).to_owned();
    opened
}

/// Which store it is, and whether whoever can read its files can read what is in it.
fn in_words(at: &Path, opened: &OpenStore) -> Text {
    let copy = if opened.place.contains("(embedded, a copy") {
        "只读的副本，"
    } else {
        ""
    };
    let at_rest = if opened.encrypted {
        "已加密"
    } else {
        "未加密：设置 WXOPS_STORE_KEY 即可加密"
    };
    let zh = format!("存储 {}（{copy}{at_rest}）", at.display());
    Text::new(zh, opened.place.clone())
}

/// What a person must hear who expected a store: a folder that was not mounted looks just like one that is new.
fn new_store(place: &Text) -> Text {
    let Text { zh, en } = place;
    Text::new(
        format!(
            "新建了空的{zh}：它不知道任何授权，也不知道做过什么。如果这里本该有存储，请先检查 --store 和 WXOPS_STORE。"
        ),
        format!(
            "a new, empty {en}: it knows of no authorization and of nothing that was done. If there should be one already, \
             look at --store and WXOPS_STORE first"
        ),
    )
}
