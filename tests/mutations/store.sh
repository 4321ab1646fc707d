# Broken on purpose in src/store, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a lost answer leads back to reserved, not to doubt' \
  src/store/journal/evidence.rs \
  'self.stage = Stage::Doubt;
                self.note(now, why);' \
  'self.back_to_reserved(why, now);' \
  '--test all' create_reset_after_the_effect

mutation 'an observation older than the last outcome opens a new generation' \
  src/store/journal/moves.rs \
  'if intent.observed_at <= observe_after {' \
  'if intent.observed_at > observe_after && self.generation == 0 {' \
  '--test all' stale_read_after_a_create

mutation 'an armed request may be sent twice as late' \
  src/store/journal/armed.rs \
  '.is_some_and(|passed| passed < SEND_WINDOW)' \
  '.is_some_and(|passed| passed < 2 * SEND_WINDOW)' \
  --lib an_armed_request_is_sent_within_its_window_or_not_at_all

mutation 'a refusal that may have had an effect counts as none' \
  src/store/journal/holder.rs \
  '(Effect::Maybe, _) => Evidence::Nothing {
                why: format!("{} may have had an effect", error.errcode),
                unknown: Some(error.errcode).filter(|code| !is_listed(*code)),
            },' \
  '(Effect::Maybe, _) => Evidence::Refused(error),' \
  '--test all' create_busy_with_effect

mutation 'a probe counts before its margin' \
  src/store/journal/evidence.rs \
  'if at >= due {
            return Ok(());
        }' \
  'if at < due || at >= due {
            return Ok(());
        }' \
  --lib a_probe_or_a_person_that_looked_before_the_margin_decides_nothing

mutation 'an armed op whose holder died counts as not sent' \
  src/store/journal/moves.rs \
  'self.stage = Stage::Doubt;
                self.note(now, "its holder was gone after it was armed");' \
  'let why = "its holder was gone after it was armed";
                self.settle(Outcome::NotSent { why: why.into() }, now, why);' \
  '--test all' a_crash_between_any_two_writes_never_sends_twice_and_never_sticks

mutation 'armed in memory only, not durably' \
  src/store/journal/holder.rs \
  'self.write(op, doc).await?;
        let (op_ref, call)' \
  'op.doc = doc.into();
        let (op_ref, call)' \
  '--test all' a_crash_between_any_two_writes_never_sends_twice_and_never_sticks

mutation 'secrets are not sealed though there is a key' \
  src/store/open.rs \
  'key.map(Self::Key)' \
  'key.map(|_| Self::Plain)' \
  '--test all' everything_missing

mutation 'the probe has no margin' \
  src/store/journal/op.rs \
  'pub const PROBE_MARGIN: Duration = Duration::from_secs(10);' \
  'pub const PROBE_MARGIN: Duration = Duration::ZERO;' \
  '--test all' p1_p3_apply_killed_anywhere_creates_once_and_converges

mutation 'a commit is acknowledged before it is on the disk' \
  src/store/sqlite/connect.rs \
  'connection.pragma_update(None, "synchronous", "FULL")?;' \
  'connection.pragma_update(None, "synchronous", "NORMAL")?;' \
  '--test all' what_was_acknowledged_outlives_a_loss_of_power

mutation 'the newest acknowledged commit is not looked at' \
  src/store/sqlite/verify.rs \
  'if meta.mark < acknowledged {' \
  'if meta.mark < Mark::default() && acknowledged == Mark::default() {' \
  '--test all' a_database_from_before_an_acknowledged_commit_is_refused

mutation 'the newest acknowledged commit is not written' \
  src/store/sqlite/acknowledged.rs \
  'if first.max(second) >= Some(mark) {' \
  'if first.max(second) >= Some(mark) || mark.commits > 1 {' \
  '--test all' a_damaged_store_is_whole_or_refused

mutation 'a commit that failed is said not to be done' \
  src/store/sqlite/writer.rs \
  'Ok(_) => Err(BackendError::Lost(why.clone())),' \
  'Ok(_) => Err(BackendError::Unavailable(why.clone())),' \
  '--test all' whatever_fails_the_answer_is_true_and_it_goes_on

mutation 'a restored store is written on by who had it open' \
  src/store/sqlite/writer.rs \
  'if incarnation == self.incarnation {' \
  'if incarnation >= self.incarnation {' \
  '--test all' what_is_put_back_is_what_was_copied_and_ends_whoever_had_it_open

mutation 'a store that was moved away is written on' \
  src/store/sqlite/writer.rs \
  'Ok(_) | Err(_) => Err(self' \
  'Ok(_) | Err(_) if true => Ok(()),
            Ok(_) | Err(_) => Err(self' \
  --lib a_store_that_was_moved_away_takes_no_more

mutation 'a spent unit loses its name before its op is closed' \
  src/store/sweep.rs \
  'if gone_on || (doc.generation == *generation && doc.closed) {' \
  'if gone_on || doc.generation == *generation {' \
  --lib attempts_that_are_capped_are_counted_and_their_names_forgotten

mutation 'whoever comes second begins an operation all the same' \
  src/store/journal/holder.rs \
  'let created = self.store.create(&Key::op(&look.key), &doc).await;' \
  'let mut created = self.store.create(&Key::op(&look.key), &doc).await;
                if created.is_err() {
                    let there = self.store.get::<OpDoc>(&Key::op(&look.key)).await?;
                    created = there.map(|there| there.version).map_or(created, Ok);
                }' \
  '--test all' one_yes_is_one_request_of_processes_that_do_not_take_turns

mutation 'what a person must settle is begun anew' \
  src/store/journal/moves.rs \
  'if self.stage != Stage::Settled || !self.closed {' \
  'if self.stage != Stage::Stalled && (self.stage != Stage::Settled || !self.closed) {' \
  --lib what_a_person_must_settle_is_not_free_and_may_be_probed_again

mutation 'one generation gives back what another spent' \
  src/store/journal/moves.rs \
  'self.spent.retain(|spent| spent.generation != generation);' \
  'self.spent.retain(|spent| spent.generation > generation);' \
  --lib what_one_generation_spent_another_does_not_give_back

mutation 'everybody is left alone while somebody is worked on' \
  src/store/sweep.rs \
  'if needs_recovery(&doc) && !is_worked_on(journal, &doc.tenant, now).await? {' \
  'if needs_recovery(&doc) && !is_worked_on(journal, "tenant-1", now).await? {' \
  --lib a_sweep_leaves_alone_what_somebody_works_on

mutation 'a unit of an earlier generation is never given back' \
  src/store/sweep.rs \
  'return Ok(doc.generation > *generation);' \
  'return Ok(doc.generation > *generation + 1);' \
  --lib a_sweep_gives_back_what_an_earlier_generation_took_and_not_what_this_one_did

mutation 'a backup stands for a moment without saying that it is one' \
  src/store/sqlite/put_back.rs \
  'if part == Part::Documents {
                let (key, value) = added;' \
  'if part == Part::History && self.holds.documents == 0 {
                let (key, value) = added;' \
  '--test all' a_restore_cut_off_anywhere_never_stands_without_its_caution

mutation 'tenants of a backup are believed' \
  src/store/maintenance.rs \
  'doc.from_backup = true;
        })?,
        // What' \
  'doc.from_backup = false;
        })?,
        // What' \
  '--test all' a_restore_cut_off_anywhere_never_stands_without_its_caution

mutation 'a restore that was cut off between its two commits goes unnoticed' \
  src/store/sqlite/exchange.rs \
  'if documents == ahead {' \
  'if documents <= ahead {' \
  '--test all' a_restore_cut_off_anywhere_never_stands_without_its_caution

mutation 'the history stays under the old key' \
  src/store/sqlite/put_back.rs \
  'let value = seal(&parsed(&key)?, &value)?;' \
  'let value = if part == Part::History { value } else { seal(&parsed(&key)?, &value)? };' \
  '--test all' a_new_key_opens_everything_and_the_old_one_nothing

mutation 'a backup is taken between the two commits of a new key' \
  src/store/sqlite/copies.rs \
  'same_incarnation(&history.files, marks, note)?;' \
  'same_incarnation(&history.files, [marks[0]; 2], note)?;' \
  --lib a_backup_is_of_one_incarnation

mutation 'the history is written beside documents of another incarnation' \
  src/store/sqlite/mod.rs \
  'opened.is_of(self.incarnation)?;' \
  'opened.is_of(opened.found.mark.incarnation)?;' \
  '--test all' a_new_key_cut_off_anywhere_is_given_by_the_same_command

mutation 'a new key that was given already is not known' \
  src/store/maintenance.rs \
  'return match check(store, &new).await {' \
  'return match check(store, &old).await {' \
  '--test all' a_new_key_cut_off_anywhere_is_given_by_the_same_command

mutation 'a damaged history is no reason to put a backup back' \
  src/store/sqlite/put_back.rs \
  'let looked = look_through(store);' \
  'let looked = super::Sqlite::open(store, super::Settings::existing()).map(drop);' \
  '--test all' a_backup_is_put_back_whichever_file_is_damaged

mutation 'an empty store stands in the place of a damaged one for a moment' \
  src/store/sqlite/put_back.rs \
  '.and_then(|()| self.fill(&new, caution, added))
            .and_then(|()| new.change_places(folder).map_err(untouched));' \
  '.and_then(|()| new.change_places(folder).map_err(untouched))
            .and_then(|()| self.fill(folder, caution, added));' \
  '--test all' a_damaged_store_is_never_an_empty_one_while_a_backup_is_put_back

mutation 'an approval of a backup counts again' \
  src/store/maintenance.rs \
  'return Ok(None);
        }
        // That' \
  'return Ok(Some(bytes.to_vec()));
        }
        // That' \
  '--test all' a_restore_cut_off_anywhere_never_stands_without_its_caution

mutation 'what can only be read is read with files beside it' \
  src/store/sqlite/connect.rs \
  'opened.pragma_update(None, "locking_mode", "EXCLUSIVE")?;' \
  'opened.pragma_update(None, "locking_mode", "NORMAL")?;' \
  --lib a_store_that_can_only_be_read_is_read_into_memory

mutation 'a file that others may read stays so' \
  src/store/sqlite/mod.rs \
  'documents.keep_private(folder)?;' \
  'documents.state()?;' \
  --lib files_that_others_could_read_are_closed_to_them

mutation 'a registration that was killed before it was sent loses the unit it goes on with' \
  src/store/journal/op.rs \
  'Some(Outcome::NotSent { .. } | Outcome::Refused(_)) => return self.carried,' \
  'Some(Outcome::NotSent { .. } | Outcome::Refused(_)) => return None,' \
  '--lib' a_request_that_never_left_hands_on_the_unit_that_it_would_have_gone_on_with

mutation 'a later scan is used before the one that a request was made with' \
  src/store/documents/scan.rs \
  'self.earlier.as_ref().unwrap_or(&self.ticket)' \
  '&self.ticket' \
  '--test all' registration_scanned_again_after_a_lost_answer
