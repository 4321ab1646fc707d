//! What is to be done so that a mini-program has the categories it is to have.

use std::collections::BTreeMap;

use serde_json::json;

use super::papers::{Papers, papers};
use super::review::{self, Before};
use super::spec::{CategorySpec, label_of};
use super::{Categories, CategoriesState, allowed, numbers};
use crate::plan::{
    Action, Change, Costly, Hold, Person, Reason, Step, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::resource::{Resource as _, View};
use crate::wechat::category::{self, CategoryId, NewCategory, OwnCategories, OwnCategory};
use crate::wechat::endpoint::Period;

/// Whether the account's categories can be asked for: only of one that was registered through the API. Where WeChat does
/// not say, its answer will.
pub(super) fn through_api(view: &View<'_>) -> bool {
    view.facts.through_api != Some(false)
}

/// The wait of an account that was not.
pub(super) fn not_through_api(view: &View<'_>) -> Option<Waiting> {
    (!through_api(view)).then(|| {
        Waiting::new(
            Reason::NotThroughApi,
            Person::AppAdmin,
            Text::new(
                "该小程序不是通过接口注册的，微信不允许通过接口查看或更改其服务类目（41033）：请小程序管理员在公众平台设置，并从配置中去掉 categories",
                "the mini-program was not registered through the API, so WeChat neither shows nor changes its categories \
                 through the API (41033): its administrator sets them in WeChat's console (mp.weixin.qq.com); take \
                 `categories` out of the manifest",
            ),
        )
    })
}

/// Why nothing is known of the categories of such an account.
pub(super) fn not_shown(view: &View<'_>) -> Option<Why> {
    (!through_api(view)).then(|| Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            "该小程序不是通过接口注册的，微信只在公众平台显示其服务类目（41033）",
            "the mini-program was not registered through the API, so WeChat shows its categories in its console only (41033)",
        ),
    })
}

/// Everything that is not as it should be, by what it is called.
pub(super) fn verdicts(
    spec: &[CategorySpec],
    desired: &CategoriesState,
    live: &OwnCategories,
    view: &View<'_>,
) -> BTreeMap<String, Verdict> {
    let mut found = BTreeMap::new();
    let of = |(first, second): (i64, i64)| {
        let id = CategoryId { first, second };
        live.categories.iter().find(move |one| one.id() == id)
    };
    for (index, declared) in spec.iter().enumerate() {
        let label = declared.label();
        let verdict = match desired.by_label.get(&label).copied().flatten() {
            None => Some(not_found(&label, view)),
            Some(id) => match of(id) {
                Some(there) => review::verdict(declared, index, there, view),
                None => Some(add((index, declared), id, live, view)),
            },
        };
        found.extend(verdict.map(|verdict| (label, verdict)));
    }
    let wanted = |one: &&OwnCategory| {
        let id = Some(numbers(one.id()));
        !desired.by_label.values().any(|known| *known == id)
    };
    // While a name is not found, what is undeclared may be just that.
    if desired.by_label.values().all(Option::is_some) {
        let undeclared = live.categories.iter().filter(wanted);
        let deleted: Vec<(String, Verdict)> = undeclared
            .map(|one| (label_of(one), last(delete(one, view), &found, view)))
            .collect();
        found.extend(deleted);
    }
    found
}

/// Nothing is deleted before what is declared is there: a mini-program without a category can offer nothing. What waits
/// for room alone is what a deletion makes room for.
fn last(deletion: Verdict, declared: &BTreeMap<String, Verdict>, view: &View<'_>) -> Verdict {
    let Verdict::Step(mut step) = deletion else {
        return deletion;
    };
    for (label, verdict) in declared {
        match verdict {
            Verdict::Step(_) => {
                let address = view.address(Categories::NAME).with_key(label.as_str());
                step.after.push(address);
            }
            Verdict::Waiting(waiting) if waiting.reason == Reason::LimitReached => {}
            Verdict::Suppressed { .. } => {}
            Verdict::Waiting(_) | Verdict::Rejected { .. } | Verdict::Unknown(_) => {
                step.hold.get_or_insert_with(|| Hold {
                    reason: Reason::AfterAnotherStep,
                    text: Text::new(
                        format!("{label} 还没有添加成功，在此之前不删除其他类目"),
                        format!("nothing is deleted before {label} is there"),
                    ),
                    command: None,
                });
            }
        }
    }
    Verdict::Step(step)
}

/// A name that is none of the account's own, and none of those it may have.
fn not_found(label: &str, view: &View<'_>) -> Verdict {
    match allowed(view) {
        Err(why) => Verdict::Unknown(why),
        Ok(_) => Verdict::Waiting(Waiting::new(
            Reason::CategoryMissing,
            Person::Operator,
            Text::new(
                format!(
                    "该小程序的主体没有名为 {label} 的类目可选，或有多个同名：请按公众平台「服务类目」中的名称改正，或写明 first 和 second"
                ),
                format!(
                    "its principal has no category `{label}` to choose, or more than one of that name: correct it after \
                     WeChat's console (服务类目), or give `first` and `second`"
                ),
            ),
        )),
    }
}

fn add(
    (index, spec): (usize, &CategorySpec),
    (first, second): (i64, i64),
    live: &OwnCategories,
    view: &View<'_>,
) -> Verdict {
    if let Some(waiting) = no_room(live, view) {
        return Verdict::Waiting(waiting);
    }
    let (id, label) = (CategoryId { first, second }, spec.label());
    let path = Categories::path(view.at).index(index);
    let papers = match allowed(view) {
        Err(why) => return Verdict::Unknown(why),
        Ok(allowed) => match allowed.find(id) {
            None => return not_found(&label, view),
            Some(node) => papers(spec, &path, node, view),
        },
    };
    let Papers {
        all: certificates,
        changes: documents,
        notes,
    } = match papers {
        Err(verdict) => return *verdict,
        Ok(papers) => papers,
    };
    let mut changes = vec![Change {
        path,
        from: None,
        to: Some(json!(label)),
    }];
    changes.extend(documents);
    let account = view.account().clone();
    let call = category::add_request(&account, &[NewCategory { id, certificates }]);
    let mut step = Step::new(Action::Create, account, changes, vec![call]);
    if let (Some(limit), Some(left)) = (live.limit, live.quota) {
        step.notes.push(Text::new(
            format!("本月还可添加 {left} 个，共 {limit} 个"),
            format!("{left} of {limit} additions left this month"),
        ));
    }
    step.notes.extend(notes);
    let before = Before {
        at: view.now,
        reason: String::new(),
    };
    step.evidence = serde_json::to_value(before).unwrap_or_default();
    Verdict::Step(step)
}

fn no_room(live: &OwnCategories, view: &View<'_>) -> Option<Waiting> {
    if live.quota.is_some_and(|left| left <= 0) {
        let mut waiting = Waiting::new(
            Reason::QuotaUsedUp,
            Person::Nobody,
            Text::new(
                "本月添加类目的次数已用完",
                "no category can be added any more this month",
            ),
        );
        waiting.until = Some(Period::Month.around(view.now).1);
        return Some(waiting);
    }
    let most = usize::try_from(live.category_limit?).ok()?;
    (live.categories.len() >= most).then(|| {
        Waiting::new(
            Reason::LimitReached,
            Person::Operator,
            Text::new(
                format!("已有 {most} 个类目，微信不允许更多：请先去掉一个"),
                format!("it has {most} categories, and WeChat allows no more: take one out first"),
            ),
        )
    })
}

fn delete(one: &OwnCategory, view: &View<'_>) -> Verdict {
    let change = Change {
        path: Categories::path(view.at),
        from: Some(json!(label_of(one))),
        to: None,
    };
    let account = view.account().clone();
    let call = category::delete_request(&account, one.id());
    let mut step = Step::new(Action::Delete, account, vec![change], vec![call]);
    step.costly = Some(Costly::DeleteCategory);
    Verdict::Step(step)
}
