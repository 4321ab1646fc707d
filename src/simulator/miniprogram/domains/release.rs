//! What a release does to domains: what the platform does not have goes, the rest is what users get.
//!
//! developers.weixin.qq.com: 第三方平台 / 域名管理: the owner's own domains go as well, and those that the platform has
//! given up meanwhile.

use super::address::{behind, host_of, is_at, merge};
use super::server::has;
use super::state::{DomainClass, ServerDomains};
use crate::simulator::state::State;

impl State {
    /// A version of the app goes online, through this platform or, without one, by the owner's hand.
    pub(in crate::simulator) fn release_domains(&mut self, account: &str, platform: Option<&str>) {
        let platform = platform.and_then(|app_id| self.platforms.get(app_id));
        let lists = platform.map(|platform| {
            let of = |list: &super::state::PlatformList| -> Vec<String> {
                list.usable(platform, false).map(str::to_owned).collect()
            };
            (of(&platform.domains.server), of(&platform.domains.business))
        });
        let drops_own = self.switches.release_drops_console_domains;
        let Some(account) = self.accounts.get_mut(account) else {
            return;
        };
        let domains = &mut account.mini_program.domains;
        if let Some((server, business)) = lists {
            let keep = |class: DomainClass, domain: &str| {
                behind(domain, class.scheme())
                    .is_ok_and(|rest| server.iter().any(|one| has(one, rest)))
            };
            let keep_business = |domain: &String| {
                behind(domain, "https")
                    .is_ok_and(|rest| business.iter().any(|one| is_at(host_of(rest).0, one)))
            };
            sweep(&mut domains.server.third, keep);
            domains.business.third.retain(keep_business);
            if drops_own {
                sweep(&mut domains.server.mp, keep);
                domains.business.mp.retain(keep_business);
            }
        }
        let stores = &domains.server;
        let mut effective = ServerDomains::new();
        for store in [&stores.mp, &stores.third, &stores.direct] {
            for (class, list) in store {
                merge(effective.entry(*class).or_default(), list.clone());
            }
        }
        domains.server.effective = effective;
        let stores = &domains.business;
        let mut effective = Vec::new();
        for store in [&stores.mp, &stores.third, &stores.direct] {
            merge(&mut effective, store.clone());
        }
        domains.business.effective = effective;
        account.mini_program.released = true;
    }
}

fn sweep(domains: &mut ServerDomains, keep: impl Fn(DomainClass, &str) -> bool) {
    for (class, list) in domains.iter_mut() {
        list.retain(|domain| keep(*class, domain));
    }
    domains.retain(|_, list| !list.is_empty());
}
