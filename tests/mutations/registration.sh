# Broken on purpose where mini-programs are registered, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'a registration takes no yes' \
  src/resource/registration/due.rs \
  'step.costly = Some(Costly::Register);' \
  'step.costly = Some(Costly::Register).filter(|_| self.one.index > 9);' \
  '--lib' it_can_be_said_yes_to_before_anybody_scanned_and_is_the_same_step_afterwards

mutation 'two are registered in one pass' \
  src/resource/registration/due.rs \
  'Some(first) if is_due => Verdict' \
  'Some(first) if is_due && first.is_empty() => Verdict' \
  '--test all' registration_of_two

mutation 'what somebody said is registered is registered again' \
  src/resource/registration/due.rs \
  'None if self.view.backdrop.unnamed.contains(&self.one.item.name) => {' \
  'None if self.view.backdrop.unnamed.len() > 9 => {' \
  '--lib' what_is_authorized_and_of_the_same_principal_and_nobodys_may_be_it_too

mutation 'an official account that is not verified registers' \
  src/resource/registration/due.rs \
  '(!facts.verified).then(not_verified)' \
  '(!facts.verified && needed.len() > 9).then(not_verified)' \
  '--test all' registration_unverified

mutation 'what an operation knows to be registered is no candidate' \
  src/resource/registration/candidate.rs \
  'linked.chain(&self.authorized).chain(&view.backdrop.made);' \
  'linked.chain(&self.authorized);' \
  '--test all' registration_renamed_and_not_linked

mutation 'what is asked to be linked again is no candidate' \
  src/resource/registration/candidate.rs \
  'one.appid.is_some() || one.status() == LinkStatus::Linked;' \
  'one.status() == LinkStatus::Linked;' \
  '--lib' nothing_is_registered_while_something_is_about_that_may_be_it

mutation 'what is authorized is not looked for' \
  src/resource/registration/mod.rs \
  'reads.extend(same_principal::needs(view));' \
  'reads.extend(Vec::new());' \
  '--test all' registration_candidate_unreadable

mutation 'what is only asked to be linked settles a registration' \
  src/resource/registration/journal.rs \
  'one.status() == LinkStatus::Linked && known.is_none_or(' \
  'known.is_none_or(' \
  '--lib' without_an_answer_what_is_new_and_has_no_name_yet_is_it

mutation 'what was released settles a registration' \
  src/resource/registration/journal.rs \
  ' && one.released != Some(true);' \
  ';' \
  '--lib' without_an_answer_what_is_new_and_has_no_name_yet_is_it

mutation 'a person who refused is asked again on a standing yes' \
  src/resource/personal_registration/task.rs \
  'beside: last.asked.as_ref().and_then(|asked| asked.beside.clone()),
            costly: Costly::AskAgain,' \
  'beside: last.asked.as_ref().and_then(|asked| asked.beside.clone()),
            costly: Costly::Register,' \
  '--lib' after_a_refusal_somebody_says_yes_again_whatever_the_manifest_says_since

mutation 'a person is asked beside a mini-program of theirs that nobody has' \
  src/resource/personal_registration/task.rs \
  'find(|appid| !spec.besides.contains(appid));' \
  'find(|appid| spec.besides.contains(appid));' \
  '--lib' a_mini_program_of_the_person_that_nobody_has_may_be_the_one

mutation 'a link is given up in the hour in which WeChat says what came of it' \
  src/resource/personal_registration/task.rs \
  'view.now > self.done.at + PATIENCE + earlier::SETTLES' \
  'view.now > self.done.at + PATIENCE' \
  '--lib' for_an_hour_after_the_day_wechat_is_left_to_say_what_came_of_it

mutation 'a person is asked for two items at once' \
  src/resource/personal_registration/task.rs \
  'same && sibling.is_none_or(|own| own.appid.is_none())' \
  'same && sibling.is_none()' \
  '--test all' personal_of_two_items

mutation 'a task whose mini-program may still come is not named beside the next' \
  src/resource/personal_registration/task.rs \
  'if claims.any(|one| one.is_called(other)) {' \
  'if !other.is_empty() {' \
  '--lib' what_may_still_come_for_another_item_is_named_beside_the_next_task

mutation 'what a person agreed to is asked for again' \
  src/resource/personal_registration/task.rs \
  'Stage::Made => unnamed(&whom(view)),' \
  'Stage::Made => return Asking::again(last, failed(Failure::NotMade, who, task.status)),' \
  '--lib' what_is_made_is_not_asked_for_again

mutation 'a person is asked while a registration is in doubt' \
  src/resource/personal_registration/earlier.rs \
  'if let Some(waiting) = backdrop.in_doubt.get(item) {' \
  'if let Some(waiting) = backdrop.in_doubt.get(item).filter(|_| item.is_empty()) {' \
  '--test all' registration_unanswered_then_personal

mutation 'the task of another platform is not waited for' \
  src/resource/personal_registration/earlier.rs \
  'return (view.now <= until)' \
  'return (view.now <= until && asked.task.is_none())' \
  '--test all' personal_by_another_platform

mutation 'what came of an earlier task is not waited for' \
  src/resource/personal_registration/earlier.rs \
  'Stage::Made => Some(Verdict::Waiting(made(item, asked, view))),' \
  'Stage::Made => Some(Verdict::Waiting(made(item, asked, view))).filter(|_| item.is_empty()),' \
  '--test all' personal_then_by_the_official_account

mutation 'an earlier person is given up in the hour in which WeChat says what came of it' \
  src/resource/personal_registration/earlier.rs \
  'let until = asked.at + PATIENCE + SETTLES;' \
  'let until = asked.at + PATIENCE;' \
  '--lib' a_person_who_was_asked_before_is_waited_for_a_day_and_the_hour_after_it

mutation 'the code of a new account is not kept' \
  src/reconcile/born.rs \
  'if let (Some(code), Ok(to)) = (code, scanned_for.parse()) {' \
  'if let (Some(code), Ok(to)) = (code, scanned_for.parse::<Addressee>()) && to.tenant.is_empty() {' \
  '--test all' registration_code_exchanged

mutation 'a ticket that WeChat takes no more is kept' \
  src/reconcile/born.rs \
  'Answer::Refused(error) if names_scan(error) => {' \
  'Answer::Refused(error) if names_scan(error) && scanned_for.is_empty() => {' \
  '--test all' registration_ticket_too_old

mutation 'what a person gave back is taken again' \
  src/reconcile/begun.rs \
  'done.item == item.name && !done.last.given_back;' \
  'done.item == item.name;' \
  '--test all' registration_released

mutation 'a scan is kept once its mini-program is the tenant’s' \
  src/reconcile/born.rs \
  'Some(official) => forget_scan(store, official, to).await,' \
  'Some(official) => forget_scan(store, official, &Addressee::of(&to.tenant, None)).await,' \
  '--test all' a_page_that_is_opened_again_takes_no_second_ticket

mutation 'a request is not noted with the ticket it is made with' \
  src/reconcile/born.rs \
  'doc.tried |= doc.earlier.is_none();' \
  'doc.tried |= doc.earlier.is_some();' \
  '--test all' registration_scanned_again_after_a_lost_answer

mutation 'a pass takes a person’s mini-program that is not what the manifest says' \
  src/reconcile/born.rs \
  'authorization::objections(&desired.spec, &at, &info.authorizer_info).is_empty()' \
  'authorization::objections(&desired.spec, &at, &info.authorizer_info).len() < 99' \
  '--test all' personal_not_as_declared

mutation 'of two persons who were asked the first is waited for' \
  src/reconcile/asked.rs \
  'known.at >= done.at;' \
  'known.at <= done.at;' \
  '--test all' personal_of_another_person

mutation 'another platform’s questions are not looked at' \
  src/reconcile/asked.rs \
  'all.extend(others.filter(|one| one != own));' \
  'all.extend(others.filter(|one| one == own));' \
  '--test all' personal_by_another_platform

mutation 'a ticket is kept for what is registered already' \
  src/sidecar/register.rs \
  'if wish.made.is_some() {
        return registered(reader);
    }
    let (Some(official), Some(item))' \
  'let (Some(official), Some(item))' \
  '--test all' a_page_that_is_opened_again_takes_no_second_ticket

mutation 'media are not asked to have their verification reused' \
  src/sidecar/register.rs \
  'Some(PrincipalKind::Media | PrincipalKind::Government | PrincipalKind::Other)' \
  'Some(PrincipalKind::Government | PrincipalKind::Other)' \
  '--test all' verification_is_reused_where_wechat_wants_it_and_the_button_has_its_limit

mutation 'a scan says that it is confirmed though its ticket is not kept' \
  src/sidecar/register.rs \
  'could not be stored");
        return busy(reader);' \
  'could not be stored");' \
  '--test edge' a_scan_is_confirmed_once_its_ticket_is_stored

mutation 'a scan wakes nobody' \
  src/sidecar/register.rs \
  '(shared.wake)(&wish.to.tenant);' \
  'let _ = &shared.wake;' \
  '--test edge' a_scan_is_confirmed_once_its_ticket_is_stored

mutation 'who confirmed in the end is still said to have left' \
  src/sidecar/register.rs \
  'scan::forget(shared, &wish.to).await;' \
  '' \
  '--test edge' a_scan_is_confirmed_once_its_ticket_is_stored

mutation 'a later ticket takes the place of one that nothing was tried with' \
  src/store/documents/scan.rs \
  'untried.push(before);' \
  'drop(before);' \
  '--test all' a_made_up_ticket_takes_nothing_from_a_real_one

mutation 'a page that is loaded again brings a second scan' \
  src/store/documents/scan.rs \
  'if held.has(&ticket) {' \
  'if held.has(&ticket) && !held.tried {' \
  '--lib' a_ticket_that_was_tried_is_used_before_that_of_a_later_scan

mutation 'a ticket counts as tried because the one after it was' \
  src/store/documents/scan.rs \
  'left.ticket = left.untried.pop()?;
            left.tried = false;' \
  'left.ticket = left.untried.pop()?;' \
  '--lib' a_ticket_is_not_taken_for_tried_because_the_one_after_it_was

mutation 'what was registered for one tenant becomes another one’s' \
  src/reconcile/begun.rs \
  'let may = done.is_ours && done.item' \
  'let may = done.item' \
  '--test all' registration_lost_and_another_tenant

mutation 'an official account that the tenant had before is not looked at' \
  src/reconcile/begun.rs \
  'had.map(|(appid, _)| appid).chain(now)' \
  'had.map(|(appid, _)| appid).take(0).chain(now)' \
  '--test all' registration_unanswered_then_another_official_account

mutation 'what was begun under a name that is gone counts as nothing' \
  src/reconcile/begun.rs \
  'of == item.name || !all.any(|one| one.name == of)' \
  'of == item.name || !all.any(|one| one.name == of || !of.is_empty())' \
  '--test all' personal_then_renamed_and_another
