//! What became of the name that was asked for last: set at once, or reviewed. WeChat lists no reviews, so what is known
//! stands in the operation: the id that the answer gave, and what WeChat has pushed since.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::plan::{Person, Reason, Text, Waiting, Why};
use crate::resource::ops::LastDone;
use crate::resource::{Outputs, View, payload};
use crate::wechat::nickname::{self, NameReview, NameSet};
use crate::wechat::review::ReviewStatus;
use crate::wechat::{Answer, Call, ErrorClass};

/// What an output with a review's id is called, behind the item's name.
const OUTPUT: &str = "nicknameAudit";

/// By so much WeChat's clock and ours may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// What was so before a name was asked for: the step's evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Before {
    /// The mini-program's item in the manifest.
    pub(super) item: String,
    /// The name; empty where there was none.
    pub(super) name: String,
    /// How often it had been changed in the year.
    pub(super) used: i64,
    /// How often it may be.
    pub(super) quota: i64,
    /// When that was so.
    pub(super) at: Timestamp,
}

/// What is noted of a request that is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct After {
    /// Whether the name was seen to be in force; else a person says that nothing came of it.
    pub(super) in_force: bool,
}

/// The name that was asked for last.
pub(super) struct Asked<'a> {
    pub(super) name: String,
    pub(super) done: &'a LastDone,
    /// When it was not asked for yet.
    before: Timestamp,
}

/// The end of a review that WeChat has pushed, of the name that was asked for last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// It was approved. The next pass sees whether the name is in force.
    Approved(Text),
    /// It was rejected: what is waited for from now on.
    Rejected(Box<Waiting>),
}

/// What WeChat has pushed of the name that was asked for last, where nobody has noted yet what came of it.
#[must_use]
pub fn pushed(done: &LastDone) -> Option<Pushed> {
    let asked = Asked::of(done).filter(|asked| !asked.is_over())?;
    let name = &asked.name;
    match asked.told()? {
        Stands::Refused(reason) => Some(Pushed::Rejected(Box::new(rejected(name, reason)))),
        Stands::Approved => Some(Pushed::Approved(Text::new(
            format!("名称「{name}」已通过审核，下一次执行查看是否生效"),
            format!("WeChat approved the name `{name}`: the next pass sees whether it is in force"),
        ))),
        Stands::InReview { .. } | Stands::Over => None,
    }
}

/// The wait of a name that was rejected and is asked for unchanged.
pub(super) fn rejected(name: &str, reason: Option<String>) -> Waiting {
    let reason = reason.unwrap_or_else(|| "-".to_owned());
    Waiting::new(
        Reason::AuditRefused,
        Person::Operator,
        Text::new(
            format!(
                "名称「{name}」的审核被驳回：{reason}。配置修改之前不会再次提交：请换一个名称，或按原因补充 otherMaterials"
            ),
            format!(
                "WeChat rejected the name `{name}`: {reason}. It is not handed in again before the manifest changes: choose \
                 another name, or add what it asks for to `otherMaterials`"
            ),
        ),
    )
}

/// How the request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// WeChat reviews it; whether it can be asked how far it is.
    InReview { can_ask: bool },
    /// It was rejected, with WeChat's reason.
    Refused(Option<String>),
    /// The review ended with a yes, and the name was not seen yet.
    Approved,
    /// Nothing more is heard of it: it was set at once, was in force, or a person said that nothing came of it.
    Over,
}

/// The name that was asked for last, as far as that is remembered.
pub(super) fn asked<'a>(view: &View<'a>) -> Option<Asked<'a>> {
    Asked::of(view.ops.last(&view.facts.account, &nickname::SET)?)
}

impl<'a> Asked<'a> {
    fn of(done: &'a LastDone) -> Option<Self> {
        let before = Before::deserialize(&done.evidence).map(|before| before.at);
        Some(Self {
            name: nickname::named(&done.call)?,
            before: before.unwrap_or(done.at),
            done,
        })
    }

    /// The read that tells how it stands, where one does and is needed.
    pub(super) fn read(&self) -> Option<Call> {
        if self.is_over() || self.told() == Some(Stands::Approved) {
            return None;
        }
        let id = id_in(&self.done.ids).filter(|id| *id != 0)?;
        Some(nickname::query_request(&self.done.call.subject, id))
    }

    /// How it stands.
    pub(super) fn stands(&self, view: &View<'_>) -> Result<Stands, Why> {
        if self.is_over() {
            return Ok(Stands::Over);
        }
        let told = self.told();
        let Some(read) = self.read() else {
            return Ok(match (told, id_in(&self.done.ids)) {
                (Some(told), _) => told,
                (None, Some(_)) => Stands::Over,
                (None, None) => Stands::InReview { can_ask: false },
            });
        };
        match (view.seen.get(&read), told) {
            // It says that there is no such review, though there was: only its end is left to be seen.
            (Some(Answer::Refused(error)), told) if error.class == ErrorClass::NotFound => {
                Ok(told.unwrap_or(Stands::InReview { can_ask: false }))
            }
            // What the review with this id is goes before a push, which names no review and may be of an earlier one.
            (Some(Answer::Refused(_) | Answer::Lost(_)), Some(told)) => Ok(told),
            (answer, _) => {
                let review: NameReview = payload(&nickname::QUERY, answer)?;
                of(review.status(), review.fail_reason)
                    .ok_or_else(|| Why::unreadable(nickname::QUERY.name, "an unknown `audit_stat`"))
            }
        }
    }

    /// Why nobody may say that nothing came of it: WeChat was asked, and reviews it, or did not answer.
    pub(super) fn not_over(&self, view: &View<'_>) -> Option<Text> {
        let asked = self
            .read()
            .is_some_and(|read| view.seen.contains_key(&read));
        let name = &self.name;
        match self.stands(view) {
            Ok(Stands::InReview { can_ask: true }) => Some(Text::new(
                format!(
                    "微信仍在审核名称「{name}」，结果由微信推送，或由下一次执行查到。只有无从得知结果的审核才能如此了结：微信没有给出审核单号，或已查不到该审核"
                ),
                format!(
                    "WeChat reviews the name `{name}`: it pushes its end, or the next pass reads it. Only a review whose end \
                     nobody tells is ended like this: WeChat gave no id of it, or knows it no more"
                ),
            )),
            Err(why) if asked => Some(why.text),
            Ok(_) | Err(_) => None,
        }
    }

    /// Whether nobody has noted yet what came of it.
    pub(super) fn is_new(&self) -> bool {
        self.done.shown.is_null()
    }

    fn is_over(&self) -> bool {
        After::deserialize(&self.done.shown).is_ok()
    }

    /// What WeChat has pushed of it. A push names no review: the name and the time tell which.
    fn told(&self) -> Option<Stands> {
        let told = self.done.told.as_ref()?;
        let since = self.before.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        if told.name != self.name || told.at < since {
            return None;
        }
        of(told.status, told.reason.clone())
            .filter(|stands| !matches!(stands, Stands::InReview { .. }))
    }
}

fn of(status: ReviewStatus, reason: Option<String>) -> Option<Stands> {
    Some(match status {
        ReviewStatus::InReview => Stands::InReview { can_ask: true },
        ReviewStatus::Rejected => Stands::Refused(reason.filter(|reason| !reason.is_empty())),
        ReviewStatus::Passed => Stands::Approved,
        ReviewStatus::Unknown(_) => return None,
    })
}

/// What is kept of an answer: the review's id, 0 for a name that was set at once.
pub(super) fn id_of(before: &Before, answer: &NameSet) -> Outputs {
    let name = format!("miniPrograms.{}.{OUTPUT}", before.item);
    Outputs::from([(name, answer.review().unwrap_or(0).to_string())])
}

/// The id that was kept. The item may have been renamed since.
fn id_in(ids: &Outputs) -> Option<i64> {
    let is_it = |name: &&String| name.rsplit('.').next() == Some(OUTPUT);
    let name = ids.keys().find(is_it)?;
    ids.get(name)?.parse().ok()
}
