//! Templates of subscription notifications (订阅通知): `/wxaapi/newtmpl/…` of an official account.
//!
//! developers.weixin.qq.com: 公众号 / 订阅通知. They go by the account's service categories; their ids are none of
//! message templates.

use serde_json::{Value, json};

use super::account::Account;
use super::answer::{Fields, Outcome, Refusal, ok, refuse};
use super::endpoint::Call;
use super::subscription_library::{PublicTemplate, SubscriptionTemplate, library};

/// Most templates of one account.
const MOST: usize = 25;
/// Most titles of one page.
const PAGE: usize = 30;
/// Fewest and most keywords.
const KEYWORDS: std::ops::RangeInclusive<usize> = 2..=5;
/// Longest scene, in characters.
const SCENE: usize = 15;

/// `newtmpl/getpubtemplatetitles`
pub(super) fn titles(call: &mut Call<'_>) -> Outcome {
    let ids: Vec<u64> = call
        .parameter("ids")
        .ok_or(Refusal(200_018))?
        .split(',')
        .map(|id| id.trim().parse().map_err(|_| Refusal(200_019)))
        .collect::<Result<_, _>>()?;
    let number = |key, code| {
        let given = call.parameter(key).ok_or(Refusal(code))?;
        given.parse::<usize>().map_err(|_| Refusal(code))
    };
    let start = number("start", 200_016)?;
    let limit = number("limit", 200_017)?;
    if !(1..=PAGE).contains(&limit) {
        return refuse(200_017);
    }
    let library = library(&call.state.subscription_templates);
    let found: Vec<&PublicTemplate> = library
        .values()
        .filter(|one| ids.contains(&one.category))
        .collect();
    let page: Vec<Value> = found
        .iter()
        .skip(start)
        .take(limit)
        .map(|one| {
            json!({
                "tid": one.tid, "title": one.title, "type": one.kind,
                "categoryId": one.category.to_string(),
            })
        })
        .collect();
    Ok(counted(found.len(), page))
}

/// `newtmpl/getpubtemplatekeywords`
pub(super) fn keywords(call: &mut Call<'_>) -> Outcome {
    let tid = call.parameter("tid").and_then(|tid| tid.parse().ok());
    let found = tid.and_then(|tid: u64| library(&call.state.subscription_templates).get(&tid));
    let template = found.ok_or(Refusal(200_014))?;
    let lines = template.keywords.iter().map(
        |one| json!({"kid": one.kid, "name": one.name, "example": one.example, "rule": one.rule}),
    );
    Ok(counted(template.keywords.len(), lines.collect()))
}

fn counted(count: usize, data: Vec<Value>) -> Fields {
    let mut answer = ok();
    answer.insert("count".to_owned(), json!(count));
    answer.insert("data".to_owned(), Value::from(data));
    answer
}

/// `newtmpl/addtemplate`: adding twice makes two.
pub(super) fn add(call: &mut Call<'_>) -> Outcome {
    let tid = match call.body.get("tid") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let found = tid.and_then(|tid| library(&call.state.subscription_templates).get(&tid));
    let template = found.ok_or(Refusal(200_014))?;
    let own = account(call)?;
    if own.subscriptions_banned {
        return refuse(200_011);
    }
    if template.banned {
        return refuse(200_013);
    }
    if !own.categories.iter().any(|one| one.id == template.category) {
        return refuse(200_014);
    }
    let chosen = template
        .chosen(&chosen_kids(call)?)
        .ok_or(Refusal(200_020))?;
    let scene = call.text("sceneDesc").unwrap_or_default().to_owned();
    if scene.chars().count() > SCENE {
        return refuse(200_021);
    }
    if own.subscriptions.len() >= MOST {
        return refuse(200_012);
    }
    let account = account_mut(call)?;
    let id = account.next_template_id();
    account.subscriptions.push(SubscriptionTemplate {
        pri_tmpl_id: id.clone(),
        scene,
        ..chosen
    });
    call.effect = true;
    let mut answer = ok();
    answer.insert("priTmplId".to_owned(), json!(id));
    Ok(answer)
}

/// `newtmpl/gettemplate`
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let data = account(call)?.subscriptions.iter().map(|one| {
        json!({
            "priTmplId": one.pri_tmpl_id, "title": one.title, "content": one.content,
            "example": one.example, "type": one.kind,
        })
    });
    let data = data.collect();
    let mut answer = ok();
    answer.insert("data".to_owned(), data);
    Ok(answer)
}

/// `newtmpl/deltemplate`
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let id = call.text("priTmplId").unwrap_or_default().to_owned();
    let own = &mut account_mut(call)?.subscriptions;
    let before = own.len();
    own.retain(|one| one.pri_tmpl_id != id);
    if own.len() == before {
        return refuse(40037);
    }
    call.effect = true;
    Ok(ok())
}

/// `kidList`: two to five numbers, each once.
fn chosen_kids(call: &Call<'_>) -> Result<Vec<u64>, Refusal> {
    let given = call.body.get("kidList").and_then(Value::as_array);
    let kids: Option<Vec<u64>> = given.and_then(|list| list.iter().map(Value::as_u64).collect());
    let kids = kids.ok_or(Refusal(200_020))?;
    let twice = kids
        .iter()
        .enumerate()
        .any(|(place, kid)| kids.iter().skip(place + 1).any(|other| other == kid));
    if twice || !KEYWORDS.contains(&kids.len()) {
        return refuse(200_020);
    }
    Ok(kids)
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
