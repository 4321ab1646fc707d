//! `wxops output`: what business code needs back, by name. From the store alone: no manifests, no secrets.

use std::collections::BTreeMap;

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::args::Place;
use super::place::open_store;
use super::{Exit, Io};
use crate::cli::failed::Failed;
use crate::plan::render::pad;
use crate::store::documents::TenantDoc;
use crate::store::{Key, Store};

/// Arguments of `output`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops output                                            (all tenants)
  wxops output sunrise-dance openAccount.appId            (the value alone; exit code 1 where there is none)
  wxops output sunrise-dance --output env >> .env         (OPEN_ACCOUNT_APP_ID=wx…)
  wxops output sunrise-dance --output json")]
pub struct OutputArgs {
    /// The tenant; else all.
    pub(super) tenant: Option<String>,
    /// Only these outputs; each must be there.
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<String>,
    #[command(flatten)]
    pub(super) place: Place,
    /// How they are printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Format,
}

/// How outputs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; one that is named alone is printed bare.
    Human,
    /// For programs.
    Json,
    /// Lines of `NAME=value`, for one tenant.
    Env,
}

type Outputs = BTreeMap<String, String>;

/// Runs the verb.
pub(super) async fn run(args: OutputArgs, io: &mut Io) -> Exit {
    match print(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(error) => {
            io.failed(&error);
            Exit::Error
        }
    }
}

async fn print(args: &OutputArgs, io: &mut Io) -> anyhow::Result<()> {
    let opened = open_store(&args.place, io).await?;
    io.note(&opened.place);
    let Some(tenant) = &args.tenant else {
        return everybody(args, &opened.store, io).await;
    };
    let stored = opened.store.get::<TenantDoc>(&Key::tenant(tenant)).await?;
    let Some(stored) = stored else {
        bail!(Failed::new(
            format!("存储里没有租户 {tenant} 的输出：还没有为它执行过 apply，或名字写错"),
            format!(
                "the store has no output of tenant `{tenant}`: no pass has been made for it; is the name right?"
            ),
        ));
    };
    let outputs = named(stored.value.outputs, tenant, &args.names)?;
    match args.output {
        Format::Json => io.json(&json!(outputs)),
        Format::Env => {
            for (name, value) in variables(&outputs)? {
                io.say(format_args!("{name}={}", quoted(value)));
            }
        }
        Format::Human => match (args.names.as_slice(), outputs.values().next()) {
            ([_], Some(value)) => io.say(value),
            _ => lines(&outputs, io),
        },
    }
    Ok(())
}

/// The outputs asked for: all, or exactly these.
fn named(mut outputs: Outputs, tenant: &str, names: &[String]) -> anyhow::Result<Outputs> {
    for name in names {
        if !outputs.contains_key(name) {
            let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
            let (known_zh, known) = if known.is_empty() {
                ("还没有".to_owned(), "none yet".to_owned())
            } else {
                (known.join("、"), known.join(", "))
            };
            bail!(Failed::new(
                format!("租户 {tenant} 没有输出 {name}；已有的：{known_zh}"),
                format!("tenant `{tenant}` has no output `{name}`: there is {known}"),
            ));
        }
    }
    if !names.is_empty() {
        outputs.retain(|name, _| names.contains(name));
    }
    Ok(outputs)
}

async fn everybody(args: &OutputArgs, store: &Store, io: &mut Io) -> anyhow::Result<()> {
    if args.output == Format::Env {
        bail!(Failed::new(
            "全部租户的输出无法作为变量打印，请指明一个租户（wxops output 租户名 --output env）",
            "outputs of all tenants cannot be printed as variables; name one tenant (wxops output TENANT --output env)",
        ));
    }
    let mut all: BTreeMap<String, Outputs> = BTreeMap::new();
    for key in store.list("tenant/").await? {
        let stored = store.get::<TenantDoc>(&key).await?;
        if let (Some(stored), Some(name)) = (stored, key.segments().pop()) {
            all.insert(name, stored.value.outputs);
        }
    }
    match args.output {
        Format::Json => io.json(&json!(all)),
        Format::Human | Format::Env => {
            for (tenant, outputs) in all.iter().filter(|(_, outputs)| !outputs.is_empty()) {
                io.say(tenant);
                lines(outputs, io);
            }
        }
    }
    Ok(())
}

fn lines(outputs: &Outputs, io: &mut Io) {
    for (name, value) in outputs {
        io.say(format_args!("  {}{value}", pad(name, 32)));
    }
}

/// The outputs by the names of variables.
///
/// # Errors
/// Where two of them would be one variable.
fn variables(outputs: &Outputs) -> anyhow::Result<BTreeMap<String, &str>> {
    let mut variables = BTreeMap::new();
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    for (name, value) in outputs {
        let variable = variable(name);
        if let Some(other) = named.insert(variable.clone(), name) {
            bail!(Failed::new(
                format!(
                    "{other} 和 {name} 无法都作为变量打印：两者都会是 {variable}；请指明需要的那个，或用 --output json"
                ),
                format!(
                    "`{other}` and `{name}` cannot both be printed as variables: both would be {variable}; name the one you need, or take --output json"
                ),
            ));
        }
        variables.insert(variable, value.as_str());
    }
    Ok(variables)
}

/// `openAccount.appId` → `OPEN_ACCOUNT_APP_ID`. What a variable's name cannot hold is written as its code point, so that
/// two Chinese names stay two: `tags.会员` → `TAGS_U4F1A_U5458`.
fn variable(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if (c.is_ascii_uppercase() || !c.is_ascii()) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_uppercase()),
            c if c.is_ascii() => out.push('_'),
            c => out.push_str(&format!("U{:04X}", u32::from(c))),
        }
    }
    out
}

/// A value that a shell reads as it is.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_variables_and_values_survive_a_shell() {
        assert_eq!(variable("openAccount.appId"), "OPEN_ACCOUNT_APP_ID");
        assert_eq!(
            variable("templates.class-reminder"),
            "TEMPLATES_CLASS_REMINDER"
        );
        assert_eq!(variable("tags.会员"), "TAGS_U4F1A_U5458");
        assert_ne!(variable("tags.会员"), variable("tags.学生"));
        assert_eq!(quoted("wx9000000000000001"), "wx9000000000000001");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn two_outputs_that_would_be_one_variable_are_refused() {
        let output = |name: &str| (name.to_owned(), "1".to_owned());
        let alike = Outputs::from([output("templates.a-b"), output("templates.a.b")]);
        let why = variables(&alike).unwrap_err().to_string();
        assert!(why.contains("TEMPLATES_A_B"), "{why}");
        assert_eq!(variables(&Outputs::from([output("a")])).unwrap().len(), 1);
    }
}
