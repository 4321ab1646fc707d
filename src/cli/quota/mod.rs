//! `wxops quota`: what was taken from WeChat's quotas, and what is left.

mod row;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use futures::future::join_all;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};

use self::row::{Row, Source};
use super::args::{Output, Place, Selection};
use super::session::{Session, Stop, stop};
use super::{Exit, Io, standing, words};
use crate::manifest::LoadedTenant;
use crate::plan::{Lang, Text};
use crate::store::ledger::{Demand, Ledger};
use crate::wechat::endpoint::{self, Period, TokenKind};
use crate::wechat::{Answer, Appid, Endpoint, quota};

/// Arguments of `quota`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops quota -f tenants/
  wxops quota -f tenants/ --tenant sunrise-dance --live
  wxops quota -f tenants/ --output json

Without --live it tells what wxops itself has taken or reserved. With it WeChat is asked for every quota of a day,
and the ledger put right where wxops counts.")]
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
    for trouble in &found.troubles {
        io.note(format_args!("warning: {}", trouble.in_lang(io.lang)));
    }
    match args.output {
        Output::Json => {
            let rows: Vec<Value> = found.rows.iter().map(|row| as_json(row, now)).collect();
            io.json(&json!(rows));
        }
        Output::Human if found.rows.is_empty() => io.note(words::pick(
            io.lang,
            "wxops 还没有用过任何有限额的接口(--live 向微信查询)",
            "wxops has taken nothing from any quota it counts so far (--live asks WeChat)",
        )),
        Output::Human => human(&found.rows, now, io),
    }
    Ok(if found.troubles.is_empty() {
        Exit::Fine
    } else {
        Exit::Error
    })
}

struct Found {
    rows: Vec<Row>,
    troubles: Vec<Text>,
}

async fn gather(session: &Session, live: bool, now: Timestamp) -> anyhow::Result<Found> {
    let ledger = Ledger::new(session.store.clone());
    let mut troubles = Vec::new();
    let mut asked = Vec::new();
    let mut accounts = Vec::new();
    for tenant in &session.tenants {
        let standing = standing::of(session, tenant).await?;
        let Some(account) = standing.account else {
            continue;
        };
        accounts.push(account.to_string());
        if live && standing.authorized_at.is_some() {
            ask(
                session,
                tenant,
                &account,
                &ledger,
                now,
                &mut asked,
                &mut troubles,
            )
            .await?;
        }
    }
    let ours = ledger.rows(now).await?.into_iter();
    let mut rows: Vec<Row> = ours
        .filter(|one| accounts.contains(&one.scope))
        .filter_map(row::ours)
        .collect();
    for one in asked {
        match rows.iter_mut().find(|row| row.is_about(&one)) {
            Some(row) => row.source = Source::WeChat,
            None => rows.push(one),
        }
    }
    rows.sort_by(|a, b| (&a.scope, a.endpoint).cmp(&(&b.scope, b.endpoint)));
    Ok(Found { rows, troubles })
}

/// Asks WeChat for every daily quota of an account. Where wxops counts itself, the ledger is put right.
async fn ask(
    session: &Session,
    tenant: &LoadedTenant,
    account: &Appid,
    ledger: &Ledger,
    now: Timestamp,
    rows: &mut Vec<Row>,
    troubles: &mut Vec<Text>,
) -> anyhow::Result<()> {
    let reader = session.observer(tenant)?.reader;
    let mut before = Vec::new();
    for endpoint in daily() {
        let Some(limits) = endpoint.quota else {
            continue;
        };
        let demand = Demand::new(account.as_str(), endpoint.name, limits, now);
        before.push((endpoint, demand.clone(), ledger.snapshot(&demand).await?));
    }
    let calls: Vec<_> = before
        .iter()
        .map(|(endpoint, ..)| quota::get_request(account, endpoint))
        .collect();
    let answers = join_all(calls.iter().map(|call| reader.read(call))).await;
    for ((endpoint, demand, snapshot), answer) in before.into_iter().zip(answers) {
        let daily = match &answer {
            Answer::Done(body) => quota::read(body).ok(),
            Answer::Refused(_) | Answer::Lost(_) => None,
        };
        let Some(daily) = daily else {
            troubles.push(untold(account, endpoint, &answer));
            continue;
        };
        let limit = (daily.daily_limit > 0).then_some(daily.daily_limit);
        if endpoint.class.journaled() {
            ledger.correct(&snapshot, daily.used, limit).await?;
        }
        rows.push(Row {
            scope: account.to_string(),
            endpoint,
            used: daily.used,
            reserved: 0,
            limit: limit.unwrap_or(demand.limit),
            period: Period::Day,
            ends_at: demand.ends_at,
            source: Source::WeChat,
        });
    }
    Ok(())
}

/// The endpoints of which `openapi/quota/get` can tell with an account's token.
fn daily() -> impl Iterator<Item = &'static Endpoint> {
    endpoint::ALL.iter().copied().filter(|endpoint| {
        endpoint.token == TokenKind::Authorizer
            && endpoint
                .quota
                .is_some_and(|quota| quota.period == Period::Day)
    })
}

fn untold(account: &Appid, endpoint: &Endpoint, answer: &Answer) -> Text {
    let why = crate::plan::Why::of(answer).map(|why| why.text);
    let why = why.unwrap_or_else(|| Text::new("应答无法解析", "the answer cannot be read"));
    Text::new(
        format!("{account} 的 {endpoint}:{}", why.zh),
        format!("{endpoint} of {account}: {}", why.en),
    )
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
            row.endpoint.name.to_owned(),
            words::thousands(row.used as usize),
            words::thousands(row.reserved as usize),
            words::thousands(row.limit as usize),
            words::thousands(row.left() as usize),
            shanghai(row.ends_at),
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
                "! 按目前的速度将在重置前用完:",
                "! at this rate it runs out on ",
            );
            format!("{text}{}", shanghai(at))
        }
    }
}

/// Quotas count by WeChat's calendar, whatever zone the reader is in.
fn shanghai(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(8)))
        .strftime("%Y-%m-%d %H:%M +08:00")
        .to_string()
}

fn as_json(row: &Row, now: Timestamp) -> Value {
    json!({
        "scope": row.scope,
        "quota": row.endpoint.name,
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
