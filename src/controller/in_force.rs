//! What a store leaves to go by where a folder has mistakes: platforms as they were served last, tenants by the revision
//! that is in force. Nothing is written.

use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::fleet::Fleet;
use super::platforms::{NotServed, Platforms};
use crate::client::{Clock, PlatformAccess};
use crate::manifest::{LoadedPlatform, LoadedTenant};
use crate::store::Store;

/// It.
#[derive(Debug)]
pub struct InForce {
    /// The platforms, with what it takes to speak for them.
    pub platforms: Vec<(LoadedPlatform, PlatformAccess)>,
    /// The tenants whose text can be read again, sorted by name.
    pub tenants: Vec<LoadedTenant>,
}

/// Reads what is in force. `root` is the folder, for the files that tenants refer to; `api_base` is WeChat's address for
/// everybody, in place of what the manifests say.
///
/// # Errors
/// [`NotServed`]: the store.
pub async fn in_force(
    root: &Path,
    store: &Store,
    clock: Arc<dyn Clock>,
    api_base: Option<Url>,
) -> Result<InForce, NotServed> {
    let mut platforms = Platforms::new(store.clone(), clock, api_base);
    platforms.remember().await?;
    let mut fleet = Fleet::new(store.clone(), root);
    fleet.remember().await?;
    fleet.serve(&platforms);
    let mut tenants = Vec::new();
    for (name, _) in fleet.in_force() {
        // One whose text or file is gone is as one that is not known.
        tenants.extend(fleet.tenant(name).await.ok());
    }
    let loaded = platforms.loaded().into_iter();
    let platforms = loaded.filter_map(|(name, loaded)| {
        let access = platforms.clients.access(&name)?;
        Some((loaded, access.clone()))
    });
    Ok(InForce {
        platforms: platforms.collect(),
        tenants,
    })
}
