//! Files that manifests refer to. Loading names them, whoever loads reads them, and what they turn out to be is checked
//! here, at the place that names them. This room reads none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::codes;
use super::loaded::{Loaded, LoadedTenant};
use super::problem::{Problem, tidy};
use crate::plan::path::SpecPath;
use crate::resource::file::{FileFacts, FileRef, Files, Image, Origin, Wanted};
use crate::resource::spec;
use crate::wechat::FileDigest;

/// A file that a manifest names by its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedFile {
    /// The manifest, as the reader typed its path: the tenant's or its class's.
    pub manifest: PathBuf,
    /// The path as it is written there, from the manifest's folder.
    pub path: String,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it really lies.
    pub at: PathBuf,
    /// The digest of its bytes.
    pub sha256: FileDigest,
    /// What it is.
    pub image: Image,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFile {
    /// It lies outside the manifests: `..`, an absolute path, or a link that leads there.
    Outside,
    /// It lies among a platform's secrets.
    Secret,
    /// There is none, or it is no plain file.
    Missing,
    /// It cannot be read.
    Unreadable(String),
}

/// What became of reading the files that manifests name.
pub type FoundFiles = BTreeMap<NamedFile, Result<FoundFile, NoFile>>;

impl Loaded {
    /// The files that tenants name by their paths.
    #[must_use]
    pub fn named_files(&self) -> BTreeSet<NamedFile> {
        let all = self.tenants.iter().chain(&self.faulty).flat_map(|tenant| {
            let files = spec::files(&tenant.spec).into_iter();
            files.filter_map(|(path, file, _)| tenant.named(&path, &file))
        });
        all.collect()
    }

    /// The same with what the files turned out to be. A tenant with one that will not do has an error.
    #[must_use]
    pub fn with_files(mut self, found: &FoundFiles) -> Self {
        let mut problems = std::mem::take(&mut self.problems);
        self.tenants.retain_mut(|tenant| {
            let (files, mut wrong) = look_at(tenant, found);
            tenant.files = files;
            let fine = wrong.is_empty();
            problems.append(&mut wrong);
            fine
        });
        for tenant in &self.faulty {
            problems.append(&mut look_at(tenant, found).1);
        }
        self.problems = tidy(problems);
        self
    }
}

impl LoadedTenant {
    fn named(&self, path: &SpecPath, file: &FileRef) -> Option<NamedFile> {
        Some(NamedFile {
            manifest: PathBuf::from(self.places.file_of(&path.field("file"))),
            path: file.file.clone()?,
        })
    }
}

fn look_at(tenant: &LoadedTenant, found: &FoundFiles) -> (Files, Vec<Problem>) {
    let mut files = Files::new();
    let mut problems = Vec::new();
    for (path, file, wanted) in spec::files(&tenant.spec) {
        let facts = match tenant.named(&path, &file) {
            None => file.facts().ok_or(None),
            Some(named) => match found.get(&named) {
                Some(Ok(file)) => facts(file, &wanted).map_err(Some),
                Some(Err(why)) => Err(Some(refused(&named.path, why))),
                None => Err(Some(refused(&named.path, &NoFile::Missing))),
            },
        };
        match facts {
            Ok(facts) => {
                files.insert(path, facts);
            }
            // It is said already what is wrong with the address.
            Err(None) => {}
            Err(Some(said)) => problems.push(problem(tenant, &path.field("file"), said)),
        }
    }
    (files, problems)
}

/// What is wrong, and what to do.
struct Said {
    code: &'static str,
    message: String,
    help: String,
}

fn facts(file: &FoundFile, wanted: &Wanted) -> Result<FileFacts, Said> {
    match wanted.look_at(&file.image) {
        Ok(_) => Ok(FileFacts {
            sha256: file.sha256.clone(),
            from: Origin::Disk(file.at.clone()),
            image: Some(file.image),
        }),
        Err(flaw) => Err(Said {
            code: if flaw.is_size {
                codes::FILE_SIZE
            } else {
                codes::FILE_KIND
            },
            message: flaw.message,
            help: flaw.help,
        }),
    }
}

fn refused(path: &str, why: &NoFile) -> Said {
    let (code, message, help) = match why {
        NoFile::Outside => (
            codes::FILE_OUTSIDE,
            format!("`{path}` lies outside the manifests"),
            "what is sent to WeChat lies among them, also where a link leads to it: copy it there",
        ),
        NoFile::Secret => (
            codes::FILE_OUTSIDE,
            format!("`{path}` lies among a platform's secrets"),
            "nothing of that folder is ever sent: move the file",
        ),
        NoFile::Missing => (
            codes::FILE_MISSING,
            format!("there is no file `{path}`"),
            "the path begins in the folder of the manifest that names it",
        ),
        NoFile::Unreadable(why) => (
            codes::FILE_MISSING,
            format!("`{path}` cannot be read: {why}"),
            "let wxops read it",
        ),
    };
    Said {
        code,
        message,
        help: help.to_owned(),
    }
}

fn problem(tenant: &LoadedTenant, path: &SpecPath, said: Said) -> Problem {
    let Said {
        code,
        message,
        help,
    } = said;
    let places = &tenant.places;
    let mut problem = Problem::error(code, places.span(path), message).help(help);
    if !places.document.contains(problem.span) {
        problem.tenants.push((tenant.name.clone(), places.name));
    }
    problem
}
