//! Mini-programs made through the API (快速注册): from an official account's entity, and the other forms.
//!
//! One file per form; what is known of them is in `state.rs`, the new account in `newborn.rs`. Written from
//! 第三方平台 / 注册.

mod endpoints;
mod newborn;
mod official;
mod page;
mod page_view;
mod state;

pub(super) use endpoints::ENDPOINTS;
pub(super) use page::routes;

pub use state::{Hindrance, RegisteredBy, Registrar, Registration, Registrations, ScanTicket};
