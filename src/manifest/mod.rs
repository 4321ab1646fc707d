//! What operators write: the kinds, YAML with source positions, class merge, checks, diagnostics.
//!
//! Files come in as bytes and go out as typed specs, with a place for every value and a code for every mistake; all
//! mistakes of all files in one run. No I/O: whoever calls has read the files, and prints.
//!
//! ```text
//! bytes ─ yaml ─► trees ─ document ─► envelopes ─ merge ─ fill ─► one tree per tenant ─ read ─► TenantSpec
//!                   every node keeps its place ───────────────────────────┘                ─ check ─► Problem
//! ```

pub mod approval;
pub mod codes;
mod document;
mod files;
mod fill;
mod library;
mod load;
mod loaded;
pub mod mapping;
mod merge;
pub mod platform;
mod platforms;
mod principals;
mod problem;
#[cfg(test)]
mod properties;
mod read;
pub mod report;
pub mod schema;
mod secrets;
mod source;
mod tenant;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod via;
pub mod write;
mod yaml;

pub use approval::{ApprovalSpec, Approves, LoadedApproval, write_approval};
pub use document::{API_VERSION, is_name};
pub use files::{FoundFile, FoundFiles, NamedFile, NoFile};
pub use library::{Library, Part};
pub use load::load;
pub use loaded::{Counts, Loaded, LoadedPlatform, LoadedTenant, Places};
pub use platform::{Credentials, PlatformSpec};
pub use platforms::{is_platform, missed_host, platform_among, subject_of};
pub use principals::served_directly;
pub use problem::Problem;
pub use secrets::SecretData;
pub use source::{Excerpt, FileId, MAX_FILE_BYTES, Source, Sources, Span};
pub use yaml::{NotWritable, write as to_yaml};
