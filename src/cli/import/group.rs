//! Which accounts make one tenant, and what it and its mini-programs are called.
//!
//! ```text
//!   the store has a mini-program as a tenant's       it stays there
//!   the mapping names its tenant, or --tenant-of     there
//!   WeChat shows where it belongs (see `belongs`)    with that official account, unless --apart
//!   else                                             a tenant of its own
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::belongs::{Because, Belongs, belongs};
use super::known::Known;
use super::report::Report;
use crate::manifest::mapping::Mapping;
use crate::manifest::write::{Wanted, name_of_alias, names};
use crate::plan::Text;
use crate::resource::export::{Exported, ITEM, Is};
use crate::wechat::Appid;

/// A tenant to be written.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) official: Option<Exported>,
    pub(super) apps: Vec<Member>,
}

/// One of its mini-programs.
pub(super) struct Member {
    /// What it is called among the tenant's.
    pub(super) item: String,
    pub(super) exported: Exported,
    /// Why it is this tenant's; `None`: the tenant was made for it.
    pub(super) because: Option<Because>,
    /// The official accounts, or the tenants among the manifests, that it may belong with as well.
    pub(super) maybe: Vec<String>,
}

/// What decides.
pub(super) struct Rules<'a> {
    pub(super) mapping: &'a Mapping,
    /// By mini-program: the account whose tenant it belongs to.
    pub(super) tenant_of: BTreeMap<Appid, Appid>,
    /// Whether what WeChat shows is no reason.
    pub(super) apart: bool,
    pub(super) known: &'a Known,
}

/// A tenant that has no name yet.
struct Draft {
    given: Option<String>,
    official: Option<Exported>,
    apps: Vec<Loose>,
}

/// A mini-program that has no name yet.
struct Loose {
    item: Option<String>,
    exported: Exported,
    because: Option<Because>,
    maybe: Vec<String>,
}

/// Where a mini-program goes.
enum Place {
    Named(String, Because),
    With(Appid, Because),
    Alone(Vec<String>),
}

/// Puts accounts together. One whose name or place cannot be had is left out, and said.
pub(super) fn groups(found: Vec<Exported>, rules: &Rules<'_>, report: &mut Report) -> Vec<Group> {
    let (apps, officials): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|one| one.is == Is::MiniProgram);
    let shown: Vec<Belongs> = apps.iter().map(|app| belongs(app, &officials)).collect();
    let mut drafts = of_officials(officials, rules, report);
    for (app, shown) in apps.into_iter().zip(shown) {
        let placed =
            place(&app, shown, rules).and_then(|place| put(app.clone(), place, &mut drafts, rules));
        if let Err(why) = placed {
            report.failed.push((app.account, why));
        }
    }
    named(drafts, rules)
}

fn of_officials(officials: Vec<Exported>, rules: &Rules<'_>, report: &mut Report) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for exported in officials {
        match rules
            .known
            .given(&exported.account, rules.mapped_name(&exported.account))
        {
            Ok(given) => drafts.push(Draft {
                given,
                official: Some(exported),
                apps: Vec::new(),
            }),
            Err(why) => report.failed.push((exported.account, why)),
        }
    }
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for name in drafts.iter().filter_map(|draft| draft.given.clone()) {
        *given.entry(name).or_default() += 1;
    }
    // A tenant has one official account, and which of them it is nobody says.
    drafts.retain(|draft| {
        let (Some(name), Some(official)) = (&draft.given, &draft.official) else {
            return true;
        };
        if given.get(name) == Some(&1) {
            return true;
        }
        report.failed.push((
            official.account.clone(),
            Text::new(
                format!("--mapping 把多个公众号命名为 {name}，一个租户只能有一个公众号"),
                format!("the mapping names several official accounts {name}: a tenant has one"),
            ),
        ));
        false
    });
    drafts
}

impl Rules<'_> {
    fn mapped_name(&self, account: &Appid) -> Option<&str> {
        self.mapping.get(account)?.name.as_deref()
    }

    fn mapped_item(&self, account: &Appid) -> Option<String> {
        self.mapping.get(account)?.item.clone()
    }
}

fn place(app: &Exported, shown: Belongs, rules: &Rules<'_>) -> Result<Place, Text> {
    let mapped = rules.mapped_name(&app.account);
    if let Some((name, claimed)) = rules.known.given_app(&app.account, mapped)? {
        let because = if claimed {
            Because::Claimed
        } else {
            Because::Said
        };
        return Ok(Place::Named(name, because));
    }
    if let Some(account) = rules.tenant_of.get(&app.account) {
        return Ok(Place::With(account.clone(), Because::Said));
    }
    Ok(match shown {
        _ if rules.apart => Place::Alone(Vec::new()),
        Belongs::With(account, because) => Place::With(account, because),
        Belongs::OneOf(maybe) => Place::Alone(maybe.iter().map(ToString::to_string).collect()),
        Belongs::Nowhere => Place::Alone(rules.known.tenants_of(&app.principal)),
    })
}

fn put(
    exported: Exported,
    place: Place,
    drafts: &mut Vec<Draft>,
    rules: &Rules<'_>,
) -> Result<(), Text> {
    let claimed = rules.known.item_of(&exported.account).map(str::to_owned);
    let item = claimed.or_else(|| rules.mapped_item(&exported.account));
    let (to, because, maybe) = match place {
        Place::Named(name, because) => (by_name(&name, drafts, rules)?, Some(because), Vec::new()),
        Place::With(account, because) => (
            by_account(&account, drafts, rules)?,
            Some(because),
            Vec::new(),
        ),
        Place::Alone(maybe) => {
            drafts.push(Draft {
                given: None,
                official: None,
                apps: Vec::new(),
            });
            (drafts.len() - 1, None, maybe)
        }
    };
    let Some(draft) = drafts.get_mut(to) else {
        return Ok(());
    };
    draft.apps.push(Loose {
        item,
        exported,
        because,
        maybe,
    });
    Ok(())
}

/// The tenant of that name, a new one where there is none.
fn by_name(name: &str, drafts: &mut Vec<Draft>, rules: &Rules<'_>) -> Result<usize, Text> {
    let is = |draft: &Draft| draft.given.as_deref() == Some(name);
    if let Some(at) = drafts.iter().position(is) {
        return Ok(at);
    }
    // The name that an official account would get by itself means that account.
    let mut would = drafts.iter().enumerate().filter(|(_, draft)| {
        let alias = draft.official.as_ref().map(|one| one.alias.as_str());
        draft.given.is_none() && alias.and_then(name_of_alias).as_deref() == Some(name)
    });
    let at = match (would.next(), would.next()) {
        (Some((at, _)), None) => at,
        (None, _) | (Some(_), Some(_)) => {
            rules.known.free_of_officials(name)?;
            drafts.push(Draft {
                given: None,
                official: None,
                apps: Vec::new(),
            });
            drafts.len() - 1
        }
    };
    if let Some(draft) = drafts.get_mut(at) {
        draft.given = Some(name.to_owned());
    }
    Ok(at)
}

fn by_account(account: &Appid, drafts: &[Draft], rules: &Rules<'_>) -> Result<usize, Text> {
    let is = |one: &Exported| one.account == *account;
    let at = drafts.iter().position(|draft| {
        draft.official.as_ref().is_some_and(is) || draft.apps.iter().any(|app| is(&app.exported))
    });
    at.ok_or_else(|| match rules.known.tenant_of(account) {
        Some(tenant) => in_its_manifest(tenant),
        None => Text::new(
            format!("应归入 {account} 的租户，而该账号未被导入；请一并导入"),
            format!("it belongs with {account}, which was not imported: import both"),
        ),
    })
}

/// A file that is there is not changed, so whoever wrote it adds what it lacks.
pub(super) fn in_its_manifest(tenant: &str) -> Text {
    Text::new(
        format!(
            "属于已有配置的租户 {tenant}，而导入不改动已有文件：请在其 miniPrograms 中加上该小程序的 name 和 appId"
        ),
        format!(
            "it belongs to tenant {tenant}, whose manifest is there and is not changed: add an item with its name and appId \
             to `miniPrograms` there"
        ),
    )
}

fn named(drafts: Vec<Draft>, rules: &Rules<'_>) -> Vec<Group> {
    let wanted: Vec<Wanted> = drafts
        .iter()
        .filter_map(|draft| {
            let apps = draft.apps.iter().map(|app| &app.exported);
            let lead = draft.official.iter().chain(apps).next()?;
            Some(Wanted {
                account: lead.account.clone(),
                given: draft.given.clone(),
                alias: lead.alias.clone(),
                prefix: match lead.is {
                    Is::Official(_) => "oa",
                    Is::MiniProgram => "app",
                },
            })
        })
        .collect();
    let names = names(&wanted, &rules.known.taken(rules.mapping));
    drafts
        .into_iter()
        .zip(wanted)
        .filter_map(|(draft, wanted)| {
            let name = names.get(&wanted.account)?.clone();
            let apps = items(draft.apps, &name, rules.known);
            Some(Group {
                name,
                official: draft.official,
                apps,
            })
        })
        .collect()
}

/// Gives each of a tenant's mini-programs a name: the only one is `main`, several are told apart by their appids.
fn items(apps: Vec<Loose>, tenant: &str, known: &Known) -> Vec<Member> {
    let mut used: BTreeSet<String> = apps.iter().filter_map(|app| app.item.clone()).collect();
    let alone = apps.len() == 1;
    apps.into_iter()
        .map(|app| {
            let item = app.item.unwrap_or_else(|| {
                let appid = app.exported.account.as_str().to_ascii_lowercase();
                let end = appid.get(appid.len().saturating_sub(8)..).unwrap_or(&appid);
                let wishes = [
                    alone.then(|| ITEM.to_owned()),
                    Some(format!("app-{end}")),
                    Some(format!("app-{appid}")),
                ];
                let free = |name: &String| {
                    !used.contains(name) && known.item_is_free(tenant, name, &app.exported.account)
                };
                let found = wishes.into_iter().flatten().find(free);
                found.unwrap_or_else(|| format!("app-{appid}"))
            });
            used.insert(item.clone());
            Member {
                item,
                exported: app.exported,
                because: app.because,
                maybe: app.maybe,
            }
        })
        .collect()
}
