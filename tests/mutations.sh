# The mutations that tests/mutate.sh tries: NUMBER FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 1 src/resource/menu/default.rs \
  'step.costly = Some(Costly::ReplaceOwnerMenu);' \
  'step.costly = live.buttons.is_empty().then_some(Costly::ReplaceOwnerMenu);' \
  '--test all' owners_own_menu

mutation 2 src/resource/menu/default.rs \
  'Observation::Unknown(why) => return Some(Verdict::Unknown(why.clone())),
        Observation::Absent' \
  'Observation::Unknown(_) | Observation::Absent' \
  '--test all' unknown_never_writes

mutation 3 src/resource/decide.rs \
  '&& rejected.payload == payload(&step)' \
  '&& rejected.payload != payload(&step)' \
  '--test all' invalid_menu_refused_for_good

mutation 4 src/resource/decide.rs \
  'if on_drift == OnDrift::Report {' \
  'if on_drift == OnDrift::Report && step.calls.is_empty() {' \
  '--test all' drift_only_reported

mutation 5 src/resource/decide.rs \
  'observe_only: subject.spec.policy.mode == Mode::Observe || subject.reauthorized,' \
  'observe_only: subject.spec.policy.mode == Mode::Observe,' \
  '--test all' revoked_and_authorized_again

mutation 6 src/plan/plan.rs \
  'Verdict::Step(step) if !observe_only => Some((entry, step)),' \
  'Verdict::Step(step) if !observe_only || step.drift.is_none() => Some((entry, step)),' \
  '--test all' observe_mode

mutation 7 src/resource/open_account.rs \
  'Observation::Absent => Settled::NotDone,
            Observation::Present(OpenAccountState::Any) | Observation::Unknown(_) => {
                Settled::Undecided
            }' \
  'Observation::Absent
            | Observation::Present(OpenAccountState::Any)
            | Observation::Unknown(_) => Settled::NotDone,' \
  '--test all' outcome_unknown_until_a_probe_can_tell

mutation 8 src/store/journal/evidence.rs \
  'self.stage = Stage::Doubt;
                self.note(now, why);' \
  'self.back_to_reserved(why, now);' \
  '--test all' create_reset_after_the_effect

mutation 9 src/store/journal/moves.rs \
  'if intent.observed_at <= observe_after {' \
  'if intent.observed_at > observe_after && self.generation == 0 {' \
  '--test all' stale_read_after_a_create

mutation 10 src/store/journal/armed.rs \
  '.is_some_and(|passed| passed < SEND_WINDOW)' \
  '.is_some_and(|passed| passed < 2 * SEND_WINDOW)' \
  --lib an_armed_request_is_sent_within_its_window_or_not_at_all

mutation 11 src/store/journal/holder.rs \
  '(Effect::Maybe, _) => Evidence::Nothing {
                why: format!("{} may have had an effect", error.errcode),
            },' \
  '(Effect::Maybe, _) => Evidence::Refused(error),' \
  '--test all' create_busy_with_effect

mutation 12 src/wechat/errcode/classify.rs \
  'CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
                Effect::Maybe
            }' \
  'CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
                Effect::None
            }' \
  '--test all' create_answered_with_unknown_errcode

mutation 13 src/reconcile/carry_out.rs \
  'Answer::Lost(Lost { why, .. }) => why,
        };' \
  'Answer::Lost(Lost { why, .. }) => {
                doubted = Some(why);
                continue;
            }
        };' \
  '--test all' menu_reset_after_the_effect

mutation 14 src/client/core.rs \
  'let answer = self.send_with(call, first.as_ref()).await;
        if !token_refused(&answer) {' \
  'let answer = self.send_with(call, first.as_ref()).await;
        if token_refused(&answer) || !token_refused(&answer) {' \
  '--test all' token_expired_in_mid_apply

mutation 15 src/manifest/merge.rs \
  '(Value::Map(below), Value::Map(above)) if !is_choice(at) => Node {' \
  '(Value::Map(below), Value::Map(above)) if at.is_empty() => Node {' \
  --lib maps_merge_deep_and_the_tenant_wins

mutation 16 src/manifest/merge.rs \
  '(Value::Map(below), Value::Map(above)) if !is_choice(at) => Node {' \
  '(Value::Map(below), Value::Map(above)) => Node {' \
  --lib a_choice_is_replaced_whole

mutation 17 src/manifest/merge.rs \
  '(Value::Seq(below), Value::Seq(above)) if is_keyed(at) => Node {' \
  '(Value::Seq(below), Value::Seq(above)) => Node {' \
  --lib every_other_list_is_replaced_whole

mutation 18 src/resource/menu/default.rs \
  'if !live.conditional().is_empty() && spec.conditional.is_none() {' \
  'if live.conditional().len() > 1 && spec.conditional.is_none() {' \
  '--test all' conditional_menus_are_not_deleted_along

mutation 19 src/reconcile/observe.rs \
  '.filter(|claim| claim.value.tenant != desired.tenant)' \
  '.filter(|claim| claim.value.tenant.is_empty())' \
  '--test all' account_of_another_tenant

mutation 20 src/store/journal/evidence.rs \
  'if at >= due {
            return Ok(());
        }' \
  'if at < due || at >= due {
            return Ok(());
        }' \
  --lib a_probe_or_a_person_that_looked_before_the_margin_decides_nothing

mutation 21 src/store/journal/moves.rs \
  'self.stage = Stage::Doubt;
                self.note(now, "its holder was gone after it was armed");' \
  'let why = "its holder was gone after it was armed";
                self.settle(Outcome::NotSent { why: why.into() }, now, why);' \
  '--test all' a_crash_between_any_two_writes_never_sends_twice_and_never_sticks

mutation 22 src/store/journal/holder.rs \
  'self.write(op, doc).await?;
        let (op_ref, call)' \
  'op.doc = doc.into();
        let (op_ref, call)' \
  '--test all' a_crash_between_any_two_writes_never_sends_twice_and_never_sticks

mutation 23 src/store/open.rs \
  'key.map(Self::Key)' \
  'key.map(|_| Self::Plain)' \
  '--test all' everything_missing

mutation 24 src/sidecar/notices.rs \
  'Some(notice) => store(shared, platform, notice).await,' \
  'Some(notice) => {
            drop(store(shared, platform, notice));
            Ok::<(), StoreError>(())
        }' \
  '--test all' acknowledged_ticket_is_stored

mutation 25 src/client/token/authorizer.rs \
  'Err(TokenError::Refused(error)) if names_refresh_token(&error) => Some(error),' \
  'Err(TokenError::Refused(error)) if !names_refresh_token(&error) => Some(error),' \
  '--test all' refresh_token_replaced

mutation 26 src/resource/decide.rs \
  'if !granted(resource, facts) {' \
  'if !granted(resource, facts) && facts.granted.is_empty() {' \
  '--test all' permission_set_missing

mutation 27 src/resource/authorization.rs \
  '(wanted != live).then(|| {' \
  '(wanted != live && live.is_empty()).then(|| {' \
  '--test all' other_principal

mutation 28 src/resource/authorization.rs \
  'if account.is_mini_program() {' \
  'if account.is_mini_program() && account.service_type_info.id > 2 {' \
  '--test all' wrong_account_kind

mutation 29 src/reconcile/record.rs \
  'doc.revoked_at.get_or_insert(seen_at);' \
  'doc.revoked_at = doc.revoked_at.filter(|at| *at > seen_at);' \
  '--test all' pushes_lost

mutation 30 src/reconcile/recover.rs \
  'Stage::Armed | Stage::Doubt | Stage::Stalled => true,' \
  'Stage::Armed | Stage::Stalled => true,
        Stage::Doubt => false,' \
  '--test all' outcome_unknown_until_a_probe_can_tell

mutation 31 src/resource/menu/default.rs \
  'if desired.buttons == live.buttons {
        return None;' \
  'if desired.buttons.len() == live.buttons.len() {
        return None;' \
  '--test all' p5_after_applying_a_plan_wechat_has_what_was_declared

mutation 32 src/resource/open_account.rs \
  '(_, Observation::Unknown(why)) => only(Verdict::Unknown(why.clone())),' \
  '(desired, Observation::Unknown(_)) => only(Verdict::Step(bind_step(desired, facts))),' \
  '--test all' p8_what_could_not_be_read_is_neither_created_nor_deleted

mutation 33 src/store/journal/op.rs \
  'pub const PROBE_MARGIN: Duration = Duration::from_secs(10);' \
  'pub const PROBE_MARGIN: Duration = Duration::ZERO;' \
  '--test all' p1_p3_apply_killed_anywhere_creates_once_and_converges

mutation 34 src/client/transport.rs \
  'Method::Get => self.http.get(url),' \
  'Method::Get => self.http.get({
                tracing::trace!(%url, "sending");
                url
            }),' \
  '--test all' p10_no_secret_is_printed_or_stored_in_the_clear

mutation 35 src/client/token/authorizer.rs \
  'if held != known.map(Secret::expose) {' \
  'if held != known.map(Secret::expose) && doc.claim.is_some() {' \
  '--test edge' tokens_of_a_new_authorization_are_not_overwritten_by_a_refresh_that_was_under_way

mutation 36 src/client/token/authorizer.rs \
  'doc.refresh_token = Some(refresh.expose().into());' \
  'drop(refresh);' \
  '--test edge' a_dead_refresh_token_is_healed_from_what_wechat_knows

mutation 37 src/client/token/store_tokens.rs \
  'claim.owner != self.owner && claim.until > now && claim.until <= now + CLAIM * 4' \
  'claim.owner != self.owner && claim.until < now && claim.until <= now + CLAIM * 4' \
  '--test edge' processes_on_one_store_refresh_once

mutation 38 src/client/flights.rs \
  'Arc::clone(locks.entry(name.to_owned()).or_default())' \
  'Arc::clone(locks.entry(format!("{name}{}", rand::random::<u32>())).or_default())' \
  '--test edge' twenty_callers_share_one_flight_per_token

mutation 39 src/client/writer.rs \
  'if !armed.may_send(self.core.clock.since_boot()) {' \
  'if !armed.may_send(armed.armed_since_boot()) {' \
  '--test edge' getting_the_token_uses_up_the_time_too

mutation 40 src/client/transport.rs \
  'let sent = !error.is_connect();' \
  'let sent = error.is_connect();' \
  '--test edge' what_was_never_connected_was_not_sent

mutation 41 src/client/transport.rs \
  'error.errmsg = scrub(&error.errmsg, &secrets);' \
  'drop(scrub(&error.errmsg, &secrets));' \
  '--test edge' no_secret_comes_back_in_any_error

mutation 42 src/client/authorize/exchange.rs \
  '.filter(|doc| doc.exchanged)' \
  '.filter(|doc| doc.exchanged && doc.account.is_none())' \
  '--test edge' redirect_and_push_spend_a_code_once

mutation 43 src/client/authorize/exchange.rs \
  'match self.core.tokens.recover(&account).await {' \
  'match Err::<(), TokenError>(TokenError::NoTicket { since: None }) {' \
  '--test edge' a_code_whose_answer_was_lost_is_made_good_for_the_account_the_push_named

mutation 44 src/client/ticket.rs \
  '.is_some_and(|held| held.created_at > created_at && held.created_at <= now);' \
  '.is_some_and(|held| held.created_at == created_at && held.created_at <= now);' \
  '--test edge' the_newest_ticket_stays_whatever_comes_late

mutation 45 src/sidecar/notices.rs \
  'if shared.replays.knows(signature) {' \
  'if shared.replays.knows(signature) && signature.is_empty() {' \
  '--test edge' a_replay_changes_nothing_and_a_late_notice_is_taken

mutation 46 src/sidecar/notices.rs \
  'let stored = match read(platform, &plaintext) {' \
  'shared.replays.remember(signature);
    let stored = match read(platform, &plaintext) {' \
  '--test edge' p11_what_cannot_be_stored_is_not_acknowledged

mutation 47 src/sidecar/pin.rs \
  'if holder.is_none_or(|holder| holder.value.tenant != tenant) {' \
  'if holder.is_none_or(|holder| holder.value.tenant.is_empty()) {' \
  '--test edge' p12_one_account_one_tenant

mutation 48 src/sidecar/messages.rs \
  'let Some((platform, _)) = intake::open(at_path, push) else {
        return forbidden(shared);
    };' \
  'let Some(platform) = { at_path }.next() else {
        return forbidden(shared);
    };' \
  '--test edge' no_forged_push_gets_in

mutation 49 src/client/authorize/link.rs \
  'bool::from(wanted.as_bytes().ct_eq(given.as_bytes())).then_some(tenant)' \
  'bool::from(wanted.as_bytes().ct_eq(wanted.as_bytes()) | given.as_bytes().ct_eq(b"")).then_some(tenant)' \
  '--test edge' a_link_we_did_not_make_leads_nowhere

mutation 50 src/resource/templates/journal.rs \
  'return Settled::Done(made(before, id.clone()));' \
  'return if id.is_empty() { Settled::Undecided } else { Settled::NotDone };' \
  '--test all' template_added_reset_after_the_effect

mutation 51 src/resource/templates/matching.rs \
  '[id] if wanted.get(id) == Some(&1) => {' \
  '[id, ..] => {' \
  '--test all' templates_that_look_alike

mutation 52 src/resource/industry/mod.rs \
  'if !same {' \
  'if !same || live.is_none() {' \
  '--test all' industry_without_effect

mutation 53 src/resource/menu/conditional.rs \
  'let blocked = overlapping.contains(&None);' \
  'let blocked = overlapping.len() > 99;' \
  --lib the_first_of_the_list_that_matches_is_shown

mutation 54 src/resource/menu/probe.rs \
  'menu.same(&wanted) && menu.menuid.is_some_and(|id| !known.contains(&id))' \
  'menu.same(&wanted) && menu.menuid.is_some_and(|id| id > 0 || known.is_empty())' \
  '--test all' conditional_menu_after_doubt_is_told_from_its_older_copy

mutation 55 src/reconcile/carry_out.rs \
  'let same = now.costly == step.costly && (n > 0 || now.changes == step.changes);' \
  'let same = now.costly.is_some() || n > 0 || now.changes == step.changes;' \
  '--test all' owner_edits_while_apply_runs

mutation 56 src/resource/menu/link.rs \
  '.unwrap_or_else(|| live_form(name, target, &appid, own, all));' \
  '.unwrap_or(false && live_form(name, target, &appid, own, all));' \
  '--test all' mini_program_button_keeps_its_form

mutation 57 src/wechat/errcode/from_65000.rs \
  '"appid not bind weapp",
        Human,' \
  '"appid not bind weapp",
        Invalid,' \
  '--test all' mini_program_button_refused

mutation 58 src/plan/approval.rs \
  'if let Some(at) = consents.spent.get(&(name.clone(), step.to_owned())) {' \
  'if let Some(at) = consents.spent.get(&(name.clone(), String::new())) {' \
  '--test all' approval_spent

mutation 59 src/plan/approval.rs \
  'let expired = expires.filter(|expires| *expires <= consents.now)?;' \
  'let expired = expires.filter(|expires| *expires < Timestamp::MIN)?;' \
  '--test all' approval_expired

mutation 60 src/plan/fleet.rs \
  'None => member.has_account,' \
  'None => member.has_account && false,' \
  --lib a_new_tenant_is_no_change_and_one_that_nobody_remembers_is

mutation 61 src/plan/plan.rs \
  'self.steps().filter(|(_, step)| step.hold.is_none())' \
  'self.steps().filter(|(_, step)| step.hold.is_none() || step.costly.is_none())' \
  '--test all' guard_trips_and_is_lifted

mutation 62 src/reconcile/journaled.rs \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at))),' \
  'Taken::Full { used, .. } => Ok(Some(cap.text(used, demand.ends_at)).filter(|_| used == 0)),' \
  '--test all' hourly_cap_on_costly_steps
