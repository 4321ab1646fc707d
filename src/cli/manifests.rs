//! Loading a folder of manifests: for verbs that need valid ones, and for the sidecar, which takes what it can get.

use std::path::Path;

use super::stop::Stop;
use super::{Exit, Io, words};
use crate::client::Addressee;
use crate::controller::folder;
use crate::manifest::{Loaded, report};
use crate::resource::{TenantSpec, at};
use crate::wechat::Appid;

/// Loads and checks. Anything wrong is printed and ends the command with the code for invalid manifests.
pub(super) fn load_valid(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let loaded = match folder::load(&[path]) {
        Ok(loaded) => loaded,
        Err(error) => {
            io.note(format_args!("error: {:#}", anyhow::Error::new(error)));
            return Err(Stop(Exit::Error));
        }
    };
    if !loaded.problems.is_empty() {
        io.paint_note(report::human(&loaded).trim_end());
    }
    if loaded.has_errors() {
        io.note_blank();
        io.note(report::summary(&loaded, None));
        return Err(Stop(Exit::InvalidManifests));
    }
    Ok(loaded)
}

/// Loads what can be read. Everything wrong is printed and left out; only without any platform there is nothing to go
/// on with.
pub(super) fn load_usable(path: &Path, io: &mut Io) -> Result<Loaded, Stop> {
    let (mut loaded, unreadable) = match folder::load_readable(path) {
        Ok(read) => read,
        Err(error) => {
            io.note(format_args!("error: {:#}", anyhow::Error::new(error)));
            return Err(Stop(Exit::Error));
        }
    };
    let wrong = loaded.has_errors() || !unreadable.is_empty();
    for error in unreadable {
        io.note(format_args!("error: {:#}", anyhow::Error::new(error)));
    }
    if !loaded.problems.is_empty() {
        io.paint_note(report::human(&loaded).trim_end());
    }
    if !wrong {
        return Ok(loaded);
    }
    io.note_blank();
    io.note(report::summary(&loaded, None));
    if loaded.platforms.is_empty() {
        io.note(words::pick(
            io.lang,
            "error: 没有可用的 Platform，无法接收推送；请先改正以上错误",
            "error: no Platform can be read, so there is nothing to take pushes with; correct the mistakes above",
        ));
        return Err(Stop(Exit::InvalidManifests));
    }
    loaded.leave_out_ambiguous();
    io.note(words::pick(
        io.lang,
        "以上错误不影响接收推送；有错误的租户暂时没有授权页面，改正并重新启动后恢复",
        "pushes are taken all the same; tenants with mistakes have no authorization page until they are corrected and this is started again",
    ));
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
