//! Where WeChat's documentation contradicts itself or is silent: one switch each, with the safe default.
//!
//! A switch says how the simulated WeChat behaves; it never changes what a caller has to send.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::miniprogram::Period;

/// Behaviour that can be turned. The defaults are what a careful client should be built against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Switches {
    /// How long an authorizer access token lives on after a newer one was issued.
    pub aat_overlap_seconds: u32,
    /// How long a replaced refresh token is still taken.
    pub refresh_token_grace_seconds: u32,
    /// Authorizing again replaces the refresh token although the owner never cancelled.
    pub reauthorizing_replaces_refresh_token: bool,
    /// Each use of a refresh token answers a new one.
    pub rotate_refresh_token_on_use: bool,
    /// What a second exchange of an authorization code answers: 61010 or 61009.
    pub reused_auth_code: i64,
    /// What an authorizer access token answers after the owner cancelled: 40001 or 61003.
    pub cancelled_aat: i64,
    /// Only the newest component access token works.
    pub only_newest_component_token: bool,
    /// Lifetime of a pre-authorization code.
    pub pre_auth_code_seconds: u32,
    /// Bytes a first-level menu name may have: 16 by the documents, 20 and more by report.
    pub first_level_name_bytes: usize,
    /// What a menu with a mini-program that is not linked answers: 85005 or 45064.
    pub unlinked_mini_program: i64,
    /// Accounts an unverified open account may bind.
    pub unverified_open_account_members: u32,
    /// Each ticket push carries a new value; else one value is pushed until it is six hours old.
    pub fresh_ticket_each_push: bool,
    /// `AuthorizationCodeExpiredTime` in pushes is a point in time; else a duration.
    pub absolute_code_expiry: bool,
    /// Numbers in answers, the errcode aside, are sent as strings.
    pub numbers_as_strings: bool,
    /// Successful answers carry a field nobody documented.
    pub unknown_fields: bool,
    /// `open/get` leaves out the errcode when it succeeds.
    pub open_get_omits_errcode: bool,
    /// `api_get_authorizer_list` leaves out the refresh tokens.
    pub list_omits_refresh_token: bool,
    /// `menu/trymatch` wraps its buttons in `menu`.
    pub trymatch_wraps_menu: bool,
    /// `menu/addconditional` answers its menu id as a number.
    pub numeric_menuid: bool,
    /// `menu/get` shows the numbers of a match rule as numbers.
    pub numeric_matchrule: bool,
    /// `language` in a match rule is refused like the other rules withdrawn for privacy.
    pub refuse_language_rule: bool,
    /// How many conditional menus an account may have; WeChat's number is not published.
    pub max_conditional_menus: Option<usize>,
    /// How many domains a default menu may lead to; the list of codes does not say which menus 65316 is about.
    pub default_menu_domains: Option<usize>,
    /// `menu/create` opens a menu that the owner has closed.
    pub menu_create_opens_menu: bool,
    /// Ids of pictures and voices in an owner's own menu are others at every read.
    pub temporary_media_ids: bool,
    /// `api_set_industry` takes numbers as well as text.
    pub industry_takes_numbers: bool,
    /// What adding a template of the old library (`TM…`, `OPENTM…`) is refused with; none: it can be added.
    pub old_templates_refused: Option<i64>,
    /// Most openids of a page of `user/get`.
    pub followers_page: usize,
    /// The last page of `user/get` names its last openid; the page after it is empty.
    pub last_page_names_openid: bool,
    /// `user/info` leaves out names, pictures and places instead of showing them empty.
    pub user_info_omits_names: bool,
    /// Every list of templates begins with WeChat's own, 订阅模板消息.
    pub built_in_template: bool,
    /// How often a notice is sent until it is answered.
    pub notice_attempts: u32,
    /// After so many milliseconds WeChat cuts the connection of a push.
    pub push_deadline_ms: u64,
    /// After so many failed pushes in a row a platform gets none; `api_start_push_ticket` starts them again.
    pub pushes_stop_after: Option<u32>,
    /// Notices about filing and face checks come as their page documents them, in JSON.
    pub filing_notices_as_documented: bool,
    /// The token of an API is taken only under the name its page gives: `component_access_token` for those of
    /// `/cgi-bin/component/` that take a component token, `access_token` for all others.
    pub strict_token_name: bool,
    /// Monthly budgets begin anew so many hours after midnight of the first in Asia/Shanghai.
    pub month_rolls_after_hours: u32,
    /// Yearly budgets begin anew so many hours after New Year in Asia/Shanghai.
    pub year_rolls_after_hours: u32,
    /// How often an avatar may be changed in a month; WeChat's cap is not published.
    pub avatars_a_month: Option<u64>,
    /// Whether categories added are counted by the month or by the year.
    pub category_period: Period,
    /// Most bytes of an uploaded picture; its page says ten megabytes and two.
    pub media_image_bytes: usize,
    /// `media/upload` carries an errcode when it succeeds.
    pub upload_says_errcode: bool,
    /// Reviews are over by themselves; else when an order decides.
    pub audits_end_by_themselves: bool,
    /// After how many seconds.
    pub audit_seconds: u32,
    /// Whether a name is reviewed, and what tells that it is not.
    pub name_review: NameReview,
    /// When a change of the name is counted.
    pub name_counts_at: CountsAt,
    /// Places of a name that a Chinese character takes.
    pub chinese_name_width: usize,
    /// Most places of a name.
    pub longest_name: usize,
    /// How many names an account may check in a minute; WeChat's number is not published.
    pub name_checks_a_minute: u64,
    /// What `setnickname` answers while a name is under review.
    pub name_under_review: i64,
    /// What `setnickname` answers when the year's changes are used up; no page says.
    pub names_used_up: i64,
    /// What `setnickname` answers where a media id is of material that is gone by now.
    pub stale_name_material: i64,
    /// Events about reviews come as notices, as some SDKs have them, not on the messages URL.
    pub audit_events_as_notices: bool,
    /// What most APIs answer to a body with `\u` escapes: 40033 or 47002.
    pub escaped_body: i64,
    /// Categories that need no papers are reviewed as well; else they pass at once.
    pub plain_categories_reviewed: bool,
    /// What one category more than an account may have is answered: 53301, or 53310, which `apply_reason` helps.
    pub category_limit_reached: i64,
    /// `verify_type` has the numbers of `principal_type`; else 2 is a government and 3 the media.
    pub verify_type_is_principal_type: bool,
    /// What `change_visitstatus` answers before the first release; 0: it can be changed.
    pub visit_before_release: i64,
    /// What `setweappsupportversion` answers before the first release; 0: it can be set.
    pub base_library_before_release: i64,
    /// How many mini-programs one person may be a tester of.
    pub apps_of_a_tester: usize,
    /// What unbinding somebody who is no tester answers; 0: ok.
    pub unbind_unknown_tester: i64,
    /// A new link asks the official account's administrator first (12); else the mini-program's at once (2).
    pub link_asks_official_account: bool,
    /// What one link more to another entity's mini-program answers: 89017 or 89407.
    pub other_entity_links_used_up: i64,
    /// How often an account may link and unlink in a month, then 89030; WeChat's number is not published.
    pub link_operations_a_month: Option<u64>,
    /// An administrator is asked before a link ends.
    pub unlink_is_confirmed: bool,
    /// How long the ticket of a `fastregisterauth` page lives; no page says.
    pub registration_ticket_seconds: u32,
    /// How long a registration runs: one more of the same official account is answered 61058.
    pub registration_runs_seconds: u32,
    /// How long a registration is unfinished: one more of the same official account is answered 61057.
    pub registration_unfinished_seconds: u32,
    /// What `account/fastregister` answers a platform that is not published: -1, after which there is a mini-program
    /// nobody can use, or 61028.
    pub unpublished_registration: i64,
    /// A registration that is answered -1 is one of the month's.
    pub minus_one_consumes_registration: bool,
    /// What a platform must have published to register mini-programs; its pages name three sets and five.
    pub registration_sets: BTreeSet<u32>,
    /// A new mini-program has the official account's verification, where that was asked for.
    pub registration_copies_verification: bool,
    /// A new mini-program is linked to the official account.
    pub registration_links: bool,
    /// `account/fastregister` says true and false, not text.
    pub registration_says_booleans: bool,
    /// `authorized` is pushed for a new mini-program as well.
    pub registration_pushes_authorized: bool,
    /// A new mini-program is in `api_get_authorizer_list` though nobody has exchanged its code.
    pub list_has_unexchanged: bool,
    /// `set` of an app's server domains empties the classes that are left out; else they stay.
    pub set_clears_omitted_domains: bool,
    /// `get` of server domains is counted among the month's fifty changes.
    pub domain_get_counts: bool,
    /// Domains are kept in small letters; else as they came, and two spellings are two domains.
    pub domains_fold_case: bool,
    /// Answers of `get` about an app's domains leave the domains out.
    pub domain_get_omits_hosts: bool,
    /// What way one answers when the month's changes of domains are used up; its page names no code.
    pub domain_changes_used_up: i64,
    /// What `modify_domain` answers when no domain is left that the platform has: 85017 or 85018.
    pub unregistered_domain: i64,
    /// What `modify_domain` answers when none of the domains to delete is there: 85017, or 0.
    pub unknown_domain_deleted: i64,
    /// An app may have what is in the platform's testing list alone, until it is released.
    pub testing_domains_suffice: bool,
    /// A domain that is `set` directly though it is in force is out of force until the next release.
    pub direct_set_needs_release: bool,
    /// A release takes the owner's own domains away that the platform does not have.
    pub release_drops_console_domains: bool,
    /// How many entities' apps one domain may serve directly.
    pub principals_of_a_domain: usize,
    /// Every other business domain in `get_effective_webviewdomain` ends with a slash.
    pub webview_domains_end_with_slash: bool,
    /// `setwebviewdomain` looks for the platform's file at each domain as well.
    pub webview_domain_checks_file: bool,
    /// What a business domain without its file is answered; no page says.
    pub confirm_file_missing: i64,
    /// What `setwebviewdomain_directly` answers when nothing changes: 0 or 89019.
    pub direct_webview_unchanged: i64,
    /// What it answers to what is no `https` domain; its list of codes is not public.
    pub direct_webview_invalid: i64,
    /// What a platform's domain list answers when none of the domains can be taken; 0: it lists them.
    pub platform_domains_all_invalid: i64,
    /// How often a platform may change its business domains in a month; no page says.
    pub platform_webview_changes_a_month: Option<u64>,
    /// `status` of a location API that was granted, in the event: 3, or 5 as in the list.
    pub privacy_apply_passed: i64,
    /// What becomes of an order path that could be sent to review: 0, or another `RetCode`.
    pub order_path_ret_code: i64,
    /// Results of order paths come app by app on the messages URL; else as one notice.
    pub order_path_on_messages_url: bool,
    /// After how many seconds they come.
    pub order_path_result_seconds: u32,
    /// How long an uploaded version is looked at for what it uses.
    pub detection_seconds: u32,
    /// What `commit` answers while the version before is looked at; 0: the new one takes its place.
    pub commit_during_detection: i64,
    /// How many milliseconds `commit` takes to answer; all is done before, and no other commit is taken meanwhile.
    pub commit_ms: u32,
    /// `commit` answers 9402205 (being processed) though it has done it.
    pub commit_says_being_processed: bool,
    /// What an `ext_json` that is no JSON object is answered: 85013 or 85048.
    pub unreadable_ext_json: i64,
    /// Names in `requiredPrivateInfos` begin with `wx.`.
    pub private_infos_have_prefix: bool,
    /// What `get_code_privacy_info` answers where something is wrong; 0: it lists it.
    pub code_privacy_troubles: i64,
    /// What `submit_audit` answers without an `item_list`; 0: it is taken.
    pub submit_without_items: i64,
    /// The highest `scene` of a `ugc_declare`.
    pub ugc_scenes: u64,
    /// What `submit_audit` answers where the privacy guide says nothing of what the code uses; 0: it is taken.
    pub privacy_guide_missing: i64,
    /// So many seconds after a release or a withdrawal `submit_audit` still answers 85009.
    pub submit_blocked_seconds: u32,
    /// So many seconds `get_latest_auditstatus` is behind what was handed in or taken back.
    pub latest_audit_lag_seconds: u32,
    /// Its pictures are under `screenshot`; else under `ScreenShot`.
    pub screenshot_in_small_letters: bool,
    /// Its audit id is text.
    pub audit_id_as_text: bool,
    /// What was said with a version is empty wherever it is read.
    pub code_descriptions_omitted: bool,
    /// What `undocodeaudit` answers where nothing is under review.
    pub undo_without_audit: i64,
    /// `queryquota` answers 0 of 0.
    pub audit_quota_reads_zero: bool,
    /// Where the event of code that was refused has the reason.
    pub rejection_reason_at: ReasonAt,
    /// What `release` answers before the mini-program is filed; 0: it goes online.
    pub unfiled_release: i64,
    /// What `release` answers where something was uploaded after what was reviewed; 0: it goes online.
    pub release_after_newer_commit: i64,
    /// A hundred per cent is a release.
    pub gray_hundred_releases: bool,
    /// What `getgrayreleaseplan` shows where there never was a plan.
    pub no_gray_plan: NoGrayPlan,
    /// What `revertgrayrelease` answers where no plan is under way.
    pub revert_gray_without_plan: i64,
    /// `getversioninfo` says no more than ok.
    pub version_info_bare: bool,
    /// `release_info` has a time and no version.
    pub release_info_without_version: bool,
    /// What `setprivacysetting` answers without a contact; the code was never seen.
    pub privacy_contact_missing: i64,
    /// What it answers to all else that is wrong and has no code of its own.
    pub privacy_setting_invalid: i64,
    /// `getprivacysetting` lists what was found in the code and has no text.
    pub privacy_lists_detected: bool,
    /// The id of an uploaded guide is a number.
    pub privacy_file_id_is_number: bool,
    /// `getaccountbasicinfo` says `used_count` in place of `modify_used_count`.
    pub basic_info_says_used_count: bool,
    /// The notice about registrations is in force from 2026-04-30 12:00 in Asia/Shanghai: the old forms are gone.
    pub registration_notice: bool,
    /// What an enterprise's code gets that is not as long as its kind is: 89255 or 89247.
    pub wrong_enterprise_code_length: i64,
    /// The event of a registration that failed has an empty appid, not none.
    pub failed_registration_has_empty_appid: bool,
    /// Options of an account that cannot be changed.
    pub read_only_options: BTreeSet<String>,
    /// Permission sets by path, one of which opens the API, in place of the published ones.
    pub permission_sets: BTreeMap<String, BTreeSet<u32>>,
    /// Daily limits by path, in place of the published ones.
    pub daily_quotas: BTreeMap<String, u64>,
}

/// What becomes of a name that is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NameReview {
    /// It is reviewed; the answer has an audit id.
    Audited,
    /// It is set at once; the answer has none.
    AtOnce,
    /// It is set at once; the answer's audit id is 0.
    AtOnceWithZero,
}

/// When something that is reviewed is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CountsAt {
    /// When it is handed in.
    Submission,
    /// When it has passed.
    Approval,
}

/// Where the event of code that was refused has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReasonAt {
    /// In `Reason`, as its page has it.
    Reason,
    /// In `reason`.
    SmallReason,
    /// Nowhere: it is only to be asked for.
    Nowhere,
}

/// What is read where there never was a plan to go online by degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoGrayPlan {
    /// One of `status` 0.
    Zeros,
    /// An object with nothing in it.
    Empty,
    /// No object.
    Absent,
}
