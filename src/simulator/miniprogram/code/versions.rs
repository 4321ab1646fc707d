//! Which versions there are, and going back to an earlier one (版本回退).
//!
//! developers.weixin.qq.com: 第三方平台 / 查询小程序版本信息, 小程序版本回退. Going back costs no review, and can be done once
//! after each release.

use serde_json::{Value, json};

use super::state::OnlineVersion;
use crate::simulator::answer::{Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};

/// `wxa/getversioninfo`: nothing about a review.
pub(in crate::simulator) fn shown(call: &mut Call<'_>) -> Outcome {
    let (code, switches) = (&own(call)?.mini_program.code, &call.state.switches);
    let mut answer = ok();
    if switches.version_info_bare {
        return Ok(answer);
    }
    let described = |desc: &str| match switches.code_descriptions_omitted {
        true => json!(""),
        false => json!(desc),
    };
    if let Some(trial) = &code.trial {
        let shown = json!({
            "exp_time": trial.committed_at.as_second(),
            "exp_version": trial.user_version,
            "exp_desc": described(&trial.user_desc),
        });
        answer.insert("exp_info".to_owned(), shown);
    }
    if let Some(online) = &code.online {
        let mut shown = json!({
            "release_time": online.released_at.as_second(),
            "release_version": online.version.user_version,
            "release_desc": described(&online.version.user_desc),
        });
        if let Some(fields) = shown
            .as_object_mut()
            .filter(|_| switches.release_info_without_version)
        {
            fields.insert("release_version".to_owned(), json!(""));
            fields.insert("release_desc".to_owned(), json!(""));
        }
        answer.insert("release_info".to_owned(), shown);
    }
    Ok(answer)
}

/// `wxa/revertcoderelease`: a list if one is asked for; else it goes back.
pub(in crate::simulator) fn revert(call: &mut Call<'_>) -> Outcome {
    match call.parameter("action") {
        Some("get_history_version") => return history(call),
        Some(_) => return refuse(85022),
        None => {}
    }
    let code = &own(call)?.mini_program.code;
    if code.running_plan().is_some() {
        return refuse(87011);
    }
    let wanted = match call.parameter("app_version") {
        None => None,
        Some(text) => Some(text.parse::<u64>().map_err(|_| Refusal(87012))?),
    };
    let is_wanted = |one: &OnlineVersion| wanted.is_none_or(|wanted| one.app_version == wanted);
    let place = code.earlier().iter().position(is_wanted);
    let place = place.ok_or(Refusal(87012))?;
    let code = &mut own_mut(call)?.mini_program.code;
    let earlier = code.history.remove(place);
    code.online = Some(earlier);
    code.reverted = true;
    call.effect = true;
    Ok(ok())
}

fn history(call: &Call<'_>) -> Outcome {
    let described = !call.state.switches.code_descriptions_omitted;
    let item = |one: &OnlineVersion| {
        let desc = one.version.user_desc.as_str();
        json!({
            "commit_time": one.version.committed_at.as_second(),
            "user_version": one.version.user_version,
            "user_desc": if described { desc } else { "" },
            "app_version": one.app_version,
        })
    };
    let earlier = own(call)?.mini_program.code.earlier();
    let items: Vec<Value> = earlier.iter().map(item).collect();
    let mut answer = ok();
    answer.extend(fields([("version_list", Value::from(items))]));
    Ok(answer)
}
