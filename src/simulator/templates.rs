//! Template messages (模板消息) of an official account: its industries, its templates, its service categories.
//!
//! developers.weixin.qq.com: 公众号 / 模板消息. Two models live side by side: `TM…` and `OPENTM…` go by the
//! account's industries, digits (类目模板) by its service categories.

use serde_json::{Value, json};

use super::account::Account;
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::endpoint::Call;
use super::industry;
use super::message_template::{Industry, PrivateTemplate};
use super::quota;

const MAX_TEMPLATES: usize = 25;

/// `template/api_set_industry`: once a month, and the templates of an industry that is given up are gone. An
/// account on the new model gets its ok, and nothing happens.
pub(super) fn set_industry(call: &mut Call<'_>) -> Outcome {
    let (primary, secondary) = (code(call, "industry_id1")?, code(call, "industry_id2")?);
    let month = quota::month(call.now);
    let account = account_mut(call)?;
    if account.new_template_model {
        return Ok(ok());
    }
    let changed_in = account
        .industry
        .as_ref()
        .and_then(|now| now.changed_in.as_deref());
    if changed_in == Some(&month) {
        return refuse(43100);
    }
    let industry = Industry {
        primary,
        secondary,
        changed_in: Some(month),
    };
    account.templates.retain(|template| {
        template
            .industry
            .is_none_or(|template| industry.covers(template))
    });
    account.industry = Some(industry);
    call.effect = true;
    Ok(ok())
}

/// `template/get_industry`: no errcode on success; 40102 when it was never set.
pub(super) fn get_industry(call: &mut Call<'_>) -> Outcome {
    let Some(industry) = &account(call)?.industry else {
        return refuse(40102);
    };
    let shape = |code| {
        let (first, second) = industry::names(code).unwrap_or_default();
        json!({"first_class": first, "second_class": second})
    };
    Ok(fields([
        ("primary_industry", shape(industry.primary)),
        ("secondary_industry", shape(industry.secondary)),
    ]))
}

/// `template/api_add_template`: adding twice makes two.
pub(super) fn add(call: &mut Call<'_>) -> Outcome {
    let Some(short_id) = call.text("template_id_short") else {
        return refuse(40097);
    };
    let owner = account(call)?;
    let chosen = call
        .state
        .library()
        .get(short_id)
        .filter(|template| owner.may_choose(template.industry, template.category));
    let Some(chosen) = chosen else {
        return refuse(45027);
    };
    if let Some(code) = call.state.switches.old_templates_refused
        && !chosen.is_of_a_category()
    {
        return refuse(code);
    }
    let keywords = if chosen.is_of_a_category() {
        keywords(call)?
    } else {
        Vec::new()
    };
    let template = chosen.chosen(&keywords).or(refuse(40246))?;
    if owner.templates.len() >= MAX_TEMPLATES {
        return refuse(45026);
    }
    let template_id = account_mut(call)?.take_template(template);
    call.effect = true;
    let mut answer = ok();
    answer.insert("template_id".to_owned(), Value::from(template_id));
    Ok(answer)
}

/// WeChat's own template, which an account has without asking.
const BUILT_IN: (&str, &str) = ("订阅模板消息", "{{content.DATA}}");

/// `template/get_all_private_template`: no errcode. Templates of a service category name no industry.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let account = account(call)?;
    let (title, content) = BUILT_IN;
    let shows_built_in = call.state.switches.built_in_template
        && account.templates.iter().all(|one| one.title != title);
    let built_in = shows_built_in.then(|| PrivateTemplate {
        template_id: account.built_in_template_id(),
        title: title.to_owned(),
        content: content.to_owned(),
        ..PrivateTemplate::default()
    });
    let templates = built_in.iter().chain(&account.templates).map(|template| {
        let (first, second) = template
            .industry
            .and_then(industry::names)
            .unwrap_or_default();
        json!({
            "template_id": template.template_id,
            "title": template.title,
            "primary_industry": first,
            "deputy_industry": second,
            "content": template.content,
            "example": template.example,
        })
    });
    Ok(fields([("template_list", templates.collect())]))
}

/// `template/del_private_template`
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let Some(template_id) = call.text("template_id").map(str::to_owned) else {
        return refuse(40037);
    };
    let templates = &mut account_mut(call)?.templates;
    let before = templates.len();
    templates.retain(|template| template.template_id != template_id);
    if templates.len() == before {
        return refuse(40037);
    }
    call.effect = true;
    Ok(ok())
}

/// `newtmpl/getcategory`: the service categories of the account.
pub(super) fn categories(call: &mut Call<'_>) -> Outcome {
    let data = account(call)?
        .categories
        .iter()
        .map(|category| json!({"id": category.id, "name": category.name}))
        .collect();
    let mut answer = ok();
    answer.insert("data".to_owned(), data);
    Ok(answer)
}

/// An industry code: text, though it is a number; by a switch a number as well.
fn code(call: &Call<'_>, field: &str) -> Result<u32, Refusal> {
    let number = || {
        let takes_numbers = call.state.switches.industry_takes_numbers;
        let number = call.body.get(field).filter(|_| takes_numbers)?.as_u64()?;
        u32::try_from(number).ok()
    };
    call.text(field)
        .and_then(|text| text.parse().ok())
        .or_else(number)
        .filter(|code| industry::names(*code).is_some())
        .ok_or(Refusal(40102))
}

fn keywords(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let names = call
        .body
        .get("keyword_name_list")
        .and_then(Value::as_array)
        .ok_or(Refusal(40246))?;
    names
        .iter()
        .map(|name| name.as_str().map(str::to_owned).ok_or(Refusal(40246)))
        .collect()
}

impl Account {
    /// Whether a library template of this industry or service category is open to the account.
    fn may_choose(&self, industry: Option<u32>, category: Option<u64>) -> bool {
        let of_industry = industry.is_none_or(|code| {
            self.industry
                .as_ref()
                .is_some_and(|industry| industry.covers(code))
        });
        let of_category =
            category.is_none_or(|id| self.categories.iter().any(|category| category.id == id));
        of_industry && of_category
    }

    /// Adds the template under an id of its own, and tells the id.
    fn take_template(&mut self, mut template: PrivateTemplate) -> String {
        let template_id = self.next_template_id();
        template.template_id.clone_from(&template_id);
        self.templates.push(template);
        template_id
    }
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
