//! `wxops quota`: what was taken from WeChat's quotas, and what is left.

mod live;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use jiff::Timestamp;
use serde_json::{Value, json};

use self::row::{Row, Source};
use super::args::{Output, Place, Selection};
use super::session::Session;
use super::stop::{Stop, exit_of, stop};
use super::{Exit, Io, trouble, words};
use crate::plan::{Lang, Text, Troubled};
use crate::resource::Kind;
use crate::store::ledger::Ledger;
use crate::store::{CredDoc, Key};
use crate::wechat::calendar::minute;
use crate::wechat::{Appid, basic_info, code};

/// Arguments of `quota`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops quota -f tenants/
  wxops quota -f tenants/ --tenant sunrise-dance --live
  wxops quota -f tenants/ --output json

Without --live it tells what wxops itself has taken or reserved, of the accounts' quotas and of the platform's own.
With it WeChat is asked for every quota of a day, and the ledger put right where wxops counts.")]
pub struct QuotaArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) place: Place,
    /// Ask WeChat, where it tells.
    #[arg(long)]
    pub(super) live: bool,
    /// How the table is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Runs the verb.
pub(super) async fn run(args: QuotaArgs, io: &mut Io) -> Exit {
    match shown(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn shown(args: &QuotaArgs, io: &mut Io) -> Result<Exit, Stop> {
    let session = Session::open(&args.selection, &args.place, io).await?;
    let now = session.clock.now();
    let found = match gather(&session, args.live, now).await {
        Ok(found) => found,
        Err(error) => return Err(stop(io, &error)),
    };
    for untold in &found.untold {
        io.warning(untold.in_lang(io.lang));
    }
    let none = |troubled| (troubled, Vec::new());
    trouble::note(found.troubles.values().map(none), io);
    match args.output {
        Output::Json => {
            let rows: Vec<Value> = found.rows.iter().map(|row| as_json(row, now)).collect();
            io.json(&json!(rows));
        }
        Output::Human if found.rows.is_empty() => io.note(words::pick(
            io.lang,
            "wxops 还没有用过任何有限额的接口（--live 向微信查询）",
            "wxops has taken nothing from any quota it counts so far (--live asks WeChat)",
        )),
        Output::Human => human(&found.rows, now, io),
    }
    let mut fitting: Vec<Exit> = found.troubles.values().map(exit_of).collect();
    if !found.untold.is_empty() {
        fitting.push(Exit::Error);
    }
    Ok(Exit::first_of(&fitting))
}

/// What was found out.
#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    /// What WeChat did not tell.
    untold: Vec<Text>,
    /// Platforms that are kept from WeChat, by name.
    troubles: BTreeMap<String, Troubled>,
}

async fn gather(session: &Session, live: bool, now: Timestamp) -> anyhow::Result<Found> {
    let ledger = Ledger::new(session.store.clone());
    let mut found = Found::default();
    let mut scopes: BTreeSet<String> = BTreeSet::new();
    let mut audits: BTreeSet<Appid> = BTreeSet::new();
    for tenant in &session.tenants {
        if let Some(access) = session.access(&tenant.platform)
            && scopes.insert(access.appid.to_string())
            && live
        {
            let asking = live::Asking::of(session, &tenant.platform, &ledger, now)?;
            asking.platform(&access.appid, &mut found).await?;
        }
        let standing = session.standing(tenant).await?;
        for account in standing.accounts {
            let Some(appid) = account.appid else {
                continue;
            };
            scopes.insert(appid.to_string());
            if live && account.authorized_at.is_some() {
                let asking = live::Asking::of(session, &tenant.platform, &ledger, now)?;
                let cred = session.store.get::<CredDoc>(&Key::cred(&appid)).await?;
                let granted = cred.map(|cred| cred.value.func_info).unwrap_or_default();
                asking.account(&appid, &granted, &mut found).await?;
                let told = basic_info::GET.sets.iter().any(|set| granted.contains(set));
                if account.at.kind() == Kind::App && told {
                    asking.profile(&appid, &mut found).await?;
                }
                let may_ask = code::QUOTA.sets.iter().any(|set| granted.contains(set));
                if account.at.kind() == Kind::App
                    && may_ask
                    && let Some(access) = session.access(&tenant.platform)
                    && audits.insert(access.appid.clone())
                {
                    asking.audits(&appid, &access.appid, &mut found).await?;
                }
            }
        }
    }
    let ours = ledger.rows(now).await?.into_iter();
    let mut rows: Vec<Row> = ours
        .filter(|one| scopes.contains(&one.scope))
        .filter_map(|row| row::ours(row, now))
        .collect();
    for one in std::mem::take(&mut found.rows) {
        match rows.iter_mut().find(|row| row.is_about(&one)) {
            Some(row) => row.source = Source::WeChat,
            None => rows.push(one),
        }
    }
    rows.sort_by(|a, b| (&a.scope, a.endpoint).cmp(&(&b.scope, b.endpoint)));
    found.rows = rows;
    Ok(found)
}

fn human(rows: &[Row], now: Timestamp, io: &mut Io) {
    let lang = io.lang;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(words::columns(
            lang,
            &[
                ("账号", "SCOPE"),
                ("接口", "QUOTA"),
                ("已用", "USED"),
                ("已预留", "RESERVED"),
                ("上限", "LIMIT"),
                ("剩余", "LEFT"),
                ("重置时间", "RESETS"),
                ("来源", "SOURCE"),
                ("", ""),
            ],
        ));
    for column in 2..=5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in rows {
        let source = match row.source {
            Source::Ours => words::pick(lang, "wxops 计数", "wxops"),
            Source::WeChat => words::pick(lang, "微信", "WeChat"),
        };
        table.add_row(words::cells([
            row.scope.clone(),
            row.endpoint.counted_as().to_owned(),
            words::thousands(row.used as usize),
            words::thousands(row.reserved as usize),
            words::thousands(row.limit as usize),
            words::thousands(row.left() as usize),
            minute(row.ends_at),
            source.to_owned(),
            mark(row, now, lang),
        ]));
    }
    io.say_lines(table.trim_fmt());
}

/// What will run out before it resets, and when.
fn mark(row: &Row, now: Timestamp, lang: Lang) -> String {
    if row.left() == 0 {
        return words::pick(lang, "! 已用完", "! used up").to_owned();
    }
    match row.runs_out_at(now) {
        None => String::new(),
        Some(at) => {
            let text = words::pick(
                lang,
                "! 按目前的速度将在重置前用完：",
                "! at this rate it runs out on ",
            );
            format!("{text}{}", minute(at))
        }
    }
}

fn as_json(row: &Row, now: Timestamp) -> Value {
    json!({
        "scope": row.scope,
        "quota": row.endpoint.counted_as(),
        "period": row.period.as_str(),
        "used": row.used,
        "reserved": row.reserved,
        "limit": row.limit,
        "left": row.left(),
        "resetsAt": row.ends_at,
        "source": row.source.as_str(),
        "runsOutAt": row.runs_out_at(now),
    })
}
