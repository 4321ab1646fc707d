//! The one mini-program that a verb is about: by its tenant, and by its name where the tenant has several.

use anyhow::bail;

use super::session::Session;
use crate::cli::failed::{Failed, OrSay as _};
use crate::client::Addressee;
use crate::manifest::LoadedTenant;
use crate::plan::Text;
use crate::resource::At;
use crate::resource::at::accounts;
use crate::store::Key;
use crate::store::documents::TenantDoc;
use crate::wechat::Appid;

/// A tenant and the name of one of its mini-programs, as `TENANT:NAME` or as a tenant beside a name of its own.
pub(super) fn addressed(tenant: &str, item: Option<&str>) -> Addressee {
    let Ok(named) = tenant.parse::<Addressee>();
    let item = item.map(str::to_owned).or(named.item);
    Addressee { item, ..named }
}

/// Its appid.
pub(super) async fn app_of(
    session: &Session,
    tenant: &LoadedTenant,
    name: Option<&str>,
) -> anyhow::Result<Appid> {
    let at = item(tenant, name)?;
    account(session, tenant, &at).await
}

/// The mini-program that is meant.
fn item(tenant: &LoadedTenant, name: Option<&str>) -> anyhow::Result<At> {
    let items = accounts(&tenant.spec).into_iter();
    let mut items = items.filter(|at| {
        at.whose
            .item()
            .is_some_and(|one| name.is_none_or(|name| name == one))
    });
    let (first, second) = (items.next(), items.next());
    match (first, second, name) {
        (Some(at), None, _) => Ok(at),
        (None, _, Some(name)) => bail!(Failed::new(
            format!("租户 {} 没有名为 {name} 的小程序", tenant.name),
            format!("tenant `{}` has no mini-program `{name}`", tenant.name),
        )),
        (None, _, None) => bail!(Failed::new(
            format!("租户 {} 没有小程序", tenant.name),
            format!("tenant `{}` has no mini-program", tenant.name),
        )),
        (Some(_), Some(_), _) => bail!(Failed::new(
            format!("租户 {} 有多个小程序：请用 --item 指明", tenant.name),
            format!(
                "tenant `{}` has several mini-programs: say which with --item",
                tenant.name
            ),
        )),
    }
}

async fn account(session: &Session, tenant: &LoadedTenant, at: &At) -> anyhow::Result<Appid> {
    let key = Key::tenant(&tenant.name);
    let stored = session.store.get::<TenantDoc>(&key).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let item = at.whose.item();
    let account = at.appid(&tenant.spec, doc.pin_of(item)).cloned();
    let account = account.or_say(|| {
        let (tenant, item) = (&tenant.name, item.unwrap_or_default());
        Text::new(
            format!("{tenant} 的小程序 {item} 还没有账号：其管理员尚未授权"),
            format!("`{item}` of `{tenant}` has no account yet: its administrator has not authorized one"),
        )
    })?;
    Ok(account)
}
