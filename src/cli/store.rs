//! `wxops store`: copy the store, put a copy back, look through it, give it another key, forget a platform.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde_json::json;

use super::apply::confirmed;
use super::args::{Output, Place};
use super::forget::forget;
use super::op::clock;
use super::place::{no_key, store_folder};
use super::{Exit, Io, words};
use crate::cli::failed::{Failed, OrSay};
use crate::plan::Text;
use crate::store::Sealing;
use crate::store::maintenance::{self, Rekeyed};
use crate::store::sqlite::{Before, Copied};

/// The key that `rekey` gives a store: by value, or by a file.
const NEW_KEY: &str = "WXOPS_STORE_NEW_KEY";
const NEW_KEY_FILE: &str = "WXOPS_STORE_NEW_KEY_FILE";

/// Arguments of `store`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops store backup /backups/wxops-2026-11-29.db       (while everything runs)
  wxops store check
  wxops store restore /backups/wxops-2026-11-29.db
  WXOPS_STORE_NEW_KEY_FILE=new.key wxops store rekey
  wxops store forget main                               (a platform that no manifest declares any more)

A backup holds what the store holds: tokens too. Keep it as safe as the store, and its key apart from it.")]
pub struct StoreArgs {
    #[command(subcommand)]
    pub(super) verb: StoreVerb,
}

/// What to do with the store.
#[derive(Debug, Clone, Subcommand)]
pub enum StoreVerb {
    /// Copy the store into a new file, while others use it
    Backup {
        /// The file that is made.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Put a backup in place of what the store holds; processes that have it open stop
    Restore {
        /// A file that `wxops store backup` made.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Do not ask before replacing the store.
        #[arg(long)]
        yes: bool,
    },
    /// Look at every document, the history too: whether all is as it was written
    Check {
        #[command(flatten)]
        place: Place,
        /// How the result is printed.
        #[arg(long, value_enum, default_value = "human")]
        output: Output,
    },
    /// Write every document anew under the key in WXOPS_STORE_NEW_KEY or WXOPS_STORE_NEW_KEY_FILE; processes that have
    /// the store open stop
    Rekey {
        #[command(flatten)]
        place: Place,
        /// Without a key from now on.
        #[arg(long)]
        plain: bool,
    },
    /// Serve a platform no longer that stands in no manifest any more: until then its pushes are taken as before
    Forget {
        /// Its name, or its appid.
        platform: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Runs the verb.
pub(super) async fn run(args: StoreArgs, io: &mut Io) -> Exit {
    let done = match args.verb {
        StoreVerb::Backup { file, place } => backup(&file, &place, io).await,
        StoreVerb::Restore { file, place, yes } => restore(&file, &place, yes, io).await,
        StoreVerb::Check { place, output } => check(&place, output, io).await,
        StoreVerb::Rekey { place, plain } => rekey(&place, plain, io).await,
        StoreVerb::Forget { platform, place } => forget(&platform, &place, io).await,
    };
    done.unwrap_or_else(|error| {
        io.failed(&error);
        Exit::Error
    })
}

async fn backup(file: &Path, place: &Place, io: &mut Io) -> anyhow::Result<Exit> {
    let (at, to) = (store_folder(place)?, file.to_owned());
    let copied = tokio::task::spawn_blocking(move || maintenance::backup(&at, &to)).await??;
    let Copied { documents, history } = copied;
    let text = Text::new(
        format!(
            "已备份到 {}：{documents} 份文档，{history} 条历史。其中有令牌，请像保管存储一样保管它。",
            file.display()
        ),
        format!(
            "{} holds {documents} documents and {history} entries of the history, tokens too: keep it as safe as the store",
            file.display()
        ),
    );
    io.say(text.in_lang(io.lang));
    Ok(Exit::Fine)
}

async fn restore(file: &Path, place: &Place, yes: bool, io: &mut Io) -> anyhow::Result<Exit> {
    let at = store_folder(place)?;
    let sealing = Sealing::from_environment().or_say(no_key)?;
    let text = Text::new(
        format!(
            "将用 {} 替换存储 {} 的全部内容；备份之后写入的内容都会丢失，正在使用它的进程会停止。",
            file.display(),
            at.display()
        ),
        format!(
            "{} replaces all that the store {} holds; what was written after the backup is lost, and processes that have \
             the store open stop",
            file.display(),
            at.display()
        ),
    );
    io.note(text.in_lang(io.lang));
    if !yes && !confirmed("--yes", io) {
        return Ok(Exit::Refused);
    }
    let now = clock(place)?.now();
    let restored = maintenance::restore(&at, file, sealing, now).await?;
    let Copied { documents, history } = restored.holds;
    if let Before::Damaged(aside) = &restored.before {
        let text = Text::new(
            format!("损坏的存储已移到 {}。", aside.display()),
            format!("the damaged store was moved to {}", aside.display()),
        );
        io.note(text.in_lang(io.lang));
    }
    let text = Text::new(
        format!(
            "已恢复 {documents} 份文档，{history} 条历史。令牌会先从微信的授权列表核对；备份之后做过、又无法从微信读到结果的操作，会等人确认。此前用 wxops approve 给出的批准都不再有效。"
        ),
        format!(
            "put back {documents} documents and {history} entries of the history. Tokens are looked up in WeChat's list of \
             authorizers first; what may have been done since the backup and WeChat does not show waits for a person. What \
             `wxops approve` approved before counts no more"
        ),
    );
    io.say(text.in_lang(io.lang));
    Ok(Exit::Fine)
}

async fn check(place: &Place, output: Output, io: &mut Io) -> anyhow::Result<Exit> {
    let at = store_folder(place)?;
    let sealing = Sealing::from_environment().or_say(no_key)?;
    let contents = maintenance::check(&at, &sealing).await?;
    match output {
        Output::Json => io.json(
            &json!({"whole": true, "commits": contents.commits, "documents": contents.kinds}),
        ),
        Output::Human => {
            let mut table = Table::new();
            table
                .load_style(presets::NOTHING)
                .set_header(words::columns(
                    io.lang,
                    &[("种类", "KIND"), ("文档", "DOCUMENTS")],
                ));
            for (kind, count) in &contents.kinds {
                table.add_row([
                    kind.clone(),
                    words::thousands(usize::try_from(*count).unwrap_or(usize::MAX)),
                ]);
            }
            io.say_lines(table.trim_fmt());
            let text = Text::new(
                format!(
                    "存储 {} 完好，共 {} 次提交。",
                    at.display(),
                    contents.commits
                ),
                format!(
                    "the store {} is whole, after {} commits",
                    at.display(),
                    contents.commits
                ),
            );
            io.note(text.in_lang(io.lang));
        }
    }
    Ok(Exit::Fine)
}

async fn rekey(place: &Place, plain: bool, io: &mut Io) -> anyhow::Result<Exit> {
    let at = store_folder(place)?;
    let old = Sealing::from_environment().or_say(no_key)?;
    let new = Sealing::from_named(NEW_KEY, NEW_KEY_FILE).or_say(|| {
        Text::new(
            format!("新密钥无法使用（{NEW_KEY}、{NEW_KEY_FILE}）"),
            format!("the new key cannot be used ({NEW_KEY}, {NEW_KEY_FILE})"),
        )
    })?;
    if plain == new.is_encrypted() {
        bail!(Failed::new(
            format!(
                "没有更换密钥：须设置 {NEW_KEY} 或 {NEW_KEY_FILE}，或者加 --plain，两者只能选一"
            ),
            format!(
                "the store gets no other key: either {NEW_KEY} or {NEW_KEY_FILE} must be set, or --plain be given, and not both"
            ),
        ));
    }
    let Rekeyed { holds, already } = maintenance::rekey(&at, old, new).await?;
    let Copied { documents, history } = holds;
    let text = if already {
        Text::new(
            format!(
                "无需再做：全部 {documents} 份文档和 {history} 条历史已经是按新的设置写入的。请据此设置或清除 WXOPS_STORE_KEY 和 WXOPS_STORE_KEY_FILE，并重新启动正在使用它的进程。"
            ),
            format!(
                "nothing was left to do: all {documents} documents and {history} entries of the history are written as the \
                 new setting says. Set or unset WXOPS_STORE_KEY and WXOPS_STORE_KEY_FILE accordingly, and start again what \
                 had the store open"
            ),
        )
    } else if plain {
        Text::new(
            format!(
                "已不加密写入 {documents} 份文档和 {history} 条历史：能读到文件的人就能读到令牌。请清除 WXOPS_STORE_KEY 和 WXOPS_STORE_KEY_FILE，并重新启动正在使用它的进程。"
            ),
            format!(
                "wrote {documents} documents and {history} entries of the history without a key: whoever can read the files \
                 can read the tokens. Unset WXOPS_STORE_KEY and WXOPS_STORE_KEY_FILE, and start again what had the store open"
            ),
        )
    } else {
        Text::new(
            format!(
                "已改用新密钥写入 {documents} 份文档和 {history} 条历史。从现在起用新密钥设置 WXOPS_STORE_KEY 或 WXOPS_STORE_KEY_FILE，并重新启动正在使用它的进程。"
            ),
            format!(
                "wrote {documents} documents and {history} entries of the history under the new key. Set WXOPS_STORE_KEY or \
             WXOPS_STORE_KEY_FILE to it from now on, and start again what had the store open"
            ),
        )
    };
    io.say(text.in_lang(io.lang));
    Ok(Exit::Fine)
}
