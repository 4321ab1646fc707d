//! Testers (体验者): bound at once, without being asked, and listed without their WeChat ids.
//!
//! developers.weixin.qq.com: 第三方平台 / 成员管理.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::own::{own, own_mut};
use super::state::Tester;
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::media::hexadecimal;

impl Tester {
    /// What WeChat calls the tester in this mini-program.
    fn userstr(&self, app_id: &str) -> String {
        match (&self.wechat_id, self.userstr.as_str()) {
            (_, given) if !given.is_empty() => given.to_owned(),
            (wechat_id, _) => userstr(app_id, wechat_id.as_deref().unwrap_or_default()),
        }
    }
}

fn userstr(app_id: &str, wechat_id: &str) -> String {
    hexadecimal(&Sha256::digest(format!("{app_id} {wechat_id}")))
}

/// `wxa/bind_tester`
pub(in crate::simulator) fn bind(call: &mut Call<'_>) -> Outcome {
    let wechat_id = call.text("wechatid").ok_or(Refusal(85001))?.to_owned();
    let person = call.state.people.get(&wechat_id);
    // Of whom nothing is said everybody is there.
    let found = person.map_or(call.state.people.is_empty(), |person| person.searchable);
    if !found {
        return refuse(85001);
    }
    let is_bound = |account: &Account| {
        let mut testers = account.mini_program.testers.iter();
        testers.any(|tester| tester.wechat_id.as_ref() == Some(&wechat_id))
    };
    let account = own(call)?;
    if is_bound(account) {
        return refuse(85004);
    }
    let app = &account.mini_program;
    let is_full = |limit| app.testers.len() >= limit;
    if app.max_testers.is_some_and(is_full) {
        return refuse(85002);
    }
    let elsewhere = person.map_or(0, |person| person.tester_of);
    let here = call.state.accounts.values().filter(|one| is_bound(one));
    if elsewhere + here.count() >= call.state.switches.apps_of_a_tester {
        return refuse(85003);
    }
    let userstr = userstr(&call.account, &wechat_id);
    own_mut(call)?.mini_program.testers.push(Tester {
        wechat_id: Some(wechat_id),
        userstr: String::new(),
    });
    call.effect = true;
    let mut answer = ok();
    answer.insert("userstr".to_owned(), json!(userstr));
    Ok(answer)
}

/// `wxa/unbind_tester`: by the WeChat id or by what WeChat calls the tester.
pub(in crate::simulator) fn unbind(call: &mut Call<'_>) -> Outcome {
    let text = |key| call.text(key).map(str::to_owned);
    let (wechat_id, userstr) = (text("wechatid"), text("userstr"));
    if wechat_id.is_none() && userstr.is_none() {
        return refuse(40097);
    }
    let app_id = call.account.clone();
    let testers = &mut own_mut(call)?.mini_program.testers;
    let before = testers.len();
    testers.retain(|tester| {
        let by_id = wechat_id.is_some() && tester.wechat_id == wechat_id;
        let by_userstr = userstr.as_ref() == Some(&tester.userstr(&app_id));
        !(by_id || by_userstr)
    });
    if testers.len() == before {
        let code = call.state.switches.unbind_unknown_tester;
        return if code == 0 { Ok(ok()) } else { refuse(code) };
    }
    call.effect = true;
    Ok(ok())
}

/// `wxa/memberauth`
pub(in crate::simulator) fn list(call: &mut Call<'_>) -> Outcome {
    if call.text("action") != Some("get_experiencer") {
        return refuse(85022);
    }
    let members: Vec<Value> = own(call)?
        .mini_program
        .testers
        .iter()
        .map(|tester| json!({"userstr": tester.userstr(&call.account)}))
        .collect();
    let mut answer = ok();
    answer.insert("members".to_owned(), Value::from(members));
    Ok(answer)
}
