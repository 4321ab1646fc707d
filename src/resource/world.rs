//! A small world for tests of resources: what a tenant declares, and what WeChat answers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::registration::Backdrop;
use super::registry::settles;
use super::{
    At, Facts, Files, Gates, Kind, Known, Ops, Outputs, PlatformWaits, Seen, Sibling, Subject,
    TenantRecords, TenantSpec, Unseen, View, decide,
};
use crate::plan::{Address, Change, Digest, Entry, Step, TenantPlan, Text, Verdict, Whose};
use crate::wechat::answer::read_answer;
use crate::wechat::{Answer, Appid, Call, Endpoint, Lost, authorizer, menu};

/// The account everything is about.
pub(super) const ACCOUNT: &str = "wx1111111111111111";

/// What a tenant declares and what WeChat answers.
pub(super) struct World {
    pub(super) spec: TenantSpec,
    pub(super) seen: Seen,
    pub(super) records: TenantRecords,
    pub(super) outputs: Outputs,
    pub(super) backdrop: Backdrop,
    pub(super) lists: PlatformWaits,
    pub(super) known: BTreeMap<Whose, Known>,
    pub(super) vanished: BTreeMap<String, Appid>,
    pub(super) files: Files,
    pub(super) ops: Ops,
}

/// When everything is looked at.
pub(super) fn now() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

/// The platform.
pub(super) fn platform() -> &'static Appid {
    static PLATFORM: LazyLock<Appid> =
        LazyLock::new(|| Appid::parse("wx0000000000000001").unwrap());
    &PLATFORM
}

pub(super) fn account() -> Appid {
    Appid::parse(ACCOUNT).unwrap()
}

impl World {
    /// A tenant whose verified service account granted everything.
    pub(super) fn of(spec: Value) -> Self {
        let mut world = Self {
            spec: serde_json::from_value(spec).unwrap(),
            seen: Seen::new(),
            records: TenantRecords::new(),
            outputs: Outputs::new(),
            backdrop: Backdrop::default(),
            lists: PlatformWaits::new(),
            known: BTreeMap::new(),
            vanished: BTreeMap::new(),
            files: Files::new(),
            ops: Ops::default(),
        };
        world.authorized(&[1, 2, 3, 7, 15, 24, 30, 33]);
        world
    }

    /// A tenant with one mini-program, which granted everything, and what its manifest says of it.
    pub(super) fn of_app(spec: Value) -> Self {
        let mut item = json!({"name": "main", "appId": ACCOUNT});
        if let (Value::Object(item), Value::Object(spec)) = (&mut item, spec) {
            item.extend(spec);
        }
        let mut world = Self::of(json!({"miniPrograms": [item]}));
        let sets = [18, 25, 30, 40].map(|id| json!({"funcscope_category": {"id": id}}));
        world.info(json!({
            "authorizer_info": {
                "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
                "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "account_status": 1,
                "MiniProgramInfo": {"network": {}, "categories": [], "visit_status": 0},
            },
            "authorization_info": {"authorizer_appid": ACCOUNT, "func_info": sets},
        }));
        world
    }

    pub(super) fn authorized(&mut self, sets: &[u16]) -> &mut Self {
        let sets: Vec<Value> = sets
            .iter()
            .map(|id| json!({"funcscope_category": {"id": id}}))
            .collect();
        self.info(json!({
            "authorizer_info": {
                "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
                "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1,
            },
            "authorization_info": {"authorizer_appid": ACCOUNT, "func_info": sets},
        }))
    }

    pub(super) fn info(&mut self, body: Value) -> &mut Self {
        let call = authorizer::info_request(&account());
        self.seen
            .insert(call.clone(), read_answer(call.endpoint, body));
        self
    }

    /// The answer of a read without arguments. A menu is shown, unless it is said that it is not.
    pub(super) fn answers(&mut self, endpoint: &'static Endpoint, body: Value) -> &mut Self {
        if *endpoint == menu::GET && body.get("menu").is_some() {
            let current = Call::bare(&menu::CURRENT_SELFMENU_INFO, account());
            let shown =
                json!({"is_menu_open": 1, "selfmenu_info": {"button": body["menu"]["button"]}});
            let shown = read_answer(&menu::CURRENT_SELFMENU_INFO, shown);
            self.seen.entry(current).or_insert(shown);
        }
        let call = Call::bare(endpoint, account());
        self.seen.insert(call, read_answer(endpoint, body));
        self
    }

    /// These accounts have authorized the platform.
    pub(super) fn lists(&mut self, appids: &[&str]) {
        let list: Vec<Value> = appids
            .iter()
            .map(|appid| json!({"authorizer_appid": appid}))
            .collect();
        self.answers_to(
            authorizer::list_request(platform(), 0),
            json!({"total_count": list.len(), "list": list}),
        );
    }

    /// One of them is a mini-program of this principal.
    pub(super) fn is_app_of(&mut self, appid: &str, principal: &str) {
        let info = json!({
            "authorizer_info": {
                "nick_name": "", "user_name": "gh_x", "principal_name": principal, "account_status": 1,
                "service_type_info": {"id": 0}, "verify_type_info": {"id": -1}, "MiniProgramInfo": {"network": {}},
            },
            "authorization_info": {"authorizer_appid": appid, "func_info": []},
        });
        let appid = Appid::parse(appid).unwrap();
        self.answers_to(authorizer::info_request(&appid), info);
    }

    /// The answer of any read.
    pub(super) fn answers_to(&mut self, call: Call, body: Value) -> &mut Self {
        let endpoint = call.endpoint;
        self.seen.insert(call, read_answer(endpoint, body));
        self
    }

    pub(super) fn lost(&mut self, call: Call) -> &mut Self {
        let lost = Lost {
            endpoint: call.endpoint.name.to_owned(),
            why: "connection reset".to_owned(),
            sent: true,
            answered: false,
        };
        self.seen.insert(call, Answer::Lost(lost));
        self
    }

    /// What is known of the official account.
    pub(super) fn official(&mut self) -> &mut Known {
        self.known.entry(Whose::Official).or_default()
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            tenant: "sunrise-dance",
            spec: &self.spec,
            platform: platform(),
            backdrop: &self.backdrop,
            lists: &self.lists,
            now: now(),
            known: &self.known,
            vanished: &self.vanished,
            files: &self.files,
            ops: &self.ops,
            records: &self.records,
            outputs: &self.outputs,
        }
    }

    /// What a resource is given to look at, all gates open.
    pub(super) fn view<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let facts = Facts {
            account: account(),
            kind: Kind::Official,
            granted: Some([1, 2, 3, 7, 15, 24, 30, 33].into()),
            service_account: true,
            verified: true,
            through_api: None,
            original_id: Some("gh_1".to_owned()),
        };
        look(&View {
            tenant: "sunrise-dance",
            at: &At::OFFICIAL,
            facts: &facts,
            siblings: &[Sibling {
                at: At::OFFICIAL,
                appid: Some(account()),
            }],
            spec: &self.spec,
            platform: platform(),
            backdrop: &self.backdrop,
            lists: &self.lists,
            gates: &Gates::new(),
            now: now(),
            seen: &self.seen,
            files: &self.files,
            ops: &self.ops,
            records: &self.records,
            outputs: &self.outputs,
        })
    }

    /// WeChat accepted a step, and nobody has looked since.
    pub(super) fn wrote(&mut self, name: &str, sent: Option<Digest>, step: &Step) -> &mut Unseen {
        let at = "2026-11-24T08:00:00Z".parse().unwrap();
        let record = self.records.entry(Address::from(name)).or_default();
        record.unseen.insert(Unseen {
            sent,
            changes: Change::digest(&step.changes),
            op: format!("{}/{ACCOUNT}", step.calls[0].endpoint.name),
            answer: Text::new("返回成功", "answered success"),
            at,
            read_at: None,
            resolved_at: None,
        })
    }

    /// A read has not shown it.
    pub(super) fn not_shown(&mut self, name: &str) {
        let unseen = self
            .records
            .get_mut(&Address::from(name))
            .unwrap()
            .unseen
            .as_mut()
            .unwrap();
        unseen.read_at = Some("2026-11-24T08:00:12Z".parse().unwrap());
    }

    /// The digest of what is desired.
    pub(super) fn desired(&self, name: &str) -> Option<Digest> {
        decide(&self.subject(), &self.seen)
            .1
            .desired
            .get(&Address::from(name))
            .cloned()
    }

    /// What goes through the journal has a probe in every plan: without one a lost answer would never be settled.
    pub(super) fn plan(&self) -> TenantPlan {
        let plan = decide(&self.subject(), &self.seen).0;
        for (entry, step) in plan.steps() {
            for call in &step.calls {
                let journaled = step.costly.is_some() || call.endpoint.class.journaled();
                let name = call.endpoint.name;
                assert!(
                    !journaled || settles(call).is_some(),
                    "{}: {name} has no probe",
                    entry.address
                );
            }
        }
        plan
    }

    /// The plan's entries in short: `menu ~ buttons[0].name`.
    pub(super) fn lines(&self) -> Vec<String> {
        self.plan().entries.iter().map(short).collect()
    }
}

fn short(entry: &Entry) -> String {
    let what = match &entry.verdict {
        Verdict::Step(step) => {
            let paths: Vec<String> = step
                .changes
                .iter()
                .map(|change| change.path.to_string())
                .collect();
            let drift = if step.drift.is_some() { " drift" } else { "" };
            format!("{}{drift} {}", step.action.sign(), paths.join(" "))
        }
        Verdict::Waiting(waiting) => format!("waits {}", waiting.reason.as_str()),
        Verdict::Rejected { .. } => "rejected".to_owned(),
        Verdict::Suppressed { .. } => "suppressed".to_owned(),
        Verdict::Unknown(why) if why.kind.failed() => "unknown ReadFailed".to_owned(),
        Verdict::Unknown(_) => "unknown NotComparable".to_owned(),
    };
    format!("{} {what}", entry.address)
}
