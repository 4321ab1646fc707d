//! `wxops history`: what was changed on a tenant's accounts, when, by whom, and what was there before.

use std::ops::Deref;

use anyhow::bail;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::args::{Output, Place};
use super::place::open_store;
use super::{Exit, Io, words};
use crate::cli::failed::Failed;
use crate::manifest::to_yaml;
use crate::plan::render::value_text;
use crate::plan::{Event, Lang};
use crate::reconcile::address_of;
use crate::store::documents::ApprovalDoc;
use crate::store::history::{Before, Ended, History, HistoryDoc, How};
use crate::store::{Key, Store};

/// Arguments of `history`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops history sunrise-dance
  wxops history sunrise-dance -n 5 --output json
  wxops history sunrise-dance 12      (one entry in full, with what was there before as YAML)
  wxops restore sunrise-dance 12      (puts that back)")]
pub struct HistoryArgs {
    /// The tenant.
    pub(super) tenant: String,
    /// One entry, in full.
    pub(super) entry: Option<u64>,
    /// How many entries, newest first.
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 20)]
    pub(super) number: usize,
    #[command(flatten)]
    pub(super) place: Place,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Runs the verb.
pub(super) async fn run(args: HistoryArgs, io: &mut Io) -> Exit {
    match show(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(error) => {
            io.failed(&error);
            Exit::Error
        }
    }
}

async fn show(args: &HistoryArgs, io: &mut Io) -> anyhow::Result<()> {
    let opened = open_store(&args.place, io).await?;
    io.note(&opened.place);
    let store = opened.store;
    let history = History::new(store.clone());
    let Some(number) = args.entry else {
        return list(&store, &history, args, io).await;
    };
    let Some(doc) = history.get(&args.tenant, number).await? else {
        bail!(missing(&history, &args.tenant, number).await?);
    };
    let doc = Approved::of(&store, doc).await?;
    match args.output {
        Output::Json => io.json(&as_json(number, &doc)),
        Output::Human => full(number, &doc, io)?,
    }
    Ok(())
}

/// An entry, with who said yes to it. Of a yes that is a file among the manifests, git knows who.
struct Approved {
    doc: HistoryDoc,
    yes: Option<ApprovalDoc>,
}

impl Approved {
    async fn of(store: &Store, doc: HistoryDoc) -> anyhow::Result<Self> {
        // One at the command line is named by its tenant and its id; no document's name has a `/`.
        let named = doc
            .approval
            .as_deref()
            .and_then(|name| name.rsplit_once('/'));
        let yes = match named {
            Some((tenant, id)) => {
                let key = Key::approval("tenant", tenant, id);
                let stored = store.get::<ApprovalDoc>(&key).await?;
                stored.map(|stored| stored.value)
            }
            None => None,
        };
        Ok(Self { doc, yes })
    }
}

impl Deref for Approved {
    type Target = HistoryDoc;

    fn deref(&self) -> &HistoryDoc {
        &self.doc
    }
}

/// Why there is no such entry.
pub(super) async fn missing(
    history: &History,
    tenant: &str,
    number: u64,
) -> anyhow::Result<Failed> {
    let numbers = history.numbers(tenant).await?;
    Ok(match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => Failed::new(
            format!(
                "租户 {tenant} 没有第 {number} 条记录：现有第 {first} 到 {last} 条（wxops history {tenant}）"
            ),
            format!(
                "tenant `{tenant}` has no entry {number}: the history has {first} to {last} (wxops history {tenant})"
            ),
        ),
        _ => Failed::new(
            format!("租户 {tenant} 没有第 {number} 条记录：这个名字下从未有过变更，名字写对了吗？"),
            format!(
                "tenant `{tenant}` has no entry {number}: nothing was ever changed under that name; is it right?"
            ),
        ),
    })
}

async fn list(
    store: &Store,
    history: &History,
    args: &HistoryArgs,
    io: &mut Io,
) -> anyhow::Result<()> {
    let mut entries = Vec::new();
    for (number, doc) in history.newest(&args.tenant, args.number).await? {
        entries.push((number, Approved::of(store, doc).await?));
    }
    match args.output {
        Output::Json => {
            let all: Vec<Value> = entries.iter().map(|(n, doc)| as_json(*n, doc)).collect();
            io.json(&json!(all));
        }
        Output::Human if entries.is_empty() => io.note(match io.lang {
            Lang::Zh => format!("租户 {} 没有变更记录", args.tenant),
            Lang::En => format!("nothing was ever changed for tenant `{}`", args.tenant),
        }),
        Output::Human => table(&entries, io),
    }
    Ok(())
}

fn table(entries: &[(u64, Approved)], io: &mut Io) {
    let lang = io.lang;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(words::columns(
            lang,
            &[
                ("序号", "ENTRY"),
                ("时间", "WHEN"),
                ("操作人", "BY"),
                ("资源", "RESOURCE"),
                ("动作", "ACTION"),
                ("结果", "OUTCOME"),
                ("内容", "WHAT"),
            ],
        ));
    for (number, doc) in entries {
        table.add_row(words::cells([
            number.to_string(),
            words::moment(doc.at),
            by(doc, lang),
            address_of(doc).to_string(),
            action(&doc.action, lang).to_owned(),
            outcome(doc.outcome.as_ref(), lang).to_owned(),
            what(doc, lang),
        ]));
    }
    io.say_lines(table.trim_fmt());
}

fn by(doc: &Approved, lang: Lang) -> String {
    let who = doc.by.as_deref().unwrap_or("-");
    let approved = doc.yes.as_ref().map(|yes| match lang {
        Lang::Zh => format!("（{} 审批）", yes.by),
        Lang::En => format!(" (approved by {})", yes.by),
    });
    let approved = approved.unwrap_or_default();
    match &doc.revision {
        None => format!("{who}{approved}"),
        Some(revision) => {
            let commit: String = revision.commit.chars().take(10).collect();
            let dirty = match (revision.dirty, lang) {
                (false, _) => "",
                (true, Lang::Zh) => "（有未提交的修改）",
                (true, Lang::En) => "+changes",
            };
            format!("{who} @{commit}{dirty}{approved}")
        }
    }
}

/// The kind of change, in a word.
fn action(action: &str, lang: Lang) -> &str {
    match action {
        "create" => words::pick(lang, "新建", "create"),
        "update" => words::pick(lang, "修改", "update"),
        "delete" => words::pick(lang, "删除", "delete"),
        other => other,
    }
}

/// What came of it, in a word.
fn outcome(ended: Option<&Ended>, lang: Lang) -> &'static str {
    if ended.is_some_and(|ended| ended.under_way) {
        return words::pick(lang, "微信已接受，尚未生效", "accepted, not in force yet");
    }
    match ended.map(|ended| ended.result) {
        None => words::pick(lang, "未记录到结果", "outcome not recorded"),
        Some(How::Done) => words::pick(lang, "已完成", "done"),
        Some(How::Refused) => words::pick(lang, "被拒绝", "refused"),
        Some(How::NotDone) => words::pick(lang, "未生效", "had no effect"),
        Some(How::NotSent) => words::pick(lang, "未发送", "not sent"),
        Some(How::Unknown) => words::pick(lang, "结果未知", "unknown"),
    }
}

/// The event that it was, if it took effect and is one.
fn event(doc: &HistoryDoc) -> Option<&'static str> {
    let done = doc.outcome.as_ref().map(|ended| ended.result) == Some(How::Done);
    Event::of(&address_of(doc))
        .filter(|_| done)
        .map(Event::name)
}

/// The changed fields in short, and what it puts back.
fn what(doc: &HistoryDoc, lang: Lang) -> String {
    let paths: Vec<&str> = doc
        .changes
        .iter()
        .filter_map(|change| change.get("path")?.as_str())
        .collect();
    let mut text = match paths.as_slice() {
        [] => "-".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} +{}", rest.len() + doc.left_out),
    };
    if let Some(entry) = doc.restores {
        let restores = words::pick(lang, "恢复第", "restores");
        text = format!("{restores} {entry} · {text}");
    }
    match event(doc) {
        Some(event) => format!("{event} · {text}"),
        None => text,
    }
}

fn full(number: u64, doc: &Approved, io: &mut Io) -> anyhow::Result<()> {
    let lang = io.lang;
    let name = address_of(doc);
    io.say(format_args!(
        "{} {number} · {name} · {} · {}",
        words::pick(lang, "记录", "entry"),
        action(&doc.action, lang),
        outcome(doc.outcome.as_ref(), lang),
    ));
    let mut line = |zh: &'static str, en: &'static str, text: &str| {
        if !text.is_empty() {
            let label = crate::plan::render::pad(words::pick(lang, zh, en), 12);
            io.say(format_args!("  {label}{text}"));
        }
    };
    line("时间", "when", &words::moment(doc.at));
    line("操作人", "by", &by(doc, lang));
    line("账号", "account", doc.account.as_str());
    line("接口", "requests", &doc.endpoints.join(", "));
    line(
        "审批",
        "approval",
        doc.approval.as_deref().unwrap_or_default(),
    );
    if let Some(yes) = &doc.yes {
        line("审批人", "approved by", &yes.by);
        if let Some(at) = yes.at {
            line("审批于", "approved", &words::moment(at));
        }
    }
    if let Some(entry) = doc.restores {
        line("恢复", "restores", &entry.to_string());
    }
    line("事件", "event", event(doc).unwrap_or_default());
    if let Some(ended) = &doc.outcome {
        line("结果于", "known", &words::moment(ended.at));
        line(
            "说明",
            "in words",
            match lang {
                Lang::Zh => &ended.zh,
                Lang::En => &ended.en,
            },
        );
        line("rid", "rid", ended.rid.as_deref().unwrap_or_default());
    }
    changes(doc, io);
    before(doc, io)
}

fn changes(doc: &HistoryDoc, io: &mut Io) {
    io.say(words::pick(io.lang, "变更：", "changes:"));
    for change in &doc.changes {
        let side = |name: &str| change.get(name).map_or_else(|| "-".to_owned(), value_text);
        let path = change.get("path").and_then(Value::as_str).unwrap_or("-");
        io.say(format_args!("  {path}  {} → {}", side("from"), side("to")));
    }
    if doc.left_out > 0 {
        io.say(format_args!("  … +{}", doc.left_out));
    }
}

fn before(doc: &HistoryDoc, io: &mut Io) -> anyhow::Result<()> {
    let lang = io.lang;
    match &doc.before {
        Before::Nothing => io.say(words::pick(lang, "之前：没有", "before: nothing was there")),
        Before::There(value) => {
            io.say(words::pick(
                lang,
                "之前（按配置的写法）：",
                "before, as a manifest would say it:",
            ));
            for line in to_yaml(value)?.lines() {
                io.say(format_args!("  {line}"));
            }
        }
        Before::Unknown => io.say(words::pick(
            lang,
            "之前：无法用配置表达",
            "before: a manifest cannot say it",
        )),
        Before::TooLarge => io.say(words::pick(
            lang,
            "之前：内容过大，未保存",
            "before: too large to be kept",
        )),
    }
    Ok(())
}

fn as_json(number: u64, doc: &Approved) -> Value {
    let mut value = json!(doc.doc);
    if let Some(fields) = value.as_object_mut() {
        let yes = doc.yes.as_ref();
        fields.insert("approvedBy".to_owned(), json!(yes.map(|yes| &yes.by)));
        fields.insert("approvedAt".to_owned(), json!(yes.and_then(|yes| yes.at)));
        fields.insert("entry".to_owned(), json!(number));
        fields.insert("event".to_owned(), json!(event(&doc.doc)));
    }
    value
}
