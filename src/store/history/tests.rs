//! What the history promises: nothing is lost, nothing is given twice, and it stays small.

use serde_json::json;

use super::*;

fn entry(what: &str) -> HistoryDoc {
    HistoryDoc {
        item: None,
        at: Timestamp::UNIX_EPOCH,
        by: Some(what.to_owned()),
        revision: None,
        restores: None,
        account: Appid::parse("wx1111111111111111").unwrap(),
        resource: "menu".to_owned(),
        key: String::new(),
        action: "update".to_owned(),
        step: "digest".to_owned(),
        desired: None,
        endpoints: vec!["menu/create".to_owned()],
        changes: Vec::new(),
        left_out: 0,
        before: Before::Nothing,
        approval: None,
        outcome: None,
    }
}

fn ended(result: How) -> Ended {
    Ended {
        under_way: false,
        at: Timestamp::UNIX_EPOCH,
        result,
        zh: String::new(),
        en: String::new(),
        errcode: None,
        rid: None,
    }
}

#[tokio::test]
async fn numbers_go_on_when_old_entries_are_forgotten() {
    let history = History::new(Store::in_memory());
    for n in 1..=(KEPT as u64 + 7) {
        assert_eq!(history.begin("sunrise", entry("x")).await.unwrap(), n);
    }
    let numbers = history.numbers("sunrise").await.unwrap();
    assert_eq!(numbers.len(), KEPT);
    assert_eq!(numbers.first(), Some(&8));
    assert_eq!(numbers.last(), Some(&107));
    assert_eq!(history.begin("sun", entry("x")).await.unwrap(), 1);
}

#[tokio::test]
async fn writers_at_once_lose_no_entry() {
    let store = Store::in_memory();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let history = History::new(store.clone());
            tokio::spawn(async move {
                for n in 0..5 {
                    let name = format!("{writer}-{n}");
                    history.begin("sunrise", entry(&name)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let all = History::new(store).newest("sunrise", KEPT).await.unwrap();
    let mut names: Vec<String> = all.iter().filter_map(|(_, doc)| doc.by.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 40);
}

#[tokio::test]
async fn an_outcome_is_written_once_and_an_unknown_one_is_still_open() {
    let history = History::new(Store::in_memory());
    let n = history.begin("sunrise", entry("x")).await.unwrap();
    let result = async || history.get("sunrise", n).await.unwrap().unwrap().outcome;
    assert_eq!(result().await, None);
    for (says, is) in [
        (How::Unknown, How::Unknown),
        (How::Done, How::Done),
        (How::Refused, How::Done),
    ] {
        history.end("sunrise", n, &ended(says)).await.unwrap();
        assert_eq!(result().await.unwrap().result, is);
    }
    history.end("sunrise", 99, &ended(How::Done)).await.unwrap();
    assert_eq!(history.numbers("sunrise").await.unwrap(), [n]);
}

#[tokio::test]
async fn an_entry_keeps_what_was_there_before_it_keeps_changes() {
    let history = History::new(Store::in_memory());
    let mut large = entry("x");
    large.changes = (0..500)
        .map(|n| json!({"n": n, "text": "长".repeat(100)}))
        .collect();
    large.before = Before::There(json!({"buttons": []}));
    let n = history.begin("sunrise", large.clone()).await.unwrap();
    let kept = history.get("sunrise", n).await.unwrap().unwrap();
    assert!(kept.size() <= MAX_BYTES);
    assert_eq!(kept.changes.len() + kept.left_out, 500);
    assert_eq!(kept.before, large.before);

    large.before = Before::There(json!("长".repeat(MAX_BYTES)));
    let n = history.begin("sunrise", large).await.unwrap();
    let kept = history.get("sunrise", n).await.unwrap().unwrap();
    assert_eq!(kept.before, Before::TooLarge);
    assert!(kept.size() <= MAX_BYTES);
}

#[tokio::test]
async fn the_whole_history_is_bounded_oldest_first_and_never_a_tenants_newest() {
    let history = History::new(Store::in_memory());
    // Entry n of tenant t was made at second 10 n + t.
    for n in 1..=6 {
        for (t, tenant) in ["a", "b", "c"].into_iter().enumerate() {
            let mut one = entry("x");
            one.at = Timestamp::from_second(10 * n + i64::try_from(t).unwrap()).unwrap();
            history.begin(tenant, one).await.unwrap();
        }
    }
    let mut old = entry("x");
    old.at = Timestamp::UNIX_EPOCH;
    history.begin("left long ago", old).await.unwrap();
    assert_eq!(history.bound(19).await.unwrap(), 0);
    assert_eq!(history.bound(14).await.unwrap(), 19 - 13);
    for (tenant, kept) in [
        ("a", vec![3, 4, 5, 6]),
        ("b", vec![3, 4, 5, 6]),
        ("c", vec![3, 4, 5, 6]),
        ("left long ago", vec![1]),
    ] {
        assert_eq!(history.numbers(tenant).await.unwrap(), kept, "{tenant}");
    }
    history.bound(0).await.unwrap();
    for tenant in ["a", "b", "c"] {
        assert_eq!(history.numbers(tenant).await.unwrap(), [6], "{tenant}");
        assert_eq!(history.begin(tenant, entry("x")).await.unwrap(), 7);
    }
}
