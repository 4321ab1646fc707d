//! Manifests after loading: typed and merged specs, where everything was written, and what is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::approval::LoadedApproval;
use super::codes;
use super::document::API_VERSION;
use super::platform::PlatformSpec;
use super::problem::{Problem, tidy};
use super::secrets::{SecretData, Secrets};
use super::source::{Excerpt, Sources, Span};
use super::tree::Node;
use super::yaml::{self, NotWritable};
use crate::plan::diagnostic::{On, Severity};
use crate::plan::path::SpecPath;
use crate::plan::render::{self, Place};
use crate::resource::app::categories::certificates_end;
use crate::resource::{Files, TenantSpec};

/// Everything read from one set of manifests.
#[derive(Debug)]
pub struct Loaded {
    /// Platforms without errors, by name.
    pub platforms: BTreeMap<String, LoadedPlatform>,
    /// Tenants without errors, sorted by name.
    pub tenants: Vec<LoadedTenant>,
    /// Approvals without errors, sorted by name; expired ones too.
    pub approvals: Vec<LoadedApproval>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Every mistake of every file, sorted by file and place.
    pub problems: Vec<Problem>,
    /// The files.
    pub sources: Arc<Sources>,
    /// How many documents there are, those with errors included.
    pub counts: Counts,
    pub(super) secrets: Secrets,
    /// Tenants with errors that could be read all the same: their files are looked at, so that one run tells everything.
    pub faulty: Vec<LoadedTenant>,
}

/// How many documents there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Tenants.
    pub tenants: usize,
    /// Platforms.
    pub platforms: usize,
    /// Classes.
    pub classes: usize,
    /// Approvals.
    pub approvals: usize,
}

/// A platform.
#[derive(Debug, Clone)]
pub struct LoadedPlatform {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, or `default`.
    pub namespace: String,
    /// Its spec.
    pub spec: PlatformSpec,
    /// The file it was written in.
    pub file: String,
}

/// A tenant, merged from its class.
#[derive(Debug, Clone)]
pub struct LoadedTenant {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, or `default`.
    pub namespace: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// The name of its platform.
    pub platform: String,
    /// The merged spec.
    pub spec: TenantSpec,
    /// The files it refers to, once they were looked at ([`Loaded::with_files`]).
    pub files: Files,
    /// Where every value of the spec was written.
    pub places: Places,
}

/// Where the values of one tenant's spec were written.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) sources: Arc<Sources>,
    pub(super) tree: Arc<Node>,
    pub(super) name: Span,
    pub(super) document: Span,
    pub(super) class: Option<Arc<str>>,
}

impl Loaded {
    /// Whether anything must be put right before a plan can be made.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// A tenant without errors.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Option<&LoadedTenant> {
        let at = self
            .tenants
            .binary_search_by(|tenant| tenant.name.as_str().cmp(name))
            .ok()?;
        self.tenants.get(at)
    }

    /// Leaves out the tenants of which there are two: which of them is meant, nobody can tell.
    pub fn leave_out_ambiguous(&mut self) {
        let twice = |problem: &&Problem| problem.code == codes::NAME_TWICE;
        let first: Vec<Span> = self
            .problems
            .iter()
            .filter(twice)
            .flat_map(|problem| problem.related.iter().map(|(span, _)| *span))
            .collect();
        self.tenants
            .retain(|tenant| !first.contains(&tenant.places.name));
    }

    /// Adds a warning for every approval and every certificate that has expired: the one check that takes a clock.
    pub fn check_expiry(&mut self, now: Timestamp) {
        let mut problems = std::mem::take(&mut self.problems);
        let approvals = self.approvals.iter();
        problems.extend(approvals.filter_map(|approval| approval.expired(now)));
        let tenants = self.tenants.iter();
        problems.extend(tenants.flat_map(|tenant| tenant.expired_certificates(now)));
        self.problems = tidy(problems);
    }

    /// The keys of a Secret that stands among the documents.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretData> {
        self.secrets.0.get(name)
    }
}

impl render::Places for Loaded {
    fn file(&self, tenant: &str) -> Option<String> {
        Some(self.tenant(tenant)?.places.file().to_owned())
    }

    fn place(&self, tenant: &str, path: &SpecPath) -> Option<Place> {
        Some(self.tenant(tenant)?.places.place(path))
    }

    fn class(&self, tenant: &str, path: &SpecPath) -> Option<String> {
        let class = self.tenant(tenant)?.places.class_of(path)?;
        Some(class.to_owned())
    }
}

impl LoadedPlatform {
    /// The folder that the paths in its spec are relative to.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let parent = Path::new(&self.file).parent();
        parent.unwrap_or_else(|| Path::new("")).to_owned()
    }
}

impl Places {
    /// The file that holds the tenant.
    #[must_use]
    pub fn file(&self) -> &str {
        self.sources.path(self.name.file)
    }

    /// The file that a value was written in.
    #[must_use]
    pub fn file_of(&self, path: &SpecPath) -> &str {
        self.sources.path(self.span(path).file)
    }

    /// The tenant's own document, without its class.
    #[must_use]
    pub fn excerpt(&self) -> Excerpt {
        self.sources.excerpt(self.document)
    }

    /// Where the tenant's name stands.
    #[must_use]
    pub fn name(&self) -> Place {
        self.sources.place(self.name)
    }

    /// Where a value was written, or the nearest one above it.
    #[must_use]
    pub fn place(&self, path: &SpecPath) -> Place {
        self.sources.place(self.span(path))
    }

    /// The class a value comes from; none when the tenant gives it itself.
    #[must_use]
    pub fn class_of(&self, path: &SpecPath) -> Option<&str> {
        let own = self.document.contains(self.span(path));
        self.class.as_deref().filter(|_| !own)
    }

    pub(super) fn span(&self, path: &SpecPath) -> Span {
        self.tree.locate(path).span(On::Value)
    }
}

impl LoadedTenant {
    /// Warnings, and no errors: one customer's document must not keep all others from being looked after.
    fn expired_certificates(&self, now: Timestamp) -> Vec<Problem> {
        let all = certificates_end(&self.spec).into_iter();
        let expired = all.filter(|(_, ends)| *ends <= now);
        let warning = |(path, _): (SpecPath, Timestamp)| {
            let span = self.places.span(&path);
            let mut problem = Problem::warning(
                codes::CERTIFICATE_EXPIRED,
                span,
                "the certificate has expired",
            )
            .label("this was its last day")
            .help("give the new document's picture and its last day; WeChat takes no category with the old one");
            if !self.places.document.contains(span) {
                problem.tenants.push((self.name.clone(), self.places.name));
            }
            problem
        };
        expired.map(warning).collect()
    }

    /// The tenant as a manifest that needs no class: merged, filled in, defaults written out.
    ///
    /// # Errors
    /// [`NotWritable`], for values that YAML cannot hold.
    pub fn to_yaml(&self) -> Result<String, NotWritable> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'a> {
            api_version: &'a str,
            kind: &'a str,
            metadata: Metadata<'a>,
            spec: TenantSpec,
        }
        #[derive(serde::Serialize)]
        struct Metadata<'a> {
            name: &'a str,
            namespace: &'a str,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            labels: &'a BTreeMap<String, String>,
        }
        let mut spec = self.spec.clone();
        spec.class_ref = None;
        spec.values.clear();
        yaml::write(&Document {
            api_version: API_VERSION,
            kind: "Tenant",
            metadata: Metadata {
                name: &self.name,
                namespace: &self.namespace,
                labels: &self.labels,
            },
            spec,
        })
    }
}
