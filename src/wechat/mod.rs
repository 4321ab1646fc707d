//! WeChat on the wire, no I/O: one file per API family, the errcode table, the push envelope.
//!
//! This room knows no other room of ours. What it holds can be read beside WeChat's documentation, page by page.

pub mod account_option;
pub mod address;
pub mod answer;
pub mod authorization;
pub mod authorizer;
pub mod avatar;
pub mod base_library;
pub mod basic_info;
pub mod calendar;
pub mod call;
pub mod category;
pub mod code;
pub mod code_template;
pub mod data_prefetch;
pub mod dns_prefetch;
pub mod domain;
pub mod endpoint;
pub mod errcode;
pub mod filing;
pub mod follow;
pub mod hole;
pub mod id;
pub mod industry;
pub mod json;
pub mod link;
pub mod location_api;
pub mod media;
pub mod menu;
pub mod nickname;
pub mod open_account;
pub mod order_path;
pub mod permission_set;
pub mod personal_registration;
pub mod picture;
pub mod platform_domain;
pub mod plugin;
pub mod privacy;
pub mod push;
pub mod quota;
pub mod raw;
pub mod registration;
pub mod review;
pub mod search_status;
pub mod secret;
pub mod signature;
pub mod subscribe_message;
pub mod tag;
pub mod template;
pub mod tester;
pub mod text;
pub mod token;
pub mod tolerant;
pub mod trouble;
pub mod user;
pub mod visit_status;

#[cfg(test)]
mod samples;

pub use answer::{Answer, ApiError, Effect, ErrorClass, Lost, Unreadable, Who};
pub use call::Call;
pub use endpoint::{CallClass, Endpoint};
pub use hole::{FileDigest, Fillings, Hole};
pub use id::{Appid, RawAppid};
pub use secret::{Secret, SecretBody};
pub use trouble::{Cause, Trouble};
