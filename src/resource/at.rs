//! Which of a tenant's accounts something is about, and where that account stands in the spec.

use super::TenantSpec;
use super::spec::MiniProgramSpec;
use crate::plan::Whose;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;

/// What kind of account a resource belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The official account (公众号).
    Official,
    /// A mini-program (小程序).
    App,
    /// The platform itself (第三方平台), which has lists of its own.
    Platform,
}

impl Kind {
    /// The kind in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Official => "公众号",
            Self::App => "小程序",
            Self::Platform => "第三方平台",
        }
    }

    /// The kind in English, with its article.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Official => "an official account",
            Self::App => "a mini-program",
            Self::Platform => "a platform",
        }
    }
}

/// One of a tenant's accounts, and its place in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Whose.
    pub whose: Whose,
    /// The place of its item in `miniPrograms`, from 0. Of no account for the others.
    index: usize,
    kind: Kind,
}

impl At {
    /// The official account.
    pub const OFFICIAL: Self = Self {
        whose: Whose::Official,
        index: 0,
        kind: Kind::Official,
    };

    /// The platform: what is compared of it stands where a tenant's official account would, and has no account beside it.
    pub const PLATFORM: Self = Self {
        whose: Whose::Official,
        index: 0,
        kind: Kind::Platform,
    };

    /// A mini-program, by the name and the place of its item.
    #[must_use]
    pub fn app(name: &str, index: usize) -> Self {
        Self {
            whose: Whose::app(name),
            index,
            kind: Kind::App,
        }
    }

    /// What kind of account it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where the account stands in a tenant's spec.
    #[must_use]
    pub fn root(&self) -> SpecPath {
        match self.whose {
            Whose::Official => SpecPath::root().field("officialAccount"),
            Whose::App(_) => SpecPath::root().field("miniPrograms").index(self.index),
        }
    }

    /// The item of a mini-program.
    #[must_use]
    pub fn item<'a>(&self, tenant: &'a TenantSpec) -> Option<&'a MiniProgramSpec> {
        match self.whose {
            Whose::Official => None,
            Whose::App(_) => tenant.mini_programs.get(self.index),
        }
    }

    /// Whether it is to be registered where it has no account.
    #[must_use]
    pub fn registered(&self, tenant: &TenantSpec) -> bool {
        self.item(tenant)
            .is_some_and(|item| item.registration.is_some())
    }

    /// The account it was under its old name, if the manifest renames it.
    #[must_use]
    pub fn renamed_from(&self, tenant: &TenantSpec) -> Option<Whose> {
        let from = self.item(tenant)?.renamed_from.as_deref()?;
        Some(Whose::app(from))
    }

    /// Its appid: what the manifest gives, else what a scan pinned.
    #[must_use]
    pub fn appid<'a>(
        &self,
        tenant: &'a TenantSpec,
        pinned: Option<&'a Appid>,
    ) -> Option<&'a Appid> {
        self.declared(tenant).or(pinned)
    }

    /// The appid that the manifest gives.
    #[must_use]
    pub fn declared<'a>(&self, tenant: &'a TenantSpec) -> Option<&'a Appid> {
        match self.whose {
            Whose::Official => tenant.official_account.as_ref()?.app_id.as_ref(),
            Whose::App(_) => self.item(tenant)?.app_id.as_ref(),
        }
    }
}

/// Every account of a tenant, the official one first. What belongs to the tenant itself goes through its official
/// account, unless it has only mini-programs.
#[must_use]
pub fn accounts(tenant: &TenantSpec) -> Vec<At> {
    if tenant.platform_domains.is_some() {
        return vec![At::PLATFORM];
    }
    let has_official = tenant.official_account.is_some() || tenant.mini_programs.is_empty();
    let official = has_official.then_some(At::OFFICIAL);
    let apps = tenant.mini_programs.iter().enumerate();
    let apps = apps.map(|(index, item)| At::app(&item.name, index));
    official.into_iter().chain(apps).collect()
}

/// One account of a tenant, if the spec has it.
#[must_use]
pub fn find(tenant: &TenantSpec, whose: &Whose) -> Option<At> {
    accounts(tenant).into_iter().find(|at| at.whose == *whose)
}
