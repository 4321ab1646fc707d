//! The options (选项) of an official account: what WeChat reports of its followers to the platform. Each is a put.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{At, Kind, Observation, Resource, TenantSpec, View, only, payload};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Digest, Step, Verdict, Waiting, Why};
use crate::wechat::account_option::{self, AccountOption};
use crate::wechat::{Call, Endpoint};

/// What an official account reports and does. An option that is left out is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OptionsSpec {
    /// When followers' places are reported, as far as they allow it.
    #[schemars(extend("x-wire" = "location_report"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_report: Option<LocationReport>,
    /// Whether voice messages come with their words.
    #[schemars(extend("x-wire" = "voice_recognize"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_recognition: Option<bool>,
    /// Whether the account has customer service (多客服).
    #[schemars(extend("x-wire" = "customer_service"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_service: Option<bool>,
}

/// When followers' places are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LocationReport {
    /// Never.
    Off,
    /// When somebody enters the chat.
    OnEntry,
    /// Every 5 seconds of a chat.
    Every5s,
}

/// Options by their field in the manifest, with their values on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OptionsState {
    /// Those that are declared, or were read.
    pub values: BTreeMap<&'static str, &'static str>,
}

/// One option: its field in a manifest, its name on the wire, and its values there.
struct Known {
    field: &'static str,
    wire: &'static str,
    values: &'static [&'static str],
}

/// Whatever is off is this.
const OFF: &str = "0";

const KNOWN: [Known; 3] = [
    Known {
        field: "customerService",
        wire: "customer_service",
        values: &[OFF, "1"],
    },
    Known {
        field: "locationReport",
        wire: "location_report",
        values: &[OFF, "1", "2"],
    },
    Known {
        field: "voiceRecognition",
        wire: "voice_recognize",
        values: &[OFF, "1"],
    },
];

/// The resource.
pub struct Options;

impl Resource for Options {
    const NAME: &'static str = "options";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = account_option::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&account_option::GET];
    type Spec = OptionsSpec;
    type State = OptionsState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field("options")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a OptionsSpec> {
        tenant.official_account.as_ref()?.options.as_ref()
    }

    fn asks_nothing(spec: &OptionsSpec) -> bool {
        *spec == OptionsSpec::default()
    }

    fn check(_spec: &OptionsSpec, _at: &At, _found: &mut Diagnostics) {}

    fn needs(spec: Option<&OptionsSpec>, view: &View<'_>) -> Vec<Call> {
        let declared = spec.map(OptionsSpec::state);
        let wanted = |known: &&Known| {
            let declared = declared.as_ref();
            declared.is_none_or(|declared| declared.values.contains_key(known.field))
        };
        let asked = KNOWN.iter().filter(wanted);
        asked
            .map(|known| account_option::get_request(view.account(), known.wire))
            .filter(|read| !view.seen.contains_key(read))
            .collect()
    }

    fn observe(view: &View<'_>) -> Observation<OptionsState> {
        let mut values = BTreeMap::new();
        for known in &KNOWN {
            let read = account_option::get_request(view.account(), known.wire);
            // One that is not declared is not asked for.
            let Some(answer) = view.seen.get(&read) else {
                continue;
            };
            match payload::<AccountOption>(&account_option::GET, Some(answer)) {
                Ok(said) => match known.value(&said) {
                    Some(value) => values.insert(known.field, value),
                    None => return Observation::Unknown(odd(&said)),
                },
                Err(why) => return Observation::Unknown(why),
            };
        }
        Observation::Present(OptionsState { values })
    }

    fn desire(spec: &OptionsSpec, _view: &View<'_>) -> Result<OptionsState, Box<Waiting>> {
        Ok(spec.state())
    }

    fn diff(
        _spec: &OptionsSpec,
        desired: &OptionsState,
        observed: &Observation<OptionsState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Absent => {
                return only(Verdict::Unknown(Why::not_asked(account_option::GET.name)));
            }
            Observation::Present(live) => live,
        };
        let mut verdicts = BTreeMap::new();
        for known in &KNOWN {
            let Some(wanted) = desired.values.get(known.field) else {
                continue;
            };
            let verdict = match live.values.get(known.field) {
                Some(value) if value == wanted => continue,
                Some(value) => Verdict::Step(set(known, value, wanted, view)),
                None => Verdict::Unknown(Why::not_asked(account_option::GET.name)),
            };
            verdicts.insert(known.field.to_owned(), verdict);
        }
        verdicts
    }

    fn digests(desired: &OptionsState) -> BTreeMap<String, Digest> {
        let digest = |(field, value): (&&str, &&str)| ((*field).to_owned(), Digest::of(value));
        desired.values.iter().map(digest).collect()
    }

    /// There are few values, each spelled in one way.
    fn shown(_: &OptionsState, _: &OptionsState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &OptionsState) -> Option<OptionsSpec> {
        let said = observed.values.iter();
        let said = said.map(|(field, value)| ((*field).to_owned(), word(field, value)));
        serde_json::from_value(Value::Object(said.collect())).ok()
    }

    /// Off is what an option is that nobody ever set.
    fn is_nothing(observed: &OptionsState) -> bool {
        observed.values.values().all(|value| *value == OFF)
    }
}

impl OptionsSpec {
    fn state(&self) -> OptionsState {
        let Self {
            location_report,
            voice_recognition,
            customer_service,
        } = self;
        let report = location_report.map(|report| match report {
            LocationReport::Off => OFF,
            LocationReport::OnEntry => "1",
            LocationReport::Every5s => "2",
        });
        let truth = |on: &bool| if *on { "1" } else { OFF };
        let values = [
            ("customerService", customer_service.as_ref().map(truth)),
            ("locationReport", report),
            ("voiceRecognition", voice_recognition.as_ref().map(truth)),
        ];
        let given = |(field, value): (&'static str, Option<&'static str>)| Some((field, value?));
        OptionsState {
            values: values.into_iter().filter_map(given).collect(),
        }
    }
}

impl Known {
    /// The value that an answer says, if it is about this option and the value is one it has.
    fn value(&self, said: &AccountOption) -> Option<&'static str> {
        let mut values = self.values.iter().copied();
        values.find(|value| said.option_name == self.wire && said.option_value == *value)
    }
}

/// A value as a manifest says it.
fn word(field: &str, value: &str) -> Value {
    match (field, value) {
        ("locationReport", "1") => json!(LocationReport::OnEntry),
        ("locationReport", "2") => json!(LocationReport::Every5s),
        ("locationReport", _) => json!(LocationReport::Off),
        (_, value) => json!(value != OFF),
    }
}

fn odd(said: &AccountOption) -> Why {
    let AccountOption {
        option_name,
        option_value,
    } = said;
    let what = format!("no page knows the value {option_value:?} of {option_name:?}");
    Why::unreadable(account_option::GET.name, &what)
}

fn set(known: &Known, live: &str, wanted: &str, view: &View<'_>) -> Step {
    let change = Change {
        path: Options::path(view.at).field(known.field),
        from: Some(word(known.field, live)),
        to: Some(word(known.field, wanted)),
    };
    let account = view.account();
    let call = account_option::set_request(account, known.wire, wanted);
    Step::new(Action::Update, account.clone(), vec![change], vec![call])
}
