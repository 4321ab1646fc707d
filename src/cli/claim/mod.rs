//! `wxops claim`: which tenant an account belongs to, and the way out where that tenant is no more.
//!
//! One appid has one place, for good: renaming a tenant in the manifests does not move its account. Giving the account
//! back is a person's decision, and only possible once no manifest has it under the old name; so is taking one that is
//! authorized and has no place.

mod take;

use anyhow::bail;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::apply::confirmed;
use super::args::{Manifests, Output, Place};
use super::place::open_store;
use super::poke::poke;
use super::stop::Stop;
use super::{Exit, Io, manifests, words};
use crate::cli::failed::{Failed, OrSay};
use crate::client::Addressee;
use crate::controller::owner;
use crate::manifest::Loaded;
use crate::plan::{Text, Whose};
use crate::resource::at;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::journal::{OpKey, Stage};
use crate::store::{Journal, Key, Store};
use crate::wechat::Appid;

/// Arguments of `claim`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops claim list -f tenants/
  wxops claim release -f tenants/ wx1111111111111111      (its tenant was renamed or removed)
  wxops claim take -f tenants/ sunrise-dance:main wx2222222222222222      (it is authorized, and no tenant has it)")]
pub struct ClaimArgs {
    #[command(subcommand)]
    pub(super) verb: ClaimVerb,
}

/// What to do with claims.
#[derive(Debug, Clone, Subcommand)]
pub enum ClaimVerb {
    /// List which tenant each account belongs to
    List {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        place: Place,
        /// How the table is printed.
        #[arg(long, value_enum, default_value = "human")]
        output: Output,
    },
    /// Make an account that is authorized and has no tenant one of a tenant's
    Take {
        /// Whose it becomes; TENANT:NAME for one of the tenant's mini-programs.
        #[arg(value_name = "TENANT[:NAME]")]
        tenant: String,
        /// The account.
        appid: String,
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        place: Place,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Give an account back, so that another tenant may have it
    Release {
        /// The account.
        appid: String,
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        place: Place,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the verb.
pub(super) async fn run(args: ClaimArgs, io: &mut Io) -> Exit {
    let done = match &args.verb {
        ClaimVerb::List {
            manifests,
            place,
            output,
        } => match manifests::load_valid(&manifests.path, io) {
            Ok(loaded) => list(&loaded, place, *output, io).await,
            Err(Stop(exit)) => return exit,
        },
        ClaimVerb::Release {
            appid,
            manifests,
            place,
            yes,
        } => match manifests::load_valid(&manifests.path, io) {
            Ok(loaded) => release(&loaded, appid, place, *yes, io).await,
            Err(Stop(exit)) => return exit,
        },
        ClaimVerb::Take {
            tenant,
            appid,
            manifests,
            place,
            yes,
        } => {
            let wanted = take::Wanted { tenant, appid };
            return take::run(&wanted, manifests, place, *yes, io).await;
        }
    };
    done.unwrap_or_else(|error| {
        io.failed(&error);
        Exit::Error
    })
}

async fn list(loaded: &Loaded, place: &Place, output: Output, io: &mut Io) -> anyhow::Result<Exit> {
    let opened = open_store(place, io).await?;
    io.note(&opened.place);
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(words::columns(
            io.lang,
            &[
                ("账号", "ACCOUNT"),
                ("租户", "TENANT"),
                ("在配置中", "IN THE MANIFESTS"),
            ],
        ));
    let mut all: Vec<Value> = Vec::new();
    for key in opened.store.list("claim/").await? {
        let (Some(account), Some(claim)) = (
            key.segments().pop(),
            opened.store.get::<ClaimDoc>(&key).await?,
        ) else {
            continue;
        };
        let there = declared(loaded, &claim.value);
        let ClaimDoc { tenant, item } = claim.value;
        all.push(json!({"account": account, "tenant": tenant, "app": item, "inManifests": there}));
        let tenant = Addressee { tenant, item }.to_string();
        let there = match there {
            true => words::pick(io.lang, "是", "yes"),
            false => words::pick(io.lang, "否", "no"),
        };
        table.add_row(words::cells([account, tenant, there.to_owned()]));
    }
    match output {
        Output::Json => io.json(&json!(all)),
        Output::Human if all.is_empty() => {
            io.note(words::pick(io.lang, "还没有账号", "no account so far"));
        }
        Output::Human => io.say_lines(table.trim_fmt()),
    }
    Ok(Exit::Fine)
}

async fn release(
    loaded: &Loaded,
    appid: &str,
    place: &Place,
    yes: bool,
    io: &mut Io,
) -> anyhow::Result<Exit> {
    let account = Appid::parse(appid).or_say(|| no_account(appid))?;
    let opened = open_store(place, io).await?;
    io.note(&opened.place);
    let key = Key::claim(&account);
    let Some(claim) = opened.store.get::<ClaimDoc>(&key).await? else {
        bail!(Failed::new(
            format!("{account} 不属于任何租户，无需释放（wxops claim list 列出全部）"),
            format!(
                "{account} belongs to no tenant, so there is nothing to release (wxops claim list shows all)"
            ),
        ));
    };
    let item = claim.value.item.as_deref();
    let tenant = Addressee::of(&claim.value.tenant, item);
    if declared(loaded, &claim.value) {
        bail!(Failed::new(
            format!("{account} 没有释放：它所属的租户 {tenant} 仍在清单里；请先在清单中改名或删除"),
            format!(
                "{account} is not released: tenant `{tenant}`, which has it, is in the manifests; rename or remove it there first"
            ),
        ));
    }
    if let Some(op) = unsettled(&opened.store, &account).await? {
        bail!(Failed::new(
            format!("{account} 没有释放：{op} 的结果还不知道（wxops op show {op}）"),
            format!(
                "{account} is not released: what came of {op} is not known yet (wxops op show {op})"
            ),
        ));
    }
    let text = Text::new(
        format!("{account} 将不再属于租户 {tenant}；线上的内容不变，下一个声明它的租户将接管它"),
        format!(
            "{account} will no longer belong to tenant {tenant}; nothing changes at WeChat, and the next tenant \
             that declares it takes it over"
        ),
    );
    io.note(text.in_lang(io.lang));
    if !yes && !confirmed("--yes", io) {
        return Ok(Exit::Refused);
    }
    // Before it is free: a pass in between would take it again for what was registered.
    let journal = Journal::new(opened.store.clone(), owner());
    let was_made = journal.give_back(&account).await?;
    unpin(&opened.store, &tenant, &account).await?;
    // The very claim that was shown: one that moved meanwhile is not taken from its new tenant.
    opened.store.delete(&key, &claim.version).await?;
    let done = Text::new(
        format!("{account} 已释放"),
        format!("{account} is released"),
    );
    io.say(done.in_lang(io.lang));
    if was_made {
        let text = Text::new(
            format!(
                "它是通过公众号注册的：不会自动收回，也不会在它之外另行注册，直到有人执行 wxops claim take TENANT:NAME {account}，或在配置中写明 besides"
            ),
            format!(
                "it was registered through an official account: no pass takes it again, and none registers another beside it, \
                 until somebody says whose it is (wxops claim take TENANT:NAME {account}) or that it is another one (`besides`)"
            ),
        );
        io.note(text.in_lang(io.lang));
    }
    poke(place, account.as_str()).await;
    Ok(Exit::Fine)
}

/// An operation whose outcome the old tenant is still owed.
async fn unsettled(store: &Store, account: &Appid) -> anyhow::Result<Option<OpKey>> {
    let journal = Journal::new(store.clone(), owner());
    for key in journal.of_account(account).await? {
        let look = journal.look(&key).await?;
        if look.doc().is_some_and(|doc| doc.stage != Stage::Settled) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// The old tenant forgets the account first: repeated after a crash in between, the release ends the same.
async fn unpin(store: &Store, from: &Addressee, account: &Appid) -> anyhow::Result<()> {
    let item = from.item.as_deref();
    store
        .amend::<TenantDoc, ()>(&Key::tenant(&from.tenant), |doc| {
            if doc.pin_of(item) == Some(account) {
                doc.forget_account(item);
            }
        })
        .await?;
    Ok(())
}

/// Whether the manifests still have the very place that a claim is for.
fn declared(loaded: &Loaded, claim: &ClaimDoc) -> bool {
    let whose = Whose::of_item(claim.item.as_deref());
    loaded
        .tenant(&claim.tenant)
        .is_some_and(|tenant| at::find(&tenant.spec, &whose).is_some())
}

/// What was typed as an account is none.
fn no_account(appid: &str) -> Text {
    Text::new(
        format!("{appid} 不是账号的 appid"),
        format!("`{appid}` is no account"),
    )
}
