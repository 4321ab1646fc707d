//! What a manifest says of a category: its names, or its numbers, and the documents that it needs.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::certificate::{self, CertificateSpec};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::file::{FileRef, Wanted};
use crate::wechat::category::{Allowed, CategoryId, OwnCategories, OwnCategory};

/// One category.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CategorySpec {
    /// Both its names, as in `教育/素质教育`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-calls" = ["wxopen/getallcategories"]))]
    pub name: Option<String>,
    /// The number of its first level, in place of the names.
    #[schemars(extend("x-wire" = "categories[].first", "x-calls" = ["wxopen/addcategory", "wxopen/getcategory"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// The number of its second level.
    #[schemars(extend("x-wire" = "categories[].second"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<i64>,
    /// The documents (资质) it needs. They are handed in when it is added, and others once after WeChat rejected it; of one
    /// that was approved they are renewed in WeChat's console.
    #[schemars(extend("x-wire" = "categories[].certicates", "x-calls" = ["wxopen/addcategory", "wxopen/modifycategory"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateSpec>,
}

impl CategorySpec {
    /// As an export writes what is there: by names, where both can be told apart.
    pub(super) fn of(label: &str, (first, second): (i64, i64)) -> Option<Self> {
        if names(label).is_some() {
            return Some(Self {
                name: Some(label.to_owned()),
                ..Self::default()
            });
        }
        Some(Self {
            name: None,
            first: Some(first),
            second: Some(second),
            ..Self::default()
        })
    }

    /// The pictures it names, where it stands at `path`.
    pub(crate) fn files(&self, path: &SpecPath) -> Vec<(SpecPath, FileRef, Wanted)> {
        let all = self.certificates.iter().enumerate();
        all.map(|(n, one)| (certificate_path(path, n), one.source(), certificate::WANTED))
            .collect()
    }

    /// What it is called in plans.
    pub(super) fn label(&self) -> String {
        match (&self.name, self.id()) {
            (Some(name), _) => name.trim().to_owned(),
            (None, Some(id)) => format!("{}-{}", id.first, id.second),
            (None, None) => String::new(),
        }
    }

    /// The numbers that are given.
    pub(super) fn id(&self) -> Option<CategoryId> {
        Some(CategoryId {
            first: self.first?,
            second: self.second?,
        })
    }

    /// The one of the account's own that it is.
    pub(super) fn among(&self, live: &OwnCategories) -> Option<CategoryId> {
        let is = |one: &&OwnCategory| match self.id() {
            Some(id) => one.id() == id,
            None => self.name.as_deref().map(str::trim) == Some(label_of(one).as_str()),
        };
        let mut found = live.categories.iter().filter(is);
        let first = found.next()?;
        found.next().is_none().then(|| first.id())
    }

    /// The one of those it may have that has its names.
    pub(super) fn named_in(&self, allowed: &Allowed) -> Option<CategoryId> {
        let (first, second) = names(self.name.as_deref()?)?;
        allowed.named(first, second)
    }
}

/// Where one of a category's documents stands.
pub(super) fn certificate_path(path: &SpecPath, n: usize) -> SpecPath {
    path.field("certificates").index(n)
}

/// `教育/素质教育`, else its numbers: what one of the account's own is called.
pub(super) fn label_of(one: &OwnCategory) -> String {
    match (&one.first_name, &one.second_name) {
        (Some(first), Some(second)) if !first.is_empty() && !second.is_empty() => {
            format!("{first}/{second}")
        }
        _ => format!("{}-{}", one.id().first, one.id().second),
    }
}

fn names(label: &str) -> Option<(&str, &str)> {
    let (first, second) = label.split_once('/')?;
    let (first, second) = (first.trim(), second.trim());
    (!first.is_empty() && !second.is_empty()).then_some((first, second))
}

/// Everything that needs no network.
pub(super) fn check(spec: &[CategorySpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut labels = BTreeSet::new();
    for (index, one) in spec.iter().enumerate() {
        let at = path.index(index);
        let by_name = one.name.is_some();
        let by_number = one.first.is_some() || one.second.is_some();
        if by_name == by_number || (by_number && one.id().is_none()) {
            found.error(
                "WX1266",
                at.clone(),
                "a category is given by its names or by both its numbers",
                "`name: 教育/素质教育`, or `first` and `second`",
                Some("WeChat's console lists them (设置 → 服务类目); names survive a change of numbers"),
            );
        } else if let Some(name) = &one.name
            && names(name).is_none()
        {
            found.error(
                "WX1266",
                at.field("name"),
                format!("`{name}` does not name both levels"),
                "the first and the second level, as in 教育/素质教育",
                Some("write both, with a `/` between them, as WeChat's console shows them (服务类目)"),
            );
        }
        certificate::check(&one.certificates, &at.field("certificates"), found);
        if !labels.insert(one.label()) {
            found.error(
                "WX1267",
                at,
                format!("`{}` is listed twice", one.label()),
                "the same category again",
                Some("take one of them out"),
            );
        }
    }
}
