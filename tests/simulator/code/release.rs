//! Going online: at once, by degrees, and back.

use serde_json::{Value, json};

use super::{RELEASE, VERSIONS, by_hand, commit, decide, platform, publish, ready, submit};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::MINI;

const GRAY: &str = "/wxa/grayrelease";
const PLAN: &str = "/wxa/getgrayreleaseplan";
const CANCEL: &str = "/wxa/revertgrayrelease";

fn online(mini: &Mini) -> Value {
    mini.post(VERSIONS, &json!({}))["release_info"]["release_version"].clone()
}

/// Uploads a version and lets it through.
fn approved(mini: &Mini, version: &str) {
    commit(mini, version);
    let audit = submit(mini);
    decide(mini, audit, json!({"outcome": "approved"}));
}

fn gray(mini: &Mini, percentage: u64) -> i64 {
    mini.code(GRAY, &json!({"gray_percentage": percentage}))
}

fn cancel(mini: &Mini) -> i64 {
    mini.get(CANCEL)["errcode"].as_i64().unwrap()
}

fn revert(mini: &Mini, query: &str) -> Value {
    let target = format!("/wxa/revertcoderelease?access_token={}{query}", mini.token);
    mini.world.get(&target, "")
}

fn history(mini: &Mini) -> Vec<String> {
    let list = revert(mini, "&action=get_history_version")["version_list"].clone();
    let versions = list.as_array().unwrap().iter();
    versions
        .map(|one| one["user_version"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_was_let_through_goes_online_once() {
    let mini = ready();
    assert_eq!(mini.code(RELEASE, &json!({})), 85019);
    commit(&mini, "1.0.0");
    assert_eq!(
        mini.code(RELEASE, &json!({})),
        85019,
        "it was not handed in"
    );
    let audit = submit(&mini);
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
    decide(&mini, audit, json!({"outcome": "approved"}));
    let empty = mini.world.raw("POST", RELEASE, &mini.token, "").json();
    assert_eq!(empty["errcode"], 44002);
    assert_eq!(mini.code(RELEASE, &json!({})), 0);
    assert_eq!(mini.code(RELEASE, &json!({})), 85052);
    assert_eq!(online(&mini), "1.0.0");
}

#[test]
fn a_release_does_to_domains_what_a_release_does() {
    let mini = ready();
    platform(
        &mini,
        json!({"domains": {"server": {"published": ["api.example.cn"]}}}),
    );
    mini.change(json!({"miniProgram": {"domains": {"server": {
        "mp": {"requestdomain": ["https://own.example.cn"]},
        "third": {"requestdomain": ["https://api.example.cn"]},
    }}}}));
    publish(&mini, "1.0.0");
    let domains = mini.world.account(MINI)["miniProgram"]["domains"]["server"].clone();
    assert_eq!(
        domains["effective"]["requestdomain"],
        json!(["https://api.example.cn"])
    );
    assert!(
        domains
            .get("mp")
            .is_none_or(|mp| mp["requestdomain"].is_null()),
        "{domains}"
    );
}

#[test]
fn a_newer_upload_may_stop_a_release() {
    let mini = ready();
    approved(&mini, "1.0.0");
    commit(&mini, "1.0.1");
    mini.switch("releaseAfterNewerCommit", json!(85020));
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
    assert_eq!(mini.get(super::LATEST)["status"], 0, "though it has passed");
    mini.switch("releaseAfterNewerCommit", json!(0));
    assert_eq!(mini.code(RELEASE, &json!({})), 0);
    assert_eq!(
        online(&mini),
        "1.0.0",
        "what was reviewed, not what was uploaded"
    );
}

#[test]
fn live_broadcast_stops_a_release() {
    let mini = ready();
    approved(&mini, "1.0.0");
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["audits"][0]["of"]["code"]["version"]["code"]["flaws"] = json!(["liveBroadcast"]);
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(mini.code(RELEASE, &json!({})), 9_400_001);
}

#[test]
fn versions_can_be_told_badly() {
    let mini = ready();
    publish(&mini, "1.0.0");
    mini.switch("releaseInfoWithoutVersion", json!(true));
    let info = mini.post(VERSIONS, &json!({}))["release_info"].clone();
    assert_eq!(
        (&info["release_version"], &info["release_desc"]),
        (&json!(""), &json!(""))
    );
    assert!(info["release_time"].is_i64(), "{info}");
    mini.switch("versionInfoBare", json!(true));
    assert_eq!(
        mini.post(VERSIONS, &json!({})),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let empty = mini.world.raw("POST", VERSIONS, &mini.token, "").json();
    assert_eq!(empty["errcode"], 44002);
}

#[test]
fn going_back_is_for_once_until_the_next_release() {
    let mini = ready();
    assert_eq!(revert(&mini, "")["errcode"], 87012);
    for version in ["1.0.0", "1.0.1", "1.0.2"] {
        publish(&mini, version);
    }
    let list = revert(&mini, "&action=get_history_version")["version_list"].clone();
    let newest = &list[0];
    assert_eq!(
        (
            &newest["user_version"],
            &newest["user_desc"],
            &newest["app_version"]
        ),
        (&json!("1.0.1"), &json!("报名"), &json!(2))
    );
    assert!(newest["commit_time"].is_i64(), "{newest}");
    assert_eq!(history(&mini), ["1.0.1", "1.0.0"]);
    let both = revert(&mini, "&action=get_history_version&app_version=1");
    assert!(both["version_list"].is_array(), "{both}");
    assert_eq!(online(&mini), "1.0.2", "the list is all that was asked for");
    assert_eq!(revert(&mini, "&action=other")["errcode"], 85022);
    assert_eq!(revert(&mini, "&app_version=9")["errcode"], 87012);
    assert_eq!(
        revert(&mini, "&app_version=1"),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    assert_eq!(online(&mini), "1.0.0");
    assert_eq!(revert(&mini, "")["errcode"], 87012);
    assert_eq!(history(&mini), Vec::<String>::new());
    publish(&mini, "1.0.3");
    assert_eq!(history(&mini), ["1.0.0", "1.0.1"]);
    assert_eq!(revert(&mini, "")["errcode"], 0);
    assert_eq!(online(&mini), "1.0.0");
}

#[test]
fn five_earlier_versions_are_remembered() {
    let mini = ready();
    for version in 0..7 {
        publish(&mini, &format!("1.0.{version}"));
    }
    assert_eq!(
        history(&mini),
        ["1.0.5", "1.0.4", "1.0.3", "1.0.2", "1.0.1"]
    );
}

#[test]
fn reading_the_history_is_no_write() {
    let mini = ready();
    publish(&mini, "1.0.0");
    publish(&mini, "1.0.1");
    mini.world.fault(json!({
        "endpoint": "/wxa/revertcoderelease", "kind": "errcode", "code": -1, "writes": true,
    }));
    assert_eq!(history(&mini), ["1.0.0"]);
    assert_eq!(revert(&mini, "")["errcode"], -1);
}

#[test]
fn by_degrees_goes_only_what_has_something_online_before_it() {
    let mini = ready();
    approved(&mini, "1.0.0");
    assert_eq!(gray(&mini, 10), 85079);
    assert_eq!(mini.code(RELEASE, &json!({})), 0);
    assert_eq!(gray(&mini, 10), 85080, "it is online already");
    commit(&mini, "1.0.1");
    let audit = submit(&mini);
    assert_eq!(gray(&mini, 10), 85080);
    decide(&mini, audit, json!({"outcome": "approved"}));
    mini.change(json!({"signature": ""}));
    assert_eq!(gray(&mini, 10), 86002);
    mini.change(json!({"signature": "教孩子们跳舞"}));
    for wrong in [
        json!({}),
        json!({"gray_percentage": 101}),
        json!({"gray_percentage": 1.5}),
        json!({"gray_percentage": 0}),
    ] {
        assert_eq!(mini.code(GRAY, &wrong), 85081, "{wrong}");
    }
    assert_eq!(gray(&mini, 10), 0);
    assert_eq!(gray(&mini, 10), 85082);
    assert_eq!(gray(&mini, 9), 85082);
    assert_eq!(online(&mini), "1.0.0");
    assert_eq!(revert(&mini, "")["errcode"], 87011);
    let plan = mini.get(PLAN)["gray_release_plan"].clone();
    assert_eq!(
        (&plan["status"], &plan["gray_percentage"]),
        (&json!(1), &json!(10))
    );
    assert_eq!(plan["support_debuger_first"], false);
    assert!(plan["create_timestamp"].is_i64(), "{plan}");
    assert_eq!(mini.world.account(MINI)["miniProgram"]["grayRelease"], true);
}

#[test]
fn none_of_the_users_means_members_first() {
    let mini = ready();
    publish(&mini, "1.0.0");
    approved(&mini, "1.0.1");
    let body = json!({"gray_percentage": 0, "support_debuger_first": true});
    assert_eq!(mini.code(GRAY, &body), 0);
    let plan = mini.get(PLAN)["gray_release_plan"].clone();
    assert_eq!(
        (&plan["status"], &plan["support_debuger_first"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(gray(&mini, 1), 0);
}

#[test]
fn a_hundred_per_cent_is_a_release_or_is_not() {
    for (releases, status, version, next) in [(true, 3, "1.0.1", 85052), (false, 1, "1.0.0", 0)] {
        let mini = ready();
        mini.switch("grayHundredReleases", json!(releases));
        publish(&mini, "1.0.0");
        approved(&mini, "1.0.1");
        assert_eq!(gray(&mini, 50), 0);
        assert_eq!(gray(&mini, 100), 0);
        assert_eq!(mini.get(PLAN)["gray_release_plan"]["status"], status);
        assert_eq!(online(&mini), version);
        assert_eq!(mini.code(RELEASE, &json!({})), next);
        assert_eq!(mini.get(PLAN)["gray_release_plan"]["status"], 3);
        assert_eq!(
            mini.world.account(MINI)["miniProgram"]["grayRelease"],
            false
        );
        assert_eq!(history(&mini), ["1.0.0"]);
    }
}

#[test]
fn a_plan_can_be_given_up() {
    let mini = ready();
    assert_eq!(cancel(&mini), 0, "there is none");
    mini.switch("revertGrayWithoutPlan", json!(85020));
    assert_eq!(cancel(&mini), 85020);
    publish(&mini, "1.0.0");
    approved(&mini, "1.0.1");
    assert_eq!(gray(&mini, 30), 0);
    assert_eq!(cancel(&mini), 0);
    assert_eq!(mini.get(PLAN)["gray_release_plan"]["status"], 4);
    assert_eq!(cancel(&mini), 85020);
    assert_eq!(
        mini.world.account(MINI)["miniProgram"]["grayRelease"],
        false
    );
    assert_eq!(gray(&mini, 10), 0, "it can begin anew");
}

#[test]
fn a_plan_there_never_was_reads_in_three_ways() {
    let mini = ready();
    let plan = || mini.get(PLAN).get("gray_release_plan").cloned();
    let zeros = json!({"status": 0, "create_timestamp": 0, "gray_percentage": 0});
    assert_eq!(plan(), Some(zeros));
    mini.switch("noGrayPlan", json!("empty"));
    assert_eq!(plan(), Some(json!({})));
    mini.switch("noGrayPlan", json!("absent"));
    assert_eq!(plan(), None);
}

#[test]
fn plugins_are_not_moved_while_a_plan_runs() {
    let mini = ready();
    publish(&mini, "1.0.0");
    approved(&mini, "1.0.1");
    assert_eq!(gray(&mini, 30), 0);
    mini.change(json!({"miniProgram": {"plugins": [{"appId": "wx76a9a06e5b4e693e"}]}}));
    let update =
        json!({"action": "update", "plugin_appid": "wx76a9a06e5b4e693e", "user_version": "1.0.0"});
    assert_eq!(mini.code("/wxa/plugin", &update), 89258);
}

#[test]
fn a_colleague_does_all_of_it_by_hand() {
    let mini = ready();
    let code = json!({"pages": ["home"], "privacyKeys": ["Camera"]});
    let done = by_hand(
        &mini,
        json!({"commit": {"userVersion": "9.0.0", "userDesc": "手工", "code": code}}),
    );
    assert_eq!(done["code"]["trial"]["userVersion"], "9.0.0");
    assert_eq!(done["audit"], Value::Null);
    assert_eq!(mini.get("/wxa/get_page")["page_list"], json!(["home"]));
    let path = format!("/_sim/accounts/{MINI}/code");
    for order in [
        json!({"release": {}}),
        json!({"withdraw": {}}),
        json!({"other": {}}),
    ] {
        assert_eq!(mini.world.refused("POST", &path, &order), 400, "{order}");
    }
    let submit = json!({"submit": {"platform": crate::simulator::world::PLATFORM}});
    let done = by_hand(&mini, submit.clone());
    assert_eq!(mini.world.refused("POST", &path, &submit), 400);
    assert_eq!(mini.get("/wxa/queryquota")["rest"], 19);
    let audit = done["audit"]["auditId"].as_u64().unwrap();
    assert_eq!(mini.get(super::LATEST)["auditid"], audit);
    decide(&mini, audit, json!({"outcome": "passed"}));
    let done = by_hand(&mini, json!({"release": {}}));
    assert_eq!(done["code"]["online"]["version"]["userVersion"], "9.0.0");
    assert_eq!(online(&mini), "9.0.0");
    by_hand(&mini, json!({"submit": {}}));
    assert_eq!(mini.get("/wxa/queryquota")["rest"], 19, "at nobody's cost");
    let nobody = "/_sim/accounts/wx0/code";
    assert_eq!(mini.world.refused("POST", nobody, &submit), 404);
    let strange = json!({"submit": {"platform": "wx0"}});
    assert_eq!(mini.world.refused("POST", &path, &strange), 404);
}
