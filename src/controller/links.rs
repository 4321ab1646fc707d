//! Links that people open and commands that they type, put into a plan.

use std::collections::BTreeMap;

use url::Url;

use super::clients::Clients;
use crate::client::{Addressee, Purpose, authorize};
use crate::manifest::LoadedPlatform;
use crate::plan::{Person, Reason, TenantPlan, Verdict, Waiting, Whose};

/// Makes links to the pages of platforms.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    /// Sign them.
    pub clients: &'a Clients,
    /// Say where the pages are.
    pub platforms: &'a BTreeMap<String, LoadedPlatform>,
    /// How a command that a person is to type names the manifests: ` -f tenants/`, or nothing.
    pub manifests: &'a str,
}

impl Links<'_> {
    /// Gives every wait of one tenant its link, and every command the manifests it is about.
    pub fn fill_in(&self, platform: &str, tenant: &mut TenantPlan) {
        for entry in &mut tenant.entries {
            match &mut entry.verdict {
                Verdict::Waiting(waiting) => {
                    self.lead(platform, &tenant.tenant, &entry.address.whose, waiting);
                }
                Verdict::Step(step) => {
                    if let Some(command) = step.hold.as_mut().and_then(|hold| hold.command.as_mut())
                    {
                        command.push_str(self.manifests);
                    }
                }
                Verdict::Rejected { .. } | Verdict::Suppressed { .. } | Verdict::Unknown(_) => {}
            }
        }
    }

    /// Gives a wait its link, if scanning ends it.
    pub fn lead(&self, platform: &str, tenant: &str, whose: &Whose, waiting: &mut Waiting) {
        if let Some(purpose) = by_scanning(waiting) {
            waiting.link = self.of(platform, purpose, &Addressee::of(tenant, whose.item()));
        }
    }

    /// The address under which the owner of one of a tenant's accounts authorizes, or confirms that it is registered.
    #[must_use]
    pub fn of(&self, platform: &str, purpose: Purpose, to: &Addressee) -> Option<String> {
        let access = self.clients.access(platform)?;
        let callback = &self.platforms.get(platform)?.spec.callback;
        let public = Url::parse(&callback.url).ok()?;
        let path = match purpose {
            Purpose::Authorize => &callback.paths.authorize,
            Purpose::Register => &callback.paths.register,
        };
        let address = authorize::address(access, purpose, to, (&public, path));
        Some(address.to_string())
    }
}

/// What the owner does by a link that ends the wait.
fn by_scanning(waiting: &Waiting) -> Option<Purpose> {
    if waiting.reason == Reason::NotRegistered {
        return Some(Purpose::Register);
    }
    let scan = matches!(
        waiting.reason,
        Reason::NotAuthorized
            | Reason::PermissionSetMissing
            | Reason::WrongAccountKind
            | Reason::OtherPrincipal
    );
    (scan && matches!(waiting.who, Person::Owner | Person::AppAdmin)).then_some(Purpose::Authorize)
}
