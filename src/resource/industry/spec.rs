//! What a manifest says of the industries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::state::{Branch, IndustryState};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::industry::{self, INDUSTRIES, plain};

/// The industries of the account (所属行业), each named by both levels: `教育/培训`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndustrySpec {
    /// 主营行业.
    #[schemars(extend("x-wire" = "industry_id1", "x-limit" = "one of WeChat's 41 industries"))]
    pub primary: String,
    /// 副营行业. Left out: the one that is there stays.
    #[schemars(extend("x-wire" = "industry_id2", "x-limit" = "another of them"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<String>,
}

impl IndustrySpec {
    /// What should be so, given what is there. Where no second industry is declared, nothing is dropped that need
    /// not be: the one that is there stays, and when it becomes the first, the first takes its place.
    pub(super) fn state(&self, live: Option<&IndustryState>) -> IndustryState {
        let primary = Branch::named(&self.primary);
        let secondary = match (&self.secondary, live) {
            (Some(name), _) => Some(Branch::named(name)),
            (None, Some(live)) if live.secondary.as_ref() == Some(&primary) => {
                Some(live.primary.clone())
            }
            // One set twice, under a name that cannot be set, is what WeChat made of one that was sent twice.
            (None, Some(live))
                if live.primary.known().is_none()
                    && live.secondary.as_ref() == Some(&live.primary) =>
            {
                None
            }
            (None, Some(live)) => live.secondary.clone(),
            (None, None) => None,
        };
        IndustryState { primary, secondary }
    }
}

/// Both names must be in WeChat's table, and differ.
pub(super) fn check(spec: &IndustrySpec, path: &SpecPath, found: &mut Diagnostics) {
    check_name(&spec.primary, path.field("primary"), found);
    let Some(secondary) = &spec.secondary else {
        return;
    };
    check_name(secondary, path.field("secondary"), found);
    let (first, second) = (
        industry::by_name(&spec.primary),
        industry::by_name(secondary),
    );
    if first.is_some() && first == second {
        found.error(
            "WX1212",
            path.field("secondary"),
            "both industries are the same",
            "the same as `primary`",
            Some("leave `secondary` out to keep the one that is there"),
        );
    }
}

fn check_name(name: &str, path: SpecPath, found: &mut Diagnostics) {
    if industry::by_name(name).is_some() {
        return;
    }
    let help = match suggest(name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "both levels are wanted, as in `教育/培训`; WeChat has 41 of them (模板消息 → 所属行业)"
                .to_owned()
        }
    };
    found.error(
        "WX1211",
        path,
        format!("WeChat has no industry `{name}`"),
        "no industry",
        Some(help),
    );
}

/// The industry that was probably meant: half of its characters at least are right.
fn suggest(name: &str) -> Option<String> {
    let name = plain(name);
    INDUSTRIES
        .iter()
        .map(|industry| {
            let wanted = plain(&industry.name());
            let distance = strsim::damerau_levenshtein(&name, &wanted);
            (distance, wanted.chars().count(), industry)
        })
        .filter(|(distance, length, _)| distance * 2 <= *length)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, industry)| industry.name())
}
