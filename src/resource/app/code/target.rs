//! Which code is wanted: the template that a manifest means, its `ext.json`, and the tag by which it is known again.
//!
//! WeChat gives neither template nor `ext.json` back, and a version may be used twice. So each commit's free text ends with a
//! tag, a digest of all three, and comes back with it wherever the version is shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::spec::{CodeSpec, TemplateSpec};
use crate::plan::{Digest, Person, Reason, Text, Waiting};
use crate::wechat::Appid;
use crate::wechat::code::Commit;
use crate::wechat::code_template::CodeTemplate;

/// How many digits a tag has.
const DIGITS: usize = 8;
/// What stands before it.
const MARK: &str = " #";

/// The code that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// What is committed for it.
    pub(super) commit: Commit,
    /// By which it is known again.
    pub(super) tag: String,
}

impl Target {
    /// The code of a template, for one mini-program.
    pub(super) fn of(spec: &CodeSpec, template: &CodeTemplate, account: &Appid) -> Self {
        let ext_json = ext_json(&spec.ext, account);
        let version = template.version().to_owned();
        let what = (template.template_id, &version, &ext_json);
        let digest = match spec.revision {
            None => Digest::of(&what),
            Some(revision) => Digest::of(&(what, revision)),
        };
        let tag = digest.short(DIGITS).to_owned();
        let own = spec.description.as_deref().map(str::trim);
        let said = own.or(template.user_desc.as_deref().map(str::trim));
        let said = said.filter(|said| !said.is_empty()).unwrap_or(&version);
        Self {
            commit: Commit {
                template_id: template.template_id,
                user_desc: format!("{said}{MARK}{tag}"),
                user_version: version,
                ext_json,
            },
            tag,
        }
    }

    /// Its version, as people call it.
    pub(super) fn version(&self) -> &str {
        &self.commit.user_version
    }
}

/// The tag in a version's free text, if it is one of ours.
pub(super) fn tag_in(description: &str) -> Option<&str> {
    let (_, tag) = description.trim_end().rsplit_once('#')?;
    let is_tag = tag.len() == DIGITS && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_tag.then_some(tag)
}

/// Whether a version of this name and free text is the one of a name and a tag. Whoever copies the text names his own with it; a
/// name that an answer leaves out says nothing.
pub(super) fn is_known(version: &str, said: &str, (name, tag): (&str, &str)) -> bool {
    is_named(version, name) && tag_in(said) == Some(tag)
}

/// Whether a version is called so, as far as an answer says.
pub(super) fn is_named(version: &str, name: &str) -> bool {
    version.is_empty() || version == name
}

/// `ext.json` as it is sent, its fields in one order.
fn ext_json(ext: &BTreeMap<String, Value>, account: &Appid) -> String {
    let mut fields: BTreeMap<&str, Value> = ext
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    fields.insert("extAppid", json!(account));
    json!(fields).to_string()
}

/// The template that a manifest means; else what is wrong with it.
pub(super) fn resolve<'a>(
    spec: &TemplateSpec,
    library: &'a [CodeTemplate],
) -> Result<&'a CodeTemplate, Box<Waiting>> {
    if let Some(id) = spec.id {
        let mut found = library.iter().filter(|one| one.template_id == id);
        return found.next().ok_or_else(|| no_such(&format!("{id}")));
    }
    if let Some(version) = &spec.version {
        let version = version.trim();
        let found: Vec<&CodeTemplate> = library
            .iter()
            .filter(|one| one.is_ordinary() && one.version() == version)
            .collect();
        return match found.as_slice() {
            [one] => Ok(one),
            [] => Err(no_such(version)),
            several => Err(ambiguous(version, several)),
        };
    }
    // Ids rise, and the list is in no order.
    let ordinary = library.iter().filter(|one| one.is_ordinary());
    ordinary.max_by_key(|one| one.template_id).ok_or_else(empty)
}

fn unclear(zh: String, en: String) -> Box<Waiting> {
    Box::new(Waiting::new(
        Reason::TemplateUnclear,
        Person::Operator,
        Text::new(zh, en),
    ))
}

fn no_such(which: &str) -> Box<Waiting> {
    unclear(
        format!(
            "平台的代码模板库中没有 {which}；请用 wxops template list 查看，或将草稿加入模板库：wxops template promote"
        ),
        format!(
            "the platform's library has no template {which}: see `wxops template list`, or make one of a draft with \
             `wxops template promote`"
        ),
    )
}

fn ambiguous(version: &str, several: &[&CodeTemplate]) -> Box<Waiting> {
    let ids = Text::list(several.iter().map(|one| one.template_id));
    unclear(
        format!(
            "代码模板库中有多个模板的版本是 {version}（编号 {}）；请在 template 中写明 id",
            ids.zh
        ),
        format!(
            "several templates of the library have the version {version} (ids {}): name one by `id`",
            ids.en
        ),
    )
}

fn empty() -> Box<Waiting> {
    unclear(
        "平台的代码模板库是空的；请将草稿加入模板库：wxops template promote".to_owned(),
        "the platform's library has no template: make one of a draft with `wxops template promote`"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::world::account;

    fn template(id: i64, version: &str) -> CodeTemplate {
        serde_json::from_value(
            json!({"template_id": id, "user_version": version, "user_desc": "fix"}),
        )
        .unwrap()
    }

    #[test]
    fn the_tag_is_of_template_version_and_ext_json_and_of_nothing_else() {
        let tag = |spec: Value, template: &CodeTemplate| {
            let spec: CodeSpec = serde_json::from_value(spec).unwrap();
            Target::of(&spec, template, &account()).tag
        };
        let one = template(42, "1.4.2");
        let base = tag(json!({"ext": {"a": 1, "b": {"c": 2, "d": 3}}}), &one);
        assert_eq!(
            base,
            tag(
                json!({"ext": {"b": {"d": 3, "c": 2}, "a": 1}, "description": "x"}),
                &one
            )
        );
        for other in [
            tag(json!({"ext": {"a": 2, "b": {"c": 2, "d": 3}}}), &one),
            tag(
                json!({"ext": {"a": 1, "b": {"c": 2, "d": 3}}, "revision": 2}),
                &one,
            ),
            tag(
                json!({"ext": {"a": 1, "b": {"c": 2, "d": 3}}}),
                &template(43, "1.4.2"),
            ),
            tag(
                json!({"ext": {"a": 1, "b": {"c": 2, "d": 3}}}),
                &template(42, "1.4.3"),
            ),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn what_is_said_ends_with_the_tag_and_ext_json_names_the_app() {
        let spec: CodeSpec = serde_json::from_value(json!({"ext": {"extEnable": true}})).unwrap();
        let target = Target::of(&spec, &template(42, "1.4.2"), &account());
        assert_eq!(target.commit.user_desc, format!("fix #{}", target.tag));
        assert_eq!(tag_in(&target.commit.user_desc), Some(target.tag.as_str()));
        assert_eq!(
            target.commit.ext_json,
            format!(r#"{{"extAppid":"{}","extEnable":true}}"#, account())
        );
        for other in ["", "#", "fix #12", "issue #1234567g", "12345678"] {
            assert_eq!(tag_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_template_is_found_by_id_version_or_age_and_never_guessed() {
        let library = [template(7, "1.0"), template(3, "1.0"), template(5, "2.0")];
        let find = |spec: Value| {
            let spec: TemplateSpec = serde_json::from_value(spec).unwrap();
            resolve(&spec, &library).map(|one| one.template_id).ok()
        };
        assert_eq!(find(json!({"id": 3})), Some(3));
        assert_eq!(find(json!({"id": 4})), None);
        assert_eq!(find(json!({"version": "2.0"})), Some(5));
        assert_eq!(find(json!({"version": "1.0"})), None);
        assert_eq!(find(json!({"version": "3.0"})), None);
        assert_eq!(find(json!({"latest": {}})), Some(7));
        assert!(resolve(&TemplateSpec::default(), &[]).is_err());
    }
}
