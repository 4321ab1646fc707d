//! The JSON Schema of manifests takes what wxops takes, and refuses what an editor can see to be wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use wxops::manifest::{Source, load, schema};

/// Mistakes of one document by itself, which need no count of bytes and no second look at its YAML.
const SEEN: [&str; 20] = [
    "WX1101", "WX1102", "WX1103", "WX1104", "WX1106", "WX1107", "WX1108", "WX1109", "WX1110",
    "WX1111", "WX1113", "WX1201", "WX1202", "WX1204", "WX1205", "WX1206", "WX1210", "WX1220",
    "WX1311", "WX1902",
];

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    /// Compiling checks it against its draft, too.
    fn new(schema: Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource("manifest.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("manifest.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, document: &Value) -> Result<(), String> {
        let found = self.schemas.validate(document, self.index);
        found.map_err(|error| format!("{error:#}"))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every file below a folder with one of the endings.
fn files(below: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if ending.is_some_and(|ending| endings.contains(&ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The documents of a text, as an editor reads them. None where it is no YAML to begin with.
fn documents(text: &str) -> Option<Vec<Value>> {
    serde_saphyr::from_multiple(text).ok()
}

fn is_ours(document: &Value) -> bool {
    let version = document["apiVersion"].as_str();
    version.is_some_and(|version| version.starts_with("wxops.io/"))
}

/// The YAML blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    page.split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_manifest_that_wxops_takes_fits_the_schema() {
    let schema = Schema::new(schema::all());
    let mut texts = Vec::new();
    for path in ["examples", "tests"]
        .iter()
        .flat_map(|below| files(below, &["yaml"]))
    {
        if let Ok(text) = fs::read_to_string(&path) {
            texts.push((path, text));
        }
    }
    for page in [root().join("README.md"), root().join("README.zh-CN.md")]
        .into_iter()
        .chain(files("docs", &["md"]))
        .chain(files("examples", &["md"]))
    {
        for block in blocks(&fs::read_to_string(&page).unwrap()) {
            texts.push((page.clone(), block));
        }
    }
    let mut checked = 0;
    for (path, text) in texts {
        let loaded = load(vec![Source::new("x.yaml", text.as_str())]);
        // Alone, a tenant lacks its class and its platform.
        let elsewhere = ["WX1304", "WX1305", "WX1308", "WX1307"];
        if loaded.has_errors()
            && !loaded
                .problems
                .iter()
                .all(|problem| elsewhere.contains(&problem.code))
        {
            continue;
        }
        for document in documents(&text).unwrap().iter().filter(|one| is_ours(one)) {
            schema
                .check(document)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} manifests were found");
}

#[test]
fn mistakes_that_an_editor_can_see_do_not_fit() {
    let schema = Schema::new(schema::all());
    let mut seen = 0;
    for path in files("examples/broken", &["yaml"]) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let code = name.get(..6).unwrap_or_default().to_uppercase();
        if !SEEN.contains(&code.as_str()) {
            continue;
        }
        seen += 1;
        let documents = documents(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(
            documents.iter().any(|one| schema.check(one).is_err()),
            "{name} fits"
        );
    }
    assert!(seen >= SEEN.len(), "{seen}");
}

/// A tenant with this spec.
fn tenant(spec: Value) -> Value {
    json!({"apiVersion": "wxops.io/v1alpha1", "kind": "Tenant", "metadata": {"name": "a"}, "spec": spec})
}

#[test]
fn nothing_that_a_class_may_give_is_required() {
    let schema = Schema::new(schema::of("Tenant").unwrap());
    for spec in [
        json!({}),
        json!({"platformRef": {}}),
        json!({"officialAccount": {"menu": {}}}),
    ] {
        schema.check(&tenant(spec)).unwrap();
    }
    // Lists and choices are replaced whole, so what is in them is whole.
    for spec in [
        json!({"officialAccount": {"menu": {"buttons": [{"click": "A", "view": "https://a.example.com"}]}}}),
        json!({"openAccount": {"bind": {}}}),
        json!({"openAccount": {}}),
    ] {
        assert!(schema.check(&tenant(spec.clone())).is_err(), "{spec}");
    }
    let platform = Schema::new(schema::of("Platform").unwrap());
    let without = json!({"apiVersion": "wxops.io/v1alpha1", "kind": "Platform", "metadata": {"name": "a"}, "spec": {}});
    assert!(platform.check(&without).is_err());
}

#[test]
fn a_placeholder_may_stand_for_any_text_of_a_tenant() {
    let schema = Schema::new(schema::of("Tenant").unwrap());
    let name = format!("$(values.{})", "a".repeat(60));
    schema
        .check(&tenant(json!({"officialAccount": {
            "appId": "$(values.appid)",
            "require": {"kind": "$(values.kind)"},
            "menu": {"buttons": [{"name": name, "view": "$(values.site)/a"}]},
        }})))
        .unwrap();
    for wrong in [
        json!({"appId": "wx1"}),
        json!({"require": {"kind": "servcie"}}),
    ] {
        let spec = json!({"officialAccount": wrong});
        assert!(schema.check(&tenant(spec.clone())).is_err(), "{spec}");
    }
}

#[test]
fn a_field_without_a_value_does_not_fit() {
    let schema = Schema::new(schema::of("Tenant").unwrap());
    for spec in [
        json!({"policy": null}),
        json!({"officialAccount": {"appId": null}}),
        json!({"officialAccount": {"menu": {"buttons": null}}}),
    ] {
        assert!(schema.check(&tenant(spec.clone())).is_err(), "{spec}");
    }
}

/// What makes an editor's help: every field says what it is, and no field that is not known passes.
#[test]
fn every_field_is_described_and_every_map_is_closed() {
    fn walk(schema: &Value, at: &str, wrong: &mut Vec<String>) {
        match schema {
            Value::Object(fields) => {
                if fields.contains_key("properties") && fields["additionalProperties"] != false {
                    wrong.push(format!("{at} is open"));
                }
                if let Some(Value::Object(properties)) = fields.get("properties") {
                    for (name, property) in properties {
                        if property["description"].as_str().is_none_or(str::is_empty) {
                            wrong.push(format!("{at}.{name} says nothing"));
                        }
                    }
                }
                for (name, field) in fields {
                    assert!(!name.starts_with("x-"), "{at}.{name}");
                    walk(field, &format!("{at}.{name}"), wrong);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, at, wrong)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut wrong = Vec::new();
    walk(&schema::all(), "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_verb_prints_all_kinds_or_one() {
    let print = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wxops"))
            .arg("schema")
            .args(args)
            .output()
            .unwrap();
        (output.status.code(), output.stdout)
    };
    let (code, printed) = print(&[]);
    assert_eq!(code, Some(0));
    let all: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(
        all["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    for kind in schema::kinds() {
        let (code, printed) = print(&[kind]);
        assert_eq!(code, Some(0));
        let one: Value = serde_json::from_slice(&printed).unwrap();
        assert_eq!(one["properties"]["kind"]["const"], kind);
        assert_eq!(one["properties"], all["$defs"][kind]["properties"]);
    }
    assert_eq!(print(&["Tenent"]).0, Some(1));
}
