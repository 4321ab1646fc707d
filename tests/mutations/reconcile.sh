# Broken on purpose in src/reconcile, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a put whose answer was lost is sent again without reading' \
  src/reconcile/carry_out.rs \
  'Answer::Lost(Lost { why, .. }) => why,
        };' \
  'Answer::Lost(Lost { why, .. }) => {
                doubted = Some(why);
                continue;
            }
        };' \
  '--test all' menu_reset_after_the_effect

mutation 'another tenant’s claim is not seen' \
  src/reconcile/observe.rs \
  '.filter(|claim| claim.value.tenant != desired.tenant)' \
  '.filter(|claim| claim.value.tenant.is_empty())' \
  '--test all' account_of_another_tenant

mutation 'a revocation seen by reading is forgotten' \
  src/reconcile/record.rs \
  'doc.revoked_at.get_or_insert(seen_at);' \
  'doc.revoked_at = doc.revoked_at.filter(|at| *at > seen_at);' \
  '--test all' pushes_lost

mutation 'an older doubt does not show in the exit code' \
  src/reconcile/recover.rs \
  'Stage::Armed | Stage::Doubt | Stage::Stalled => true,' \
  'Stage::Armed | Stage::Stalled => true,
        Stage::Doubt => false,' \
  '--test all' outcome_unknown_until_a_probe_can_tell

mutation 'a put whose answer was lost goes over a menu the owner made meanwhile' \
  src/reconcile/carry_out.rs \
  'let same = now.costly == step.costly && (n > 0 || now.changes == step.changes);' \
  'let same = now.costly.is_some() || n > 0 || now.changes == step.changes;' \
  '--test all' owner_edits_while_apply_runs

mutation 'the cap per hour is no cap' \
  src/reconcile/journaled.rs \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at))),' \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at)).filter(|_| used == 0)),' \
  '--test all' hourly_cap_on_costly_steps

mutation 'a pass is not asked for again before a step' \
  src/reconcile/pass/held.rs \
  'let ours = stored.is_some_and(|stored| self.wrote(&stored.value));' \
  'let ours = stored.is_none_or(|stored| self.wrote(&stored.value) || !self.wrote(&stored.value));' \
  '--test all' whoever_lost_the_pass_while_reading_writes_nothing

mutation 'older manifests go over newer ones' \
  src/reconcile/revision.rs \
  'if is_newer && last.declared != ours.declared {' \
  'if is_newer && last.declared == ours.declared {' \
  '--test all' manifests_read_before_those_that_were_applied_last_change_nothing

mutation 'what was held after trying is a step again' \
  src/reconcile/mandate.rs \
  'None => tried::held(observer, call, wanted).await?,' \
  'None => tried::held(observer, call, &format!("{wanted}x")).await?,' \
  '--test all' create_answered_with_unknown_errcode_without_effect
