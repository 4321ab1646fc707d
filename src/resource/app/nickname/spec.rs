//! What a manifest says of a mini-program's name: the name alone, or with what proves the right to it.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::file::{FileRef, Format, Wanted};
use crate::wechat::nickname::{FORBIDDEN, MOST_STUFF, PLACES, places};

/// The name, written alone (`nickname: 日出舞蹈`) or as a map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NicknameSpec(Fields);

/// The name, and what proves the right to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Fields {
    /// The name.
    #[schemars(extend("x-wire" = "nick_name", "x-limit" = "4 to 30 places, of which a Chinese character takes two; not 小程序"))]
    name: String,
    /// A picture of who has the name: an organisation's licence, a person's identity card. JPEG, PNG or GIF, at most 2 MB.
    /// Left out: `principal.license`.
    #[schemars(extend("x-wire" = "license, id_card", "x-calls" = ["media/upload"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<FileRef>,
    /// Pictures of what else proves the right to it, such as a trade mark. WeChat wants one where the name has a keyword in
    /// it.
    #[schemars(extend("x-wire" = "naming_other_stuff_1", "x-limit" = "5", "x-calls" = ["media/upload"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_materials: Vec<FileRef>,
}

/// What WeChat takes as other material.
const MATERIAL: Wanted = Wanted {
    what: "material for a name",
    most: 2 * 1024 * 1024,
    formats: &[Format::Jpeg, Format::Png, Format::Gif],
};

/// What WeChat takes as a licence or an identity card.
const LICENCE: Wanted = Wanted {
    what: "a licence",
    ..MATERIAL
};

impl NicknameSpec {
    /// The name alone.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(Fields {
            name: name.to_owned(),
            ..Fields::default()
        })
    }

    /// The name, without the blanks around it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name.trim()
    }

    /// Whether it has a licence of its own.
    pub(super) fn has_license(&self) -> bool {
        self.0.license.is_some()
    }

    /// How many other materials it has.
    pub(super) fn materials(&self) -> usize {
        self.0.other_materials.len()
    }

    /// The files it names, of a name that stands at `path`.
    #[must_use]
    pub fn files(&self, path: &SpecPath) -> Vec<(SpecPath, FileRef, Wanted)> {
        let license = self.0.license.iter();
        let license = license.map(|file| (license_path(path), file.clone(), LICENCE));
        let others = self.0.other_materials.iter().enumerate();
        let others = others.map(|(n, file)| (material_path(path, n), file.clone(), MATERIAL));
        license.chain(others).collect()
    }
}

/// Where the name's own licence stands.
pub(super) fn license_path(path: &SpecPath) -> SpecPath {
    path.field("license")
}

/// Where one of the other materials stands.
pub(super) fn material_path(path: &SpecPath, n: usize) -> SpecPath {
    path.field("otherMaterials").index(n)
}

/// Everything that needs no network.
pub(super) fn check(spec: &NicknameSpec, path: &SpecPath, found: &mut Diagnostics) {
    const HELP: &str =
        "it is what users see and search for; Latin letters and digits take one place each";
    let mut wrong = |path: SpecPath, message: String, label: String| {
        found.error("WX1300", path, message, label, Some(HELP));
    };
    let name = spec.name();
    let taken = places(name);
    if !PLACES.contains(&taken) {
        wrong(
            path.clone(),
            format!("the name `{name}` takes {taken} places"),
            format!(
                "{} to {} places, of which a Chinese character takes two",
                PLACES.start(),
                PLACES.end()
            ),
        );
    }
    if name.contains(FORBIDDEN) {
        wrong(
            path.clone(),
            format!("the name `{name}` says `{FORBIDDEN}`"),
            format!("WeChat takes no name with `{FORBIDDEN}` in it"),
        );
    }
    if spec.materials() > MOST_STUFF {
        found.error(
            "WX1300",
            path.field("otherMaterials"),
            format!("the name has {} other materials", spec.materials()),
            format!("WeChat takes {MOST_STUFF} at most"),
            Some("put several pages into one picture"),
        );
    }
    for (path, file, _) in spec.files(path) {
        file.check(&path, found);
    }
}

impl Serialize for NicknameSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.has_license() || self.materials() > 0 {
            self.0.serialize(serializer)
        } else {
            serializer.serialize_str(&self.0.name)
        }
    }
}

impl<'de> Deserialize<'de> for NicknameSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads either way of writing it.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = NicknameSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a map with `name`, `license` and `otherMaterials`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<NicknameSpec, E> {
        Ok(NicknameSpec::of(name))
    }

    /// Texts need no quotes, and `2048` is a name.
    fn visit_u64<E: Error>(self, number: u64) -> Result<NicknameSpec, E> {
        Ok(NicknameSpec::of(&number.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NicknameSpec, A::Error> {
        Fields::deserialize(MapAccessDeserializer::new(map)).map(NicknameSpec)
    }
}

impl JsonSchema for NicknameSpec {
    fn schema_name() -> Cow<'static, str> {
        "NicknameSpec".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // What is said of a map's fields holds for a map alone.
        let mut schema = Fields::json_schema(generator);
        schema.insert("type".to_owned(), json!(["string", "object"]));
        schema
    }
}
