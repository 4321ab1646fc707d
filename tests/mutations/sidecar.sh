# Broken on purpose in src/sidecar, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a notice is acknowledged and not stored' \
  src/sidecar/notices.rs \
  'Ok(notice) => store(shared, platform, notice).await,' \
  'Ok(notice) => {
            drop(store(shared, platform, notice));
            Ok::<(), StoreError>(())
        }' \
  '--test all' acknowledged_ticket_is_stored

mutation 'a replay is taken again' \
  src/sidecar/notices.rs \
  'if shared.replays.knows(signature) {' \
  'if shared.replays.knows(signature) && signature.is_empty() {' \
  '--test edge' a_replay_changes_nothing_and_a_late_notice_is_taken

mutation 'a push that was not stored is taken for a replay when it comes again' \
  src/sidecar/notices.rs \
  'let stored = match read(platform, plaintext) {' \
  'shared.replays.remember(signature);
    let stored = match read(platform, plaintext) {' \
  '--test edge' p11_what_cannot_be_stored_is_not_acknowledged

mutation 'another tenant’s account is pinned' \
  src/sidecar/pin.rs \
  'if holder.is_none_or(|holder| holder.value.tenant != tenant) {' \
  'if holder.is_none_or(|holder| holder.value.tenant.is_empty()) {' \
  '--test edge' p12_one_account_one_tenant

mutation 'messages are not verified' \
  src/sidecar/messages.rs \
  'Err(refusal) => return refusal.answer(shared).await,' \
  'Err(refusal) => match refusal.platforms.first() {
            Some(platform) => (*platform, Vec::new()),
            None => return refusal.answer(shared).await,
        },' \
  '--test edge' no_forged_push_gets_in

mutation 'a code whose exchange failed is not tried again' \
  src/sidecar/exchange.rs \
  'shared.codes.later(waiting, shared.clock.now());
        }
        Err' \
  'drop(waiting);
        }
        Err' \
  '--test edge' a_code_that_came_before_the_first_ticket_is_exchanged_when_one_comes

mutation 'a code that came back by a link is forgotten with the page' \
  src/sidecar/exchange.rs \
  'shared.codes.later(waiting, shared.clock.now());
}' \
  'drop(waiting);
}' \
  '--test edge' what_wechat_does_not_answer_is_asked_again_until_it_does

mutation 'a code of an earlier process is left in the store' \
  src/sidecar/exchange.rs \
  'shared.codes.put(waiting);' \
  'drop(waiting);' \
  '--test edge' the_next_sidecar_goes_on_where_this_one_stopped

mutation 'a code is settled without the tenant it came for' \
  src/sidecar/exchange.rs \
  'client.keep_code_for(code, tenant).await.map_err(store)?;' \
  'drop(tenant.len());' \
  '--test edge' a_full_store_holds_a_code_up_and_loses_none

mutation 'a flood of bad pushes is written to the store push by push' \
  src/sidecar/tally.rs \
  'self.written_at.is_none_or(|written| since(written) >= PACE)' \
  'self.written_at.is_none_or(|written| since(written) >= Duration::ZERO)' \
  '--test edge' a_flood_is_counted_and_written_down_at_leisure

mutation 'what was refused and could not be written is forgotten' \
  src/sidecar/tally.rs \
  '.put_back(self.platform, std::mem::take(&mut self.news));' \
  '.put_back(self.platform, BTreeMap::new());' \
  '--test edge' where_nothing_can_be_written_pushes_are_refused_all_the_same_and_counted_later

mutation 'a message for another account is passed on' \
  src/sidecar/whose.rs \
  '!ours.eq_ignore_ascii_case(to_user)' \
  'ours.is_empty() && to_user.is_empty()' \
  '--test edge' a_message_for_another_account_than_its_path_names_is_not_passed_on

mutation 'a message that WeChat repeats is passed on twice at once' \
  src/sidecar/passing.rs \
  'Some(under_way) => under_way.clone(),' \
  'Some(under_way) if under_way.strong_count().is_none() => under_way.clone(),
                Some(_) => self.begin(message.clone(), begin()),' \
  '--test edge' a_message_that_wechat_repeats_is_worked_on_once_and_both_are_answered

mutation 'what was passed on is forgotten at a restart' \
  src/sidecar/window.rs \
  'shared.replays.remember(&signature);' \
  'drop(signature);' \
  '--test edge' what_was_passed_on_is_not_passed_on_again_after_a_restart

mutation 'a message whose signature cannot be stored is lost' \
  src/sidecar/messages.rs \
  'shared.window.keep(shared, platform, signature).await;' \
  'shared.window.keep(shared, platform, signature).await;
    if platform.served.client.passed().await.is_err() {
        return success();
    }' \
  '--test edge' a_store_that_is_full_or_away_silences_no_bot

mutation 'a revocation is stored a moment after it was acknowledged' \
  src/sidecar/notices.rs \
  'client.keep_revocation(&account, notice.created).await?;' \
  'let (client, account, created) = (client.clone(), account.clone(), notice.created);
                let kept = account.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                    client.keep_revocation(&kept, created).await
                });' \
  '--test all' acknowledged_revocation_is_stored

mutation 'the end of a review that could not be stored is acknowledged' \
  src/sidecar/reviews.rs \
  'platform.served.client.keep_review(account, result).await?;' \
  'let _ = platform.served.client.keep_review(account, result).await;' \
  '--test edge' p11_the_end_of_a_review_that_cannot_be_stored_is_not_acknowledged

mutation 'an account is told of the review of another one' \
  src/sidecar/reviews.rs \
  '(Original::Known(ours), Some(named)) if ours.eq_ignore_ascii_case(named) => {' \
  '(Original::Known(_) | Original::NotTold | Original::NotOurs, Some(_)) => {' \
  '--test edge' of_other_messages_and_of_accounts_that_are_not_named_nothing_is_stored
