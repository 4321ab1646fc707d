//! What is to be done about templates, one verdict for each.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matching::{Matching, matching};
use super::spec::{ForeignSpec, TemplateSpec, TemplatesSpec};
use super::state::{TemplateState, TemplatesState};
use super::{Templates, journal};
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Address, Change, Costly, Hold, Person, Reason, Step, Text, Verdict, Waiting, Why,
    WhyKind,
};
use crate::resource::{At, Resource, View, payload};
use crate::wechat::template::{self, Categories, MOST};

/// Steps of templates come after the industries, which decide what can be added and what WeChat deletes.
const AFTER: Address = Address::of("industry");
/// The key of what nobody declared. No item can be called so. It sorts before every name, so that room is made before
/// it is needed.
const FOREIGN: &str = "(foreign)";
/// So many titles are named in one line.
const NAMED: usize = 10;

/// What is declared and what is there.
pub(super) struct Due<'a> {
    pub(super) spec: &'a TemplatesSpec,
    pub(super) desired: &'a TemplatesState,
    pub(super) live: &'a TemplatesState,
    pub(super) view: &'a View<'a>,
}

/// Slots, counted before anything is sent: WeChat would refuse (45026), and only one by one.
struct Room {
    /// Those that nothing occupies.
    free: usize,
    /// Those that are free once what nobody declared is deleted, which may take a yes.
    leaving: usize,
}

impl Room {
    /// Takes a slot: `Some(None)` a free one, `Some(hold)` one that is not free yet.
    fn take(&mut self) -> Option<Option<Hold>> {
        if let Some(free) = self.free.checked_sub(1) {
            self.free = free;
            return Some(None);
        }
        self.leaving = self.leaving.checked_sub(1)?;
        Some(Some(Hold {
            reason: Reason::AfterAnotherStep,
            text: Text::new(
                format!("模板已满 {MOST} 个，须先删除未声明的模板"),
                format!("there are {MOST} templates: those that nobody declared are deleted first"),
            ),
            command: None,
        }))
    }
}

impl Due<'_> {
    /// Everything that is not in sync.
    pub(super) fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let found = matching(
            Templates::NAME,
            self.spec,
            self.desired,
            self.live,
            self.view,
        );
        let mut verdicts = self.foreign(&found);
        for (name, ids) in &found.unclear {
            verdicts.insert(
                (*name).to_owned(),
                Verdict::Unknown(unclear(name, ids, &found)),
            );
        }
        for (name, id) in &found.in_force {
            let place = self.spec.items.iter().position(|item| item.name == *name);
            let pair = self
                .desired
                .templates
                .get(*name)
                .zip(self.live.templates.get(*id));
            let (Some(index), Some((desired, live))) = (place, pair) else {
                continue;
            };
            let path = Templates::path(&At::OFFICIAL).field("items").index(index);
            if let Some(verdict) = unlike(desired, live, id, &path) {
                verdicts.insert((*name).to_owned(), verdict);
            }
        }
        let mut room = Room {
            free: MOST.saturating_sub(self.live.chosen()),
            leaving: match self.spec.foreign {
                ForeignSpec::Delete => found.foreign.len(),
                ForeignSpec::Report => 0,
            },
        };
        for (index, item) in &found.missing {
            let verdict = self.missing(*index, item, &found, &mut room);
            verdicts.insert(item.name.clone(), verdict);
        }
        verdicts
    }

    fn missing(
        &self,
        index: usize,
        item: &TemplateSpec,
        found: &Matching<'_>,
        room: &mut Room,
    ) -> Verdict {
        let Some(short_id) = &item.short_id else {
            return Verdict::Unknown(never_added(item));
        };
        match self.lacks_category(item) {
            Err(why) => return Verdict::Unknown(why),
            Ok(Some(waiting)) => return Verdict::Waiting(waiting),
            Ok(None) => {}
        }
        let Some(hold) = room.take() else {
            return Verdict::Waiting(full(item, self.live.chosen()));
        };
        let change = Change {
            path: Templates::path(&At::OFFICIAL).field("items").index(index),
            from: None,
            to: serde_json::to_value(item).ok(),
        };
        let account = self.view.account();
        let call = template::add_request(account, short_id, &item.keywords);
        let mut step = Step::new(Action::Create, account.clone(), vec![change], vec![call]);
        step.after = vec![AFTER];
        step.evidence = journal::evidence(item, self.desired, self.live);
        step.hold = hold;
        if let Some(id) = found.predecessors.get(item.name.as_str()) {
            step.notes.push(Text::new(
                format!(
                    "{} 将得到新的模板 ID；原模板 {id} 在新模板添加之前保留",
                    item.name
                ),
                format!(
                    "{} gets another id; its template until now, {id}, stays until then",
                    item.name
                ),
            ));
        }
        Verdict::Step(step)
    }

    /// Whether the account lacks the category that an item says it belongs to.
    fn lacks_category(&self, item: &TemplateSpec) -> Result<Option<Waiting>, Why> {
        let Some(wanted) = item.category_to_ask_for() else {
            return Ok(None);
        };
        let asked = template::categories_request(self.view.account());
        let answer = self.view.seen.get(&asked);
        let categories = payload::<Categories>(&template::CATEGORIES, answer)?;
        let has = categories.data.iter().any(|one| one.is_called(wanted));
        Ok((!has).then(|| {
            Waiting::new(
                Reason::CategoryMissing,
                Person::Owner,
                Text::new(
                    format!("账号没有服务类目 {wanted}，请公众号管理员在公众平台添加（模板「{}」需要）", item.title),
                    format!(
                        "the account lacks the service category {wanted}, which template {} needs: its administrator \
                         adds it in WeChat's console",
                        item.title
                    ),
                ),
            )
            .then(Text::new(format!("添加模板「{}」", item.title), format!("add {}", item.title)))
        }))
    }

    fn foreign(&self, found: &Matching<'_>) -> BTreeMap<String, Verdict> {
        let foreign: Vec<(&str, &TemplateState)> = found
            .foreign
            .iter()
            .filter_map(|id| Some((*id, self.live.templates.get(*id)?)))
            .collect();
        match self.spec.foreign {
            _ if foreign.is_empty() => BTreeMap::new(),
            ForeignSpec::Report => BTreeMap::from([(FOREIGN.to_owned(), reported(&foreign))]),
            ForeignSpec::Delete => foreign
                .into_iter()
                .map(|(id, template)| {
                    (
                        format!("{FOREIGN} {id}"),
                        Verdict::Step(self.delete(id, template)),
                    )
                })
                .collect(),
        }
    }

    fn delete(&self, id: &str, template: &TemplateState) -> Step {
        let change = Change {
            path: Templates::path(&At::OFFICIAL).field("foreign"),
            from: Some(shown(id, template)),
            to: None,
        };
        let account = self.view.account();
        let call = template::delete_request(account, id);
        let mut step = Step::new(Action::Delete, account.clone(), vec![change], vec![call]);
        step.costly = Some(Costly::DeleteTemplate);
        step.after = vec![AFTER];
        step
    }
}

/// The template that was added for an item is not called what the manifest says. It is the item's all the same; but if
/// our memory were lost, nobody would recognise it. The item stands at `path`.
pub(in crate::resource) fn unlike(
    desired: &TemplateState,
    live: &TemplateState,
    id: &str,
    path: &SpecPath,
) -> Option<Verdict> {
    if desired.is_shown_as(live) {
        return None;
    }
    let mut changes = Vec::new();
    if !desired.has_title_of(live) {
        changes.push(Change {
            path: path.field("title"),
            from: Some(json!(live.title)),
            to: Some(json!(desired.title)),
        });
    }
    if !desired.labels.is_empty() && desired.labels != live.labels {
        changes.push(Change {
            path: path.field("keywords"),
            from: Some(json!(live.labels)),
            to: Some(json!(desired.labels)),
        });
    }
    Some(Verdict::Suppressed {
        why: Text::new(
            format!("模板 {id} 已在使用，但线上的标题或关键词与配置不同；请改正配置"),
            format!(
                "template {id} is in use, but is called otherwise at WeChat: correct the manifest"
            ),
        ),
        changes,
    })
}

fn shown(id: &str, template: &TemplateState) -> Value {
    json!({"id": id, "title": template.title, "keywords": template.labels})
}

/// All in one line: a shop that uses many templates of its own is no news each time.
fn reported(foreign: &[(&str, &TemplateState)]) -> Verdict {
    let mut titles: Vec<&str> = foreign
        .iter()
        .take(NAMED)
        .map(|(_, template)| template.title.as_str())
        .collect();
    if foreign.len() > NAMED {
        titles.push("…");
    }
    let (count, titles) = (foreign.len(), titles.join("、"));
    Verdict::Suppressed {
        why: Text::new(
            format!("线上有 {count} 个模板未在配置中声明：{titles}（foreign: report）"),
            format!(
                "templates at WeChat that nobody declared: {count} ({titles}; foreign: report)"
            ),
        ),
        changes: Vec::new(),
    }
}

/// Why it is not known which template an item is.
pub(in crate::resource) fn unclear(name: &str, ids: &[&str], found: &Matching<'_>) -> Why {
    let listed = Text::list(ids);
    let others: Vec<&str> = found
        .unclear
        .iter()
        .filter(|(other, theirs)| **other != name && theirs.iter().any(|id| ids.contains(id)))
        .map(|(other, _)| *other)
        .collect();
    let text = if others.is_empty() {
        Text::new(
            format!(
                "线上有多个模板与 {name} 相同：{}；请在公众平台删除多余的，或用 id 指明是哪一个",
                listed.zh
            ),
            format!(
                "several templates at WeChat look like {name}: {}; delete the others in WeChat's console, or \
                 say which with `id`",
                listed.en
            ),
        )
    } else {
        let others = Text::list(others);
        Text::new(
            format!(
                "线上模板 {} 同时符合 {name} 和 {}；请用 id 指明各是哪一个，或写明 keywords",
                listed.zh, others.zh
            ),
            format!(
                "{} at WeChat could be {name} or {}: say which is which with `id`, or give `keywords`",
                listed.en, others.en
            ),
        )
    };
    Why {
        kind: WhyKind::NotComparable,
        text,
    }
}

fn never_added(item: &TemplateSpec) -> Why {
    let (name, title) = (&item.name, &item.title);
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!(
                "线上没有模板「{title}」，而 {name} 未写 shortId，无法添加；请补上 shortId 或删去该项"
            ),
            format!(
                "there is no template {title} at WeChat, and {name} has no `shortId` to add it by: give it, or take \
                 the item out"
            ),
        ),
    }
}

fn full(item: &TemplateSpec, count: usize) -> Waiting {
    Waiting::new(
        Reason::LimitReached,
        Person::Operator,
        Text::new(
            format!("账号已有 {count} 个模板（上限 {MOST}）；请删除不用的，或写 foreign: delete"),
            format!(
                "the account has {count} templates and may have {MOST}: delete one that nobody uses, or write \
                 `foreign: delete`"
            ),
        ),
    )
    .then(Text::new(format!("添加模板「{}」", item.title), format!("add {}", item.title)))
}
