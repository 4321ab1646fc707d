//! What could not be done, said in the reader's language: who could not do what, why, and what to do next.

use std::error::Error;
use std::fmt;
use std::path::Path;

use super::words::{self, moment_from};
use crate::controller::folder::FolderError;
use crate::controller::{AccessError, HostError, NotLocked, NotTold, PrivateError};
use crate::manifest::platform_among;
use crate::plan::text::shell_word;
use crate::plan::{Lang, Text};
use crate::reconcile::PassError;
use crate::resource::put_back::NotRestorable;
use crate::sidecar::SidecarError;
use crate::store::journal::Stage;
use crate::store::{JournalError, StoreError};

/// A sentence of ours in the chain of an error.
#[derive(Debug)]
pub(super) struct Failed {
    text: Text,
    source: Option<anyhow::Error>,
}

impl Failed {
    /// A sentence in both languages.
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            text: Text::new(zh, en),
            source: None,
        }
    }
}

impl From<Text> for Failed {
    fn from(text: Text) -> Self {
        Self { text, source: None }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.en)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source.as_ref())
    }
}

/// Says what could not be done, before why.
pub(super) trait OrSay<T> {
    /// The value, or the sentence with what it came of.
    fn or_say(self, text: impl FnOnce() -> Text) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrSay<T> for Result<T, E> {
    fn or_say(self, text: impl FnOnce() -> Text) -> anyhow::Result<T> {
        self.map_err(|source| {
            let (text, source) = (text(), Some(source.into()));
            Failed { text, source }.into()
        })
    }
}

impl<T> OrSay<T> for Option<T> {
    fn or_say(self, text: impl FnOnce() -> Text) -> anyhow::Result<T> {
        self.ok_or_else(|| {
            let (text, source) = (text(), None);
            Failed { text, source }.into()
        })
    }
}

/// An error in one line, in the reader's language as far as it is ours.
pub(super) fn spoken(error: &anyhow::Error, lang: Lang) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let sentence = sentence(cause).map(|text| text.in_lang(lang).to_owned());
        let sentence = sentence.unwrap_or_else(|| cause.to_string());
        if !said.is_empty() {
            said.push_str(words::pick(lang, "；", ": "));
        }
        said.push_str(&sentence);
    }
    said
}

/// What is ours of it.
fn sentence(cause: &(dyn Error + 'static)) -> Option<Text> {
    if let Some(Failed { text, .. }) = cause.downcast_ref() {
        return Some(text.clone());
    }
    let known = [
        cause.downcast_ref().map(NotTold::text),
        cause.downcast_ref().map(NotLocked::text),
        cause.downcast_ref().map(AccessError::text),
        cause.downcast_ref().map(FolderError::text),
        cause.downcast_ref().map(NotRestorable::text),
        cause.downcast_ref().map(HostError::text),
        cause.downcast_ref().map(PrivateError::text),
        cause.downcast_ref().map(of_sidecar),
        cause.downcast_ref().map(of_pass),
        cause.downcast_ref().map(of_store),
        cause.downcast_ref().and_then(of_journal),
    ];
    known.into_iter().flatten().next()
}

fn of_pass(error: &PassError) -> Text {
    let (PassError::Store { tenant, .. } | PassError::Journal { tenant, .. }) = error else {
        return error
            .text()
            .unwrap_or_else(|| Text::new(error.to_string(), error.to_string()));
    };
    let zh = format!("租户 {tenant} 的执行未能完成");
    Text::new(zh, error.to_string())
}

/// What the journal does not let a person say, and what to do.
fn of_journal(error: &JournalError) -> Option<Text> {
    Some(match error {
        JournalError::ProbeTooEarly { op, due } => {
            let due = moment_from(*due);
            Text::new(
                format!(
                    "{op} 的请求可能仍在途中，结果还不能确定：请在 {due} 之后再执行本命令，或执行 wxops apply，由它等待并查明"
                ),
                format!(
                    "the request of `{op}` may still be on its way, so nobody can say yet what comes of it: run this again after \
                     {due}, or let `wxops apply` wait and find out"
                ),
            )
        }
        JournalError::NoSuchOp { op } => Text::new(
            format!("没有操作 {op}（wxops op list 列出全部）"),
            format!("there is no operation `{op}` (wxops op list shows all)"),
        ),
        JournalError::WrongStage {
            op,
            stage: Stage::Settled,
            ..
        } => {
            let word = shell_word(&op.to_string());
            Text::new(
                format!("{op} 已了结，无需再说明结果；wxops op show {word} 显示结果"),
                format!(
                    "`{op}` is settled already, so there is nothing to say about it; wxops op show {word} tells what came of it"
                ),
            )
        }
        JournalError::Fenced { op } => Text::new(
            format!("{op} 刚刚被另一个 wxops 进程改动：请再执行一次"),
            format!("another process of wxops has just moved `{op}`: run this again"),
        ),
        JournalError::Unsettled { op, .. } => Text::new(
            format!("{op} 的上一次请求还没有结果：请先执行 wxops apply，由它查明"),
            format!(
                "what came of the last request of `{op}` is not known yet: let `wxops apply` find out first"
            ),
        ),
        JournalError::Store(error) => of_store(error),
        JournalError::WrongStage { .. }
        | JournalError::StaleObservation { .. }
        | JournalError::ApprovalSpent { .. }
        | JournalError::ReservationEnds { .. } => return None,
    })
}

/// Why it is so is the store's own word.
fn of_store(error: &StoreError) -> Text {
    let zh = match error {
        StoreError::Conflict { key } => format!("{key} 已被另一个进程改动；请再运行一次"),
        StoreError::TooLarge { key, size } => format!("{key} 有 {size} 字节，超过一份文档的上限"),
        StoreError::NewerSchema { key, .. } => {
            format!("{key} 是由更新版本的 wxops 写下的；请更新 wxops")
        }
        StoreError::WrongKey { why } => format!("这个密钥打不开存储：{why}"),
        StoreError::Corrupt { key, why } => format!("{key} 无法读取：{why}"),
        StoreError::Damaged { path, why } => format!(
            "{} 已损坏：{why}。没有改动任何内容。请用 wxops store restore 放回备份；没有备份时，把存储的目录移走重新开始：\
             每个管理员都要重新授权，做过的操作可能会再做一次",
            path.display()
        ),
        StoreError::Missing { path } => format!("{} 里没有存储", path.display()),
        StoreError::Refused { path, why } | StoreError::Unfinished { path, why, .. } => {
            format!("{} 无法使用：{why}", path.display())
        }
        StoreError::Ended { why } => format!("存储已不是打开时的那一个：{why}"),
        StoreError::Unavailable { why } => format!("存储无法访问：{why}"),
        StoreError::Uncertain { key, why } => format!("不知道 {key} 是否已写入：{why}"),
        StoreError::Io { path, .. } => format!("{} 无法使用", path.display()),
    };
    Text::new(zh, error.to_string())
}

fn of_sidecar(error: &SidecarError) -> Text {
    let zh = match error {
        SidecarError::Bind { address, .. } => format!("无法监听 {address}（--listen）"),
        SidecarError::Key { appid, .. } => format!("平台 {appid} 的 EncodingAESKey 无法使用"),
        SidecarError::Http(_) => "无法使用 HTTPS".to_owned(),
    };
    Text::new(zh, error.to_string())
}

/// A tenant that no manifest declares.
pub(super) fn no_tenant(name: &str) -> Text {
    Text::new(
        format!("清单里没有租户 {name}；名字和 -f 写对了吗？"),
        format!("there is no tenant `{name}` in the manifests; are the name and -f right?"),
    )
}

/// A verb that is about an account was given a platform.
///
/// # Errors
/// That a platform is none, and what to use.
pub(super) fn must_be_tenant(name: &str) -> Result<(), Failed> {
    match platform_among(name) {
        None => Ok(()),
        Some(_) => Err(Failed::new(
            format!(
                "{name} 是平台自身，不是租户：它没有账号、关注者，也无需授权；请写 TENANT，小程序写 TENANT:NAME（wxops status 列出全部租户）"
            ),
            format!(
                "`{name}` is the platform itself and no tenant: it has no account, no followers, and needs no authorization; give \
                 TENANT, or TENANT:NAME for a mini-program (wxops status lists the tenants)"
            ),
        )),
    }
}

/// A platform that no manifest declares.
pub(super) fn no_platform(name: &str) -> Text {
    Text::new(
        format!("清单里没有平台 {name}"),
        format!("there is no platform `{name}` in the manifests"),
    )
}

/// The movable clock beside WeChat's own address.
pub(super) fn no_clock(file: &Path) -> Failed {
    let file = file.display();
    Failed::new(
        format!("可拨动的时钟 {file} 只能与本机的模拟微信一起使用"),
        format!("the movable clock {file} cannot be used: WeChat's address is not a loopback one"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_said_in_the_language_of_its_reader() {
        let denied = || Err::<(), _>(std::io::Error::other("permission denied"));
        let said = denied().or_say(|| Text::new("无法写入 a.yaml", "a.yaml cannot be written"));
        let outer = said.or_say(|| Text::new("没有导入任何账号", "nothing was imported"));
        let error = outer.unwrap_err();
        assert_eq!(
            spoken(&error, Lang::Zh),
            "没有导入任何账号；无法写入 a.yaml；permission denied"
        );
        assert_eq!(
            spoken(&error, Lang::En),
            "nothing was imported: a.yaml cannot be written: permission denied"
        );
        assert_eq!(spoken(&error, Lang::En), format!("{error:#}"));
        let library = anyhow::Error::new(AccessError::NotSet {
            platform: "main".to_owned(),
            name: "WX_KEY".to_owned(),
        });
        assert_eq!(
            spoken(&library, Lang::Zh),
            "平台 main 没有凭证：环境变量 WX_KEY 未设置"
        );
    }
}
