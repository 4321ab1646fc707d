//! The notice about registrations: from 2026-04-30 12:00 in Asia/Shanghai the old forms are gone.
//!
//! WeChat's community, document 0004829e9105005ce7d480e6561401: `fastregisterweapp` goes offline, and the others want
//! `new_version: true`; instead of writing to the person WeChat answers a link for the platform to show. Here is what
//! the forms that are left have in common.

use serde_json::{Map, Value};

use super::task_state::{RegistrationTask, TaskOf};
use crate::simulator::answer::{Fields, Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;

/// 2026-04-30 12:00 in Asia/Shanghai.
const FROM: i64 = 1_777_521_600;

/// Whether the notice is in force.
pub(super) fn is_in_force(call: &Call<'_>) -> bool {
    call.state.switches.registration_notice && call.now.as_second() >= FROM
}

/// Whether this is a call of the new form.
pub(super) fn is_new(body: &Map<String, Value>) -> bool {
    body.get("new_version") == Some(&Value::Bool(true))
}

/// Opens a task of the caller's.
pub(super) fn open(
    call: &mut Call<'_>,
    of: TaskOf,
    asked: Map<String, Value>,
    by_link: bool,
) -> RegistrationTask {
    let account = Some(call.account.clone());
    call.effect = true;
    call.state.open_task(RegistrationTask {
        task_id: String::new(),
        of,
        platform: call.platform.clone(),
        account: account.filter(|account| !account.is_empty()),
        asked,
        by_link,
        started_at: call.now,
        status: 0,
        ended: None,
    })
}

/// How a task stands, and the link for the person.
pub(super) fn told(call: &Call<'_>, task: &RegistrationTask) -> Fields {
    let mut answer = ok();
    answer.insert("errmsg".to_owned(), Value::from("OK"));
    answer.insert("taskid".to_owned(), Value::from(task.task_id.as_str()));
    answer.insert("status".to_owned(), Value::from(task.status));
    if task.by_link {
        answer.insert("authorize_url".to_owned(), Value::from(link(call, task)));
    }
    answer
}

/// `action=query`: the pages name no code for a task that is not there.
pub(super) fn query(call: &mut Call<'_>, of: TaskOf) -> Outcome {
    let missing = match of {
        TaskOf::Person => 86030,
        TaskOf::Enterprise | TaskOf::Trial | TaskOf::TrialVerification => 89253,
    };
    let task_id = call.text("taskid").ok_or(Refusal(missing))?;
    let task = call.state.registrations.tasks.get(task_id);
    match task.filter(|task| task.platform == call.platform && task.of == of) {
        Some(task) => Ok(told(call, task)),
        None => refuse(89250),
    }
}

/// Where the person agrees: here, in place of mp.weixin.qq.com.
pub(super) fn link(call: &Call<'_>, task: &RegistrationTask) -> String {
    let (host, id) = (&call.host, &task.task_id);
    match task.of {
        TaskOf::Trial => format!(
            "http://{host}/wxawap/fastregistertpbeta?action=show&create_token={id}#wechat_redirect"
        ),
        TaskOf::Enterprise | TaskOf::Person | TaskOf::TrialVerification => {
            format!("http://{host}/wxawap/fastregister?taskid={id}")
        }
    }
}
