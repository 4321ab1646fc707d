//! `wxops authorize TENANT`: the link for the owner, and waiting until the account is there.

use std::time::Duration;

use anyhow::bail;

use super::args::{AuthorizeArgs, Selection};
use super::place::store_folder;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, words};
use crate::cli::failed::{Failed, OrSay, must_be_tenant, no_tenant};
use crate::client::{Addressee, Purpose};
use crate::controller::{Beside, Told};
use crate::plan::{Text, Whose};
use crate::resource::spec::MiniProgramSpec;
use crate::resource::{At, at};
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
    let Ok(to) = args.tenant.parse::<Addressee>();
    must_be_tenant(&to.tenant).map_err(|error| stop(io, &error.into()))?;
    let selection = Selection::of(&args.manifests.path, Some(&to.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let at = account(&session, &to).map_err(|error| stop(io, &error))?;
    let purpose = purpose(&session, &to, &at)
        .await
        .map_err(|error| stop(io, &error))?;
    let platform = session
        .tenants
        .first()
        .map(|tenant| tenant.platform.as_str());
    let Some(link) = platform.and_then(|platform| session.links().of(platform, purpose, &to))
    else {
        return Err(stop(
            io,
            &Failed::new(
                format!("租户 {} 的平台不在清单里", to.tenant),
                format!(
                    "the platform of tenant `{}` is not among the manifests",
                    to.tenant
                ),
            )
            .into(),
        ));
    };
    is_known(args, &to)
        .await
        .map_err(|error| stop(io, &error))?;
    io.say(&link);
    if !args.wait {
        io.note(match purpose {
            Purpose::Authorize => words::pick(
                io.lang,
                "请把链接发给账号管理员；链接长期有效",
                "send it to the account's administrator; it stays valid",
            ),
            Purpose::Register => words::pick(
                io.lang,
                "小程序尚未注册：请把链接发给公众号管理员，扫码确认以公众号的主体注册；链接长期有效",
                "it is not registered yet: send it to the official account's administrator, who scans to confirm that it is \
                 registered with the official account's principal; the link stays valid",
            ),
        });
        return Ok(Exit::Fine);
    }
    io.note(words::pick(
        io.lang,
        "等待管理员打开链接并确认……",
        "waiting for the administrator to open it and confirm …",
    ));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(args.timeout);
    loop {
        if let Some(account) = pinned(&session, &to, &at)
            .await
            .map_err(|error| stop(io, &error))?
        {
            let text = Text::new(
                format!("{to} 已授权：{account}"),
                format!("{to} is authorized: {account}"),
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

/// How long the loop may take to read a manifest that was just written.
const READ: Duration = Duration::from_secs(5);

/// A link is worth nothing where the loop of this store, which serves its page, does not know the tenant.
async fn is_known(args: &AuthorizeArgs, to: &Addressee) -> anyhow::Result<()> {
    let Some(beside) = Beside::now(&store_folder(&args.place)?) else {
        return Ok(());
    };
    let deadline = tokio::time::Instant::now() + READ;
    loop {
        match beside.tenant(&to.tenant).await {
            // One that cannot be asked may serve all the same.
            Ok(Told::Yes(_)) | Err(_) => return Ok(()),
            Ok(Told::Unknown) if tokio::time::Instant::now() < deadline => {
                beside.rescan().await.ok();
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Ok(Told::Unknown) => bail!(Failed::new(
                format!(
                    "没有打印 {to} 的链接：这个存储的 wxops run（进程 {}）不认识该租户，链接打不开；它的清单在所跟随的目录里吗？",
                    beside.holder().pid
                ),
                format!(
                    "no link is printed for `{to}`: the `wxops run` of this store (process {}) does not know the tenant, so the \
                     link would lead nowhere; is its manifest in the folder that it follows?",
                    beside.holder().pid
                ),
            )),
        }
    }
}

/// The account that a link is asked for.
fn account(session: &Session, to: &Addressee) -> anyhow::Result<At> {
    let tenant = session.tenants.first();
    let spec = &tenant.or_say(|| no_tenant(&to.tenant))?.spec;
    let whose = Whose::of_item(to.item.as_deref());
    at::find(spec, &whose).or_say(|| {
        let all = at::accounts(spec);
        let all = all
            .iter()
            .map(|at| Addressee::of(&to.tenant, at.whose.item()).to_string());
        let Text { zh, en } = Text::list(all);
        Text::new(
            format!("清单里没有 {to} 这个账号：该租户的账号有 {zh}"),
            format!("`{to}` is no account of this tenant in the manifests: its accounts are {en}"),
        )
    })
}

/// What the link is for: a mini-program that does not exist yet is registered first.
async fn purpose(session: &Session, to: &Addressee, at: &At) -> anyhow::Result<Purpose> {
    let Some(loaded) = session.tenants.first() else {
        return Ok(Purpose::Authorize);
    };
    let pinned = crate::client::authorize::pinned(&session.store, to).await?;
    let is_made = at.appid(&loaded.spec, pinned.as_ref()).is_some();
    let item = at.item(&loaded.spec);
    if let (Some(person), false) = (item.and_then(MiniProgramSpec::person), is_made) {
        let (who, tenant) = (&person.wechat_id, &to.tenant);
        bail!(Failed::new(
            format!(
                "{to} 尚未注册，没有可授权的账号：由 {who} 本人确认，链接见 wxops why {tenant}"
            ),
            format!(
                "`{to}` is not registered yet, so there is no account to authorize: {who} agrees first, under the link that \
                 `wxops why {tenant}` shows"
            ),
        ));
    }
    let reuses = item.is_some_and(MiniProgramSpec::reuses_official_account);
    Ok(if reuses && !is_made {
        Purpose::Register
    } else {
        Purpose::Authorize
    })
}

/// The account, once its tokens are stored.
async fn pinned(session: &Session, to: &Addressee, at: &At) -> anyhow::Result<Option<Appid>> {
    let Some(loaded) = session.tenants.first() else {
        return Ok(None);
    };
    let key = Key::tenant(&to.tenant);
    let stored = session.store.get::<TenantDoc>(&key).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let pin = doc.pin_of(at.whose.item());
    let Some(account) = at.appid(&loaded.spec, pin) else {
        return Ok(None);
    };
    let cred = session.store.get::<CredDoc>(&Key::cred(account)).await?;
    let here = cred
        .is_some_and(|cred| cred.value.revoked_at.is_none() && cred.value.refresh_token.is_some());
    Ok(here.then(|| account.clone()))
}
