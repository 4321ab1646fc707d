//! Reading categories: all there are, those that are set, and their names for a review of code.
//!
//! developers.weixin.qq.com: 第三方平台 / 类目管理.

use serde_json::{Value, json};

use super::category::may_have_categories;
use super::category_tree::{AppCategory, Tree};
use super::own::own;
use super::state::SetCategory;
use crate::simulator::account::Account;
use crate::simulator::answer::{Fields, Outcome, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::Allowance;
use crate::simulator::state::State;

/// `wxopen/getallcategories`: what this account may choose from.
pub(in crate::simulator) fn all(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let principal_type = own(call)?.basic_info.principal_type;
    Ok(listed(call.state.category_tree(), principal_type))
}

/// `wxopen/getcategoriesbytype`: what an entity of this type might.
pub(in crate::simulator) fn by_type(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let asked = call.body.get("verify_type").and_then(Value::as_i64);
    // 0 personal, 1 enterprise, 2 government, 3 media, 4 other: not in the order of `principal_type`.
    let principal_type = match asked {
        Some(2) if !call.state.switches.verify_type_is_principal_type => 3,
        Some(3) if !call.state.switches.verify_type_is_principal_type => 2,
        Some(other @ 0..=4) => other,
        Some(_) | None => return refuse(53303),
    };
    Ok(listed(call.state.category_tree(), principal_type))
}

/// `wxopen/getcategory`: those that are set, whatever became of their reviews.
pub(in crate::simulator) fn set_ones(call: &mut Call<'_>) -> Outcome {
    may_have_categories(call)?;
    let (state, account) = (&call.state, own(call)?);
    let categories: Vec<Value> = account
        .mini_program
        .categories
        .iter()
        .map(|one| shown(state, one))
        .collect();
    let limit = account.allowed(Allowance::Category, &state.switches);
    let limit = limit.unwrap_or(0);
    let spent = account.spent(Allowance::Category, call.now, &state.switches);
    let mut answer = ok();
    answer.extend(fields([
        ("categories", Value::from(categories)),
        ("limit", json!(limit)),
        ("quota", json!(limit.saturating_sub(spent))),
        ("category_limit", json!(account.mini_program.category_limit)),
    ]));
    Ok(answer)
}

/// `wxa/get_category`: those that have passed, down to the third level where there is one.
pub(in crate::simulator) fn for_review(call: &mut Call<'_>) -> Outcome {
    let tree = call.state.category_tree();
    let passed = own(call)?.mini_program.categories.iter();
    let passed = passed.filter(|one| one.has_passed());
    let list: Vec<Value> = passed
        .filter_map(|one| call.state.category(one.first, one.second))
        .flat_map(|(first, second)| named(tree, first, second))
        .collect();
    let mut answer = ok();
    answer.insert("category_list".to_owned(), Value::from(list));
    Ok(answer)
}

/// `MiniProgramInfo.categories`: names of those that have passed.
pub(in crate::simulator) fn names(state: &State, account: &Account) -> Vec<Value> {
    let passed = account.mini_program.categories.iter();
    passed
        .filter(|one| one.has_passed())
        .filter_map(|one| state.category(one.first, one.second))
        .map(|(first, second)| json!({"first": first.name, "second": second.name}))
        .collect()
}

fn named(tree: &Tree, first: &AppCategory, second: &AppCategory) -> Vec<Value> {
    let two = fields([
        ("first_class", json!(first.name)),
        ("second_class", json!(second.name)),
        ("first_id", json!(first.id)),
        ("second_id", json!(second.id)),
    ]);
    let below = tree.values().filter(|one| one.father == second.id);
    let three = below.map(|third| {
        let mut three = two.clone();
        three.extend(fields([
            ("third_class", json!(third.name)),
            ("third_id", json!(third.id)),
        ]));
        Value::Object(three)
    });
    let mut names: Vec<Value> = three.collect();
    if names.is_empty() {
        names.push(Value::Object(two));
    }
    names
}

fn shown(state: &State, one: &SetCategory) -> Value {
    let names = state.category(one.first, one.second);
    let (first, second) = names.map_or(("", ""), |(first, second)| (&first.name, &second.name));
    json!({
        "first": one.first,
        "first_name": first,
        "second": one.second,
        "second_name": second,
        "audit_status": one.status.number(),
        "audit_reason": one.reason,
    })
}

/// The first two levels, below a root that has only children.
fn listed(tree: &Tree, principal_type: i64) -> Fields {
    let seconds = |first: u64| {
        let below = tree.values().filter(move |one| one.father == first);
        below.filter(|one| one.is_for(principal_type))
    };
    let firsts = || {
        let top = tree.values().filter(|one| one.father == 0);
        top.filter(|one| seconds(one.id).next().is_some())
    };
    let ids =
        |of: &mut dyn Iterator<Item = &AppCategory>| -> Vec<u64> { of.map(|one| one.id).collect() };
    let mut items = vec![json!({
        "id": 0,
        "children": ids(&mut firsts()),
        "qualify": {"exter_list": [], "remark": ""},
    })];
    for first in firsts() {
        items.push(item(first, 1, &ids(&mut seconds(first.id))));
        items.extend(seconds(first.id).map(|second| item(second, 2, &[])));
    }
    let mut answer = ok();
    let list = json!({"categories": items});
    answer.insert("categories_list".to_owned(), list);
    answer
}

fn item(category: &AppCategory, level: i64, children: &[u64]) -> Value {
    let papers = |list: &Vec<String>| {
        let inner: Vec<Value> = list
            .iter()
            .map(|name| json!({"name": name, "url": ""}))
            .collect();
        json!({"inner_list": inner})
    };
    let exter: Vec<Value> = category.documents.iter().map(papers).collect();
    json!({
        "id": category.id,
        "name": category.name,
        "level": level,
        "father": category.father,
        "children": children,
        "sensitive_type": i64::from(!category.documents.is_empty()),
        "qualify": {"exter_list": exter, "remark": ""},
    })
}
