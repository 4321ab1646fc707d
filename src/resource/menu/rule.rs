//! For whom a conditional menu is, normalised: the same value from a manifest and from `menu/get`.

use serde::Serialize;

use super::spec::{MatchSpec, PlatformWord};
use crate::wechat::menu::MatchRule;

/// A rule. Texts are as on the wire; what is not said is `None`, never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Rule {
    tag: Option<String>,
    /// The name of a tag whose id is not known; only ever desired.
    #[serde(skip_serializing_if = "Option::is_none")]
    named: Option<String>,
    platform: Option<String>,
    language: Option<String>,
    sex: Option<String>,
    country: Option<String>,
    province: Option<String>,
    city: Option<String>,
}

/// Words for `client_platform_type`, which is a number on the wire.
const PLATFORMS: [(PlatformWord, &str, &str); 3] = [
    (PlatformWord::Ios, "1", "ios"),
    (PlatformWord::Android, "2", "android"),
    (PlatformWord::Other, "3", "other"),
];

impl Rule {
    pub(super) fn from_spec(spec: &MatchSpec) -> Self {
        let MatchSpec {
            tag_id,
            tag,
            platform,
            language,
            sex,
            country,
            province,
            city,
        } = spec;
        let number = |word: PlatformWord| {
            let known = PLATFORMS.iter().find(|(known, ..)| *known == word);
            known.map(|(_, number, _)| (*number).to_owned())
        };
        Self {
            tag: given(tag_id.as_ref()),
            named: given(tag.as_ref()),
            platform: platform.and_then(number),
            language: given(language.as_ref()),
            sex: given(sex.as_ref()),
            country: given(country.as_ref()),
            province: given(province.as_ref()),
            city: given(city.as_ref()),
        }
    }

    /// `menu/get` writes fields that say nothing as empty texts.
    pub(super) fn from_wire(rule: &MatchRule) -> Self {
        Self {
            tag: given(rule.tag_id.as_ref()).or_else(|| given(rule.group_id.as_ref())),
            named: None,
            platform: given(rule.client_platform_type.as_ref()),
            language: given(rule.language.as_ref()),
            sex: given(rule.sex.as_ref()),
            country: given(rule.country.as_ref()),
            province: given(rule.province.as_ref()),
            city: given(rule.city.as_ref()),
        }
    }

    pub(super) fn to_wire(&self) -> MatchRule {
        let Self {
            tag,
            named: _,
            platform,
            language,
            sex,
            country,
            province,
            city,
        } = self.clone();
        MatchRule {
            tag_id: tag,
            group_id: None,
            client_platform_type: platform,
            language,
            sex,
            country,
            province,
            city,
        }
    }

    /// As a manifest says it; `None` for a platform that no page explains.
    pub(super) fn to_spec(&self) -> Option<MatchSpec> {
        let platform = match &self.platform {
            None => None,
            Some(number) => Some(
                PLATFORMS
                    .iter()
                    .find(|(_, known, _)| known == number)
                    .map(|(word, ..)| *word)?,
            ),
        };
        Some(MatchSpec {
            tag_id: self.tag.clone(),
            tag: self.named.clone(),
            platform,
            language: self.language.clone(),
            sex: self.sex.clone(),
            country: self.country.clone(),
            province: self.province.clone(),
            city: self.city.clone(),
        })
    }

    /// The name of the tag it is for, while that has no id.
    pub(super) fn named(&self) -> Option<&str> {
        self.named.as_deref()
    }

    /// The same rule with the id of the tag it names.
    pub(super) fn with_tag(self, id: i64) -> Self {
        Self {
            tag: Some(id.to_string()),
            named: None,
            ..self
        }
    }

    /// Whether it says nothing: WeChat refuses that (65304).
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether WeChat takes no new menu with it: it says something of sex or region (65320).
    pub(super) fn is_withdrawn(&self) -> bool {
        let fields = [&self.sex, &self.country, &self.province, &self.city];
        fields.into_iter().any(Option::is_some)
    }

    /// What it says, in a fixed order: `tag=2 platform=ios`.
    pub(super) fn name(&self) -> String {
        let platform = self.platform.as_deref().map(|number| {
            let known = PLATFORMS.iter().find(|(_, known, _)| *known == number);
            known.map_or(number, |(.., word)| word)
        });
        let parts = [
            ("tag", self.tag.as_deref().or(self.named.as_deref())),
            ("platform", platform),
            ("language", self.language.as_deref()),
            ("sex", self.sex.as_deref()),
            ("country", self.country.as_deref()),
            ("province", self.province.as_deref()),
            ("city", self.city.as_deref()),
        ];
        let said: Vec<String> = parts
            .into_iter()
            .filter_map(|(field, value)| Some(format!("{field}={}", value?)))
            .collect();
        said.join(" ")
    }

    /// Whether one follower can match both. Of everything but tags a follower has one at a time.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        ![
            (&self.platform, &other.platform),
            (&self.language, &other.language),
            (&self.sex, &other.sex),
            (&self.country, &other.country),
            (&self.province, &other.province),
            (&self.city, &other.city),
        ]
        .into_iter()
        .any(|(a, b)| differ(a, b))
    }
}

fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(wire: Value) -> Rule {
        Rule::from_wire(&serde_json::from_value(wire).unwrap())
    }

    #[test]
    fn what_menu_get_leaves_empty_says_nothing() {
        let read =
            rule(json!({"group_id": 2, "sex": "", "country": "", "client_platform_type": "1"}));
        assert_eq!(read.name(), "tag=2 platform=ios");
        assert!(!read.is_withdrawn());
        assert!(rule(json!({"group_id": ""})).is_empty());
    }

    #[test]
    fn a_rule_reads_back_as_it_was_written() {
        let one = rule(json!({"tag_id": "2", "client_platform_type": "3", "language": "zh_CN"}));
        assert_eq!(Rule::from_wire(&one.to_wire()), one);
        assert_eq!(Rule::from_spec(&one.to_spec().unwrap()), one);
        assert!(
            rule(json!({"client_platform_type": "9"}))
                .to_spec()
                .is_none()
        );
    }

    #[test]
    fn a_follower_has_many_tags_and_one_platform() {
        let tag = |id: &str| rule(json!({"tag_id": id}));
        let platform = |id: &str| rule(json!({"client_platform_type": id}));
        assert!(tag("1").overlaps(&tag("2")));
        assert!(tag("1").overlaps(&platform("1")));
        assert!(!platform("1").overlaps(&platform("2")));
        assert!(platform("1").overlaps(&platform("1")));
    }
}
