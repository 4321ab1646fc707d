//! The client against a simulated WeChat: tokens, doubt, writes, authorization codes, secrets.

mod adoption;
mod codes;
mod doubt;
mod refusals;
mod requests;
mod script;
mod tokens;
mod wire;
mod writes;
