//! What was done last, where a resource knows it from nowhere else, and what WeChat pushed of it since.

use crate::resource::{Ops, ops};
use crate::store::documents::{REVIEW_OF_CATEGORY, REVIEW_OF_CODE, REVIEW_OF_NICKNAME, ReviewDoc};
use crate::store::journal::{self, LastDone, OpKey, actions};
use crate::store::{Key, Store, StoreError};
use crate::wechat::review::ReviewStatus;
use crate::wechat::{Appid, category, code, nickname};

/// What was done last on an account, where a resource knows it from nowhere else: of each of its things, where it has
/// several and the manifest alone does not tell which.
pub(super) async fn recall(
    store: &Store,
    recalled: &[String],
    account: &Appid,
    ops: &mut Ops,
) -> Result<(), StoreError> {
    if recalled.is_empty() {
        return Ok(());
    }
    for action in actions(store, account).await? {
        let is_it = |one: &String| {
            let rest = action.strip_prefix(one.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
        };
        if recalled.iter().any(is_it)
            && let Some(done) = last_done(store, (&action, account)).await?
        {
            ops.insert(account.clone(), action, done);
        }
    }
    Ok(())
}

/// What was done last. An operation that cannot be read is as if it were not there: what it would tell is then not known.
pub(super) async fn last_done(
    store: &Store,
    (action, account): (&str, &Appid),
) -> Result<Option<ops::LastDone>, StoreError> {
    let Some(LastDone {
        call,
        evidence,
        at,
        shown,
        ids,
        given_back: _,
    }) = done(store, (action, account)).await?
    else {
        return Ok(None);
    };
    Ok(Some(ops::LastDone {
        call,
        evidence,
        at,
        shown,
        ids,
        told: told(store, (action, account)).await?,
    }))
}

/// The same as the operation has it.
pub(super) async fn done(
    store: &Store,
    (action, account): (&str, &Appid),
) -> Result<Option<LastDone>, StoreError> {
    let key = OpKey {
        action: action.to_owned(),
        appid: account.clone(),
    };
    journal::last_done(store, &key).await
}

/// What WeChat pushed last of a review of what an action hands in. One that cannot be read is asked for by its id.
async fn told(
    store: &Store,
    (action, account): (&str, &Appid),
) -> Result<Option<ops::Told>, StoreError> {
    let (name, _thing) = action.split_once('+').unwrap_or((action, ""));
    let kind = if name == nickname::SET.name {
        REVIEW_OF_NICKNAME
    } else if [category::ADD.name, category::MODIFY.name].contains(&name) {
        REVIEW_OF_CATEGORY
    } else if name == code::SUBMIT.name {
        REVIEW_OF_CODE
    } else {
        return Ok(None);
    };
    let stored = review(store, account, kind).await?;
    Ok(stored.map(|stored| {
        let ReviewDoc {
            of: name,
            status,
            reason,
            at,
            screenshots,
            heard: _,
        } = stored;
        ops::Told {
            name,
            status: ReviewStatus::of(status),
            reason,
            at,
            screenshots,
        }
    }))
}

/// The end of a review that WeChat pushed last, of a kind.
pub(super) async fn review(
    store: &Store,
    account: &Appid,
    kind: &str,
) -> Result<Option<ReviewDoc>, StoreError> {
    match store.get::<ReviewDoc>(&Key::review(account, kind)).await {
        Ok(stored) => Ok(stored.map(|stored| stored.value)),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
