//! What is said of one imported tenant: its accounts, what of each was taken over, and what was not.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::New;
use super::belongs::Because;
use super::files::{State, Target};
use super::report::word;
use super::tenant::reason;
use crate::plan::{Lang, Text};
use crate::resource::export::{Exported, Is};
use crate::resource::heading::heading;
use crate::resource::spec::AccountKind;
use crate::resource::{At, RESOURCES};
use crate::wechat::Appid;
use crate::wechat::raw::shown;

/// One tenant.
pub(super) struct Line {
    tenant: String,
    official: Option<Part>,
    apps: Vec<App>,
    /// What of all accounts together is declared.
    resources: Vec<&'static str>,
    /// And what is not.
    left_out: Vec<Left>,
    file: PathBuf,
    pub(super) state: State,
}

/// One of its accounts.
struct Part {
    account: Appid,
    nick_name: String,
    principal: String,
    is: Is,
    resources: Vec<&'static str>,
    left_out: Vec<Left>,
}

/// One of its mini-programs.
struct App {
    item: String,
    part: Part,
    because: Option<Because>,
    maybe: Vec<String>,
    doubt: Option<Text>,
}

/// Something that stays unmanaged.
struct Left {
    resource: &'static str,
    why: Text,
    failed: bool,
}

impl Line {
    pub(super) fn new(new: &New, target: &Target, state: State) -> Self {
        let New {
            group,
            tenant,
            left_out,
        } = new;
        let declared = |at: &At, own: bool| -> Vec<&'static str> {
            let of_it = RESOURCES.iter().filter(|one| {
                let below = one.path(at).to_string();
                one.declared(&tenant.spec, at) && own == below.starts_with(&at.root().to_string())
            });
            of_it.map(|resource| resource.name()).collect()
        };
        let part = |exported: &Exported, at: &At, item: Option<&str>| Part {
            account: exported.account.clone(),
            nick_name: exported.nick_name.clone(),
            principal: exported.principal.clone(),
            is: exported.is,
            resources: declared(at, true),
            left_out: exported
                .left_out
                .iter()
                .map(|left| Left {
                    resource: left.resource,
                    why: reason(left, &group.name, item),
                    failed: left.failed,
                })
                .collect(),
        };
        let apps = group.apps.iter().enumerate().map(|(index, member)| App {
            item: member.item.clone(),
            part: part(
                &member.exported,
                &At::app(&member.item, index),
                Some(&member.item),
            ),
            because: member.because.clone(),
            maybe: member.maybe.clone(),
            doubt: member.doubt(),
        });
        let first = match (&group.official, group.apps.first()) {
            (None, Some(member)) => At::app(&member.item, 0),
            (Some(_), _) | (None, None) => At::OFFICIAL,
        };
        Self {
            tenant: group.name.clone(),
            official: group
                .official
                .as_ref()
                .map(|one| part(one, &At::OFFICIAL, None)),
            apps: apps.collect(),
            resources: declared(&first, false),
            left_out: left_out
                .iter()
                .map(|left| Left {
                    resource: left.resource,
                    why: left.why.clone(),
                    failed: left.failed,
                })
                .collect(),
            file: target.path.clone(),
            state,
        }
    }

    /// The order of lines.
    pub(super) fn by_name(&self, other: &Self) -> std::cmp::Ordering {
        self.tenant.cmp(&other.tenant)
    }

    /// How many official accounts and mini-programs it has.
    pub(super) fn accounts(&self) -> (usize, usize) {
        (usize::from(self.official.is_some()), self.apps.len())
    }

    /// How many of its mini-programs are its own since WeChat shows so, and nobody said it.
    pub(super) fn put_by_what_is_shown(&self) -> usize {
        let shown = |app: &&App| app.because.as_ref().is_some_and(Because::is_shown);
        self.apps.iter().filter(shown).count()
    }

    /// Whether something that should have been read was not.
    pub(super) fn failed(&self) -> bool {
        self.all_left_out().any(|left| left.failed)
    }

    fn all_left_out(&self) -> impl Iterator<Item = &Left> {
        let apps = self.apps.iter().map(|app| &app.part);
        let parts = self.official.iter().chain(apps);
        let of_parts = parts.flat_map(|part| &part.left_out);
        self.left_out.iter().chain(of_parts)
    }

    pub(super) fn human(&self, lang: Lang) -> String {
        let official = self.official.as_ref();
        let nick_name = official.map_or("", |part| &part.nick_name);
        let account = official.map_or("", |part| part.account.as_str());
        let unchanged = match self.state {
            State::Written => Text::new("", ""),
            State::Unchanged => Text::new("（未变）", " (unchanged)"),
        };
        let mut text = format!(
            "{} → {}{}",
            who([&self.tenant, nick_name, account]),
            shown(&self.file.display().to_string()),
            unchanged.in_lang(lang)
        );
        let resources = self.of_official();
        if official.is_some() || !resources.is_empty() {
            text.push_str(lang.colon());
            text.push_str(&listed(&resources, lang));
        }
        let of_official = official.iter().flat_map(|part| &part.left_out);
        for left in self.left_out.iter().chain(of_official) {
            text.push_str(&left.human(None, lang));
        }
        for app in &self.apps {
            text.push_str(&app.human(lang));
        }
        text
    }

    /// What is declared of the official account and of all accounts together, in the order of the resources.
    fn of_official(&self) -> Vec<&'static str> {
        let own = self.official.iter().flat_map(|part| &part.resources);
        let all: Vec<&'static str> = self.resources.iter().chain(own).copied().collect();
        let names = RESOURCES.iter().map(|resource| resource.name());
        names.filter(|name| all.contains(name)).collect()
    }

    pub(super) fn json(&self) -> Value {
        let official = self.official.as_ref();
        let of_official = official.iter().flat_map(|part| &part.left_out);
        let left_out = self.left_out.iter().chain(of_official).map(Left::json);
        json!({
            "name": self.tenant,
            "account": official.map(|part| &part.account),
            "nickName": official.map(|part| &part.nick_name),
            "principal": official.map(|part| &part.principal),
            "kind": official.map(|part| kind(part.is)),
            "file": self.file.display().to_string(),
            "state": word(self.state),
            "resources": self.of_official(),
            "leftOut": left_out.collect::<Vec<_>>(),
            "miniPrograms": self.apps.iter().map(App::json).collect::<Vec<_>>(),
        })
    }
}

impl App {
    fn human(&self, lang: Lang) -> String {
        let Part {
            account,
            nick_name,
            resources,
            left_out,
            ..
        } = &self.part;
        let who = who([&self.item, nick_name, account.as_str()]);
        let mut text = format!("\n  {who}{}{}", lang.colon(), listed(resources, lang));
        let because = self.because.as_ref().map(Because::text);
        for said in because.iter().chain(&self.doubt) {
            text.push_str(&format!("\n    {}", shown(said.in_lang(lang))));
        }
        for left in left_out {
            text.push_str(&left.human(Some(&self.item), lang));
        }
        text
    }

    fn json(&self) -> Value {
        let Part {
            account,
            nick_name,
            principal,
            is: _,
            resources,
            left_out,
        } = &self.part;
        json!({
            "name": self.item,
            "account": account,
            "nickName": nick_name,
            "principal": principal,
            "resources": resources,
            "leftOut": left_out.iter().map(Left::json).collect::<Vec<_>>(),
            "because": self.because.as_ref().map(Because::word),
            "maybe": self.maybe,
        })
    }
}

impl Left {
    fn human(&self, item: Option<&str>, lang: Lang) -> String {
        let item = item.map(|item| format!("{item} ")).unwrap_or_default();
        let why = shown(self.why.in_lang(lang));
        match lang {
            Lang::Zh => format!("\n  ! 未导入：{item}{}。{why}", heading(self.resource).zh),
            Lang::En => format!("\n  ! left out: {item}{}: {why}", self.resource),
        }
    }

    fn json(&self) -> Value {
        json!({"resource": self.resource, "reason": self.why, "failed": self.failed})
    }
}

fn kind(is: Is) -> &'static str {
    match is {
        Is::Official(AccountKind::Service) => "service",
        Is::Official(AccountKind::Subscription) => "subscription",
        Is::MiniProgram => "miniProgram",
    }
}

fn who(parts: [&str; 3]) -> String {
    let said = parts.into_iter().filter(|text| !text.is_empty());
    said.map(shown).collect::<Vec<_>>().join(" · ")
}

fn listed(resources: &[&str], lang: Lang) -> String {
    if resources.is_empty() {
        let nothing = Text::new("没有可导入的内容", "nothing to declare");
        nothing.in_lang(lang).to_owned()
    } else {
        let (zh, en) = (resources.iter().map(|one| heading(one).zh), resources);
        match lang {
            Lang::Zh => Text::list(zh).zh,
            Lang::En => Text::list(en).en,
        }
    }
}
