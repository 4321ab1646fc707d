//! Mistakes in manifests, named by code and spec path. Whoever prints them looks the places up.

use super::path::SpecPath;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is planned or applied while it stands.
    Error,
    /// Said once, and no obstacle.
    Warning,
}

/// Which part of an entry a diagnostic points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The field's name.
    Key,
    /// The field's value.
    Value,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code: `WX1203`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where, relative to the document's spec.
    pub path: SpecPath,
    /// Name or value.
    pub on: On,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the caret.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that explain it.
    pub related: Vec<(SpecPath, String)>,
}

/// Collects every mistake, not the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds an error about a value.
    pub fn error(
        &mut self,
        code: &'static str,
        path: SpecPath,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<impl Into<String>>,
    ) {
        self.about_value(Severity::Error, code, path, (message, label, help));
    }

    /// Adds a warning about a value.
    pub fn warning(
        &mut self,
        code: &'static str,
        path: SpecPath,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<impl Into<String>>,
    ) {
        self.about_value(Severity::Warning, code, path, (message, label, help));
    }

    fn about_value(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: SpecPath,
        (message, label, help): (
            impl Into<String>,
            impl Into<String>,
            Option<impl Into<String>>,
        ),
    ) {
        self.push(Diagnostic {
            code,
            severity,
            path,
            on: On::Value,
            message: message.into(),
            label: label.into(),
            help: help.map(Into::into),
            related: Vec::new(),
        });
    }

    /// All, in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }

    /// All, in the order in which they were found.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }
}
