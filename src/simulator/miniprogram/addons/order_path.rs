//! The path of an app's orders (订单页 path): set for many apps at once through the platform, reviewed app by app.
//!
//! developers.weixin.qq.com: 第三方平台 / 申请设置订单页 path 信息. The call is answered before anything is known; what
//! became of each app comes in a push that has neither `Event` nor `InfoType`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::state::{OrderPath, OrderPathBatch, OrderPathResult};
use crate::simulator::answer::{Fields, Outcome, Refusal, ok, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::own;
use crate::simulator::miniprogram::review::{Audit, AuditOutcome, Reviewed};
use crate::simulator::miniprogram::state::MiniProgram;
use crate::simulator::push::{Event, Forms, Parties, Push};
use crate::simulator::push_content::Content;
use crate::simulator::state::State;

/// Most apps of one call.
const MOST: usize = 100;
const IN_REVIEW: i64 = 2;
const REJECTED: i64 = 3;
const PASSED: i64 = 4;
/// `RetCode`s.
const SENT: i64 = 0;
const BUSY: i64 = -1;
const ILLEGAL: i64 = -2;
/// Where pushes come from that no user caused.
const SYSTEM: &str = "oSimSystem00000000000000000";

/// `applysetorderpathinfo`
pub(in crate::simulator) fn apply(call: &mut Call<'_>) -> Outcome {
    let batch = call.body.get("batch_req").and_then(Value::as_object);
    let batch = batch.ok_or(Refusal(40097))?;
    let apps = texts(batch, "appid_list")?;
    let asked = OrderPath {
        path: text(batch, "path"),
        img_list: texts(batch, "img_list")?,
        video: text(batch, "video"),
        test_account: text(batch, "test_account"),
        test_pwd: text(batch, "test_pwd"),
        test_remark: text(batch, "test_remark"),
        status: Some(IN_REVIEW),
        apply_time: call.now.as_second(),
    };
    if asked.path.is_empty() || apps.is_empty() || apps.len() > MOST {
        return refuse(40097);
    }
    let (platform, now) = (call.platform.clone(), call.now);
    let results = apps
        .into_iter()
        .map(|app_id| hand_in(call.state, &platform, app_id, &asked, now))
        .collect();
    let waits = SignedDuration::from_secs(call.state.switches.order_path_result_seconds.into());
    call.state.order_path_batches.push(OrderPathBatch {
        platform,
        due_at: after(now, waits),
        results,
    });
    call.effect = true;
    Ok(ok())
}

fn text(batch: &Fields, field: &str) -> String {
    let given = batch.get(field).and_then(Value::as_str);
    given.unwrap_or_default().to_owned()
}

fn texts(batch: &Fields, field: &str) -> Result<Vec<String>, Refusal> {
    let Some(given) = batch.get(field).filter(|given| !given.is_null()) else {
        return Ok(Vec::new());
    };
    let items = given.as_array().ok_or(Refusal(47001))?;
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    let texts: Option<Vec<String>> = texts.collect();
    texts.ok_or(Refusal(47001))
}

/// What becomes of one app of a batch.
fn hand_in(
    state: &mut State,
    platform: &str,
    app_id: String,
    asked: &OrderPath,
    now: Timestamp,
) -> OrderPathResult {
    let authorized = state.authorization(platform, &app_id).is_some();
    let app = state.accounts.get(&app_id);
    let app = app.filter(|account| authorized && account.is_mini_program());
    let ret_code = match app.map(|account| account.mini_program.order_paths.is_in_review()) {
        None => ILLEGAL,
        Some(true) => BUSY,
        Some(false) => state.switches.order_path_ret_code,
    };
    let mut audit_id = 0;
    if ret_code == SENT {
        audit_id = state.hand_in(&app_id, Reviewed::OrderPath, now);
        if let Some(account) = state.accounts.get_mut(&app_id) {
            account.mini_program.order_paths.in_review = Some(asked.clone());
        }
    }
    OrderPathResult {
        app_id,
        audit_id,
        ret_code,
    }
}

/// `getorderpathinfo`
pub(in crate::simulator) fn get(call: &mut Call<'_>) -> Outcome {
    let paths = &own(call)?.mini_program.order_paths;
    let (found, usual) = match call.body.get("info_type").and_then(Value::as_u64) {
        Some(0) => (&paths.online, PASSED),
        Some(1) => (&paths.in_review, IN_REVIEW),
        Some(_) | None => return refuse(40097),
    };
    let found = found.as_ref().ok_or(Refusal(61041))?;
    let mut answer = ok();
    answer.insert(
        "msg".to_owned(),
        json!({
            "path": found.path,
            "img_list": found.img_list,
            "video": found.video,
            "test_account": found.test_account,
            "test_pwd": found.test_pwd,
            "test_remark": found.test_remark,
            "come_from": 1,
            "status": found.status.unwrap_or(usual),
            "apply_time": found.apply_time,
        }),
    );
    Ok(answer)
}

impl super::state::OrderPaths {
    fn is_in_review(&self) -> bool {
        let path = self.in_review.as_ref();
        path.is_some_and(|path| path.status.unwrap_or(IN_REVIEW) == IN_REVIEW)
    }
}

impl MiniProgram {
    /// What a reviewer decided comes into force.
    pub(in crate::simulator::miniprogram) fn settle_order_path(&mut self, audit: &Audit) {
        let paths = &mut self.order_paths;
        let Some(reviewed) = paths.in_review.as_mut() else {
            return;
        };
        match audit.outcome {
            AuditOutcome::Refused => reviewed.status = Some(REJECTED),
            AuditOutcome::Passed => {
                reviewed.status = Some(PASSED);
                paths.online = paths.in_review.take();
            }
        }
    }
}

impl State {
    /// The pushes about batches that are due; they are not due again.
    pub(in crate::simulator) fn due_order_paths(&mut self, now: Timestamp) -> Vec<Push> {
        let batches = std::mem::take(&mut self.order_path_batches);
        let (due, later) = batches.into_iter().partition(|batch| batch.due_at <= now);
        self.order_path_batches = later;
        let due: Vec<OrderPathBatch> = due;
        due.iter().flat_map(|batch| self.told(batch)).collect()
    }

    /// One notice about the whole batch, or an app's own message about each.
    fn told(&self, batch: &OrderPathBatch) -> Vec<Push> {
        let item = |result: &OrderPathResult| {
            json!({
                "Appid": result.app_id,
                "AuditId": result.audit_id,
                "RetCode": result.ret_code,
            })
        };
        let at = batch.due_at.as_second();
        if !self.switches.order_path_on_messages_url {
            let items: Vec<Value> = batch.results.iter().map(item).collect();
            return vec![Push {
                platform: batch.platform.clone(),
                account: batch.platform.clone(),
                event: Event::Notice,
                content: Content::default()
                    .with("AppId", batch.platform.as_str())
                    .with("CreateTime", at)
                    .with("List", items),
                forms: Forms::default(),
                parties: None,
            }];
        }
        let message = |result: &OrderPathResult| {
            let parties = Parties {
                to_user: self.accounts.get(&result.app_id)?.user_name(),
                from_user: SYSTEM.to_owned(),
            };
            Some(Push {
                platform: batch.platform.clone(),
                account: result.app_id.clone(),
                event: Event::Message,
                content: Content::default()
                    .with("ToUserName", parties.to_user.as_str())
                    .with("FromUserName", parties.from_user.as_str())
                    .with("CreateTime", at)
                    .with("MsgType", "event")
                    .with("List", item(result)),
                forms: Forms::default(),
                parties: Some(parties),
            })
        };
        batch.results.iter().filter_map(message).collect()
    }
}
