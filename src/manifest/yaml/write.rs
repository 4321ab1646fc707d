//! Values become YAML.

use serde::Serialize;

/// The value has no YAML form.
#[derive(Debug, thiserror::Error)]
#[error("it cannot be written as YAML")]
pub struct NotWritable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl NotWritable {
    pub(in crate::manifest) fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// Writes a value so that YAML 1.1 and 1.2 readers alike, kubectl among them, read back the same texts.
///
/// # Errors
/// [`NotWritable`], for values that YAML cannot hold.
pub fn write(value: &impl Serialize) -> Result<String, NotWritable> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        prefer_block_scalars: false,
    };
    serde_saphyr::to_string_with_options(value, options).map_err(NotWritable::new)
}
