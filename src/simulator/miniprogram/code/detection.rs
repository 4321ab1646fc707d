//! What WeChat finds in code that was uploaded (隐私接口检测): location APIs without permission, or not declared.
//!
//! developers.weixin.qq.com: 第三方平台 / 获取隐私接口检测结果. It takes a minute, and every upload begins it anew.

use serde_json::json;

use super::state::CodeVersion;
use super::trial::trial;
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::addons::location;
use crate::simulator::miniprogram::own::own;
use crate::simulator::state::State;

/// What is wrong with the location APIs of a version.
pub(super) struct Found {
    /// Called without permission.
    pub(super) without_permission: Vec<String>,
    /// Called and not declared.
    pub(super) undeclared: Vec<String>,
}

impl Found {
    pub(super) fn is_nothing(&self) -> bool {
        self.without_permission.is_empty() && self.undeclared.is_empty()
    }
}

/// Looks at a version.
pub(super) fn look(state: &State, account: &Account, version: &CodeVersion) -> Found {
    let content = &version.code;
    let declared = |name: &str| {
        let mut names = content.required_private_infos.iter();
        names.any(|one| location::bare(one) == location::bare(name))
    };
    let of_those = |wrong: &dyn Fn(&str) -> bool| -> Vec<String> {
        let called = content.location_apis.iter().filter(|name| wrong(name));
        called.cloned().collect()
    };
    Found {
        without_permission: of_those(&|name| !location::may_use(state, account, name)),
        undeclared: of_those(&|name| !declared(name)),
    }
}

/// `wxa/security/get_code_privacy_info`
pub(in crate::simulator) fn result(call: &mut Call<'_>) -> Outcome {
    let (version, account) = (trial(call)?, own(call)?);
    if account.mini_program.code.is_detecting(call.now) {
        return refuse(61039);
    }
    let found = look(call.state, account, version);
    let trouble = call.state.switches.code_privacy_troubles;
    if trouble != 0 && !found.is_nothing() {
        return refuse(trouble);
    }
    let mut answer = ok();
    answer.extend(fields([
        ("without_auth_list", json!(found.without_permission)),
        ("without_conf_list", json!(found.undeclared)),
    ]));
    Ok(answer)
}
