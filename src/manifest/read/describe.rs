//! Words for what is wrong: what a person reads, never what a type is called.

use super::ended::ended;
use super::error::{ReadError, What};
use super::later::later;
use crate::manifest::codes;
use crate::manifest::problem::Problem;
use crate::manifest::secrets::quoted;
use crate::manifest::source::Span;
use crate::manifest::tree::{Node, Scalar, Value};
use crate::plan::diagnostic::On;
use crate::plan::path::{Segment, SpecPath};

/// The mistake at its place.
pub(super) fn problem(error: &ReadError, path: &SpecPath, tree: &Node) -> Problem {
    let located = tree.locate(path);
    let span = located.span(error.on());
    match error.what() {
        What::UnknownField { known } => unknown_field(path, known, span),
        What::Missing(field) => Problem::error(
            codes::MISSING,
            located.span(On::Key),
            format!("`{field}` is missing"),
        )
        .label(format!("`{field}` is required here")),
        // The word itself stands under the caret. It is not repeated: a secret may have been put here by mistake.
        What::UnknownWord { known } => {
            let word = match (error.on(), located.node.scalar()) {
                (On::Value, Some(scalar)) => &*scalar.text,
                (On::Key, _) | (On::Value, None) => last_field(path).unwrap_or_default(),
            };
            Problem::error(codes::UNKNOWN_WORD, span, "this is not one of the choices")
                .help(one_of(word, known))
        }
        What::Wrong { wanted } => wrong(wanted, located.node, span),
        What::NotAMap { known } => wrong("a map", located.node, span).help(match known {
            [] => "write `{}`".to_owned(),
            [one] => format!("write `{{{one}: …}}`"),
            known => format!("its fields are {}", list(known)),
        }),
        What::Choice { known } => {
            Problem::error(codes::CHOICE, span, "exactly one choice is wanted here")
                .label(chosen(located.node))
                .help(format!("give exactly one of {}", list(known)))
        }
        What::Value(message) => Problem::error(codes::VALUE, span, message.clone()),
    }
}

/// A field without a value.
pub(super) fn blank(path: &SpecPath, tree: &Node) -> Problem {
    let located = tree.locate(path);
    let (span, message) = match last_field(path) {
        Some(field) => (
            located.span(On::Key),
            format!("{} has no value", quoted(field)),
        ),
        None => (located.node.span, "this list item has no value".to_owned()),
    };
    Problem::error(codes::BLANK, span, message)
        .help("remove it to leave it unmanaged; an empty list is written `[]`, an empty map `{}`")
}

fn unknown_field(path: &SpecPath, known: &[&str], span: Span) -> Problem {
    let field = last_field(path).unwrap_or_default();
    let fields: Vec<&str> = path
        .segments()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Field(name) => Some(name.as_str()),
            Segment::Index(_) => None,
        })
        .collect();
    if let Some((why, instead)) = ended(&fields) {
        return Problem::error(codes::REGISTRATION_ENDED, span, why).help(instead);
    }
    if let Some(what) = later(&fields) {
        return Problem::error(
            codes::FIELD_LATER,
            span,
            format!("`{field}` ({what}) is not supported by this version yet"),
        )
        .help("leave it out: it is then left alone at WeChat");
    }
    Problem::error(
        codes::UNKNOWN_FIELD,
        span,
        format!("unknown field {}", quoted(field)),
    )
    .help(one_of(field, known))
}

fn wrong(wanted: &str, node: &Node, span: Span) -> Problem {
    let scalar = node.scalar().filter(|scalar| scalar.plain);
    match (wanted, scalar.map(|scalar| &*scalar.text)) {
        ("true or false", Some(word)) if is_yaml_1_1_boolean(word) => {
            return Problem::error(
                codes::BOOLEAN,
                span,
                format!("`{word}` is not true or false"),
            )
            .label("a text in YAML 1.2")
            .help("write true or false (kubectl reads YAML 1.1, where this is a truth value)");
        }
        ("a whole number" | "a number", Some(number)) if has_leading_zero(number) => {
            return Problem::error(
                codes::NUMBER,
                span,
                format!("`{number}` begins with a zero"),
            )
            .label("octal to some readers of YAML, decimal to others")
            .help("write the number without the zero");
        }
        _ => {}
    }
    let problem = Problem::error(codes::TYPE, span, format!("{wanted} is wanted here"))
        .label(format!("this is {}", kind_of(node)));
    match (wanted, node.scalar()) {
        ("true or false" | "a whole number" | "a number", Some(Scalar { plain: false, .. })) => {
            problem.help("remove the quotes")
        }
        ("true or false", _) => problem.help("write `true` or `false`"),
        ("a whole number" | "a number", _) => problem.help("write it in digits, without quotes"),
        ("a text", _) => {
            problem.help("give one text; in quotes, if brackets or braces belong to it")
        }
        ("a list", _) => {
            problem.help("each item of a list begins with `- `; an empty list is `[]`")
        }
        _ => problem,
    }
}

fn is_yaml_1_1_boolean(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["yes", "no", "on", "off", "y", "n", "true", "false"].contains(&word.as_str())
}

fn has_leading_zero(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind_of(node: &Node) -> &'static str {
    match &node.value {
        Value::Scalar(_) => "a text",
        Value::Seq(_) => "a list",
        Value::Map(_) => "a map",
    }
}

fn chosen(node: &Node) -> String {
    match &node.value {
        Value::Map(entries) if entries.is_empty() => "none is given".to_owned(),
        Value::Map(entries) => {
            let keys: Vec<&str> = entries.iter().map(|entry| &*entry.key).collect();
            format!("given are {}", list(&keys))
        }
        Value::Scalar(_) | Value::Seq(_) => String::new(),
    }
}

fn one_of(word: &str, known: &[&str]) -> String {
    match suggest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "no field belongs here".to_owned(),
        None => format!("known here: {}", list(known)),
    }
}

/// The known word that was probably meant.
pub(in crate::manifest) fn suggest<'a>(
    word: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = |one: &str| (one.len().max(word.len()) / 3).min(3);
    let letters = word.chars().count();
    known
        // Of many names most are out of reach by their length alone.
        .filter(|one| one.chars().count().abs_diff(letters) <= limit(one))
        .map(|one| (strsim::osa_distance(&lower, &one.to_lowercase()), one))
        .filter(|(distance, one)| *distance <= limit(one))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, one)| one)
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn last_field(path: &SpecPath) -> Option<&str> {
    match path.segments().last()? {
        Segment::Field(name) => Some(name),
        Segment::Index(_) => None,
    }
}
