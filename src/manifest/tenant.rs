//! One tenant: its class below, itself above, placeholders filled in, read, checked, its references followed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::codes;
use super::document::Document;
use super::fill::fill;
use super::load::{allowed_namespaces, resolve};
use super::loaded::{LoadedTenant, Places};
use super::merge::merge;
use super::platforms::check_hosts;
use super::principals::{self, Served};
use super::problem::Problem;
use super::read::{Completeness, read, suggest};
use super::source::{Sources, Span};
use super::texts;
use super::tree::{Entry, Node, Value};
use super::via::{self, Ways};
use crate::plan::diagnostic::{Diagnostics, On};
use crate::plan::path::SpecPath;
use crate::resource::at::accounts;
use crate::resource::{Files, TenantSpec, check_all};
use crate::wechat::Appid;

/// What a tenant may refer to.
pub(super) struct Surroundings<'a> {
    pub(super) sources: &'a Arc<Sources>,
    pub(super) classes: &'a BTreeMap<String, Document>,
    pub(super) platforms: &'a BTreeMap<String, Document>,
    /// Whether it was let in before, whatever the platform lists by now.
    pub(super) is_in_force: bool,
}

/// What earlier tenants said that no other may contradict.
#[derive(Default)]
pub(super) struct Said {
    /// Whose an account is.
    claimed: HashMap<Appid, Span>,
    ways: Ways,
    /// The principals that each host serves which is set directly.
    served: Served,
    /// How many bytes all tenants hold, each merged and filled in.
    bytes: usize,
}

/// All tenants together, merged and filled in, hold no more than this: a class is repeated for each of its tenants, so
/// a few files can make gigabytes. Ten thousand tenants hold 30 MiB.
const MOST_BYTES: usize = 256 * 1024 * 1024;

impl Said {
    /// Whether a tenant's merged document can still be held. That it cannot is said once.
    fn room_for(&mut self, document: &Document, tree: &Node, problems: &mut Vec<Problem>) -> bool {
        let had_room = self.bytes <= MOST_BYTES;
        self.bytes = self.bytes.saturating_add(bytes(tree));
        if had_room && self.bytes > MOST_BYTES {
            let limit = MOST_BYTES / (1024 * 1024);
            problems.push(
                Problem::error(
                    codes::GROWS,
                    document.name_span,
                    format!("the tenants up to this one hold more than {limit} MiB"),
                )
                .label("neither this one nor those after it are read")
                .help("a class is repeated for each of its tenants: look for a long text in it, or for one in its values"),
            );
        }
        self.bytes <= MOST_BYTES
    }
}

fn bytes(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::Seq(items) => items.iter().map(bytes).sum(),
        Value::Map(entries) => entries.iter().map(|entry| bytes(&entry.value)).sum(),
    }
}

/// Reads one tenant. What is wrong is added to `problems`; the tenant counts only if nothing is.
pub(super) fn tenant(
    document: &Document,
    surroundings: &Surroundings<'_>,
    said: &mut Said,
    problems: &mut Vec<Problem>,
) -> Option<LoadedTenant> {
    let (class, completeness) = class_of(document, surroundings, problems);
    let mut tree = match class {
        Some(class) => merge(&without_class_ref(&class.spec), document.spec.clone()),
        None => document.spec.clone(),
    };
    if completeness == Completeness::Whole {
        let values = values(&tree);
        fill(&mut tree, &values, surroundings.sources, problems);
        report_unused(document, class, problems);
    }
    if !said.room_for(document, &tree, problems) {
        attribute(document, problems);
        return None;
    }
    texts::check(&tree, problems);
    // Before what is wrong is taken out: a damaged reference is no missing one.
    let nameless = tree.get("platformRef").is_none() && !tree.damaged;
    via::check(&tree, &mut said.ways, problems);
    let spec: Option<TenantSpec> = read(&mut tree, completeness, problems);
    if class.is_some() {
        help_with_the_merge(problems);
    }
    if let (Some(spec), Completeness::Whole) = (&spec, completeness) {
        let mut found = Diagnostics::default();
        check_all(spec, &mut found);
        resolve(found, &tree, problems);
        claim(document, spec, &tree, &mut said.claimed, problems);
        principals::check(spec, &tree, &mut said.served, problems);
        if !surroundings.is_in_force {
            check_hosts(spec, &tree, surroundings.platforms, problems);
        }
        no_platform(spec, &tree, surroundings.platforms, problems);
    }
    let platform = platform_of(
        document,
        &tree,
        nameless && completeness == Completeness::Whole,
        surroundings,
        problems,
    );
    attribute(document, problems);
    Some(LoadedTenant {
        name: document.name.clone(),
        namespace: document.namespace.clone(),
        labels: document.labels.clone(),
        platform: platform?,
        spec: spec?,
        files: Files::new(),
        places: Places {
            sources: Arc::clone(surroundings.sources),
            tree: Arc::new(tree),
            name: document.name_span,
            document: document.span,
            class: class.map(|class| class.name.as_str().into()),
        },
    })
}

/// The tenant's class. Where it is missing, the tenant alone can only be looked at in part.
fn class_of<'a>(
    document: &Document,
    surroundings: &Surroundings<'a>,
    problems: &mut Vec<Problem>,
) -> (Option<&'a Document>, Completeness) {
    let Some(node) = document
        .spec
        .get("classRef")
        .and_then(|node| node.get("name"))
    else {
        return (None, Completeness::Whole);
    };
    let Some(name) = node.scalar().map(|scalar| &*scalar.text) else {
        return (None, Completeness::Part);
    };
    if let Some(class) = surroundings.classes.get(name) {
        return (Some(class), Completeness::Whole);
    }
    problems.push(missing(
        codes::NO_CLASS,
        "TenantClass",
        name,
        node.span,
        surroundings.classes,
    ));
    (None, Completeness::Part)
}

fn platform_of(
    document: &Document,
    tree: &Node,
    nameless: bool,
    surroundings: &Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let Some(node) = tree.get("platformRef").and_then(|node| node.get("name")) else {
        if nameless {
            problems.push(
                Problem::error(
                    codes::INCOMPLETE,
                    document.name_span,
                    format!("tenant `{}` has no platform", document.name),
                )
                .help("give `platformRef: {name: …}` in the tenant or its class"),
            );
        }
        return None;
    };
    let name = &*node.scalar()?.text;
    if name.contains("$(values.") {
        // Refused already.
        return None;
    }
    let Some(platform) = surroundings.platforms.get(name) else {
        problems.push(missing(
            codes::NO_PLATFORM,
            "Platform",
            name,
            node.span,
            surroundings.platforms,
        ));
        return None;
    };
    let same = platform.namespace == document.namespace;
    if !same && !allowed_namespaces(platform).contains(&document.namespace.as_str()) {
        problems.push(
            Problem::error(
                codes::NAMESPACE,
                node.span,
                format!(
                    "platform `{name}` allows no tenants of namespace `{}`",
                    document.namespace
                ),
            )
            .related(
                platform.name_span,
                format!("it is in namespace `{}`", platform.namespace),
            )
            .help("list the namespace in the platform's `allowedNamespaces`"),
        );
    }
    Some(name.to_owned())
}

pub(super) fn missing(
    code: &'static str,
    kind: &str,
    name: &str,
    span: Span,
    known: &BTreeMap<String, Document>,
) -> Problem {
    let problem = Problem::error(code, span, format!("there is no {kind} `{name}`"));
    match suggest(name, known.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            problem.help(format!("there is no {kind} at all among these documents"))
        }
        None => {
            let names: Vec<&str> = known.keys().take(10).map(String::as_str).collect();
            problem.help(format!("known: {}", names.join(", ")))
        }
    }
}

/// A class's own classRef is reported with the class; its tenants are read as if it were not there.
fn without_class_ref(spec: &Node) -> Node {
    let mut spec = spec.clone();
    if let Value::Map(entries) = &mut spec.value {
        entries.retain(|entry| &*entry.key != "classRef");
    }
    spec
}

fn value_entries(tree: &Node) -> &[Entry] {
    match tree.get("values").map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        Some(Value::Scalar(_) | Value::Seq(_)) | None => &[],
    }
}

fn values(tree: &Node) -> BTreeMap<String, String> {
    value_entries(tree)
        .iter()
        .filter_map(|entry| {
            let text = entry.value.scalar()?.text.as_ref().to_owned();
            Some((entry.key.as_ref().to_owned(), text))
        })
        .collect()
}

/// A value that nothing uses is most often a slip in its name. Only the tenant's own: a class may offer more. What the
/// class would use counts, also where the tenant has replaced that part. Where a placeholder is damaged, nobody knows
/// which it was.
fn report_unused(document: &Document, class: Option<&Document>, problems: &mut Vec<Problem>) {
    if problems
        .iter()
        .any(|problem| problem.code == codes::PLACEHOLDER)
    {
        return;
    }
    for entry in value_entries(&document.spec) {
        let placeholder = format!("$(values.{})", entry.key);
        let used = |document: &Document| mentions(&document.spec, &placeholder);
        if !used(document) && !class.is_some_and(used) {
            let mut wanted = BTreeSet::new();
            for document in std::iter::once(document).chain(class) {
                placeholders(&document.spec, &mut wanted);
            }
            let near = suggest(&entry.key, wanted.iter().copied());
            problems.push(
                Problem::warning(
                    codes::UNUSED_VALUE,
                    entry.key_span,
                    format!("no placeholder uses `{}`", entry.key),
                )
                .help(near.map_or_else(
                    || format!("write `{placeholder}` where it belongs, or remove it"),
                    |near| format!("did you mean `{near}`?"),
                )),
            );
        }
    }
}

/// The names that the placeholders of a spec ask for.
fn placeholders<'a>(node: &'a Node, found: &mut BTreeSet<&'a str>) {
    match &node.value {
        Value::Scalar(scalar) => {
            let after = scalar.text.split("$(values.").skip(1);
            found.extend(after.filter_map(|rest| Some(rest.split_once(')')?.0)));
        }
        Value::Seq(items) => items.iter().for_each(|item| placeholders(item, found)),
        Value::Map(entries) => entries
            .iter()
            .for_each(|entry| placeholders(&entry.value, found)),
    }
}

fn mentions(node: &Node, text: &str) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains(text),
        Value::Seq(items) => items.iter().any(|item| mentions(item, text)),
        Value::Map(entries) => entries.iter().any(|entry| mentions(&entry.value, text)),
    }
}

/// One account, one tenant.
fn claim(
    document: &Document,
    spec: &TenantSpec,
    tree: &Node,
    claimed: &mut HashMap<Appid, Span>,
    problems: &mut Vec<Problem>,
) {
    let mut own: HashMap<Appid, Span> = HashMap::new();
    for (path, appid) in declared(spec) {
        let span = tree.locate(&path).span(On::Value);
        match claimed.get(appid) {
            Some(first) => problems.push(
                Problem::error(
                    codes::TENANT_APPID_TWICE,
                    span,
                    format!("two tenants claim {appid}"),
                )
                .label(format!("tenant `{}` claims it again", document.name))
                .related(*first, "first claimed here")
                .help("an account belongs to one tenant: remove it from one of them"),
            ),
            // Twice in one tenant is said with the tenant.
            None => {
                own.insert(appid.clone(), span);
            }
        }
    }
    claimed.extend(own);
}

/// The appids that a tenant names, and where.
fn declared(spec: &TenantSpec) -> impl Iterator<Item = (SpecPath, &Appid)> {
    accounts(spec).into_iter().filter_map(|at| {
        let appid = at.declared(spec)?;
        Some((at.root().field("appId"), appid))
    })
}

/// A platform is no account that could authorize one: WeChat answers nothing of use about it.
fn no_platform(
    spec: &TenantSpec,
    tree: &Node,
    platforms: &BTreeMap<String, Document>,
    problems: &mut Vec<Problem>,
) {
    for (path, appid) in declared(spec) {
        let own = |document: &&Document| {
            let node = document.spec.get("appId").and_then(Node::scalar);
            node.is_some_and(|scalar| &*scalar.text == appid.as_str())
        };
        if let Some(platform) = platforms.values().find(own) {
            problems.push(is_platform(appid, &path, tree, platform));
        }
    }
}

fn is_platform(appid: &Appid, path: &SpecPath, tree: &Node, platform: &Document) -> Problem {
    let given = platform
        .spec
        .get("appId")
        .map_or(platform.name_span, |node| node.span);
    Problem::error(
        codes::PLATFORM_AS_ACCOUNT,
        tree.locate(path).span(On::Value),
        format!("{appid} is the platform `{}` itself", platform.name),
    )
    .label("the appid of the customer's account is wanted here")
    .related(given, "the platform's own appid")
    .help("give the account's appid (mp.weixin.qq.com → 基本配置), or leave it out until its owner has authorized")
}

/// What is missing after the merge may be given in either document.
fn help_with_the_merge(problems: &mut [Problem]) {
    for problem in problems {
        if problem.code == codes::MISSING && problem.help.is_none() {
            problem.help = Some("give it in the tenant or in its class".to_owned());
        }
    }
}

/// A mistake that does not stand in the tenant's own document stands in its class: it names the tenant.
fn attribute(document: &Document, problems: &mut [Problem]) {
    for problem in problems {
        if !document.span.contains(problem.span) {
            problem
                .tenants
                .push((document.name.clone(), document.name_span));
        }
    }
}
