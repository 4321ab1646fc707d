//! Revisions of the manifests that their guard holds: said by the verbs that tell how things stand, with the command that
//! lets them in. Whoever starts with many tenants meets this first.

use super::Io;
use super::session::Session;
use super::stop::{Stop, stop};
use crate::plan::Text;

/// Prints what is held, of every platform of the session.
pub(super) async fn say(session: &Session, io: &mut Io) -> Result<(), Stop> {
    let guards = session.guards().await.map_err(|error| stop(io, &error))?;
    let held = guards.all().filter_map(|guard| guard.judged.hold.as_ref());
    for hold in held {
        let Text { zh, en } = &hold.text;
        let command = hold.command.as_deref().unwrap_or_default();
        let text = Text::new(
            format!("{zh}；用 wxops plan 查看改动，同意则执行：{command}"),
            format!("{en}: `wxops plan` shows what it changes, and this lets it in: {command}"),
        );
        io.note(text.in_lang(io.lang));
    }
    Ok(())
}
