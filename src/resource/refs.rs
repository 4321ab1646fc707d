//! What refers to one of the tenant's mini-programs by name must name one that is declared. Offline.

use std::collections::BTreeMap;

use super::app::check_refs;
use super::links::Links;
use super::menu::Menu;
use super::registration;
use super::{At, Resource as _, TenantSpec};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;

/// Checks every reference of a tenant.
pub(super) fn check(tenant: &TenantSpec, found: &mut Diagnostics) {
    check_refs(tenant, found);
    registration::check_refs(tenant, found);
    let Some(official) = &tenant.official_account else {
        return;
    };
    let menu = Menu::path(&At::OFFICIAL);
    let buttons = official
        .menu
        .iter()
        .flat_map(|spec| spec.mini_programs(&menu));
    for (path, target) in buttons {
        check_one(
            tenant,
            target.reference.as_deref(),
            &path.field("ref"),
            found,
        );
    }
    let links = Links::path(&At::OFFICIAL);
    let mut linked: BTreeMap<&Appid, (usize, bool)> = BTreeMap::new();
    for (index, link) in official.links.iter().flatten().enumerate() {
        let place = links.index(index).field("miniProgram");
        check_one(tenant, link.mini_program.as_deref(), &place, found);
        let name = link.mini_program.as_deref();
        let mut items = tenant.mini_programs.iter();
        let own = items.find(|item| Some(item.name.as_str()) == name);
        let appid = link
            .app_id
            .as_ref()
            .or(own.and_then(|item| item.app_id.as_ref()));
        // What is named twice in the same way is said by the list's own check.
        let by_name = name.is_some();
        if let Some(appid) = appid
            && let Some((first, named)) = linked.insert(appid, (index, by_name))
            && named != by_name
        {
            found.error(
                "WX1291",
                links.index(index),
                format!("{appid} stands twice among the links"),
                format!("item {} names it too", first + 1),
                Some("a mini-program is linked once: remove one of them"),
            );
        }
    }
}

fn check_one(tenant: &TenantSpec, name: Option<&str>, path: &SpecPath, found: &mut Diagnostics) {
    let Some(name) = name else {
        return;
    };
    let names: Vec<&str> = tenant
        .mini_programs
        .iter()
        .map(|item| item.name.as_str())
        .collect();
    if names.contains(&name) {
        return;
    }
    let help = if names.is_empty() {
        "add it to `miniPrograms`, or name any other mini-program by `appId`".to_owned()
    } else {
        format!("the tenant's mini-programs are {}", names.join(", "))
    };
    found.error(
        "WX1290",
        path.clone(),
        format!("`{name}` is none of the tenant's mini-programs"),
        "no item of `miniPrograms` is called so",
        Some(help),
    );
}
