//! Plans to print, built from the least that makes them what they are.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};

use crate::plan::path::SpecPath;
use crate::plan::render::{Context, Place, Places};
use crate::plan::{
    AccountPlan, Action, Address, BudgetLine, Change, Costly, Drift, Entry, Hold, Lang, Person,
    Plan, Reason, Step, TenantPlan, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::wechat::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use crate::wechat::{Appid, Call, menu, open_account};

/// A call that is made once a month.
pub(super) static INDUSTRY: Endpoint = Endpoint {
    name: "api_set_industry",
    path: "/cgi-bin/template/api_set_industry",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[7],
    quotas: &[Quota {
        limit: 1,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// Menus come from a class where the tenant's name does not end in `-own`.
pub(super) struct Book;

impl Places for Book {
    fn file(&self, tenant: &str) -> Option<String> {
        Some(format!("tenants/{tenant}.yaml"))
    }

    fn place(&self, tenant: &str, path: &SpecPath) -> Option<Place> {
        let class = self.class(tenant, path).is_some();
        let file = if class {
            "classes/dance.yaml".to_owned()
        } else {
            self.file(tenant)?
        };
        Some(Place {
            file,
            line: 10 + path.segments().len(),
            column: 9,
        })
    }

    fn class(&self, tenant: &str, path: &SpecPath) -> Option<String> {
        let menu = path.to_string().starts_with("officialAccount.menu");
        (menu && !tenant.ends_with("-own")).then(|| "dance-school".to_owned())
    }
}

/// The context that tests print with.
pub(super) fn context(budget: &[BudgetLine]) -> Context<'_> {
    Context {
        places: &Book,
        budget,
        lang: Lang::En,
        all: false,
        now: at("2026-11-28T12:00:00Z"),
        zone: TimeZone::fixed(offset(8)),
        width: 100,
        ascii: false,
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn account(n: usize) -> Appid {
    Appid::parse(&format!("wx{n:016}")).unwrap()
}

pub(super) fn plan(tenants: Vec<TenantPlan>) -> Plan {
    Plan { tenants, reads: 3 }
}

pub(super) fn tenant(name: &str, n: usize, entries: Vec<Entry>) -> TenantPlan {
    TenantPlan {
        tenant: name.to_owned(),
        accounts: vec![AccountPlan {
            appid: Some(account(n)),
            ..AccountPlan::default()
        }],
        entries,
        error: None,
        trouble: None,
    }
}

pub(super) fn change(path: &str, from: Value, to: Value) -> Change {
    Change {
        path: path.parse().unwrap(),
        from: Some(from).filter(|value| !value.is_null()),
        to: Some(to).filter(|value| !value.is_null()),
    }
}

pub(super) fn entry(resource: &'static str, verdict: Verdict) -> Entry {
    Entry {
        address: Address::of(resource),
        verdict,
    }
}

/// A button that gets another name.
pub(super) fn renamed(n: usize, to: &str) -> Step {
    Step::new(
        Action::Update,
        account(n),
        vec![change(
            "officialAccount.menu.buttons[1].name",
            json!("课程"),
            json!(to),
        )],
        vec![menu::create_request(&account(n), &[])],
    )
}

pub(super) fn menu_step(n: usize, to: &str) -> Entry {
    entry("menu", Verdict::Step(renamed(n, to)))
}

/// An industry that nobody has approved yet.
pub(super) fn industry(tenant: &str, n: usize) -> Entry {
    let mut step = Step::new(
        Action::Update,
        account(n),
        vec![change(
            "officialAccount.industry.primary",
            json!("IT科技/互联网|电子商务"),
            json!("教育/培训"),
        )],
        vec![Call::bare(&INDUSTRY, account(n))],
    );
    step.costly = Some(Costly::SetIndustry);
    step.hold = Some(Hold {
        reason: Reason::NeedsApproval,
        text: Text::new("需要审批", "needs approval"),
        command: Some(format!("wxops approve s9c41d0 --tenant {tenant}")),
    });
    entry("industry", Verdict::Step(step))
}

pub(super) fn template(n: usize) -> Entry {
    let mut step = Step::new(
        Action::Create,
        account(n),
        vec![change(
            "officialAccount.templates[0].keywords",
            Value::Null,
            json!(["课程名称", "上课时间"]),
        )],
        vec![Call::bare(&menu::GET, account(n))],
    );
    step.after = vec![Address::of("industry")];
    Entry {
        address: Address::from("templates/class-reminder"),
        verdict: Verdict::Step(step),
    }
}

pub(super) fn drifted(n: usize, applied_at: &str) -> Entry {
    let mut step = renamed(n, "本周课程");
    step.drift = Some(Drift {
        applied_at: at(applied_at),
    });
    entry("menu", Verdict::Step(step))
}

pub(super) fn waiting(link: &str) -> Entry {
    let mut waiting = Waiting::new(
        Reason::PermissionSetMissing,
        Person::Owner,
        Text::new(
            "未授予权限集 24(开放平台账号管理)",
            "permission set 24 (开放平台账号管理) is not granted",
        ),
    )
    .then(Text::new("创建开放平台账号", "create the open account"));
    waiting.link = Some(link.to_owned());
    waiting.until = Some(at("2026-12-01T16:00:00Z"));
    entry("openAccount", Verdict::Waiting(waiting))
}

pub(super) fn unknown(kind: WhyKind, zh: &str, en: &str) -> Entry {
    let text = Text::new(zh, en);
    entry("avatar", Verdict::Unknown(Why { kind, text }))
}

pub(super) fn open_account(n: usize) -> Entry {
    let step = Step::new(
        Action::Create,
        account(n),
        vec![change("openAccount.create", Value::Null, json!(true))],
        vec![Call::bare(&open_account::CREATE, account(n))],
    );
    entry("openAccount", Verdict::Step(step))
}

/// One of everything: what costs, what comes after it, drift, a wait, what cannot be compared, what could not be
/// planned, what many have in common.
pub(super) fn everything() -> Plan {
    let mut sunrise = tenant(
        "sunrise-dance",
        1,
        vec![
            industry("sunrise-dance", 1),
            template(1),
            waiting("https://wx.example.com/authorize/k3v9"),
            menu_step(1, "本周课程"),
        ],
    );
    sunrise.accounts[0].nick_name = Some("日出舞蹈".to_owned());
    let not_comparable = unknown(
        WhyKind::NotComparable,
        "微信不返回头像",
        "WeChat gives nothing back and we have no record",
    );
    let moon = tenant(
        "moon-yoga",
        2,
        vec![drifted(2, "2026-11-20T06:02:00Z"), not_comparable],
    );
    let broken = TenantPlan::broken("closed-store", Text::new("存储不可用", "the store is gone"));
    let mut tenants = vec![broken, moon, sunrise];
    for (n, name) in ["blue-chess", "red-tennis", "star-piano"]
        .iter()
        .enumerate()
    {
        tenants.push(tenant(name, 10 + n, vec![menu_step(10 + n, "本周课程")]));
    }
    tenants.push(tenant("in-sync", 20, Vec::new()));
    tenants.sort_by(|a, b| a.tenant.cmp(&b.tenant));
    plan(tenants)
}

pub(super) fn spent(n: usize, this_plan: u32, used: u32) -> BudgetLine {
    BudgetLine {
        endpoint: &INDUSTRY,
        account: account(n),
        through: account(n),
        this_plan,
        used,
        limit: 1,
        period: Period::Month,
    }
}
