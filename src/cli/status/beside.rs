//! What the loop of the store says of itself, beside how the tenants stand: which platform it lets rest, and which it
//! serves though no manifest declares it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::args::Place;
use crate::cli::place::store_folder;
use crate::cli::poke;
use crate::cli::{Io, words};
use crate::controller::{Holder, Told};
use crate::plan::{Lang, Text};

/// Prints it, where a loop runs. Answers it for programs: docs/ci.md says every field; `null` where none runs.
pub(super) async fn say(place: &Place, now: Timestamp, io: &mut Io) -> Value {
    let Some(beside) = poke::find(place) else {
        if poke::runs(place) {
            let begins = words::pick(
                io.lang,
                "wxops run 正在启动，还没有写下在哪里监听",
                "a `wxops run` works on this store and has not said yet where it listens",
            );
            io.note(begins);
            return json!({"state": "starting"});
        }
        if has_run(place) {
            let none = words::pick(
                io.lang,
                "这个存储现在没有 wxops run 在运行：没有人跟随清单",
                "no `wxops run` works on this store now: nobody follows the manifests",
            );
            io.note(none);
        }
        return Value::Null;
    };
    match beside.tell_in_brief().await {
        Ok(Told::Yes(told)) => {
            for line in lines(&told, beside.holder().pid, now) {
                io.note(line.in_lang(io.lang));
            }
            as_json(&told, beside.holder())
        }
        Ok(Told::Unknown) => json!({"state": "silent", "pid": beside.holder().pid}),
        // It is beside what was asked for.
        Err(error) => {
            io.failed(&anyhow::Error::new(error));
            json!({"state": "silent", "pid": beside.holder().pid})
        }
    }
}

fn as_json(told: &Value, holder: &Holder) -> Value {
    let until = |platform: &Value| {
        let queues = told["queues"].as_array().into_iter().flatten();
        let mut its = queues.filter(|queue| queue["platform"] == platform["name"]);
        its.find_map(|queue| queue["stoppedUntil"].as_str())
    };
    let platforms = told["platforms"].as_array().into_iter().flatten();
    let platforms = platforms.map(|platform| {
        json!({
            "name": platform["name"],
            "appId": platform["appId"],
            "declared": platform["declared"],
            "stale": platform["stale"],
            "stoppedUntil": until(platform),
        })
    });
    json!({
        "state": "running",
        "pid": holder.pid,
        "since": holder.since,
        "manifests": told["manifests"],
        "commit": told["commit"],
        "lookedAt": told["lookedAt"],
        "admittedAt": told["admittedAt"],
        "unreadable": told["unreadable"],
        "notFollowed": told["notFollowed"],
        "mistakes": told["mistakes"],
        "notInForce": told["notInForce"],
        "kept": told["kept"],
        "held": told["held"],
        "platforms": platforms.collect::<Vec<_>>(),
    })
}

/// Whether a loop has worked on the store once.
fn has_run(place: &Place) -> bool {
    store_folder(place).is_ok_and(|folder| folder.join("loop.lock").exists())
}

fn lines(told: &Value, pid: u32, now: Timestamp) -> Vec<Text> {
    let manifests = told["manifests"].as_str().unwrap_or_default();
    let at = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let mut lines = vec![match at(&told["lookedAt"]) {
        Some(looked) => Text::new(
            format!(
                "wxops run（pid {pid}）跟随 {manifests}，{}看过",
                words::ago(looked, now, Lang::Zh)
            ),
            format!(
                "wxops run (pid {pid}) follows {manifests}; it looked {}",
                words::ago(looked, now, Lang::En)
            ),
        ),
        None => Text::new(
            format!("wxops run（pid {pid}）还没有读到 {manifests}"),
            format!("wxops run (pid {pid}) has not read {manifests} yet"),
        ),
    }];
    if let Some(why) = told["unreadable"].as_str() {
        lines.push(Text::new(
            format!("清单无法读取，生效中的版本不变：{why}"),
            format!("the manifests cannot be read, what is in force stays so: {why}"),
        ));
    }
    for (tenant, why) in told["notInForce"].as_object().into_iter().flatten() {
        let why = why.as_str().unwrap_or_default();
        lines.push(Text::new(
            format!("{tenant}：新版本无法生效，之前的版本不变：{why}"),
            format!(
                "{tenant}: its revision could not be put in force, what was before stays so: {why}"
            ),
        ));
    }
    for (subject, why) in told["kept"].as_object().into_iter().flatten() {
        let (zh, en) = (why["zh"].as_str(), why["en"].as_str());
        let (zh, en) = (zh.unwrap_or_default(), en.unwrap_or_default());
        lines.push(Text::new(
            format!("{subject}：域名列表保持不变：{zh}"),
            format!("{subject}: its lists of domains stay as they are: {en}"),
        ));
    }
    let not_followed = &told["notFollowed"];
    if let (Some(zh), Some(en)) = (not_followed["zh"].as_str(), not_followed["en"].as_str()) {
        lines.push(Text::new(
            format!("没有跟随清单目录，生效中的版本不变：{zh}"),
            format!("the folder is not followed, what is in force stays so: {en}"),
        ));
    }
    for platform in told["platforms"].as_array().into_iter().flatten() {
        if let (Some(name), Some(why)) = (platform["name"].as_str(), platform["stale"].as_str()) {
            let (mut zh, mut en) = (String::new(), String::new());
            if platform["declared"] == false {
                zh = format!("；如不再需要，运行 wxops store forget {name}");
                en = format!("; wxops store forget {name} ends that, where it is needed no more");
            }
            lines.push(Text::new(
                format!("平台 {name} 仍按上一次的内容提供服务：它的清单有错或已删除{zh}"),
                format!("platform {name} is served as it was last: {why}{en}"),
            ));
        }
    }
    for queue in told["queues"].as_array().into_iter().flatten() {
        let until = at(&queue["stoppedUntil"]).filter(|until| *until > now);
        if let (Some(until), Some(platform)) = (until, queue["platform"].as_str()) {
            let until = words::moment(until);
            lines.push(Text::new(
                format!("平台 {platform} 暂时无法使用微信接口，{until} 之前不再尝试"),
                format!(
                    "platform {platform} is kept from WeChat; nothing of it is tried before {until}"
                ),
            ));
        }
    }
    lines
}
