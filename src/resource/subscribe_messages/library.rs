//! What WeChat's library says of a template before it is chosen: whether the account may choose it, what it is called,
//! and the numbers of its keywords.

use crate::plan::{Text, Why, WhyKind};
use crate::resource::{View, payload};
use crate::wechat::subscribe_message::{
    self, KEYWORDS, Keywords, PAGE, TITLES, Titles, keywords_request, titles_request,
};
use crate::wechat::template::{self, Categories, plain_label};
use crate::wechat::{Appid, Call};

/// So many pages are read: a list that goes on is none.
const PAGES: u32 = 50;

/// What the library's titles say of a number.
pub(super) enum Entry {
    /// It has this title.
    Titled(String),
    /// None of the account's service categories has it.
    NotOffered,
    /// This has to be read first.
    NotRead(Call),
}

/// The reads that are missing before a template can be chosen.
pub(super) fn needs(tid: &str, view: &View<'_>) -> Vec<Call> {
    let keywords = keywords_request(view.account(), tid);
    let mut calls = Vec::new();
    match entry(tid, view) {
        Ok(Entry::NotRead(call)) => calls.push(call),
        Ok(Entry::Titled(_)) if !view.seen.contains_key(&keywords) => calls.push(keywords),
        Ok(Entry::Titled(_) | Entry::NotOffered) | Err(_) => {}
    }
    calls
}

/// Looks a number up among what the account's categories offer.
pub(super) fn entry(tid: &str, view: &View<'_>) -> Result<Entry, Why> {
    let account: &Appid = view.account();
    let asked = template::categories_request(account);
    let Some(answer) = view.seen.get(&asked) else {
        return Ok(Entry::NotRead(asked));
    };
    let categories = payload::<Categories>(&template::CATEGORIES, Some(answer))?.data;
    let mut ids: Vec<i64> = categories.iter().map(|category| category.id).collect();
    if ids.is_empty() {
        return Ok(Entry::NotOffered);
    }
    ids.sort_unstable();
    for start in (0..PAGES).map(|page| page * PAGE) {
        let page = titles_request(account, &ids, start);
        let Some(answer) = view.seen.get(&page) else {
            return Ok(Entry::NotRead(page));
        };
        let Titles { count, data } = payload(&TITLES, Some(answer))?;
        if let Some(title) = data.iter().find(|title| title.tid == tid) {
            return Ok(Entry::Titled(title.title.clone()));
        }
        if i64::from(start + PAGE) >= count {
            return Ok(Entry::NotOffered);
        }
        if data.is_empty() {
            break;
        }
    }
    Err(Why::unreadable(
        TITLES.name,
        "its pages do not hold as many titles as it counts",
    ))
}

/// The numbers of these keywords.
pub(super) fn kids(tid: &str, keywords: &[String], view: &View<'_>) -> Result<Vec<i64>, Why> {
    let answer = view.seen.get(&keywords_request(view.account(), tid));
    let known = payload::<Keywords>(&KEYWORDS, answer)?.data;
    let find = |wanted: &String| {
        let mut known = known.iter();
        let found = known.find(|keyword| plain_label(&keyword.name) == plain_label(wanted));
        found
            .map(|keyword| keyword.kid)
            .ok_or_else(|| wanted.clone())
    };
    let kids: Result<Vec<i64>, String> = keywords.iter().map(find).collect();
    kids.map_err(|unknown| {
        let names: Vec<&str> = known.iter().map(|one| one.name.as_str()).collect();
        let names = names.join("、");
        not_comparable(
            format!("模板 {tid} 没有关键词「{unknown}」，可选：{names}；请修改配置"),
            format!("template {tid} has no keyword {unknown}, but {names}: correct the manifest"),
        )
    })
}

/// What a person has to put right in the manifest.
pub(super) fn not_comparable(zh: String, en: String) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(zh, en),
    }
}

/// How many templates fit beside those that are there.
pub(super) fn room(there: usize) -> usize {
    subscribe_message::MOST.saturating_sub(there)
}
