//! `wxops render`: one tenant as merged from its class, placeholders filled in, defaults written out.

use clap::Args;

use super::args::Manifests;
use super::{Exit, Io};
use crate::controller::folder;
use crate::manifest::{Loaded, LoadedTenant, report};
use crate::plan::Text;

/// Arguments of `render`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops render sunrise-dance -f tenants/
  wxops render sunrise-dance -f tenants/ | diff - last-week.yaml")]
pub struct RenderArgs {
    /// The tenant's name.
    pub(super) tenant: String,

    #[command(flatten)]
    pub(super) manifests: Manifests,
}

/// Runs the verb. Mistakes of other tenants do not matter here.
pub(super) fn run(args: &RenderArgs, io: &mut Io) -> Exit {
    let loaded = match folder::load(std::slice::from_ref(&args.manifests.path)) {
        Ok(loaded) => loaded,
        Err(error) => {
            io.failed(&anyhow::Error::new(error));
            return Exit::Error;
        }
    };
    match loaded.tenant(&args.tenant) {
        Some(tenant) => print(tenant, io),
        None => not_there(&args.tenant, &loaded, io),
    }
}

fn print(tenant: &LoadedTenant, io: &mut Io) -> Exit {
    match tenant.to_yaml() {
        Ok(text) => {
            let place = tenant.places.name();
            let class = tenant.spec.class_ref.as_ref();
            let class = class.map(|class| format!(", class {}", class.name));
            io.say(format_args!(
                "# {}:{}{}",
                place.file,
                place.line,
                class.unwrap_or_default()
            ));
            io.say_lines(text.trim_end());
            Exit::Fine
        }
        Err(error) => {
            io.failed(&anyhow::Error::new(error));
            Exit::Error
        }
    }
}

fn not_there(name: &str, loaded: &Loaded, io: &mut Io) -> Exit {
    if loaded.has_errors() {
        io.paint_note(report::human(loaded).trim_end());
        io.note_blank();
        io.note(report::summary(loaded, None));
        return Exit::InvalidManifests;
    }
    let text = Text::new(
        format!("清单里没有租户 {name}"),
        format!("no tenant `{name}` in the manifests"),
    );
    io.error(text.in_lang(io.lang));
    Exit::Error
}
