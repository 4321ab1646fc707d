//! A file's text becomes one tree per document. A document that is not YAML is reported and skipped; the next one
//! is read.

use serde_saphyr::granit_parser::{ErrorKind, Event, Parser, ScanError, Span as ScanSpan};

use super::build::Builder;
use crate::manifest::codes;
use crate::manifest::problem::Problem;
use crate::manifest::source::{FileId, Span};
use crate::manifest::tree::Node;

/// Nothing an operator writes nests deeper; everything behind here may recurse.
pub(super) const MAX_DEPTH: usize = 64;

/// Reads every document of a file. Empty ones are left out.
pub(in crate::manifest) fn documents(
    file: FileId,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Node> {
    let options = serde_saphyr::granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut found = Vec::new();
    let mut builder = Builder::new(file);
    loop {
        let given_up = match parser.next_event() {
            None => return found,
            Some(Ok((Event::DocumentEnd, _))) => {
                found.extend(builder.finish(problems));
                continue;
            }
            Some(Ok((event, span))) => {
                let tag = span.tag_span().map(|tag| to_span(file, text, &tag));
                builder
                    .take(event, to_span(file, text, &span), tag)
                    .is_err()
            }
            Some(Err(error)) => {
                problems.push(not_yaml(file, text, &error));
                true
            }
        };
        // What follows in a document that was given up would only multiply.
        if given_up {
            builder.finish(problems);
            if !matches!(parser.proceed_next_document(), Ok(true)) {
                return found;
            }
        }
    }
}

/// The parser gives byte offsets for texts it was given whole.
fn to_span(file: FileId, text: &str, span: &ScanSpan) -> Span {
    let start = span.start.byte_offset().unwrap_or(0).min(text.len());
    let end = span.end.byte_offset().unwrap_or(start).min(text.len());
    Span::new(file, start, end)
}

fn not_yaml(file: FileId, text: &str, error: &ScanError) -> Problem {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let span = Span::new(file, at, at);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(span);
    }
    let problem =
        Problem::error(codes::SYNTAX, span, "this is not YAML").label(error.kind().to_string());
    let line = text.get(at..).and_then(|rest| rest.lines().next());
    if line.is_some_and(|line| line.starts_with('\t')) {
        return problem.help("indent with spaces; YAML allows no tabs there");
    }
    problem.help("look at this line and at the one above it: brackets and quotes closed, fields under one another in one column")
}

pub(super) fn too_deep(span: Span) -> Problem {
    Problem::error(codes::TOO_MUCH, span, "this document nests too deep")
        .label(format!("deeper than {MAX_DEPTH} levels"))
        .help("no manifest needs so many; look for brackets that are never closed")
}
