//! What became of a category that was handed in: waited for, rejected, approved. Its documents are never shown, so which
//! ones WeChat has is known from what was sent last.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::certificate::plain_key;
use super::papers::{Papers, ends_soon, papers, spoken};
use super::spec::{CategorySpec, certificate_path, label_of};
use super::{Categories, allowed};
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Person, Reason, Step, Text, Verdict, Waiting};
use crate::resource::ops::LastDone;
use crate::resource::{Assumption, Resource as _, View};
use crate::wechat::category::{
    self, CategoryId, Certificate, OwnCategories, OwnCategory, sent_certificates,
};
use crate::wechat::review::ReviewStatus;

/// By so much WeChat's clock and ours may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// So long after other documents were accepted the rejection of the earlier ones may still be shown.
const LAG: SignedDuration = SignedDuration::from_mins(10);

/// What was so before documents were handed in: the step's evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Before {
    /// When.
    pub(super) at: Timestamp,
    /// Why the earlier ones had been rejected; empty where there were none, or WeChat gave no reason.
    #[serde(default)]
    pub(super) reason: String,
}

/// The documents that were handed in last.
struct Sent<'a> {
    papers: Vec<Certificate>,
    done: &'a LastDone,
}

/// What a category of the account's is called among its operations.
pub(super) fn thing(CategoryId { first, second }: CategoryId) -> String {
    format!("{first}-{second}")
}

/// Whether the list of what may be had is needed for one that is there: its rejection may be answered.
pub(super) fn asks_for_papers(spec: &CategorySpec, one: &OwnCategory) -> bool {
    one.status() == ReviewStatus::Rejected && !spec.certificates.is_empty()
}

/// What is to be done about a category that is there, the `index`th of the manifest.
pub(super) fn verdict(
    spec: &CategorySpec,
    index: usize,
    one: &OwnCategory,
    view: &View<'_>,
) -> Option<Verdict> {
    let label = label_of(one);
    let path = Categories::path(view.at).index(index);
    match one.status() {
        ReviewStatus::Unknown(_) => None,
        ReviewStatus::InReview => Some(in_review(Text::new(
            format!("类目 {label} 正在审核"),
            format!("WeChat reviews category {label}"),
        ))),
        ReviewStatus::Passed => passed(spec, &path, one, view),
        ReviewStatus::Rejected => Some(rejected(spec, &path, one, view)),
    }
}

fn in_review(text: Text) -> Verdict {
    Verdict::Waiting(Waiting::new(Reason::UnderReview, Person::Wechat, text))
}

fn rejected(spec: &CategorySpec, path: &SpecPath, one: &OwnCategory, view: &View<'_>) -> Verdict {
    let (id, label) = (one.id(), label_of(one));
    let sent = sent(id, view);
    let reason = reason(one, sent.as_ref());
    let said = reason.as_deref().unwrap_or("-");
    if sent
        .as_ref()
        .is_some_and(|sent| sent.is_not_shown(one, view))
    {
        return in_review(Text::new(
            format!("类目 {label} 的新资质已提交；微信仍显示此前的驳回：{said}"),
            format!(
                "other documents for category {label} were handed in; WeChat still shows the rejection before: {said}"
            ),
        ));
    }
    if spec.certificates.is_empty() {
        return refused(&label, said);
    }
    let new = match allowed(view) {
        Err(why) => return Verdict::Unknown(why),
        Ok(allowed) => match allowed.find(id).map(|node| papers(spec, path, node, view)) {
            None => return refused(&label, said),
            Some(Err(verdict)) => return with_rejection(*verdict, &label, said),
            Some(Ok(new)) => new,
        },
    };
    let same = sent
        .as_ref()
        .is_some_and(|sent| !differ(&sent.papers, &new.all));
    if new.all.is_empty() || same {
        return refused(&label, said);
    }
    let before = Before {
        at: view.now,
        reason: one.audit_reason.clone().unwrap_or_default(),
    };
    hand_in(id, new, sent.as_ref(), &before, (said, view))
}

fn hand_in(
    id: CategoryId,
    new: Papers,
    sent: Option<&Sent<'_>>,
    before: &Before,
    (said, view): (&str, &View<'_>),
) -> Verdict {
    let Papers {
        all,
        mut changes,
        notes,
    } = new;
    for (change, new) in changes.iter_mut().zip(&all) {
        let of_it = |old: &&Certificate| plain_key(&old.key) == plain_key(&new.key);
        let old = sent.and_then(|sent| sent.papers.iter().find(of_it));
        change.from = old.map(spoken);
    }
    changes.retain(|change| change.from != change.to);
    let account = view.account().clone();
    let call = category::modify_request(&account, id, &all);
    let mut step = Step::new(Action::Update, account, changes, vec![call]);
    step.notes.push(Text::new(
        format!("微信此前驳回：{said}"),
        format!("WeChat rejected what was handed in before: {said}"),
    ));
    if sent.is_none() {
        step.notes.push(Text::new(
            "此前提交的资质不是由 wxops 提交的，无法与之比较",
            "what was handed in before was not by wxops, so it cannot be compared with it",
        ));
    }
    step.notes.extend(notes);
    step.evidence = serde_json::to_value(before).unwrap_or_default();
    Verdict::Step(step)
}

/// Nothing is sent: these documents were rejected, or there are none.
fn refused(label: &str, said: &str) -> Verdict {
    Verdict::Waiting(Waiting::new(
        Reason::AuditRefused,
        Person::Operator,
        Text::new(
            format!(
                "类目 {label} 的审核被驳回：{said}。配置中的 certificates 更换之前不会再次提交：请按原因更换资质，或请小程序管理员在公众平台重新提交，或从配置中去掉它"
            ),
            format!(
                "WeChat rejected category {label}: {said}. It is not handed in again before its `certificates` change: give \
                 other documents as the reason asks, let the app's administrator hand it in again in WeChat's console, or \
                 take it out of the manifest"
            ),
        ),
    ))
}

/// What keeps other documents from being handed in, with why they are wanted.
fn with_rejection(verdict: Verdict, label: &str, said: &str) -> Verdict {
    match verdict {
        Verdict::Waiting(waiting) => {
            let Text { zh, en } = &waiting.text;
            let text = Text::new(
                format!("类目 {label} 的审核被驳回：{said}。{zh}"),
                format!("WeChat rejected category {label}: {said}. {en}"),
            );
            Verdict::Waiting(Waiting { text, ..waiting })
        }
        other @ (Verdict::Step(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_)) => other,
    }
}

/// WeChat takes no other documents for an approved category (53307), so nothing is sent: what a person has to know is said.
fn passed(
    spec: &CategorySpec,
    path: &SpecPath,
    one: &OwnCategory,
    view: &View<'_>,
) -> Option<Verdict> {
    let declared = declared(spec, path, view);
    let sent = sent(one.id(), view);
    let changes: Vec<Change> = declared
        .iter()
        .filter_map(|(n, new)| {
            let old = &sent.as_ref()?.papers;
            let of_it = |old: &&Certificate| plain_key(&old.key) == plain_key(&new.key);
            let old = old.iter().find(of_it);
            let same = old.is_some_and(|old| is_same(old, new));
            (!same).then(|| Change {
                path: certificate_path(path, *n),
                from: old.map(spoken),
                to: Some(spoken(new)),
            })
        })
        .collect();
    let mut said: Vec<Text> = declared
        .iter()
        .filter_map(|(_, one)| ends_soon(one, view.now))
        .collect();
    if !changes.is_empty() {
        said.push(Text::new(
            "配置中的资质与提交过的不同，不会提交",
            "the documents differ from those that were handed in, and are not handed in",
        ));
    }
    let mut all = said.into_iter();
    let first = all.next()?;
    let Text { zh, en } = all.fold(first, |before, more| {
        Text::new(
            format!("{}；{}", before.zh, more.zh),
            format!("{}; {}", before.en, more.en),
        )
    });
    let mut why = Text::new(
        format!(
            "{zh}。类目已通过审核，微信不允许通过接口更换其资质（53307）：由小程序管理员在公众平台「设置 → 服务类目」更换"
        ),
        format!(
            "{en}. Through the API WeChat takes no other documents for a category that it has approved (53307): the app's \
             administrator renews them in WeChat's console (mp.weixin.qq.com)"
        ),
    );
    if !changes.is_empty() {
        let item = view.at.whose.item().unwrap_or_default();
        let command = format!(
            "wxops op assume {}:{item} {}",
            view.tenant,
            Categories::NAME
        );
        why.zh.push_str(&format!("；更换之后请执行：{command}"));
        why.en.push_str(&format!("; where that is done: {command}"));
    }
    Some(Verdict::Suppressed { why, changes })
}

/// A person says that WeChat has the documents of the manifest: of the first category that is there and of which that is
/// not known.
pub(super) fn assumed(
    spec: &[CategorySpec],
    live: &OwnCategories,
    view: &View<'_>,
) -> Option<Assumption> {
    spec.iter().enumerate().find_map(|(index, one)| {
        let id = one.among(live)?;
        let path = Categories::path(view.at).index(index);
        let papers = declared(one, &path, view).into_iter();
        let papers: Vec<Certificate> = papers.map(|(_, one)| one).collect();
        let sent = sent(id, view);
        let known = sent.is_some_and(|sent| !differ(&sent.papers, &papers));
        (!papers.is_empty() && !known).then(|| Assumption {
            call: category::modify_request(view.account(), id, &papers),
            shown: Value::Null,
        })
    })
}

/// The documents of the manifest, as far as their pictures were read, by their places in it.
fn declared(spec: &CategorySpec, path: &SpecPath, view: &View<'_>) -> Vec<(usize, Certificate)> {
    let all = spec.certificates.iter().enumerate();
    all.filter_map(|(n, one)| {
        let facts = view.files.get(&certificate_path(path, n))?;
        Some((n, one.handed_in(one.key.trim(), facts.sha256.clone())))
    })
    .collect()
}

/// The documents that were handed in last: when it was added, or since.
fn sent<'a>(id: CategoryId, view: &View<'a>) -> Option<Sent<'a>> {
    let last = |endpoint| view.ops.last_of(&view.facts.account, endpoint, &thing(id));
    let both = [last(&category::ADD), last(&category::MODIFY)];
    let done = both.into_iter().flatten().max_by_key(|done| done.at)?;
    let (_, papers) = sent_certificates(&done.call)?;
    Some(Sent { papers, done })
}

impl Sent<'_> {
    fn before(&self) -> Option<Before> {
        Before::deserialize(&self.done.evidence).ok()
    }

    /// Whether what is shown is the rejection of what was handed in before, as far as can be told.
    fn is_not_shown(&self, one: &OwnCategory, view: &View<'_>) -> bool {
        let again = self.done.call.endpoint == &category::MODIFY;
        let until = self.done.at.checked_add(LAG).unwrap_or(Timestamp::MAX);
        let reason = self.before().map(|before| before.reason);
        again
            && view.now < until
            && reason.as_deref() == Some(one.audit_reason.as_deref().unwrap_or_default())
            && self.told(one.id()).is_none()
    }

    /// WeChat's push of its rejection, with the reason. A push names no request: category and time tell which.
    fn told(&self, id: CategoryId) -> Option<&str> {
        let told = self.done.told.as_ref()?;
        let since = self.before().map_or(self.done.at, |before| before.at);
        let since = since.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let of_it = told.name == thing(id) && told.at >= since;
        (of_it && told.status == ReviewStatus::Rejected)
            .then(|| told.reason.as_deref().unwrap_or_default())
    }
}

/// Why it was rejected: the list says it, else the push did.
fn reason(one: &OwnCategory, sent: Option<&Sent<'_>>) -> Option<String> {
    let listed = one.audit_reason.as_deref();
    let told = || sent.and_then(|sent| sent.told(one.id()));
    let reason = listed.filter(|reason| !reason.is_empty()).or_else(told)?;
    Some(reason.to_owned()).filter(|reason| !reason.is_empty())
}

/// Whether two sets of documents differ, whatever their order.
fn differ(one: &[Certificate], other: &[Certificate]) -> bool {
    let is_there = |new: &Certificate| other.iter().any(|old| is_same(old, new));
    one.len() != other.len() || !one.iter().all(is_there)
}

fn is_same(one: &Certificate, other: &Certificate) -> bool {
    let Certificate {
        key,
        file,
        validity,
    } = one;
    plain_key(key) == plain_key(&other.key) && *file == other.file && *validity == other.validity
}

/// The wait of a category of which WeChat has pushed that a review rejected it, before a pass has looked what that means
/// for the manifest.
#[must_use]
pub fn told_rejected(label: &str, reason: Option<String>) -> Waiting {
    let reason = reason.unwrap_or_else(|| "-".to_owned());
    Waiting::new(
        Reason::AuditRefused,
        Person::Operator,
        Text::new(
            format!("类目 {label} 的审核被驳回：{reason}；wxops plan 会说明怎么处理"),
            format!("WeChat rejected category {label}: {reason}; wxops plan says what can be done"),
        ),
    )
}
