//! Durable documents with compare-and-swap; on top of them the journal and the quota ledger.
//!
//! ```text
//!   journal · ledger · sweep        what may happen at most once, what it costs, repair after a crash
//!   Store                           typed documents, schema version, encryption, lost answers settled
//!   Backend                         bytes by key, compare-and-swap: SQLite · memory
//! ```
//!
//! This room knows `wechat` (what a call is) and nothing else of ours. It reads no clock: the time comes in as
//! an argument, so that a test owns it and a process that was suspended cannot fool itself.

pub mod backend;
#[cfg(test)]
mod conformance;
mod demand;
mod doc;
#[cfg(test)]
mod doc_tests;
pub mod documents;
mod envelope;
mod error;
pub mod history;
pub mod journal;
pub mod key;
mod late;
pub mod ledger;
#[cfg(test)]
mod ledger_rules;
#[cfg(test)]
mod ledger_several;
#[cfg(test)]
mod ledger_tests;
pub mod maintenance;
mod memory;
mod op_key;
mod open;
pub mod sealing;
mod secret;
pub mod sqlite;
mod sweep;

pub use backend::Backend;
pub use doc::{Doc, Store, Stored, Version};
pub use documents::{ClaimDoc, CodeDoc, CredDoc, PassDoc, PlatformDoc, TenantDoc};
pub use error::StoreError;
pub use journal::{Armed, Journal, JournalError};
pub use key::Key;
pub use ledger::Ledger;
pub use memory::Memory;
pub use open::{OpenStore, default_place, open, open_late, open_with};
pub use sealing::{Sealing, SealingKey};
pub use secret::Secret;
pub use sqlite::Ended;
pub use sweep::{Swept, sweep};
