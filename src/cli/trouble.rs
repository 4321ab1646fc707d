//! A platform that is kept from WeChat, for verbs that print no plan: one message, and the exit code for it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context as _;

use super::session::Session;
use super::{Exit, Io};
use crate::plan::render::{Sheet, trouble};
use crate::plan::{Lang, Troubled};
use crate::store::StoreError;

/// Why a verb that asks about one thing got no answer.
#[derive(Debug)]
pub(super) struct PlatformInTrouble(pub(super) Troubled, pub(super) Lang);

impl fmt::Display for PlatformInTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(troubled, lang) = self;
        let (title, whole) = (troubled.title(), troubled.whole());
        write!(f, "{}: {}", title.in_lang(*lang), whole.in_lang(*lang))
    }
}

impl std::error::Error for PlatformInTrouble {}

/// The exit code of an error.
pub(super) fn exit(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<PlatformInTrouble>() {
        Some(PlatformInTrouble(troubled, _)) => of(troubled),
        None => Exit::Error,
    }
}

/// The exit code of a trouble.
pub(super) fn of(troubled: &Troubled) -> Exit {
    if troubled.trouble.is_quota() {
        Exit::OutOfQuota
    } else {
        Exit::Error
    }
}

/// Prints troubles that were met, once each, with the tenants behind them.
pub(super) fn note<'a>(troubles: impl Iterator<Item = (&'a Troubled, Vec<&'a str>)>, io: &mut Io) {
    let mut sheet = Sheet::new(io.screen.width, io.screen.ascii);
    let mut any = false;
    for (troubled, tenants) in troubles {
        trouble(&mut sheet, troubled, &tenants, false, io.lang);
        any = true;
    }
    if any {
        io.paint_note(sheet.finish().trim_end());
    }
}

/// What the store knows of the troubles of the selected tenants' platforms, by the platforms' names. WeChat is not
/// asked.
pub(super) async fn known(session: &Session) -> anyhow::Result<BTreeMap<String, Troubled>> {
    let mut found = BTreeMap::new();
    for tenant in &session.tenants {
        if found.contains_key(&tenant.platform) {
            continue;
        }
        let Some(client) = session.client_of(&tenant.platform) else {
            continue;
        };
        let trouble: Result<_, StoreError> = client.known_trouble().await;
        found.insert(
            tenant.platform.clone(),
            trouble.context("read what is known of the platform")?,
        );
    }
    Ok(found
        .into_iter()
        .filter_map(|(platform, trouble)| {
            let trouble = trouble?;
            Some((platform.clone(), Troubled { platform, trouble }))
        })
        .collect())
}
