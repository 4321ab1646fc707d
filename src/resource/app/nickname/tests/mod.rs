//! The name: what is asked for first, what is waited for, and when it is handed in.

mod review;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::plan::{Address, Costly, Reason, Step};
use crate::resource::file::{FileFacts, Origin};
use crate::resource::needs;
use crate::resource::record::Rejected;
use crate::resource::spec::licence_path;
use crate::resource::world::{ACCOUNT, World, account, now};
use crate::wechat::nickname::{Holder, NewName};
use crate::wechat::{FileDigest, authorizer};

const NAME: &str = "日出舞蹈课堂";

/// A mini-program that declares a name, and has another one.
fn world(declared: Value, live: &str, used: i64) -> World {
    let mut world = World::of(json!({
        "principal": {"license": {"file": "license.png"}},
        "miniPrograms": [{"name": "main", "appId": ACCOUNT, "nickname": declared}]
    }));
    let file = |name: &str| FileFacts {
        sha256: FileDigest::of(name.as_bytes()),
        from: Origin::Disk(PathBuf::from(name)),
        image: None,
    };
    let path = Nickname::path(&At::app("main", 0));
    for (path, name) in [
        (licence_path(), "license.png"),
        (path.field("license"), "own.png"),
        (path.field("otherMaterials").index(0), "mark.png"),
    ] {
        world.files.insert(path, file(name));
    }
    registered(&mut world, Some(2));
    shows(&mut world, live, used, 1);
    world
}

fn registered(world: &mut World, register_type: Option<i64>) {
    let mut info = json!({
        "nick_name": "", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
        "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "account_status": 1,
        "MiniProgramInfo": {"network": {}, "categories": [], "visit_status": 0},
    });
    if let Some(kind) = register_type {
        info["register_type"] = json!(kind);
    }
    let sets = json!([{"funcscope_category": {"id": 30}}]);
    let authorization = json!({"authorizer_appid": ACCOUNT, "func_info": sets});
    let read = authorizer::info_request(&account());
    world.answers_to(
        read,
        json!({"authorizer_info": info, "authorization_info": authorization}),
    );
}

fn shows(world: &mut World, live: &str, used: i64, principal: i64) {
    let info = json!({"nickname": live, "modify_used_count": used, "modify_quota": 2});
    let body = json!({"errcode": 0, "appid": ACCOUNT, "account_type": 3, "realname_status": 1,
        "principal_type": principal, "nickname_info": info});
    world.answers_to(basic_info::get_request(&account()), body);
}

fn check(world: &mut World, body: Value) {
    world.answers_to(nickname::check_request(&account(), NAME), body);
}

fn free() -> Value {
    json!({"errcode": 0, "hit_condition": false, "wording": ""})
}

/// What is sent for the declared name, with the principal's licence.
fn call() -> Call {
    let license = FileDigest::of(b"license.png");
    nickname::set_request(
        &account(),
        &NewName {
            name: NAME,
            holder: Some(Holder::Organisation(&license)),
            other_stuff: &[],
        },
    )
}

fn missing(world: &World) -> Vec<&'static str> {
    let missing = needs(&world.subject(), &world.seen);
    missing.iter().map(|call| call.endpoint.name).collect()
}

fn step(world: &World) -> Step {
    let plan = world.plan();
    let address = Address::from("main:nickname");
    let mut steps = plan.steps();
    let found = steps.find(|(entry, _)| entry.address == address);
    found.unwrap().1.clone()
}

const NONE: [&str; 0] = [];
const CHANGE: [&str; 1] = ["main:nickname ~ miniPrograms[0].nickname"];

#[test]
fn a_name_that_is_in_force_takes_no_question() {
    let mut world = world(json!(NAME), NAME, 2);
    assert_eq!(world.lines(), NONE);
    assert_eq!(missing(&world), NONE);
    registered(&mut world, Some(0));
    assert_eq!(world.lines(), NONE);
}

#[test]
fn a_name_is_checked_before_it_is_handed_in_and_only_then() {
    let mut world = world(json!(NAME), "旧名称", 1);
    assert_eq!(missing(&world), [nickname::CHECK.name]);
    check(&mut world, free());
    assert_eq!(missing(&world), NONE);
    assert_eq!(world.lines(), CHANGE);
    let step = step(&world);
    assert_eq!(step.costly, Some(Costly::Rename));
    assert_eq!(step.calls, [call()]);
    assert_eq!(
        step.evidence,
        json!({"item": "main", "name": "旧名称", "used": 1, "quota": 2, "at": now().to_string()})
    );
    assert!(step.notes[0].en.starts_with("1 of 2 changes"));
}

#[test]
fn what_stands_in_the_way_is_said_without_a_check() {
    let waits = |world: &World, reason: Reason| {
        assert_eq!(missing(world), NONE, "{reason:?}");
        let expected = format!("main:nickname waits {}", reason.as_str());
        assert_eq!(world.lines(), [expected]);
    };
    let mut other = world(json!(NAME), "", 0);
    registered(&mut other, Some(0));
    waits(&other, Reason::NotThroughApi);
    waits(&world(json!(NAME), "", 2), Reason::QuotaUsedUp);
    let mut unproven = world(json!(NAME), "", 0);
    unproven.spec.principal = None;
    waits(&unproven, Reason::DocumentsMissing);
    // Nobody knows whether a licence or an identity card is wanted.
    let mut strange = world(json!(NAME), "", 0);
    shows(&mut strange, "", 0, 9);
    assert_eq!(strange.lines(), ["main:nickname unknown ReadFailed"]);
    assert_eq!(missing(&strange), NONE);
}

#[test]
fn only_a_person_is_told_when_the_year_ends() {
    for (principal, ends) in [(0, true), (1, false)] {
        let mut world = world(json!(NAME), "", 2);
        shows(&mut world, "", 2, principal);
        let plan = world.plan();
        let (_, waiting) = plan.waits().next().unwrap();
        assert_eq!(waiting.until.is_some(), ends, "{principal}");
    }
}

#[test]
fn what_goes_along_depends_on_the_principal_and_the_manifest() {
    let declared = json!({"name": NAME, "license": {"file": "own.png"}, "otherMaterials": [{"file": "mark.png"}]});
    for (principal, field) in [(0, "id_card"), (1, "license")] {
        let mut world = world(declared.clone(), "", 0);
        shows(&mut world, "", 0, principal);
        check(&mut world, free());
        let body: Value = serde_json::from_str(step(&world).calls[0].body()).unwrap();
        let text = body[field].to_string();
        assert!(text.contains(FileDigest::of(b"own.png").as_str()), "{text}");
        let text = body["naming_other_stuff_1"].to_string();
        assert!(
            text.contains(FileDigest::of(b"mark.png").as_str()),
            "{text}"
        );
    }
}

#[test]
fn what_the_check_says_decides() {
    let hit = json!({"errcode": 0, "hit_condition": true, "wording": "请上传证明材料"});
    let refused = |code: i64| json!({"errcode": code, "errmsg": "no"});
    for (answer, expected) in [
        (hit.clone(), "main:nickname waits DocumentsMissing"),
        (refused(53013), "main:nickname waits NameNotTaken"),
        (refused(53011), "main:nickname waits QuotaUsedUp"),
        (refused(-1), "main:nickname unknown ReadFailed"),
        (json!({"errcode": 0}), "main:nickname unknown ReadFailed"),
    ] {
        let mut world = world(json!(NAME), "旧名称", 0);
        check(&mut world, answer.clone());
        assert_eq!(world.lines(), [expected], "{answer}");
    }
    let proven = json!({"name": NAME, "otherMaterials": [{"file": "mark.png"}]});
    let mut world = world(proven, "旧名称", 0);
    check(&mut world, hit);
    assert_eq!(world.lines(), CHANGE);
}

#[test]
fn what_wechat_refused_for_good_is_not_checked_again() {
    let mut world = world(json!(NAME), "旧名称", 0);
    let record = world
        .records
        .entry(Address::from("main:nickname"))
        .or_default();
    record.rejected = Some(Rejected::invalid(
        crate::plan::Digest::of(&vec![call()]),
        crate::plan::Text::new("91007", "91007"),
        now(),
    ));
    assert_eq!(missing(&world), NONE);
    assert_eq!(world.lines(), ["main:nickname rejected"]);
}

#[test]
fn a_name_is_written_alone_or_with_its_material() {
    let codes = |declared: Value| -> Vec<&'static str> {
        let spec: NicknameSpec = serde_json::from_value(declared).unwrap();
        let mut found = Diagnostics::default();
        Nickname::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert_eq!(codes(json!(NAME)), NONE);
    assert_eq!(codes(json!({"name": NAME})), NONE);
    assert_eq!(codes(json!(2048)), NONE);
    assert_eq!(codes(json!("日a")), ["WX1300"]);
    assert_eq!(codes(json!("日".repeat(16))), ["WX1300"]);
    assert_eq!(codes(json!("日出小程序")), ["WX1300"]);
    assert_eq!(codes(json!({"license": {"file": "a.png"}})), ["WX1300"]);
    assert_eq!(codes(json!({"name": NAME, "license": {}})), ["WX1270"]);
    let six = json!({"name": NAME, "otherMaterials": vec![json!({"file": "a.png"}); 6]});
    assert_eq!(codes(six), ["WX1300"]);
    let spec = NicknameSpec::of(NAME);
    assert_eq!(serde_json::to_value(&spec).unwrap(), json!(NAME));
    let with = json!({"name": NAME, "license": {"file": "a.png"}});
    let spec: NicknameSpec = serde_json::from_value(with.clone()).unwrap();
    assert_eq!(serde_json::to_value(&spec).unwrap(), with);
}
