//! `account/fastregister`: what it makes, what it answers, and what is there although nobody was told.

use serde_json::{Value, json};

use super::{REGISTER, Registrar, link};
use crate::simulator::faults::until;
use crate::simulator::http::request;
use crate::simulator::sink::Sink;
use crate::simulator::world::{MINI, OFFICIAL, OTHER, PLATFORM, text};

#[test]
fn a_mini_program_of_the_same_entity_is_made() {
    let registrar = Registrar::start();
    let official = json!({"basicInfo": {"customerType": 12, "credential": "92110000MA00000000"}});
    registrar.world.change(OFFICIAL, &official);
    let answer = registrar.registered();
    let appid = text(&answer["appid"]);
    for (field, value) in [
        ("errmsg", ""),
        ("is_wx_verify_succ", "false"),
        ("is_link_succ", "true"),
    ] {
        assert_eq!(answer[field], value, "{field}");
    }
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 6, "{keys:?}");

    let linked = registrar.links();
    assert_eq!(linked.len(), 1);
    for (field, value) in [
        ("status", json!(1)),
        ("appid", json!(appid)),
        ("released", json!(0)),
        ("headimg_url", json!("")),
        ("nickname", linked[0]["username"].clone()),
    ] {
        assert_eq!(linked[0][field], value, "{field}");
    }
    let code =
        json!({"component_appid": PLATFORM, "authorization_code": answer["authorization_code"]});
    let world = &registrar.world;
    let path = "/cgi-bin/component/api_query_auth";
    let got = world.post(path, &registrar.component, &code);
    let got = &got["authorization_info"];
    assert_eq!(got["authorizer_appid"], appid);
    let sets: Vec<i64> = got["func_info"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["funcscope_category"]["id"].as_i64().unwrap())
        .collect();
    for set in [17, 18, 25, 30, 31] {
        assert!(sets.contains(&set), "{set}");
    }
    assert!(!sets.contains(&27) && !sets.contains(&24));

    let token = text(&got["authorizer_access_token"]);
    let basic = world.get("/cgi-bin/account/getaccountbasicinfo", &token);
    for (field, value) in [
        ("account_type", json!(3)),
        ("nickname", json!("")),
        ("principal_name", json!("日出舞蹈有限公司")),
        ("customer_type", json!(12)),
        ("credential", json!("92110000MA00000000")),
    ] {
        assert_eq!(basic[field], value, "{field}");
    }
    let blank = [
        "/wx_verify_info/qualification_verify",
        "/signature_info/signature",
        "/head_image_info/head_image_url",
    ];
    let values: Vec<&Value> = blank.iter().map(|at| basic.pointer(at).unwrap()).collect();
    assert_eq!(values, [&json!(false), &json!(""), &json!("")]);
    let body = json!({"component_appid": PLATFORM, "authorizer_appid": appid});
    let path = "/cgi-bin/component/api_get_authorizer_info";
    let info = world.post(path, &registrar.component, &body);
    let info = &info["authorizer_info"];
    assert_eq!(
        (&info["register_type"], &info["verify_type_info"]["id"]),
        (&json!(2), &json!(-1))
    );
    let set = world.get("/cgi-bin/wxopen/getcategory", &token);
    assert_eq!(set["categories"], json!([]));
    // Its name and its categories can be set.
    let category = json!({"categories": [{"first": 287, "second": 301, "certicates": []}]});
    let added = world.post("/cgi-bin/wxopen/addcategory", &token, &category);
    assert_eq!(added["errcode"], 0);
    assert_eq!(registrar.count(), 1);
}

#[test]
fn a_ticket_is_used_once_by_its_account_and_platform_while_it_lives() {
    let registrar = Registrar::start();
    let world = &registrar.world;
    let other = world.authorized(&registrar.component, OTHER, None);
    let other = text(&other["authorizer_access_token"]);
    let ticket = registrar.ticket(1);
    let body = json!({"ticket": ticket});
    assert_eq!(world.post(REGISTER, &other, &body)["errcode"], 61058);
    assert_eq!(
        world.post(REGISTER, &registrar.token, &json!({}))["errcode"],
        61058
    );
    assert_eq!(registrar.register(&ticket)["errcode"], 0);
    world.advance(10);
    assert_eq!(registrar.register(&ticket)["errcode"], 61058);

    let late = registrar.ticket(1);
    world.advance(601);
    assert_eq!(registrar.register(&late)["errcode"], 61058);
    registrar.turn("registrationTicketSeconds", json!(3600));
    assert_eq!(registrar.register(&late)["errcode"], 0);
    assert_eq!(registrar.count(), 2);
}

#[test]
fn while_one_registration_runs_another_ticket_is_no_ticket() {
    let registrar = Registrar::start();
    let (first, second) = (registrar.ticket(1), registrar.ticket(1));
    assert_eq!(registrar.register(&first)["errcode"], 0);
    assert_eq!(registrar.register(&second)["errcode"], 61058);
    registrar.world.advance(6);
    assert_eq!(
        registrar.register(&second)["errcode"],
        0,
        "it was not spent"
    );
}

#[test]
fn who_asks_again_before_the_answer_is_told_of_no_ticket_though_it_succeeds() {
    let registrar = Registrar::start();
    let ticket = registrar.ticket(1);
    let slow = json!({"endpoint": REGISTER, "kind": "latencyAfterEffect", "ms": 1500, "count": 1});
    registrar.world.fault(slow);
    let target = format!("{REGISTER}?access_token={}", registrar.token);
    let body = json!({"ticket": ticket}).to_string();
    let to = registrar.world.wechat;
    let first = std::thread::spawn(move || request(to, "POST", &target, &[], body).unwrap().json());
    until(|| registrar.count() == 1);
    assert_eq!(registrar.register(&ticket)["errcode"], 61058);
    assert_eq!(first.join().unwrap()["errcode"], 0);
    assert_eq!(registrar.count(), 1);
}

#[test]
fn a_push_outlives_a_state_that_is_put_in_place() {
    let registrar = Registrar::start();
    let sink = Sink::answering("success");
    let notices = format!("http://{}/notices", sink.address);
    registrar.platform(json!({"noticesUrl": notices, "pushTickets": false}));
    registrar.turn("registrationPushesAuthorized", json!(true));
    registrar.registered();
    let state = registrar.world.control("GET", "/_sim/state", &json!({}));
    registrar.world.control("PUT", "/_sim/state", &state);
    assert!(sink.next().opened().contains("authorized"));
}

#[test]
fn an_unfinished_registration_blocks_the_next() {
    let registrar = Registrar::start();
    registrar.turn("registrationUnfinishedSeconds", json!(3600));
    registrar.registered();
    registrar.world.advance(6);
    let ticket = registrar.ticket(1);
    assert_eq!(registrar.register(&ticket)["errcode"], 61057);
    registrar.turn("registrationUnfinishedSeconds", json!(5));
    assert_eq!(registrar.register(&ticket)["errcode"], 0);
}

#[test]
fn five_succeed_in_a_month_and_one_of_an_individual_business() {
    for (customer_type, limit) in [(1, 5), (12, 1)] {
        let mut registrar = Registrar::start();
        registrar.at("2031-11-30T12:00:00+08:00");
        let kind = json!({"basicInfo": {"customerType": customer_type}});
        registrar.world.change(OFFICIAL, &kind);
        for _ in 0..limit {
            // Refusals are not counted.
            assert_eq!(registrar.register("made up")["errcode"], 61058);
            registrar.registered();
            registrar.world.advance(6);
        }
        let ticket = registrar.ticket(1);
        assert_eq!(registrar.register(&ticket)["errcode"], 61055);
        assert_eq!(registrar.count(), limit);
        registrar.at("2031-12-01T00:00:01+08:00");
        registrar.registered();
    }
}

#[test]
fn an_unpublished_platform_is_told_late_and_the_month_is_used() {
    let registrar = Registrar::start();
    registrar
        .world
        .change(OFFICIAL, &json!({"basicInfo": {"customerType": 12}}));
    let ticket = registrar.ticket(1);
    registrar.platform(json!({"published": false}));
    assert_eq!(registrar.register(&ticket)["errcode"], -1);
    assert_eq!(registrar.register(&ticket)["errcode"], 61058);
    assert_eq!(registrar.count(), 1, "a mini-program that nobody can use");
    assert!(registrar.links().is_empty());
    registrar.platform(json!({"published": true}));
    registrar.world.advance(6);
    let ticket = registrar.ticket(1);
    assert_eq!(registrar.register(&ticket)["errcode"], 61055);
}

#[test]
fn minus_one_uses_up_the_month_or_not() {
    for (consumes, next) in [(true, 61055), (false, 0)] {
        let registrar = Registrar::start();
        let official =
            json!({"basicInfo": {"customerType": 12}, "registration": {"systemErrors": 1}});
        registrar.world.change(OFFICIAL, &official);
        registrar.turn("minusOneConsumesRegistration", json!(consumes));
        assert_eq!(registrar.register(&registrar.ticket(1))["errcode"], -1);
        assert_eq!(registrar.count(), Value::Null);
        registrar.world.advance(6);
        assert_eq!(registrar.register(&registrar.ticket(1))["errcode"], next);
    }
}

#[test]
fn what_was_made_is_found_although_the_answer_was_lost() {
    for (kind, made) in [
        ("resetBefore", 0),
        ("resetAfter", 1),
        ("errcodeAfterEffect", 1),
        ("http502AfterEffect", 1),
    ] {
        let registrar = Registrar::start();
        let world = &registrar.world;
        let ticket = registrar.ticket(1);
        let mut fault = json!({"endpoint": REGISTER, "kind": kind, "count": 1});
        if kind == "errcodeAfterEffect" {
            fault["code"] = json!(61058);
        }
        world.fault(fault);
        let body = json!({"ticket": ticket}).to_string();
        let answer = world.try_raw("POST", REGISTER, &registrar.token, body);
        match kind {
            "resetBefore" | "resetAfter" => assert!(answer.is_err(), "{kind}"),
            "errcodeAfterEffect" => assert_eq!(answer.unwrap().json()["errcode"], 61058),
            _ => assert_eq!(answer.unwrap().status, 502),
        }
        let unnamed = |one: &&Value| one["nickname"] == one["username"] && one["released"] == 0;
        let links = registrar.links();
        assert_eq!(links.iter().filter(unnamed).count(), made, "{kind}");
        let listed = registrar.authorizers();
        let found = links
            .iter()
            .filter(|one| listed.contains(&text(&one["appid"])));
        assert_eq!(found.count(), made, "{kind}");
        let with_effect = &world.calls("")["endpoints"][REGISTER]["withEffect"];
        assert_eq!(with_effect, made, "{kind}");
    }
}

#[test]
fn a_code_that_nobody_exchanged_may_keep_the_account_off_the_list() {
    let registrar = Registrar::start();
    registrar.turn("listHasUnexchanged", json!(false));
    let answer = registrar.registered();
    assert_eq!(registrar.authorizers(), [OFFICIAL]);
    let code =
        json!({"component_appid": PLATFORM, "authorization_code": answer["authorization_code"]});
    let path = "/cgi-bin/component/api_query_auth";
    registrar.world.post(path, &registrar.component, &code);
    assert_eq!(registrar.authorizers().len(), 2);
}

#[test]
fn switches_say_how_it_is_answered() {
    let registrar = Registrar::start();
    registrar.turn("registrationLinks", json!(false));
    registrar.turn("registrationCopiesVerification", json!(true));
    let answer = registrar.registered();
    assert_eq!(
        (&answer["is_link_succ"], &answer["is_wx_verify_succ"]),
        (&json!("false"), &json!("true"))
    );
    assert!(registrar.links().is_empty());
    let appid = text(&answer["appid"]);
    assert_eq!(registrar.world.account(&appid)["verifyType"], 0);
    registrar.turn("registrationSaysBooleans", json!(true));
    registrar.world.advance(6);
    let plain = registrar.register(&registrar.ticket(0));
    assert_eq!(
        (&plain["is_link_succ"], &plain["is_wx_verify_succ"]),
        (&json!(false), &json!(false)),
        "a verification that was not asked for is not copied"
    );
}

#[test]
fn authorized_is_pushed_if_a_switch_says_so() {
    let registrar = Registrar::start();
    let sink = Sink::answering("success");
    let notices = format!("http://{}/notices", sink.address);
    registrar.platform(json!({"noticesUrl": notices, "pushTickets": false}));
    registrar.turn("registrationPushesAuthorized", json!(true));
    let answer = registrar.registered();
    let told = sink.next().opened();
    for told_of in [
        "<InfoType><![CDATA[authorized]]></InfoType>",
        &text(&answer["appid"]),
        &text(&answer["authorization_code"]),
    ] {
        assert!(told.contains(told_of), "{told}");
    }
}

#[test]
fn an_owner_who_withdrew_meanwhile_is_not_registered_for() {
    let registrar = Registrar::start();
    let ticket = registrar.ticket(1);
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    registrar.world.control("POST", "/_sim/revoke", &order);
    assert_eq!(registrar.register(&ticket)["errcode"], 40001);
    registrar.turn("cancelledAat", json!(61003));
    assert_eq!(registrar.register(&ticket)["errcode"], 61003);
    assert_eq!(registrar.count(), Value::Null);
}

#[test]
fn a_mini_program_has_nothing_to_reuse() {
    let registrar = Registrar::start();
    let mini = registrar.world.token(MINI);
    let body = json!({"ticket": registrar.ticket(1)});
    assert_eq!(
        registrar.world.post(REGISTER, &mini, &body)["errcode"],
        48001
    );
}

#[test]
fn tickets_and_registrations_are_part_of_the_state() {
    let registrar = Registrar::start();
    registrar.registered();
    let unused = registrar.confirm(&link(0));
    assert_eq!(unused.status, 302);
    let state = registrar.world.control("GET", "/_sim/state", &json!({}));
    let there = &state["registrations"];
    assert_eq!(there["tickets"].as_array().unwrap().len(), 2);
    assert_eq!(there["made"][0]["by"], "officialAccount");
    registrar.world.control("PUT", "/_sim/state", &state);
    let again = registrar.world.control("GET", "/_sim/state", &json!({}));
    assert_eq!(&again["registrations"], there);
}
