//! Plugins, location APIs and the order path of an app, from outside: what their pages document, refusals included.

mod codes;
mod location;
mod order_path;
mod plugins;
mod rows;

pub use rows::rows;
