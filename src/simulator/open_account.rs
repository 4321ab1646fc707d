//! Open accounts (开放平台帐号): `/cgi-bin/open/…`.
//!
//! developers.weixin.qq.com: 第三方平台 / 开放平台帐号管理. An open account made through the API is unverified
//! and holds accounts of one entity only; the platform may unbind only from such ones.

use serde_json::Value;

use super::account::Account;
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::credential::new_app_id;
use super::endpoint::Call;
use super::state::{CreatedBy, OpenAccount, State};

/// Accounts a verified open account may bind.
const VERIFIED_MEMBERS: usize = 100;

/// `open/create`: not idempotent; a bound account is refused.
pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let account = own_account(call)?;
    may_bind(account)?;
    let open_app_id = new_app_id();
    let open = OpenAccount {
        open_app_id: open_app_id.clone(),
        principal_name: account.principal_name.clone(),
        created_by: CreatedBy::Api,
        verified: false,
        other_members: 0,
    };
    call.state.open_accounts.insert(open_app_id.clone(), open);
    set_open_account(call, Some(open_app_id.clone()))?;
    let mut answer = ok();
    answer.insert("open_appid".to_owned(), Value::from(open_app_id));
    Ok(answer)
}

/// `open/bind`
pub(super) fn bind(call: &mut Call<'_>) -> Outcome {
    let account = own_account(call)?;
    may_bind(account)?;
    let open = named_open_account(call)?;
    if open.created_by == CreatedBy::Site && !open.verified {
        return refuse(89036);
    }
    if open.principal_name != account.principal_name {
        return refuse(89001);
    }
    let limit = if open.verified {
        VERIFIED_MEMBERS
    } else {
        let limit = call.state.switches.unverified_open_account_members;
        usize::try_from(limit).unwrap_or(usize::MAX)
    };
    if members(call.state, open) >= limit {
        return refuse(89004);
    }
    let open_app_id = open.open_app_id.clone();
    set_open_account(call, Some(open_app_id))?;
    Ok(ok())
}

/// `open/unbind`
pub(super) fn unbind(call: &mut Call<'_>) -> Outcome {
    let bound = own_account(call)?.open_account.clone();
    let open = named_open_account(call)?;
    match bound {
        None => return refuse(89002),
        Some(bound) if bound != open.open_app_id => return refuse(40013),
        Some(_) if open.created_by == CreatedBy::Site => return refuse(89003),
        Some(_) => {}
    }
    set_open_account(call, None)?;
    Ok(ok())
}

/// `open/get`
pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let Some(open_app_id) = own_account(call)?.open_account.clone() else {
        return refuse(89002);
    };
    let mut answer = if call.state.switches.open_get_omits_errcode {
        fields([])
    } else {
        ok()
    };
    answer.insert("open_appid".to_owned(), Value::from(open_app_id));
    Ok(answer)
}

/// `open/have`
pub(super) fn have(call: &mut Call<'_>) -> Outcome {
    let bound = own_account(call)?.open_account.is_some();
    let mut answer = ok();
    answer.insert("have_open".to_owned(), Value::from(bound));
    Ok(answer)
}

/// `open/sameentity`: whether the account and its open account belong to one entity.
pub(super) fn same_entity(call: &mut Call<'_>) -> Outcome {
    let account = own_account(call)?;
    let Some(open) = account
        .open_account
        .as_ref()
        .and_then(|open| call.state.open_accounts.get(open))
    else {
        return refuse(89002);
    };
    let same = open.principal_name == account.principal_name;
    let mut answer = ok();
    answer.insert("same_entity".to_owned(), Value::from(same));
    Ok(answer)
}

/// The token's account; an `appid` in the body may only repeat it.
fn own_account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    match call.body.get("appid").map(Value::as_str) {
        None => {}
        Some(Some(app_id)) if app_id == call.account => {}
        Some(_) => return refuse(40013),
    }
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

fn named_open_account<'a>(call: &'a Call<'_>) -> Result<&'a OpenAccount, Refusal> {
    call.text("open_appid")
        .and_then(|open| call.state.open_accounts.get(open))
        .ok_or(Refusal(40013))
}

fn may_bind(account: &Account) -> Result<(), Refusal> {
    if account.is_trial() {
        return refuse(48001);
    }
    match account.open_account {
        Some(_) => refuse(89000),
        None => Ok(()),
    }
}

fn members(state: &State, open: &OpenAccount) -> usize {
    let known = state
        .accounts
        .values()
        .filter(|account| account.open_account.as_deref() == Some(&open.open_app_id))
        .count();
    known.saturating_add(usize::try_from(open.other_members).unwrap_or(usize::MAX))
}

fn set_open_account(call: &mut Call<'_>, open: Option<String>) -> Result<(), Refusal> {
    let account = call
        .state
        .accounts
        .get_mut(&call.account)
        .ok_or(Refusal(61003))?;
    account.open_account = open;
    call.effect = true;
    Ok(())
}
