//! Loading as a whole.

use super::*;
use crate::plan::path::SpecPath;
use crate::plan::render::Places as _;

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {path: credentials}
  callback: {url: https://wx.example.com}
";

const CLASS: &str = "apiVersion: wxops.io/v1alpha1
kind: TenantClass
metadata: {name: school}
spec:
  platformRef: {name: main}
  values: {city: 上海, week: \"12e456\"}
  openAccount: {create: true}
  officialAccount:
    require: {kind: service, verified: name}
    menu:
      buttons:
        - {name: 课程, view: \"https://wx.example.com/$(values.city)/$(values.week)\"}
";

fn tenant(spec: &str) -> String {
    format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: a, labels: {{ring: canary}}}}\nspec:\n{spec}"
    )
}

fn loaded(texts: &[&str]) -> Loaded {
    let files = texts.iter().enumerate();
    load(
        files
            .map(|(n, text)| Source::new(format!("{n}.yaml"), *text))
            .collect(),
    )
}

/// The one tenant of a folder without mistakes.
fn right(texts: &[&str]) -> (Loaded, LoadedTenant) {
    let loaded = loaded(texts);
    assert_eq!(found(&loaded), []);
    let tenant = loaded.tenant("a").unwrap().clone();
    (loaded, tenant)
}

/// Code, line, column and source text of every problem.
fn found(loaded: &Loaded) -> Vec<(&'static str, usize, usize, String)> {
    let one = |problem: &Problem| {
        let place = loaded.sources.place(problem.span);
        let text = loaded
            .sources
            .slice(loaded.sources.first_line(problem.span));
        (problem.code, place.line, place.column, text.to_owned())
    };
    loaded.problems.iter().map(one).collect()
}

/// Only the codes, of one tenant's spec beside the platform and the class.
fn codes_of(spec: &str) -> Vec<&'static str> {
    let loaded = loaded(&[PLATFORM, CLASS, &tenant(spec)]);
    loaded
        .problems
        .iter()
        .map(|problem| problem.code)
        .filter(|code| *code != codes::UNUSED_CLASS)
        .collect()
}

fn path(text: &str) -> SpecPath {
    text.parse().unwrap()
}

#[test]
fn every_mistake_of_a_document_is_found_in_one_run() {
    let spec = "  platformRef: {name: main}
  officialAccount:
    appId: 12
    menu:
      buttom: x
      buttons:
        - name: 本周精品课程预约
          view: https://a.example.com
        - nmae: x
          view:
";
    let expected = [
        ("WX1109", 7, 12, "12"),
        ("WX1107", 9, 7, "buttom"),
        ("WX1203", 11, 17, "本周精品课程预约"),
        ("WX1107", 13, 11, "nmae"),
        ("WX1104", 14, 11, "view"),
    ];
    let found = found(&loaded(&[PLATFORM, &tenant(spec)]));
    assert_eq!(
        found,
        expected.map(|(code, line, column, text)| (code, line, column, text.to_owned()))
    );
}

#[test]
fn a_tenant_is_its_class_and_itself() {
    let spec = "  classRef: {name: school}\n  values: {city: 杭州}\n  officialAccount: {require: {verified: qualification}}\n";
    let (_, tenant) = right(&[PLATFORM, CLASS, &tenant(spec)]);
    let account = tenant.spec.official_account.unwrap();
    let button = &account.menu.unwrap().buttons[0];
    assert_eq!(
        button.view.as_deref(),
        Some("https://wx.example.com/杭州/12e456")
    );
    let require = account.require.unwrap();
    assert_eq!(
        require.kind,
        Some(crate::resource::spec::AccountKind::Service)
    );
    assert_eq!(
        require.verified,
        Some(crate::resource::spec::Verified::Qualification)
    );
    assert_eq!(tenant.platform, "main");
    assert_eq!(tenant.labels["ring"], "canary");
}

#[test]
fn places_survive_the_merge() {
    let spec = "  classRef: {name: school}\n  officialAccount: {appId: wx1111111111111111}\n";
    let (loaded, tenant) = right(&[PLATFORM, CLASS, &tenant(spec)]);
    let places = &tenant.places;
    let own = path("officialAccount.appId");
    assert_eq!(
        (places.place(&own).file.as_str(), places.place(&own).line),
        ("2.yaml", 6)
    );
    assert_eq!(places.class_of(&own), None);
    let inherited = path("officialAccount.menu.buttons[0].name");
    let place = places.place(&inherited);
    assert_eq!(
        (place.file.as_str(), place.line, place.column),
        ("1.yaml", 12, 18)
    );
    assert_eq!(places.class_of(&inherited), Some("school"));
    // What a button does not have is near the button.
    let missing = path("officialAccount.menu.buttons[0].miniProgram.page");
    assert_eq!(places.place(&missing).line, 12);
    assert_eq!(loaded.place("a", &own), Some(places.place(&own)));
    assert_eq!(loaded.file("a").as_deref(), Some("2.yaml"));
    assert_eq!(loaded.file("b"), None);
}

#[test]
fn texts_stay_as_they_were_written() {
    let spec =
        "  platformRef: {name: main}\n  values: {a: 1.10, b: 12e456, c: yes, d: 0x1F, e: 0755}
  principal: {name: $(values.a) $(values.b) $(values.c) $(values.d) $(values.e)}\n";
    let (_, tenant) = right(&[PLATFORM, &tenant(spec)]);
    let name = tenant.spec.principal.unwrap().name;
    assert_eq!(name.as_deref(), Some("1.10 12e456 yes 0x1F 0755"));
}

#[test]
fn what_is_filled_in_is_a_text() {
    let spec = "  platformRef: {name: main}\n  values: {yes: true}\n  openAccount: {create: $(values.yes)}\n";
    assert_eq!(codes_of(spec), ["WX1106"]);
}

#[test]
fn only_true_and_false_are_truth_values() {
    for (word, code) in [
        ("yes", "WX1111"),
        ("On", "WX1111"),
        ("True", "WX1111"),
        ("\"true\"", "WX1106"),
        ("1", "WX1106"),
    ] {
        let spec = format!("  platformRef: {{name: main}}\n  openAccount: {{create: {word}}}\n");
        assert_eq!(codes_of(&spec), [code], "{word}");
    }
}

#[test]
fn anchors_and_merge_keys_are_read() {
    let spec = "  platformRef: {name: main}
  officialAccount:
    menu:
      buttons:
        - &one {name: 课程, click: A}
        - {<<: *one, name: 联系}
        - *one
";
    let (_, tenant) = right(&[PLATFORM, &tenant(spec)]);
    let buttons = tenant.spec.official_account.unwrap().menu.unwrap().buttons;
    let names: Vec<_> = buttons
        .iter()
        .map(|button| (button.name.as_str(), button.click.as_deref()))
        .collect();
    assert_eq!(
        names,
        [
            ("课程", Some("A")),
            ("联系", Some("A")),
            ("课程", Some("A"))
        ]
    );
}

#[test]
fn a_mistake_in_a_class_is_said_once_and_names_its_tenants() {
    let class = CLASS.replace("name: 课程", "name: 本周精品课程预约");
    let one = tenant("  classRef: {name: school}\n");
    let two = one.replace("name: a", "name: b");
    let loaded = loaded(&[PLATFORM, &class, &one, &two]);
    let [problem] = loaded.problems.as_slice() else {
        panic!("{:?}", loaded.problems)
    };
    assert_eq!(problem.code, "WX1203");
    assert_eq!(loaded.sources.place(problem.span).file, "1.yaml");
    let names: Vec<&str> = problem
        .tenants
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn nothing_a_class_gives_is_required_of_the_class() {
    let class = CLASS
        .replace(
            ", view: \"https://wx.example.com/$(values.city)/$(values.week)\"",
            "",
        )
        .replace("name: 课程", "click: A");
    let class = class.replace("  openAccount: {create: true}\n", "");
    let own_menu = "  classRef: {name: school}\n  officialAccount: {menu: {buttons: []}}\n";
    right(&[PLATFORM, &class, &tenant(own_menu)]);
    let inherited = loaded(&[PLATFORM, &class, &tenant("  classRef: {name: school}\n")]);
    assert_eq!(
        found(&inherited),
        [("WX1105", 11, 11, "{click: A}".to_owned())]
    );
}

#[test]
fn a_broken_class_is_not_blamed_on_placeholders() {
    let class = format!("{CLASS}    appId: $(values.appid)\n");
    let spec = "  classRef: {name: school}\n  values: {appid: wx1111111111111111}\n";
    let (_, tenant) = right(&[PLATFORM, &class, &tenant(spec)]);
    assert_eq!(
        tenant
            .spec
            .official_account
            .unwrap()
            .app_id
            .unwrap()
            .as_str(),
        "wx1111111111111111"
    );
}

#[test]
fn what_is_rendered_loads_to_the_same_spec() {
    let spec = "  classRef: {name: school}\n  values: {city: \"yes\"}\n  principal: {name: \"0755\"}\n  policy: {resources: {menu: {manage: false}}}\n";
    let (_, first) = right(&[PLATFORM, CLASS, &tenant(spec)]);
    let (_, second) = right(&[PLATFORM, &first.to_yaml().unwrap()]);
    let mut expected = first.spec.clone();
    expected.class_ref = None;
    expected.values.clear();
    assert_eq!(second.spec, expected);
    assert_eq!(
        (second.labels, second.namespace),
        (first.labels, first.namespace)
    );
}

#[test]
fn secrets_beside_the_manifests_are_read_and_stay_unprinted() {
    let platform = PLATFORM.replace("{path: credentials}", "{secretRef: {name: wechat}}");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: wechat, namespace: default}\ntype: Opaque
data: {appSecret: c2VjcmV0LW9uZQ==, token: b2xk}\nstringData: {token: secret-two, encodingAesKey: secret-three}\n";
    let loaded = loaded(&[&platform, secret]);
    assert_eq!(found(&loaded), []);
    let data = loaded.secret("wechat").unwrap();
    assert_eq!(data["appSecret"].expose(), "secret-one");
    assert_eq!(data["token"].expose(), "secret-two");
    assert!(!format!("{loaded:?}").contains("secret-"));
}

#[test]
fn a_platform_of_another_namespace_must_allow_it() {
    let elsewhere =
        tenant("  platformRef: {name: main}\n").replace("{name: a,", "{name: a, namespace: shops,");
    let allowing = format!("{PLATFORM}  allowedNamespaces: [shops]\n");
    assert_eq!(found(&loaded(&[&allowing, &elsewhere])), []);
    assert_eq!(found(&loaded(&[PLATFORM, &elsewhere]))[0].0, "WX1312");
}

#[test]
fn one_broken_document_hides_no_other() {
    let loaded = loaded(&[
        PLATFORM,
        "kind: [\n---\nkind: Tenant\n",
        &tenant("  platformRef: {name: main}\n"),
    ]);
    assert!(loaded.tenant("a").is_some());
    let codes: Vec<_> = loaded.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["WX1001", "WX1101", "WX1105"]);
}

#[test]
fn every_field_that_comes_later_says_so() {
    for (fields, _) in read::LATER {
        let mut spec = "{}".to_owned();
        for field in fields.iter().rev() {
            spec = match *field {
                "miniPrograms" => format!("{{{field}: [{{name: a, {}]}}", &spec[1..]),
                field => format!("{{{field}: {spec}}}"),
            };
        }
        let fields = spec.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
        let spec = format!("  platformRef: {{name: main}}\n  {fields}\n");
        assert_eq!(codes_of(&spec), ["WX1902"], "{spec}");
    }
}
