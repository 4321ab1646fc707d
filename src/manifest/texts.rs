//! Texts of a document that cannot be meant, each at its place: those with characters that nobody sees, and those with
//! placeholders of another program's templates, which nobody fills in.

use super::codes;
use super::problem::Problem;
use super::source::Span;
use super::tree::{Node, Value};
use crate::resource::texts::{Flaw, stands_as_it_is};

/// Fields whose keys are words of the operator's, as their values are.
const NAMED_BY_HAND: [&str; 2] = ["labels", "values"];

/// How placeholders of other programs begin and end.
const FOREIGN: [(&str, &str); 3] = [("${", "}"), ("{{", "}}"), ("<%", "%>")];

/// Looks at every text of a tree.
pub(super) fn check(node: &Node, problems: &mut Vec<Problem>) {
    below("", node, problems);
}

/// Looks at what stands below a field.
fn below(field: &str, node: &Node, problems: &mut Vec<Problem>) {
    match &node.value {
        Value::Scalar(scalar) => {
            flaw(field, &scalar.text, node.span, problems);
            foreign(&scalar.text, node.span, problems);
        }
        Value::Seq(items) => items.iter().for_each(|item| below("", item, problems)),
        Value::Map(entries) => {
            for entry in entries.iter().filter(|entry| !stands_as_it_is(&entry.key)) {
                if NAMED_BY_HAND.contains(&&*entry.key)
                    && let Value::Map(named) = &entry.value.value
                {
                    for one in named {
                        flaw("", &one.key, one.key_span, problems);
                    }
                }
                below(&entry.key, &entry.value, problems);
            }
        }
    }
}

fn flaw(field: &str, text: &str, span: Span, problems: &mut Vec<Problem>) {
    if let Some(flaw) = Flaw::of_field(field, text) {
        problems.push(
            Problem::error(flaw.code(), span, flaw.message())
                .label(flaw.label())
                .help(flaw.help()),
        );
    }
}

fn foreign(text: &str, span: Span, problems: &mut Vec<Problem>) {
    let Some(placeholder) = FOREIGN
        .iter()
        .find_map(|(open, close)| between(text, open, close))
    else {
        return;
    };
    problems.push(
        Problem::warning(
            codes::FOREIGN_PLACEHOLDER,
            span,
            format!("nothing is put in the place of `{placeholder}`"),
        )
        .label("WeChat gets it as it stands here")
        .help("wxops fills in `$(values.name)` alone: write that, or let the other program write this file first"),
    );
}

/// The first placeholder between two brackets. WeChat's own in message templates (`{{first.DATA}}`) are none.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(open) {
        let (inside, behind) = after.split_once(close)?;
        let wechats = open == "{{" && inside.ends_with(".DATA");
        if !wechats {
            let start = text.len() - after.len() - open.len();
            let end = text.len() - behind.len();
            return text.get(start..end);
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::source::Sources;
    use crate::manifest::yaml;

    fn found(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.push("x.yaml", text.to_owned());
        let mut problems = Vec::new();
        for node in yaml::documents(file, text, &mut problems) {
            check(&node, &mut problems);
        }
        let said = problems.iter().map(|problem| {
            let place = sources.place(problem.span);
            format!("{} {}:{}", problem.code, place.line, place.column)
        });
        said.collect()
    }

    #[test]
    fn every_text_and_every_key_of_ones_own_is_looked_at() {
        let text = "labels: {\"a\\e\": x}\nvalues: {\" b\": y}\nlist: [{name: \"x\\u202e\"}]\nconsole: {value: \"a\\n\"}\n";
        assert_eq!(found(text), ["WX1114 1:10", "WX1115 2:10", "WX1114 3:15"]);
    }

    #[test]
    fn placeholders_of_other_programs_are_named() {
        for (text, placeholder) in [
            ("a${city}b", "${city}"),
            ("{{ .Values.x }}", "{{ .Values.x }}"),
            ("a <%= name %>", "<%= name %>"),
            ("{{first.DATA}} {{x}}", "{{x}}"),
        ] {
            let inside = FOREIGN
                .iter()
                .find_map(|(open, close)| between(text, open, close));
            assert_eq!(inside, Some(placeholder), "{text}");
        }
        assert_eq!(found("a: \"${x}\"\n"), ["WX1406 1:4"]);
        for fine in [
            "a: $(values.x)",
            "a: \"{{first.DATA}}\"",
            "a: \"$5 {x}\"",
            "a: \"${\"",
            "a: \"100%>\"",
        ] {
            assert_eq!(found(fine), [""; 0], "{fine}");
        }
    }
}
