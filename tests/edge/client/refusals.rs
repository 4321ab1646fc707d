//! Every code that WeChat's pages give for registration, domains, code and what comes with a mini-program, said by the
//! simulator and heard by the client. `tests/data/codes-by-endpoint.csv` holds the pages' pairs, `tests/data/refusals.csv`
//! what a reader of the pages would do about each.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use wxops::client::{Client, REQUEST_TIMEOUT};
use wxops::store::journal::{Arming, Intent, OpKey, Reserved};
use wxops::store::{Journal, Store};
use wxops::wechat::errcode::remedy;
use wxops::wechat::{Answer, ApiError, Call, CallClass, Effect, ErrorClass, Fillings, Secret, Who};

use super::requests::of_endpoint;
use crate::world::{MINI, OFFICIAL, World};

const CODES: &str = include_str!("../../data/codes-by-endpoint.csv");
const REFUSALS: &str = include_str!("../../data/refusals.csv");
/// Every code, and on which of the two published lists it stands.
const PUBLISHED: &str = include_str!("../../data/errcodes.csv");
/// Codes of the list about mini-programs that no endpoint here has, and why not.
const ELSEWHERE: &str = include_str!("../../data/mini-program-codes.csv");

/// One endpoint of the pages: its path, with the action where one path has several.
struct Page {
    name: &'static str,
    /// What else it is: `post`, `account`, `read`, with the codes of each.
    is: Vec<&'static str>,
    codes: BTreeSet<i64>,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

fn codes(row: &[&'static str]) -> BTreeSet<i64> {
    let codes = row[2].split_whitespace();
    codes.map(|code| code.parse().unwrap()).collect()
}

/// Every pair that the pages name.
fn pages() -> Vec<Page> {
    let (kinds, endpoints): (Vec<_>, Vec<_>) = rows(CODES).partition(|row| row[1].is_empty());
    let kinds: BTreeMap<&str, BTreeSet<i64>> =
        kinds.iter().map(|row| (row[0], codes(row))).collect();
    let page = |row: Vec<&'static str>| {
        let is: Vec<&str> = row[1].split(' ').collect();
        let common = is
            .iter()
            .chain(&["every"])
            .filter_map(|kind| kinds.get(kind));
        Page {
            name: row[0],
            codes: common.flatten().copied().chain(codes(&row)).collect(),
            is,
        }
    };
    endpoints.into_iter().map(page).collect()
}

/// What a reader of the pages would do.
struct Expected {
    next: ErrorClass,
    who: Who,
    effect: Effect,
    zh: &'static str,
    en: &'static str,
    /// A word of what that person does; empty: whatever it is.
    way_out: &'static str,
}

/// By where it is said and by code.
fn expected() -> BTreeMap<(&'static str, i64), Expected> {
    let mut expected = BTreeMap::new();
    for row in rows(REFUSALS) {
        let [place, code, next, who, effect, zh, en, way_out] = row[..] else {
            panic!("{row:?}");
        };
        let one = Expected {
            next: match next {
                "later" => ErrorClass::Transient,
                "slower" => ErrorClass::Throttled,
                "next period" => ErrorClass::Quota,
                "another token" => ErrorClass::Token,
                "permission" => ErrorClass::Permission,
                "left" => ErrorClass::Revoked,
                "never unchanged" => ErrorClass::Invalid,
                "so already" => ErrorClass::AlreadyDone,
                "is not there" => ErrorClass::NotFound,
                "person first" => ErrorClass::Human,
                "look first" => ErrorClass::Unknown,
                other => panic!("{other}"),
            },
            who: match who {
                "nobody" => Who::Wxops,
                "operator" => Who::Operator,
                "account's administrator" => Who::AccountAdmin,
                "app's administrator" => Who::AppAdmin,
                "platform's administrator" => Who::PlatformAdmin,
                "WeChat" => Who::Wechat,
                other => panic!("{other}"),
            },
            effect: match effect {
                "none" => Effect::None,
                "maybe" => Effect::Maybe,
                "done" => Effect::Done,
                other => panic!("{other}"),
            },
            zh,
            en,
            way_out,
        };
        let before = expected.insert((place, code.parse().unwrap()), one);
        assert!(before.is_none(), "{place} {code} stands twice");
    }
    expected
}

impl Page {
    fn path(&self) -> &'static str {
        self.name.split(' ').next().unwrap()
    }

    /// Where the table may say what is expected, the most particular first.
    fn places(&self) -> Vec<&'static str> {
        let writes = (!self.is.contains(&"read")).then_some("write");
        let kinds = self.is.iter().copied().chain(writes);
        let own = [self.name, self.path()].into_iter();
        own.chain(kinds).chain(["every"]).collect()
    }

    fn expects<'a>(
        &self,
        table: &'a BTreeMap<(&'static str, i64), Expected>,
        code: i64,
    ) -> Option<((&'static str, i64), &'a Expected)> {
        let mut keys = self.places().into_iter().map(|place| (place, code));
        keys.find_map(|key| Some((key, table.get(&key)?)))
    }
}

#[test]
fn no_code_of_the_pages_is_without_an_expectation_and_no_expectation_without_a_page() {
    let table = expected();
    let mut used = BTreeSet::new();
    let mut missing = Vec::new();
    for page in pages() {
        for code in &page.codes {
            match page.expects(&table, *code) {
                Some((key, _)) => drop(used.insert(key)),
                None => missing.push((page.name, *code)),
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    let idle: Vec<_> = table.keys().filter(|key| !used.contains(*key)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_code_of_the_pages_about_mini_programs_is_said_somewhere_or_named_here() {
    let said: BTreeSet<i64> = pages().into_iter().flat_map(|page| page.codes).collect();
    let mini_programs = rows(PUBLISHED).filter(|row| !row[2].is_empty());
    let listed: BTreeSet<i64> = mini_programs.map(|row| row[0].parse().unwrap()).collect();
    let mut elsewhere: BTreeSet<i64> = BTreeSet::new();
    for row in rows(ELSEWHERE) {
        let [code, why_not] = row[..] else {
            panic!("{row:?}");
        };
        assert!(!why_not.is_empty(), "{code} is missing without a reason");
        assert!(elsewhere.insert(code.parse().unwrap()), "{code} twice");
    }
    let missing: Vec<_> = listed.difference(&said).collect();
    let named: Vec<_> = elsewhere.iter().collect();
    assert_eq!(missing, named, "said nowhere, named as elsewhere");
}

/// Sends a call the way its class wants.
async fn send(client: &Client, store: &Store, call: &Call) -> Answer {
    match call.endpoint.class {
        CallClass::Read => client.reader().read(call).await,
        CallClass::Put => client.writer().put(call).await,
        CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
            client.writer().prepare(call).await.unwrap();
            let (journal, clock) = (Journal::new(store.clone(), "this process"), client.clock());
            let key = OpKey {
                action: call.endpoint.name.into(),
                appid: call.subject.clone(),
            };
            let look = journal.recover(&key, clock.now()).await.unwrap();
            let intent = Intent {
                tenant: "t".into(),
                call: call.clone(),
                step: "s".into(),
                wanted: "w".into(),
                evidence: Value::Null,
                observed_at: clock.now(),
            };
            let mut op = journal.open(look, intent, clock.now()).await.unwrap();
            let now = clock.now();
            let reserved = journal.reserve(&mut op, Vec::new(), now).await.unwrap();
            assert!(matches!(reserved, Reserved::Yes), "{reserved:?}");
            let arming = Arming {
                approval: None,
                request_timeout: REQUEST_TIMEOUT,
            };
            let armed = journal.arm(&mut op, &arming, clock.now(), clock.since_boot());
            let with = call.holes().into_iter();
            let with: Fillings = with.map(|hole| (hole, Secret::new("ticket"))).collect();
            client
                .writer()
                .send_filled(armed.await.unwrap(), &with)
                .await
        }
    }
}

/// What is wrong with what is heard, if anything is.
fn judge(error: &ApiError, expected: &Expected) -> Option<String> {
    let Expected {
        next,
        who,
        effect,
        zh,
        en,
        way_out,
    } = expected;
    let heard = (error.class, error.who, error.effect);
    if heard != (*next, *who, *effect) {
        return Some(format!("{heard:?} is not {:?}", (next, who, effect)));
    }
    if !error.zh.contains(zh) || !error.en.contains(en) {
        return Some(format!(
            "`{zh}`, `{en}` are not in {}; {}",
            error.zh, error.en
        ));
    }
    match remedy(error) {
        None if *who == Who::Wxops => None,
        Some((zh, en)) if *who != Who::Wxops && en.contains(way_out) && !zh.is_empty() => None,
        said => Some(format!("`{way_out}` is not in the way out: {said:?}")),
    }
}

/// Tries every code of one endpoint; what was heard wrong.
async fn tried(page: Page) -> Vec<String> {
    let table = expected();
    let world = World::authorized(&[MINI, OFFICIAL]).await;
    let call = of_endpoint(page.name);
    let mut known = world.client_with_ticket().await;
    let mut wrong = Vec::new();
    for code in &page.codes {
        let (_, expected) = page.expects(&table, *code).unwrap();
        world.control.reset_calls();
        world.fault(json!({"endpoint": page.path(), "kind": "errcode", "code": code}));
        let mut answer = send(&known.0, &known.1, &call).await;
        for _ in 0..3 {
            // Where much else is done, not even the token may come in time.
            if !matches!(&answer, Answer::Lost(lost) if !lost.sent) {
                break;
            }
            known = world.client_with_ticket().await;
            answer = send(&known.0, &known.1, &call).await;
        }
        let Answer::Refused(error) = answer else {
            panic!("{} {code}: {answer:?}", page.name);
        };
        let count = world.count(page.path());
        assert_eq!(error.errcode, *code, "{}", page.name);
        assert_eq!(count.with_effect, 0, "{} {code}", page.name);
        if let Some(what) = judge(&error, expected) {
            wrong.push(format!("{} {code}: {what}", page.name));
        }
        // Only reads are repeated, but for a token that is stale: that is fetched again once.
        let passes = [ErrorClass::Transient, ErrorClass::Throttled].contains(&expected.next);
        let stale = expected.next == ErrorClass::Token && !call.endpoint.class.journaled();
        let repeats = stale || passes && page.is.contains(&"read");
        if (count.received > 1) != repeats {
            wrong.push(format!(
                "{} {code}: sent {} times",
                page.name, count.received
            ));
        }
        world.no_faults();
        // What tells more of the account, its tokens or the platform than of this one call is not carried into the next.
        let tells = [
            ErrorClass::Token,
            ErrorClass::Revoked,
            ErrorClass::Human,
            ErrorClass::Quota,
        ];
        if call.endpoint.class.journaled() || tells.contains(&expected.next) {
            known = world.client_with_ticket().await;
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_code_is_heard_as_what_it_means() {
    // A few at once: what is armed must be sent within five seconds.
    let all = stream::iter(pages()).map(tried).buffer_unordered(4);
    let wrong: Vec<Vec<String>> = all.collect().await;
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
