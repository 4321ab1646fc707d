//! `docs/manifest.md` is written from the types that manifests are read into, and is up to date.
//!
//! `WXOPS_BLESS=1 cargo test --test all manifest_docs` writes it again.

use std::fmt::Write;

use serde_json::Value;
use wxops::manifest::schema;
use wxops::wechat::endpoint::{self, Endpoint};
use wxops::wechat::permission_set;

const INTRODUCTION: &str = "\
# Manifests

<!-- Written by `WXOPS_BLESS=1 cargo test --test all manifest_docs` from the types in `src/`. Do not edit. -->

A folder of `*.yaml` and `*.yml` files, each with one document or several. `wxops validate` checks them without any network
([errors.md](errors.md) explains every mistake); `wxops schema > wxops.schema.json` prints the same for editors: write
`# yaml-language-server: $schema=wxops.schema.json` on a file's first line.

- **What is left out is left alone.** Of an account only what is declared is compared and changed. A field without a value is a mistake;
  nothing is written `[]` or `{}`.
- **A tenant is merged over its class**: maps field by field, lists and choices whole. What a class may give is not required in the tenant;
  `wxops render TENANT` prints what came of it.
- **`$(values.x)`** in a text stands for a value of the tenant or its class, filled in after the merge; `$$(values.x)` for itself.
  In `platformRef`, `classRef` and `values` none may stand.
- A text needs no quotes, `1.10` stays `1.10`; the schema and Kubernetes want them where it looks like a number or a truth value. Truth values
  are `true` and `false` alone, and no number begins with a zero.

\"At WeChat\" is the name of the field on the wire. Where several permission sets (权限集) are named, one of them is enough. More of the calls is in
[wechat.md](wechat.md).
";

const COLUMNS: &str =
    "| field | type | default | what it is | limit | at WeChat |\n|---|---|---|---|---|---|\n";

#[test]
fn the_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manifest.md");
    let want = page();
    if std::env::var_os("WXOPS_BLESS").is_some() {
        std::fs::write(path, &want).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == want,
        "docs/manifest.md is stale: run `WXOPS_BLESS=1 cargo test --test all manifest_docs`"
    );
}

#[test]
fn the_page_names_every_kind() {
    let page = page();
    for kind in schema::kinds() {
        assert!(page.contains(&format!("\n## {kind}\n")), "{kind}");
    }
}

fn page() -> String {
    let mut page = Page {
        text: INTRODUCTION.to_owned(),
        kind: "Every document's",
    };
    let kinds = schema::kinds();
    let first = schema::annotated(kinds[0]).unwrap();
    let words: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    write!(
        page.text,
        "\n## Every document\n\nIts `kind` is one of {}; what it declares stands below `spec`.\n\n",
        words.join(", ")
    )
    .unwrap();
    page.table(&first, &["kind", "spec"]);
    page.below(&first["properties"]["metadata"], "metadata");
    for kind in kinds {
        let document = schema::annotated(kind).unwrap();
        let spec = &document["properties"]["spec"];
        page.kind = kind;
        write!(
            page.text,
            "\n## {kind}\n\n{}\n\n",
            document["description"].as_str().unwrap()
        )
        .unwrap();
        // A class is told by what it has not.
        if kind == "TenantClass" {
            page.text
                .push_str("Every field of a [Tenant](#tenant) but `classRef`.\n");
            continue;
        }
        page.table(spec, &[]);
        page.nested(spec, &document, "");
    }
    page.text
}

struct Page {
    text: String,
    kind: &'static str,
}

impl Page {
    /// A heading, and what stands below a field.
    fn below(&mut self, schema: &Value, path: &str) {
        write!(self.text, "\n### {} `{path}`\n\n", self.kind).unwrap();
        if let Some(about) = schema["description"].as_str() {
            write!(self.text, "{}\n\n", joined(about)).unwrap();
        }
        let calls = calls(schema);
        for call in &calls {
            writeln!(self.text, "- {call}").unwrap();
        }
        if !calls.is_empty() {
            self.text.push('\n');
        }
        self.table(map_of(schema), &[]);
    }

    /// One table: the fields of a map, or of each choice.
    fn table(&mut self, map: &Value, without: &[&str]) {
        let only_one = map["maxProperties"] == 1 || map["oneOf"].is_array();
        if only_one {
            self.text.push_str("Exactly one of:\n\n");
        }
        if map["maxProperties"] == 2 {
            self.text
                .push_str("`name`, and exactly one of the others:\n\n");
        }
        self.text.push_str(COLUMNS);
        for (name, field, required) in fields(map) {
            if !without.contains(&name.as_str()) {
                let required = required && !only_one;
                self.row(name, field, required);
            }
        }
    }

    fn row(&mut self, name: &str, field: &Value, required: bool) {
        let mut at_wechat: Vec<String> = Vec::new();
        if let Some(wire) = field["x-wire"].as_str() {
            at_wechat.push(format!("`{wire}`"));
        }
        if map_of(field)["properties"].is_null() {
            at_wechat.extend(calls(field));
        }
        let default = match &field["default"] {
            Value::Null if required => "required".to_owned(),
            Value::Null => String::new(),
            Value::Object(fields) if fields.is_empty() => String::new(),
            Value::Object(_) => "see below".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => format!("`{other}`"),
        };
        writeln!(
            self.text,
            "| `{name}` | {} | {default} | {} | {} | {} |",
            kind(field),
            cell(field["description"].as_str().unwrap_or_default()),
            cell(field["x-limit"].as_str().unwrap_or_default()),
            cell(&at_wechat.join("; ")),
        )
        .unwrap();
    }

    /// The maps below a map, each once.
    fn nested(&mut self, map: &Value, document: &Value, at: &str) {
        for (name, field, _) in fields(map) {
            let mut path = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            let mut schema = field;
            if let Some(item) = field.get("items") {
                path.push_str("[]");
                schema = item;
            } else if let Some(value) = field
                .get("additionalProperties")
                .filter(|one| one.is_object())
            {
                path.push_str(".*");
                schema = value;
            }
            if let Some(name) = schema["$ref"].as_str() {
                let name = name.trim_start_matches("#/$defs/");
                let definition = &document["$defs"][name];
                // Inside itself it has been told already.
                if !at.ends_with("[]") {
                    self.below(definition, &path);
                    self.nested(definition, document, &path);
                }
            } else if !fields(schema).is_empty() {
                self.below(schema, &path);
                self.nested(schema, document, &path);
            }
        }
    }
}

/// The fields of a map in alphabetical order, and whether they are required.
fn fields(map: &Value) -> Vec<(&String, &Value, bool)> {
    let choices = map["oneOf"].as_array().into_iter().flatten();
    let mut found = Vec::new();
    for one in std::iter::once(map).chain(choices) {
        let required = |name: &str| {
            one["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|one| one == name))
        };
        found.extend(own(one).map(|(name, field)| (name, field, required(name))));
    }
    found
}

fn own(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    map["properties"].as_object().into_iter().flatten()
}

/// The map that a field is, or its items are.
fn map_of(field: &Value) -> &Value {
    field.get("items").unwrap_or(field)
}

/// The type in words.
fn kind(field: &Value) -> String {
    let words = words(field);
    if !words.is_empty() {
        return words.join(", ");
    }
    if let Some(fixed) = field.get("const") {
        return format!(
            "`{}`",
            fixed.as_str().map_or(fixed.to_string(), str::to_owned)
        );
    }
    if field.get("$ref").is_some() || field["oneOf"].is_array() {
        return "map".to_owned();
    }
    if field["type"] == serde_json::json!(["string", "object"]) {
        return "text or map".to_owned();
    }
    match field["type"].as_str() {
        Some("string") => "text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("number") => "number".to_owned(),
        Some("array") => match kind(&field["items"]).as_str() {
            "anything" => "list".to_owned(),
            items => format!("list of {items}s"),
        },
        Some("object") => match field.get("additionalProperties") {
            Some(values) if values.is_object() => format!("map of {}s", kind(values)),
            _ => "map".to_owned(),
        },
        _ => "anything".to_owned(),
    }
}

/// The words a text may be, with what each means.
fn words(field: &Value) -> Vec<String> {
    let choices = field["anyOf"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(std::iter::once(field));
    let mut found = Vec::new();
    for one in choices {
        for word in one["oneOf"].as_array().into_iter().flatten() {
            if let Some(text) = word["const"].as_str() {
                let about = word["description"].as_str().unwrap_or_default();
                found.push(format!("`{text}` ({})", cell(about.trim_end_matches('.'))));
            }
        }
        for word in one["enum"].as_array().into_iter().flatten() {
            found.push(format!("`{}`", word.as_str().unwrap()));
        }
    }
    found
}

/// The calls that a field leads to: what they need and what they cost.
fn calls(field: &Value) -> Vec<String> {
    let names = field["x-calls"].as_array().into_iter().flatten();
    names
        .map(|name| {
            let name = name.as_str().unwrap();
            let endpoint = endpoint::by_name(name).unwrap_or_else(|| panic!("{name} is no call"));
            call(endpoint)
        })
        .collect()
}

fn call(endpoint: &Endpoint) -> String {
    let mut facts = Vec::new();
    if !endpoint.sets.is_empty() {
        let sets: Vec<String> = endpoint
            .sets
            .iter()
            .map(|id| permission_set::describe(*id))
            .collect();
        facts.push(format!("permission set {}", sets.join(" or ")));
    }
    if let Some(quota) = endpoint.quota() {
        facts.push(format!("{} a {}", quota.limit, quota.period.as_str()));
    }
    match facts.as_slice() {
        [] => format!("`{endpoint}`"),
        facts => format!("`{endpoint}`: {}", facts.join(", ")),
    }
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    joined(text).replace('|', "\\|").replace('<', "&lt;")
}
