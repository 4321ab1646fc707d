//! Platforms that are kept from WeChat, for verbs that print no plan: one message each.

use std::collections::BTreeMap;

use super::Io;
use super::session::Session;
use crate::cli::failed::OrSay;
use crate::plan::render::{Sheet, trouble};
use crate::plan::{Text, Troubled};
use crate::store::StoreError;

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
            trouble.or_say(|| {
                Text::new(
                    "存储中平台的情况无法读取",
                    "what is known of the platform cannot be read from the store",
                )
            })?,
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
