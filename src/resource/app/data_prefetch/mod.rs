//! What WeChat fetches for a mini-program ahead of time: at its start (数据预拉取), and now and then (周期性更新).

mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

pub use spec::DataPrefetchSpec;
use spec::SourceSpec;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Digest, Observation, Step, Verdict, Waiting, Why};
use crate::resource::{At, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::data_prefetch::{self, DataPrefetch as Settings, Source, When};
use crate::wechat::{Call, Endpoint};

/// Where the data comes from, by what a manifest calls it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DataPrefetchState(BTreeMap<&'static str, SourceSpec>);

/// The resource.
pub struct DataPrefetch;

impl Resource for DataPrefetch {
    const NAME: &'static str = "dataPrefetch";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = data_prefetch::GET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&data_prefetch::GET];
    type Spec = DataPrefetchSpec;
    type State = DataPrefetchState;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a DataPrefetchSpec> {
        at.item(tenant)?.data_prefetch.as_ref()
    }

    fn asks_nothing(spec: &DataPrefetchSpec) -> bool {
        spec.declared().next().is_none()
    }

    fn check(spec: &DataPrefetchSpec, at: &At, found: &mut Diagnostics) {
        for (when, source) in spec.declared() {
            source.check(&Self::path(at).field(when.as_str()), found);
        }
    }

    fn needs(_spec: Option<&DataPrefetchSpec>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(data_prefetch::get_request(view.account()))
    }

    /// What the answer does not say of one is left out.
    fn observe(view: &View<'_>) -> Observation<DataPrefetchState> {
        let answer = view.seen.get(&data_prefetch::get_request(view.account()));
        let settings: Settings = match payload(&data_prefetch::GET, answer) {
            Ok(settings) => settings,
            Err(why) => return Observation::Unknown(why),
        };
        let said = When::ALL.into_iter().filter_map(|when| {
            let source = settings.source(when)?;
            Some((when.as_str(), SourceSpec::of(&source)))
        });
        Observation::Present(DataPrefetchState(said.collect()))
    }

    fn desire(
        spec: &DataPrefetchSpec,
        _view: &View<'_>,
    ) -> Result<DataPrefetchState, Box<Waiting>> {
        let declared = spec.declared();
        let all = declared.map(|(when, source)| (when.as_str(), source.clone()));
        Ok(DataPrefetchState(all.collect()))
    }

    fn diff(
        spec: &DataPrefetchSpec,
        _desired: &DataPrefetchState,
        observed: &Observation<DataPrefetchState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let nothing = DataPrefetchState::default();
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(live) => live,
            Observation::Absent => &nothing,
        };
        let verdicts = spec.declared().filter_map(|(when, wanted)| {
            let source = wanted.source()?;
            let verdict = match live.0.get(when.as_str()) {
                Some(live) if live == wanted => return None,
                Some(live) => Verdict::Step(step(when, live, &source, view)),
                None => Verdict::Unknown(not_said(when)),
            };
            Some((when.as_str().to_owned(), verdict))
        });
        verdicts.collect()
    }

    fn digests(desired: &DataPrefetchState) -> BTreeMap<String, Digest> {
        each(desired)
    }

    fn shown(
        _desired: &DataPrefetchState,
        observed: &DataPrefetchState,
    ) -> BTreeMap<String, Digest> {
        each(observed)
    }

    fn respelled(
        desired: &DataPrefetchState,
        observed: &DataPrefetchState,
        kept: &BTreeMap<String, Digest>,
    ) -> DataPrefetchState {
        let all = observed.0.iter().map(|(when, live)| {
            let ours = kept.get(*when) == Some(&Digest::of(live));
            let wanted = desired.0.get(when).filter(|_| ours);
            (*when, wanted.unwrap_or(live).clone())
        });
        DataPrefetchState(all.collect())
    }

    /// What is off need not be declared.
    fn export(observed: &DataPrefetchState) -> Option<DataPrefetchSpec> {
        let said = |when: When| {
            let source = observed.0.get(when.as_str())?;
            Some(source.clone()).filter(|source| !source.off)
        };
        let whole = observed.0.len() == When::ALL.len();
        whole.then(|| DataPrefetchSpec {
            pre: said(When::Pre),
            period: said(When::Period),
        })
    }

    /// A new mini-program has none.
    fn is_nothing(observed: &DataPrefetchState) -> bool {
        observed.0.len() == When::ALL.len() && observed.0.values().all(|source| source.off)
    }
}

fn each(state: &DataPrefetchState) -> BTreeMap<String, Digest> {
    let all = state.0.iter();
    all.map(|(when, source)| ((*when).to_owned(), Digest::of(source)))
        .collect()
}

fn step(when: When, live: &SourceSpec, source: &Source, view: &View<'_>) -> Step {
    let wanted = SourceSpec::of(source);
    let action = match (live.off, wanted.off) {
        (true, _) => Action::Create,
        (false, true) => Action::Delete,
        (false, false) => Action::Update,
    };
    let change = Change {
        path: DataPrefetch::path(view.at).field(when.as_str()),
        from: Some(json!(live)),
        to: Some(json!(wanted)),
    };
    let call = data_prefetch::set_request(view.account(), when, source);
    Step::new(action, view.account().clone(), vec![change], vec![call])
}

fn not_said(when: When) -> Why {
    let detail = format!(
        "it does not say where the data comes from (`is_{}_fetch_open` and what belongs to it)",
        when.as_str()
    );
    Why::unreadable(data_prefetch::GET.name, &detail)
}
