# Broken on purpose in src/sidecar, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a notice is acknowledged and not stored' \
  src/sidecar/notices.rs \
  'Some(notice) => store(shared, platform, notice).await,' \
  'Some(notice) => {
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
  'let stored = match read(platform, &plaintext) {' \
  'shared.replays.remember(signature);
    let stored = match read(platform, &plaintext) {' \
  '--test edge' p11_what_cannot_be_stored_is_not_acknowledged

mutation 'another tenant’s account is pinned' \
  src/sidecar/pin.rs \
  'if holder.is_none_or(|holder| holder.value.tenant != tenant) {' \
  'if holder.is_none_or(|holder| holder.value.tenant.is_empty()) {' \
  '--test edge' p12_one_account_one_tenant

mutation 'messages are not verified' \
  src/sidecar/messages.rs \
  'let Some((platform, _)) = intake::open(at_path, push) else {
        return forbidden(shared);
    };' \
  'let Some(platform) = { at_path }.next() else {
        return forbidden(shared);
    };' \
  '--test edge' no_forged_push_gets_in

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
