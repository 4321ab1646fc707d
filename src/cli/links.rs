//! Links that people open and commands that they type, put into a plan.

use url::Url;

use super::session::Session;
use crate::client::{Addressee, authorize};
use crate::plan::{Person, Plan, Reason, TenantPlan, Verdict, Waiting, Whose};

/// Gives every wait for an owner's scan its link.
pub(super) fn fill_in(session: &Session, plan: &mut Plan) {
    for tenant in &mut plan.tenants {
        of_tenant(session, tenant);
    }
}

/// Gives every wait of one tenant its link, and every command the manifests it is about.
pub(super) fn of_tenant(session: &Session, tenant: &mut TenantPlan) {
    for entry in &mut tenant.entries {
        match &mut entry.verdict {
            Verdict::Waiting(waiting) => {
                lead(session, &tenant.tenant, &entry.address.whose, waiting);
            }
            Verdict::Step(step) => {
                if let Some(command) = step.hold.as_mut().and_then(|hold| hold.command.as_mut()) {
                    command.push_str(&session.named_manifests());
                }
            }
            Verdict::Rejected { .. } | Verdict::Suppressed { .. } | Verdict::Unknown(_) => {}
        }
    }
}

/// Gives a wait its link, if scanning ends it.
pub(super) fn lead(session: &Session, tenant: &str, whose: &Whose, waiting: &mut Waiting) {
    if by_scanning(waiting) {
        waiting.link = of(session, &Addressee::of(tenant, whose.item()));
    }
}

/// Whether the wait ends when the owner authorizes.
fn by_scanning(waiting: &Waiting) -> bool {
    let scan = matches!(
        waiting.reason,
        Reason::NotAuthorized
            | Reason::PermissionSetMissing
            | Reason::WrongAccountKind
            | Reason::OtherPrincipal
    );
    scan && matches!(waiting.who, Person::Owner | Person::AppAdmin)
}

/// The address under which the owner of one of a tenant's accounts authorizes.
pub(super) fn of(session: &Session, to: &Addressee) -> Option<String> {
    let tenant = session.loaded.tenant(&to.tenant)?;
    let platform = session.loaded.platforms.get(&tenant.platform)?;
    let access = session.access(&tenant.platform)?;
    let public = Url::parse(&platform.spec.callback.url).ok()?;
    let path = &platform.spec.callback.paths.authorize;
    Some(authorize::address(access, to, &public, path).to_string())
}
