//! Flows through the real binary against the simulator: one folder, one promise.
//!
//! A folder of `tests/scenarios/` holds `steps.yaml` and, where it needs its own, `manifests/` and `wechat.sim.yaml`;
//! `docs/tests.md` says what a step may be. A new case is a new folder and its name in the list below.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::files::copy;
use crate::support::foreign::Foreign;
use crate::support::play::{folder, play, script};
use crate::support::script::Script;
use crate::support::stage::Stage;

/// One test per folder; `every_folder_is_played` fails when one is missing here.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*
    };
}

scenarios! {
    a_menu_that_was_not_added_costs_no_other,
    absence_never_deletes,
    accepted_and_not_shown,
    accepted_and_shown_late,
    accepted_and_shown_within_the_margin,
    account_not_entitled_waits,
    account_not_normal,
    account_of_a_renamed_tenant_is_released,
    account_of_another_tenant,
    account_that_another_manifest_names,
    acknowledged_revocation_is_stored,
    acknowledged_ticket_is_stored,
    adopted_from_the_list,
    adopted_without_refresh_token_in_the_list,
    app_not_registered_through_the_api,
    app_renamed,
    app_renamed_behind_a_button,
    app_settings_set,
    app_signature_in_lines,
    app_signature_set,
    app_taken_without_a_scan,
    appid_in_capitals,
    apply_waits_and_says_so,
    approval_committed_beside_the_manifests,
    approval_expired,
    approval_for_another_step,
    approval_spent,
    approval_spent_once_by_three_processes,
    approval_survives_another_order,
    apps_bound_by_scan,
    asked_for_is_said_to_wait,
    avatar_address_gives_no_such_file,
    avatar_address_that_is_not_safe,
    avatar_assumed,
    avatar_busy_with_effect,
    avatar_drift,
    avatar_file_changed_meanwhile,
    avatar_file_refused,
    avatar_from_an_address,
    avatar_killed_after_the_upload,
    avatar_media_expired,
    avatar_needs_approval,
    avatar_of_a_class_trips_the_guard,
    avatar_quota_used_up,
    avatar_reset_after_the_effect,
    avatar_reset_before_the_effect,
    avatar_set,
    avatar_upload_lost,
    bound_to_an_open_account,
    call_looked_up_by_its_rid,
    category_added_reset_after_the_effect,
    category_added_reset_before_the_effect,
    category_added_with_papers,
    category_again_after_a_restore,
    category_again_busy_with_effect,
    category_again_killed_in_flight,
    category_again_reset_after_the_effect,
    category_again_reset_before_the_effect,
    category_approved_and_another_paper,
    category_deleted_when_approved,
    category_end_pushed_is_told,
    category_kept_until_another_is_there,
    category_paper_expired_is_not_sent,
    category_paper_expires,
    category_papers_busy_with_effect,
    category_papers_missing,
    category_papers_reset_after_the_effect,
    category_papers_reset_before_the_effect,
    category_rejected,
    category_rejected_and_handed_in_again,
    category_rejected_and_no_push_came,
    category_rejected_by_push,
    category_rejected_in_the_console,
    changed_manifest_is_no_drift,
    class_and_tenant_merged,
    conditional_busy_with_effect,
    conditional_change_broken_off,
    conditional_killed_and_kept_otherwise,
    conditional_lost_and_kept_otherwise,
    conditional_menu_added,
    conditional_menu_after_doubt_is_told_from_its_older_copy,
    conditional_menu_changed,
    conditional_menu_drift_reverted,
    conditional_menu_removed,
    conditional_menus_are_not_deleted_along,
    conditional_menus_need_a_default_one,
    conditional_menus_of_another_client,
    conditional_menus_undeclared_are_left_alone,
    conditional_order_holds_when_one_is_lost,
    conditional_reset_after_the_effect,
    conditional_reset_before_the_effect,
    create_answered_with_rubbish,
    create_answered_with_unknown_errcode,
    create_answered_with_unknown_errcode_without_effect,
    create_busy_with_effect,
    create_busy_without_effect,
    create_lost_every_time,
    create_lost_every_time_until_the_manifest_changes,
    create_of_what_exists,
    create_refused,
    create_reset_after_the_effect,
    create_reset_before_the_effect,
    dead_account_in_its_place,
    deleted_template_comes_back,
    domains_busy_with_effect,
    domains_dropped_at_a_release,
    domains_none_of_them_filed,
    domains_of_another_client,
    domains_of_the_other_way,
    domains_read_otherwise,
    domains_refused_as_a_whole,
    domains_reset_after_the_effect,
    domains_reset_before_the_effect,
    domains_set_directly,
    domains_through_the_platform,
    drift_only_reported,
    drift_reverted,
    empty_buttons_delete_the_menu,
    equal_changes_are_said_once,
    everything_missing,
    everything_right,
    followers_of_another_client,
    foreign_templates,
    full_of_foreign_templates,
    guard_counts_only_what_was_applied,
    guard_counts_those_that_were_only_looked_at,
    guard_forgets_those_who_left,
    guard_is_judged_by_what_was_in_force,
    guard_trips_and_is_lifted,
    history_is_written_before_the_call,
    history_tells_what_was_there,
    hourly_cap_cannot_raise_itself,
    hourly_cap_of_a_kind,
    hourly_cap_on_costly_steps,
    import_apps_apart,
    import_apps_as_the_mapping_says,
    import_apps_of_tenants_that_are_there,
    import_apps_with_their_official_accounts,
    import_domains,
    import_everything_then_plan_is_empty,
    import_extract_class,
    import_leaves_out_what_nobody_can_read,
    import_never_overwrites,
    import_one_dead_account,
    import_one_dead_app,
    import_owners_own_menu,
    import_tags_and_options,
    import_tenants_that_have_a_name,
    import_writes_nothing_at_wechat,
    industry_changed_by_the_owner_this_month,
    industry_changed_twice_in_a_month,
    industry_secondary_kept,
    industry_set,
    industry_set_reset_after_the_effect,
    industry_set_reset_before_the_effect,
    industry_without_effect,
    invalid_menu_refused_for_good,
    kept_in_another_spelling,
    link_asked_for_and_confirmed,
    link_asked_for_by_somebody_else,
    link_ended_when_approved,
    link_of_an_item_that_waits_for_its_scan,
    link_of_another_mini_program,
    link_of_the_one_that_a_button_needs,
    link_refused_by_the_owner_is_not_asked_again,
    link_refused_is_not_asked_again,
    link_reset_after_the_effect,
    link_reset_before_the_effect,
    links_of_another_client,
    made_again_only_when_wechat_can_show_it,
    menu_answered_with_unknown_errcode,
    menu_for_a_tag_in_one_apply,
    menu_for_a_tag_that_nobody_made,
    menu_gateway_after_the_effect,
    menu_gateway_before_the_effect,
    menu_match_tells_what_a_follower_sees,
    menu_outcome_unknown,
    menu_reset_after_the_effect,
    menu_reset_before_the_effect,
    menu_switched_off,
    mini_program_button_keeps_its_form,
    mini_program_button_refused,
    mini_program_button_waits_for_its_link,
    mini_program_of_another_client,
    nickname_approval_pushed_is_told,
    nickname_approved_by_poll,
    nickname_approved_by_push,
    nickname_busy_with_effect,
    nickname_end_pushed_is_told,
    nickname_killed_in_flight,
    nickname_lost_and_counted_when_approved,
    nickname_needs_approval,
    nickname_not_through_the_api,
    nickname_refused_when_handed_in,
    nickname_rejected,
    nickname_rejected_and_not_counted,
    nickname_rejected_by_notice,
    nickname_rejected_by_push,
    nickname_rejected_said_to_be_over,
    nickname_reset_after_the_effect,
    nickname_reset_before_the_effect,
    nickname_set_at_once,
    nickname_taken,
    nickname_under_review_is_not_said_to_be_over,
    nickname_used_up,
    nickname_with_a_keyword,
    nickname_without_licence,
    observe_mode,
    odd_types,
    one_account_left,
    one_failing_among_ten,
    one_slow_tenant_delays_nobody,
    only_the_selected_tenant,
    open_account_bind_reset_after_the_effect,
    open_account_bind_reset_before_the_effect,
    open_account_goes_on_without_the_revoked,
    open_account_moved_when_approved,
    open_account_named_for_all,
    open_account_not_made_through_the_api,
    open_account_of_apps_alone,
    open_account_of_three,
    open_account_unbind_reset_after_the_effect,
    open_account_unbound_by_another_client,
    options_lost_after_the_effect,
    options_of_another_client,
    options_refused,
    options_set,
    other_principal,
    outcome_resolved_as_done,
    outcome_resolved_as_not_done,
    outcome_unknown_until_a_probe_can_tell,
    output_by_name,
    owner_edits_while_apply_runs,
    owner_scans,
    owner_scans_the_wrong_account,
    owners_own_menu,
    owners_own_menu_declared,
    owners_own_menu_replaced_once,
    owners_own_menu_replaced_when_approved,
    owners_own_menu_stays_when_none_is_wanted,
    per_minute_limit_is_respected,
    permission_set_missing,
    platform_host_removed_takes_a_yes,
    platform_host_still_declared,
    platform_host_without_filing,
    platform_hosts_apart,
    platform_hosts_come_before_the_apps,
    platform_list_asked_once,
    platform_pages_need_their_file,
    platform_refused_once,
    processes_share_a_closed_store,
    processes_share_one_store,
    pushes_lost,
    put_counted_against_its_quota,
    quota_after_use,
    quota_cleared_by_another_client,
    quota_gone,
    quota_gone_on_a_create,
    read_refused_until_somebody_acts,
    refresh_token_replaced,
    refresh_token_rotates,
    refusal_a_person_must_mend,
    refusal_outlives_what_is_not_said,
    refused_predecessor_holds_its_follower,
    registered_by_one_scan,
    registration_answer_lost_after_the_effect,
    registration_answer_lost_before_the_effect,
    registration_busy_with_effect,
    registration_busy_without_effect,
    registration_by_two_processes,
    registration_month_used_up,
    registration_needs_the_official_account,
    registration_not_linked,
    registration_not_linked_and_unanswered,
    registration_of_a_claimed_app,
    registration_of_a_government,
    registration_of_a_person,
    registration_of_a_sole_trader,
    registration_of_two,
    registration_owner_left_after_the_scan,
    registration_scanned_and_not_approved,
    registration_seen_twice,
    registration_set_not_granted,
    registration_store_put_back,
    registration_subject_blacklisted,
    registration_subject_limit,
    registration_ticket_too_old,
    registration_unanswered_and_not_listed,
    registration_unfinished,
    registration_unverified,
    registration_waits_for_a_yes,
    registrations_of_another_client,
    restore_of_one_of_several_is_refused,
    restore_of_what_cannot_be_is_refused,
    restore_puts_back,
    restored_asks_before_it_adds_again,
    restored_asks_for_the_refresh_token_first,
    revoked_and_authorized_again,
    revoked_is_said_with_its_time,
    said_to_be_gone_and_there,
    saved_plan_applies_what_was_shown,
    saved_plan_is_no_approval,
    saved_plan_makes_no_forecast,
    saved_plan_says_what_nobody_declares_any_more,
    saved_plan_stale_on_one_of_three,
    stale_read_after_a_create,
    status_since,
    store_backed_up_and_put_back,
    subscribe_message_added,
    subscribe_message_category_missing,
    subscribe_message_lost_after_the_effect,
    subscribe_message_lost_before_the_effect,
    tag_limit_reached,
    tag_lost_after_the_effect,
    tag_lost_before_the_effect,
    tag_made,
    tag_refused,
    tag_renamed_by_the_owner,
    tags_and_notifications_of_another_client,
    tags_without_their_permission_set,
    template_added,
    template_added_busy_with_effect,
    template_added_reset_after_the_effect,
    template_added_reset_before_the_effect,
    template_category_missing,
    template_found,
    template_limit_reached,
    template_of_a_strange_title_is_added_once,
    template_of_another_title_is_added_once,
    template_outside_the_industry,
    template_refused_for_good,
    templates_of_an_unverified_account,
    templates_of_another_client,
    templates_that_look_alike,
    templates_wait_for_the_industry,
    tester_already_one,
    tester_busy_with_effect,
    tester_lost_after_the_effect,
    tester_lost_before_the_effect,
    tester_removed_by_hand,
    testers_bound,
    testers_refused,
    three_hundred_with_faults,
    ticket_lost,
    token_expired_in_mid_apply,
    token_refused_for_good,
    two_tenants_one_appid,
    unknown_never_deletes,
    unknown_never_writes,
    unverified,
    upload_refused_once,
    webview_domains_assumed_reachable,
    webview_domains_once_their_hosts_serve_the_file,
    webview_domains_through_the_platform,
    why_in_chinese,
    wrong_account_kind,
}

#[test]
fn every_folder_is_played() {
    let folders: Vec<String> = std::fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('_'))
        .collect();
    for name in &folders {
        assert!(
            PLAYED.contains(&name.as_str()),
            "tests/scenarios/{name} is not in the list"
        );
    }
    assert_eq!(folders.len(), PLAYED.len());
}

/// What the simulator offers and no scenario calls is either dead or unproved.
#[test]
fn every_endpoint_is_exercised() {
    let state = folder("_common").join("missing.sim.yaml");
    let stage = Stage::without_sidecar(&folder("_common").join("manifests"), &state);
    let exercised: BTreeSet<String> = PLAYED
        .iter()
        .flat_map(|name| script(name).exercises())
        .collect();
    let offered = stage.control.offered();
    assert!(offered.len() > 30);
    let missing: BTreeSet<&String> = offered.difference(&exercised).collect();
    assert!(missing.is_empty(), "no scenario calls {missing:#?}");
}

/// `{received: 0}` of a path that does not exist would hold whatever is called.
#[test]
#[should_panic(expected = "WeChat has no {\"/cgi-bin/menu/creat\"}")]
fn a_path_that_is_no_api_fails_the_scenario() {
    let script: Script = serde_saphyr::from_str(
        "holds: nothing is called\nsteps: [{calls: {/cgi-bin/menu/creat: {received: 0}}}]",
    )
    .unwrap();
    let state = folder("_common").join("missing.sim.yaml");
    let stage = Stage::without_sidecar(&folder("_common").join("manifests"), &state);
    script.must_name_apis(&stage.control.offered());
}

/// What a dry run must not make: options and quotas are changed below `/component/` too.
#[test]
fn only_tokens_are_no_effect() {
    let manifests = tempfile::tempdir().unwrap();
    for from in ["_common/manifests", "_common/menu_only"] {
        copy(&folder(from), manifests.path());
    }
    let stage = Stage::set(manifests.path(), &folder("_common/missing.sim.yaml"));
    assert_eq!(stage.wxops(&["plan"]).code, 0);
    assert_eq!(stage.control.effects(), 0);
    let by_others: Foreign = serde_json::from_value(json!({
        "path": "/cgi-bin/component/api_set_authorizer_option",
        "token": "component",
        "body": {
            "component_appid": "wx0000000000000001", "authorizer_appid": "wx1111111111111111",
            "option_name": "voice_recognize", "option_value": "1",
        },
        "answers": {"errcode": 0},
    }))
    .unwrap();
    by_others.make(&stage.api, &stage.control, str::to_owned, "an option");
    assert_eq!(stage.control.effects(), 1);
}
