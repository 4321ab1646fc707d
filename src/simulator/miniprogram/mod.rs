//! What only a mini-program (小程序) has, and the APIs about it.
//!
//! Its account lies beside the others in `account.rs`; here is the rest, one file per thing an owner sees in the
//! console. Written from 第三方平台 / 小程序管理.

mod audit;
mod avatar;
mod base_library;
mod basic_info;
mod budget;
mod category;
pub(super) mod category_lists;
mod category_tree;
mod endpoints;
mod names;
mod nickname;
mod signature;
mod state;
mod testers;
mod visibility;

pub(super) use endpoints::ENDPOINTS;

pub use audit::{Audit, AuditOutcome, Reviewed};
pub use budget::{Allowance, Budget, Period};
pub use category_tree::AppCategory;
pub use names::{Reserved, ReservedName};
pub use state::{
    BaseLibrary, BasicInfo, CategoryStatus, Certificate, MiniProgram, Profile, SearchLock,
    SetCategory, Tester, VersionShare,
};
pub use testers::Person;

use crate::simulator::account::Account;
use crate::simulator::answer::Refusal;
use crate::simulator::endpoint::Call;

/// The account the token acts for.
fn own<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

/// The same, to be changed.
fn own_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Account, Refusal> {
    call.state
        .accounts
        .get_mut(&call.account)
        .ok_or(Refusal(61003))
}
