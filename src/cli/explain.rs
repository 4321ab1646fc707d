//! `wxops explain`: a mistake's section of docs/errors.md, where the mistake is met.

use clap::Args;

use super::{Exit, Io};
use crate::plan::Text;

const PAGE: &str = include_str!("../../docs/errors.md");

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:
  wxops explain WX1203")]
pub struct ExplainArgs {
    /// The code of a mistake, as `validate` prints it
    #[arg(value_name = "CODE")]
    pub(super) code: String,
}

/// Runs the verb.
pub(super) fn run(args: &ExplainArgs, io: &mut Io) -> Exit {
    let code = args.code.to_uppercase();
    match section(&code) {
        Some(section) => {
            io.say_lines(section);
            Exit::Fine
        }
        None => {
            let text = Text::new(
                format!("没有编号为 {code} 的问题；编号形如 WX1203"),
                format!("there is no mistake {code}; codes look like WX1203"),
            );
            io.error(text.in_lang(io.lang));
            Exit::Error
        }
    }
}

/// What the page says about a code, without the heading of what follows.
fn section(code: &str) -> Option<&'static str> {
    let begin = format!("{code}:");
    let section = PAGE
        .split("\n### ")
        .skip(1)
        .find(|section| section.starts_with(&begin))?;
    Some(section.split("\n## ").next().unwrap_or(section).trim_end())
}
