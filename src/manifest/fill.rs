//! `$(values.x)` in texts, filled in after the merge. Never in keys, references or values themselves: what a tenant
//! refers to must be readable without filling anything in. `$$(values.x)` stands for the text `$(values.x)`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes;
use super::problem::Problem;
use super::read::suggest;
use super::source::{Sources, Span};
use super::tree::{Node, Scalar, Value};

const OPEN: &str = "$(values.";

/// What placeholders may put into one document. WeChat takes no text of more than a few KiB anywhere, and a long value
/// that is used often makes gigabytes of a small file.
const MOST_BYTES: usize = 1024 * 1024;

/// Top-level fields in which nothing is filled in.
pub(super) const NEVER: [&str; 3] = ["platformRef", "classRef", "values"];

/// A text that stands for itself: nothing in what comes out is filled in.
pub(super) fn escape(text: &str) -> String {
    text.replace(OPEN, &format!("${OPEN}"))
}

/// Fills in a merged spec.
pub(super) fn fill(
    spec: &mut Node,
    values: &BTreeMap<String, String>,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) {
    let mut filler = Filler {
        values,
        sources,
        problems,
        left: Some(MOST_BYTES),
    };
    if let Value::Map(entries) = &mut spec.value {
        for entry in entries {
            if NEVER.contains(&&*entry.key) {
                filler.refuse(&entry.value);
            } else {
                filler.node(&mut entry.value);
            }
        }
    }
}

struct Filler<'a> {
    values: &'a BTreeMap<String, String>,
    sources: &'a Sources,
    problems: &'a mut Vec<Problem>,
    /// How many bytes may still be put in. `None`: there were too many, and nothing is filled in any more.
    left: Option<usize>,
}

impl Filler<'_> {
    fn node(&mut self, node: &mut Node) {
        let span = node.span;
        match &mut node.value {
            Value::Scalar(scalar) => {
                if scalar.text.contains(OPEN)
                    && let Some(text) = self.text(&scalar.text, span)
                {
                    *scalar = Scalar { text, plain: false };
                }
            }
            Value::Seq(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Map(entries) => entries
                .iter_mut()
                .for_each(|entry| self.node(&mut entry.value)),
        }
    }

    /// The text with every placeholder filled in; none when one of them cannot be.
    fn text(&mut self, text: &str, span: Span) -> Option<Arc<str>> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        let mut whole = true;
        while let Some(at) = rest.find(OPEN) {
            let (before, from) = rest.split_at(at);
            let after = from.get(OPEN.len()..).unwrap_or_default();
            if let Some(before) = before.strip_suffix('$') {
                filled.push_str(before);
                filled.push_str(OPEN);
                rest = after;
                continue;
            }
            filled.push_str(before);
            let name = after
                .split_once(')')
                .map(|(name, _)| name)
                .filter(|name| is_name(name));
            let Some(name) = name else {
                self.malformed(from, span);
                return None;
            };
            match self.values.get(name) {
                Some(value) => {
                    self.left = self.left?.checked_sub(value.len());
                    if self.left.is_none() {
                        self.grows(name, span);
                        return None;
                    }
                    filled.push_str(value);
                }
                None => {
                    self.no_value(name, span);
                    whole = false;
                }
            }
            rest = after.get(name.len() + 1..).unwrap_or_default();
        }
        filled.push_str(rest);
        whole.then(|| filled.into())
    }

    fn no_value(&mut self, name: &str, span: Span) {
        let placeholder = format!("{OPEN}{name})");
        let span = self.inside(span, &placeholder);
        let problem = Problem::error(
            codes::NO_VALUE,
            span,
            format!("no value for `{placeholder}`"),
        );
        let near = suggest(name, self.values.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!(
                "give `values: {{{name}: …}}` in the tenant or its class"
            )),
        });
    }

    fn grows(&mut self, name: &str, span: Span) {
        let placeholder = format!("{OPEN}{name})");
        let span = self.inside(span, &placeholder);
        let limit = MOST_BYTES / (1024 * 1024);
        let message = format!("placeholders put more than {limit} MiB into this tenant");
        self.problems.push(
            Problem::error(codes::GROWS, span, message)
                .label("this one is one too many")
                .help("shorten the value, or use it less often: WeChat takes no text of more than a few KiB"),
        );
    }

    fn malformed(&mut self, from: &str, span: Span) {
        let start: String = from.chars().take(OPEN.len()).collect();
        let span = self.inside(span, &start);
        self.problems.push(
            Problem::error(codes::PLACEHOLDER, span, "this placeholder is not whole")
                .help("write `$(values.name)`; `$$(values.` stands for the text itself"),
        );
    }

    fn refuse(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) if scalar.text.contains(OPEN) => self.problems.push(
                Problem::error(
                    codes::PLACEHOLDER,
                    self.inside(node.span, OPEN),
                    "no placeholder may stand here",
                )
                .help("references and values are read before anything is filled in: write it out"),
            ),
            Value::Scalar(_) => {}
            Value::Seq(items) => items.iter().for_each(|item| self.refuse(item)),
            Value::Map(entries) => entries.iter().for_each(|entry| self.refuse(&entry.value)),
        }
    }

    /// The place of a part of a text, where it was written without escapes.
    fn inside(&self, span: Span, part: &str) -> Span {
        match self.sources.slice(span).find(part) {
            Some(at) => {
                let start = span.start as usize + at;
                Span::new(span.file, start, start + part.len())
            }
            None => span,
        }
    }
}

fn is_name(name: &str) -> bool {
    let right = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.chars().all(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::yaml;

    fn filled(text: &str, values: &[(&str, &str)]) -> (String, Vec<(&'static str, String)>) {
        let mut sources = Sources::default();
        let file = sources.push("x.yaml", text.to_owned());
        let mut problems = Vec::new();
        let mut spec = yaml::documents(file, text, &mut problems).remove(0);
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        fill(&mut spec, &values, &sources, &mut problems);
        let found = problems
            .iter()
            .map(|problem| (problem.code, sources.slice(problem.span).to_owned()))
            .collect();
        let text = spec.text_at(&["a"]).map(ToString::to_string);
        (text.unwrap_or_default(), found)
    }

    #[test]
    fn placeholders_are_filled_in_and_nothing_else_is() {
        let values = [("city", "杭州"), ("n-1", "x")];
        assert_eq!(
            filled("a: 在$(values.city)$(values.n-1)!", &values).0,
            "在杭州x!"
        );
        assert_eq!(
            filled("a: $$(values.city) $(other)", &values).0,
            "$(values.city) $(other)"
        );
    }

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        let values = [("a", "$(values.b)"), ("b", "x")];
        assert_eq!(
            filled("a: $(values.a)", &values),
            ("$(values.b)".to_owned(), vec![])
        );
    }

    #[test]
    fn what_grows_is_refused_before_it_is_made() {
        let long = "y".repeat(200_000);
        let values = [("v", long.as_str())];
        let text = format!(
            "a: {}\nb: {}",
            "$(values.v)".repeat(2_000),
            "$(values.v)".repeat(2)
        );
        let (_, found) = filled(&text, &values);
        assert_eq!(found, [("WX1318", "$(values.v)".to_owned())]);
        let (filled, found) = filled(
            "a: $(values.v)$(values.v)$(values.v)$(values.v)$(values.v)",
            &values,
        );
        assert_eq!((filled.len(), found.len()), (1_000_000, 0));
    }

    #[test]
    fn a_missing_value_is_pointed_at_inside_the_text() {
        let (_, found) = filled("a: 在$(values.town)开课", &[]);
        assert_eq!(found, [("WX1308", "$(values.town)".to_owned())]);
    }

    #[test]
    fn malformed_and_misplaced_placeholders_are_refused() {
        assert_eq!(
            filled("a: $(values.x", &[]).1,
            [("WX1309", "$(values.".to_owned())]
        );
        assert_eq!(
            filled("a: $(values.)", &[]).1,
            [("WX1309", "$(values.".to_owned())]
        );
        let refs = "{a: b, platformRef: {name: $(values.x)}}";
        assert_eq!(
            filled(refs, &[("x", "y")]).1,
            [("WX1309", "$(values.".to_owned())]
        );
    }
}
