//! `wxops op assume TENANT:ITEM avatar`: a person says what is there, where WeChat shows no more than that something is; or,
//! of a name or a link, that nothing came of the last request.

use anyhow::bail;

use super::args::{AssumeArgs, Selection};
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay, no_tenant};
use crate::client::Addressee;
use crate::plan::{Address, Text, Whose};
use crate::reconcile::{Assumed, assume};
use crate::store::journal::OpKey;

/// Runs the verb.
pub(super) async fn run(args: &AssumeArgs, io: &mut Io) -> Exit {
    match assumed(args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn assumed(args: &AssumeArgs, io: &mut Io) -> Result<(), Stop> {
    let Ok(to) = args.tenant.parse::<Addressee>();
    let selection = Selection::of(&args.manifests.path, Some(&to.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let key = noted(&session, args, &to).await;
    let key = key.map_err(|error| stop(io, &error))?;
    let (resource, appid) = (&args.resource, &key.appid);
    let text = if args.differs {
        Text::new(
            format!("已记录：{appid} 现有的 {resource} 与配置不一致，下一次计划将更改它"),
            format!(
                "noted: the {resource} of {appid} is not what the manifest says; the next plan changes it"
            ),
        )
    } else {
        Text::new(
            format!("已记录：{appid} 现有的 {resource} 就是配置所写的"),
            format!("noted: the {resource} of {appid} is what the manifest says"),
        )
    };
    io.say(text.in_lang(io.lang));
    Ok(())
}

async fn noted(session: &Session, args: &AssumeArgs, to: &Addressee) -> anyhow::Result<OpKey> {
    let tenant = session.tenants.first().or_say(|| no_tenant(&to.tenant))?;
    let address = Address::from(args.resource.as_str()).whose(Whose::of_item(to.item.as_deref()));
    let (observer, desired) = (session.observer(tenant)?, session.desired(tenant).await?);
    match assume(&observer, &desired, &address, !args.differs).await? {
        Assumed::Noted(key) => Ok(key),
        Assumed::Refused(why) => bail!(Failed::new(
            format!("没有记下 {address}：{}", why.zh),
            format!("`{address}` is not noted: {}", why.en),
        )),
        Assumed::NotOurs => bail!(Failed::new(
            format!("没有记下 {address}：账号属于另一个租户（wxops claim list）"),
            format!(
                "`{address}` is not noted: the account belongs to another tenant (wxops claim list)"
            ),
        )),
        Assumed::Nothing => bail!(Failed::new(
            format!(
                "没有记下 {address}：清单没有声明它，或账号无法查看（wxops plan 说明原因），或微信上没有，或 wxops 不需要人说也能比较"
            ),
            format!(
                "`{address}` is not noted: the manifest declares none, the account cannot be looked at (wxops plan says why), \
                 WeChat shows none, or wxops compares it without being told"
            ),
        )),
    }
}
