//! Tells the loop of a store, where one runs, that something has changed that it waits for.

use super::args::Place;
use super::place::store_folder;
use crate::controller::{Beside, Held, held};

/// Has the loop look at a tenant, or at whoever has an account, now. Where it cannot be told it finds out by itself, later.
pub(super) async fn poke(place: &Place, name: &str) {
    let Some(beside) = find(place) else { return };
    if let Err(error) = beside.wake(name).await {
        tracing::debug!(%error, "the loop could not be told");
    }
}

/// Has the loop look at every tenant of a platform, something of whose own has changed.
pub(super) async fn whole(place: &Place, platform: &str) {
    let Some(beside) = find(place) else { return };
    if let Err(error) = beside.resume(platform).await {
        tracing::debug!(%error, "the loop could not be told");
    }
}

/// Has the loop look at its folder, and at what was approved, now.
pub(super) async fn rescan(place: &Place) {
    let Some(beside) = find(place) else { return };
    if let Err(error) = beside.rescan().await {
        tracing::debug!(%error, "the loop could not be told");
    }
}

/// The loop of a store, if one runs and listens.
pub(super) fn find(place: &Place) -> Option<Beside> {
    Beside::now(&store_folder(place).ok()?)
}

/// Whether one works on the store, or may.
pub(super) fn runs(place: &Place) -> bool {
    store_folder(place).is_ok_and(|folder| held(&folder) != Held::ByNobody)
}
