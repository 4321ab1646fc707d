//! `wxops op`: the operations that may happen at most once, and the way out where no probe can tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::bail;
use comfy_table::{Table, presets};
use serde_json::json;

use super::args::{OpArgs, OpVerb, Output, Place, Resolution};
use super::place::open_store;
use super::poke::poke;
use super::{Exit, Io, assume, words};
use crate::cli::failed::{Failed, OrSay, no_clock};
use crate::client::{Clock, SharedClock, SystemClock};
use crate::plan::text::shell_word;
use crate::plan::{Lang, Text};
use crate::reconcile::resolve_unseen;
use crate::store::journal::{OpDoc, OpKey, Resolution as Said, Stage};
use crate::store::{Journal, OpenStore, Store};
use crate::wechat::Appid;
use crate::wechat::address::is_loopback;
use crate::wechat::calendar::second;

/// Runs the verb.
pub(super) async fn run(args: OpArgs, io: &mut Io) -> Exit {
    let done = match args.verb {
        OpVerb::List { place, output } => list(&place, output, io).await,
        OpVerb::Show { key, place } => show(&key, &place, io).await,
        OpVerb::Resolve {
            key,
            outcome,
            ids,
            place,
        } => {
            let resolved = resolve(&key, outcome, &ids, &place, io).await;
            if let Some((_, account)) = key.rsplit_once('/') {
                poke(&place, account).await;
            }
            resolved
        }
        OpVerb::Assume(args) => return assume::run(&args, io).await,
    };
    match done {
        Ok(()) => Exit::Fine,
        Err(error) => {
            io.failed(&error);
            Exit::Error
        }
    }
}

async fn journal(place: &Place, io: &mut Io) -> anyhow::Result<Journal> {
    Ok(opened(place, io).await?.0)
}

async fn opened(place: &Place, io: &mut Io) -> anyhow::Result<(Journal, Store)> {
    let OpenStore {
        store, place: at, ..
    } = open_store(place, io).await?;
    io.note(at);
    let journal = Journal::new(store.clone(), crate::controller::owner());
    Ok((journal, store))
}

/// The clock of a command without manifests.
pub(super) fn clock(place: &Place) -> anyhow::Result<Arc<dyn Clock>> {
    match (&place.clock, &place.api_base) {
        (None, _) => Ok(Arc::new(SystemClock)),
        (Some(file), Some(base)) if is_loopback(&base.url()?) => {
            Ok(Arc::new(SharedClock::file(file)))
        }
        (Some(file), _) => bail!(no_clock(file)),
    }
}

async fn list(place: &Place, output: Output, io: &mut Io) -> anyhow::Result<()> {
    let mut ops = journal(place, io).await?.all().await?;
    ops.sort_by_key(|op| (op.stage == Stage::Settled, op.op.clone()));
    match output {
        Output::Json => io.json(&json!(ops.iter().map(as_json).collect::<Vec<_>>())),
        Output::Human if ops.is_empty() => io.note(words::pick(
            io.lang,
            "还没有任何操作",
            "no operation so far",
        )),
        Output::Human => {
            let now = clock(place)?.now();
            let mut table = Table::new();
            table
                .load_style(presets::NOTHING)
                .set_header(words::columns(
                    io.lang,
                    &[
                        ("操作", "OPERATION"),
                        ("租户", "TENANT"),
                        ("阶段", "STAGE"),
                        ("代次", "GENERATION"),
                        ("至今", "SINCE"),
                        ("结果", "OUTCOME"),
                    ],
                ));
            for op in &ops {
                let since = op
                    .trail
                    .last()
                    .map(|event| words::duration(event.at, now, io.lang));
                table.add_row(words::cells([
                    op.op.to_string(),
                    op.tenant.clone(),
                    stage(op.stage, io.lang).to_owned(),
                    op.generation.to_string(),
                    since.unwrap_or_default(),
                    outcome(op).in_lang(io.lang).to_owned(),
                ]));
            }
            io.say_lines(table.trim_fmt());
        }
    }
    Ok(())
}

async fn show(key: &str, place: &Place, io: &mut Io) -> anyhow::Result<()> {
    let key = parse(key)?;
    let look = journal(place, io).await?.look(&key).await?;
    let Some(op) = look.doc() else {
        bail!(Failed::new(
            format!("没有操作 {key}（wxops op list 列出全部）"),
            format!("there is no operation `{key}` (wxops op list shows all)"),
        ));
    };
    let lang = io.lang;
    let now = stage(op.stage, lang);
    let heading = Text::new(
        format!("{key}，第 {} 代，{now}", op.generation),
        format!("{key}, generation {}, {now}", op.generation),
    );
    io.say(heading.in_lang(lang));
    let request = format!("{} {}", op.call.endpoint.name, op.call.body());
    let came = outcome(op);
    for (zh, en, said) in [
        ("租户", "for", op.tenant.as_str()),
        ("请求", "request", &request),
        ("结果", "outcome", came.in_lang(lang)),
    ] {
        let label = crate::plan::render::pad(words::pick(lang, zh, en), 10);
        io.say(format_args!("  {label}{said}"));
    }
    if let (Some(due), Stage::Armed | Stage::Doubt) = (op.probe_due(), op.stage) {
        let due = words::moment_from(due);
        let text = Text::new(
            format!("  {due} 之后的查询才算数"),
            format!("  a probe counts from {due}"),
        );
        io.say(text.in_lang(lang));
    }
    for event in &op.trail {
        io.say(format_args!(
            "  {}  #{} {:<9} {}",
            second(event.at),
            event.generation,
            event.stage.as_str(),
            event.note
        ));
    }
    Ok(())
}

async fn resolve(
    key: &str,
    outcome: Resolution,
    ids: &[String],
    place: &Place,
    io: &mut Io,
) -> anyhow::Result<()> {
    let key = parse(key)?;
    let ids = ids
        .iter()
        .map(|id| {
            let (name, value) = id.split_once('=').or_say(|| {
                Text::new(
                    format!("--id {id} 看不懂：请写 名称=值"),
                    format!("`--id {id}` is not understood: expected NAME=VALUE"),
                )
            })?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
    let said = Said {
        done: (outcome == Resolution::Done).then_some(ids),
        by: "operator".to_owned(),
        note: "wxops op resolve".to_owned(),
    };
    let now = clock(place)?.now();
    let (journal, store) = opened(place, io).await?;
    // What WeChat accepted and does not show is held in the tenant's records: the operation, if there is one, is over.
    let settled = journal
        .look(&key)
        .await?
        .doc()
        .is_none_or(|op| op.stage == Stage::Settled);
    if settled {
        let done = outcome == Resolution::Done;
        let things = resolve_unseen(&store, &key, done, now).await?;
        if !things.is_empty() {
            let Text { zh, en } = Text::list(things);
            let text = if done {
                Text::new(
                    format!("{key} 记为已完成：{zh}"),
                    format!("{key} is taken for done: {en}"),
                )
            } else {
                Text::new(
                    format!("{key} 将由下一次执行再次发送：{zh}；需要审批的步骤须再次审批"),
                    format!(
                        "{key} is sent again by the next pass: {en}; a step that needs a yes needs another"
                    ),
                )
            };
            io.say(text.in_lang(io.lang));
            return Ok(());
        }
    }
    let op = journal.resolve(&key, &said, now).await?;
    let came = self::outcome(&op);
    let text = Text::new(
        format!("{key} {}：{}", stage(op.stage, Lang::Zh), came.zh),
        format!("{key} is {}: {}", op.stage, came.en),
    );
    io.say(text.in_lang(io.lang));
    Ok(())
}

fn parse(key: &str) -> anyhow::Result<OpKey> {
    let none = || {
        Text::new(
            format!("{key} 不是操作：请写 动作/APPID，照 wxops op list 打印的写"),
            format!("`{key}` is no operation: expected ACTION/APPID, as `wxops op list` prints it"),
        )
    };
    let (action, appid) = key.rsplit_once('/').or_say(none)?;
    Ok(OpKey {
        action: action.to_owned(),
        appid: Appid::parse(appid).or_say(none)?,
    })
}

/// How far an operation is, in a word.
fn stage(stage: Stage, lang: Lang) -> &'static str {
    let zh = match stage {
        Stage::Open => "已登记",
        Stage::Reserved => "已占配额",
        Stage::Armed => "即将发送",
        Stage::Doubt => "结果存疑",
        Stage::Settled => "已了结",
        Stage::Stalled => "待人工确认",
    };
    words::pick(lang, zh, stage.as_str())
}

fn outcome(op: &OpDoc) -> Text {
    use crate::store::journal::Outcome;
    match &op.outcome {
        None => Text::new("尚不知道", "not known yet"),
        Some(Outcome::Done { ids }) => {
            let ids: Vec<String> = ids
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let ids = ids.join(" ");
            Text::new(
                format!("已完成 {ids}").trim_end(),
                format!("done {ids}").trim_end(),
            )
        }
        Some(Outcome::Refused(error)) => Text::new(
            format!("被拒绝 {}", error.errcode),
            format!("refused {}", error.errcode),
        ),
        Some(Outcome::NotDone { why }) if op.holds().is_some() => Text::new(
            format!(
                "未生效（{why}）；配置改变之前不再尝试，除非：wxops op resolve {} --as not-done",
                shell_word(&op.op.to_string())
            ),
            format!(
                "not done: {why}; not tried again before the manifest changes, or: wxops op resolve {} --as not-done",
                shell_word(&op.op.to_string())
            ),
        ),
        Some(Outcome::NotDone { why }) => {
            Text::new(format!("未生效（{why}）"), format!("not done: {why}"))
        }
        Some(Outcome::NotSent { why }) => {
            Text::new(format!("未发送（{why}）"), format!("not sent: {why}"))
        }
    }
}

fn as_json(op: &OpDoc) -> serde_json::Value {
    json!({
        "operation": op.op.to_string(),
        "tenant": op.tenant,
        "stage": op.stage.as_str(),
        "generation": op.generation,
        "outcome": outcome(op).en,
        "probeDue": op.probe_due(),
    })
}
