//! `item_list` of a submission: which pages are what, in the words of the categories the account has.
//!
//! developers.weixin.qq.com: 第三方平台 / 提交代码审核.

use serde_json::{Map, Value};

use super::state::CodeVersion;
use crate::simulator::answer::{Fields, Refusal, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::own;

/// Most items.
const MOST: usize = 5;
/// Most tags of an item, and most characters of one.
const TAGS: (usize, usize) = (10, 20);
/// Most characters of a title.
const LONGEST_TITLE: usize = 32;
/// A page, tags and a title that are none.
const BAD_PAGE: i64 = 85007;
const BAD_TAG: i64 = 85006;
const BAD_TITLE: i64 = 85011;
const INCOMPLETE: i64 = 85010;
const BAD_CATEGORY: i64 = 85008;

pub(super) fn check(call: &Call<'_>, version: &CodeVersion) -> Result<(), Refusal> {
    let items = match call.body.get("item_list") {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => {
            return match call.state.switches.submit_without_items {
                0 => Ok(()),
                code => refuse(code),
            };
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return refuse(47001);
        }
    };
    if items.is_empty() || items.len() > MOST {
        return refuse(85023);
    }
    for item in items {
        let item = item.as_object().ok_or(Refusal(INCOMPLETE))?;
        check_category(call, item)?;
        check_words(item, version)?;
    }
    Ok(())
}

fn text<'a>(item: &'a Fields, name: &str) -> &'a str {
    let given = item.get(name).and_then(Value::as_str);
    given.unwrap_or_default()
}

fn check_words(item: &Fields, version: &CodeVersion) -> Result<(), Refusal> {
    let address = text(item, "address");
    if !address.is_empty() && !version.code.has_page(address) {
        return refuse(BAD_PAGE);
    }
    let tags: Vec<&str> = text(item, "tag").split_whitespace().collect();
    let too_long = |tag: &&str| tag.chars().count() > TAGS.1;
    if tags.len() > TAGS.0 || tags.iter().any(too_long) {
        return refuse(BAD_TAG);
    }
    if text(item, "title").chars().count() > LONGEST_TITLE {
        return refuse(BAD_TITLE);
    }
    Ok(())
}

/// Names and ids, both, of a category that has passed.
fn check_category(call: &Call<'_>, item: &Map<String, Value>) -> Result<(), Refusal> {
    let number = |name: &str| item.get(name).and_then(Value::as_u64);
    let (first, second) = match (number("first_id"), number("second_id")) {
        (Some(first), Some(second)) => (first, second),
        _ => return refuse(INCOMPLETE),
    };
    let names = (text(item, "first_class"), text(item, "second_class"));
    if names.0.is_empty() || names.1.is_empty() {
        return refuse(INCOMPLETE);
    }
    let mut set = own(call)?.mini_program.categories.iter();
    let is_set = set.any(|one| one.is(first, second) && one.has_passed());
    let found = call.state.category(first, second).filter(|_| is_set);
    let (above, below) = found.ok_or(Refusal(BAD_CATEGORY))?;
    if (above.name.as_str(), below.name.as_str()) != names {
        return refuse(BAD_CATEGORY);
    }
    if below.withdrawn {
        return refuse(85077);
    }
    let Some(third) = number("third_id").filter(|third| *third != 0) else {
        return Ok(());
    };
    let third = call.state.category_tree().get(&third);
    let third = third.filter(|third| third.father == second);
    match third.is_some_and(|third| third.name == text(item, "third_class")) {
        true => Ok(()),
        false => refuse(BAD_CATEGORY),
    }
}
