//! What a manifest says of the person that a mini-program is registered for. Offline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::wechat_id;
use crate::wechat::Appid;

/// The person that a mini-program is registered for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("required" = ["idName", "wechatId"]))]
pub struct PersonSpec {
    /// The person's name, as the identity card has it.
    #[schemars(length(min = 1, max = 64), extend("x-wire" = "idname"))]
    pub id_name: String,
    /// The person's WeChat id (微信号).
    #[schemars(extend("x-wire" = "wxuser"))]
    pub wechat_id: String,
    /// The service provider's telephone number, which WeChat shows to the person.
    #[schemars(extend("x-wire" = "component_phone"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_phone: Option<String>,
    /// Mini-programs of the person that are authorized, belong to no tenant, and are not the one that is to be registered.
    /// While there is one that is not listed, nobody is asked: it may be the very one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub besides: Vec<Appid>,
}

/// Longer than any name, and than any telephone number.
const LONGEST_NAME: usize = 64;
const LONGEST_PHONE: usize = 20;

/// Checks it.
pub(super) fn check(spec: &PersonSpec, path: &SpecPath, found: &mut Diagnostics) {
    let mut wrong = |field: &str, message: String, label: &str, help: &str| {
        found.error("WX1362", path.field(field), message, label, Some(help));
    };
    let name = spec.id_name.trim();
    if name.is_empty() || name != spec.id_name || name.chars().count() > LONGEST_NAME {
        wrong(
            "idName",
            "whose mini-program is it to be?".to_owned(),
            "a person's name is expected here",
            "write the name as the identity card has it, without spaces around it",
        );
    }
    if let Some((message, label, help)) = wechat_id::objection(&spec.wechat_id) {
        wrong("wechatId", message, label, help);
    }
    let is_phone = |phone: &String| {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ');
        (5..=LONGEST_PHONE).contains(&phone.len()) && phone.chars().all(plain)
    };
    if let Some(phone) = spec
        .component_phone
        .as_ref()
        .filter(|phone| !is_phone(phone))
    {
        wrong(
            "componentPhone",
            format!("`{phone}` is no telephone number"),
            "digits, `-` and `+` are expected here",
            "write the service provider's own number, in quotes",
        );
    }
}
