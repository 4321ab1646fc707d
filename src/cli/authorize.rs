//! `wxops authorize TENANT`: the link for the owner, and waiting until the account is there.

use std::time::Duration;

use super::args::{AuthorizeArgs, Selection};
use super::session::{Session, Stop, stop};
use super::{Exit, Io, links, words};
use crate::plan::Text;
use crate::resource::authorization;
use crate::store::Key;
use crate::store::documents::{CredDoc, TenantDoc};
use crate::wechat::Appid;

/// How often the store is looked at. The sidecar, another process, writes it.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Runs the verb.
pub(super) async fn run(args: AuthorizeArgs, io: &mut Io) -> Exit {
    match authorized(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn authorized(args: &AuthorizeArgs, io: &mut Io) -> Result<Exit, Stop> {
    let selection = Selection::of(&args.manifests.path, Some(&args.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let Some(link) = links::of(&session, &args.tenant) else {
        return Err(stop(
            io,
            &anyhow::anyhow!("find the platform of tenant `{}`", args.tenant),
        ));
    };
    io.say(&link);
    if !args.wait {
        io.note(words::pick(
            io.lang,
            "请把链接发给账号管理员；链接长期有效",
            "send it to the account's administrator; it stays valid",
        ));
        return Ok(Exit::Fine);
    }
    io.note(words::pick(
        io.lang,
        "等待管理员打开链接并确认……",
        "waiting for the administrator to open it and confirm …",
    ));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(args.timeout);
    loop {
        if let Some(account) = pinned(&session, &args.tenant)
            .await
            .map_err(|error| stop(io, &error))?
        {
            let tenant = &args.tenant;
            let text = Text::new(
                format!("{tenant} 已授权：{account}"),
                format!("{tenant} is authorized: {account}"),
            );
            io.say(text.in_lang(io.lang));
            return Ok(Exit::Fine);
        }
        if tokio::time::Instant::now() >= deadline {
            let seconds = args.timeout;
            let text = Text::new(
                format!("{seconds} 秒内无人授权；链接仍然有效"),
                format!("nobody has authorized within {seconds} s; the link stays valid"),
            );
            io.note(text.in_lang(io.lang));
            return Ok(Exit::Waiting);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The tenant's account, once its tokens are stored.
async fn pinned(session: &Session, tenant: &str) -> anyhow::Result<Option<Appid>> {
    let Some(loaded) = session.tenants.first() else {
        return Ok(None);
    };
    let stored = session.store.get::<TenantDoc>(&Key::tenant(tenant)).await?;
    let pin = stored.and_then(|stored| stored.value.pin);
    let Some(account) = authorization::account(&loaded.spec, pin.as_ref()) else {
        return Ok(None);
    };
    let cred = session.store.get::<CredDoc>(&Key::cred(account)).await?;
    let here = cred
        .is_some_and(|cred| cred.value.revoked_at.is_none() && cred.value.refresh_token.is_some());
    Ok(here.then(|| account.clone()))
}
