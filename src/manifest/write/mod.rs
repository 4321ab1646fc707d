//! Writing manifests: a tenant, or a class with its tenants, as YAML that our own reader and kubectl read back the same.
//!
//! Fields stand in the order of their types, which is that of the documentation; the same input gives the same bytes.

mod class;
mod comment;
mod names;
mod tree;

use std::collections::BTreeMap;

pub use names::{Wanted, name_of_alias, names};

use serde::Serialize;

use self::tree::Tree;
use super::document::{API_VERSION, DEFAULT_NAMESPACE, Kind};
use super::fill;
use super::yaml;
use super::yaml::NotWritable;
use crate::resource::TenantSpec;
use crate::resource::spec::NameRef;

/// A tenant to write.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTenant {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// What it declares. Texts stand for themselves: nothing in them is a placeholder.
    pub spec: TenantSpec,
    /// Lines for people, above the document.
    pub comment: Vec<String>,
}

/// A tenant's file.
///
/// # Errors
/// [`NotWritable`], for values that YAML cannot hold.
pub fn tenant(tenant: &NewTenant) -> Result<String, NotWritable> {
    document(tenant, spec(tenant)?)
}

/// What tenants share, in a class of its own, and each tenant with the rest: merged they are what they were. `None`
/// where they share nothing.
///
/// # Errors
/// [`NotWritable`], for values that YAML cannot hold.
pub fn with_class(
    class: &str,
    comment: &[String],
    tenants: &[NewTenant],
) -> Result<Option<(String, Vec<String>)>, NotWritable> {
    let specs = tenants.iter().map(spec).collect::<Result<Vec<_>, _>>()?;
    let Some(shared) = class::shared(&specs) else {
        return Ok(None);
    };
    let reference = Tree::of(&NameRef {
        name: class.to_owned(),
    })?;
    let files = tenants
        .iter()
        .zip(&specs)
        .map(|(tenant, spec)| {
            let mut rest = class::rest(spec, &shared);
            rest.insert_first("classRef", reference.clone());
            document(tenant, rest)
        })
        .collect::<Result<_, _>>()?;
    let namespace = tenants
        .first()
        .map_or(DEFAULT_NAMESPACE, |tenant| tenant.namespace.as_str());
    let file = text(
        comment,
        &Document {
            api_version: API_VERSION,
            kind: Kind::TenantClass.word(),
            metadata: Metadata::new(class, namespace, &BTreeMap::new()),
            spec: shared,
        },
    )?;
    Ok(Some((file, files)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'a str,
    kind: &'a str,
    metadata: Metadata<'a>,
    spec: Tree,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
}

impl<'a> Metadata<'a> {
    fn new(name: &'a str, namespace: &'a str, labels: &BTreeMap<String, String>) -> Self {
        Self {
            name,
            namespace: Some(namespace).filter(|namespace| *namespace != DEFAULT_NAMESPACE),
            labels: labels.clone(),
        }
    }
}

/// The spec as it is written: what every tenant has anyhow is left out, and what looks like a placeholder is escaped.
fn spec(tenant: &NewTenant) -> Result<Tree, NotWritable> {
    let mut spec = Tree::of(&tenant.spec)?;
    if tenant.spec.policy.deletion == crate::resource::spec::Deletion::default() {
        spec.remove(&["policy", "deletion"]);
    }
    let (shown, not) = (Tree::of(&true)?, Tree::of(&false)?);
    for link in spec.items_of(&["officialAccount", "links"]) {
        link.remove_if("showProfile", &shown);
        link.remove_if("notifyUsers", &not);
        link.remove_if("absent", &not);
    }
    spec.each_text_but(&fill::NEVER, &mut fill::escape);
    Ok(spec)
}

fn document(tenant: &NewTenant, spec: Tree) -> Result<String, NotWritable> {
    text(
        &tenant.comment,
        &Document {
            api_version: API_VERSION,
            kind: Kind::Tenant.word(),
            metadata: Metadata::new(&tenant.name, &tenant.namespace, &tenant.labels),
            spec,
        },
    )
}

fn text(lines: &[String], document: &Document<'_>) -> Result<String, NotWritable> {
    let mut text = comment::comment(lines);
    // The last value may end in a space that is none to YAML: only line ends are ours.
    text.push_str(yaml::write(document)?.trim_end_matches('\n'));
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
