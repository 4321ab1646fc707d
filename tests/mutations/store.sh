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

mutation 'a spent unit loses its name before its op is closed' \
  src/store/sweep.rs \
  'if gone_on || (doc.generation == *generation && doc.closed) {' \
  'if gone_on || doc.generation == *generation {' \
  --lib attempts_that_are_capped_are_counted_and_their_names_forgotten
