//! `wxops store forget`: a platform that no manifest declares any more is served no longer.

use anyhow::bail;

use super::args::Place;
use super::place::{open_store, store_folder};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay};
use crate::controller::{Beside, Told};
use crate::plan::Text;
use crate::store::documents::ServedDoc;
use crate::store::{Key, Store};

/// Runs the verb. `platform` is its name, or its appid.
pub(super) async fn forget(platform: &str, place: &Place, io: &mut Io) -> anyhow::Result<Exit> {
    let opened = open_store(place, io).await?;
    let (key, name) = find(&opened.store, platform).await?;
    let beside = Beside::find(&store_folder(place)?).await?;
    if let Some(beside) = &beside {
        let told = beside.tell_in_brief().await.or_say(|| {
            Text::new(
                "不知道 wxops run 正在为哪些平台服务，没有删除",
                "it is not known which platforms the `wxops run` serves, so nothing is forgotten",
            )
        })?;
        if declares(&told, &appid_of(&key)) {
            let text = Text::new(
                format!(
                    "wxops run 所跟随的清单里还有平台 {name}，或有读不懂的文件：请先改正错误或从清单中删除它，再运行这个命令"
                ),
                format!(
                    "the manifests that `wxops run` follows declare platform {name}, or have a mistake so that nobody can tell: put that right, or remove the platform from them, then run this again"
                ),
            );
            io.error(text.in_lang(io.lang));
            return Ok(Exit::Refused);
        }
    }
    opened
        .store
        .modify(&key, |known: &mut Option<ServedDoc>| *known = None)
        .await?;
    if let Some(beside) = &beside {
        beside.rescan().await.or_say(|| {
            Text::new(
                "已删除，但没有通知到 wxops run",
                "it is forgotten, but the `wxops run` could not be told",
            )
        })?;
    }
    // Nobody follows manifests now, so nobody knows whether they declare it.
    let (again_zh, again_en) = if beside.is_some() {
        (
            "清单里再次出现它时会重新开始",
            "It is again once a manifest declares it",
        )
    } else {
        (
            "如果清单里还有它，wxops run 或 wxops sidecar 下次启动时会重新为它服务",
            "Where the manifests still declare it, it is again as soon as a `wxops run` or `wxops sidecar` starts",
        )
    };
    let text = Text::new(
        format!(
            "不再为平台 {name} 提供服务：它的推送会被拒绝。{again_zh}；已授权账号的令牌和历史都还在存储里。"
        ),
        format!(
            "platform {name} is served no longer: its pushes are refused. {again_en}; the tokens of its accounts and their history are \
             still in the store"
        ),
    );
    io.say(text.in_lang(io.lang));
    Ok(Exit::Fine)
}

/// The document of a platform, and the platform's name.
async fn find(store: &Store, platform: &str) -> anyhow::Result<(Key, String)> {
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for key in store.list("served/").await? {
        let Some(stored) = store.get::<ServedDoc>(&key).await? else {
            continue;
        };
        let (name, appid) = (stored.value.name, appid_of(&key));
        known.push(format!("{name} ({appid})"));
        if appid == platform || name == platform {
            found.push((key, name));
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] if known.is_empty() => bail!(Failed::new(
            format!("没有平台 {platform}：现在没有为任何平台服务"),
            format!("there is no platform `{platform}`: none is served"),
        )),
        [] => bail!(Failed::new(
            format!("没有平台 {platform}：正在服务的有 {}", known.join("、")),
            format!(
                "platform `{platform}` is not among those that are served: there is {}",
                known.join(", ")
            ),
        )),
        [..] => bail!(Failed::new(
            format!(
                "有多个平台用过 {platform} 这个名字，请改用 appid 指明是哪一个：{}",
                known.join("、")
            ),
            format!(
                "several platforms had the name `{platform}`; give the appid of the one that is meant: {}",
                known.join(", ")
            ),
        )),
    }
}

fn appid_of(key: &Key) -> String {
    key.segments().pop().unwrap_or_default()
}

/// Whether a manifest that a loop follows declares it, or may. One whose name another has now is declared by none.
fn declares(told: &Told, appid: &str) -> bool {
    let Told::Yes(told) = told else { return false };
    let platforms = told["platforms"].as_array().into_iter().flatten();
    let mut of_it = platforms.filter(|one| one["appId"] == appid);
    of_it.any(|one| one["declared"] != false)
}
