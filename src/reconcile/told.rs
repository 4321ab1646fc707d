//! What WeChat has pushed of reviews (审核) since the last pass: told from the store, WeChat is not asked.

use jiff::{SignedDuration, Timestamp};

use super::recall::{last_done, review};
use super::standing::{Awaited, Stands, Thing};
use crate::plan::{Address, Reason, Text, Whose};
use crate::resource::app::nickname::{self, Pushed};
use crate::resource::app::{categories, code};
use crate::store::documents::{REVIEW_OF_CATEGORY, REVIEW_OF_CODE, ReviewDoc};
use crate::store::journal::{OpDoc, OpKey};
use crate::store::{Key, Store, StoreError};
use crate::wechat::code::SUBMIT;
use crate::wechat::review::ReviewStatus;
use crate::wechat::{Appid, category, nickname as calls};

/// By so much WeChat's clock and ours may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Puts into what the last pass left what WeChat has pushed since of the reviews that one of the tenant's accounts waits
/// for: a rejection is another wait, and after an approval the next pass looks.
///
/// # Errors
/// [`StoreError`].
pub async fn told_since(
    store: &Store,
    (item, account): (&str, &Appid),
    last_pass: Timestamp,
    waits: &mut Vec<Awaited>,
    things: &mut [Thing],
) -> Result<(), StoreError> {
    let under_review = |resource: &str| -> Vec<Address> {
        let address = Address::from(resource).whose(Whose::app(item));
        let its = waits.iter().filter(|one| {
            one.waiting.reason == Reason::UnderReview && one.address.is_beside(&address)
        });
        its.map(|one| one.address.clone()).collect()
    };
    let (name, named) = (under_review("nickname"), under_review("categories"));
    let version = under_review(code::NAME);
    if let Some(name) = name.first()
        && let Some(done) = last_done(store, (&calls::SET.action(None), account)).await?
        && let Some(pushed) = nickname::pushed(&done)
    {
        let said_at = done.told.map(|told| told.at);
        end(waits, things, name, (pushed, said_at));
    }
    if named.is_empty() && version.is_empty() {
        return Ok(());
    }
    // One from before the pass is no news: the pass has read how the categories stand.
    let news = |told: &ReviewDoc| {
        let at = told.at.checked_add(SKEW);
        at.is_ok_and(|at| at >= last_pass)
    };
    if let Some(version) = version.first()
        && let Some(told) = review(store, account, REVIEW_OF_CODE).await?.filter(news)
        && is_of_the_last_submission(store, account, &told).await?
        && let Some(pushed) = of_code(&told)
    {
        end(waits, things, version, (pushed, Some(told.at)));
    }
    let told = review(store, account, REVIEW_OF_CATEGORY).await?;
    let Some(told) = told.filter(news) else {
        return Ok(());
    };
    if let Some(its) = which(store, account, &told, &named).await?
        && let Some(pushed) = of_category(&told, &its.key)
    {
        end(waits, things, its, (pushed, Some(told.at)));
    }
    Ok(())
}

/// Whether a push is of what was submitted last, not of what was before it: both may come within the same minute.
async fn is_of_the_last_submission(
    store: &Store,
    account: &Appid,
    told: &ReviewDoc,
) -> Result<bool, StoreError> {
    let key = OpKey {
        action: SUBMIT.action(None),
        appid: account.clone(),
    };
    let op = store.get::<OpDoc>(&Key::op(&key)).await?;
    let sent = op.and_then(|op| op.value.armed_at);
    // One that came late was said before, by WeChat's own clock.
    let is_newer = |sent: Timestamp| {
        let heard = told.heard.unwrap_or(told.at);
        heard >= sent && told.at.saturating_add(SKEW).is_ok_and(|at| at >= sent)
    };
    Ok(sent.is_none_or(is_newer))
}

/// Which of the categories under review a push is about. It names the category's numbers alone: so does the manifest, or
/// there is only one, and we have added a category of these numbers.
async fn which<'a>(
    store: &Store,
    account: &Appid,
    told: &ReviewDoc,
    named: &'a [Address],
) -> Result<Option<&'a Address>, StoreError> {
    if let Some(by_number) = named.iter().find(|one| one.key == told.of) {
        return Ok(Some(by_number));
    }
    let [only] = named else {
        return Ok(None);
    };
    let key = OpKey {
        action: category::ADD.action(Some(&told.of)),
        appid: account.clone(),
    };
    let op = store.get::<OpDoc>(&Key::op(&key)).await?;
    let ours = op.is_some_and(|op| op.value.done.is_some());
    Ok(ours.then_some(only))
}

/// An event names no version, and one is in flight at a time: the next pass reads which it was.
fn of_code(told: &ReviewDoc) -> Option<Pushed> {
    match ReviewStatus::of(told.status) {
        ReviewStatus::Passed => Some(Pushed::Approved(Text::new(
            "代码审核已通过，由下一次执行核对并发布",
            "WeChat approved the code: the next pass looks, and releases it",
        ))),
        ReviewStatus::Rejected => {
            let waiting = code::told_refused(told.reason.as_deref());
            Some(Pushed::Rejected(Box::new(waiting)))
        }
        ReviewStatus::InReview | ReviewStatus::Unknown(_) => None,
    }
}

fn of_category(told: &ReviewDoc, label: &str) -> Option<Pushed> {
    match ReviewStatus::of(told.status) {
        ReviewStatus::Passed => Some(Pushed::Approved(Text::new(
            format!("类目 {label} 已通过审核，由下一次执行核对"),
            format!("WeChat approved category {label}: the next pass looks"),
        ))),
        ReviewStatus::Rejected => {
            let reason = told.reason.clone().filter(|reason| !reason.is_empty());
            let waiting = categories::told_rejected(label, reason);
            Some(Pushed::Rejected(Box::new(waiting)))
        }
        ReviewStatus::InReview | ReviewStatus::Unknown(_) => None,
    }
}

fn end(
    waits: &mut Vec<Awaited>,
    things: &mut [Thing],
    address: &Address,
    (pushed, said_at): (Pushed, Option<Timestamp>),
) {
    match pushed {
        Pushed::Rejected(waiting) => {
            for one in waits.iter_mut().filter(|one| one.address == *address) {
                one.waiting = (*waiting).clone();
                one.since = said_at;
            }
        }
        Pushed::Approved(text) => {
            waits.retain(|one| one.address != *address);
            for thing in things.iter_mut().filter(|thing| thing.address == *address) {
                thing.stands = Stands::ToDo;
                thing.text = Some(text.clone());
            }
        }
    }
}
