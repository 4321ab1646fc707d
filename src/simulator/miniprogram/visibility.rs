//! Who finds a mini-program, and whether it is served: the search flag (搜索状态) and the service status (服务状态).
//!
//! developers.weixin.qq.com: 第三方平台 / 设置搜索状态, 小程序服务状态. The flag is the wrong way round on the wire: 1 is
//! not to be found.

use serde_json::Value;

use super::own::{own, own_mut};
use super::state::SearchLock;
use crate::simulator::answer::{Fields, Outcome, ok, refuse};
use crate::simulator::endpoint::Call;

/// `wxa/getwxasearchstatus`
pub(in crate::simulator) fn search(call: &mut Call<'_>) -> Outcome {
    let hidden = !own(call)?.mini_program.searchable;
    Ok(with_status(i64::from(hidden)))
}

/// `wxa/changewxasearchstatus`
pub(in crate::simulator) fn change_search(call: &mut Call<'_>) -> Outcome {
    let searchable = match call.body.get("status") {
        Some(status) if *status == 0 || *status == "0" => true,
        Some(status) if *status == 1 || *status == "1" => false,
        Some(_) | None => return refuse(85084),
    };
    let app = &mut own_mut(call)?.mini_program;
    match app.search_lock {
        Some(SearchLock::Banned) => return refuse(85083),
        Some(SearchLock::TurnedOff) => return refuse(85091),
        None => {}
    }
    app.searchable = searchable;
    call.effect = true;
    Ok(ok())
}

/// `wxa/getvisitstatus`: 0 does not tell an owner's pause from a punishment.
pub(in crate::simulator) fn visit(call: &mut Call<'_>) -> Outcome {
    let app = &own(call)?.mini_program;
    Ok(with_status(i64::from(app.serving && !app.punished)))
}

/// `wxa/change_visitstatus`
pub(in crate::simulator) fn change_visit(call: &mut Call<'_>) -> Outcome {
    let serving = match call.text("action") {
        Some("open") => true,
        Some("close") => false,
        Some(_) | None => return refuse(85022),
    };
    let unreleased = call.state.switches.visit_before_release;
    let app = &mut own_mut(call)?.mini_program;
    if !app.released && unreleased != 0 {
        return refuse(unreleased);
    }
    if app.punished && serving {
        return refuse(85021);
    }
    app.serving = serving;
    call.effect = true;
    Ok(ok())
}

fn with_status(status: i64) -> Fields {
    let mut answer = ok();
    answer.insert("status".to_owned(), Value::from(status));
    answer
}
