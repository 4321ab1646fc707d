//! `wxops approve`: say yes to one step that costs something, or to a revision that changes many tenants.

use anyhow::bail;
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::args::{Place, Selection};
use super::poke::{poke, rescan};
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, plan, words};
use crate::cli::failed::{Failed, OrSay};
use crate::controller::Guard;
use crate::manifest::{ApprovalSpec, platform_among};
use crate::plan::approval::STEP_PREFIX;
use crate::plan::fleet::{REVISION_PREFIX, Revision};
use crate::plan::{Change, Digest, Entry, Plan, Step, TenantPlan, Text};
use crate::resource::spec::NameRef;
use crate::store::Key;
use crate::store::documents::ApprovalDoc;
use crate::wechat::calendar::minute;

/// Fewer digits than this are a slip.
const SHORTEST: usize = 6;

/// How long a yes counts unless something else is asked for, in hours.
const HOURS: u32 = 7 * 24;
/// Longer than a year is no yes to what is there now.
const MOST_HOURS: i64 = 366 * 24;

/// Arguments of `approve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops approve s9c41d0ab -f tenants/ --tenant sunrise-dance
  wxops approve s9c41d0ab -f tenants/ --out tenants/approvals/sunrise-industry.yaml
  wxops approve s9c41d0ab s586109be -f tenants/  (a step each of several tenants)
  wxops approve r7f3a91c2 -f tenants/            (a revision that the fleet guard holds)

`wxops plan` prints what there is to approve. A yes to a step counts once, for exactly that step; a yes to a revision
lets each of its changes in once. With --out it is a manifest to commit, so that the review of the merge is the
approval. Without it, it is kept in the store.")]
pub struct ApproveArgs {
    /// What to approve, as `wxops plan` prints it: `s…` a step, `r…` a revision; the first 6 digits or more. Several at once
    /// are kept in the store: all of them, or none where one is not found.
    #[arg(value_name = "DIGEST", required = true)]
    pub(super) digests: Vec<String>,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) place: Place,
    /// How many hours the yes counts.
    #[arg(long, value_name = "HOURS", default_value_t = HOURS,
        value_parser = clap::value_parser!(u32).range(1..=MOST_HOURS))]
    pub(super) hours: u32,
    /// Who says yes.
    #[arg(long, value_name = "NAME", env = "WXOPS_BY")]
    pub(super) by: Option<String>,
    /// Write an Approval manifest to this new file instead of the store.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<std::path::PathBuf>,
}

/// What is said yes to.
struct Yes {
    /// `tenant` or `platform`.
    scope: &'static str,
    name: String,
    /// The whole digest with its prefix.
    digest: String,
    /// For people.
    what: Text,
    changed_tenants: Option<usize>,
    /// The changes of a revision, where they can be kept.
    changes: Option<String>,
}

/// Runs the verb.
pub(super) async fn run(args: ApproveArgs, io: &mut Io) -> Exit {
    match approved(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn approved(args: &ApproveArgs, io: &mut Io) -> Result<(), Stop> {
    let wanted = read_all(args).map_err(|error| stop(io, &error))?;
    let session = Session::open(&args.selection, &args.place, io).await?;
    let is_revision = |(prefix, _): &&(char, String)| *prefix == REVISION_PREFIX;
    let (revisions, steps): (Vec<_>, Vec<_>) = wanted.iter().partition(is_revision);
    let mut all = Vec::new();
    if !revisions.is_empty() {
        let guards = session.guards().await.map_err(|error| stop(io, &error))?;
        for (_, digits) in revisions {
            all.push(find_revision(guards.all(), digits).map_err(|error| stop(io, &error))?);
        }
    }
    if !steps.is_empty() {
        let plan = plan::make(&session, io).await?;
        for (_, digits) in steps {
            all.push(find_step(&plan, digits).map_err(|error| stop(io, &error))?);
        }
    }
    for yes in &all {
        let place = write(args, &session, yes).await;
        let place = place.map_err(|error| stop(io, &error))?;
        let approved = words::pick(io.lang, "已同意：", "approved: ");
        io.say(format_args!("{approved}{}", yes.what.in_lang(io.lang)));
        io.say(place.in_lang(io.lang));
        if yes.scope == "tenant" {
            poke(&args.place, &yes.name).await;
        } else {
            rescan(&args.place).await;
        }
    }
    Ok(())
}

/// What is meant; a file holds one yes.
fn read_all(args: &ApproveArgs) -> anyhow::Result<Vec<(char, String)>> {
    let wanted: anyhow::Result<Vec<_>> = args.digests.iter().map(|text| read(text)).collect();
    let wanted = wanted?;
    if args.out.is_some() && wanted.len() > 1 {
        bail!(Failed::new(
            "--out 一次只写一个同意：请逐个执行，每个写入单独的文件".to_owned(),
            "--out writes one yes: run it for each of them, with a file of its own".to_owned(),
        ));
    }
    Ok(wanted)
}

fn read(text: &str) -> anyhow::Result<(char, String)> {
    let mut chars = text.chars();
    let prefix = chars.next().unwrap_or_default();
    let digits = chars.as_str();
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if ![STEP_PREFIX, REVISION_PREFIX].contains(&prefix) || !hex || digits.len() < SHORTEST {
        bail!(Failed::new(
            format!(
                "{text} 既不是步骤（s…）也不是版本（r…）：后面至少要有 {SHORTEST} 位十六进制数字，照 wxops plan 打印的写"
            ),
            format!(
                "`{text}` is neither a step (`s…`) nor a revision (`r…`): at least {SHORTEST} hex digits follow the letter; \
                 type it as `wxops plan` prints it"
            ),
        ));
    }
    Ok((prefix, digits.to_ascii_lowercase()))
}

fn find_revision<'a>(
    mut guards: impl Iterator<Item = &'a Guard>,
    digits: &str,
) -> anyhow::Result<Yes> {
    let Guard { judged, .. } = guards
        .find(|guard| guard.judged.rest.digest.as_str().starts_with(digits))
        .or_say(|| {
            Text::new(
                format!("{REVISION_PREFIX}{digits} 不是这些清单的版本；wxops plan 会打印现在的版本"),
                format!("`{REVISION_PREFIX}{digits}` is not the revision of these manifests; wxops plan prints what it is now"),
            )
        })?;
    let revision = &judged.rest;
    let raised = revision.raised();
    if judged.hold.is_none() && (raised.is_empty() || judged.approved) {
        bail!(Failed::new(
            format!(
                "版本 {REVISION_PREFIX}{digits} 不需要审批：没有被拦下，它改变 {} 个租户中的 {} 个",
                revision.total,
                revision.count()
            ),
            format!(
                "revision `{REVISION_PREFIX}{digits}` needs no approval: nothing holds it, it changes {} of {} tenants",
                revision.count(),
                revision.total
            ),
        ));
    }
    Ok(Yes {
        scope: "platform",
        name: revision.platform.clone(),
        digest: revision.name(),
        what: what_of(revision),
        changes: revision.changes.to_set().map(|set| set.to_string()),
        changed_tenants: Some(revision.count()),
    })
}

/// What a yes to a revision is to.
fn what_of(revision: &Revision) -> Text {
    let (platform, count, total) = (&revision.platform, revision.count(), revision.total);
    let raised = revision.raised();
    let (zh, en) = if raised.is_empty() {
        (String::new(), String::new())
    } else {
        let Text { zh, en } = Text::list(raised);
        (format!("，并调高 {zh}"), format!(" and raises {en}"))
    };
    Text::new(
        format!("平台 {platform} 的这一版配置，改变其 {total} 个租户中的 {count} 个{zh}"),
        format!(
            "this revision of platform {platform}, which changes {count} of its {total} tenants{en}"
        ),
    )
}

fn find_step(plan: &Plan, digits: &str) -> anyhow::Result<Yes> {
    let mut matching: Vec<(&TenantPlan, &Entry, &Step, Digest)> = Vec::new();
    for tenant in &plan.tenants {
        for (entry, step) in tenant.steps() {
            let digest = entry.digest(&tenant.tenant, step);
            if digest.as_str().starts_with(digits) {
                matching.push((tenant, entry, step, digest));
            }
        }
    }
    let (tenant, entry, step, digest) = match matching.as_slice() {
        [one] => one,
        [] => bail!(Failed::new(
            format!(
                "所选租户现在没有步骤 {STEP_PREFIX}{digits}：可能已完成，或已改变；wxops plan 显示现有的步骤"
            ),
            format!(
                "no step of the selected tenants is `{STEP_PREFIX}{digits}` now: it may be done, or have changed; \
                 wxops plan shows what there is"
            ),
        )),
        several => bail!(Failed::new(
            format!(
                "有 {} 个步骤以 {STEP_PREFIX}{digits} 开头，请多写几位",
                several.len()
            ),
            format!(
                "{} steps begin with `{STEP_PREFIX}{digits}`; give more digits",
                several.len()
            ),
        )),
    };
    let Some(costly) = step.costly else {
        bail!(Failed::new(
            format!(
                "租户 {} 的 {} 不需要审批：没有代价",
                tenant.tenant, entry.address
            ),
            format!(
                "{} of {} needs no approval: it costs nothing",
                entry.address, tenant.tenant
            ),
        ));
    };
    let changes = brief(step);
    Ok(Yes {
        scope: "tenant",
        name: tenant.tenant.clone(),
        digest: format!("{STEP_PREFIX}{digest}"),
        what: Text::new(
            format!(
                "租户 {} 的 {}：{}；{}；只算一次",
                tenant.tenant,
                entry.address,
                changes.zh,
                costly.cost().zh
            ),
            format!(
                "{} of {}: {}; {}; counts once",
                entry.address,
                tenant.tenant,
                changes.en,
                costly.cost().en
            ),
        ),
        changed_tenants: None,
        changes: None,
    })
}

/// What a step changes, the first few of many.
fn brief(step: &Step) -> Text {
    const NAMED: usize = 5;
    let named: Vec<String> = step.changes.iter().take(NAMED).map(Change::brief).collect();
    let Text { mut zh, mut en } = Text::list(named);
    let more = step.changes.len().saturating_sub(NAMED);
    if more > 0 {
        zh.push_str(&format!("，另有 {more} 处"));
        en.push_str(&format!(" and {more} more"));
    }
    Text::new(zh, en)
}

/// Writes the yes down, and says where.
async fn write(args: &ApproveArgs, session: &Session, yes: &Yes) -> anyhow::Result<Text> {
    let now = session.clock.now();
    let expires = now
        .checked_add(SignedDuration::from_hours(args.hours.into()))
        .or_say(|| Text::new("--hours 太大", "--hours is too large"))?;
    let until = minute(expires);
    if let Some(file) = &args.out {
        write_new(file, &document(yes, now, expires)?)?;
        let file = file.display();
        return Ok(Text::new(
            format!("已写入 {file}，有效期至 {until}：请与配置一起提交"),
            format!("written to {file}, good until {until}: commit it beside the manifests"),
        ));
    }
    let doc = ApprovalDoc {
        steps: if yes.changed_tenants.is_none() {
            vec![yes.digest.clone()]
        } else {
            Vec::new()
        },
        revision: yes.changed_tenants.map(|_| yes.digest.clone()),
        changed_tenants: yes.changed_tenants.unwrap_or_default(),
        changes: yes.changes.clone().unwrap_or_default(),
        expires: Some(expires),
        by: args
            .by
            .clone()
            .or_else(words::user)
            .or_else(words::uid)
            .unwrap_or_else(|| "unknown".to_owned()),
        at: Some(now),
    };
    let id = format!("{:016x}", rand::random::<u64>());
    let key = Key::approval(yes.scope, &yes.name, &id);
    session.store.create(&key, &doc).await.or_say(|| {
        Text::new(
            "审批无法存入存储",
            "the approval cannot be kept in the store",
        )
    })?;
    Ok(Text::new(
        format!("已存入存储，有效期至 {until}"),
        format!("kept in the store, good until {until}"),
    ))
}

fn document(yes: &Yes, now: Timestamp, expires: Timestamp) -> anyhow::Result<String> {
    let short: String = yes.digest.chars().take(9).collect();
    // A second yes to the very step that the first was spent on is another one.
    let at = now.strftime("%y%m%d%H%M%S");
    let name = NameRef {
        name: yes.name.clone(),
    };
    let mut spec = ApprovalSpec {
        expires: Some(expires.to_string()),
        ..ApprovalSpec::default()
    };
    match yes.changed_tenants {
        None => {
            spec.tenant_ref = Some(name);
            spec.steps = vec![yes.digest.clone()];
        }
        Some(changed) => {
            spec.platform_ref = Some(name);
            spec.revision = Some(yes.digest.clone());
            spec.changed_tenants = Some(u32::try_from(changed)?);
        }
    }
    // A name may have 63 characters, and the sign of a platform is none of those that it may be made of.
    let begin = platform_among(&yes.name).unwrap_or(&yes.name);
    let begin: String = begin.chars().take(40).collect();
    let name = format!("{begin}-{short}-{at}");
    let text = crate::manifest::write_approval(&name, &spec).or_say(|| {
        Text::new(
            "审批无法写成清单",
            "the approval cannot be written as a manifest",
        )
    })?;
    Ok(format!("# {}\n{text}", yes.what.en))
}

fn not_written(file: &std::path::Path) -> Text {
    let file = file.display();
    Text::new(
        format!("无法写入 {file}（须是新文件）"),
        format!("{file} cannot be written; it must be a new file"),
    )
}

fn write_new(file: &std::path::Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .or_say(|| not_written(file))?;
    opened
        .write_all(text.as_bytes())
        .or_say(|| not_written(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_approved_is_named_by_a_letter_and_enough_digits() {
        assert_eq!(read("s9C41D0").unwrap(), ('s', "9c41d0".to_owned()));
        assert_eq!(read("r7f3a91c2").unwrap().0, 'r');
        for bad in ["", "9c41d0", "s9c4", "sxyzxyz", "x9c41d0"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn two_yeses_to_the_same_step_are_two_approvals() {
        let yes = Yes {
            scope: "tenant",
            name: "t".repeat(63),
            digest: format!("s{}", "a".repeat(64)),
            what: Text::new("", ""),
            changed_tenants: None,
            changes: None,
        };
        let name = |at: &str| -> String {
            let at: Timestamp = at.parse().unwrap();
            let text = document(&yes, at, at).unwrap();
            let found = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("name: "));
            found.unwrap().trim_matches('"').to_owned()
        };
        let first = name("2026-11-28T00:00:00Z");
        assert_ne!(first, name("2026-11-28T00:00:01Z"));
        assert!(first.len() <= 63, "{first}");
    }
}
