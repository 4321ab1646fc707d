//! The follow component (扫码关注组件): which official account users are shown, and can follow at once.
//!
//! developers.weixin.qq.com: 第三方平台 / 扫码关注组件. Candidates are the official accounts that are linked to the
//! mini-program. The pages name no codes of their own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::own::{own, own_mut};
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::state::State;

/// What the component is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FollowComponent {
    /// It may be shown at all.
    pub can_open: bool,
    /// The official account it shows; none: it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

impl Default for FollowComponent {
    fn default() -> Self {
        Self {
            can_open: true,
            shows: None,
        }
    }
}

impl FollowComponent {
    /// As left out of a state file.
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// `getshowwxaitem`
pub(in crate::simulator) fn shown(call: &mut Call<'_>) -> Outcome {
    let app = own(call)?;
    let follow = &app.mini_program.follow_component;
    // Of an account that is not linked any more nothing is shown.
    let shows = follow.shows.as_ref();
    let shows =
        shows.and_then(|shows| candidates(call.state, app).find(|one| one.app_id == *shows));
    let mut answer = ok();
    answer.insert("can_open".to_owned(), json!(i64::from(follow.can_open)));
    answer.insert("is_open".to_owned(), json!(i64::from(shows.is_some())));
    if let Some(Value::Object(item)) = shows.map(item) {
        answer.extend(item);
    }
    Ok(answer)
}

/// `getwxamplinkforshow`
pub(in crate::simulator) fn listed(call: &mut Call<'_>) -> Outcome {
    let number = |key| {
        let given = call.parameter(key).and_then(|text| text.parse().ok());
        given.ok_or(Refusal(40097))
    };
    let (page, count): (usize, usize) = (number("page")?, number("num")?);
    let app = own(call)?;
    let all = || candidates(call.state, app);
    let items = all().skip(page.saturating_mul(count)).take(count).map(item);
    let mut answer = ok();
    answer.insert("total_num".to_owned(), json!(all().count()));
    answer.insert("biz_info_list".to_owned(), items.collect());
    Ok(answer)
}

/// `updateshowwxaitem`
pub(in crate::simulator) fn update(call: &mut Call<'_>) -> Outcome {
    let app = own(call)?;
    let shows = match call
        .body
        .get("wxa_subscribe_biz_flag")
        .and_then(Value::as_i64)
    {
        Some(0) => None,
        Some(1) => {
            let app_id = call.text("appid").ok_or(Refusal(41002))?;
            if !app.mini_program.follow_component.can_open {
                return refuse(85021);
            }
            if !candidates(call.state, app).any(|one| one.app_id == app_id) {
                return refuse(85005);
            }
            Some(app_id.to_owned())
        }
        Some(_) | None => return refuse(40097),
    };
    own_mut(call)?.mini_program.follow_component.shows = shows;
    call.effect = true;
    Ok(ok())
}

/// The official accounts that are linked to it.
fn candidates<'a>(state: &'a State, app: &'a Account) -> impl Iterator<Item = &'a Account> {
    let linked = |one: &&Account| one.is_official() && one.is_linked_to(&app.app_id);
    state.accounts.values().filter(linked)
}

fn item(account: &Account) -> Value {
    json!({
        "appid": account.app_id,
        "nickname": account.nick_name,
        "headimg": account.head_img.as_deref().unwrap_or_default(),
    })
}
