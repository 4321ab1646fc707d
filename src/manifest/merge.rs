//! A tenant over its class: maps deep; lists of named things by `name`; every other list, and every choice, whole.
//!
//! Trees go in and a tree comes out, so the place of every value survives: what came from the class still points
//! into the class.

use std::sync::Arc;

use super::tree::{Entry, Node, Value};

/// Lists whose items are merged by `name`. Paths name fields; list items have no step of their own.
const KEYED: [&[&str]; 5] = [
    &["miniPrograms"],
    &["officialAccount", "templates", "items"],
    &["officialAccount", "subscribeMessages"],
    &["miniPrograms", "subscribeMessages"],
    &["miniPrograms", "locationApis"],
];

/// Objects with exactly one key set: a tenant's choice replaces the class's.
const CHOICES: [&[&str]; 8] = [
    &["openAccount"],
    &["principal", "license"],
    &["miniPrograms", "registration"],
    &["miniPrograms", "avatar"],
    &["miniPrograms", "nickname", "license"],
    &["miniPrograms", "code", "template"],
    &["officialAccount", "avatar"],
    &["miniPrograms", "privacy", "extFile"],
];

/// Whether a list's items are merged by name. Steps are field names.
pub(super) fn is_keyed<S: AsRef<str>>(at: &[S]) -> bool {
    listed(&KEYED, at)
}

/// Whether a map is a choice, of which a tenant's replaces the class's whole.
pub(super) fn is_choice<S: AsRef<str>>(at: &[S]) -> bool {
    listed(&CHOICES, at)
}

/// Puts `over` on `base`.
pub(super) fn merge(base: &Node, over: Node) -> Node {
    merge_at(base, over, &mut Vec::new())
}

fn merge_at(base: &Node, over: Node, at: &mut Vec<Arc<str>>) -> Node {
    match (&base.value, over.value) {
        (Value::Map(below), Value::Map(above)) if !is_choice(at) => Node {
            value: Value::Map(merge_maps(below, above, at)),
            span: over.span,
            damaged: over.damaged || base.damaged,
        },
        (Value::Seq(below), Value::Seq(above)) if is_keyed(at) => Node {
            value: Value::Seq(merge_items(below, above, at)),
            span: over.span,
            damaged: over.damaged || base.damaged,
        },
        (_, value) => Node {
            value,
            span: over.span,
            damaged: over.damaged,
        },
    }
}

fn listed<S: AsRef<str>>(paths: &[&[&str]], at: &[S]) -> bool {
    let same = |path: &&&[&str]| path.iter().copied().eq(at.iter().map(AsRef::as_ref));
    paths.iter().any(|path| same(&path))
}

/// The class's fields in the class's order, then what only the tenant has.
fn merge_maps(below: &[Entry], above: Vec<Entry>, at: &mut Vec<Arc<str>>) -> Vec<Entry> {
    let mut above: Vec<Option<Entry>> = above.into_iter().map(Some).collect();
    let mut merged = Vec::with_capacity(below.len().max(above.len()));
    for base in below {
        let over = above
            .iter_mut()
            .find(|entry| entry.as_ref().is_some_and(|entry| entry.key == base.key))
            .and_then(Option::take);
        merged.push(match over {
            None => base.clone(),
            Some(over) => {
                at.push(Arc::clone(&over.key));
                let value = merge_at(&base.value, over.value, at);
                at.pop();
                Entry { value, ..over }
            }
        });
    }
    merged.extend(above.into_iter().flatten());
    merged
}

/// The class's items in the class's order, then what only the tenant has. Items without a name stand alone.
fn merge_items(below: &[Node], above: Vec<Node>, at: &mut Vec<Arc<str>>) -> Vec<Node> {
    let mut above: Vec<Option<Node>> = above.into_iter().map(Some).collect();
    let mut merged = Vec::with_capacity(below.len().max(above.len()));
    for base in below {
        let name = base.text_at(&["name"]);
        let same = |item: &Option<Node>| {
            name.is_some() && item.as_ref().and_then(|item| item.text_at(&["name"])) == name
        };
        let over = above
            .iter_mut()
            .find(|item| same(item))
            .and_then(Option::take);
        merged.push(match over {
            None => base.clone(),
            Some(over) => merge_at(base, over, at),
        });
    }
    merged.extend(above.into_iter().flatten());
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::source::Sources;
    use crate::manifest::yaml;

    fn tree(text: &str) -> Node {
        let file = Sources::default().push("x.yaml", text.to_owned());
        let mut problems = Vec::new();
        let mut trees = yaml::documents(file, text, &mut problems);
        assert_eq!(problems, []);
        trees.remove(0)
    }

    /// The tree without its places, as compact text.
    fn plain(node: &Node) -> String {
        match &node.value {
            Value::Scalar(scalar) => scalar.text.to_string(),
            Value::Seq(items) => {
                let items: Vec<String> = items.iter().map(plain).collect();
                format!("[{}]", items.join(" "))
            }
            Value::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| format!("{}:{}", entry.key, plain(&entry.value)))
                    .collect();
                format!("{{{}}}", entries.join(" "))
            }
        }
    }

    fn check(base: &str, over: &str, expected: &str) {
        assert_eq!(plain(&merge(&tree(base), tree(over))), expected);
    }

    #[test]
    fn maps_merge_deep_and_the_tenant_wins() {
        check(
            "{officialAccount: {require: {kind: service, verified: name}, appId: a}}",
            "{officialAccount: {require: {kind: subscription}}, values: {x: 1}}",
            "{officialAccount:{require:{kind:subscription verified:name} appId:a} values:{x:1}}",
        );
    }

    #[test]
    fn lists_of_named_things_merge_by_name() {
        check(
            "{miniPrograms: [{name: main, searchable: true, serving: x}, {name: other}]}",
            "{miniPrograms: [{name: third}, {name: main, searchable: false}]}",
            "{miniPrograms:[{name:main searchable:false serving:x} {name:other} {name:third}]}",
        );
        check(
            "{officialAccount: {templates: {foreign: report, items: [{name: a, shortId: 43216, title: x}]}}}",
            "{officialAccount: {templates: {items: [{name: b}, {name: a, shortId: 46232}]}}}",
            "{officialAccount:{templates:{foreign:report items:[{name:a shortId:46232 title:x} {name:b}]}}}",
        );
        check(
            "{officialAccount: {subscribeMessages: [{name: a, tid: 1, title: x}]}}",
            "{officialAccount: {subscribeMessages: [{name: b}, {name: a, tid: 2}]}}",
            "{officialAccount:{subscribeMessages:[{name:a tid:2 title:x} {name:b}]}}",
        );
        check(
            "{miniPrograms: [{name: main, locationApis: [{name: getLocation, reason: a}]}]}",
            "{miniPrograms: [{name: main, locationApis: [{name: getLocation, video: b}]}]}",
            "{miniPrograms:[{name:main locationApis:[{name:getLocation reason:a video:b}]}]}",
        );
    }

    #[test]
    fn every_other_list_is_replaced_whole() {
        check(
            "{officialAccount: {menu: {buttons: [{name: a, view: x}, {name: b, view: y}]}}}",
            "{officialAccount: {menu: {buttons: [{name: a, click: z}]}}}",
            "{officialAccount:{menu:{buttons:[{name:a click:z}]}}}",
        );
    }

    #[test]
    fn a_choice_is_replaced_whole() {
        check(
            "{openAccount: {create: true}}",
            "{openAccount: {bind: {appId: w}}}",
            "{openAccount:{bind:{appId:w}}}",
        );
        check(
            "{miniPrograms: [{name: m, code: {template: {id: 42}, channel: stable}}]}",
            "{miniPrograms: [{name: m, code: {template: {latest: {}}}}]}",
            "{miniPrograms:[{name:m code:{template:{latest:{}} channel:stable}}]}",
        );
    }

    #[test]
    fn what_comes_from_the_class_keeps_its_place() {
        let base = tree("{principal: {name: ours}, openAccount: {create: true}}");
        let merged = merge(&base, tree("{values: {x: 1}}"));
        assert_eq!(merged.entry("principal"), base.entry("principal"));
    }
}
