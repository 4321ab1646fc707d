# Broken on purpose in src/client, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a refused token is not replaced' \
  src/client/core.rs \
  'let mut answer = self.send_with(call, first.as_ref(), what).await;
        if token_refused(&answer) {' \
  'let mut answer = self.send_with(call, first.as_ref(), what).await;
        if token_refused(&answer) && !token_refused(&answer) {' \
  '--test all' token_expired_in_mid_apply

mutation '61023 is not healed' \
  src/client/token/authorizer.rs \
  'Err(TokenError::Refused(error)) if names_refresh_token(&error) => Some(error),' \
  'Err(TokenError::Refused(error)) if !names_refresh_token(&error) => Some(error),' \
  '--test all' refresh_token_replaced

mutation 'the address of a request, token and all, is traced' \
  src/client/transport.rs \
  '(Method::Get, _) => self.http.get(url),' \
  '(Method::Get, _) => self.http.get({
                tracing::trace!(%url, "sending");
                url
            }),' \
  '--test all' p10_no_secret_is_printed_or_stored_in_the_clear

mutation 'a refresh overwrites the tokens of a newer authorization' \
  src/client/token/authorizer.rs \
  'if held != known.map(Secret::expose) {' \
  'if held != known.map(Secret::expose) && doc.claim.is_some() {' \
  '--test edge' tokens_of_a_new_authorization_are_not_overwritten_by_a_refresh_that_was_under_way

mutation 'the refresh token that healed an account is not stored' \
  src/client/token/authorizer.rs \
  'doc.refresh_token = Some(refresh.expose().into());' \
  'drop(refresh);' \
  '--test edge' a_dead_refresh_token_is_healed_from_what_wechat_knows

mutation 'another process’s refresh is not waited for' \
  src/client/token/store_tokens.rs \
  'claim.owner != self.owner && claim.until > now && claim.until <= now + CLAIM * 4' \
  'claim.owner != self.owner && claim.until < now && claim.until <= now + CLAIM * 4' \
  '--test edge' processes_on_one_store_refresh_once

mutation 'every caller flies alone' \
  src/client/flights.rs \
  'Arc::clone(locks.entry(name.to_owned()).or_default())' \
  'Arc::clone(locks.entry(format!("{name}{}", rand::random::<u32>())).or_default())' \
  '--test edge' twenty_callers_share_one_flight_per_token

mutation 'the clock is not looked at before the last byte of what was armed' \
  src/client/core.rs \
  'if !until.may_send(clock.since_boot()) {' \
  'if !until.may_send(clock.since_boot()) && false {' \
  '--test edge' what_was_held_up_before_its_last_byte_is_not_sent

mutation 'the last byte of a write leaves with the others' \
  src/client/gate.rs \
  'let before_the_last = text.get(..left - 1).unwrap_or(text);' \
  'let before_the_last = text;' \
  --lib what_is_withheld_never_gets_out_and_what_got_out_is_never_called_withheld

mutation 'a put goes out though its fence has fallen' \
  src/client/core.rs \
  'let look: Look = Box::new(move || fence.holds());' \
  'let look: Look = Box::new(move || fence.holds().or(Ok(())));' \
  '--test edge' what_was_held_up_before_its_last_byte_is_not_sent

mutation 'a refused connection counts as sent' \
  src/client/transport.rs \
  'let sent = !error.is_connect();' \
  'let sent = error.is_connect();' \
  '--test edge' what_was_never_connected_was_not_sent

mutation 'what WeChat quotes back is not scrubbed' \
  src/client/transport.rs \
  'error.errmsg = scrub(&error.errmsg, &secrets);' \
  'drop(scrub(&error.errmsg, &secrets));' \
  '--test edge' no_secret_comes_back_in_any_error

mutation 'a code that is spent is sent again' \
  src/client/authorize/exchange.rs \
  '.filter(|doc| doc.exchanged)' \
  '.filter(|doc| doc.exchanged && doc.account.is_none())' \
  '--test edge' redirect_and_push_spend_a_code_once

mutation 'a code whose answer was lost is given up' \
  src/client/authorize/exchange.rs \
  'match self.core.tokens.recover(&account).await {' \
  'match Err::<bool, TokenError>(TokenError::Lost(unreadable())) {' \
  '--test edge' a_code_whose_answer_was_lost_is_made_good_for_the_account_the_push_named

mutation 'what a spent code brought is lost with a full store' \
  src/client/authorize/exchange.rs \
  'gained.get(key).cloned()' \
  'gained.get(key).filter(|_| key.as_str().is_empty()).cloned()' \
  '--test edge' what_a_code_brought_is_stored_when_there_is_room_again

mutation 'a code in doubt is sent again before anybody is asked' \
  src/client/authorize/exchange.rs \
  'Answer::Lost(lost) => lost.sent,' \
  'Answer::Lost(lost) => lost.sent && lost.why.is_empty(),' \
  '--test edge' a_code_in_doubt_is_asked_about_before_it_is_sent_again

mutation 'an older ticket replaces a newer one' \
  src/client/ticket.rs \
  '.is_some_and(|held| held.created_at > created_at && held.created_at <= now);' \
  '.is_some_and(|held| held.created_at == created_at && held.created_at <= now);' \
  '--test edge' the_newest_ticket_stays_whatever_comes_late

mutation 'any signature makes a link' \
  src/client/authorize/link.rs \
  'bool::from(wanted.as_bytes().ct_eq(given.as_bytes())).then_some(tenant)' \
  'bool::from(wanted.as_bytes().ct_eq(wanted.as_bytes()) | given.as_bytes().ct_eq(b"")).then_some(tenant)' \
  '--test edge' a_link_we_did_not_make_leads_nowhere

mutation 'every tenant asks for the token that was just refused' \
  src/client/token/refusal.rs \
  '!other && (early || same_run)' \
  '!other && early && same_run' \
  '--test all' platform_refused_once

mutation 'a quota that is used up is asked for again by the next process' \
  src/client/token/refusal.rs \
  'let holds = if spent {
        early' \
  'let holds = if spent {
        early && same_run' \
  '--test all' platform_refused_once

mutation 'a refresh that another process has claimed is taken' \
  src/client/token/store_tokens.rs \
  'let free = !self.taken(claim.as_ref(), now);' \
  'let free = !self.taken(claim.as_ref(), now) || claim.is_some();' \
  --lib a_refresh_that_another_process_has_claimed_is_not_taken

mutation 'a rotated refresh token is stored only after what it brought is used' \
  src/client/token/authorizer.rs \
  'doc.refresh_token = Some(refresh.expose().into());' \
  'let (store, key, refresh) = (self.store.clone(), key.clone(), refresh.clone());
                        tokio::spawn(async move {
                            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                            let late = |doc: &mut CredDoc| doc.refresh_token = Some(refresh.expose().into());
                            store.amend::<CredDoc, ()>(&key, late).await
                        });' \
  '--test all' refresh_token_rotates

mutation 'the body of a component call is escaped' \
  src/client/core.rs \
  'Value::Object(fields).to_string()' \
  'Value::Object(fields).to_string().replace("🏠", "\\ud83c\\udfe0")' \
  '--test edge' bodies_are_raw_utf8_and_never_empty

mutation 'a token that ends before its time is put down to nobody' \
  src/client/token/cut.rs \
  '*refused == Secret::new(held.value.expose())' \
  'false' \
  '--test all' two_copies_of_a_store_in_use_are_noticed_and_said

mutation 'a token that ended before its time once is said already' \
  src/client/token/cut.rs \
  'let again = last.is_some_and(|last| last < now && now.duration_since(last) < DAY);' \
  'let again = true;' \
  '--test all' two_copies_of_a_store_in_use_are_noticed_and_said
