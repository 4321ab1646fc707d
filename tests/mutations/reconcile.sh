# Broken on purpose in src/reconcile, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a put whose answer was lost is sent again without reading' \
  src/reconcile/put.rs \
  'Answer::Lost(Lost { why, .. }) => why,
        };' \
  'Answer::Lost(Lost { why, .. }) => {
                doubted = Some(why);
                continue;
            }
        };' \
  '--test all' menu_reset_after_the_effect

mutation 'another tenant’s claim is not seen' \
  src/reconcile/memory.rs \
  '.filter(|claim| claim.value.tenant != desired.tenant)' \
  '.filter(|claim| claim.value.tenant.is_empty())' \
  '--test all' account_of_another_tenant

mutation 'a revocation seen by reading is forgotten' \
  src/reconcile/record.rs \
  'doc.revoked_at.get_or_insert(seen_at);' \
  'doc.revoked_at = doc.revoked_at.filter(|at| *at > seen_at);' \
  '--test all' pushes_lost

mutation 'an older doubt does not show in the exit code' \
  src/reconcile/operation.rs \
  'Stage::Armed | Stage::Doubt | Stage::Stalled => true,' \
  'Stage::Armed | Stage::Stalled => true,
        Stage::Doubt => false,' \
  '--test all' outcome_unknown_until_a_probe_can_tell

mutation 'a put whose answer was lost goes over a menu the owner made meanwhile' \
  src/reconcile/put.rs \
  'let same = now.costly == step.costly && (n > 0 || now.changes == step.changes);' \
  'let same = now.costly.is_some() || n > 0 || now.changes == step.changes;' \
  '--test all' owner_edits_while_apply_runs

mutation 'the cap per hour is no cap' \
  src/reconcile/journaled.rs \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at))),' \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at)).filter(|_| used == 0)),' \
  '--test all' hourly_cap_on_costly_steps

mutation 'another name makes another platform of it' \
  src/reconcile/fleet.rs \
  'names.extend(doc.names.iter().cloned());' \
  'names.extend(doc.names.iter().take(0).cloned());' \
  '--lib' a_platform_of_another_name_is_held_to_its_limits_and_its_tenants

mutation 'an answer is taken for the effect' \
  src/reconcile/sight.rs \
  'let Some(answer) = answer.filter(|_| outcome.done()) else {' \
  'let Some(answer) = answer.filter(|_| !outcome.done()) else {' \
  '--test all' accepted_and_not_shown

mutation 'a read that lags for a moment is believed' \
  src/reconcile/sight.rs \
  'if let Some(wait) = again.next() {' \
  'if let Some(wait) = again.next().filter(|wait| wait.is_zero()) {' \
  '--test all' accepted_and_shown_within_the_margin

mutation 'what WeChat says is gone counts as gone' \
  src/reconcile/carry_out.rs \
  'return Ok(Word::to_be_seen(settled(doubted, call), so_already(&error)));' \
  'return Ok(Word::known(settled(doubted, call)));' \
  '--test all' said_to_be_gone_and_there

mutation 'a menu is given up before the one in its place shows' \
  src/reconcile/carry_out.rs \
  'let done = came.done();' \
  'let done = came.done() || matches!(came, StepOutcome::NotShown(_));' \
  '--test all' a_menu_that_was_not_added_costs_no_other

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

mutation 'a step whose operation is in doubt is shown as due' \
  src/reconcile/mandate.rs \
  'let in_doubt = if journaled(step, call) {' \
  'let in_doubt = if journaled(step, call) && step.account != call.subject {' \
  '--test all' a_step_whose_operation_is_in_doubt_is_a_wait

mutation 'a costly put is never in doubt' \
  src/reconcile/mandate.rs \
  'let in_doubt = if journaled(step, call) {' \
  'let in_doubt = if call.endpoint.class.journaled() {' \
  '--test all' a_costly_put_is_in_doubt_like_any_other_operation

mutation 'what was sent and moved by another process counts as not sent' \
  src/reconcile/journaled.rs \
  'Err(error) if !matches!(error, JournalError::Store(_)) => {' \
  'Err(error) if matches!(error, JournalError::Unsettled { .. }) => {' \
  '--test all' what_was_sent_and_then_moved_by_another_process_is_not_known

mutation 'a failure after a doubt counts as done' \
  src/reconcile/carry_out.rs \
  'if outcome == StepOutcome::Done || !done {' \
  'if outcome == StepOutcome::Done {' \
  '--test all' conditional_change_broken_off

mutation 'the second call is made without the first' \
  src/reconcile/carry_out.rs \
  'if !done {
            break;' \
  'if !done && step.calls.len() == 1 {
            break;' \
  '--test all' conditional_change_broken_off

mutation 'a busy answer to a put counts as no effect' \
  src/reconcile/put.rs \
  'Answer::Refused(error) if error.effect == Effect::None => {' \
  'Answer::Refused(error) if error.effect != Effect::Done => {' \
  '--test all' a_busy_answer_to_a_put_proves_nothing

mutation 'a put goes over what somebody changed meanwhile' \
  src/reconcile/put.rs \
  'let same = now.costly == step.costly && (n > 0 || now.changes == step.changes);' \
  'let same = now.costly == step.costly;' \
  '--test all' a_put_is_not_made_again_over_what_somebody_changed_meanwhile

mutation 'what was there before a step is not kept' \
  src/reconcile/history.rs \
  '(Some(live), _) => Before::There(live.clone()),' \
  '(Some(live), _) if live.is_null() => Before::There(live.clone()),
        (Some(_), _) => Before::Unknown,' \
  '--test all' history_tells_what_was_there

mutation 'what was refused is remembered as applied' \
  src/reconcile/record.rs \
  '.filter(|report| report.outcome.done())' \
  '.filter(|report| !report.endpoints.is_empty())' \
  '--test all' what_was_refused_is_not_remembered_as_applied

mutation 'a refusal is held against another step' \
  src/reconcile/record.rs \
  'Verdict::Step(step) if entry.name() == report.name() => Some(step),' \
  'Verdict::Step(step) if !report.name().is_empty() => Some(step),' \
  '--test all' a_refusal_is_held_against_what_was_refused

mutation 'what is put back counts as a revision' \
  src/reconcile/record.rs \
  'if is_applied(desired, planned, reports) && actor.author.restores.is_none() {' \
  'if is_applied(desired, planned, reports) {' \
  '--test all' what_is_put_back_is_no_revision_and_nothing_else_is_changed

mutation 'what comes after a step that failed is sent' \
  src/reconcile/apply.rs \
  '.any(|report| report.name() == *name && report.outcome.done())' \
  '.any(|report| report.name() == *name)' \
  '--test all' what_comes_after_a_step_that_failed_is_not_sent

mutation 'what a probe finds is not looked at in the same pass' \
  src/reconcile/journaled.rs \
  'if !outcome.done() {
        return Word::known(outcome);' \
  'if true {
        return Word::known(outcome);' \
  '--test all' conditional_lost_and_kept_otherwise

mutation 'what a later pass finds out is not written down as sent' \
  src/reconcile/recover.rs \
  'if let (true, Some(op)) = (recovered.found_out, recovered.look.doc())' \
  'if let (true, Some(op)) = (recovered.found_out && false, recovered.look.doc())' \
  '--test all' conditional_killed_and_kept_otherwise

mutation 'a media id that WeChat does not know is used again' \
  src/reconcile/journaled.rs \
  'if let Answer::Refused(error) = &answer
            && names_media(error)' \
  'if let Answer::Refused(error) = &answer
            && !names_media(error)' \
  '--test all' avatar_media_expired

mutation 'a name is checked by every pass' \
  src/reconcile/checked.rs \
  'Ok(stored.filter(counts).map(|doc| doc.answer))' \
  'Ok(stored.filter(counts).filter(|doc| doc.at > now).map(|doc| doc.answer))' \
  '--test all' nickname_needs_approval

mutation 'the ledger knows better than WeChat how often a name was changed' \
  src/reconcile/journaled.rs \
  'Ok(ledger.correct(&before, used, Some(quota)).await?)' \
  'Ok(ledger.correct(&before, used.max(2), Some(quota)).await?)' \
  '--test all' nickname_approved_by_poll

mutation 'a second mini-program is registered beside one in doubt' \
  src/reconcile/mandate.rs \
  'None => doubt::of_another_registration(observer, call).await?,' \
  'None => None,' \
  '--test all' while_one_registration_is_in_doubt_no_other_is_made_through_the_same_account

mutation 'an answer that names no account counts as a registration' \
  src/reconcile/journaled.rs \
  'if registered_for(call).is_some() && ids.is_empty() {' \
  'if registered_for(call).is_some() && ids.len() > 9 {' \
  '--test all' registration_answer_names_no_account

mutation 'any edit of the manifest lets a registration be tried again' \
  src/reconcile/tried.rs \
  'registered_for(call).unwrap_or_else(|| desired.declared().to_string())' \
  'registered_for(call).map_or_else(|| desired.declared().to_string(), |_| desired.declared().to_string())' \
  '--test all' registration_said_done_and_not_named
