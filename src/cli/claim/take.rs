//! `wxops claim take`: an account that is authorized and has no place becomes one of a tenant's, without a scan.

use anyhow::bail;

use super::super::apply::confirmed;
use super::super::args::{Manifests, Place, Selection};
use super::super::manifests::declarer;
use super::super::poke::poke;
use super::super::session::Session;
use super::super::stop::{Stop, stop};
use super::super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay, must_be_tenant, no_platform, no_tenant};
use crate::client::Addressee;
use crate::client::authorize::{Pinned, pin};
use crate::plan::{Text, Whose};
use crate::resource::{At, at, authorization};
use crate::wechat::answer::read_payload;
use crate::wechat::authorizer::{INFO, Info, info_request};
use crate::wechat::{Answer, Appid};

/// What is to belong to whom.
pub(super) struct Wanted<'a> {
    pub(super) tenant: &'a str,
    pub(super) appid: &'a str,
}

/// Runs the verb.
pub(super) async fn run(
    wanted: &Wanted<'_>,
    manifests: &Manifests,
    place: &Place,
    yes: bool,
    io: &mut Io,
) -> Exit {
    let Ok(to) = wanted.tenant.parse::<Addressee>();
    if let Err(error) = must_be_tenant(&to.tenant) {
        let Stop(exit) = stop(io, &error.into());
        return exit;
    }
    let selection = Selection::of(&manifests.path, Some(&to.tenant));
    let session = match Session::open(&selection, place, io).await {
        Ok(session) => session,
        Err(Stop(exit)) => return exit,
    };
    let taken = take(&session, &to, wanted.appid, yes, io).await;
    poke(place, &to.tenant).await;
    match taken {
        Ok(exit) => exit,
        Err(error) => {
            let Stop(exit) = stop(io, &error);
            exit
        }
    }
}

async fn take(
    session: &Session,
    to: &Addressee,
    appid: &str,
    yes: bool,
    io: &mut Io,
) -> anyhow::Result<Exit> {
    let account = Appid::parse(appid).or_say(|| super::no_account(appid))?;
    let tenant = session.tenants.first().or_say(|| no_tenant(&to.tenant))?;
    let whose = Whose::of_item(to.item.as_deref());
    let at = at::find(&tenant.spec, &whose).or_say(|| {
        Text::new(
            format!("清单里没有 {to}：该租户没有声明这个账号"),
            format!("`{to}` is not in the manifests: the tenant declares no such account"),
        )
    })?;
    if let Some(declared) = at.declared(&tenant.spec).filter(|one| **one != account) {
        bail!(Failed::new(
            format!("{account} 没有接管：配置写的 {to} 是 {declared}"),
            format!("{account} is not taken: the manifest says that `{to}` is {declared}"),
        ));
    }
    let all = session.loaded.tenants.iter();
    let all = all.map(|one| (one.name.as_str(), &one.spec));
    if let Some(other) = declarer(all, &account).filter(|other| other != to) {
        bail!(Failed::new(
            format!("{account} 没有接管：配置写它是 {other}；请先从那里删去它的 appId"),
            format!(
                "{account} is not taken: the manifest says that it is `{other}`; remove its appId there first"
            ),
        ));
    }
    let info = info(session, &tenant.platform, &account).await?;
    if let Some(why) = objection(session, &at, &info) {
        bail!(Failed::new(
            format!("{account} 不能成为 {to}：{}", why.zh),
            format!("{account} cannot become `{to}`: {}", why.en),
        ));
    }
    let name = info.authorizer_info.nick_name.clone().unwrap_or_default();
    let text = Text::new(
        format!("{account}（{name}）将成为 {to}；线上的内容不变，下一次执行按配置处理它"),
        format!(
            "{account} ({name}) becomes `{to}`; nothing changes at WeChat now, the next pass does what the manifest says"
        ),
    );
    io.note(text.in_lang(io.lang));
    if !yes && !confirmed("--yes", io) {
        return Ok(Exit::Refused);
    }
    match pin(&session.store, to, &account).await? {
        Pinned::Yes => {}
        Pinned::ClaimedByAnother => {
            bail!(Failed::new(
                format!("{account} 没有接管：它已属于别处（wxops claim list 列出全部）"),
                format!(
                    "{account} is not taken: it belongs to another place already (wxops claim list shows all)"
                ),
            ))
        }
        Pinned::HasAnother => bail!(Failed::new(
            format!("{account} 没有接管：{to} 已有另一个账号（wxops claim list）；请先释放那个"),
            format!(
                "{account} is not taken: `{to}` has another account (wxops claim list); give that one back first"
            ),
        )),
    }
    let done = Text::new(
        format!("{account} 现在是 {to}"),
        format!("{account} is `{to}` now"),
    );
    io.say(done.in_lang(io.lang));
    Ok(Exit::Fine)
}

/// What WeChat says of the account: one that has not authorized the platform is nobody's to take.
async fn info(session: &Session, platform: &str, account: &Appid) -> anyhow::Result<Info> {
    let client = session
        .client_of(platform)
        .or_say(|| no_platform(platform))?;
    match client.reader().read(&info_request(account)).await {
        Answer::Done(body) => read_payload(&INFO, &body).or_say(|| {
            Text::new(
                format!("微信没有说清 {account} 是什么账号"),
                format!("WeChat does not say clearly what {account} is"),
            )
        }),
        Answer::Refused(error) => {
            let (zh, en, code) = (&error.zh, &error.en, error.errcode);
            bail!(Failed::new(
                format!("微信没有说 {account} 是什么账号：{zh}（{code}）"),
                format!("WeChat does not say what {account} is: {en} ({code})"),
            ))
        }
        Answer::Lost(lost) => bail!(Failed::new(
            format!("微信没有说 {account} 是什么账号：{lost}"),
            format!("WeChat does not say what {account} is: {lost}"),
        )),
    }
}

fn objection(session: &Session, at: &At, info: &Info) -> Option<Text> {
    let spec = &session.tenants.first()?.spec;
    let waiting = authorization::objections(spec, at, &info.authorizer_info);
    waiting.into_iter().next().map(|waiting| waiting.text)
}
