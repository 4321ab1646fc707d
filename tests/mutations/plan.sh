# Broken on purpose in src/plan, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'mode: observe acts' \
  src/plan/plan.rs \
  'Verdict::Step(step) if !observe_only => Some((entry, step)),' \
  'Verdict::Step(step) if !observe_only || step.drift.is_none() => Some((entry, step)),' \
  '--test all' observe_mode

mutation 'a spent approval is as good as new' \
  src/plan/approval.rs \
  'if let Some(at) = consents.spent.get(&(name.clone(), step.to_owned())) {' \
  'if let Some(at) = consents.spent.get(&(name.clone(), String::new())) {' \
  '--test all' approval_spent

mutation 'an approval never expires' \
  src/plan/approval.rs \
  'let expired = expires.filter(|expires| *expires <= consents.now)?;' \
  'let expired = expires.filter(|expires| *expires < Timestamp::MIN)?;' \
  '--test all' approval_expired

mutation 'a tenant that nobody remembers counts as unchanged' \
  src/plan/fleet.rs \
  'self.has_account && self.applied.as_ref() != Some(&self.now)' \
  'self.has_account && self.applied.as_ref().is_some_and(|applied| *applied != self.now)' \
  --lib a_new_tenant_is_no_change_and_one_that_nobody_remembers_is

mutation 'a held step is made' \
  src/plan/plan.rs \
  'self.steps().filter(|(_, step)| step.hold.is_none())' \
  'self.steps().filter(|(_, step)| step.hold.is_none() || step.costly.is_none())' \
  '--test all' guard_trips_and_is_lifted

mutation 'new tenants dilute the share of those that are changed' \
  src/plan/fleet.rs \
  '.filter(|member| member.changed() || (member.has_account && member.in_force));' \
  '.filter(|member| member.changed() || member.applied.is_some() || !member.has_account);' \
  '--lib' new_tenants_are_no_change_and_dilute_none

mutation 'a commit that raises the guard is judged by what it raises' \
  src/plan/limits.rs \
  '.map_or(self.written, |before| self.written.stricter(before))' \
  '.map_or(self.written, |before| if before.share > 100 { before } else { self.written })' \
  '--test all' guard_is_judged_by_what_was_in_force

mutation 'a spent step spends the approval of another one too' \
  src/plan/approval.rs \
  'if let Some(at) = consents.spent.get(&(name.clone(), step.to_owned())) {' \
  'if let Some(at) = consents.spent.iter().find(|((spent, _), _)| spent == name).map(|(_, at)| at) {' \
  --lib an_approval_of_several_steps_is_spent_one_by_one

mutation 'what comes after a wait is due' \
  src/plan/plan.rs \
  'Verdict::Waiting(_) => Some(None),' \
  'Verdict::Waiting(_) => None,' \
  --lib a_step_after_one_that_is_held_or_waits_is_held_and_no_other

mutation 'what is made has no colour of its own' \
  src/plan/render/entry.rs \
  'Action::Create => GREEN,' \
  'Action::Create => DIM,' \
  '--test all' a_plan_is_as_wide_as_the_terminal_and_has_its_signs_and_colours

mutation 'what a mini-program has goes by the name of what the official account has' \
  src/plan/address.rs \
  'write!(f, "{app}:")?;' \
  'let _ = app;' \
  '--lib' an_address_reads_back

mutation 'what WeChat refused holds no follower' \
  src/plan/plan.rs \
  'Verdict::Rejected { .. } => (
                        false,' \
  'Verdict::Rejected { .. } => (
                        true,' \
  '--lib' a_step_after_one_that_is_held_or_waits_is_held_and_no_other
