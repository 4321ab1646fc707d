//! A set of changes, each told by what a tenant's manifest said and says: what a yes to a revision is a yes to. Other
//! tenants' commits are other changes: they neither void it nor are let in by it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::digest::Digest;

/// How many hex digits tell one change: two of a platform's changes are never the same by chance.
const DIGITS: usize = 16;
/// A set of more is kept nowhere: only its digest tells it.
const MOST: usize = 10_000;

/// One change: which tenant, from what, to what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

/// The changes of a revision, by tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<String, Mark>);

/// A set of changes as it is kept with a yes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkSet(BTreeSet<Mark>);

impl Changes {
    /// Adds one. `to` is none where the tenant stands in the manifests no more.
    pub fn add(&mut self, tenant: &str, from: Option<&Digest>, to: Option<&Digest>) {
        let digest = Digest::of(&(tenant, from, to));
        self.0
            .insert(tenant.to_owned(), Mark(digest.short(DIGITS).to_owned()));
    }

    /// The tenants of the changes that are in a set.
    #[must_use]
    pub fn in_set(&self, set: &MarkSet) -> BTreeSet<String> {
        let known = self.0.iter().filter(|(_, mark)| set.0.contains(mark));
        known.map(|(tenant, _)| tenant.clone()).collect()
    }

    /// The changes of some tenants.
    #[must_use]
    pub fn of(&self, tenants: &BTreeSet<String>) -> MarkSet {
        let its = self.0.iter().filter(|(name, _)| tenants.contains(*name));
        MarkSet(its.map(|(_, mark)| mark.clone()).collect())
    }

    /// The same without some tenants.
    #[must_use]
    pub fn without(&self, tenants: &BTreeSet<String>) -> Self {
        let left = self
            .0
            .iter()
            .filter(|(tenant, _)| !tenants.contains(*tenant));
        Self(
            left.map(|(tenant, mark)| (tenant.clone(), mark.clone()))
                .collect(),
        )
    }

    /// What tells them from any other changes.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.0.values().map(|mark| mark.0.as_str()).collect()
    }

    /// All of them, however many there are.
    #[must_use]
    pub fn to_marks(&self) -> MarkSet {
        MarkSet(self.0.values().cloned().collect())
    }

    /// As they are kept with a yes. `None`: there are too many, and a yes is to exactly all of them.
    #[must_use]
    pub fn to_set(&self) -> Option<MarkSet> {
        (self.0.len() <= MOST).then(|| self.to_marks())
    }
}

impl MarkSet {
    /// Those that are in another set as well.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Those that are in either.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Those that are not in another set.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// How many changes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MarkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mark| f.write_str(&mark.0))
    }
}

/// A text that is no set of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no set of changes")]
pub struct NotASet;

impl FromStr for MarkSet {
    type Err = NotASet;

    fn from_str(text: &str) -> Result<Self, NotASet> {
        let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hex || !text.len().is_multiple_of(DIGITS) {
            return Err(NotASet);
        }
        let marks = text.as_bytes().chunks(DIGITS);
        let marks = marks.map(|mark| Mark(String::from_utf8_lossy(mark).into_owned()));
        Ok(Self(marks.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_kept_and_knows_its_changes_and_no_other() {
        let digest = |n: u32| Digest::of(&n);
        let mut changes = Changes::default();
        changes.add("a", Some(&digest(1)), Some(&digest(2)));
        changes.add("b", None, Some(&digest(2)));
        changes.add("c", Some(&digest(1)), None);
        let set = changes.to_set().unwrap();
        let kept: MarkSet = set.to_string().parse().unwrap();
        assert_eq!(kept, set);
        let mut later = changes.clone();
        later.add("b", None, Some(&digest(3)));
        later.add("d", None, Some(&digest(2)));
        let known = later.in_set(&kept);
        assert_eq!(known, BTreeSet::from(["a".to_owned(), "c".to_owned()]));
        assert_eq!(later.without(&known).texts().len(), 2);
        for bad in ["x", "0123", "日".repeat(16).as_str()] {
            assert_eq!(bad.parse::<MarkSet>(), Err(NotASet));
        }
    }
}
