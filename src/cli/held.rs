//! What a guard or a person holds back: said by the verbs that tell how things stand, with the command that lets it in.
//! Whoever starts with many tenants meets a held revision first; a pause is easily forgotten.

use serde_json::{Value, json};

use super::Io;
use super::session::Session;
use super::stop::{Stop, stop};
use crate::manifest::LoadedTenant;
use crate::plan::{Lang, Text};
use crate::reconcile::{self, Scope};

/// Prints what is paused: everything, or what concerns one tenant. Answers it for programs.
pub(super) async fn pauses(
    session: &Session,
    of: Option<&LoadedTenant>,
    io: &mut Io,
) -> Result<Vec<Value>, Stop> {
    let mut told = Vec::new();
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
        let (tenant, platform) = match &scope {
            Scope::Tenant(name) => (Some(name), None),
            Scope::Platform(called) => (None, Some(called)),
        };
        let named =
            |lang: Lang| tenant.map_or_else(String::new, |name| format!("{name}{}", lang.colon()));
        let text = Text::new(
            format!("{}{}；{command} 结束暂停", named(Lang::Zh), hold.text.zh),
            format!("{}{}; {command} ends that", named(Lang::En), hold.text.en),
        );
        io.note(text.in_lang(io.lang));
        told.push(json!({
            "tenant": tenant,
            "platform": platform,
            "text": hold.text,
            "command": command,
        }));
    }
    Ok(told)
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
