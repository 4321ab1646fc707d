//! What becomes of a registration that waits for a person, and the event that tells of it.
//!
//! developers.weixin.qq.com: 第三方平台 / 注册. The events are `notify_third_fasteregister` (so spelled), with an `info`
//! of another shape for each form, `notify_third_fastregisterbetaapp` and `notify_third_fastverifybetaapp`. One that
//! failed has no appid.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::newborn::{Made, Origin};
use super::people;
use super::state::RegisteredBy;
use super::task_state::{Ending, RegistrationTask, TaskEnd, TaskOf};
use crate::simulator::credential::{self, after};
use crate::simulator::miniprogram::BasicInfo;
use crate::simulator::push::{Event, Forms, Push, notice_content};
use crate::simulator::state::State;

/// A person has so long to agree.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// `status` of a person who owns too many mini-programs already.
const PERSON_LIMIT: i64 = 1003;
/// How many trial and personal mini-programs one person may own.
const OF_ONE_PERSON: usize = 5;
/// `register_type` of a trial account that was verified.
const TURNED_FORMAL: i64 = 19;

/// The numbers of how something ended: in the event, and in a query afterwards.
struct Numbers {
    event: i64,
    query: i64,
}

impl TaskOf {
    /// The legal person of an enterprise has numbers of its own; a person's are those of the query.
    fn numbers(self, ending: Ending) -> Numbers {
        let is_person = matches!(self, Self::Person | Self::Trial);
        let (event, query) = match ending {
            Ending::Agreed => (0, 12),
            Ending::Refused if is_person => (2, 2),
            Ending::TimedOut if is_person => (1, 1),
            Ending::Refused => (100_003, 2),
            Ending::TimedOut => (100_003, 1),
            Ending::Failed if is_person => (11, 11),
            Ending::Failed => (-1, 11),
        };
        Numbers { event, query }
    }

    fn info_type(self) -> &'static str {
        match self {
            Self::Enterprise | Self::Person => "notify_third_fasteregister",
            Self::Trial => "notify_third_fastregisterbetaapp",
            Self::TrialVerification => "notify_third_fastverifybetaapp",
        }
    }
}

impl State {
    /// Waits for a person from now on, under an id that is made for it.
    pub(super) fn open_task(&mut self, task: RegistrationTask) -> RegistrationTask {
        let task = RegistrationTask {
            task_id: credential::new_task_id(),
            ..task
        };
        let tasks = &mut self.registrations.tasks;
        tasks.insert(task.task_id.clone(), task.clone());
        task
    }

    /// Ends what nobody has agreed to in time.
    pub(in crate::simulator) fn settle_tasks(&mut self, now: Timestamp) {
        let late =
            |task: &&RegistrationTask| task.is_running() && after(task.started_at, PATIENCE) <= now;
        let tasks = self.registrations.tasks.values().filter(late);
        let late: Vec<(String, Timestamp)> = tasks
            .map(|task| (task.task_id.clone(), after(task.started_at, PATIENCE)))
            .collect();
        for (task_id, at) in late {
            self.end_task(&task_id, Ending::TimedOut, None, None, at);
        }
    }

    /// Ends a running task; what is to be pushed is in the outbox. `status` and `msg` are in place of the usual ones.
    pub(in crate::simulator) fn end_task(
        &mut self,
        task_id: &str,
        ending: Ending,
        status: Option<i64>,
        msg: Option<String>,
        now: Timestamp,
    ) {
        let found = self.registrations.tasks.get(task_id);
        let Some(task) = found.filter(|task| task.is_running()).cloned() else {
            return;
        };
        let agreed = ending == Ending::Agreed;
        let platform = self.platforms.get(&task.platform);
        let (ending, status) = if agreed && people::owned(self, &task) >= OF_ONE_PERSON {
            (Ending::Failed, Some(PERSON_LIMIT))
        } else if agreed && !platform.is_some_and(|platform| platform.published) {
            (Ending::Failed, status)
        } else {
            (ending, status)
        };
        let numbers = task.of.numbers(ending);
        let status = status.unwrap_or(numbers.event);
        let made = match ending {
            Ending::Agreed => self.carry_out(&task, now),
            Ending::Refused | Ending::TimedOut | Ending::Failed => None,
        };
        let end = TaskEnd {
            status,
            msg: msg.unwrap_or_else(|| words(status).to_owned()),
            at: now,
            app_id: made.as_ref().map(|made| made.app_id.clone()),
        };
        if let Some(task) = self.registrations.tasks.get_mut(task_id) {
            task.ended = Some(end.clone());
            task.status = numbers.query;
        }
        let empty = self.switches.failed_registration_has_empty_appid;
        self.outbox.push(event(&task, &end, made.as_ref(), empty));
        // A trial account's code comes with the usual event, and with no other.
        let tells = task.of == TaskOf::Trial || self.switches.registration_pushes_authorized;
        let authorized = made.and_then(|made| made.authorized).filter(|_| tells);
        self.outbox.extend(authorized);
    }

    /// Makes what was asked for; none where no account is made.
    fn carry_out(&mut self, task: &RegistrationTask, now: Timestamp) -> Option<Made> {
        let text = |key: &str| {
            let value = task.asked.get(key).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let (by, principal, info) = match task.of {
            TaskOf::Enterprise => (
                RegisteredBy::Enterprise,
                text("name"),
                enterprise(text("code")),
            ),
            TaskOf::Person => (RegisteredBy::Person, text("idname"), person()),
            TaskOf::Trial => (RegisteredBy::Trial, "个人".to_owned(), person()),
            TaskOf::TrialVerification => {
                let account = self.accounts.get_mut(task.account.as_ref()?)?;
                account.principal_name = text("name");
                account.basic_info = enterprise(text("code"));
                account.register_type = Some(TURNED_FORMAL);
                account.service_type = None;
                return None;
            }
        };
        let origin = Origin {
            by,
            platform: &task.platform,
            official_account: None,
        };
        let app_id = self.bear(&origin, &principal, info, now);
        let made = self.accounts.get_mut(&app_id);
        if let Some(app) = made.filter(|_| task.of == TaskOf::Trial) {
            app.nick_name = text("name");
            app.service_type = Some(12);
        }
        self.hand_over(&task.platform, &app_id, now).ok()
    }
}

fn enterprise(credential: String) -> BasicInfo {
    BasicInfo {
        credential,
        ..BasicInfo::default()
    }
}

fn person() -> BasicInfo {
    BasicInfo {
        principal_type: 0,
        customer_type: 0,
        ..BasicInfo::default()
    }
}

/// `msg`, where one is known.
fn words(status: i64) -> &'static str {
    match status {
        0 => "OK",
        -1 => "check legal persona and enterprise fail",
        _ => "fail",
    }
}

fn event(task: &RegistrationTask, end: &TaskEnd, made: Option<&Made>, empty: bool) -> Push {
    let content = notice_content(&task.platform, end.at, task.of.info_type())
        .with("status", end.status)
        .with("msg", end.msg.as_str());
    let fields = match (task.of, made) {
        (TaskOf::TrialVerification, _) => vec![("appid", task.account.clone())],
        (TaskOf::Trial, Some(made)) => vec![("appid", Some(made.app_id.clone()))],
        (TaskOf::Enterprise | TaskOf::Person, Some(made)) => vec![
            ("appid", Some(made.app_id.clone())),
            ("auth_code", Some(made.code.clone())),
        ],
        (_, None) if empty => vec![("appid", None), ("auth_code", None)],
        (_, None) => Vec::new(),
    };
    let content = fields.into_iter().fold(content, |content, (name, value)| {
        content.with(name, value.unwrap_or_default())
    });
    let mut info: Map<String, Value> = task.asked.clone();
    if task.of == TaskOf::Trial {
        info.remove("openid");
        info.insert("unique_id".to_owned(), Value::from(task.task_id.as_str()));
    }
    let concerns = end.app_id.as_ref().or(task.account.as_ref());
    Push {
        platform: task.platform.clone(),
        account: concerns.unwrap_or(&task.platform).clone(),
        event: Event::Notice,
        content: content.with("info", info),
        forms: Forms::default(),
        parties: None,
    }
}
