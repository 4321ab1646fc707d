//! What is written is read back the same, whatever is in it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::{Loaded, Source, load};

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {path: credentials}
  callback: {url: https://wx.example.com}
";

fn new(name: &str, spec: Value) -> NewTenant {
    NewTenant {
        name: name.to_owned(),
        namespace: "default".to_owned(),
        labels: BTreeMap::new(),
        spec: serde_json::from_value(spec).unwrap(),
        comment: vec!["日出\n舞蹈".to_owned()],
    }
}

fn read(texts: &[&str]) -> Loaded {
    let texts = [&[PLATFORM], texts].concat();
    let files = texts.iter().enumerate();
    let files = files.map(|(n, text)| Source::new(format!("{n}.yaml"), *text));
    load(files.collect())
}

/// What is loaded from written files, without what names a class.
fn specs(loaded: &Loaded) -> Vec<TenantSpec> {
    assert!(
        !loaded.has_errors(),
        "{}",
        crate::manifest::report::plain(loaded)
    );
    let specs = loaded.tenants.iter().map(|tenant| tenant.spec.clone());
    specs
        .map(|mut spec| {
            spec.class_ref = None;
            spec
        })
        .collect()
}

#[test]
fn a_tenant_is_written_in_the_order_of_the_documentation() {
    let tenant = NewTenant {
        labels: BTreeMap::from([("city".to_owned(), "1.10".to_owned())]),
        ..new(
            "sunrise",
            json!({
                "platformRef": {"name": "main"},
                "principal": {"name": "日出舞蹈有限公司"},
                "openAccount": {"create": true},
                "officialAccount": {
                    "appId": "wx1111111111111111",
                    "require": {"kind": "service"},
                    "menu": {"buttons": [
                        {"name": "yes", "view": "https://a.cn/#x"},
                        {"name": "0755", "click": "$(values.x)"},
                        {"name": "课程", "subButtons": [{"name": "12e3", "click": "a: b"}]},
                    ]},
                },
                "policy": {"mode": "observe"},
            }),
        )
    };
    let expected = r#"# 日出 舞蹈
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata:
  name: sunrise
  labels:
    city: "1.10"
spec:
  platformRef:
    name: main
  principal:
    name: 日出舞蹈有限公司
  openAccount:
    create: true
  officialAccount:
    appId: wx1111111111111111
    require:
      kind: service
    menu:
      buttons:
        - name: "yes"
          view: https://a.cn/#x
        - name: "0755"
          click: $$(values.x)
        - name: 课程
          subButtons:
            - name: "12e3"
              click: "a: b"
  policy:
    mode: observe
"#;
    assert_eq!(super::tenant(&tenant).unwrap(), expected);
    assert_eq!(specs(&read(&[expected])), [tenant.spec]);
}

#[test]
fn what_two_tenants_share_becomes_their_class() {
    let spec = |appid: &str, view: &str| {
        json!({
            "platformRef": {"name": "main"},
            "openAccount": {"create": true},
            "officialAccount": {
                "appId": appid, "require": {"kind": "service"},
                "menu": {"buttons": [{"name": "a", "view": view}], "conditional": []},
            },
            "policy": {"mode": "observe"},
        })
    };
    let tenants = [
        new("a", spec("wx1111111111111111", "https://a.cn")),
        new("b", spec("wx2222222222222222", "https://b.cn")),
    ];
    let (class, files) = with_class("shared", &[], &tenants).unwrap().unwrap();
    let expected = "apiVersion: wxops.io/v1alpha1
kind: TenantClass
metadata:
  name: shared
spec:
  platformRef:
    name: main
  openAccount:
    create: true
  officialAccount:
    require:
      kind: service
    menu:
      conditional: []
  policy:
    mode: observe
";
    assert_eq!(class, expected);
    let expected = "# 日出 舞蹈
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata:
  name: a
spec:
  classRef:
    name: shared
  officialAccount:
    appId: wx1111111111111111
    menu:
      buttons:
        - name: a
          view: https://a.cn
";
    assert_eq!(files[0], expected);
    let expected: Vec<TenantSpec> = tenants.iter().map(|tenant| tenant.spec.clone()).collect();
    assert_eq!(specs(&read(&[&class, &files[0], &files[1]])), expected);
}

#[test]
fn a_choice_is_shared_whole_or_not_at_all() {
    let spec = |open: &str| json!({"platformRef": {"name": "main"}, "openAccount": {"bind": {"appId": open}}});
    let tenants = [
        new("a", spec("wx1111111111111111")),
        new("b", spec("wx2222222222222222")),
    ];
    let (class, files) = with_class("shared", &[], &tenants).unwrap().unwrap();
    assert!(!class.contains("openAccount"));
    let expected: Vec<TenantSpec> = tenants.iter().map(|tenant| tenant.spec.clone()).collect();
    assert_eq!(specs(&read(&[&class, &files[0], &files[1]])), expected);
}

#[test]
fn one_tenant_shares_nothing() {
    let tenants = [new("a", json!({"platformRef": {"name": "main"}}))];
    assert_eq!(with_class("shared", &[], &tenants).unwrap(), None);
}

/// Texts that YAML readers of one kind or another take for something else, and any other.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "yes",
        "no",
        "on",
        "y",
        "true",
        "null",
        "~",
        "0755",
        "1.10",
        "12e456",
        "0x1f",
        "0o7",
        "1_000",
        "12:30:45",
        "2026-11-28",
        ".inf",
        "-",
        "- a",
        "? a",
        "a: b",
        "a #b",
        "# a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "{a}",
        "[a]",
        "'",
        "\"",
        "\\",
        " a",
        "a ",
        "a\nb",
        "\na",
        "a\n",
        "\t",
        "\r\n",
        "\u{0}",
        "\u{7}",
        "\u{1b}[0m",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{fffe}",
        "😀",
        "课程",
        "<<",
        "=",
        "$(values.x)",
        "$$(values.x)",
        "$$$(values.",
        "$(",
        "---",
        "...",
        "--- a",
        "",
    ]);
    prop_oneof![
        3 => odd.prop_map(str::to_owned),
        1 => any::<String>(),
        1 => prop::collection::vec(any::<char>(), 0..200).prop_map(String::from_iter),
        1 => "[a-z \n:#'\"$(){}-]{0,120}",
    ]
}

/// Specs that share a lot; menus that nobody checks, since their texts would seldom pass.
fn spec(n: usize) -> impl Strategy<Value = Value> {
    let name = prop_oneof![3 => Just("课程".to_owned()), 1 => text()];
    let principal = prop_oneof![2 => Just(None), 2 => Just(Some("日出".to_owned())), 1 => text().prop_map(Some)];
    let open = prop_oneof![
        Just(None),
        Just(Some(json!({"create": true}))),
        Just(Some(json!({"bind": {"appId": "wx9999999999999999"}}))),
        Just(Some(json!({"bind": {"appId": "wx8888888888888888"}}))),
    ];
    let menu = prop::option::of((prop::collection::vec((name, text()), 0..3), any::<bool>()));
    let values = prop::collection::btree_map(
        "[ab]",
        prop_oneof![2 => Just("v".to_owned()), 1 => "[a-z]{1,3}"],
        0..3,
    );
    (principal, open, menu, values, any::<bool>()).prop_map(
        move |(principal, open, menu, values, observe)| {
            let mut spec = json!({
                "platformRef": {"name": "main"},
                "values": values,
                "officialAccount": {"appId": format!("wx{n:016}"), "require": {"kind": "service"}},
            });
            if let Some(principal) = principal {
                spec["principal"] = json!({"name": principal});
            }
            if let Some(open) = open {
                spec["openAccount"] = open;
            }
            if let Some((buttons, confirmed)) = menu {
                let buttons: Vec<Value> = buttons
                    .iter()
                    .map(|(name, key)| json!({"name": name, "click": key}))
                    .collect();
                spec["officialAccount"]["menu"] = json!({"buttons": buttons});
                if confirmed {
                    spec["officialAccount"]["menu"]["conditional"] = json!([]);
                }
            }
            if observe {
                spec["policy"] = json!({"mode": "observe"});
            }
            spec
        },
    )
}

/// The merged and filled spec of each document, though a check may not like it.
fn merged(class: Option<&str>, files: &[String]) -> Vec<TenantSpec> {
    use crate::manifest::read::{Completeness, read};
    use crate::manifest::source::Sources;
    use crate::manifest::tree::Node;
    let mut sources = Sources::default();
    let mut tree = |text: &str| -> Node {
        let file = sources.push("x.yaml", text.to_owned());
        let mut problems = Vec::new();
        let mut trees = crate::manifest::yaml::documents(file, text, &mut problems);
        assert_eq!(problems, [], "{text}");
        assert_eq!(trees.len(), 1, "{text}");
        trees.remove(0).get("spec").unwrap().clone()
    };
    let class = class.map(&mut tree);
    let specs: Vec<Node> = files.iter().map(|file| tree(file)).collect();
    let specs = specs.into_iter().map(|spec| {
        let mut spec = match &class {
            Some(class) => crate::manifest::merge::merge(class, spec),
            None => spec,
        };
        let mut problems = Vec::new();
        fill::fill(&mut spec, &BTreeMap::new(), &sources, &mut problems);
        let mut spec: TenantSpec = read(&mut spec, Completeness::Whole, &mut problems).unwrap();
        assert_eq!(problems, []);
        spec.class_ref = None;
        spec
    });
    specs.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_the_same(spec in spec(1), comment in text()) {
        let tenant = NewTenant { comment: vec![comment], ..new("a", spec) };
        let text = super::tenant(&tenant).unwrap();
        prop_assert_eq!(&merged(None, std::slice::from_ref(&text)), std::slice::from_ref(&tenant.spec), "{}", text);
        prop_assert_eq!(super::tenant(&tenant).unwrap(), text);
    }

    #[test]
    fn a_class_and_its_tenants_are_what_the_tenants_were(one in spec(1), two in spec(2), three in spec(3), third in any::<bool>()) {
        let mut tenants = vec![new("a", one), new("b", two)];
        if third {
            tenants.push(new("c", three));
        }
        let (class, files) = with_class("shared", &[], &tenants).unwrap().unwrap();
        let expected: Vec<TenantSpec> = tenants.iter().map(|tenant| tenant.spec.clone()).collect();
        prop_assert_eq!(merged(Some(&class), &files), expected, "{}", class);
    }
}
