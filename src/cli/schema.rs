//! `wxops schema`: the JSON Schema of manifests, so that an editor completes fields and underlines mistakes, and that of
//! plans, for programs that read them.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Exit, Io, words};
use crate::manifest::schema;
use crate::plan::render;

/// What stands in place of a kind for the schema of plans.
const PLAN: &str = "plan";

/// Arguments of `schema`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops schema > wxops.schema.json
  wxops schema plan              (what `wxops plan --output json` prints)

Then write `# yaml-language-server: $schema=wxops.schema.json` on a manifest's first line.")]
pub struct SchemaArgs {
    /// Only this kind, or `plan`; else all kinds, told apart by `kind`
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(schema::kinds().into_iter().chain([PLAN])))]
    pub(super) kind: Option<String>,
}

/// Runs the verb.
pub(super) fn run(args: &SchemaArgs, io: &mut Io) -> Exit {
    let schema = match args.kind.as_deref() {
        Some(PLAN) => {
            io.say_lines(render::schema().trim_end());
            return Exit::Fine;
        }
        Some(kind) => schema::of(kind),
        None => Some(schema::all()),
    };
    match schema {
        Some(schema) => {
            io.json(&schema);
            Exit::Fine
        }
        None => {
            io.error(words::pick(io.lang, "没有这一种清单", "this is no kind"));
            Exit::Error
        }
    }
}
