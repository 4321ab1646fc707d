//! The envelope of a document: apiVersion, kind, metadata, and a spec that is looked at elsewhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::codes;
use super::problem::Problem;
use super::read::{Completeness, read, suggest, take_out_blanks};
use super::secrets::quoted;
use super::source::Span;
use super::texts;
use super::tree::{Node, Value};
use crate::plan::diagnostic::On;
use crate::plan::path::SpecPath;

/// The version of our kinds.
pub const API_VERSION: &str = "wxops.io/v1alpha1";

/// The namespace of documents that name none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A third-party platform account.
    Platform,
    /// What a group of tenants has in common.
    TenantClass,
    /// One customer.
    Tenant,
    /// Somebody's yes.
    Approval,
    /// A Kubernetes Secret beside the manifests.
    Secret,
}

/// Kinds of ours that this version refuses.
const LATER: [&str; 1] = ["ReleaseChannel"];

pub(super) const OURS: [(&str, Kind); 4] = [
    ("Platform", Kind::Platform),
    ("TenantClass", Kind::TenantClass),
    ("Tenant", Kind::Tenant),
    ("Approval", Kind::Approval),
];

impl Kind {
    /// The word in manifests.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Platform => "Platform",
            Self::TenantClass => "TenantClass",
            Self::Tenant => "Tenant",
            Self::Approval => "Approval",
            Self::Secret => "Secret",
        }
    }
}

/// A document whose envelope is right.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) namespace: String,
    pub(super) labels: BTreeMap<String, String>,
    /// The spec; of a Secret, the whole document.
    pub(super) spec: Node,
    /// The whole document.
    pub(super) span: Span,
}

/// What the document is called.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    /// What other documents call it; unique within its kind.
    #[schemars(regex(pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), length(max = 63))]
    #[schemars(extend("x-limit" = "a-z, 0-9 and `-`, at most 63 (DNS-1123)"))]
    name: String,
    /// Where it belongs in a cluster. Tenants refer to platforms of their own namespace, and to others that allow it.
    #[schemars(extend("default" = DEFAULT_NAMESPACE))]
    namespace: Option<String>,
    /// Words by which tenants are chosen: `-l city=hangzhou`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Notes of yours. Not read.
    #[serde(default, rename = "annotations")]
    _annotations: BTreeMap<String, String>,
}

/// Reads an envelope. None when there is nothing to go on with; why is among the problems.
pub(super) fn document(mut tree: Node, problems: &mut Vec<Problem>) -> Option<Document> {
    if !matches!(tree.value, Value::Map(_)) {
        problems.push(
            Problem::error(codes::NOT_A_MAP, tree.span, "a manifest is a map").help(format!(
                "it begins with `apiVersion: {API_VERSION}` and `kind: …`"
            )),
        );
        return None;
    }
    let kind = kind(&tree, problems)?;
    if kind != Kind::Secret {
        take_out_blanks(&mut tree, problems);
    }
    if let Some(labels) = tree.get("metadata").filter(|_| kind != Kind::Secret) {
        labels_of(labels, problems);
    }
    let span = tree.span;
    let (metadata, name_span) = metadata(&mut tree, problems)?;
    check_name(&metadata.name, name_span, problems);
    let spec = match kind {
        Kind::Secret => tree,
        Kind::Platform | Kind::TenantClass | Kind::Tenant | Kind::Approval => spec(tree, problems)?,
    };
    Some(Document {
        kind,
        name: metadata.name,
        name_span,
        namespace: metadata
            .namespace
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
        labels: metadata.labels,
        spec,
        span,
    })
}

/// What is wrong with the name is said of the name.
fn labels_of(metadata: &Node, problems: &mut Vec<Problem>) {
    if let Value::Map(entries) = &metadata.value {
        let others = entries.iter().filter(|entry| &*entry.key != "name");
        let others = others.cloned().collect();
        texts::check(&Node::new(Value::Map(others), metadata.span), problems);
    }
}

/// What the document is. None for what is not ours to read.
fn kind(tree: &Node, problems: &mut Vec<Problem>) -> Option<Kind> {
    let text = |key: &str| {
        let scalar = tree.get(key).and_then(Node::scalar);
        scalar
            .filter(|scalar| !scalar.is_null())
            .map(|scalar| &*scalar.text)
    };
    let place = |key: &str| {
        let value = tree.entry(key).map(|entry| &entry.value);
        value
            .filter(|node| node.scalar().is_some())
            .map_or(tree.span, |node| node.span)
    };
    let (version, word) = (text("apiVersion"), text("kind"));
    if let (Some("v1"), Some("Secret")) = (version, word) {
        return Some(Kind::Secret);
    }
    if is_foreign(version, word) {
        problems.push(
            Problem::warning(
                codes::FOREIGN,
                place("kind"),
                "this document is another program's",
            )
            .label("not read"),
        );
        return None;
    }
    let kind = OURS.iter().find(|(known, _)| Some(*known) == word);
    match (word, kind) {
        (Some(word), None) if LATER.contains(&word) => problems.push(
            Problem::error(
                codes::KIND_LATER,
                place("kind"),
                format!("`{word}` is not supported by this version yet"),
            )
            .help("remove the document, or leave it out with a folder of its own"),
        ),
        (Some(word), None) => {
            let words = || OURS.iter().map(|(known, _)| *known);
            let help = suggest(word, words()).map_or_else(
                || format!("the kinds are {}", words().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            problems.push(
                Problem::error(
                    codes::KIND,
                    place("kind"),
                    format!("`{word}` is no kind of wxops"),
                )
                .help(help),
            );
        }
        (None, _) => problems.push(
            Problem::error(codes::KIND, place("kind"), "`kind` is missing")
                .help("say what this is: `kind: Tenant`, TenantClass, Platform or Approval"),
        ),
        (Some(_), Some(_)) => {}
    }
    if version != Some(API_VERSION) {
        let message = match version {
            Some(other) => format!("`{other}` is not the version of this kind"),
            None => "`apiVersion` is missing".to_owned(),
        };
        problems.push(
            Problem::error(codes::API_VERSION, place("apiVersion"), message)
                .help(format!("write `apiVersion: {API_VERSION}`")),
        );
    }
    kind.map(|(_, kind)| *kind)
}

/// Folders often hold documents of others beside ours. What is near to ours is a slip, not another program's.
fn is_foreign(version: Option<&str>, kind: Option<&str>) -> bool {
    let (Some(version), Some(kind)) = (version, kind) else {
        return false;
    };
    let group = version.split('/').next().unwrap_or_default();
    let kinds = OURS.iter().map(|(known, _)| *known).chain(LATER);
    suggest(group, std::iter::once("wxops.io")).is_none() && suggest(kind, kinds).is_none()
}

fn metadata(tree: &mut Node, problems: &mut Vec<Problem>) -> Option<(Metadata, Span)> {
    let whole = tree.span;
    let key = tree.entry("metadata").map(|entry| entry.key_span);
    let damaged = tree.damaged;
    let Value::Map(entries) = &mut tree.value else {
        return None;
    };
    let Some(entry) = entries.iter_mut().find(|entry| &*entry.key == "metadata") else {
        if !damaged {
            problems.push(
                Problem::error(codes::MISSING, whole, "`metadata` is missing")
                    .help("write `metadata: {name: …}`"),
            );
        }
        return None;
    };
    let metadata: Option<Metadata> = read(&mut entry.value, Completeness::Whole, problems);
    let name = entry
        .value
        .locate(&SpecPath::root().field("name"))
        .span(On::Value);
    metadata.map(|metadata| {
        (
            metadata,
            if name == entry.value.span {
                key.unwrap_or(name)
            } else {
                name
            },
        )
    })
}

/// The spec, with everything else that belongs on the first level looked at.
fn spec(tree: Node, problems: &mut Vec<Problem>) -> Option<Node> {
    let (whole, damaged) = (tree.span, tree.damaged);
    let Value::Map(entries) = tree.value else {
        return None;
    };
    let known = ["apiVersion", "kind", "metadata", "spec"];
    let mut spec = None;
    for entry in entries {
        match &*entry.key {
            "spec" => spec = Some(entry),
            "apiVersion" | "kind" | "metadata" => {}
            other => {
                let help = suggest(other, known.into_iter()).map_or_else(
                    || "what is declared belongs below `spec`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                problems.push(
                    Problem::error(
                        codes::UNKNOWN_FIELD,
                        entry.key_span,
                        format!("unknown field {}", quoted(other)),
                    )
                    .help(help),
                );
            }
        }
    }
    match spec {
        Some(entry) if matches!(entry.value.value, Value::Map(_)) => Some(entry.value),
        Some(entry) => {
            problems.push(Problem::error(
                codes::TYPE,
                entry.key_span,
                "a map is wanted here",
            ));
            None
        }
        None => {
            if !damaged {
                problems.push(
                    Problem::error(codes::MISSING, whole, "`spec` is missing")
                        .help("write `spec: {}` to declare nothing yet"),
                );
            }
            None
        }
    }
}

/// Whether a text can name a document.
///
/// Names are Kubernetes names (DNS-1123 labels), so that files and custom resources are the same documents.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn check_name(name: &str, span: Span, problems: &mut Vec<Problem>) {
    if !is_name(name) {
        problems.push(
            Problem::error(codes::NAME, span, "this name cannot be used").help(
                "at most 63 of a-z, 0-9 and -, with a letter or digit at both ends (DNS-1123)",
            ),
        );
    }
}
