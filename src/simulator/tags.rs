//! Tags of users (用户标签): `tags/get`, `create`, `update`, `delete`. What has them is in `users`.
//!
//! developers.weixin.qq.com: 公众号 / 用户标签管理. Tags 0, 1 and 2 are WeChat's own and cannot be changed.

use serde_json::{Value, json};

use super::account::{Account, User};
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::endpoint::Call;
use super::user_tag::Tag;

/// Most tags of one account.
const MOST: usize = 100;
/// Longest name, in bytes.
const LONGEST: usize = 30;
/// A tag with more users cannot be deleted.
const TOO_MANY_FANS: u64 = 100_000;
/// The first id that is not WeChat's own.
const FIRST: i64 = 100;
/// The one of WeChat's own that lists show.
const STARRED: (i64, &str) = (2, "星标组");

impl Account {
    fn fans(&self, tag: i64) -> u64 {
        let has = |user: &&User| user.subscribed && user.tag_ids.contains(&tag);
        self.users.values().filter(has).count() as u64
    }

    /// Ids are given out upwards and never again.
    fn take_tag_id(&mut self) -> i64 {
        let newest = self
            .tags
            .iter()
            .map(|tag| tag.id)
            .max()
            .unwrap_or(FIRST - 1);
        let id = self.next_tag_id.max(newest.saturating_add(1)).max(FIRST);
        self.next_tag_id = id.saturating_add(1);
        id
    }
}

/// `tags/get`: no errcode on success.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let account = account(call)?;
    let (id, name) = STARRED;
    let mut tags = vec![json!({"id": id, "name": name, "count": account.fans(id)})];
    tags.extend(account.tags.iter().map(|tag| {
        let count = account.fans(tag.id).saturating_add(tag.other_fans);
        json!({"id": tag.id, "name": tag.name, "count": count})
    }));
    Ok(fields([("tags", Value::from(tags))]))
}

/// `tags/create`: no errcode on success.
pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let name = name(call, None)?;
    let account = account_mut(call)?;
    if account.tags.len() >= MOST {
        return refuse(45056);
    }
    let id = account.take_tag_id();
    let answer = fields([("tag", json!({"id": id, "name": name}))]);
    account.tags.push(Tag {
        id,
        name,
        other_fans: 0,
    });
    call.effect = true;
    Ok(answer)
}

/// `tags/update`
pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let id = id(call)?;
    let name = name(call, Some(id))?;
    let tags = account_mut(call)?.tags.iter_mut();
    for tag in tags.filter(|tag| tag.id == id) {
        tag.name.clone_from(&name);
    }
    call.effect = true;
    Ok(ok())
}

/// `tags/delete`: whoever has it loses it.
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let id = id(call)?;
    let account = account_mut(call)?;
    let others = account.tags.iter().find(|tag| tag.id == id);
    let others = others.map_or(0, |tag| tag.other_fans);
    if account.fans(id).saturating_add(others) > TOO_MANY_FANS {
        return refuse(45057);
    }
    account.tags.retain(|tag| tag.id != id);
    for user in account.users.values_mut() {
        user.tag_ids.retain(|tag| *tag != id);
    }
    call.effect = true;
    Ok(ok())
}

/// The id of a tag that is there and is no system tag.
fn id(call: &Call<'_>) -> Result<i64, Refusal> {
    let given = call.body.get("tag").and_then(|tag| tag.get("id"));
    let given = given.and_then(|id| {
        id.as_i64()
            .or_else(|| id.as_str().and_then(|text| text.parse().ok()))
    });
    match given {
        Some(0..=2) => refuse(45058),
        Some(id) if account(call)?.tags.iter().any(|tag| tag.id == id) => Ok(id),
        Some(_) | None => refuse(45159),
    }
}

/// A name no other tag has.
fn name(call: &Call<'_>, own: Option<i64>) -> Result<String, Refusal> {
    let given = call.body.get("tag").and_then(|tag| tag.get("name"));
    let name = given.and_then(Value::as_str).unwrap_or_default().trim();
    if name.len() > LONGEST {
        return refuse(45158);
    }
    let mut others = account(call)?.tags.iter().filter(|tag| Some(tag.id) != own);
    if name.is_empty() || name == STARRED.1 || others.any(|tag| tag.name == name) {
        return refuse(45157);
    }
    Ok(name.to_owned())
}

fn account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

fn account_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Account, Refusal> {
    call.state
        .accounts
        .get_mut(&call.account)
        .ok_or(Refusal(61003))
}
