//! From the accounts of one tenant to the tenant that is written: what its operator decided, and the lines for people.

use super::group::{Group, Member};
use crate::manifest::LoadedPlatform;
use crate::manifest::mapping::{Mapped, Mapping};
use crate::manifest::write::NewTenant;
use crate::plan::{Lang, Observation, Text};
use crate::resource::export::{Exported, Is, LeftOut};
use crate::resource::heading::heading;
use crate::resource::spec::{AccountKind, Mode, NameRef};
use crate::resource::{LinkSpec, TenantSpec};
use crate::wechat::text::plain_entity;

/// What all tenants of one import have in common.
pub(super) struct Writer<'a> {
    pub(super) platform: &'a LoadedPlatform,
    pub(super) mode: Mode,
    pub(super) lang: Lang,
    pub(super) date: jiff::civil::Date,
}

/// How the line with the date begins: the only line that differs when nothing but the day does.
pub(super) const DATED: [&str; 2] = ["# imported ", "# 导入于 "];

impl Writer<'_> {
    /// The tenant of a group, and what all its accounts together leave out.
    pub(super) fn tenant(&self, group: &Group, mapping: &Mapping) -> (NewTenant, Vec<LeftOut>) {
        let (mut spec, left_out) = spec(group);
        spec.platform_ref = Some(NameRef {
            name: self.platform.name.clone(),
        });
        spec.policy.mode = self.mode;
        // What is said of the first account counts.
        let mapped = group.accounts().filter_map(|one| mapping.get(&one.account));
        let mapped: Vec<&Mapped> = mapped.collect();
        let mut labels = std::collections::BTreeMap::new();
        for one in mapped.iter().rev() {
            labels.extend(one.labels.clone());
            spec.values.extend(one.values.clone());
        }
        let tenant = NewTenant {
            name: group.name.clone(),
            namespace: self.platform.namespace.clone(),
            labels,
            spec,
            comment: self.comment(group, &left_out),
        };
        (tenant, left_out)
    }

    /// The lines above the class.
    pub(super) fn class(&self, tenants: usize) -> Vec<String> {
        vec![
            self.say(&Text::new(
                format!("{tenants} 个导入租户的共同部分"),
                format!("what {tenants} imported tenants share"),
            )),
            self.dated(),
        ]
    }

    fn say(&self, text: &Text) -> String {
        text.in_lang(self.lang).to_owned()
    }

    fn dated(&self) -> String {
        let date = self.date;
        self.say(&Text::new(
            format!("导入于 {date}"),
            format!("imported {date}"),
        ))
    }

    fn comment(&self, group: &Group, of_all: &[LeftOut]) -> Vec<String> {
        let mut lines: Vec<String> = group.official.iter().map(|one| self.who(one)).collect();
        for member in &group.apps {
            let mut line = format!("{}: {}", member.item, self.who(&member.exported));
            let because = member.because.as_ref().map(|because| because.text());
            for text in because.into_iter().chain(member.doubt()) {
                line.push_str(&format!(" · {}", self.say(&text)));
            }
            lines.push(line);
        }
        lines.push(self.dated());
        let of_all = of_all.iter().map(|left| (None, left));
        let of_official = group.official.iter().flat_map(|one| &one.left_out);
        let of_official = of_official.map(|left| (None, left));
        let of_apps = group.apps.iter().flat_map(|member| {
            let left = member.exported.left_out.iter();
            left.map(|left| (Some(member.item.as_str()), left))
        });
        for (item, left) in of_all.chain(of_official).chain(of_apps) {
            let name = item.map(|item| format!("{item} ")).unwrap_or_default();
            let (resource, why) = (left.resource, self.say(&reason(left, &group.name, item)));
            let zh = heading(resource).zh;
            lines.push(self.say(&Text::new(
                format!("未导入（不受管理）：{name}{zh}。{why}"),
                format!("left out (unmanaged): {name}{resource}: {why}"),
            )));
        }
        lines
    }

    fn who(&self, exported: &Exported) -> String {
        let kind = self.say(&kind(exported.is));
        let who = [
            exported.nick_name.as_str(),
            kind.as_str(),
            exported.account.as_str(),
            exported.principal.as_str(),
        ];
        let who: Vec<&str> = who.into_iter().filter(|text| !text.is_empty()).collect();
        who.join(" · ")
    }
}

impl Group {
    /// All its accounts, the official one first.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &Exported> {
        let apps = self.apps.iter().map(|member| &member.exported);
        self.official.iter().chain(apps)
    }
}

impl Member {
    /// That it may belong elsewhere, where that is so.
    pub(super) fn doubt(&self) -> Option<Text> {
        (!self.maybe.is_empty()).then(|| {
            let maybe = Text::list(&self.maybe);
            Text::new(
                format!(
                    "可能属于 {}，无法确定，单独成为租户；可用 --tenant-of 或 --mapping 指定",
                    maybe.zh
                ),
                format!(
                    "it may belong with {}, which nothing decides, so it is kept apart: say where with --tenant-of or \
                     --mapping",
                    maybe.en
                ),
            )
        })
    }
}

/// Why something of an account is left out, and the way out where a person has one.
pub(super) fn reason(left: &LeftOut, tenant: &str, item: Option<&str>) -> Text {
    let Some(item) = item.filter(|_| left.by_memory) else {
        return left.why.clone();
    };
    let resource = left.resource;
    Text::new(
        format!(
            "微信不返回它的内容，无法导入。要纳入管理：先在此写明 {resource}，再执行 wxops op assume {tenant}:{item} {resource}，表示线上的就是它"
        ),
        format!(
            "WeChat does not give back what is there. To manage it, declare {resource} here and then say that it is what is \
             there: wxops op assume {tenant}:{item} {resource}"
        ),
    )
}

/// What the accounts of a tenant have together, and what of it cannot be said of all of them.
fn spec(group: &Group) -> (TenantSpec, Vec<LeftOut>) {
    let mut left_out = Vec::new();
    let mut accounts = group.accounts();
    let mut spec = accounts
        .next()
        .map(|first| first.spec.clone())
        .unwrap_or_default();
    spec.mini_programs = group
        .apps
        .iter()
        .flat_map(|member| {
            let mut items = member.exported.spec.mini_programs.clone();
            for item in &mut items {
                item.name.clone_from(&member.item);
            }
            items
        })
        .collect();
    if let Some(why) = principals(group) {
        spec.principal = None;
        left_out.push(of_all("principal", why));
    }
    spec.open_account = group
        .accounts()
        .find_map(|one| one.spec.open_account.clone());
    if spec.open_account.is_some()
        && let Some(why) = open_accounts(group)
    {
        spec.open_account = None;
        left_out.push(of_all("openAccount", why));
    }
    if let (Some(official), Some(exported)) = (&mut spec.official_account, &group.official) {
        let links = exported.linked.iter().map(|appid| {
            let own = group.apps.iter().find(|one| one.exported.account == *appid);
            LinkSpec {
                mini_program: own.map(|member| member.item.clone()),
                app_id: own.is_none().then(|| appid.clone()),
                ..LinkSpec::default()
            }
        });
        let links: Vec<LinkSpec> = links.collect();
        official.links = (!links.is_empty()).then_some(links);
    }
    (spec, left_out)
}

fn of_all(resource: &'static str, why: Text) -> LeftOut {
    LeftOut {
        resource,
        why,
        failed: false,
        by_memory: false,
    }
}

/// A tenant whose accounts are not all of one principal requires none: it would shut the others out.
fn principals(group: &Group) -> Option<Text> {
    let required = |one: &Exported| {
        let principal = one.spec.principal.as_ref();
        plain_entity(
            principal
                .and_then(|said| said.name.as_deref())
                .unwrap_or_default(),
        )
    };
    let mut all = group.accounts().map(required);
    let first = all.next()?;
    let same = all.all(|other| other == first);
    (!same).then(|| {
        Text::new(
            "各账号的主体不同，或有账号的主体未知",
            "the accounts are not all known to be of one principal",
        )
    })
}

/// A tenant has one open account, which all of its accounts are in.
fn open_accounts(group: &Group) -> Option<Text> {
    let mut opens = group.accounts().map(|one| match &one.open_account {
        Observation::Present(open) => Some(open),
        Observation::Absent | Observation::Unknown(_) => None,
    });
    let first = opens.next()?;
    let same = first.is_some() && opens.all(|other| other == first);
    (!same).then(|| {
        Text::new(
            "各账号并非都已确认在同一个开放平台账号下",
            "the accounts are not all known to be in one open account",
        )
    })
}

/// The kind in words.
pub(super) fn kind(is: Is) -> Text {
    match is {
        Is::Official(AccountKind::Service) => Text::new("服务号", "service account"),
        Is::Official(AccountKind::Subscription) => Text::new("订阅号", "subscription account"),
        Is::MiniProgram => Text::new("小程序", "mini-program"),
    }
}
