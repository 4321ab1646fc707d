//! Which tenants a verb is about: all, or those that are named by name, account or label.

use anyhow::bail;

use super::args::Selection;
use crate::cli::failed::{Failed, OrSay};
use crate::manifest::{Loaded, LoadedTenant, is_platform, platform_among};
use crate::plan::Text;
use crate::resource::at;
use crate::wechat::Appid;

/// The tenants, sorted by name.
///
/// # Errors
/// Where something is named that is not there.
pub(super) fn select(loaded: &Loaded, selection: &Selection) -> anyhow::Result<Vec<LoadedTenant>> {
    for name in &selection.tenants {
        if !loaded.tenants.iter().any(|tenant| tenant.name == *name) {
            if let Some(platform) = platform_among(name)
                && loaded.platforms.contains_key(platform)
            {
                bail!(no_lists(platform));
            }
            let path = selection.manifests.path.display();
            bail!(Failed::new(
                format!("{path} 里没有租户 {name}；名字和 -f 写对了吗？"),
                format!("there is no tenant `{name}` in {path}; are the name and -f right?"),
            ));
        }
    }
    for appid in &selection.appids {
        Appid::parse(appid).or_say(|| Text::new("--appid 无法使用", "--appid cannot be used"))?;
        if !loaded
            .tenants
            .iter()
            .any(|tenant| has_account(tenant, std::slice::from_ref(appid)))
        {
            bail!(Failed::new(
                format!(
                    "没有租户的清单写着账号 {appid}（由扫码绑定的账号，请用 --tenant 选择其租户）"
                ),
                format!(
                    "no manifest names the account {appid}; choose the tenant of one that was pinned by a scan with --tenant"
                ),
            ));
        }
    }
    let labels = selection
        .labels
        .iter()
        .map(|label| {
            label.split_once('=').or_say(|| {
                Text::new(
                    format!("-l {label} 看不懂：请写 标签=值"),
                    format!("`-l {label}` is not understood: expected LABEL=VALUE"),
                )
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut tenants: Vec<LoadedTenant> = loaded
        .tenants
        .iter()
        .filter(|tenant| selection.tenants.is_empty() || selection.tenants.contains(&tenant.name))
        .filter(|tenant| {
            labels
                .iter()
                .all(|(label, value)| tenant.labels.get(*label).is_some_and(|live| live == value))
        })
        .filter(|tenant| selection.appids.is_empty() || has_account(tenant, &selection.appids))
        .cloned()
        .collect();
    if tenants.is_empty() && !selection.labels.is_empty() {
        let (all, labels) = (loaded.tenants.len(), &selection.labels);
        bail!(Failed::new(
            format!("{all} 个租户中没有带标签 {} 的", labels.join(" 和 ")),
            format!("none of the {all} tenants has {}", labels.join(" and ")),
        ));
    }
    // What tenants need of their platform comes first.
    let order = |one: &LoadedTenant| (!is_platform(&one.name), one.name.clone());
    tenants.sort_by_cached_key(order);
    Ok(tenants)
}

/// A platform stands among the tenants for its lists alone.
fn no_lists(platform: &str) -> Failed {
    Failed::new(
        format!(
            "平台 {platform} 没有声明自己的域名列表，所以没有 @{platform}：请先在它的清单里写 domains"
        ),
        format!(
            "there is no `@{platform}`: the platform `{platform}` declares no lists of its own; write `domains` into its manifest first"
        ),
    )
}

fn has_account(tenant: &LoadedTenant, appids: &[String]) -> bool {
    let named = |appid: &Appid| appids.iter().any(|wanted| wanted == appid.as_str());
    at::accounts(&tenant.spec)
        .iter()
        .filter_map(|at| at.declared(&tenant.spec))
        .any(named)
}
