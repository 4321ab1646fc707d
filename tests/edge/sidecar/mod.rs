//! The sidecar against a simulated WeChat: pushes good and bad, messages passed on, owners' pages, health.

mod browser;
mod health;
mod messages;
mod notices;
mod pages;
mod place;
mod refused;
