//! The steps that put an account into an open account, and what is said where there is none to be made yet.

use serde_json::{Value, json};

use super::{OpenAccount, OpenAccountSpec, OpenAccountState};
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Costly, Person, Reason, Step, Text, Waiting, Whose};
use crate::resource::{At, Resource as _};
use crate::wechat::{Appid, open_account};

/// Makes an open account with the account in it.
pub(super) fn creating(account: &Appid) -> Step {
    let change = Change {
        path: OpenAccount::path(&At::OFFICIAL).field("create"),
        from: None,
        to: Some(json!(true)),
    };
    let call = open_account::create_request(account);
    Step::new(Action::Create, account.clone(), vec![change], vec![call])
}

/// Puts the account into one that exists.
pub(super) fn binding(spec: &OpenAccountSpec, wanted: &Appid, account: &Appid) -> Step {
    let change = change(spec, None, wanted);
    let call = open_account::bind_request(account, wanted);
    Step::new(Action::Create, account.clone(), vec![change], vec![call])
}

/// Takes the account out of the one it is in, and puts it into another.
pub(super) fn moving(
    spec: &OpenAccountSpec,
    wanted: &Appid,
    live: &OpenAccountState,
    account: &Appid,
) -> Step {
    let mut calls = vec![open_account::bind_request(account, wanted)];
    let mut from = None;
    if let OpenAccountState::Bound(live) = live {
        calls.insert(0, open_account::unbind_request(account, live));
        from = Some(json!(live));
    }
    let change = change(spec, from, wanted);
    let mut step = Step::new(Action::Update, account.clone(), vec![change], calls);
    step.costly = Some(Costly::Unbind);
    step
}

fn change(spec: &OpenAccountSpec, from: Option<Value>, wanted: &Appid) -> Change {
    Change {
        path: place(spec),
        from,
        to: Some(json!(wanted)),
    }
}

/// Where the manifest says it.
fn place(spec: &OpenAccountSpec) -> SpecPath {
    let path = OpenAccount::path(&At::OFFICIAL);
    match spec.bind {
        Some(_) => path.field("bind").field("appId"),
        None => path.field("create"),
    }
}

/// An account is bound once another one has made the open account.
pub(super) fn after(maker: &Whose) -> Waiting {
    let first = OpenAccount::address(maker);
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!("{first} 创建开放平台账号之后，绑定到同一个"),
            format!("bound to the open account that {first} makes, once it is made"),
        ),
    )
}

/// Which open account is the tenant's cannot be told.
pub(super) fn not_known(whose: &Whose) -> Waiting {
    let first = OpenAccount::address(whose);
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!("尚不知 {first} 绑定的是哪个开放平台账号，查明之前不绑定、不创建"),
            format!(
                "which open account {first} is in is not known, so nothing is bound or made before it is"
            ),
        ),
    )
}

/// The open account that an earlier pass saw can be asked of no account now. Another one is not made beside it.
pub(super) fn remembered(open: String, shut: &Whose) -> Waiting {
    let first = OpenAccount::address(shut);
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Operator,
        Text::new(
            format!(
                "该租户的开放平台账号是 {open}，但目前无法查询 {first}，因此不另行创建；若要先绑定到它，请写 \
                 openAccount: {{bind: {{appId: {open}}}}}"
            ),
            format!(
                "the tenant's open account is {open}, but {first} cannot be asked now, and no other is made beside it; \
                 to go on with that one, write `openAccount: {{bind: {{appId: {open}}}}}`"
            ),
        ),
    )
}
