//! Mini-programs made through the API (快速注册): from an official account's entity, and the other forms.
//!
//! One file per form; what is known of them is in `state.rs`, the new account in `newborn.rs`. Written from
//! 第三方平台 / 注册.

mod consent_page;
mod endpoints;
mod enterprise;
mod newborn;
mod notice;
mod official;
mod page;
mod page_view;
mod people;
mod person;
mod state;
mod task;
mod task_state;
mod trial;

pub(super) use endpoints::ENDPOINTS;
pub(super) use page::routes;
pub(super) use task_state::Ending;

pub use state::{Hindrance, RegisteredBy, Registrar, Registration, Registrations, ScanTicket};
pub use task_state::{RegistrationTask, TaskEnd, TaskOf};
