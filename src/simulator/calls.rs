//! The log of what the simulated WeChat received: per endpoint how often, and the last calls one by one.
//!
//! A call is entered when it begins, so that one whose answer never left is in the log as well. No token and no
//! body is kept.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

/// Calls remembered one by one.
const LAST: usize = 100_000;

/// Counts of one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    /// Calls that began.
    pub(super) received: u64,
    /// Calls whose answer is an error code.
    pub(super) refused: u64,
    /// Calls that changed something.
    pub(super) with_effect: u64,
}

/// Counts of one kind of push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PushTally {
    /// Requests sent.
    pub(super) sent: u64,
    /// Requests answered as WeChat wants it.
    pub(super) acknowledged: u64,
    /// Pushes a fault kept from being sent.
    pub(super) lost: u64,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) seq: u64,
    /// When it began, in simulated time.
    #[serde(serialize_with = "milliseconds")]
    pub(super) at: Timestamp,
    /// When it was done; null while it is under way.
    #[serde(serialize_with = "maybe_milliseconds")]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) endpoint: String,
    pub(super) account: String,
    /// What it was answered, or would have been; null when it never got that far.
    pub(super) errcode: Option<i64>,
    pub(super) effect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rid: Option<String>,
}

/// How a call ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) errcode: Option<i64>,
    pub(super) effect: bool,
    pub(super) fault: Option<String>,
    pub(super) rid: Option<String>,
}

/// The log.
#[derive(Debug, Default)]
pub(super) struct CallLog {
    next_seq: u64,
    endpoints: BTreeMap<String, Tally>,
    pushes: BTreeMap<String, PushTally>,
    last: VecDeque<Entry>,
}

/// What is asked of the log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) endpoint: Option<&'a str>,
    /// Entries from this number on.
    pub(super) since: Option<u64>,
    /// Only so many entries, the newest.
    pub(super) last: Option<usize>,
}

impl Wanted<'_> {
    fn takes(&self, entry: &Entry) -> bool {
        self.account.is_none_or(|account| entry.account == account)
            && self
                .endpoint
                .is_none_or(|endpoint| entry.endpoint == endpoint)
    }
}

/// What `GET /_sim/calls` answers.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    endpoints: BTreeMap<&'a str, Tally>,
    pushes: &'a BTreeMap<String, PushTally>,
    last: Vec<&'a Entry>,
}

impl CallLog {
    /// Enters a call that begins; the number is for [`CallLog::end`].
    pub(super) fn begin(&mut self, now: Timestamp, endpoint: &str, account: String) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.endpoints
            .entry(endpoint.to_owned())
            .or_default()
            .received += 1;
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(Entry {
            seq,
            at: now,
            ended_at: None,
            endpoint: endpoint.to_owned(),
            account,
            errcode: None,
            effect: false,
            fault: None,
            rid: None,
        });
        seq
    }

    /// Completes the entry; one that was reset away meanwhile is let go.
    pub(super) fn end(&mut self, seq: u64, now: Timestamp, ending: Ending) {
        let Ok(place) = self.last.binary_search_by_key(&seq, |entry| entry.seq) else {
            return;
        };
        let Some(entry) = self.last.get_mut(place) else {
            return;
        };
        let tally = self.endpoints.entry(entry.endpoint.clone()).or_default();
        tally.refused += u64::from(ending.errcode.is_some_and(|code| code != 0));
        tally.with_effect += u64::from(ending.effect);
        entry.ended_at = Some(now);
        entry.errcode = ending.errcode;
        entry.effect = ending.effect;
        entry.fault = ending.fault;
        entry.rid = ending.rid;
    }

    /// The counts of one kind of push, to be added to.
    pub(super) fn push(&mut self, kind: &str) -> &mut PushTally {
        self.pushes.entry(kind.to_owned()).or_default()
    }

    /// The call that was answered with this request id.
    pub(super) fn by_rid(&self, rid: &str) -> Option<&Entry> {
        self.last
            .iter()
            .rev()
            .find(|entry| entry.rid.as_deref() == Some(rid))
    }

    /// What is known, narrowed to an account or an endpoint. With an account the counts are of the calls still
    /// remembered one by one. `since` and `last` narrow the entries, never the counts.
    pub(super) fn report(&self, wanted: &Wanted<'_>) -> Report<'_> {
        let endpoints = match wanted.account {
            None => self
                .endpoints
                .iter()
                .filter(|(path, _)| {
                    wanted
                        .endpoint
                        .is_none_or(|endpoint| endpoint == path.as_str())
                })
                .map(|(path, tally)| (path.as_str(), *tally))
                .collect(),
            Some(_) => count(self.last.iter().filter(|entry| wanted.takes(entry))),
        };
        let since = wanted.since.unwrap_or(0);
        let mut last: Vec<&Entry> = self
            .last
            .iter()
            .rev()
            .take_while(|entry| entry.seq >= since)
            .filter(|entry| wanted.takes(entry))
            .take(wanted.last.unwrap_or(LAST))
            .collect();
        last.reverse();
        Report {
            endpoints,
            pushes: &self.pushes,
            last,
        }
    }

    /// Forgets everything; numbers go on.
    pub(super) fn reset(&mut self) {
        let next_seq = self.next_seq;
        *self = Self {
            next_seq,
            ..Self::default()
        };
    }
}

fn count<'a>(entries: impl Iterator<Item = &'a Entry>) -> BTreeMap<&'a str, Tally> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for entry in entries {
        let tally = tallies.entry(entry.endpoint.as_str()).or_default();
        tally.received += 1;
        tally.refused += u64::from(entry.errcode.is_some_and(|code| code != 0));
        tally.with_effect += u64::from(entry.effect);
    }
    tallies
}

/// RFC 3339 with exactly three digits of a second.
fn milliseconds<S: serde::Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{at:.3}"))
}

fn maybe_milliseconds<S: serde::Serializer>(
    at: &Option<Timestamp>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => milliseconds(at, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn of(account: &str) -> Wanted<'_> {
        Wanted {
            account: Some(account),
            ..Wanted::default()
        }
    }

    #[test]
    fn a_call_is_received_before_it_is_done() {
        let mut log = CallLog::default();
        let seq = log.begin(
            at("2026-11-22T00:00:00Z"),
            "/cgi-bin/open/create",
            "wx1".into(),
        );
        let report = serde_json::to_value(log.report(&Wanted::default())).unwrap();
        assert_eq!(report["endpoints"]["/cgi-bin/open/create"]["received"], 1);
        assert_eq!(report["last"][0]["at"], "2026-11-22T00:00:00.000Z");
        assert!(report["last"][0]["endedAt"].is_null());

        let ending = Ending {
            errcode: Some(89000),
            ..Ending::default()
        };
        log.end(seq, at("2026-11-22T00:00:01.5Z"), ending);
        let report = serde_json::to_value(log.report(&of("wx1"))).unwrap();
        assert_eq!(report["endpoints"]["/cgi-bin/open/create"]["refused"], 1);
        assert_eq!(report["last"][0]["endedAt"], "2026-11-22T00:00:01.500Z");
        let other = serde_json::to_value(log.report(&of("wx2"))).unwrap();
        assert_eq!(other["last"], serde_json::json!([]));
    }

    #[test]
    fn entries_can_be_narrowed_and_counts_stay() {
        let mut log = CallLog::default();
        for account in ["wx1", "wx2", "wx1", "wx2"] {
            log.begin(at("2026-11-22T00:00:00Z"), "/x", account.to_owned());
        }
        let seen = |wanted: Wanted<'_>| {
            let report = log.report(&wanted);
            let numbers: Vec<u64> = report.last.iter().map(|entry| entry.seq).collect();
            (numbers, report.endpoints["/x"].received)
        };
        let (since, last) = (Some(1), Some(1));
        let all = Wanted::default();
        assert_eq!(seen(Wanted { since, ..all }), (vec![1, 2, 3], 4));
        assert_eq!(seen(Wanted { last, ..all }), (vec![3], 4));
        assert_eq!(
            seen(Wanted {
                last: Some(0),
                ..all
            }),
            (vec![], 4)
        );
        assert_eq!(seen(Wanted { since, ..of("wx1") }), (vec![2], 2));
        assert_eq!(seen(Wanted { last, ..of("wx1") }), (vec![2], 2));
    }

    #[test]
    fn the_log_is_bounded_and_numbers_go_on() {
        let mut log = CallLog::default();
        let now = at("2026-11-22T00:00:00Z");
        for _ in 0..=LAST {
            log.begin(now, "/x", String::new());
        }
        assert_eq!(log.last.len(), LAST);
        log.end(0, now, Ending::default());
        log.reset();
        assert_eq!(log.begin(now, "/x", String::new()), LAST as u64 + 1);
    }
}
