//! An `apply` beside the loop of its store: two that go by different manifests would undo each other's work in turn.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::args::Place;
use super::place::store_folder;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io};
use crate::cli::failed::OrSay;
use crate::controller::{Beside, Told};
use crate::plan::Text;
use crate::resource::declared;

/// How long a loop may take to put in force what was written a moment ago.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How many tenants are named.
const NAMED: usize = 3;

/// What to do where it does not answer.
fn unasked() -> Text {
    Text::new(
        "不知道 wxops run 生效的是哪一版清单；确要不问就执行，请加 --beside-loop",
        "it is not known which manifests `wxops run` has in force; --beside-loop applies without asking",
    )
}

/// Refuses where a loop runs and the selected tenants' manifests are not what it has in force.
pub(super) async fn of_one_mind(session: &Session, place: &Place, io: &mut Io) -> Result<(), Stop> {
    let beside = match store_folder(place) {
        Ok(folder) => Beside::find(&folder).await.or_say(unasked),
        Err(error) => Err(error),
    };
    let Some(beside) = beside.map_err(|error| stop(io, &error))? else {
        return Ok(());
    };
    let others = others(session, &beside).await;
    let others = others.map_err(|error| stop(io, &error))?;
    let [first, ..] = others.as_slice() else {
        return Ok(());
    };
    let pid = beside.holder().pid;
    let named: Vec<&str> = others.iter().take(NAMED).map(String::as_str).collect();
    let more = others.len().saturating_sub(NAMED);
    let (more_zh, more_en) = match more {
        0 => (String::new(), String::new()),
        more => (format!(" 等另外 {more} 个"), format!(" and {more} more")),
    };
    let (zh, en) = (named.join("、"), named.join(", "));
    let text = Text::new(
        format!(
            "wxops run（pid {pid}）生效的版本与这里的清单不同（租户 {zh}{more_zh}）：两边会互相改回。请把清单放进它所跟随的目录（wxops reconcile {first} --wait 可等待结果，wxops status 显示是否被护栏拦下）；确要如此请加 --beside-loop"
        ),
        format!(
            "`wxops run` (pid {pid}) has other manifests in force than these (tenant {en}{more_en}): each would undo what the other does. Put them into the folder that it follows (wxops reconcile {first} --wait waits for what comes of it, wxops status says whether the guard holds them), or give --beside-loop"
        ),
    );
    io.error(text.in_lang(io.lang));
    Err(Stop(Exit::Refused))
}

/// The selected tenants of which the loop has another revision in force, once it has looked.
async fn others(session: &Session, beside: &Beside) -> anyhow::Result<Vec<String>> {
    let wanted: BTreeMap<&str, String> = session
        .tenants
        .iter()
        .map(|tenant| {
            let digest = declared(&tenant.spec, &tenant.files);
            (tenant.name.as_str(), digest.to_string())
        })
        .collect();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = beside.tell().await.or_say(unasked)?;
        let Told::Yes(told) = told else {
            return Ok(Vec::new());
        };
        let in_force = |name: &str| told.get("tenants")?.get(name)?.get("revision")?.as_str();
        let others = wanted
            .iter()
            .filter(|(name, digest)| in_force(name) != Some(digest.as_str()))
            .map(|(name, _)| (*name).to_owned());
        let others: Vec<String> = others.collect();
        if others.is_empty() || Instant::now() >= deadline {
            return Ok(others);
        }
        beside.rescan().await.or_say(unasked)?;
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
