//! Setting categories: adding, deleting, and new papers for one that was refused.
//!
//! developers.weixin.qq.com: 第三方平台 / 类目管理. Only for mini-programs made through the API (41033). An order of
//! several is taken whole or not at all.

use serde_json::Value;

use super::budget::Allowance;
use super::category_tree::{AppCategory, BUILT_IN, Tree};
use super::own::{own, own_mut};
use super::review::Reviewed;
use super::state::{CategoryStatus, Certificate, SetCategory};
use crate::simulator::answer::{Fields, Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::state::State;

impl State {
    /// The categories there are.
    pub(in crate::simulator) fn category_tree(&self) -> &Tree {
        if self.app_categories.is_empty() {
            &BUILT_IN
        } else {
            &self.app_categories
        }
    }

    /// `(first, second)`, if that is a category one can have.
    pub(in crate::simulator) fn category(
        &self,
        first: u64,
        second: u64,
    ) -> Option<(&AppCategory, &AppCategory)> {
        let tree = self.category_tree();
        let (above, found) = (tree.get(&first)?, tree.get(&second)?);
        (above.father == 0 && found.father == first).then_some((above, found))
    }
}

/// The whole family is for mini-programs that were made through the API.
pub(super) fn may_have_categories(call: &Call<'_>) -> Result<(), Refusal> {
    match own(call)?.is_api_registered() {
        true => Ok(()),
        false => refuse(41033),
    }
}

/// `wxopen/addcategory`
pub(in crate::simulator) fn add(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let asked = call.body.get("categories").and_then(Value::as_array);
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return refuse(53303);
    };
    let mut new: Vec<SetCategory> = Vec::new();
    for one in asked {
        let Some(one) = one.as_object() else {
            return refuse(53303);
        };
        let category = checked(call, one)?;
        let (first, second) = (category.first, category.second);
        let set = own(call)?.mini_program.categories.iter().chain(&new);
        if set.into_iter().any(|other| other.is(first, second)) {
            return refuse(53304);
        }
        new.push(category);
    }
    let wants_more = has_room(call, new.len())?;
    let (now, switches) = (call.now, call.state.switches.clone());
    for category in &mut new {
        let found = call.state.category(category.first, category.second);
        let plain = found.is_none_or(|(_, second)| second.documents.is_empty());
        if !plain || wants_more || switches.plain_categories_reviewed {
            category.status = CategoryStatus::InReview;
        }
    }
    for category in new {
        let (first, second) = (category.first, category.second);
        let reviewed = !category.has_passed();
        let account = own_mut(call)?;
        account.spend(Allowance::Category, 1, now, &switches);
        account.mini_program.categories.push(category);
        if reviewed {
            let of = Reviewed::Category { first, second };
            call.state.hand_in(&call.account, of, now);
        }
    }
    call.effect = true;
    Ok(ok())
}

/// `wxopen/deletecategory`
pub(in crate::simulator) fn delete(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let (first, second) = pair(&call.body)?;
    let is_permanent = call
        .state
        .category(first, second)
        .is_some_and(|(_, second)| second.permanent);
    let set = &mut own_mut(call)?.mini_program.categories;
    let Some(place) = set.iter().position(|one| one.is(first, second)) else {
        return refuse(53303);
    };
    let in_review = set
        .get(place)
        .is_some_and(|one| one.status == CategoryStatus::InReview);
    if in_review {
        return refuse(53308);
    }
    if is_permanent {
        return refuse(53309);
    }
    set.remove(place);
    call.effect = true;
    Ok(ok())
}

/// `wxopen/modifycategory`: new papers, for one that was refused. It is reviewed again.
pub(in crate::simulator) fn modify(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let (first, second) = pair(&call.body)?;
    if call.state.category(first, second).is_none() {
        return refuse(53303);
    }
    let set = &own(call)?.mini_program.categories;
    match set.iter().find(|one| one.is(first, second)) {
        None => return refuse(53306),
        Some(one) if one.status != CategoryStatus::Refused => return refuse(53307),
        Some(_) => {}
    }
    let again = SetCategory {
        status: CategoryStatus::InReview,
        ..checked(call, &call.body)?
    };
    let (now, account) = (call.now, own_mut(call)?);
    let set = account.mini_program.categories.iter_mut();
    for one in set.filter(|one| one.is(first, second)) {
        one.clone_from(&again);
    }
    let of = Reviewed::Category { first, second };
    call.state.hand_in(&call.account, of, now);
    call.effect = true;
    Ok(ok())
}

/// `first` and `second`.
fn pair(body: &Fields) -> Result<(u64, u64), Refusal> {
    let number = |key| {
        let given = body.get(key)?;
        given
            .as_u64()
            .or_else(|| given.as_str().and_then(|text| text.parse().ok()))
    };
    match (number("first"), number("second")) {
        (Some(first), Some(second)) => Ok((first, second)),
        _ => refuse(53303),
    }
}

/// One category of an order, with all its papers.
fn checked(call: &Call<'_>, one: &Fields) -> Result<SetCategory, Refusal> {
    let (first, second) = pair(one)?;
    let account = own(call)?;
    let Some((_, category)) = call.state.category(first, second) else {
        return refuse(53303);
    };
    if !category.is_for(account.basic_info.principal_type) {
        return refuse(53302);
    }
    if category.icp && !account.mini_program.icp_checked {
        return refuse(53305);
    }
    let certificates = match one.get("certicates") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| certificate(call, one))
            .collect::<Result<_, _>>()?,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return refuse(53303);
        }
    };
    if !has_papers(category, &certificates) {
        return refuse(53311);
    }
    Ok(SetCategory {
        first,
        second,
        certificates,
        ..SetCategory::default()
    })
}

/// `{key, value}` in small letters: without a `value` it is a media id that is none.
fn certificate(call: &Call<'_>, one: &Value) -> Result<Certificate, Refusal> {
    let text = |key| one.get(key).and_then(Value::as_str).unwrap_or_default();
    let picture = call
        .state
        .picture_of(&call.account, text("value"), call.now)
        .map_err(|_| Refusal(40007))?;
    let permanent = one.get("is_permanent");
    Ok(Certificate {
        key: text("key").to_owned(),
        sha256: picture.sha256.clone(),
        expire_time: one.get("expire_time").and_then(Value::as_i64),
        is_permanent: permanent.is_some_and(|said| *said == 1 || *said == true),
    })
}

/// One of the lists is there, whole.
fn has_papers(category: &AppCategory, sent: &[Certificate]) -> bool {
    let is_sent = |name: &String| sent.iter().any(|one| one.key == *name);
    let mut lists = category.documents.iter();
    category.documents.is_empty() || lists.any(|list| list.iter().all(is_sent))
}

/// Whether so many more may be had; true: only after a review, because more were asked for than there is room.
fn has_room(call: &Call<'_>, more: usize) -> Result<bool, Refusal> {
    let (account, switches) = (own(call)?, &call.state.switches);
    let after = account.mini_program.categories.len() + more;
    if after > account.mini_program.category_limit {
        let code = switches.category_limit_reached;
        let asks_for_more = code == 53310 && call.text("apply_reason").is_some();
        return if asks_for_more {
            Ok(true)
        } else {
            refuse(code)
        };
    }
    let added = more as u64;
    if !account.affords(Allowance::Category, added, call.now, switches) {
        return refuse(53300);
    }
    Ok(false)
}
