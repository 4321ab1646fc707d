//! `wxops status`: every tenant at a glance, from the store; WeChat is not asked.

mod beside;
mod table;
mod watch;

use clap::Args;
use serde_json::{Value, json};

use super::args::{Output, Place, Selection};
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, held, pushes, trouble};
use crate::controller::{Account, Standing};
use crate::plan::Troubled;

/// Arguments of `status`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops status -f tenants/
  wxops status -f tenants/ --all --output json         ({tenants: […], loop: {…}}, docs/ci.md)
  wxops status -f tenants/ --watch         (again whenever something has changed, until Ctrl-C)
  wxops why -f tenants/ sunrise-dance      (what one of them waits for, step by step)")]
pub struct StatusArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) place: Place,
    /// How the table is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
    /// List tenants that are ready too.
    #[arg(long)]
    pub(super) all: bool,
    /// Print it again whenever something has changed, until interrupted.
    #[arg(long)]
    pub(super) watch: bool,
}

/// Runs the verb.
pub(super) async fn run(args: StatusArgs, io: &mut Io) -> Exit {
    let told = if args.watch {
        watch::watch(&args, io).await
    } else {
        tell(&args, io).await.map(drop)
    };
    match told {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

/// Prints how things stand, once. Answers what of it does not change by itself.
async fn tell(args: &StatusArgs, io: &mut Io) -> Result<Value, Stop> {
    let session = Session::look(&args.selection, &args.place, io).await?;
    let mut rows = Vec::new();
    for tenant in &session.tenants {
        let standing = session.standing(tenant).await;
        rows.push(standing.map_err(|error| stop(io, &error))?);
    }
    let guards = session.guards_beside(&rows).await.map(drop);
    guards.map_err(|error| stop(io, &error))?;
    let troubles = trouble::known(&session).await;
    let troubles = troubles.map_err(|error| stop(io, &error))?;
    let all = rows.iter().zip(&session.tenants).map(|(row, tenant)| {
        let is_mistaken = session.by_the_one_before.contains(&row.tenant);
        as_json(row, troubles.get(&tenant.platform), is_mistaken)
    });
    let all = Value::Array(all.collect());
    if args.output == Output::Human {
        table::human(&rows, args.all, session.clock.now(), io);
        let none = |troubled| (troubled, Vec::new());
        trouble::note(troubles.values().map(none), io);
    }
    let paused = held::pauses(&session, None, io).await?;
    held::say(&session, io).await?;
    pushes::say(&session, io).await;
    let mut beside = beside::say(&args.place, session.clock.now(), io).await;
    if let Some(beside) = beside.as_object_mut() {
        beside.insert("paused".to_owned(), json!(paused));
    }
    let mut told = json!({"tenants": all, "loop": beside});
    if args.output == Output::Json {
        io.json(&told);
    }
    // It looks again and again, which changes nothing.
    if let Some(beside) = told.get_mut("loop").and_then(Value::as_object_mut) {
        beside.remove("lookedAt");
    }
    Ok(told)
}

fn account(account: &Account) -> Value {
    json!({
        "app": account.at.whose.item(),
        "account": account.appid,
        "authorizedAt": account.authorized_at,
        "scanInVain": account.scan,
    })
}

fn as_json(row: &Standing, troubled: Option<&Troubled>, is_mistaken: bool) -> Value {
    json!({
        "tenant": row.tenant,
        "account": row.official(),
        "accounts": row.accounts.iter().map(account).collect::<Vec<_>>(),
        "state": row.state.as_str(),
        "waiting": row.waits,
        "things": row.things,
        "lastPass": row.last_pass,
        "manifestChangedSince": row.changed_since,
        "manifestHasMistake": is_mistaken,
        "outputs": row.doc.outputs,
        "platformTrouble": troubled.map(Troubled::whole),
    })
}
