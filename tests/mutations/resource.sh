# Broken on purpose in src/resource, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'the owner’s own menu is replaced like any other' \
  src/resource/menu/default.rs \
  'step.costly = Some(Costly::ReplaceOwnerMenu);' \
  'step.costly = live.buttons.is_empty().then_some(Costly::ReplaceOwnerMenu);' \
  '--test all' owners_own_menu

mutation 'a menu that could not be read is written' \
  src/resource/menu/default.rs \
  'Observation::Unknown(why) => return Some(Verdict::Unknown(why.clone())),
        Observation::Absent' \
  'Observation::Unknown(_) | Observation::Absent' \
  '--test all' unknown_never_writes

mutation 'what WeChat refused for good is sent again' \
  src/resource/decide.rs \
  '&& rejected.payload == payload(&step)' \
  '&& rejected.payload != payload(&step)' \
  '--test all' invalid_menu_refused_for_good

mutation 'onDrift: report reverts' \
  src/resource/decide.rs \
  'if on_drift == OnDrift::Report {' \
  'if on_drift == OnDrift::Report && step.calls.is_empty() {' \
  '--test all' drift_only_reported

mutation 'the first pass after a return acts' \
  src/resource/decide.rs \
  'observe_only: subject.spec.policy.mode == Mode::Observe || subject.reauthorized,' \
  'observe_only: subject.spec.policy.mode == Mode::Observe,' \
  '--test all' revoked_and_authorized_again

mutation 'a probe without an answer counts as "there is none"' \
  src/resource/open_account/journal.rs \
  'Observation::Absent => Settled::NotDone,
            Observation::Present(OpenAccountState::Any) | Observation::Unknown(_) => {
                Settled::Undecided
            }' \
  'Observation::Absent
            | Observation::Present(OpenAccountState::Any)
            | Observation::Unknown(_) => Settled::NotDone,' \
  '--test all' outcome_unknown_until_a_probe_can_tell

mutation 'one conditional menu is deleted along with the default one' \
  src/resource/menu/default.rs \
  'if !live.conditional().is_empty() && spec.conditional.is_none() {' \
  'if live.conditional().len() > 1 && spec.conditional.is_none() {' \
  '--test all' conditional_menus_are_not_deleted_along

mutation 'a missing permission set is no gate' \
  src/resource/decide.rs \
  'if !granted(resource, facts) {' \
  'if !granted(resource, facts) && facts.granted.is_empty() {' \
  '--test all' permission_set_missing

mutation 'another principal’s account is accepted' \
  src/resource/principal.rs \
  'if text::plain_entity(&live) == text::plain_entity(wanted) {' \
  'if text::plain_entity(&live) == text::plain_entity(wanted) || !live.is_empty() {' \
  '--test all' other_principal

mutation 'a mini-program is taken for an official account' \
  src/resource/authorization.rs \
  'if account.is_mini_program() {' \
  'if account.is_mini_program() && account.service_type_info.id > 2 {' \
  '--test all' wrong_account_kind

mutation 'menus of as many buttons count as equal' \
  src/resource/menu/default.rs \
  'if desired.buttons == live.buttons {
        return None;' \
  'if desired.buttons.len() == live.buttons.len() {
        return None;' \
  '--test all' p5_after_applying_a_plan_wechat_has_what_was_declared

mutation 'an open account that could not be read is created' \
  src/resource/open_account/mod.rs \
  '(_, Observation::Unknown(why)) => return only(Verdict::Unknown(why.clone())),' \
  '(_, Observation::Unknown(_)) => due::creating(view.account()),' \
  '--test all' p8_what_could_not_be_read_is_neither_created_nor_deleted

mutation 'a template that was lost is always added again' \
  src/resource/templates/journal.rs \
  'return Settled::Done(made(before, id.clone()));' \
  'return if id.is_empty() { Settled::Undecided } else { Settled::NotDone };' \
  '--test all' template_added_reset_after_the_effect

mutation 'the first of several that look alike is taken' \
  src/resource/templates/matching.rs \
  '[id] if wanted.get(id) == Some(&1) => {' \
  '[id, ..] => {' \
  '--test all' templates_that_look_alike

mutation 'what WeChat accepted and does not show is sent again' \
  src/resource/decide.rs \
  'if let Some(held) = unseen.and_then(|unseen| unseen::held(unseen, &step, resource)) {' \
  'if let Some(held) = unseen
        .filter(|unseen| unseen.resolved_at.is_some())
        .and_then(|unseen| unseen::held(unseen, &step, resource))
    {' \
  --lib what_is_not_shown_is_held_and_no_drift

mutation 'what was never seen in force is called drift' \
  src/resource/decide.rs \
  'if let (Some(applied), None) = (&record.applied, unseen)' \
  'if let (Some(applied), true) = (&record.applied, unseen.is_none_or(|one| one.sent.is_some()))' \
  --lib another_value_than_before_a_write_that_nobody_saw_is_no_drift

mutation 'what is kept in another spelling is written again' \
  src/resource/kept.rs \
  'let known = record.kept.as_ref() == Some(&kept);' \
  'let known = record.kept.as_ref() == Some(&kept) && kept.sent == kept.shown;' \
  --lib what_is_first_seen_after_a_write_is_what_wechat_makes_of_it

mutation 'a third value is taken for what WeChat makes of ours' \
  src/resource/kept.rs \
  'let known = record.kept.as_ref() == Some(&kept);' \
  'let known = record.kept.is_some();' \
  --lib what_is_first_seen_after_a_write_is_what_wechat_makes_of_it

mutation 'a spelling that was there before is a write without effect' \
  src/resource/kept.rs \
  'spelling::alike(&step.changes) || moved' \
  'spelling::alike(&step.changes) && moved || moved' \
  --lib what_was_in_wechats_spelling_before_is_no_write_without_effect

mutation 'a conditional menu in another spelling stands in nobody’s place' \
  src/resource/menu/spelled.rs \
  'if let Some((_, ours)) = ours {' \
  'if let (Some((_, ours)), None) = (ours, menu.menuid) {' \
  --lib a_conditional_menu_in_another_spelling_moves_none_of_the_others

mutation 'what may be ours under another name is deleted' \
  src/resource/unseen.rs \
  'if step.action == Action::Delete && step.hold.is_none() {' \
  'if step.action == Action::Delete && step.hold.is_some() {' \
  --lib nothing_undeclared_is_deleted_while_something_accepted_is_not_shown

mutation 'a conditional menu is not added again after one it must win over' \
  src/resource/menu/conditional.rs \
  'let blocked = overlapping.contains(&None);' \
  'let blocked = overlapping.len() > 99;' \
  --lib the_first_of_the_list_that_matches_is_shown

mutation 'an older copy of a conditional menu settles a doubt' \
  src/resource/menu/probe.rs \
  'menu.rule == wanted.rule && menu.menuid.is_some_and(|id| !known.contains(&id))' \
  'menu.rule == wanted.rule && menu.menuid.is_some_and(|id| id > 0 || known.is_empty())' \
  '--test all' conditional_menu_after_doubt_is_told_from_its_older_copy

mutation 'a button loses its mini-program where links cannot be read' \
  src/resource/menu/link.rs \
  '.unwrap_or_else(|| live_form(name, target, appid, own, all))' \
  '.unwrap_or(false && live_form(name, target, appid, own, all))' \
  '--test all' mini_program_button_keeps_its_form

mutation 'only one resource needs its permission set' \
  src/resource/decide.rs \
  'if !granted(resource, facts) {' \
  'if !granted(resource, facts) && resource.name() == "openAccount" {' \
  --lib a_missing_permission_set_is_a_gate_and_no_call_is_made

mutation 'a manifest moves a tenant to another account' \
  src/resource/decide.rs \
  'if let Some(other) = subject.pinned.filter(|pinned| *pinned != account) {' \
  'if let Some(other) = subject.pinned.filter(|pinned| *pinned != account && subject.reauthorized) {' \
  --lib a_manifest_moves_no_tenant_to_another_account

mutation 'what lost a part of a text is compared as if nothing were missing' \
  src/resource/mod.rs \
  'json::has_lost(body)' \
  'false && json::has_lost(body)' \
  '--lib' what_lost_a_part_is_compared_with_nothing

mutation 'a template that nothing explains is taken for another hand' \
  src/resource/templates/journal.rs \
  '|| !of_another(template)' \
  '|| false' \
  '--test all' template_of_a_strange_title_is_added_once

mutation 'a mini-program is bound though it is not known what comes before it' \
  src/resource/open_account/common.rs \
  'Told::NotKnown => return Common::NotKnown(whose),' \
  'Told::NotKnown => {}' \
  --lib nothing_is_bound_to_what_is_not_known

mutation 'a link that was refused is asked for again' \
  src/resource/links/due.rs \
  'live.clone().find(by_appid).or_else(|| live.find(by_name))' \
  'live.clone().find(by_appid).or_else(|| live.find(by_name)).filter(|live| live.stands != Stands::Refused)' \
  '--test all' link_refused_is_not_asked_again
mutation 'the fleet guard does not see a picture change' \
  src/resource/file.rs \
  'if files.is_empty() {' \
  'if files.len() < 1_000 {' \
  '--test all' avatar_of_a_class_trips_the_guard

mutation 'an avatar of which nothing is remembered is set over' \
  src/resource/app/avatar.rs \
  'return Observation::Unknown(not_comparable(view.at));' \
  'return Observation::Present(AvatarState { source: None });' \
  '--test all' avatar_assumed

mutation 'a rejected name is handed in again' \
  src/resource/app/nickname/due.rs \
  'Stands::Refused(reason) if call == Some(&last.done.call) => {' \
  'Stands::Refused(reason) if call.is_none() => {' \
  '--test all' nickname_rejected

mutation 'a count of names that stays proves that nothing was handed in' \
  src/resource/app/nickname/journal.rs \
  'Settled::Ambiguous' \
  'Settled::NotDone' \
  '--test all' nickname_lost_and_counted_when_approved

mutation 'rejected documents are handed in again' \
  src/resource/app/categories/review.rs \
  'if new.all.is_empty() || same {' \
  'if new.all.is_empty() {' \
  '--test all' category_rejected

mutation 'other documents are sent for a category that was approved' \
  src/resource/app/categories/review.rs \
  'ReviewStatus::Passed => passed(spec, &path, one, view),' \
  'ReviewStatus::Passed => Some(rejected(spec, &path, one, view)),' \
  '--test all' category_approved_and_another_paper

mutation 'a category is added without the documents it needs' \
  src/resource/app/categories/papers.rs \
  '(!lists.iter().any(is_there)).then(|| needs(label, lists))' \
  '(lists.len() > 9 && !lists.iter().any(is_there)).then(|| needs(label, lists))' \
  '--lib' one_of_wechats_lists_is_needed_whole

mutation 'a review that has begun does not settle what was handed in' \
  src/resource/app/categories/journal.rs \
  '(ReviewStatus::InReview | ReviewStatus::Passed, _) => Settled::Done(Outputs::new()),' \
  '(ReviewStatus::InReview | ReviewStatus::Passed, _) => Settled::NotDone,' \
  '--lib' another_review_settles_what_is_in_doubt

mutation 'a list of domains that no answer has counts as empty' \
  src/resource/app/domains/server.rs \
  'let Some(stored) = stored.get(&class) else {
            due.unknown.push(class);
            continue;
        };' \
  'let stored = &stored.get(&class).cloned().unwrap_or_default();' \
  '--lib' a_list_that_no_answer_has_is_not_empty

mutation 'a host that WeChat left out is sent again' \
  src/resource/app/domains/server.rs \
  'due.refused.insert(key, verdict);
                continue;' \
  'due.refused.insert(key, verdict);' \
  '--lib' what_was_left_out_of_a_change_waits_host_by_host_and_is_not_sent_again

mutation 'a host that the platform lacks is added' \
  src/resource/app/domains/server.rs \
  'if !hosts.has(host(domain), authority(domain)) => {' \
  'if !hosts.has(host(domain), authority(domain)) && due.add.len() > 9 => {' \
  '--lib' a_host_that_the_platform_lacks_waits_and_the_others_go_on
