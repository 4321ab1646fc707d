//! Whose an account must be (主体).

use super::authorization::administrator;
use super::{At, TenantSpec};
use crate::plan::{Person, Reason, Text, Waiting};
use crate::wechat::authorizer::Account;
use crate::wechat::text;

/// That an account is another entity's than the manifest requires.
pub(super) fn objection(spec: &TenantSpec, at: &At, account: &Account) -> Option<Waiting> {
    let person = at.item(spec).and_then(|item| item.person());
    if person.is_some_and(|person| is_of_person(&person.id_name, account)) {
        return None;
    }
    let wanted = required(spec)?;
    let live = text::visible(account.principal_name.as_deref().unwrap_or_default());
    if text::plain_entity(&live) == text::plain_entity(wanted) {
        return None;
    }
    // Whoever scans again authorizes the same account of the same entity: what differs is how its name is written.
    let (who, help) = if text::letters(&live) == text::letters(wanted) {
        (
            Person::Operator,
            Text::new(
                "；只有标点或大小写不同，请按微信的写法修改配置中的 principal.name",
                "; only punctuation or capitals differ: correct `principal.name` in the manifest as WeChat writes it",
            ),
        )
    } else {
        (administrator(at.kind()), Text::new("", ""))
    };
    Some(Waiting::new(
        Reason::OtherPrincipal,
        who,
        Text::new(
            format!("账号主体是 {live}，配置要求 {wanted}{}", help.zh),
            format!(
                "the account belongs to {live}, the manifest requires {wanted}{}",
                help.en
            ),
        ),
    ))
}

/// Whether an account is that of the person for whom it was registered, whoever the tenant's principal is.
fn is_of_person(name: &str, account: &Account) -> bool {
    let live = text::visible(account.principal_name.as_deref().unwrap_or_default());
    let live = text::plain_entity(&live);
    [name, A_PERSON]
        .iter()
        .any(|one| text::plain_entity(one) == live)
}

/// What WeChat says of a person's account in place of the name.
pub(super) const A_PERSON: &str = "个人";

/// The legal entity that the manifest requires.
pub(super) fn required(spec: &TenantSpec) -> Option<&str> {
    let name = spec.principal.as_ref()?.name.as_deref()?.trim();
    Some(name).filter(|name| !name.is_empty())
}
