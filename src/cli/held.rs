//! What a guard or a person holds back: said by the verbs that tell how things stand, with the command that lets it in.
//! Whoever starts with many tenants meets a held revision first; a pause is easily forgotten.

use super::Io;
use super::session::Session;
use super::stop::{Stop, stop};
use crate::manifest::LoadedTenant;
use crate::plan::Text;
use crate::reconcile::{self, Scope};

/// Prints what is paused: everything, or what concerns one tenant.
pub(super) async fn pauses(
    session: &Session,
    of: Option<&LoadedTenant>,
    io: &mut Io,
) -> Result<(), Stop> {
    let paused = reconcile::pauses(&session.store, session.clock.now()).await;
    let paused = paused.map_err(|error| stop(io, &error.into()))?;
    for (scope, hold) in paused {
        let concerns = |tenant: &LoadedTenant| match &scope {
            Scope::Tenant(name) => *name == tenant.name,
            Scope::Platform(called) => {
                let access = session.access(&tenant.platform);
                *called == tenant.platform
                    || access.is_some_and(|access| access.appid.as_str() == called)
            }
        };
        if !of.is_none_or(concerns) {
            continue;
        }
        let command = hold.command.unwrap_or_default();
        let name = match &scope {
            Scope::Tenant(name) => format!("{name}: "),
            Scope::Platform(_) => String::new(),
        };
        let text = Text::new(
            format!("{name}{}；{command} 结束暂停", hold.text.zh),
            format!("{name}{}; {command} ends that", hold.text.en),
        );
        io.note(text.in_lang(io.lang));
    }
    Ok(())
}

/// Prints what is held, of every platform of the session.
pub(super) async fn say(session: &Session, io: &mut Io) -> Result<(), Stop> {
    let guards = session.guards().await.map_err(|error| stop(io, &error))?;
    let held = guards.all().filter_map(|guard| guard.judged.hold.as_ref());
    for hold in held {
        let Text { zh, en } = &hold.text;
        let command = hold.command.as_deref().unwrap_or_default();
        let command = format!("{command}{}", session.named_manifests);
        let text = Text::new(
            format!("{zh}；用 wxops plan 查看改动，同意则执行：{command}"),
            format!("{en}: `wxops plan` shows what it changes, and this lets it in: {command}"),
        );
        io.note(text.in_lang(io.lang));
    }
    Ok(())
}
