//! What manifests and store know of accounts already: an account has one tenant, and a tenant keeps its name.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use crate::cli::session::Session;
use crate::manifest::mapping::Mapping;
use crate::plan::Text;
use crate::resource::At;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::wechat::Appid;

/// Who is whose.
pub(super) struct Known {
    /// The tenants among the manifests, with the accounts they declare.
    declared: BTreeMap<String, Option<Appid>>,
    /// What the store has by name: the account, where one was pinned.
    stored: BTreeMap<String, Option<Appid>>,
    /// The tenants that accounts belong to by the store.
    claims: BTreeMap<Appid, String>,
}

impl Known {
    /// Reads both.
    pub(super) async fn of(session: &Session) -> anyhow::Result<Self> {
        let mut stored = BTreeMap::new();
        for key in session.store.list("tenant/").await? {
            let doc = session.store.get::<TenantDoc>(&key).await?;
            if let (Some(name), Some(doc)) = (key.segments().pop(), doc) {
                stored.insert(name, doc.value.pin);
            }
        }
        let mut claims = BTreeMap::new();
        for key in session.store.list("claim/").await? {
            let claim = session.store.get::<ClaimDoc>(&key).await?;
            let account = key
                .segments()
                .pop()
                .and_then(|text| Appid::parse(&text).ok());
            if let (Some(account), Some(claim)) = (account, claim) {
                claims.insert(account, claim.value.tenant);
            }
        }
        let declared = session.loaded.tenants.iter().map(|tenant| {
            let account = At::OFFICIAL.declared(&tenant.spec);
            (tenant.name.clone(), account.cloned())
        });
        Ok(Self {
            declared: declared.collect(),
            stored,
            claims,
        })
    }

    /// The accounts that no tenant among the manifests has; of the others the report says whose they are.
    pub(super) fn without_declared(
        &self,
        accounts: BTreeSet<Appid>,
        report: &mut Report,
    ) -> BTreeSet<Appid> {
        let (declared, left): (Vec<_>, Vec<_>) = accounts
            .into_iter()
            .map(|account| (self.tenant_of(&account).map(str::to_owned), account))
            .partition(|(tenant, _)| tenant.is_some());
        report.declared = declared
            .into_iter()
            .filter_map(|(tenant, account)| Some((account, tenant?)))
            .collect();
        left.into_iter().map(|(_, account)| account).collect()
    }

    /// By what it declares, else by what a scan pinned.
    fn tenant_of(&self, account: &Appid) -> Option<&str> {
        let mut declared = self.declared.iter();
        let by_manifest = declared.find(|(_, declared)| declared.as_ref() == Some(account));
        if let Some((tenant, _)) = by_manifest {
            return Some(tenant);
        }
        let claimed = self.claims.get(account)?;
        let pinned = matches!(self.declared.get(claimed), Some(None));
        pinned.then_some(claimed.as_str())
    }

    /// The name an account must have, or was given. One that `plan` would refuse is refused here.
    pub(super) fn given(
        &self,
        account: &Appid,
        mapped: Option<&str>,
    ) -> Result<Option<String>, Text> {
        let claimed = self.claims.get(account).map(String::as_str);
        let name = match (claimed, mapped) {
            (Some(claimed), Some(mapped)) if claimed != mapped => {
                return Err(Text::new(
                    format!(
                        "已归租户 {claimed} 管理,不能命名为 {mapped};请在 --mapping 中改为 {claimed}"
                    ),
                    format!(
                        "it belongs to tenant {claimed} and cannot be named {mapped}: write {claimed} in the mapping"
                    ),
                ));
            }
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => return Ok(None),
        };
        let pinned = self.stored.get(name).and_then(Option::as_ref);
        if self.declared.contains_key(name) || pinned.is_some_and(|pinned| pinned != account) {
            return Err(Text::new(
                format!("租户名 {name} 已被另一个账号使用,请在 --mapping 中换一个名字"),
                format!("tenant {name} is another account's: choose another name in the mapping"),
            ));
        }
        Ok(Some(name.to_owned()))
    }

    /// Names that no account gets by itself.
    pub(super) fn taken(&self, mapping: &Mapping) -> BTreeSet<String> {
        let mapped = mapping.values().filter_map(|mapped| mapped.name.as_ref());
        let known = self.declared.keys().chain(self.stored.keys());
        known
            .chain(self.claims.values())
            .chain(mapped)
            .cloned()
            .collect()
    }
}
