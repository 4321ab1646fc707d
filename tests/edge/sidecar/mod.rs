//! The sidecar against a simulated WeChat: pushes good and bad, messages passed on, owners' pages, slow
//! and idle clients, health.

mod browser;
mod codes;
mod crowd;
mod health;
mod messages;
mod notices;
mod pages;
mod passing;
mod place;
mod refused;
mod registered;
mod reviews;
mod scans;
mod slow;
mod troubles;
