//! What is to be done about templates of subscription notifications, one verdict for each.

use std::collections::BTreeMap;

use super::library::{self, Entry, not_comparable};
use super::{SubscribeMessageSpec, SubscribeMessages, as_templates};
use crate::plan::{Action, Change, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::resource::templates::matching::matching;
use crate::resource::templates::{TemplateSpec, TemplatesState, due, journal};
use crate::resource::{Resource, View};
use crate::wechat::subscribe_message::{self, MOST};
use crate::wechat::template::plain_label;

/// Everything that is not in sync.
pub(super) fn verdicts(
    spec: &[SubscribeMessageSpec],
    desired: &TemplatesState,
    live: &TemplatesState,
    view: &View<'_>,
) -> BTreeMap<String, Verdict> {
    let like = as_templates(spec);
    let found = matching(SubscribeMessages::NAME, &like, desired, live, view);
    let mut verdicts = BTreeMap::new();
    for (name, ids) in &found.unclear {
        let why = due::unclear(name, ids, &found);
        verdicts.insert((*name).to_owned(), Verdict::Unknown(why));
    }
    let path = SubscribeMessages::path(view.at);
    for (index, item) in spec.iter().enumerate() {
        let (desired, id) = (
            desired.templates.get(&item.name),
            found.in_force.get(item.name.as_str()),
        );
        let pair = desired.zip(id.and_then(|id| live.templates.get(*id)));
        if let (Some((desired, live)), Some(id)) = (pair, id)
            && let Some(verdict) = due::unlike(desired, live, id, &path.index(index))
        {
            verdicts.insert(item.name.clone(), verdict);
        }
    }
    let mut free = library::room(live.templates.len());
    for (index, like) in &found.missing {
        let Some(item) = spec.get(*index) else {
            continue;
        };
        let place = Place {
            index: *index,
            desired,
            live,
            view,
        };
        let verdict = place.missing(item, like, &mut free);
        verdicts.insert(item.name.clone(), verdict);
    }
    verdicts
}

/// Where something is missing.
struct Place<'a> {
    index: usize,
    desired: &'a TemplatesState,
    live: &'a TemplatesState,
    view: &'a View<'a>,
}

impl Place<'_> {
    fn missing(
        &self,
        item: &SubscribeMessageSpec,
        like: &TemplateSpec,
        free: &mut usize,
    ) -> Verdict {
        let SubscribeMessageSpec { name, title, .. } = item;
        let Some(tid) = &item.tid else {
            return Verdict::Unknown(not_comparable(
                format!(
                    "线上没有订阅通知模板「{title}」，而 {name} 未写 tid，无法添加；请补上 tid 或删去该项"
                ),
                format!(
                    "there is no subscription template {title} at WeChat, and {name} has no `tid` to add it by: give it, \
                     or take the item out"
                ),
            ));
        };
        match library::entry(tid, self.view) {
            Err(why) => return Verdict::Unknown(why),
            Ok(Entry::NotRead(call)) => {
                return Verdict::Unknown(Why::not_asked(call.endpoint.name));
            }
            Ok(Entry::NotOffered) => return Verdict::Waiting(not_offered(item, tid)),
            Ok(Entry::Titled(live)) if plain_label(&live) != plain_label(title) => {
                return Verdict::Unknown(not_comparable(
                    format!("模板库中 {tid} 的标题是「{live}」，配置写的是「{title}」；请修改配置"),
                    format!(
                        "template {tid} of the library is called {live}, and {title} in the manifest: correct it"
                    ),
                ));
            }
            Ok(Entry::Titled(_)) => {}
        }
        let kids = match library::kids(tid, &item.keywords, self.view) {
            Ok(kids) => kids,
            Err(why) => return Verdict::Unknown(why),
        };
        let Some(left) = free.checked_sub(1) else {
            return Verdict::Waiting(full(item, self.live.templates.len()));
        };
        *free = left;
        let change = Change {
            path: SubscribeMessages::path(self.view.at).index(self.index),
            from: None,
            to: serde_json::to_value(item).ok(),
        };
        let account = self.view.account();
        let scene = item.scene.as_deref();
        let call = subscribe_message::add_request(account, tid, &kids, scene);
        let mut step = Step::new(Action::Create, account.clone(), vec![change], vec![call]);
        step.evidence = journal::evidence(like, self.desired, self.live);
        Verdict::Step(step)
    }
}

fn adds(title: &str) -> Text {
    Text::new(
        format!("添加订阅通知模板「{title}」"),
        format!("add subscription template {title}"),
    )
}

/// Which category would offer it, nobody says to an account that lacks it.
fn not_offered(item: &SubscribeMessageSpec, tid: &str) -> Waiting {
    let SubscribeMessageSpec { title, .. } = item;
    Waiting::new(
        Reason::CategoryMissing,
        Person::Owner,
        Text::new(
            format!(
                "账号的服务类目下没有订阅通知模板 {tid}「{title}」，请公众号管理员在公众平台添加所属的服务类目"
            ),
            format!(
                "none of the account's service categories has subscription template {tid} ({title}): its administrator \
                 adds the category it belongs to in WeChat's console"
            ),
        ),
    )
    .then(adds(title))
}

fn full(item: &SubscribeMessageSpec, count: usize) -> Waiting {
    Waiting::new(
        Reason::LimitReached,
        Person::Operator,
        Text::new(
            format!("账号已有 {count} 个订阅通知模板（上限 {MOST}），请先在公众平台删除不用的"),
            format!(
                "the account has {count} subscription templates and may have {MOST}: delete one that nobody uses in \
                 WeChat's console"
            ),
        ),
    )
    .then(adds(&item.title))
}
