//! Who a WeChat id belongs to, as far as the state's `people` say. Of whom nothing is said everybody is there, under
//! any name.

use super::task_state::{RegistrationTask, TaskOf};
use crate::simulator::state::State;

/// Whether it could be a WeChat id, and there is somebody who has it.
pub(super) fn exists(state: &State, wechat_id: &str) -> bool {
    let mut letters = wechat_id.bytes();
    let begins = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    let is_one = begins && letters.all(fits) && (6..=20).contains(&wechat_id.len());
    is_one && (state.people.is_empty() || state.people.contains_key(wechat_id))
}

/// Whether nothing speaks against the person having this name.
pub(super) fn is_called(state: &State, wechat_id: &str, name: &str) -> bool {
    let person = state.people.get(wechat_id);
    let known = person.and_then(|person| person.name.as_deref());
    known.is_none_or(|known| known == name)
}

/// How many trial and personal mini-programs the person owns who is asked to agree to one more.
pub(super) fn owned(state: &State, task: &RegistrationTask) -> usize {
    let key = match task.of {
        TaskOf::Person => "wxuser",
        TaskOf::Trial => "openid",
        TaskOf::Enterprise | TaskOf::TrialVerification => return 0,
    };
    let asked = task.asked.get(key).and_then(|id| id.as_str());
    let who = asked.unwrap_or_default();
    let made = |one: &&RegistrationTask| {
        let app_id = one.ended.as_ref().and_then(|end| end.app_id.as_ref());
        one.of == task.of && one.asks(key, who) && app_id.is_some()
    };
    let elsewhere = state.people.get(who).map_or(0, |person| person.owns);
    elsewhere + state.registrations.tasks.values().filter(made).count()
}
