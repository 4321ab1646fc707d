//! The least version of the base library (最低基础库版本).
//!
//! developers.weixin.qq.com: 第三方平台 / 设置最低基础库版本. Whether it wants a release first is a switch; so is the
//! code, which no page names.

use serde_json::{Value, json};

use super::own::{own, own_mut};
use crate::simulator::answer::{Outcome, fields, ok, refuse};
use crate::simulator::endpoint::Call;

/// `wxopen/getweappsupportversion`
pub(in crate::simulator) fn get(call: &mut Call<'_>) -> Outcome {
    let library = &own(call)?.mini_program.base_library;
    let items: Vec<Value> = library
        .versions
        .iter()
        .map(|one| json!({"percentage": number(one.percentage), "version": one.version}))
        .collect();
    let mut answer = ok();
    answer.extend(fields([
        ("now_version", json!(library.now_version)),
        ("uv_info", json!({"items": items})),
    ]));
    Ok(answer)
}

/// `wxopen/setweappsupportversion`
pub(in crate::simulator) fn set(call: &mut Call<'_>) -> Outcome {
    let asked = call.text("version").unwrap_or_default().to_owned();
    let unreleased = call.state.switches.base_library_before_release;
    let app = &mut own_mut(call)?.mini_program;
    let mut versions = app.base_library.versions.iter();
    if !versions.any(|one| one.version == asked) {
        return refuse(89014);
    }
    if !app.released && unreleased != 0 {
        return refuse(unreleased);
    }
    app.base_library.now_version = asked;
    call.effect = true;
    Ok(ok())
}

/// A share without a fraction comes as a whole number.
fn number(share: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a share of a hundred that has no fraction"
    )]
    match share {
        whole if whole.fract() == 0.0 => json!(whole as i64),
        other => json!(other),
    }
}
