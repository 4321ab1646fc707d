//! A registration that waits for a person, as the state file has it. What becomes of it is in `task.rs`.

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::simulator::keyed::Keyed;

/// A registration, or the verification of a trial account, to which somebody has to agree within 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationTask {
    /// `taskid`, `unique_id`, and what the link for the person carries.
    pub task_id: String,
    /// What is to be made.
    pub of: TaskOf,
    /// The platform that asked.
    pub platform: String,
    /// The trial account that is to be verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What was sent: the `info` of the event.
    #[serde(default)]
    pub asked: Map<String, Value>,
    /// The person has a link; else WeChat wrote to the person itself, as it did until 2026-04-30.
    #[serde(default = "yes")]
    pub by_link: bool,
    /// When.
    pub started_at: Timestamp,
    /// `status` of a query: 0 is made, 4 the face check has begun …
    #[serde(default)]
    pub status: i64,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<TaskEnd>,
}

/// What a person is to agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TaskOf {
    /// 快速注册企业小程序, by either form.
    Enterprise,
    /// 快速注册个人小程序
    Person,
    /// 注册试用小程序
    Trial,
    /// 试用小程序快速认证
    TrialVerification,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskEnd {
    /// `status` of the event; 0 is success.
    pub status: i64,
    /// `msg` of the event.
    pub msg: String,
    /// When.
    pub at: Timestamp,
    /// The mini-program that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
}

/// What a person, or WeChat, does about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulator) enum Ending {
    /// The person agreed, and everything fits.
    Agreed,
    /// The person refused.
    Refused,
    /// Nobody answered for 24 hours.
    TimedOut,
    /// The person agreed, and WeChat found something.
    Failed,
}

impl RegistrationTask {
    pub(in crate::simulator) fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it is about what this one says.
    pub(super) fn asks(&self, key: &str, value: &str) -> bool {
        self.asked.get(key).and_then(Value::as_str) == Some(value)
    }
}

impl Keyed for RegistrationTask {
    type Key = String;
    fn key(&self) -> String {
        self.task_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.task_id
    }
}

fn yes() -> bool {
    true
}
