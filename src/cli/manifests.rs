//! Loading a folder of manifests for verbs that need valid ones.

use std::path::Path;

use super::stop::Stop;
use super::{Exit, Io};
use crate::client::Addressee;
use crate::controller::folder;
use crate::manifest::{Loaded, report};
use crate::resource::{TenantSpec, at};
use crate::wechat::Appid;

/// Loads and checks. Anything wrong is printed and ends the command with the code for invalid manifests.
pub(super) fn load_valid(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let loaded = load(path, io)?;
    if loaded.has_errors() {
        return Err(Stop(Exit::InvalidManifests));
    }
    Ok(loaded)
}

/// Loads. What is wrong is printed; the rest can be gone by.
pub(super) fn load(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let loaded = match folder::load(&[path]) {
        Ok(loaded) => loaded,
        Err(error) => {
            io.failed(&anyhow::Error::new(error));
            return Err(Stop(Exit::Error));
        }
    };
    if !loaded.problems.is_empty() {
        io.paint_note(report::human(&loaded).trim_end());
    }
    if loaded.has_errors() {
        io.note_blank();
        io.note(report::summary(&loaded, None));
    }
    Ok(loaded)
}

/// Whom manifests give an account to, by its appid.
pub(super) fn declarer<'a>(
    tenants: impl Iterator<Item = (&'a str, &'a TenantSpec)>,
    account: &Appid,
) -> Option<Addressee> {
    let mut found = tenants.flat_map(|(tenant, spec)| {
        let of_it = at::accounts(spec).into_iter();
        let named = of_it.filter(|at| at.declared(spec) == Some(account));
        named.map(move |at| Addressee::of(tenant, at.whose.item()))
    });
    found.next()
}
