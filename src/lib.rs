//! wxops: GitOps for WeChat third-party platforms (第三方平台).
//!
//! An operator declares what should be true of each customer's official account; wxops compares that with
//! what WeChat says now, shows the difference, and makes the calls. The rooms below are listed in the order in
//! which they may know one another; `tests/tidy.rs` holds who may import whom.

pub mod wechat;

pub mod plan;

pub mod resource;

pub mod manifest;

pub mod store;

pub mod client;

pub mod reconcile;

pub mod sidecar;

pub mod controller;

pub mod simulator;

pub mod cli;
