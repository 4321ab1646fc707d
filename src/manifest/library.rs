//! What tenants have in common, read once and kept: with it the tenants of one more file can be read, and forgotten
//! again. Ten thousand tenants with a class of theirs need not be in memory for one of them to be looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::{Document, Kind};
use super::load::{
    Documents, add_subjects, by_kind, check_classes, is_error, names, parse, read_approvals,
    read_platforms, read_secrets, read_tenants,
};
use super::loaded::{Counts, Loaded, LoadedPlatform};
use super::platforms::{LISTS, is_platform, listed};
use super::problem::{Problem, tidy};
use super::secrets::Secrets;
use super::source::{Excerpt, Source, Sources};
use super::{LoadedApproval, SecretData};

/// Platforms, classes, approvals and Secrets.
#[derive(Debug, Default)]
pub struct Library {
    /// Platforms without errors, by name.
    pub platforms: BTreeMap<String, LoadedPlatform>,
    /// Approvals without errors.
    pub approvals: Vec<LoadedApproval>,
    /// Every mistake in them.
    pub problems: Vec<Problem>,
    sources: Sources,
    documents: Documents,
    secrets: Secrets,
    is_in_force: bool,
}

/// The tenants of one file.
#[derive(Debug)]
pub struct Part {
    /// They, with the platforms of the library.
    pub loaded: Loaded,
    /// Whether the file has documents that belong into the library.
    pub holds_more: bool,
    /// Whether every document of it could be told: else a tenant may stand there that nobody sees.
    pub is_whole: bool,
    /// The names of all its tenants whose envelope could be read, those with errors included.
    pub named: Vec<String>,
}

impl Library {
    /// Reads what tenants have in common from files that may hold tenants too, which are passed over.
    #[must_use]
    pub fn of(files: Vec<Source>) -> Self {
        let mut problems = Vec::new();
        let mut sources = Sources::default();
        let documents = parse(files, &mut sources, &mut problems);
        let mut documents = by_kind(documents, &mut problems);
        documents.remove(&Kind::Tenant);
        let secrets = read_secrets(&documents, &mut problems);
        let platforms = read_platforms(&documents, &secrets, &sources, &mut problems);
        check_classes(&documents, &mut problems);
        let approvals = read_approvals(&documents, false, &mut problems);
        Self {
            platforms,
            approvals,
            problems: tidy(problems),
            sources,
            documents,
            secrets,
            is_in_force: false,
        }
    }

    /// The same, for tenants that were let in before: a host that the platform has listed then is asked for no more.
    #[must_use]
    pub fn in_force(files: Vec<Source>) -> Self {
        Self {
            is_in_force: true,
            ..Self::of(files)
        }
    }

    /// Reads the tenants of one file.
    #[must_use]
    pub fn load(&self, file: Source) -> Part {
        let mut problems = Vec::new();
        let mut sources = self.sources.clone();
        let documents = parse(vec![file], &mut sources, &mut problems);
        // What is wrong with an envelope, or with YAML itself, leaves a document out.
        let is_whole = !problems.iter().any(is_error);
        let sources = Arc::new(sources);
        let mut own = by_kind(documents, &mut problems);
        let tenants = own.remove(&Kind::Tenant).unwrap_or_default();
        let (mut all, faulty) = read_tenants(
            tenants.values(),
            &self.documents,
            (&sources, self.is_in_force),
            &mut problems,
        );
        // What is wrong with a platform is said where the library is read.
        let platforms = read_platforms(&own, &self.secrets, &sources, &mut Vec::new());
        add_subjects(&mut all, &platforms, &own, &sources);
        let subjects = all.iter().map(|one| one.name.clone());
        let subjects: Vec<String> = subjects.filter(|name| is_platform(name)).collect();
        let loaded = Loaded {
            platforms: self.platforms.clone(),
            tenants: all,
            faulty,
            approvals: Vec::new(),
            classes: names(&self.documents, Kind::TenantClass),
            problems: tidy(problems),
            sources,
            counts: Counts {
                tenants: tenants.len(),
                ..Counts::default()
            },
            secrets: self.secrets.clone(),
        };
        Part {
            is_whole,
            loaded,
            holds_more: !own.is_empty(),
            named: tenants.into_keys().chain(subjects).collect(),
        }
    }

    /// Whether a file may hold documents that belong here: those of tenants alone need not name any of these words.
    #[must_use]
    pub fn concerns(file: &Source) -> bool {
        let names = |word: &&str| memmem(&file.bytes, word.as_bytes());
        let common = [
            Kind::Platform,
            Kind::TenantClass,
            Kind::Approval,
            Kind::Secret,
        ];
        // A word may be written with escapes.
        common
            .iter()
            .map(|kind| kind.word())
            .any(|word| names(&word))
            || names(&"\\")
    }

    /// The files that were read.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The names of the platforms that are there, those with errors included.
    pub fn platform_names(&self) -> impl Iterator<Item = &str> {
        let platforms = self.documents.get(&Kind::Platform);
        platforms
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
    }

    /// What a class's document says, whatever is wrong with it.
    #[must_use]
    pub fn class_text(&self, name: &str) -> Option<&str> {
        let document = self.documents.get(&Kind::TenantClass)?.get(name)?;
        Some(self.sources.slice(document.span))
    }

    /// A class's document, unless something is wrong with it.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<Excerpt> {
        self.excerpt(Kind::TenantClass, name)
    }

    /// The names of the classes, those with errors included.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        let classes = self.documents.get(&Kind::TenantClass);
        classes.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// A platform's document.
    #[must_use]
    pub fn platform(&self, name: &str) -> Option<Excerpt> {
        self.excerpt(Kind::Platform, name)
    }

    /// The hosts that a platform lists, whatever else is wrong with it: of servers, and of pages. `None`: it declares no such list.
    #[must_use]
    pub fn listed(&self, platform: &str) -> [Option<Vec<String>>; 2] {
        let document = self.documents.get(&Kind::Platform);
        let document = document.and_then(|documents| documents.get(platform));
        LISTS.map(|list| document.and_then(|document| listed(document, list)))
    }

    /// The keys of a Secret among the documents.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretData> {
        self.secrets.0.get(name)
    }

    fn excerpt(&self, kind: Kind, name: &str) -> Option<Excerpt> {
        let document = self.documents.get(&kind)?.get(name)?;
        self.wrong(document)
            .is_none()
            .then(|| self.sources.excerpt(document.span))
    }

    /// What is wrong with a class's document, if something is.
    #[must_use]
    pub fn class_problem(&self, name: &str) -> Option<&Problem> {
        let document = self.documents.get(&Kind::TenantClass)?.get(name)?;
        self.wrong(document)
    }

    fn wrong(&self, document: &Document) -> Option<&Problem> {
        let mut errors = self.problems.iter().filter(|problem| is_error(problem));
        errors.find(|problem| document.span.contains(problem.span))
    }
}

fn memmem(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}
