//! Drafts and the library: reading both, making a template of a draft, deleting one.
//!
//! developers.weixin.qq.com: 第三方平台 / 代码模板库管理. Who adds a template is not told its id.

use serde_json::{Value, json};

use super::state::{CodeDraft, CodeTemplate};
use crate::simulator::answer::{Fields, Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::platform::Platform;

/// Most templates of one type.
const MOST: usize = 200;

fn own<'a>(call: &'a Call<'_>) -> Result<&'a Platform, Refusal> {
    let platform = call.state.platforms.get(&call.platform);
    platform.ok_or(Refusal(40013))
}

fn own_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Platform, Refusal> {
    let platform = call.state.platforms.get_mut(&call.platform);
    platform.ok_or(Refusal(40013))
}

/// An id: a number by the page, text in its sample.
fn id(body: &Fields, name: &str) -> Option<u64> {
    let given = body.get(name)?;
    let text = || given.as_str().and_then(|text| text.parse().ok());
    given.as_u64().or_else(text)
}

/// `wxa/gettemplatedraftlist`
pub(in crate::simulator) fn drafts(call: &mut Call<'_>) -> Outcome {
    let item = |draft: &CodeDraft| {
        let mut item = fields([
            ("create_time", json!(draft.create_time)),
            ("user_version", json!(draft.user_version)),
            ("user_desc", json!(draft.user_desc)),
            ("draft_id", json!(draft.draft_id)),
        ]);
        let seldom = [
            ("source_miniprogram_appid", &draft.source_app_id),
            ("source_miniprogram", &draft.source_name),
            ("developer", &draft.developer),
        ];
        let seldom = seldom.into_iter().filter(|(_, value)| !value.is_empty());
        item.extend(seldom.map(|(name, value)| (name.to_owned(), json!(value))));
        Value::Object(item)
    };
    let items: Vec<Value> = own(call)?.code_drafts.iter().map(item).collect();
    let mut answer = ok();
    answer.insert("draft_list".to_owned(), Value::from(items));
    Ok(answer)
}

/// `wxa/gettemplatelist`: in no order one could rely on.
pub(in crate::simulator) fn list(call: &mut Call<'_>) -> Outcome {
    let wanted = match call.parameter("template_type") {
        None => None,
        Some("0") => Some(0),
        Some("1") => Some(1),
        Some(_) => return refuse(40097),
    };
    let templates = own(call)?.code_templates.iter();
    let of_type = |one: &&CodeTemplate| wanted.is_none_or(|kind| one.template_type == kind);
    let mut items: Vec<Value> = templates.filter(of_type).map(item).collect();
    items.reverse();
    let mut answer = ok();
    answer.insert("template_list".to_owned(), Value::from(items));
    Ok(answer)
}

fn item(template: &CodeTemplate) -> Value {
    let mut item = fields([
        ("create_time", json!(template.create_time)),
        ("user_version", json!(template.user_version)),
        ("user_desc", json!(template.user_desc)),
        ("template_id", json!(template.template_id)),
        ("draft_id", json!(template.draft_id)),
        ("source_miniprogram_appid", json!(template.source_app_id)),
        ("source_miniprogram", json!(template.source_name)),
        ("template_type", json!(template.template_type)),
    ]);
    if template.is_standard() {
        item.extend(fields([
            ("category_list", json!(template.category_list)),
            ("audit_scene", json!(0)),
            ("audit_status", json!(template.audit_status)),
            ("reason", json!(template.reason)),
        ]));
    }
    Value::Object(item)
}

/// `wxa/addtotemplate`
pub(in crate::simulator) fn add(call: &mut Call<'_>) -> Outcome {
    let draft_id = id(&call.body, "draft_id").ok_or(Refusal(85064))?;
    let template_type = match call.body.get("template_type") {
        None => 0,
        Some(_) => id(&call.body, "template_type").ok_or(Refusal(40097))?,
    };
    if template_type > 1 {
        return refuse(40097);
    }
    let now = call.now.as_second();
    let platform = own_mut(call)?;
    let mut drafts = platform.code_drafts.iter();
    let draft = drafts.find(|draft| draft.draft_id == draft_id);
    let draft = draft.ok_or(Refusal(85064))?;
    let same = |one: &&CodeTemplate| one.template_type == template_type;
    let count = platform.code_templates.iter().filter(same).count();
    if count >= platform.max_templates.unwrap_or(MOST) {
        return refuse(85065);
    }
    let template = CodeTemplate {
        template_id: platform.free_template_id(),
        template_type,
        draft_id,
        user_version: draft.user_version.clone(),
        user_desc: draft.user_desc.clone(),
        create_time: now,
        source_app_id: draft.source_app_id.clone(),
        source_name: draft.source_name.clone(),
        code: draft.code.clone(),
        ..CodeTemplate::default()
    };
    platform.next_template_id = template.template_id.saturating_add(1);
    platform.code_templates.push(template);
    call.effect = true;
    Ok(ok())
}

/// `wxa/deletetemplate`
pub(in crate::simulator) fn delete(call: &mut Call<'_>) -> Outcome {
    let template_id = id(&call.body, "template_id").ok_or(Refusal(85064))?;
    let platform = own_mut(call)?;
    let templates = &mut platform.code_templates;
    let place = templates
        .iter()
        .position(|one| one.template_id == template_id);
    let place = place.ok_or(Refusal(85064))?;
    // An id is never given out again.
    let next = platform.free_template_id();
    platform.code_templates.remove(place);
    platform.next_template_id = next;
    call.effect = true;
    Ok(ok())
}

impl Platform {
    /// Of both types together.
    fn free_template_id(&self) -> u64 {
        let ids = self.code_templates.iter().map(|one| one.template_id);
        let after_last = ids.max().map_or(0, |last| last.saturating_add(1));
        self.next_template_id.max(after_last)
    }
}
