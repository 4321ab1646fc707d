//! What an import came to, for people and for programs: every account is counted somewhere.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::args::{ImportArgs, ModeArg};
use super::files::State;
pub(super) use super::line::Line;
use crate::cli::args::Output;
use crate::cli::stop::exit_of;
use crate::cli::{Exit, Io, trouble, words};
use crate::plan::{Text, Troubled};
use crate::wechat::Appid;
use crate::wechat::raw::shown;

/// The whole.
pub(super) struct Report {
    platform: String,
    /// Where the files are.
    pub(super) folder: PathBuf,
    /// The tenants.
    pub(super) lines: Vec<Line>,
    /// The classes' files.
    pub(super) classes: Vec<(PathBuf, State)>,
    /// Classes that were asked for and whose tenants share nothing.
    pub(super) no_class: Vec<String>,
    /// Accounts that a tenant among the manifests has already.
    pub(super) declared: Vec<(Appid, String)>,
    /// Accounts without a file, and why.
    pub(super) failed: Vec<(Appid, Text)>,
    /// What kept the platform from WeChat.
    pub(super) trouble: Option<Troubled>,
    /// Accounts that were not read because of it.
    pub(super) unread: Vec<Appid>,
    /// Accounts of the mapping that are not among those imported.
    pub(super) unused: Vec<Appid>,
    /// What WeChat lists and is no appid.
    pub(super) unreadable: Vec<String>,
    /// How many more accounts there are than WeChat's list shows.
    pub(super) missing_from_list: usize,
}

/// For programs.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Written => "written",
        State::Unchanged => "unchanged",
    }
}

impl Report {
    pub(super) fn new(platform: &str, folder: PathBuf) -> Self {
        Self {
            platform: platform.to_owned(),
            folder,
            lines: Vec::new(),
            classes: Vec::new(),
            no_class: Vec::new(),
            declared: Vec::new(),
            failed: Vec::new(),
            trouble: None,
            unread: Vec::new(),
            unused: Vec::new(),
            unreadable: Vec::new(),
            missing_from_list: 0,
        }
    }

    /// An account that could not be read, whole or in part, is an error; all else is fine.
    pub(super) fn exit(&self) -> Exit {
        if let Some(troubled) = &self.trouble {
            exit_of(troubled)
        } else if self.failed.is_empty() && !self.lines.iter().any(Line::failed) {
            Exit::Fine
        } else {
            Exit::Error
        }
    }

    pub(super) fn print(&self, args: &ImportArgs, io: &mut Io) {
        match args.output {
            Output::Json => io.json(&self.json()),
            Output::Human => {
                for line in &self.lines {
                    io.say_lines(line.human(io.lang));
                }
                for (account, why) in &self.failed {
                    let why = shown(why.in_lang(io.lang));
                    let word = Text::new("失败", "failed");
                    io.say(format_args!(
                        "! {account} {}{}{why}",
                        word.in_lang(io.lang),
                        io.lang.colon()
                    ));
                }
            }
        }
        trouble::note(self.trouble.iter().map(|one| (one, Vec::new())), io);
        for text in self.notes(args.mode) {
            io.note(text.in_lang(io.lang));
        }
    }

    /// What becomes of every account, and what to do next.
    fn notes(&self, mode: ModeArg) -> Vec<Text> {
        let mut notes = vec![self.summary()];
        let folder = self.folder.display();
        for (file, _) in &self.classes {
            let file = file.display();
            notes.push(Text::new(
                format!("共同部分在 {file}"),
                format!("What they share is in {file}"),
            ));
        }
        for class in &self.no_class {
            notes.push(Text::new(
                format!("没有生成类 {class}：至少要有两个租户，且有共同部分"),
                format!("No class {class} was made: it takes two tenants that share something"),
            ));
        }
        let put = self.lines.iter().map(Line::put_by_what_is_shown).sum();
        if put > 0 {
            notes.push(Text::new(
                format!("{put} 个小程序按微信上显示的关系归入了公众号的租户，原因见各行；--apart 则各自单独成为租户"),
                format!(
                    "{} put with an official account by what WeChat shows, each line says why; --apart keeps them apart",
                    words::count(put, "mini-program")
                ),
            ));
        }
        if !self.unused.is_empty() {
            let Text { zh, en } = Text::list(&self.unused);
            notes.push(Text::new(
                format!("--mapping 中的这些账号不在导入范围内：{zh}"),
                format!("The mapping names accounts that are not among those imported: {en}"),
            ));
        }
        if !self.unreadable.is_empty() {
            let Text { zh, en } = Text::list(self.unreadable.iter().map(|one| shown(one)));
            notes.push(Text::new(
                format!("微信的授权列表中有无法识别的 appid，已跳过：{zh}"),
                format!("WeChat's list holds what is no appid, skipped: {en}"),
            ));
        }
        if self.missing_from_list > 0 {
            let n = self.missing_from_list;
            notes.push(Text::new(
                format!("微信的授权列表少列了 {n} 个账号，请稍后再次导入"),
                format!(
                    "WeChat's list shows {} fewer than it counts: import again later",
                    words::count(n, "account")
                ),
            ));
        }
        notes.push(Text::new(
            "微信上没有任何改动。",
            "Nothing was changed at WeChat.",
        ));
        if !self.lines.is_empty() {
            notes.push(match mode {
                ModeArg::Observe => Text::new(
                    format!("接下来运行 plan（应没有差异）。导入的租户只观察（policy.mode: observe）；要开始管理，把 {folder} 中的 observe 改为 enforce。"),
                    format!("Next: `plan` over these manifests and the platform's; it should find no difference. The new tenants are only observed (policy.mode: observe); to manage them, write enforce in {folder}."),
                ),
                ModeArg::Enforce => Text::new(
                    "接下来运行 plan（应没有差异），再 apply。",
                    "Next: `plan` over these manifests and the platform's; it should find no difference. Then `apply`.",
                ),
            });
        }
        notes
    }

    fn summary(&self) -> Text {
        let count = |state: State| {
            let lines = self.lines.iter().filter(|line| line.state == state);
            lines.fold((0, 0), |(officials, apps), line| {
                let (one, more) = line.accounts();
                (officials + one, apps + more)
            })
        };
        let (written, unchanged) = (count(State::Written), count(State::Unchanged));
        let unchanged = unchanged.0 + unchanged.1;
        let (declared, failed) = (self.declared.len(), self.failed.len());
        let (officials, apps) = written;
        let folder = self.folder.display();
        let (mut in_zh, mut in_en) = (
            format!("{officials} 个公众号"),
            words::count(officials, "official account"),
        );
        if apps > 0 {
            in_zh.push_str(&format!("和 {apps} 个小程序"));
            in_en.push_str(&format!(" and {}", words::count(apps, "mini-program")));
        }
        let mut zh = format!("平台 {}：已导入 {in_zh}到 {folder}", self.platform);
        let mut en = format!("Platform {}: imported {in_en} into {folder}", self.platform);
        let mut also = |n: usize, in_zh: String, in_en: String| {
            if n > 0 {
                zh.push_str(&in_zh);
                en.push_str(&in_en);
            }
        };
        also(
            unchanged,
            format!(" · {unchanged} 个未变"),
            format!(" · {unchanged} unchanged"),
        );
        also(
            declared,
            format!(" · {declared} 个已有租户"),
            format!(" · {declared} with a tenant already"),
        );
        also(
            failed,
            format!(" · {failed} 个失败"),
            format!(" · {failed} failed"),
        );
        let unread = self.unread.len();
        also(
            unread,
            format!(" · {unread} 个因平台无法访问微信而未读取"),
            format!(" · {unread} not read, since the platform is kept from WeChat"),
        );
        Text::new(zh, en)
    }

    fn json(&self) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(Line::json).collect();
        let declared = self.declared.iter();
        let declared =
            declared.map(|(account, tenant)| json!({"account": account, "tenant": tenant}));
        let failed = self.failed.iter();
        let failed = failed.map(|(account, why)| json!({"account": account, "reason": why}));
        let classes = self.classes.iter();
        let classes = classes.map(
            |(file, state)| json!({"file": file.display().to_string(), "state": word(*state)}),
        );
        json!({
            "platform": self.platform,
            "folder": self.folder.display().to_string(),
            "classes": classes.collect::<Vec<_>>(),
            "tenants": lines,
            "declared": declared.collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
            "platformTrouble": self.trouble.as_ref().map(Troubled::whole),
            "unread": self.unread,
            "unusedMapping": self.unused,
            "unreadable": self.unreadable,
            "missingFromList": self.missing_from_list,
        })
    }
}
