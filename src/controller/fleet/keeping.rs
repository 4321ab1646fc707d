//! A platform's lists of domains that mini-programs still live by: a host leaves them after the last tenant that has it
//! through the platform, since the next release would take it from that tenant's mini-program.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fleet, NotInForce};
use crate::manifest::{LoadedPlatform, LoadedTenant, missed_host, subject_of};
use crate::plan::Text;

/// So many tenants are named.
const NAMED: usize = 3;

impl Fleet {
    /// The tenants whose revision in force has a host that the platform's lists would lack, with that host. Empty where the
    /// lists are in force as they are, or lose nothing.
    /// `names` are all that the platform ever had.
    pub(super) async fn living_by(
        &self,
        platform: &LoadedPlatform,
        names: &BTreeSet<String>,
    ) -> BTreeMap<String, String> {
        let subject = subject_of(&platform.name);
        let mut living = BTreeMap::new();
        let Some(lists) = &platform.spec.domains else {
            return living;
        };
        if self.says(&subject) {
            return living;
        }
        if let Ok(before) = self.tenant(&subject).await
            && loses_nothing(&before, platform)
        {
            return living;
        }
        // What a tenant declares by now counts as well, whatever else is wrong with it and whether it was ever let in.
        let declared = self.declared.unlisted(&platform.name);
        living.extend(declared.map(|(name, host)| (name.to_owned(), host.to_owned())));
        for (name, row) in self.in_force() {
            let admitted = row.admitted.as_ref();
            let is_its = admitted
                .is_some_and(|one| one.platform == platform.name || names.contains(&one.platform));
            // What the folder says of it was compared with what the folder says of the platform.
            if !is_its || name == subject || self.says(name) {
                continue;
            }
            match self.tenant(name).await {
                Ok(tenant) => {
                    if let Some(host) = missed_host(&tenant.spec, lists) {
                        living.insert(name.to_owned(), host);
                    }
                }
                // Such a tenant makes no pass, and releases nothing.
                Err(NotInForce::None | NotInForce::Unreadable(_) | NotInForce::Files) => {}
                Err(NotInForce::Store(error)) => {
                    tracing::warn!(%error, tenant.name = name, "it is not known which hosts it has");
                    living.insert(name.to_owned(), "?".to_owned());
                }
            }
        }
        living
    }

    /// Platforms whose lists are not in force as the folder says, and why.
    #[must_use]
    pub fn kept(&self) -> &BTreeMap<String, Text> {
        &self.kept
    }
}

fn loses_nothing(before: &LoadedTenant, now: &LoadedPlatform) -> bool {
    let (before, now) = (&before.spec.platform_domains, &now.spec.domains);
    let (Some(before), Some(now)) = (before, now) else {
        return false;
    };
    let (before, now) = (before.lists(), now.lists());
    // A list that was not declared may lack anything.
    now.iter().all(|(list, hosts)| {
        let before = before.get(list);
        before.is_some_and(|before| before.is_subset(hosts))
    })
}

/// Why a platform's lists stay as they are.
pub(super) fn said(living: &BTreeMap<String, String>) -> Text {
    let named = living.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|(name, host)| format!("{name} ({host})"))
        .collect();
    let more = living.len().saturating_sub(named.len());
    let (zh, en) = match more {
        0 => (String::new(), String::new()),
        more => (
            format!("等 {} 个租户", living.len()),
            format!(" and {more} more"),
        ),
    };
    Text::new(
        format!(
            "列表要移除的域名仍有小程序通过平台使用：{}{zh}；请先在这些租户中移除",
            named.join("、")
        ),
        format!(
            "it is to lose hosts that mini-programs still have through it: {}{en}; remove them there first",
            named.join(", ")
        ),
    )
}
