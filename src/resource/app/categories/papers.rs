//! Which documents a category needs, and which of them the manifest has: known before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::certificate::{CertificateSpec, ends, last_day, plain_key};
use super::spec::{CategorySpec, certificate_path};
use crate::plan::path::SpecPath;
use crate::plan::{Change, Digest, Person, Reason, Text, Verdict, Waiting, Why, WhyKind};
use crate::resource::{Files, View};
use crate::wechat::category::{Certificate, Documents, Node, Validity};

/// So long before its end it is said of a document.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The documents that go with a category.
#[derive(Debug, Default)]
pub(super) struct Papers {
    /// In the manifest's order, under WeChat's names.
    pub(super) all: Vec<Certificate>,
    /// What a plan says of each.
    pub(super) changes: Vec<Change>,
    /// What a person should know beforehand.
    pub(super) notes: Vec<Text>,
}

/// What goes along, for a category that stands at `path`; else what is missing.
pub(super) fn papers(
    spec: &CategorySpec,
    path: &SpecPath,
    node: &Node,
    view: &View<'_>,
) -> Result<Papers, Box<Verdict>> {
    let label = spec.label();
    match node.needs_documents() {
        None => return Err(Box::new(Verdict::Unknown(not_said(&label)))),
        Some(false) if spec.certificates.is_empty() => return Ok(Papers::default()),
        Some(false) => {
            return Ok(Papers {
                notes: vec![Text::new(
                    "该类目不需要资质文件，不会提交配置中的 certificates",
                    "the category needs no documents, so none of its `certificates` is handed in",
                )],
                ..Papers::default()
            });
        }
        Some(true) => {}
    }
    let lists = node.qualify.as_ref();
    let lists = lists.map_or(&[][..], |qualify| qualify.exter_list.as_slice());
    if let Some(waiting) = missing(spec, &label, lists) {
        return Err(Box::new(Verdict::Waiting(waiting)));
    }
    let mut papers = Papers::default();
    for (n, one) in spec.certificates.iter().enumerate() {
        if let Some(ends) = one.ends().filter(|ends| *ends <= view.now) {
            let waiting = expired(&label, one, ends);
            return Err(Box::new(Verdict::Waiting(waiting)));
        }
        let at = certificate_path(path, n);
        let Some(facts) = view.files.get(&at) else {
            return Err(Box::new(Verdict::Unknown(not_read(&at))));
        };
        let key = known_as(&one.key, lists).unwrap_or_else(|| one.key.trim().to_owned());
        let certificate = one.handed_in(&key, facts.sha256.clone());
        papers.notes.extend(ends_soon(&certificate, view.now));
        papers.changes.push(Change {
            path: at,
            from: None,
            to: Some(spoken(&certificate)),
        });
        papers.all.push(certificate);
    }
    Ok(papers)
}

/// Digests of the documents of each category that has some: of their pictures, and of what is said of them.
pub(super) fn digests(
    spec: &[CategorySpec],
    path: &SpecPath,
    files: &Files,
) -> BTreeMap<String, Digest> {
    let with = spec.iter().enumerate();
    let with = with.filter(|(_, one)| !one.certificates.is_empty());
    with.map(|(index, one)| {
        let at = path.index(index);
        let pictures = (0..one.certificates.len()).map(|n| {
            let facts = files.get(&certificate_path(&at, n));
            facts.map(|facts| facts.sha256.as_str())
        });
        let pictures: Vec<Option<&str>> = pictures.collect();
        (one.label(), Digest::of(&(&one.certificates, pictures)))
    })
    .collect()
}

/// A document in a few words: `《民办学校办学许可证》 sha256:4f2ab03c77e1 2027-05-01`.
pub(super) fn spoken(one: &Certificate) -> Value {
    let Certificate {
        key,
        file,
        validity,
    } = one;
    let good = match (validity, ends(one)) {
        (Some(Validity::Until(_)), Some(ends)) => format!(" {}", last_day(ends)),
        (Some(Validity::Permanent), _) => " permanent".to_owned(),
        (Some(Validity::Until(_)) | None, _) => String::new(),
    };
    json!(format!("{key} sha256:{}{good}", file.short()))
}

/// What is said of a document that is good for a while only, or no more.
pub(super) fn ends_soon(one: &Certificate, now: Timestamp) -> Option<Text> {
    let ends = ends(one)?;
    let from = ends.checked_sub(SOON).unwrap_or(Timestamp::MIN);
    (from <= now).then(|| {
        let (key, day) = (&one.key, last_day(ends));
        if ends <= now {
            Text::new(
                format!("{key}已过期（有效期至 {day}）"),
                format!("{key} has expired (its last day was {day})"),
            )
        } else {
            Text::new(
                format!("{key}即将过期（有效期至 {day}）"),
                format!("{key} expires soon (its last day is {day})"),
            )
        }
    })
}

/// WeChat's name of a document.
fn known_as(key: &str, lists: &[Documents]) -> Option<String> {
    let mut names = lists.iter().flat_map(|list| &list.inner_list);
    let found = names.find(|one| plain_key(&one.name) == plain_key(key))?;
    Some(found.name.clone())
}

/// What the manifest lacks: one of WeChat's lists has to be there whole, and nothing that stands in none.
fn missing(spec: &CategorySpec, label: &str, lists: &[Documents]) -> Option<Waiting> {
    let given = &spec.certificates;
    if lists.is_empty() {
        // It says that some are needed, and not which: whatever the manifest names.
        return given.is_empty().then(|| needs(label, lists));
    }
    if let Some(strange) = given.iter().find(|one| known_as(&one.key, lists).is_none()) {
        return Some(not_listed(label, &strange.key, lists));
    }
    let keys: BTreeSet<String> = given.iter().map(|one| plain_key(&one.key)).collect();
    let is_there = |list: &Documents| {
        let mut all = list.inner_list.iter();
        all.all(|one| keys.contains(&plain_key(&one.name)))
    };
    (!lists.iter().any(is_there)).then(|| needs(label, lists))
}

/// The lists as a sentence: one of them is enough, whole.
fn named(lists: &[Documents]) -> (String, String) {
    let one = |list: &Documents| {
        let names: Vec<&str> = list
            .inner_list
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        names.join(" + ")
    };
    let all: Vec<String> = lists.iter().map(one).collect();
    (all.join("；或 "), all.join("; or "))
}

fn needs(label: &str, lists: &[Documents]) -> Waiting {
    let (zh, en) = named(lists);
    Waiting::new(
        Reason::DocumentsMissing,
        Person::Operator,
        Text::new(
            format!(
                "类目 {label} 需要资质文件（{zh}）：请在配置的 certificates 中写明名称（key）和图片，或请小程序管理员在公众平台添加"
            ),
            format!(
                "category {label} needs documents ({en}): give their names (`key`) and pictures in its `certificates`, or let \
                 the app's administrator add it in WeChat's console"
            ),
        ),
    )
}

fn not_listed(label: &str, key: &str, lists: &[Documents]) -> Waiting {
    let (zh, en) = named(lists);
    let key = key.trim();
    Waiting::new(
        Reason::DocumentsMissing,
        Person::Operator,
        Text::new(
            format!("类目 {label} 的资质文件中没有名为{key}的，需要的是：{zh}。请改正 key"),
            format!("category {label} needs no document {key}, but {en}: correct its `key`"),
        ),
    )
}

fn expired(label: &str, one: &CertificateSpec, ends: Timestamp) -> Waiting {
    let (key, day) = (one.key.trim(), last_day(ends));
    Waiting::new(
        Reason::DocumentsMissing,
        Person::Operator,
        Text::new(
            format!(
                "类目 {label} 的{key}已过期（有效期至 {day}），不会提交：请换上新的图片和有效期"
            ),
            format!(
                "{key} of category {label} has expired (its last day was {day}), so it is not handed in: give the new one's \
                 picture and last day"
            ),
        ),
    )
}

fn not_said(label: &str) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("微信没有说明类目 {label} 是否需要资质文件，因此不提交"),
            format!(
                "WeChat does not say whether category {label} needs documents, so nothing is handed in"
            ),
        ),
    }
}

/// Whoever loads manifests reads their files; else somebody did not.
fn not_read(path: &SpecPath) -> Why {
    Why {
        kind: WhyKind::ReadFailed,
        text: Text::new(
            format!("资质文件的图片未读取（{path}）"),
            format!("the picture of a certificate was not read ({path})"),
        ),
    }
}
