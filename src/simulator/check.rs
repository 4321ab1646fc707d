//! Whether a state makes sense, found out when it is loaded rather than in the middle of a test.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::fault_book::MAX_FAULTS;
use super::host;
use super::miniprogram::Audit;
use super::state::{CreatedBy, OpenAccount, State};
use super::template_state::library_problem;

/// Problems told at once.
const MAX_PROBLEMS: usize = 20;

impl State {
    /// This state with menu ids given out, or everything that is wrong with it.
    ///
    /// # Errors
    /// All problems in one text, one a line.
    pub fn settled(mut self) -> Result<Self, String> {
        let mut problems = problems(&self);
        // The library in force is part of the state it fills in.
        let mut given = std::mem::take(&mut self.accounts);
        for account in given.values_mut() {
            problems.extend(account.settle_templates(self.library()).err());
        }
        self.accounts = given;
        problems.truncate(MAX_PROBLEMS);
        if !problems.is_empty() {
            return Err(problems.join("\n"));
        }
        self.follow_code();
        let accounts: Vec<String> = self.accounts.keys().cloned().collect();
        let newest = self
            .accounts
            .values()
            .flat_map(|account| account.menu.default.iter().chain(&account.menu.conditional))
            .map(|menu| menu.menuid)
            .max();
        self.next_menu_id = self
            .next_menu_id
            .max(newest.map_or(0, |newest| newest.saturating_add(1)));
        for account in accounts {
            self.give_menu_ids(&account);
        }
        Ok(self)
    }

    /// Sets the flags that follow a review of code, and a plan to go online by degrees, where these say so.
    fn follow_code(&mut self) {
        let running = |audit: &&Audit| audit.is_running() && audit.code().is_some();
        for audit in self.audits.values().filter(running) {
            if let Some(account) = self.accounts.get_mut(&audit.account) {
                account.mini_program.code_under_review = true;
            }
        }
        for account in self.accounts.values_mut() {
            account.mini_program.follow_plan();
        }
    }

    /// Gives an id to every menu of the account that was written down without one.
    pub(super) fn give_menu_ids(&mut self, account: &str) {
        let Some(mut menus) = self.accounts.get(account).map(|found| found.menu.clone()) else {
            return;
        };
        for menu in menus.default.iter_mut().chain(&mut menus.conditional) {
            if menu.menuid == 0 {
                menu.menuid = self.take_menu_id();
            }
        }
        if let Some(account) = self.accounts.get_mut(account) {
            account.menu = menus;
        }
    }

    /// Makes the open account that the owner's hand has bound the account to, if nobody knows it yet.
    pub(super) fn adopt_open_account(&mut self, account: &str) {
        let Some(account) = self.accounts.get(account) else {
            return;
        };
        let Some(open_app_id) = account.open_account.clone() else {
            return;
        };
        let principal_name = account.principal_name.clone();
        self.open_accounts
            .entry(open_app_id.clone())
            .or_insert(OpenAccount {
                open_app_id,
                principal_name,
                created_by: CreatedBy::Site,
                verified: true,
                other_members: 0,
            });
    }
}

fn problems(state: &State) -> Vec<String> {
    let mut problems = Vec::new();
    for platform in state.platforms.values() {
        let id = &platform.app_id;
        let keys = [
            Some(&platform.encoding_aes_key),
            platform.previous_encoding_aes_key.as_ref(),
            platform
                .testing
                .as_ref()
                .and_then(|testing| testing.encoding_aes_key.as_ref()),
        ];
        if keys.into_iter().flatten().any(|key| !is_aes_key(key)) {
            problems.push(format!(
                "platform `{id}`: an AES key has 43 letters and digits"
            ));
        }
        let tested = platform.testing.as_ref();
        let urls = [
            platform.messages_url.as_ref(),
            tested.and_then(|testing| testing.messages_url.as_ref()),
        ];
        let templates = platform.code_templates.iter().map(|one| one.template_id);
        let drafts = platform.code_drafts.iter().map(|one| one.draft_id);
        for (what, twice) in [("template", twice(templates)), ("draft", twice(drafts))] {
            if let Some(number) = twice {
                problems.push(format!("platform `{id}`: {what} {number} is listed twice"));
            }
        }
        if urls
            .into_iter()
            .flatten()
            .any(|url| !url.contains("$APPID$"))
        {
            problems.push(format!("platform `{id}`: `messagesUrl` lacks `$APPID$`"));
        }
    }
    for account in state.accounts.values() {
        let (id, open) = (&account.app_id, &account.open_account);
        if let Some(open) = open
            .as_ref()
            .filter(|id| !state.open_accounts.contains_key(*id))
        {
            problems.push(format!("account `{id}`: there is no open account `{open}`"));
        }
    }
    for account in state.accounts.values() {
        for one in &account.mini_program.categories {
            let (id, first, second) = (&account.app_id, one.first, one.second);
            if state.category(first, second).is_none() {
                problems.push(format!(
                    "account `{id}`: there is no category {first}/{second}"
                ));
            }
        }
    }
    let hosts = state.hosts.iter();
    problems.extend(hosts.filter_map(|(name, one)| host::problem(name, one)));
    let registrations = &state.registrations;
    let tickets = registrations.tickets.values();
    let tickets = tickets.map(|one| (&one.platform, Some(&one.account), "ticket"));
    let tasks = registrations.tasks.values();
    let tasks = tasks.map(|one| (&one.platform, one.account.as_ref(), "task"));
    for (platform, account, what) in tickets.chain(tasks) {
        if !state.platforms.contains_key(platform) {
            problems.push(format!(
                "a registration's {what} names no platform `{platform}`"
            ));
        }
        if let Some(account) = account.filter(|id| !state.accounts.contains_key(*id)) {
            problems.push(format!(
                "a registration's {what} names no account `{account}`"
            ));
        }
    }
    let faults = state.faults.iter().flatten();
    problems.extend(faults.clone().filter_map(Fault::problem));
    if faults.count() > MAX_FAULTS {
        problems.push(format!("there can be {MAX_FAULTS} faults at once"));
    }
    problems.extend(state.message_templates.values().filter_map(library_problem));
    for authorization in state.authorizations.values() {
        let (platform, account) = (&authorization.platform, &authorization.account);
        if !state.platforms.contains_key(platform) {
            problems.push(format!("an authorization names no platform `{platform}`"));
        }
        if !state.accounts.contains_key(account) {
            problems.push(format!("an authorization names no account `{account}`"));
        }
    }
    problems
}

/// The first number that is there twice.
fn twice(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let mut seen = BTreeSet::new();
    let mut numbers = numbers;
    numbers.find(|number| !seen.insert(*number))
}

fn is_aes_key(key: &str) -> bool {
    key.len() == 43 && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_without_an_id_get_one_and_keep_it() {
        let yaml = "
accounts:
  - appId: wx1
    kind: officialAccount
    menu: {default: {button: []}, conditional: [{button: [], menuid: 300000000}, {button: []}]}
";
        let state = State::from_yaml(yaml).unwrap().settled().unwrap();
        let menus = &state.accounts["wx1"].menu;
        let ids: Vec<u64> = menus
            .default
            .iter()
            .chain(&menus.conditional)
            .map(|menu| menu.menuid)
            .collect();
        assert_eq!(ids, [300_000_001, 300_000_000, 300_000_002]);
        assert_eq!(state.clone().settled().unwrap(), state);
    }

    #[test]
    fn texts_that_look_like_something_else_stay_texts() {
        let yaml = "
accounts:
  - appId: wx1
    kind: officialAccount
    menu: {default: {button: [{type: click, name: on, key: 0755}, {type: click, name: no, key: 1_000}]}}
";
        let state = State::from_yaml(yaml).unwrap();
        let button = &state.accounts["wx1"].menu.default.as_ref().unwrap().button;
        let texts = [
            &button[0]["name"],
            &button[0]["key"],
            &button[1]["name"],
            &button[1]["key"],
        ];
        assert_eq!(texts, ["on", "0755", "no", "1_000"]);
    }

    #[test]
    fn every_contradiction_is_told() {
        let yaml = "
platforms:
  - {appId: p, appSecret: s, token: t, encodingAesKey: short, messagesUrl: http://127.0.0.1/m}
accounts:
  - {appId: a, kind: miniProgram, openAccount: nowhere}
authorizations:
  - {platform: q, account: b, permissionSets: [], refreshToken: r, authTime: 2026-01-01T00:00:00Z}
registrations:
  tickets: [{value: t, platform: q, account: a, redirectUri: http://127.0.0.1/, issuedAt: 2026-01-01T00:00:00Z}]
  tasks: [{taskId: t, of: trialVerification, platform: p, account: b, startedAt: 2026-01-01T00:00:00Z}]
";
        let problems = State::from_yaml(yaml).unwrap().settled().unwrap_err();
        assert_eq!(problems.lines().count(), 7, "{problems}");
    }
}
