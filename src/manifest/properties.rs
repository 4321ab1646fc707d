//! What must hold for every input, not only for those we thought of.

use proptest::prelude::*;

use super::merge::merge;
use super::problem::Problem;
use super::source::{Source, Sources, Span};
use super::tree::{Node, Value};
use super::{Loaded, load, report, yaml};

const FILES: [&str; 4] = [
    include_str!("../../examples/demo/platform.yaml"),
    include_str!("../../examples/demo/class.yaml"),
    include_str!("../../examples/demo/star-piano.yaml"),
    include_str!("../../examples/demo/sunrise-dance.yaml"),
];

/// Pieces that break YAML in interesting ways, or our reading of it.
const PIECES: [&str; 24] = [
    "\n",
    "  ",
    "\t",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "|\n",
    "&a ",
    "*a",
    "<<: ",
    "---\n",
    "!x ",
    "#",
    "$(values.",
    "$(values.site)",
    "null",
    "课",
    "\u{feff}",
    "\u{1b}[31m",
];

fn loaded(texts: Vec<Vec<u8>>) -> Loaded {
    let files = texts.into_iter().enumerate();
    load(
        files
            .map(|(n, text)| Source::new(format!("{n}.yaml"), text))
            .collect(),
    )
}

/// Whatever came in, what comes out can be printed, and every place lies in its file.
fn check(loaded: &Loaded) {
    let _ = report::human(loaded);
    let _ = report::json(loaded);
    for problem in &loaded.problems {
        for span in spans(problem) {
            let text = loaded.sources.text(span.file);
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{problem:?}"
            );
            assert!(loaded.sources.place(span).line <= text.lines().count() + 1);
        }
    }
}

fn spans(problem: &Problem) -> Vec<Span> {
    let related = problem.related.iter().map(|(span, _)| *span);
    let tenants = problem.tenants.iter().map(|(_, span)| *span);
    std::iter::once(problem.span)
        .chain(related)
        .chain(tenants)
        .collect()
}

fn tree(text: &str) -> Option<Node> {
    let file = Sources::default().push("x.yaml", text.to_owned());
    yaml::documents(file, text, &mut Vec::new())
        .into_iter()
        .next()
}

/// Plain scalars are where they are said to be, letter by letter.
fn check_places(node: &Node, sources: &Sources) {
    match &node.value {
        Value::Scalar(scalar) if scalar.plain && !scalar.text.contains(['\n', ' ']) => {
            assert_eq!(sources.slice(node.span), &*scalar.text);
        }
        Value::Scalar(_) => {}
        Value::Seq(items) => items.iter().for_each(|item| {
            assert!(node.span.contains(item.span));
            check_places(item, sources);
        }),
        Value::Map(entries) => entries.iter().for_each(|entry| {
            assert!(node.span.contains(entry.key_span) && node.span.contains(entry.value.span));
            check_places(&entry.value, sources);
        }),
    }
}

/// A small tree of words, as a manifest in flow style.
fn manifest() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a", "课程", "1.10", "12e456", "yes", "name", "'q'", "\"\\n\"",
    ]);
    let key = prop::sample::select(vec![
        "name",
        "values",
        "openAccount",
        "miniPrograms",
        "officialAccount",
        "menu",
    ]);
    word.prop_map(str::to_owned)
        .prop_recursive(4, 24, 4, move |inner| {
            let map = prop::collection::btree_map(key.clone(), inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                map.prop_map(|map| {
                    let entries: Vec<String> = map
                        .iter()
                        .map(|(key, value)| format!("{key}: {value}"))
                        .collect();
                    format!("{{{}}}", entries.join(", "))
                }),
            ]
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&loaded(vec![bytes]));
    }

    #[test]
    fn any_yaml_soup_is_read_or_refused(pieces in prop::collection::vec(0..PIECES.len(), 0..80)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        check(&loaded(vec![format!("{text}\n{}", FILES[1]).into_bytes(), text.into_bytes()]));
    }

    #[test]
    fn damaged_manifests_are_read_or_refused(
        file in 0..FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len(), 0usize..6), 1..6),
    ) {
        let mut texts: Vec<String> = FILES.iter().map(|text| (*text).to_owned()).collect();
        for (at, piece, cut) in edits {
            let text = &mut texts[file];
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len() + 1);
            let rest = chars[at..].iter().skip(cut);
            *text = chars[..at].iter().copied().chain(PIECES[piece].chars()).chain(rest.copied()).collect();
        }
        check(&loaded(texts.into_iter().map(String::into_bytes).collect()));
    }

    #[test]
    fn loading_is_deterministic(order in Just(FILES.to_vec()).prop_shuffle()) {
        let texts = |files: &[&str]| files.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        let (a, b) = (loaded(texts(&order)), loaded(texts(&FILES)));
        let specs = |loaded: &Loaded| loaded.tenants.iter().map(|tenant| tenant.spec.clone()).collect::<Vec<_>>();
        prop_assert_eq!(specs(&a), specs(&b));
        prop_assert_eq!(report::plain(&b), report::plain(&loaded(texts(&FILES))));
    }

    #[test]
    fn values_are_where_they_are_said_to_be(text in manifest()) {
        let text = format!("课: {text}\nlast: x\n");
        let mut sources = Sources::default();
        let file = sources.push("x.yaml", text.clone());
        for node in yaml::documents(file, &text, &mut Vec::new()) {
            check_places(&node, &sources);
        }
    }

    #[test]
    fn a_class_under_an_empty_tenant_is_the_class(text in manifest()) {
        let class = tree(&format!("{{values: {text}}}")).unwrap();
        let merged = merge(&class, tree("{}").unwrap());
        prop_assert_eq!(merged.value, class.value);
    }

    #[test]
    fn merging_what_is_there_already_changes_nothing(base in manifest(), over in manifest()) {
        let base = tree(&format!("{{values: {base}}}")).unwrap();
        let over = tree(&format!("{{values: {over}}}")).unwrap();
        let once = merge(&base, over.clone());
        prop_assert_eq!(merge(&once, over).value, once.value);
    }
}
