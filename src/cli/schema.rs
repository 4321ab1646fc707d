//! `wxops schema`: the JSON Schema of manifests, so that an editor completes fields and underlines mistakes.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Exit, Io};
use crate::manifest::schema;

/// Arguments of `schema`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:
  wxops schema > wxops.schema.json

Then write `# yaml-language-server: $schema=wxops.schema.json` on a manifest's first line.")]
pub struct SchemaArgs {
    /// Only this kind; else all of them, told apart by `kind`
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(schema::kinds()))]
    pub(super) kind: Option<String>,
}

/// Runs the verb.
pub(super) fn run(args: &SchemaArgs, io: &mut Io) -> Exit {
    let schema = match &args.kind {
        Some(kind) => schema::of(kind),
        None => Some(schema::all()),
    };
    match schema {
        Some(schema) => {
            io.say(format_args!("{schema:#}"));
            Exit::Fine
        }
        None => {
            io.note("error: this is no kind");
            Exit::Error
        }
    }
}
