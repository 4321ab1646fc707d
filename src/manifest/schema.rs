//! The JSON Schema of manifests, for editors, and the same with what the reference page needs (`x-…`).
//!
//! It is derived from the types that are read, so a new field needs only its doc comment. What the derive cannot know
//! is put on afterwards: a field has a value or is absent; nothing a class may give is required; a placeholder may
//! stand for any text of a tenant.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::approval::ApprovalSpec;
use super::document::{API_VERSION, Kind, Metadata, OURS};
use super::merge;
use super::platform::PlatformSpec;
use crate::resource::TenantSpec;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A text that is not known before its placeholders are filled in.
const PLACEHOLDER: &str = r"\$\(values\.";

/// What limits a text, and so does not hold for a placeholder.
const OF_TEXTS: [&str; 5] = ["enum", "oneOf", "maxLength", "pattern", "format"];

/// Top-level fields in which nothing is filled in.
const NEVER_FILLED: [&str; 3] = ["platformRef", "classRef", "values"];

/// The kinds that have a schema.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    OURS.iter().map(|(word, _)| *word).collect()
}

/// The schema of one kind. None for what is no kind.
#[must_use]
pub fn of(word: &str) -> Option<Value> {
    let mut schema = annotated(word)?;
    for_editors(&mut schema);
    let mut whole = Map::from_iter([("$schema".to_owned(), DRAFT.into())]);
    if let Value::Object(fields) = &mut schema {
        whole.append(fields);
    }
    Some(Value::Object(whole))
}

/// The schema of every kind: which one counts is decided by `kind`.
#[must_use]
pub fn all() -> Value {
    let mut definitions = Map::new();
    let mut choices = Vec::new();
    for word in kinds() {
        let Some(mut schema) = annotated(word) else {
            continue;
        };
        for_editors(&mut schema);
        if let Some(Value::Object(inner)) = schema
            .as_object_mut()
            .and_then(|fields| fields.remove("$defs"))
        {
            definitions.extend(inner);
        }
        definitions.insert(word.to_owned(), schema);
        choices.push(json!({"$ref": format!("#/$defs/{word}")}));
    }
    json!({
        "$schema": DRAFT,
        "title": "wxops manifest",
        "description": "A document that wxops reads.",
        "oneOf": choices,
        "$defs": definitions,
    })
}

/// The schema of one kind with what WeChat calls each field (`x-wire`, `x-calls`) and its limits in words (`x-limit`).
#[must_use]
pub fn annotated(word: &str) -> Option<Value> {
    let (word, kind) = OURS.iter().find(|(known, _)| *known == word)?;
    let (about, mut spec) = match kind {
        Kind::Platform => (
            "A third-party platform account (第三方平台).",
            whole::<PlatformSpec>(),
        ),
        Kind::TenantClass => (
            "What a group of tenants has in common. Tenants are merged over it.",
            class(),
        ),
        Kind::Tenant => (
            "One customer: the accounts of one legal entity.",
            mergeable::<TenantSpec>(),
        ),
        Kind::Approval => (
            "Somebody's yes: to costly steps of a tenant, or to a revision of the manifests.",
            whole::<ApprovalSpec>(),
        ),
        Kind::Secret => return None,
    };
    let definitions = spec
        .as_object_mut()
        .and_then(|fields| fields.remove("$defs"));
    let mut document = json!({
        "title": word,
        "description": about,
        "type": "object",
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "The version of this kind."},
            "kind": {"const": word, "description": about},
            "metadata": whole::<Metadata>(),
            "spec": spec,
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
    });
    if let (Some(fields), Some(definitions)) = (document.as_object_mut(), definitions) {
        fields.insert("$defs".to_owned(), definitions);
    }
    Some(document)
}

/// What stands in one document and is merged with nothing.
fn whole<T: JsonSchema>() -> Value {
    let mut schema = derived::<T>();
    each(&mut schema, &mut without_null);
    each(&mut schema, &mut describe_choices);
    schema
}

/// What may stand partly in a class.
fn mergeable<T: JsonSchema>() -> Value {
    let mut schema = whole::<T>();
    not_required(&mut schema, &mut Vec::new());
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        for (_, field) in fields
            .iter_mut()
            .filter(|(name, _)| !NEVER_FILLED.contains(&name.as_str()))
        {
            each(field, &mut or_placeholder);
        }
    }
    if let Some(definitions) = schema.get_mut("$defs") {
        each(definitions, &mut or_placeholder);
    }
    schema
}

/// A class is a tenant without a class.
fn class() -> Value {
    let mut schema = mergeable::<TenantSpec>();
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        fields.remove("classRef");
    }
    schema
}

fn derived<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        // One type may stand where a class gives it and where none does.
        settings.inline_subschemas = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.to_value()
}

/// Does something to a schema and to all below it, from the innermost outwards.
fn each(schema: &mut Value, act: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if !matches!(name.as_str(), "default" | "const" | "enum" | "examples") {
                    each(field, act);
                }
            }
            act(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, act)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A field without a value is refused, so null is no value of anything. Widths of numbers are Rust's business.
fn without_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (name, value) in only {
                schema.entry(name).or_insert(value);
            }
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if schema
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.starts_with("int") || format.starts_with("uint"))
    {
        schema.remove("format");
    }
}

/// A choice is a map with one key. What the choice is, is what that field is.
fn describe_choices(schema: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = schema.get_mut("oneOf") else {
        return;
    };
    for choice in choices {
        let about = choice.get("description").cloned();
        let fields = choice.get_mut("properties").and_then(Value::as_object_mut);
        if let (Some(about), Some(fields)) = (about, fields) {
            for field in fields.values_mut().filter_map(Value::as_object_mut) {
                field.insert("description".to_owned(), about.clone());
            }
        }
    }
}

/// What a class may give is looked at after the merge. What replaces the class's whole is whole: lists and choices.
fn not_required(schema: &mut Value, at: &mut Vec<String>) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    fields.remove("required");
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        for (name, field) in properties {
            at.push(name.clone());
            if !merge::is_choice(at) {
                not_required(field, at);
            }
            at.pop();
        }
    }
    if let Some(item) = fields.get_mut("items").filter(|_| merge::is_keyed(at)) {
        not_required(item, at);
        // By its name it is found in the class.
        if let Some(item) = item.as_object_mut() {
            item.insert("required".to_owned(), json!(["name"]));
        }
    }
    if let Some(values) = fields.get_mut("additionalProperties") {
        not_required(values, at);
    }
}

/// A text may hold placeholders, and then nothing else is known of it.
fn or_placeholder(schema: &mut Map<String, Value>) {
    let is_text = match schema.get("type") {
        Some(one) => one == "string",
        None => schema
            .get("oneOf")
            .and_then(Value::as_array)
            .is_some_and(|choices| choices.iter().all(|choice| choice.get("const").is_some())),
    };
    // One word of several is taken care of with the others.
    if !is_text || schema.contains_key("const") {
        return;
    }
    let mut limits = Map::new();
    for word in OF_TEXTS {
        if let Some(limit) = schema.remove(word) {
            limits.insert(word.to_owned(), limit);
        }
    }
    if !limits.is_empty() {
        let filled_in = json!({"pattern": PLACEHOLDER});
        schema.insert("type".to_owned(), "string".into());
        schema.insert("anyOf".to_owned(), json!([limits, filled_in]));
    }
}

/// What an editor shows: the limits belong to the description, the rest of the `x-…` to the reference page.
fn for_editors(schema: &mut Value) {
    each(schema, &mut |fields| {
        if let (Some(Value::String(limit)), Some(Value::String(description))) = (
            fields.get("x-limit").cloned(),
            fields.get_mut("description"),
        ) {
            description.push_str(&format!("\nLimit: {limit}."));
        }
        fields.retain(|name, _| !name.starts_with("x-"));
    });
}
