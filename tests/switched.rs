//! Where WeChat's pages are silent the simulator has a switch, and the client must be right whichever way it is turned.
//!
//! What comes out the same is a scenario that is played again with switches turned; what differs has a scenario of its
//! own. `every_switch_is_exercised_in_each_position` holds that none is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::scenarios::PLAYED;
use crate::support::play::{folder, play_with, script};
use crate::support::stage::Stage;

/// Scenarios that hold as well with these switches turned.
macro_rules! played_again {
    ($($name:ident: $scenario:ident $switches:tt;)*) => {
        const AGAIN: &[(&str, &str)] = &[$((stringify!($scenario), stringify!($switches))),*];
        $(
            #[test]
            fn $name() {
                play_with(stringify!($scenario), &json!($switches));
            }
        )*
    };
}

played_again! {
    a_registration_whose_answer_looks_otherwise: registered_by_one_scan {
        "listHasUnexchanged": false, "preAuthCodeSeconds": 60, "registrationCopiesVerification": true,
        "registrationPushesAuthorized": true, "registrationSaysBooleans": true, "registrationTicketSeconds": 60,
        "strictTokenName": true, "unverifiedOpenAccountMembers": 2
    };
    a_registration_that_costs_nothing_when_busy: registration_busy_without_effect {
        "minusOneConsumesRegistration": false
    };
    hosts_kept_as_they_came: domains_set_directly {
        "directSetNeedsRelease": false, "domainGetCounts": true, "domainsFoldCase": false,
        "monthRollsAfterHours": 8, "principalsOfADomain": 1, "setClearsOmittedDomains": false, "strictTokenName": true
    };
    hosts_that_only_the_published_list_lets_in: domains_through_the_platform {
        "domainGetCounts": true, "domainsFoldCase": false, "releaseDropsConsoleDomains": false, "strictTokenName": true,
        "testingDomainsSuffice": false
    };
    pages_that_only_the_published_list_lets_in: webview_domains_through_the_platform {
        "testingDomainsSuffice": false, "webviewDomainsEndWithSlash": false
    };
    pages_without_a_slash: webview_domains_once_their_hosts_serve_the_file {
        "webviewDomainsEndWithSlash": false
    };
    a_release_that_takes_no_hosts_away: domains_dropped_at_a_release {
        "releaseDropsConsoleDomains": false
    };
    the_platforms_token_under_its_own_name: platform_hosts_come_before_the_apps {
        "domainsFoldCase": false, "platformWebviewChangesAMonth": 50, "strictTokenName": true
    };
    hosts_that_are_gone_and_no_error: domains_deleted_meanwhile {
        "unknownDomainDeleted": 0
    };
    hosts_that_left_the_platforms_list_by_their_other_code: domains_taken_off_the_list_meanwhile {
        "unregisteredDomain": 85018
    };
    the_same_list_put_by_another_is_refused: webview_domains_put_by_another_meanwhile {
        "directWebviewUnchanged": 89019
    };
    a_location_api_granted_by_its_other_number: location_api_applied_for {
        "privacyApplyPassed": 5
    };
    an_order_path_answered_later_and_elsewhere: order_path_handed_in {
        "orderPathOnMessagesUrl": true, "orderPathResultSeconds": 60, "strictTokenName": true
    };
    followers_without_names: users_exported {
        "userInfoOmitsNames": true
    };
    a_month_that_begins_late: dns_prefetch_refused {
        "monthRollsAfterHours": 8
    };
    a_name_counted_by_characters: nickname_set_at_once {
        "auditSeconds": 60, "chineseNameWidth": 1, "longestName": 60, "yearRollsAfterHours": 8
    };
    links_to_others_used_up_by_their_other_code: links_to_others_used_up {
        "otherEntityLinksUsedUp": 89407
    };
}

/// The switches of registration, domains, what is fetched ahead, plugins, links, location APIs, order paths and followers:
/// how each stands, and how else it may. `_` is any other number.
const POSITIONS: &[(&str, &str, &[&str])] = &[
    ("confirmFileMissing", "85069", &["_"]),
    ("directSetNeedsRelease", "true", &["false"]),
    ("directWebviewInvalid", "86100", &["89021"]),
    ("directWebviewUnchanged", "0", &["89019"]),
    ("domainChangesUsedUp", "86102", &["_"]),
    ("domainGetCounts", "false", &["true"]),
    ("domainGetOmitsHosts", "false", &["true"]),
    ("domainsFoldCase", "true", &["false"]),
    ("followersPage", "10000", &["_"]),
    ("lastPageNamesOpenid", "false", &["true"]),
    ("linkAsksOfficialAccount", "true", &["false"]),
    ("linkOperationsAMonth", "null", &["_"]),
    ("listHasUnexchanged", "true", &["false"]),
    ("minusOneConsumesRegistration", "true", &["false"]),
    ("monthRollsAfterHours", "0", &["_"]),
    ("orderPathOnMessagesUrl", "false", &["true"]),
    ("orderPathResultSeconds", "0", &["_"]),
    ("orderPathRetCode", "0", &["_"]),
    ("otherEntityLinksUsedUp", "89017", &["89407"]),
    ("platformDomainsAllInvalid", "0", &["85301"]),
    ("platformWebviewChangesAMonth", "null", &["0", "50"]),
    ("principalsOfADomain", "100", &["_"]),
    ("privacyApplyPassed", "3", &["5"]),
    ("registrationCopiesVerification", "false", &["true"]),
    ("registrationLinks", "true", &["false"]),
    ("registrationPushesAuthorized", "false", &["true"]),
    ("registrationRunsSeconds", "5", &["_"]),
    ("registrationSaysBooleans", "false", &["true"]),
    ("registrationSets", "[3,17,18,30,31]", &["[3,17,18]"]),
    ("registrationTicketSeconds", "600", &["_"]),
    ("registrationUnfinishedSeconds", "0", &["_"]),
    ("releaseDropsConsoleDomains", "true", &["false"]),
    ("setClearsOmittedDomains", "true", &["false"]),
    ("strictTokenName", "false", &["true"]),
    ("testingDomainsSuffice", "true", &["false"]),
    ("unknownDomainDeleted", "85017", &["0"]),
    ("unlinkIsConfirmed", "false", &["true"]),
    ("unpublishedRegistration", "-1", &["61028"]),
    ("unregisteredDomain", "85017", &["85018"]),
    ("userInfoOmitsNames", "false", &["true"]),
    ("webviewDomainChecksFile", "false", &["true"]),
    ("webviewDomainsEndWithSlash", "true", &["false"]),
];

/// The simulator has them for forms of registration, and for notices, that wxops has no use for: registrations of
/// enterprises and of persons, filing.
const NOT_YET: &[&str] = &[
    "failedRegistrationHasEmptyAppid",
    "filingNoticesAsDocumented",
    "wrongEnterpriseCodeLength",
];

/// How scenarios turn each switch.
fn turned() -> BTreeMap<String, BTreeSet<String>> {
    let mut turned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let again = AGAIN.iter().map(|(_, switches)| switches.parse().unwrap());
    let in_steps = PLAYED.iter().flat_map(|name| script(name).switches());
    for switches in again.chain(in_steps) {
        let switches: Value = switches;
        for (name, value) in switches.as_object().unwrap() {
            turned
                .entry(name.clone())
                .or_default()
                .insert(value.to_string());
        }
    }
    turned
}

#[test]
fn every_switch_is_exercised_in_each_position() {
    let state = folder("_common").join("missing.sim.yaml");
    let stage = Stage::without_sidecar(&folder("_common").join("manifests"), &state);
    let switches = stage.control.state()["switches"].clone();
    let turned = turned();
    let none = BTreeSet::new();
    let mut missing = Vec::new();
    for (name, stands, others) in POSITIONS {
        assert_eq!(switches[*name].to_string(), *stands, "{name}");
        let seen = turned.get(*name).unwrap_or(&none);
        let other = seen.iter().any(|value| value != stands);
        let left = others
            .iter()
            .filter(|one| !(seen.contains(**one) || **one == "_" && other));
        missing.extend(left.map(|one| format!("{name}: {one}")));
    }
    assert!(missing.is_empty(), "no scenario turns {missing:#?}");

    let tests = sources(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .as_path(),
    );
    let listed: BTreeSet<&str> = POSITIONS.iter().map(|row| row.0).collect();
    for name in switches.as_object().unwrap().keys() {
        let by_scenario = turned.contains_key(name);
        let not_yet = NOT_YET.contains(&name.as_str());
        assert!(!(by_scenario && not_yet), "{name} is exercised by now");
        let named = by_scenario || tests.contains(&format!("\"{name}\""));
        assert!(
            listed.contains(name.as_str()) || not_yet || named,
            "no test turns {name}"
        );
    }
}

/// All tests but this file.
fn sources(below: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("switched.rs")
        {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    all
}
