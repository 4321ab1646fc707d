//! Registering a mini-program while answers get lost, and once the store has forgotten: once by WeChat's count, once by
//! the ledger, and with a token that works at the end.

mod amnesia;
mod lost;
mod page;
mod said;
mod tickets;
