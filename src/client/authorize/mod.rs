//! Authorization: the link an owner opens, the page at WeChat it leads to, and the exchange of the code that comes
//! back, by the browser, by push, or by both in any order.

mod addressee;
mod codes;
mod exchange;
mod key;
mod link;
mod page;
mod pin;
mod revocation;

pub use addressee::Addressee;
pub use exchange::ExchangeError;
pub use key::key;
pub use link::{Purpose, address, addressee_of, callback, link};
pub use page::{Invitation, Wanted, page};
pub use pin::{Pinned, pin, pinned};
