//! docs/simulator.md holds: its example works, and it names every API, switch and fault there is.

use serde_json::{Value, json};
use wxops::simulator::State;

use super::world::{OFFICIAL, OTHER, PLATFORM, World, text};

const PAGE: &str = include_str!("../../docs/simulator.md");

fn example() -> State {
    let yaml = PAGE
        .split("```yaml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    State::from_yaml(yaml).expect("the example is a state")
}

#[test]
fn the_example_works_as_it_stands() {
    let mut state = example();
    for platform in state.platforms.values_mut() {
        platform.notices_url = None;
    }
    let world = World::of(state);
    let cat = world.component_token();
    let body = json!({
        "component_appid": PLATFORM,
        "authorizer_appid": OFFICIAL,
        "authorizer_refresh_token": "refreshtoken@@@example",
    });
    let answer = world.post("/cgi-bin/component/api_authorizer_token", &cat, &body);
    let token = text(&answer["authorizer_access_token"]);
    let menu = world.get("/cgi-bin/menu/get", &token);
    assert_eq!(menu["menu"]["button"][1]["name"], "更多");
    assert_eq!(
        world.post("/cgi-bin/open/get", &token, &json!({}))["errcode"],
        89002
    );

    let other = text(&world.authorized(&cat, OTHER, None)["authorizer_access_token"]);
    let own = world.get("/cgi-bin/get_current_selfmenu_info", &other);
    assert_eq!(own["selfmenu_info"]["button"][0]["type"], "text");
}

#[test]
fn every_switch_and_every_api_is_described() {
    let world = World::of(example());
    let state = world.control("GET", "/_sim/state", &json!({}));
    for name in state["switches"].as_object().unwrap().keys() {
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
    }
    let served = world.control("GET", "/_sim/endpoints", &json!({}));
    for row in served.as_array().unwrap() {
        let path = text(&row["path"]);
        let last = path.rsplit('/').next().unwrap().trim_start_matches("api_");
        assert!(PAGE.contains(last), "{path}");
    }
}

#[test]
fn the_example_of_faults_can_be_ordered() {
    let block = PAGE.split("```json\n").nth(1).unwrap();
    let orders: Value = serde_json::from_str(block.split("```").next().unwrap()).unwrap();
    let world = World::of(example());
    world.fault(orders.clone());
    let in_force = world.control("GET", "/_sim/faults", &json!({}));
    assert_eq!(
        in_force.as_array().unwrap().len(),
        orders.as_array().unwrap().len()
    );
}

#[test]
fn every_fault_that_is_described_can_be_ordered() {
    let world = World::of(example());
    let kinds = PAGE
        .split("| Kind |")
        .nth(1)
        .unwrap()
        .split("Latencies")
        .next()
        .unwrap();
    let cells = kinds
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let mut ordered = 0;
    for cell in cells {
        for kind in cell.split('`').filter(|word| {
            word.len() > 6
                && !word.contains(' ')
                && !["perMinute", "together", "seconds"].contains(word)
        }) {
            let mut order = json!({"endpoint": "*", "kind": kind});
            if kind.starts_with("latency") {
                order["ms"] = json!(1);
            }
            if ["errcode", "errcodeAfterEffect"].contains(&kind) {
                order["code"] = json!(-1);
            }
            if kind.starts_with("minute") {
                order["perMinute"] = json!(1000);
            }
            if kind.starts_with("field") {
                order["at"] = json!("/x");
            }
            if kind == "fieldValue" {
                order["value"] = json!(1);
            }
            if kind == "keptOtherwise" {
                order["how"] = json!("trimBlanks");
            }
            world.fault(order);
            ordered += 1;
        }
    }
    let in_force: Value = world.control("GET", "/_sim/faults", &json!({}));
    assert_eq!(in_force.as_array().unwrap().len(), ordered);
    assert_eq!(ordered, 32);
}

#[test]
fn every_message_template_that_is_described_can_be_had() {
    let world = World::of(example());
    let cat = world.component_token();
    let token = text(&world.authorized(&cat, OFFICIAL, None)["authorizer_access_token"]);
    let table = PAGE.split("| Short id |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| !line.is_empty());
    let mut tried = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [short_id, title, of, keywords] = cells[..] else {
            panic!("four cells: {row}");
        };
        let number: u64 = of.split(' ').nth(1).unwrap().parse().unwrap();
        let owner = if of.starts_with("industry") {
            json!({"industry": {"primary": number, "secondary": number}, "templates": []})
        } else {
            json!({"categories": [{"id": number, "name": "x"}], "templates": []})
        };
        world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &owner);
        let keywords: Vec<&str> = keywords.split(", ").collect();
        let body =
            json!({"template_id_short": short_id.trim_matches('`'), "keyword_name_list": keywords});
        let added = world.post("/cgi-bin/template/api_add_template", &token, &body);
        assert_eq!(added["errcode"], 0, "{row}");
        let list = world.get("/cgi-bin/template/get_all_private_template", &token);
        // The first one is WeChat's own.
        let template = &list["template_list"][1];
        assert_eq!(template["title"], title, "{row}");
        if short_id != "`TM00015`" {
            for keyword in keywords {
                assert!(text(&template["content"]).contains(keyword), "{row}");
            }
        }
        tried += 1;
    }
    assert_eq!(tried, 12);
}

#[test]
fn the_mini_program_that_is_described_can_be_had() {
    let entry = PAGE.split("```yaml\n").nth(2).unwrap();
    let entry = entry.split("```").next().unwrap();
    let state = format!("accounts:\n{entry}");
    let state = State::from_yaml(&state).expect("the example is an account");
    let world = World::of(state);
    let account = world.account("wx3333333333333333");
    assert_eq!(account["miniProgram"]["released"], true);
    assert_eq!(account["budgets"]["signature"]["used"], 4);
}

#[test]
fn the_domains_that_are_described_can_be_had() {
    let state = PAGE.split("```yaml\n").nth(4).unwrap();
    let state = State::from_yaml(state.split("```").next().unwrap());
    let world = World::of(state.expect("the example is a state"));
    let token = world.token("wx3333333333333333");
    let shown = world.post("/wxa/get_effective_domain", &token, &json!({}));
    let of = |store: &str, class: &str| shown[store][class].clone();
    assert_eq!(
        of("mp_domain", "requestdomain"),
        json!(["https://own.example.cn"])
    );
    assert_eq!(
        of("direct_domain", "uploaddomain"),
        json!(["https://up.example.cn:8443"])
    );
    let body = json!({"action": "set", "webviewdomain": ["https://www.example.cn"]});
    let set = world.post("/wxa/setwebviewdomain_directly", &token, &body);
    assert_eq!(set["errcode"], 0, "its file is there");
    can_be_put_back(&world);
}

/// What the state is made of is the same after it was written down and read.
fn can_be_put_back(world: &World) {
    let state = world.control("GET", "/_sim/state", &json!({}));
    world.control("PUT", "/_sim/state", &state);
    assert_eq!(world.control("GET", "/_sim/state", &json!({})), state);
}

#[test]
fn the_plugins_and_paths_that_are_described_can_be_had() {
    let state = PAGE.split("```yaml\n").nth(5).unwrap();
    let mut given = example();
    let more = State::from_yaml(state.split("```").next().unwrap()).expect("a state");
    given.accounts.extend(more.accounts);
    given.plugins = more.plugins;
    given.location_apis = more.location_apis;
    let world = World::of(given);
    let token = world.token("wx3333333333333333");
    let used = world.post("/wxa/plugin", &token, &json!({"action": "list"}));
    assert_eq!(used["plugin_list"][0]["status"], 1);
    let apis = world.get("/wxa/security/get_privacy_interface", &token);
    assert_eq!(apis["interface_list"][0]["status"], 5);
    assert_eq!(apis["interface_list"][1]["status"], 4);
    let path = json!({"info_type": 0});
    let path = world.post("/wxa/security/getorderpathinfo", &token, &path);
    assert_eq!(path["msg"]["path"], "pages/order/list");
    can_be_put_back(&world);
}

#[test]
fn every_category_that_is_described_is_there() {
    let world = World::of(example());
    let mini = "wx3333333333333333";
    world.change(mini, &json!({"registerType": 2}));
    let token =
        text(&world.authorized(&world.component_token(), mini, None)["authorizer_access_token"]);
    let all = world.get("/cgi-bin/wxopen/getallcategories", &token);
    let items = all["categories_list"]["categories"].as_array().unwrap();
    let table = PAGE.split("| Id | Category |").nth(1).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| !line.is_empty())
        .collect();
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let second: u64 = cells[0].split_once('/').unwrap().1.parse().unwrap();
        let found = items.iter().find(|one| one["id"] == second).unwrap();
        assert!(cells[1].contains(&text(&found["name"])), "{row}");
        assert_eq!(
            found["sensitive_type"],
            i64::from(!cells[2].is_empty()),
            "{row}"
        );
        let papers = found["qualify"]["exter_list"].to_string();
        for paper in cells[2].split('《').skip(1) {
            let name = paper.split('》').next().unwrap();
            assert!(papers.contains(name), "{row}");
        }
    }
    let seconds = items.iter().filter(|one| one["level"] == 2);
    assert_eq!(seconds.count(), rows.len());
}

#[test]
fn the_registrar_that_is_described_can_be_had() {
    let entry = PAGE.split("```yaml\n").nth(3).unwrap();
    let entry = entry.split("```").next().unwrap();
    let state = State::from_yaml(&format!("accounts:\n{entry}"));
    let world = World::of(state.expect("the example is an account"));
    let account = world.account("wx1111111111111111");
    assert_eq!(
        account["registration"]["hindrances"],
        json!(["subjectLimit"])
    );
}

#[test]
fn the_code_that_is_described_can_be_had() {
    let mut blocks = PAGE.split("```yaml\n").skip(1);
    let yaml = blocks.find(|block| block.contains("codeTemplates:"));
    let yaml = yaml.unwrap().split("```").next().unwrap();
    let world = World::of(State::from_yaml(yaml).expect("the example is a state"));
    let token = world.token("wx3333333333333333");
    let versions = world.post("/wxa/getversioninfo", &token, &json!({}));
    assert_eq!(versions["exp_info"]["exp_version"], "1.0.0");
    assert_eq!(versions["release_info"]["release_version"], "0.9.0");
    assert_eq!(world.get("/wxa/queryquota", &token)["rest"], 3);
    let filing = world.get("/wxa/icp/get_icp_entrance_info", &token);
    assert_eq!(filing["info"]["status"], 4);
    let body = json!({"privacy_ver": 1});
    let guide = world.post("/cgi-bin/component/getprivacysetting", &token, &body);
    assert_eq!(guide["setting_list"][0]["privacy_key"], "UserInfo");
    let cat = world.component_token();
    let drafts = world.get("/wxa/gettemplatedraftlist", &cat);
    assert_eq!(drafts["draft_list"][0]["user_version"], "1.1.0");
}
