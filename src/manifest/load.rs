//! From files to desired values: read every document, merge, fill in, type, check, and collect every mistake.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::approval::{ApprovalSpec, Approves, LoadedApproval, approves};
use super::codes;
use super::document::{Document, Kind, document};
use super::loaded::{Counts, Loaded, LoadedPlatform, LoadedTenant};
use super::platform::{self, Credentials, PlatformSpec};
use super::platforms::{platform_among, subjects};
use super::problem::{Problem, tidy};
use super::read::{Completeness, read};
use super::secrets::{self, PLATFORM_KEYS, Secrets};
use super::source::{FileId, MAX_FILE_BYTES, Source, Sources, Span};
use super::tenant::{Said, Surroundings, missing, tenant};
use super::texts;
use super::tree::{Node, Value};
use super::yaml;
use crate::plan::diagnostic::{Diagnostics, On};
use crate::plan::path::SpecPath;
use crate::resource::TenantSpec;
use crate::wechat::Appid;

/// Loads manifests. What is wrong with them is in [`Loaded::problems`]; whatever could be read is there beside it.
#[must_use]
pub fn load(files: Vec<Source>) -> Loaded {
    let mut problems = Vec::new();
    let mut sources = Sources::default();
    let documents = parse(files, &mut sources, &mut problems);
    let sources = Arc::new(sources);
    let documents = by_kind(documents, &mut problems);
    let secrets = read_secrets(&documents, &mut problems);
    let platforms = read_platforms(&documents, &secrets, &sources, &mut problems);
    check_classes(&documents, &mut problems);
    report_unused(&documents, &mut problems);
    let (mut tenants, faulty) = read_tenants(
        of(&documents, Kind::Tenant),
        &documents,
        (&sources, false),
        &mut problems,
    );
    add_subjects(&mut tenants, &platforms, &documents, &sources);
    let approvals = read_approvals(&documents, true, &mut problems);
    let of = |kind: Kind| documents.get(&kind).map_or(0, BTreeMap::len);
    Loaded {
        platforms,
        tenants,
        faulty,
        approvals,
        classes: names(&documents, Kind::TenantClass),
        problems: tidy(problems),
        sources,
        counts: Counts {
            tenants: of(Kind::Tenant),
            platforms: of(Kind::Platform),
            classes: of(Kind::TenantClass),
            approvals: of(Kind::Approval),
        },
        secrets,
    }
}

/// Documents by kind and name.
pub(super) type Documents = BTreeMap<Kind, BTreeMap<String, Document>>;

/// Every document whose envelope is right.
pub(super) fn parse(
    files: Vec<Source>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<Document> {
    let mut documents = Vec::new();
    for file in files {
        let Some(id) = open(file, sources, problems) else {
            continue;
        };
        for tree in yaml::documents(id, sources.text(id), problems) {
            documents.extend(document(tree, problems));
        }
    }
    documents
}

/// Takes a file's text, or says why it cannot be read.
fn open(file: Source, sources: &mut Sources, problems: &mut Vec<Problem>) -> Option<FileId> {
    if file.bytes.len() > MAX_FILE_BYTES {
        let id = sources.push(&file.path, String::new());
        let limit = MAX_FILE_BYTES / (1024 * 1024);
        problems.push(
            Problem::error(
                codes::TOO_LARGE,
                Span::new(id, 0, 0),
                format!("this file is larger than {limit} MiB"),
            )
            .help("split it"),
        );
        return None;
    }
    let error = match String::from_utf8(file.bytes) {
        Ok(text) => return Some(sources.push(&file.path, text)),
        Err(error) => error,
    };
    // The readable part is kept for the place alone; nothing in it is taken as a manifest.
    let good = error.utf8_error().valid_up_to();
    let readable = error.as_bytes().get(..good).unwrap_or_default();
    let id = sources.push(&file.path, String::from_utf8_lossy(readable).into_owned());
    problems.push(
        Problem::error(
            codes::NOT_UTF8,
            Span::new(id, good, good),
            "this file is not UTF-8",
        )
        .label("the next byte cannot be read")
        .help("save it as UTF-8 (it may be GBK or UTF-16)"),
    );
    None
}

/// Sorts documents by kind. Of two with one name the first counts.
pub(super) fn by_kind(documents: Vec<Document>, problems: &mut Vec<Problem>) -> Documents {
    let mut sorted = Documents::new();
    for document in documents {
        let same_kind = sorted.entry(document.kind).or_default();
        if let Some(first) = same_kind.get(&document.name) {
            let word = document.kind.word();
            problems.push(
                Problem::error(
                    codes::NAME_TWICE,
                    document.name_span,
                    format!("two documents are {word} `{}`", document.name),
                )
                .label("the name is given again here")
                .related(first.name_span, "first given here")
                .help("rename one of them, or remove it: whatever is kept about a document is kept under its name"),
            );
        } else {
            same_kind.insert(document.name.clone(), document);
        }
    }
    sorted
}

/// Adds the platforms that are looked after like tenants, in the order of names.
pub(super) fn add_subjects(
    tenants: &mut Vec<LoadedTenant>,
    platforms: &BTreeMap<String, LoadedPlatform>,
    documents: &Documents,
    sources: &Arc<Sources>,
) {
    if let Some(documents) = documents.get(&Kind::Platform) {
        tenants.extend(subjects(platforms, documents, sources));
        tenants.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

fn of(documents: &Documents, kind: Kind) -> impl Iterator<Item = &Document> {
    documents.get(&kind).into_iter().flat_map(BTreeMap::values)
}

pub(super) fn names(documents: &Documents, kind: Kind) -> Vec<String> {
    of(documents, kind)
        .map(|document| document.name.clone())
        .collect()
}

pub(super) fn read_secrets(documents: &Documents, problems: &mut Vec<Problem>) -> Secrets {
    let found = of(documents, Kind::Secret)
        .map(|document| {
            let data = secrets::secret(&document.spec, problems);
            (document.name.clone(), data)
        })
        .collect();
    Secrets(found)
}

pub(super) fn read_platforms(
    documents: &Documents,
    secrets: &Secrets,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, LoadedPlatform> {
    let mut platforms = BTreeMap::new();
    let mut claimed = HashMap::new();
    for document in of(documents, Kind::Platform) {
        let mut tree = document.spec.clone();
        let before = problems.len();
        texts::check(&tree, problems);
        let Some(spec) = read::<PlatformSpec>(&mut tree, Completeness::Whole, problems) else {
            continue;
        };
        let mut found = Diagnostics::default();
        platform::check(&spec, &mut found);
        resolve(found, &tree, problems);
        check_secret(&spec, &tree, secrets, problems);
        let span = tree
            .locate(&SpecPath::root().field("appId"))
            .span(On::Value);
        claim(&spec.app_id, span, &mut claimed, problems);
        let errors = problems.iter().skip(before);
        if !errors.into_iter().any(is_error) {
            platforms.insert(
                document.name.clone(),
                LoadedPlatform {
                    name: document.name.clone(),
                    namespace: document.namespace.clone(),
                    spec,
                    file: sources.path(document.span.file).to_owned(),
                },
            );
        }
    }
    platforms
}

fn claim(
    appid: &Appid,
    span: Span,
    claimed: &mut HashMap<Appid, Span>,
    problems: &mut Vec<Problem>,
) {
    match claimed.get(appid) {
        Some(first) => problems.push(
            Problem::error(
                codes::PLATFORM_APPID_TWICE,
                span,
                format!("two platforms are {appid}"),
            )
            .related(*first, "first given here")
            .help("everything is kept by appid: one platform is one document"),
        ),
        None => {
            claimed.insert(appid.clone(), span);
        }
    }
}

fn check_secret(spec: &PlatformSpec, tree: &Node, secrets: &Secrets, problems: &mut Vec<Problem>) {
    let Credentials::SecretRef(wanted) = &spec.credentials else {
        return;
    };
    let path = SpecPath::root()
        .field("credentials")
        .field("secretRef")
        .field("name");
    let span = tree.locate(&path).span(On::Value);
    let Some(data) = secrets.0.get(&wanted.name) else {
        problems.push(
            Problem::warning(
                codes::SECRET_ELSEWHERE,
                span,
                format!("Secret `{}` is not among these documents", wanted.name),
            )
            .help("in a cluster it is read there; for the command line put it beside the manifests, or use env or path"),
        );
        return;
    };
    let missing: Vec<&str> = PLATFORM_KEYS
        .into_iter()
        .filter(|key| !data.contains_key(*key))
        .collect();
    if !missing.is_empty() {
        problems.push(
            Problem::error(
                codes::SECRET_KEY,
                span,
                format!("Secret `{}` lacks {}", wanted.name, missing.join(", ")),
            )
            .help(format!(
                "a platform's Secret holds {}",
                PLATFORM_KEYS.join(", ")
            )),
        );
    }
}

/// What a class says is checked once by itself, so that a mistake in it is found before any tenant uses it.
pub(super) fn check_classes(documents: &Documents, problems: &mut Vec<Problem>) {
    for class in of(documents, Kind::TenantClass) {
        if let Some(entry) = class.spec.entry("classRef") {
            problems.push(
                Problem::error(
                    codes::CLASS_OF_CLASS,
                    entry.key_span,
                    "a class has no class",
                )
                .help("merge the two, or let the tenants name another one"),
            );
        }
        texts::check(&class.spec, problems);
        read::<TenantSpec>(&mut class.spec.clone(), Completeness::Part, problems);
    }
}

fn report_unused(documents: &Documents, problems: &mut Vec<Problem>) {
    let used: BTreeSet<&str> = of(documents, Kind::Tenant)
        .filter_map(|tenant| tenant.spec.text_at(&["classRef", "name"]))
        .map(|name| &**name)
        .collect();
    for class in of(documents, Kind::TenantClass) {
        if !used.contains(class.name.as_str()) {
            problems.push(
                Problem::warning(
                    codes::UNUSED_CLASS,
                    class.name_span,
                    format!("no tenant uses class `{}`", class.name),
                )
                .help(format!(
                    "name it in a tenant, `classRef: {{name: {}}}`, or remove it",
                    class.name
                )),
            );
        }
    }
}

/// The tenants without errors, and those that have some.
pub(super) fn read_tenants<'a>(
    all: impl Iterator<Item = &'a Document>,
    documents: &Documents,
    (sources, is_in_force): (&Arc<Sources>, bool),
    problems: &mut Vec<Problem>,
) -> (Vec<LoadedTenant>, Vec<LoadedTenant>) {
    let none = BTreeMap::new();
    let surroundings = Surroundings {
        sources,
        classes: documents.get(&Kind::TenantClass).unwrap_or(&none),
        platforms: documents.get(&Kind::Platform).unwrap_or(&none),
        is_in_force,
    };
    let mut said = Said::default();
    let (mut tenants, mut faulty) = (Vec::new(), Vec::new());
    for document in all {
        let mut found = Vec::new();
        let read = tenant(document, &surroundings, &mut said, &mut found);
        if found.iter().any(is_error) {
            faulty.extend(read);
        } else {
            tenants.extend(read);
        }
        problems.append(&mut found);
    }
    (tenants, faulty)
}

/// `whole`: all tenants are among the documents, so that a yes to one that is not there is a mistake.
pub(super) fn read_approvals(
    documents: &Documents,
    whole: bool,
    problems: &mut Vec<Problem>,
) -> Vec<LoadedApproval> {
    let mut approvals = Vec::new();
    for document in of(documents, Kind::Approval) {
        let mut tree = document.spec.clone();
        texts::check(&tree, problems);
        let Some(spec) = read::<ApprovalSpec>(&mut tree, Completeness::Whole, problems) else {
            continue;
        };
        let mut found = Diagnostics::default();
        let read = approves(&document.name, &spec, &mut found);
        resolve(found, &tree, problems);
        let Some((approves, expires)) = read else {
            continue;
        };
        let (kind, field, name) = match &approves {
            Approves::Steps { tenant, .. } => match platform_among(tenant) {
                Some(platform) => (Kind::Platform, "tenantRef", platform),
                None => (Kind::Tenant, "tenantRef", tenant.as_str()),
            },
            Approves::Revision { platform, .. } => {
                (Kind::Platform, "platformRef", platform.as_str())
            }
        };
        let at = |path: SpecPath| tree.locate(&path).span(On::Value);
        let known = documents.get(&kind);
        if (whole || kind == Kind::Platform) && !known.is_some_and(|known| known.contains_key(name))
        {
            let span = at(SpecPath::root().field(field).field("name"));
            let none = BTreeMap::new();
            problems.push(missing(
                codes::APPROVAL_OF_NOTHING,
                kind.word(),
                name,
                span,
                known.unwrap_or(&none),
            ));
            continue;
        }
        approvals.push(LoadedApproval {
            name: document.name.clone(),
            approves,
            expires: expires.map(|expires| (expires, at(SpecPath::root().field("expires")))),
        });
    }
    approvals
}

pub(super) fn is_error(problem: &Problem) -> bool {
    problem.severity == crate::plan::diagnostic::Severity::Error
}

/// Looks the places of diagnostics up. What is said of something damaged may only follow from the damage.
pub(super) fn resolve(found: Diagnostics, tree: &Node, problems: &mut Vec<Problem>) {
    for diagnostic in found.into_vec() {
        let located = tree.locate(&diagnostic.path);
        if located.node.damaged {
            continue;
        }
        let related = diagnostic
            .related
            .into_iter()
            .map(|(path, text)| (tree.locate(&path).span(On::Value), text))
            .collect();
        problems.push(Problem {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: diagnostic.message,
            label: diagnostic.label,
            span: located.span(diagnostic.on),
            help: diagnostic.help,
            related,
            tenants: Vec::new(),
        });
    }
}

/// The allowed namespaces of a platform as written, whether or not the rest of it can be read.
pub(super) fn allowed_namespaces(platform: &Document) -> Vec<&str> {
    match platform
        .spec
        .get("allowedNamespaces")
        .map(|node| &node.value)
    {
        Some(Value::Seq(items)) => items
            .iter()
            .filter_map(|item| item.scalar())
            .map(|scalar| &*scalar.text)
            .collect(),
        Some(Value::Scalar(_) | Value::Map(_)) | None => Vec::new(),
    }
}
