//! The tags (标签) of an official account, which conditional menus are for and business code asks for by name.
//!
//! A tag is what it is called: it is made by its name, found by its name, and no two have one. The id that WeChat gave
//! is remembered, so that a tag that was called otherwise in WeChat's console is not made a second time. Tags that
//! nobody declares are left alone: followers wear them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, Seen, Settled, TenantSpec, View, only,
    payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Address, Change, Digest, Person, Reason, Step, Text, Verdict, Waiting, Why,
};
use crate::wechat::tag::{self, Created, MOST, NAME_BYTES, Tag};
use crate::wechat::text::visible;
use crate::wechat::{Answer, Call, Endpoint};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagSpec {
    /// What it is called; conditional menus (`match.tag`) and business code (`tags.<name>`) ask for it by that.
    #[schemars(length(min = 1, max = NAME_BYTES), extend("x-wire" = "tag.name", "x-limit" = "30 bytes (10 汉字)"))]
    pub name: String,
}

/// Tags by name: desired ones without their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TagsState {
    /// All of them.
    pub tags: BTreeMap<String, Option<i64>>,
}

/// The resource.
pub struct Tags;

/// The output that holds the id of the tag of this name.
fn output(name: &str) -> String {
    format!("{}.{name}", Tags::NAME)
}

/// The address of the tag of this name.
#[must_use]
pub fn address(name: &str) -> Address {
    Address::of(Tags::NAME).with_key(name)
}

impl Resource for Tags {
    const NAME: &'static str = "tags";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = tag::CREATE.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&tag::LIST];
    type Spec = Vec<TagSpec>;
    type State = TagsState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field("tags")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a Vec<TagSpec>> {
        tenant.official_account.as_ref()?.tags.as_ref()
    }

    fn asks_nothing(spec: &Vec<TagSpec>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<TagSpec>, at: &At, found: &mut Diagnostics) {
        check(spec, &Self::path(at), found);
    }

    fn needs(_spec: Option<&Vec<TagSpec>>, view: &View<'_>) -> Vec<Call> {
        let list = tag::list_request(view.account());
        if view.seen.contains_key(&list) {
            Vec::new()
        } else {
            vec![list]
        }
    }

    fn observe(view: &View<'_>) -> Observation<TagsState> {
        match read(view.seen.get(&tag::list_request(view.account()))) {
            Ok(ids) => Observation::Present(TagsState {
                tags: ids.into_iter().map(|(name, id)| (name, Some(id))).collect(),
            }),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &Vec<TagSpec>, _view: &View<'_>) -> Result<TagsState, Box<Waiting>> {
        Ok(TagsState {
            tags: spec.iter().map(|tag| (tag.name.clone(), None)).collect(),
        })
    }

    fn diff(
        spec: &Vec<TagSpec>,
        desired: &TagsState,
        observed: &Observation<TagsState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let none = TagsState::default();
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Absent => &none,
            Observation::Present(live) => live,
        };
        let mut free = MOST.saturating_sub(live.made().count());
        let mut verdicts = BTreeMap::new();
        for (index, tag) in spec.iter().enumerate() {
            let (name, path) = (&tag.name, Self::path(view.at).index(index).field("name"));
            if live.tags.contains_key(name) {
                continue;
            }
            let change = |from: Option<&str>| Change {
                path: path.clone(),
                from: from.map(|name| json!(name)),
                to: Some(json!(name)),
            };
            let verdict = if let Some(other) = renamed(name, desired, live, view) {
                Verdict::Suppressed {
                    why: called_otherwise(name, other),
                    changes: vec![change(Some(other))],
                }
            } else if let Some(left) = free.checked_sub(1) {
                free = left;
                let call = tag::create_request(view.account(), name);
                let account = view.account().clone();
                let mut step = Step::new(Action::Create, account, vec![change(None)], vec![call]);
                step.evidence = evidence(name, desired, live);
                Verdict::Step(step)
            } else {
                Verdict::Waiting(full(name))
            };
            verdicts.insert(name.clone(), verdict);
        }
        verdicts
    }

    fn digests(desired: &TagsState) -> BTreeMap<String, Digest> {
        let names = desired.tags.keys();
        names.map(|name| (name.clone(), Digest::of(name))).collect()
    }

    /// The id that WeChat gave decides where the name does not: see `renamed`.
    fn shown(_: &TagsState, _: &TagsState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &TagsState) -> Option<Vec<TagSpec>> {
        let names = observed.made().map(|name| TagSpec { name: name.clone() });
        Some(names.collect())
    }

    fn is_nothing(observed: &TagsState) -> bool {
        observed.made().next().is_none()
    }

    fn outputs(spec: &Vec<TagSpec>, observed: &TagsState, view: &View<'_>, outputs: &mut Outputs) {
        for TagSpec { name } in spec {
            let id = observed.tags.get(name).copied().flatten();
            let id = id.map(|id| id.to_string());
            let remembered = || {
                let id = view.outputs.get(&output(name))?;
                observed.name_of(id).is_some().then(|| id.clone())
            };
            if let Some(id) = id.or_else(remembered) {
                outputs.insert(output(name), id);
            }
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Tags)
    }
}

impl TagsState {
    /// Those that somebody made, in the order of their names: every account has WeChat's own.
    fn made(&self) -> impl Iterator<Item = &String> {
        self.tags.iter().filter_map(|(name, id)| {
            let tag = Tag {
                id: (*id)?,
                name: String::new(),
            };
            (!tag.is_system()).then_some(name)
        })
    }

    /// What the tag with this id is called.
    fn name_of(&self, id: &str) -> Option<&String> {
        let named =
            |(_, live): &(&String, &Option<i64>)| live.is_some_and(|live| live.to_string() == id);
        self.tags.iter().find(named).map(|(name, _)| name)
    }
}

/// The ids of all tags by name, as `tags/get` says them.
pub(super) fn read(answer: Option<&Answer>) -> Result<BTreeMap<String, i64>, Why> {
    let list = payload::<tag::Tags>(&tag::LIST, answer)?.tags;
    let ids: BTreeSet<i64> = list.iter().map(|tag| tag.id).collect();
    let named = list.iter().map(|tag| (visible(&tag.name), tag.id));
    let named: BTreeMap<String, i64> = named.collect();
    // No two tags share a name or an id, and each has both: what looks otherwise is no list of tags.
    if named.len() < list.len() || ids.len() < list.len() || named.contains_key("") {
        return Err(Why::unreadable(
            tag::LIST.name,
            "a tag has no name, or another one's name or id",
        ));
    }
    Ok(named)
}

/// The id of the tag that was made for this name and is called otherwise by now.
pub(super) fn remembered(name: &str, ids: &BTreeMap<String, i64>, view: &View<'_>) -> Option<i64> {
    let id = view.outputs.get(&output(name))?.parse().ok()?;
    let (other, _) = ids.iter().find(|(_, live)| **live == id)?;
    (!declares(view.spec, other)).then_some(id)
}

/// Whether a tenant declares a tag of this name.
pub(super) fn declares(tenant: &TenantSpec, name: &str) -> bool {
    let tags = Tags::spec(tenant, &At::OFFICIAL);
    tags.is_some_and(|tags| tags.iter().any(|tag| tag.name == name))
}

/// What the tag that was made for this name is called now, if it is there and no other item's.
fn renamed<'a>(
    name: &str,
    desired: &TagsState,
    live: &'a TagsState,
    view: &View<'_>,
) -> Option<&'a str> {
    let other = live.name_of(view.outputs.get(&output(name))?)?;
    (!desired.tags.contains_key(other)).then_some(other)
}

fn called_otherwise(name: &str, other: &str) -> Text {
    Text::new(
        format!("标签 {name} 在微信上现名 {other}，继续使用；请在公众平台改回，或修改配置"),
        format!(
            "tag {name} is called {other} at WeChat, and is used as it is: rename it in WeChat's console, or correct the \
             manifest"
        ),
    )
}

fn full(name: &str) -> Waiting {
    Waiting::new(
        Reason::LimitReached,
        Person::Operator,
        Text::new(
            format!("账号已有 {MOST} 个标签（上限），请先在公众平台删除不用的标签"),
            format!(
                "the account has {MOST} tags, which is as many as it may have: delete one that nobody uses in WeChat's \
                 console"
            ),
        ),
    )
    .then(Text::new(format!("创建标签 {name}"), format!("make tag {name}")))
}

fn check(spec: &[TagSpec], path: &SpecPath, found: &mut Diagnostics) {
    if spec.len() > MOST {
        found.error(
            "WX1282",
            path.clone(),
            format!(
                "an account has at most {MOST} tags, {} are declared",
                spec.len()
            ),
            "too many tags",
            Some("WeChat refuses the next one with 45056"),
        );
    }
    let mut names = BTreeSet::new();
    for (index, tag) in spec.iter().enumerate() {
        let path = path.index(index).field("name");
        check_name(&tag.name, &path, found);
        if !names.insert(&tag.name) {
            found.error(
                "WX1281",
                path,
                format!("two tags are called `{}`", tag.name),
                "called so already",
                Some("take one of the two out"),
            );
        }
    }
}

/// Checks the name of a tag, wherever it is written.
pub(super) fn check_name(name: &str, path: &SpecPath, found: &mut Diagnostics) {
    let (message, label) = if name.trim().is_empty() {
        ("a tag needs a name".to_owned(), "empty")
    } else if name.len() > NAME_BYTES {
        let message = format!(
            "the name of a tag has at most {NAME_BYTES} bytes, this one has {}",
            name.len()
        );
        (message, "too long")
    } else {
        return;
    };
    let help = "about 10 汉字 fit; WeChat refuses a longer one with 45158";
    found.error("WX1280", path.clone(), message, label, Some(help));
}

/// What is known before a tag is made.
#[derive(Serialize, Deserialize)]
struct Before {
    name: String,
    /// Ids of the tags that are there already.
    known: Vec<i64>,
    /// What the manifest's other tags are called: the same pass may make them too.
    others: Vec<String>,
}

fn evidence(name: &str, desired: &TagsState, live: &TagsState) -> Value {
    let others = desired.tags.keys().filter(|other| *other != name);
    serde_json::to_value(Before {
        name: name.to_owned(),
        known: live.tags.values().copied().flatten().collect(),
        others: others.cloned().collect(),
    })
    .unwrap_or_default()
}

impl AtMostOnce for Tags {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &tag::CREATE
    }

    /// The tag's name.
    fn thing(&self, call: &Call) -> Option<String> {
        let body: Value = serde_json::from_str(call.body()).ok()?;
        Some(body.get("tag")?.get("name")?.as_str()?.to_owned())
    }

    fn ids(&self, _call: &Call, evidence: &Value, body: &Value) -> Outputs {
        match (Before::deserialize(evidence), Created::deserialize(body)) {
            (Ok(before), Ok(made)) => {
                Outputs::from([(output(&before.name), made.tag.id.to_string())])
            }
            (Err(_), _) | (_, Err(_)) => Outputs::new(),
        }
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![tag::list_request(&call.subject)]
    }

    /// A tag that was not there before and is none of the manifest's others may be ours in another spelling: none is
    /// made beside it.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let live = read(seen.get(&tag::list_request(&call.subject)));
        let (Ok(live), Ok(before)) = (live, Before::deserialize(evidence)) else {
            return Settled::Undecided;
        };
        if let Some(id) = live.get(&before.name) {
            return Settled::Done(Outputs::from([(output(&before.name), id.to_string())]));
        }
        let is_news = |(name, id): (&String, &i64)| {
            !before.known.contains(id) && !before.others.contains(name)
        };
        if live.iter().any(is_news) {
            Settled::Ambiguous
        } else {
            Settled::NotDone
        }
    }
}
