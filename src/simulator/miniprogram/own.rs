//! The mini-program whose token a call has.

use crate::simulator::account::Account;
use crate::simulator::answer::Refusal;
use crate::simulator::endpoint::Call;

/// The account the token acts for.
pub(super) fn own<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

/// The same, to be changed.
pub(super) fn own_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Account, Refusal> {
    call.state
        .accounts
        .get_mut(&call.account)
        .ok_or(Refusal(61003))
}
