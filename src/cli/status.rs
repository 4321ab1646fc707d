//! `wxops status`: every tenant at a glance, from the store; WeChat is not asked.

use comfy_table::{Table, presets};
use serde_json::json;

use super::args::{Output, StatusArgs};
use super::session::{Session, Stop, stop};
use super::{Exit, Io, links, words};
use crate::manifest::LoadedTenant;
use crate::plan::Waiting;
use crate::resource::authorization;
use crate::store::Key;
use crate::store::documents::TenantDoc;

/// One row.
struct Row {
    tenant: String,
    account: Option<String>,
    waiting: Vec<Waiting>,
    last_pass: Option<jiff::Timestamp>,
    result: String,
    outputs: std::collections::BTreeMap<String, String>,
}

/// Runs the verb.
pub(super) async fn run(args: StatusArgs, io: &mut Io) -> Exit {
    match table(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn table(args: &StatusArgs, io: &mut Io) -> Result<Exit, Stop> {
    let session = Session::open(&args.selection, &args.place, io).await?;
    let mut rows = Vec::new();
    for tenant in &session.tenants {
        rows.push(
            row(&session, tenant)
                .await
                .map_err(|error| stop(io, &error))?,
        );
    }
    match args.output {
        Output::Json => io.say(format_args!(
            "{:#}",
            json!(rows.iter().map(as_json).collect::<Vec<_>>())
        )),
        Output::Human => human(&rows, args.all, session.clock.now(), io),
    }
    Ok(Exit::Fine)
}

async fn row(session: &Session, tenant: &LoadedTenant) -> anyhow::Result<Row> {
    let stored = session
        .store
        .get::<TenantDoc>(&Key::tenant(&tenant.name))
        .await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let account = authorization::account(&tenant.spec, doc.pin.as_ref()).map(ToString::to_string);
    Ok(Row {
        tenant: tenant.name.clone(),
        account,
        waiting: doc
            .waiting
            .into_iter()
            .filter_map(|waiting| serde_json::from_value(waiting).ok())
            .map(|mut waiting| {
                links::lead(session, &tenant.name, &mut waiting);
                waiting
            })
            .collect(),
        last_pass: doc.last_pass.as_ref().map(|pass| pass.at),
        result: doc
            .last_pass
            .map_or_else(|| "never applied".to_owned(), |pass| pass.result),
        outputs: doc.outputs,
    })
}

fn human(rows: &[Row], all: bool, now: jiff::Timestamp, io: &mut Io) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "TENANT",
        "ACCOUNT",
        "STATE",
        "WAITING FOR",
        "LAST PASS",
    ]);
    let mut hidden = 0;
    for row in rows {
        if row.result == "ready" && !all {
            hidden += 1;
            continue;
        }
        let waiting: Vec<String> = row
            .waiting
            .iter()
            .map(|waiting| {
                let who = waiting.who.text();
                let link = waiting.link.as_ref().map(|link| format!(" {link}"));
                format!(
                    "{}: {}{}",
                    who.in_lang(io.lang),
                    waiting.text.in_lang(io.lang),
                    link.unwrap_or_default()
                )
            })
            .collect();
        let dash = || "-".to_owned();
        table.add_row([
            row.tenant.clone(),
            row.account
                .as_ref()
                .map_or_else(dash, |account| format!("公众号 {account}")),
            row.result.clone(),
            if waiting.is_empty() {
                dash()
            } else {
                waiting.join("; ")
            },
            row.last_pass
                .map_or_else(dash, |at| format!("{} ago", words::since(at, now))),
        ]);
    }
    if hidden < rows.len() {
        io.say(table.trim_fmt());
    }
    if hidden > 0 {
        io.say(format_args!("{hidden} ready (--all)"));
    }
}

fn as_json(row: &Row) -> serde_json::Value {
    json!({
        "tenant": row.tenant,
        "account": row.account,
        "state": row.result,
        "waiting": row.waiting,
        "lastPass": row.last_pass,
        "outputs": row.outputs,
    })
}
