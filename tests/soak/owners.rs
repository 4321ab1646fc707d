//! What owners and WeChat do by themselves.

use serde_json::json;

use super::fleet::{self, PLATFORM};
use super::run::{MOST_LEFT, Run};

impl Run {
    pub fn revoke(&mut self) {
        let left = self.tenants.iter().filter(|tenant| !tenant.is_authorized);
        if left.count() >= MOST_LEFT {
            return;
        }
        if let Some(n) = self.any(|tenant| tenant.is_authorized) {
            for account in self.tenants[n].accounts() {
                let order = json!({"platform": PLATFORM, "account": account});
                self.stage.control.send("POST", "/_sim/revoke", &order);
            }
            self.tenants[n].is_authorized = false;
            self.say(
                "revoke",
                format!("the owner of tenant-{n:03} has cancelled"),
            );
        }
    }

    /// Some owner who left authorizes again.
    pub fn authorize(&mut self) -> bool {
        let Some(n) = self.any(|tenant| !tenant.is_authorized) else {
            return false;
        };
        for account in self.tenants[n].accounts() {
            let order = json!({"platform": PLATFORM, "account": account, "permissionSets": fleet::sets(account)});
            let answer = self.stage.control.send("POST", "/_sim/authorize", &order);
            let code = answer["authorizationCode"].as_str().map(str::to_owned);
            self.watch.secrets.extend(code);
        }
        self.tenants[n].is_authorized = true;
        self.say("authorize", format!("the owner of tenant-{n:03} is back"));
        true
    }

    /// Somebody changes a menu in WeChat's console.
    pub fn hand(&mut self) {
        // Where an owner's own menu is to stay, another one would not be put right.
        let Some(n) = self.any(|tenant| tenant.is_declared && !tenant.keeps_own_menu()) else {
            return;
        };
        let tenant = &self.tenants[n];
        let own = tenant.may_replace && self.chance.percent(50);
        let menu = if own {
            json!({"websiteMenu": {"button": [{"type": "text", "name": "你好", "value": "双十一"}]}})
        } else {
            json!({"default": {"button": [{"type": "click", "name": "手工", "key": "HAND"}]}})
        };
        let path = format!("/_sim/accounts/{}", self.tenants[n].official);
        self.control().send("PATCH", &path, &json!({"menu": menu}));
        self.say(
            "hand",
            format!("the menu of tenant-{n:03} was changed by hand, own: {own}"),
        );
    }

    /// WeChat pushes a ticket: which one, where it was acknowledged.
    pub fn ticket(&mut self) -> Option<String> {
        let path = format!("/_sim/platforms/{PLATFORM}/ticket");
        let answer = self.control().send("POST", &path, &json!({}));
        let ticket = answer["ticket"].as_str().unwrap().to_owned();
        let acknowledged = answer["push"]["acknowledged"] == true;
        self.watch.secrets.insert(ticket.clone());
        self.say("ticket", format!("acknowledged: {acknowledged}"));
        acknowledged.then_some(ticket)
    }
}
