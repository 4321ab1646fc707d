//! A mistake at its place, as it is printed: what `Diagnostic` is once its path has been looked up.

use super::source::Span;
use crate::plan::diagnostic::Severity;

/// One mistake in the manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code: `WX1107`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the caret; may be empty.
    pub label: String,
    /// Where.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that explain it.
    pub related: Vec<(Span, String)>,
    /// The tenants it arises in, with the places of their names, where the mistake itself stands in their class.
    pub tenants: Vec<(String, Span)>,
}

impl Problem {
    /// An error.
    pub(super) fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            label: String::new(),
            span,
            help: None,
            related: Vec::new(),
            tenants: Vec::new(),
        }
    }

    /// A warning.
    pub(super) fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// With words under the caret.
    #[must_use]
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With advice.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place.
    #[must_use]
    pub(super) fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }
}

/// Sorts by place and says what is the same for many tenants once.
pub(super) fn tidy(mut problems: Vec<Problem>) -> Vec<Problem> {
    // Stable, so that what was found first leads.
    problems.sort_by_key(|problem| (problem.span, problem.code));
    let mut tidied: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        match tidied.last_mut() {
            Some(last) if last.span == problem.span && last.code == problem.code => {
                // Tenants come one after the other, so looking at the last is enough.
                for tenant in problem.tenants {
                    if last.tenants.last() != Some(&tenant) {
                        last.tenants.push(tenant);
                    }
                }
            }
            Some(_) | None => tidied.push(problem),
        }
    }
    tidied
}
