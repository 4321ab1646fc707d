//! What manifests and store know of accounts already: an account has one tenant, and a tenant keeps its name.

use std::collections::{BTreeMap, BTreeSet};

use super::belongs::is_nobodys;
use super::group::in_its_manifest;
use super::report::Report;
use crate::cli::session::Session;
use crate::manifest::mapping::Mapping;
use crate::plan::{Text, Whose};
use crate::resource::at::accounts;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::wechat::Appid;
use crate::wechat::text::plain_entity;

/// Who is whose.
pub(super) struct Known {
    /// The tenants among the manifests, with the accounts they declare.
    declared: BTreeMap<String, Vec<(Whose, Option<Appid>)>>,
    /// The tenants among the manifests that have an official account and say whose it is, by that principal.
    principals: BTreeMap<String, Vec<String>>,
    /// What the store has by name: the accounts that were pinned.
    stored: BTreeMap<String, Pins>,
    /// The tenants that accounts belong to by the store.
    claims: BTreeMap<Appid, ClaimDoc>,
}

/// A tenant's accounts by the store.
#[derive(Default)]
struct Pins {
    official: Option<Appid>,
    apps: BTreeMap<String, Appid>,
}

impl Known {
    /// Reads both.
    pub(super) async fn of(session: &Session) -> anyhow::Result<Self> {
        let mut stored = BTreeMap::new();
        for key in session.store.list("tenant/").await? {
            let doc = session.store.get::<TenantDoc>(&key).await?;
            if let (Some(name), Some(doc)) = (key.segments().pop(), doc) {
                let pins = Pins {
                    official: doc.value.pin,
                    apps: doc.value.pins,
                };
                stored.insert(name, pins);
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
                claims.insert(account, claim.value);
            }
        }
        let declared = session.loaded.tenants.iter().map(|tenant| {
            let all = accounts(&tenant.spec).into_iter();
            let all = all.map(|at| (at.whose.clone(), at.declared(&tenant.spec).cloned()));
            (tenant.name.clone(), all.collect())
        });
        let mut principals: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for tenant in &session.loaded.tenants {
            let principal = tenant.spec.principal.as_ref();
            let name = principal.and_then(|principal| principal.name.as_deref());
            if let (Some(name), Some(_)) = (name, &tenant.spec.official_account) {
                let tenants = principals.entry(plain_entity(name)).or_default();
                tenants.push(tenant.name.clone());
            }
        }
        Ok(Self {
            declared: declared.collect(),
            principals,
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
    pub(super) fn tenant_of(&self, account: &Appid) -> Option<&str> {
        let names = |(_, all): &(&String, &Vec<(Whose, Option<Appid>)>)| {
            all.iter().any(|(_, appid)| appid.as_ref() == Some(account))
        };
        if let Some((tenant, _)) = self.declared.iter().find(names) {
            return Some(tenant);
        }
        let claim = self.claims.get(account)?;
        let whose = match &claim.item {
            None => Whose::Official,
            Some(item) => Whose::app(item),
        };
        let declared = self.declared.get(&claim.tenant)?;
        declared
            .contains(&(whose, None))
            .then_some(claim.tenant.as_str())
    }

    /// The tenants among the manifests whose official account is of that principal.
    pub(super) fn tenants_of(&self, principal: &str) -> Vec<String> {
        let name = plain_entity(principal);
        let tenants = self.principals.get(&name).filter(|_| !is_nobodys(&name));
        tenants.cloned().unwrap_or_default()
    }

    /// The name an official account must have, or was given. One that `plan` would refuse is refused here.
    pub(super) fn given(
        &self,
        account: &Appid,
        mapped: Option<&str>,
    ) -> Result<Option<String>, Text> {
        let Some((name, _)) = self.claimed_or_mapped(account, mapped)? else {
            return Ok(None);
        };
        let pinned = self.stored.get(&name);
        let pinned = pinned.and_then(|pins| pins.official.as_ref());
        if self.declared.contains_key(&name) || pinned.is_some_and(|pinned| pinned != account) {
            return Err(Text::new(
                format!("租户名 {name} 已被另一个账号使用，请在 --mapping 中换一个名字"),
                format!("tenant {name} is another account's: choose another name in the mapping"),
            ));
        }
        Ok(Some(name))
    }

    /// The tenant that a mini-program must have, or was given; whether it has it by the store.
    pub(super) fn given_app(
        &self,
        account: &Appid,
        mapped: Option<&str>,
    ) -> Result<Option<(String, bool)>, Text> {
        let given = self.claimed_or_mapped(account, mapped)?;
        match given {
            Some((name, _)) if self.declared.contains_key(&name) => Err(in_its_manifest(&name)),
            given => Ok(given),
        }
    }

    fn claimed_or_mapped(
        &self,
        account: &Appid,
        mapped: Option<&str>,
    ) -> Result<Option<(String, bool)>, Text> {
        let claimed = self.claims.get(account).map(|claim| claim.tenant.as_str());
        match (claimed, mapped) {
            (Some(claimed), Some(mapped)) if claimed != mapped => Err(Text::new(
                format!(
                    "已归租户 {claimed} 管理，不能命名为 {mapped}；请在 --mapping 中改为 {claimed}"
                ),
                format!(
                    "it belongs to tenant {claimed} and cannot be named {mapped}: write {claimed} in the mapping"
                ),
            )),
            (Some(name), _) => Ok(Some((name.to_owned(), true))),
            (None, Some(name)) => Ok(Some((name.to_owned(), false))),
            (None, None) => Ok(None),
        }
    }

    /// What a mini-program is called by the store.
    pub(super) fn item_of(&self, account: &Appid) -> Option<&str> {
        self.claims.get(account)?.item.as_deref()
    }

    /// Whether a tenant has no other mini-program of that name by the store.
    pub(super) fn item_is_free(&self, tenant: &str, item: &str, account: &Appid) -> bool {
        let pinned = self.stored.get(tenant).and_then(|pins| pins.apps.get(item));
        let claimed = self.claimed(tenant, Some(item));
        pinned.or(claimed).is_none_or(|known| known == account)
    }

    /// The account that is one of a tenant's by its claim.
    fn claimed(&self, tenant: &str, item: Option<&str>) -> Option<&Appid> {
        let is = |claim: &ClaimDoc| claim.tenant == tenant && claim.item.as_deref() == item;
        let mut claims = self.claims.iter();
        claims.find(|(_, claim)| is(claim)).map(|(appid, _)| appid)
    }

    /// That a tenant can be written without an official account.
    ///
    /// # Errors
    /// The store knows one, and it is not among those imported.
    pub(super) fn free_of_officials(&self, name: &str) -> Result<(), Text> {
        let pinned = self.stored.get(name);
        let pinned = pinned.and_then(|pins| pins.official.as_ref());
        match pinned.or(self.claimed(name, None)) {
            None => Ok(()),
            Some(pinned) => Err(Text::new(
                format!("属于租户 {name}，而其公众号 {pinned} 不在导入范围内；请一并导入"),
                format!(
                    "it belongs to tenant {name}, whose official account {pinned} is not among those imported: import both"
                ),
            )),
        }
    }

    /// Names that no account gets by itself.
    pub(super) fn taken(&self, mapping: &Mapping) -> BTreeSet<String> {
        let mapped = mapping.values().filter_map(|mapped| mapped.name.as_ref());
        let known = self.declared.keys().chain(self.stored.keys());
        known
            .chain(self.claims.values().map(|claim| &claim.tenant))
            .chain(mapped)
            .cloned()
            .collect()
    }
}
