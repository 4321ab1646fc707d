//! What a manifest says of an approval: somebody's yes to some steps of a tenant, or to a revision of the manifests.
//!
//! Committed to git, the review of the merge is the approval. Whether it has expired is only known to whoever has a
//! clock, so that is checked apart from the rest.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codes;
use super::document::API_VERSION;
use super::problem::Problem;
use super::source::Span;
use super::yaml::{self, NotWritable};
use crate::plan::approval::{Approval, parse_step};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::fleet::{REVISION_PREFIX, RevisionApproval};
use crate::plan::path::SpecPath;
use crate::resource::spec::NameRef;

/// The spec of an Approval: of steps of a tenant, or of a revision of a platform's manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ApprovalSpec {
    /// The tenant whose steps are approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_ref: Option<NameRef>,
    /// The steps, by their digests as `wxops approve` and `wxops plan --output json` print them: `s` and 64 hex digits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^s[0-9a-f]{64}$")))]
    pub steps: Vec<String>,
    /// The platform whose manifests are approved as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_ref: Option<NameRef>,
    /// The revision, as the plan that was held prints it: `r` and 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^r[0-9a-f]{64}$"))]
    pub revision: Option<String>,
    /// To how many changed tenants this says yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_tenants: Option<u32>,
    /// After this day (Asia/Shanghai), or this time, it is worth nothing: `2026-12-31`, `2026-12-31T18:00:00+08:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// An approval among the manifests.
#[derive(Debug, Clone)]
pub struct LoadedApproval {
    /// `metadata.name`.
    pub name: String,
    /// What it approves.
    pub approves: Approves,
    pub(super) expires: Option<(Timestamp, Span)>,
}

/// What an approval approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approves {
    /// Steps of a tenant.
    Steps {
        /// The tenant.
        tenant: String,
        /// What was said of them.
        approval: Approval,
    },
    /// A revision of a platform's manifests.
    Revision {
        /// The platform.
        platform: String,
        /// What was said of it.
        approval: RevisionApproval,
    },
}

impl LoadedApproval {
    /// The warning about one that has expired.
    pub(super) fn expired(&self, now: Timestamp) -> Option<Problem> {
        let (expires, span) = self.expires?;
        (expires <= now).then(|| {
            Problem::warning(
                codes::APPROVAL_EXPIRED,
                span,
                format!("approval `{}` has expired", self.name),
            )
            .label("it approves nothing any more")
            .help("remove it; if the step is still wanted, approve it anew with `wxops approve`")
        })
    }
}

/// An approval as a manifest.
///
/// # Errors
/// [`NotWritable`], for values that YAML cannot hold.
pub fn write_approval(name: &str, spec: &ApprovalSpec) -> Result<String, NotWritable> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        api_version: &'a str,
        kind: &'a str,
        metadata: NameRef,
        spec: &'a ApprovalSpec,
    }
    yaml::write(&Document {
        api_version: API_VERSION,
        kind: "Approval",
        metadata: NameRef {
            name: name.to_owned(),
        },
        spec,
    })
}

/// What an approval approves, if it says so in one of the two ways.
pub(super) fn approves(
    name: &str,
    spec: &ApprovalSpec,
    found: &mut Diagnostics,
) -> Option<(Approves, Option<Timestamp>)> {
    let root = SpecPath::root();
    let expires = match spec.expires.as_deref().map(parse_expiry) {
        None => None,
        Some(Some(at)) => Some(at),
        Some(None) => {
            found.error(
                codes::VALUE,
                root.field("expires"),
                "this is neither a day nor a time",
                "",
                Some("write a day, `2026-12-31`, or a time with its offset, `2026-12-31T18:00:00+08:00`"),
            );
            return None;
        }
    };
    let ApprovalSpec {
        tenant_ref,
        steps,
        platform_ref,
        revision,
        changed_tenants,
        expires: _,
    } = spec;
    let approves = match (tenant_ref, platform_ref, revision, changed_tenants) {
        (Some(tenant), None, None, None) if !steps.is_empty() => Approves::Steps {
            tenant: tenant.name.clone(),
            approval: Approval {
                name: name.to_owned(),
                steps: digests(steps, found)?,
                expires,
            },
        },
        (None, Some(platform), Some(revision), Some(changed)) if steps.is_empty() => {
            Approves::Revision {
                platform: platform.name.clone(),
                approval: RevisionApproval {
                    set: None,
                    used: None,
                    name: name.to_owned(),
                    revision: revision_digest(revision, found)?,
                    changed_tenants: usize::try_from(*changed).unwrap_or(usize::MAX),
                    expires,
                },
            }
        }
        _ => {
            found.error(
                codes::APPROVAL_SHAPE,
                root,
                "this approves nothing clear",
                "either steps of a tenant, or a revision of a platform, is expected here",
                Some(
                    "write `tenantRef` and `steps`, or `platformRef`, `revision` and `changedTenants`; \
                     `wxops approve … --out FILE` writes it for you",
                ),
            );
            return None;
        }
    };
    Some((approves, expires))
}

fn digests(steps: &[String], found: &mut Diagnostics) -> Option<BTreeSet<String>> {
    let mut read = BTreeSet::new();
    let mut good = true;
    for (n, step) in steps.iter().enumerate() {
        match parse_step(step) {
            Some(digest) => {
                read.insert(digest);
            }
            None => {
                good = false;
                not_a_digest(SpecPath::root().field("steps").index(n), "step", 's', found);
            }
        }
    }
    good.then_some(read)
}

fn revision_digest(text: &str, found: &mut Diagnostics) -> Option<String> {
    let digest = text
        .strip_prefix(REVISION_PREFIX)
        .and_then(|hex| parse_step(&format!("s{hex}")));
    if digest.is_none() {
        let path = SpecPath::root().field("revision");
        not_a_digest(path, "revision", REVISION_PREFIX, found);
    }
    digest
}

fn not_a_digest(path: SpecPath, what: &str, prefix: char, found: &mut Diagnostics) {
    found.error(
        codes::APPROVAL_DIGEST,
        path,
        format!("this names no {what}"),
        format!("`{prefix}` and 64 hex digits are expected here"),
        Some(
            "a short form would approve whatever happens to begin with it; \
             `wxops approve … --out FILE` writes the whole one",
        ),
    );
}

/// A day ends in Asia/Shanghai, as WeChat's days do.
fn parse_expiry(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let next = text.parse::<Date>().ok()?.tomorrow().ok()?;
    let midnight = next.to_zoned(TimeZone::fixed(offset(8))).ok()?;
    Some(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_when_it_ends_in_shanghai() {
        let at = parse_expiry("2026-12-31").unwrap();
        assert_eq!(at.to_string(), "2026-12-31T16:00:00Z");
        let at = parse_expiry("2026-12-31T18:00:00+08:00").unwrap();
        assert_eq!(at.to_string(), "2026-12-31T10:00:00Z");
        assert_eq!(parse_expiry("soon"), None);
    }
}
