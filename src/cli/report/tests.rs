//! What an apply's report reads like.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::{Came, Context, applied};
use crate::plan::path::SpecPath;
use crate::plan::render::{Place, Places};
use crate::plan::{
    AccountPlan, Action, Address, Change, Costly, Entry, Hold, Lang, Reason, Step, TenantPlan,
    Text, Verdict, Whose,
};
use crate::reconcile::{Applied, StepOutcome, StepReport};
use crate::resource::authorization::Past;
use crate::resource::{Kind, authorization};
use crate::wechat::{ApiError, Appid, Effect, ErrorClass, Who, menu};

struct Book;

impl Places for Book {
    fn file(&self, tenant: &str) -> Option<String> {
        Some(format!("tenants/{tenant}.yaml"))
    }

    fn place(&self, tenant: &str, _path: &SpecPath) -> Option<Place> {
        Some(Place {
            file: self.file(tenant)?,
            line: 31,
            column: 17,
        })
    }

    fn class(&self, _tenant: &str, _path: &SpecPath) -> Option<String> {
        None
    }
}

fn context() -> Context<'static> {
    Context {
        places: &Book,
        lang: Lang::En,
        now: "2026-11-28T12:00:00Z".parse().unwrap(),
        manifests: " -f tenants/".to_owned(),
        width: 100,
        ascii: false,
    }
}

fn text(all: &[Came], context: &Context<'_>) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut out, applied(all, context).as_bytes()).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn account() -> Appid {
    Appid::parse("wx1111111111111111").unwrap()
}

fn menu_entry(change: impl FnOnce(&mut Step)) -> Entry {
    let mut step = Step::new(
        Action::Update,
        account(),
        vec![Change {
            path: "officialAccount.menu.buttons[1].name".parse().unwrap(),
            from: Some(json!("课程")),
            to: Some(json!("本周课程")),
        }],
        vec![menu::create_request(&account(), &[])],
    );
    change(&mut step);
    Entry {
        address: Address::of("menu"),
        verdict: Verdict::Step(step),
    }
}

fn report(outcome: StepOutcome) -> StepReport {
    StepReport {
        address: Address::of("menu"),
        endpoints: vec!["menu/create"],
        outcome,
        took: Duration::from_millis(200),
        under_way: false,
    }
}

fn tenant(name: &str, entries: Vec<Entry>, reports: Vec<StepReport>) -> Came {
    Came {
        tenant: name.to_owned(),
        result: Ok(Applied {
            plan: TenantPlan {
                tenant: name.to_owned(),
                accounts: vec![AccountPlan {
                    appid: Some(account()),
                    ..AccountPlan::default()
                }],
                entries,
                error: None,
                trouble: None,
            },
            reports,
            notes: Vec::new(),
            in_doubt: false,
            open: [Whose::Official].into(),
            in_force: std::collections::BTreeSet::new(),
            refused: std::collections::BTreeMap::new(),
        }),
    }
}

fn done(name: &str) -> Came {
    tenant(
        name,
        vec![menu_entry(|_| ())],
        vec![report(StepOutcome::Done)],
    )
}

fn error(class: ErrorClass, who: Who) -> ApiError {
    ApiError {
        endpoint: "menu/create".to_owned(),
        errcode: 40018,
        errmsg: "invalid button name size".to_owned(),
        rid: Some("5f3a-1".to_owned()),
        class,
        effect: Effect::None,
        zh: "菜单按钮名字长度不合法".to_owned(),
        en: "a button's name is too long or empty".to_owned(),
        who,
    }
}

fn refused(name: &str, class: ErrorClass, who: Who) -> Came {
    let outcome = StepOutcome::Refused(error(class, who));
    tenant(name, vec![menu_entry(|_| ())], vec![report(outcome)])
}

fn held(resource: &'static str, reason: Reason, text: &str, command: Option<&str>) -> Entry {
    let mut entry = menu_entry(|step| {
        step.costly = (reason == Reason::NeedsApproval).then_some(Costly::SetIndustry);
        step.hold = Some(Hold {
            reason,
            text: Text::new(text, text),
            command: command.map(str::to_owned),
        });
    });
    entry.address = Address::of(resource);
    entry
}

fn mixed() -> Vec<Came> {
    let mut all: Vec<Came> = (0..27).map(|n| done(&format!("school-{n:02}"))).collect();
    all.push(tenant(
        "sunrise-dance",
        vec![
            held(
                "industry",
                Reason::NeedsApproval,
                "needs approval",
                Some("wxops approve s9c41d0 --tenant sunrise-dance"),
            ),
            held(
                "templates",
                Reason::AfterAnotherStep,
                "comes after industry",
                None,
            ),
            menu_entry(|_| ()),
        ],
        vec![report(StepOutcome::Done)],
    ));
    all.push(refused("wrong", ErrorClass::Invalid, Who::Operator));
    all.push(tenant(
        "star-piano",
        vec![Entry {
            address: authorization::ADDRESS,
            verdict: Verdict::Waiting(authorization::not_authorized(
                Kind::Official,
                None,
                Past::Never,
            )),
        }],
        Vec::new(),
    ));
    all.push(Came {
        tenant: "unlucky".to_owned(),
        result: Err(Text::new("存储不可用", "the store is gone")),
    });
    all.push(tenant("in-sync", Vec::new(), Vec::new()));
    all
}

#[test]
fn a_report_says_what_went_wrong_for_whom_and_what_to_type() {
    assert_snapshot!(text(&mixed(), &context()), @r#"
    star-piano
      ⧖ authorization             waiting for the owner
          its administrator must scan to authorize the platform; the account is then pinned to this
          tenant
    sunrise-dance
      ✓ menu                      menu/create                 0.2 s
      ⧖ industry                  not approved
          needs approval: wxops approve s9c41d0 --tenant sunrise-dance
      ⧖ templates                 after another step
          comes after industry
    unlucky
      ✗ could not be finished
          the store is gone
          whatever was sent is written down; the next run goes on from there:
          wxops apply -f tenants/ --tenant unlucky
    wrong
      ✗ menu                      menu/create
          menu/create refused: 40018 invalid button name size · 菜单按钮名字长度不合法 · a button's name
          is too long or empty (rid: 5f3a-1)
          nothing was changed · who must act: the operator
          it is not sent again until the manifest changes; fix tenants/wrong.yaml:31 and run:
          wxops plan -f tenants/ --tenant wrong
    27 tenants: school-00, school-01, school-02, school-03, school-04, …
      ✓ menu                      menu/create                 5.4 s together
    Done: 28 of 31 steps in 29 tenants. 1 failed, 1 waits for approval, 1 behind another step, 1
    waiting, 1 could not be finished.
    "#);
}

#[test]
fn a_chinese_reader_reads_chinese() {
    let context = Context {
        lang: Lang::Zh,
        ..context()
    };
    assert_snapshot!(text(&mixed(), &context), @r#"
    star-piano
      ⧖ authorization             等待公众号管理员
          等待公众号管理员扫码授权，授权后绑定其 appid
    sunrise-dance
      ✓ menu                      menu/create                 0.2 s
      ⧖ industry                  未审批
          needs approval： wxops approve s9c41d0 --tenant sunrise-dance
      ⧖ templates                 在其他步骤之后
          comes after industry
    unlucky
      ✗ 未能完成
          存储不可用
          已发送的都已记录；再次运行会从那里继续： wxops apply -f tenants/ --tenant unlucky
    wrong
      ✗ menu                      menu/create
          menu/create refused: 40018 invalid button name size · 菜单按钮名字长度不合法 · a button's name
          is too long or empty (rid: 5f3a-1)
          未作任何更改 · 需处理的人：服务商运维人员
          修改之前不会再次发送；改好 tenants/wrong.yaml:31 后运行：
          wxops plan -f tenants/ --tenant wrong
    27 个租户：school-00、school-01、school-02、school-03、school-04、…
      ✓ menu                      menu/create                 共 5.4 s
    完成：28/31 步，29 个租户。1 步未成功，1 步等待审批，1 步在其他步骤之后，1 项等待，1 个租户未能完
    成。
    "#);
}

#[test]
fn equal_successes_of_many_are_said_once_with_their_time_together() {
    let all: Vec<Came> = (0..800).map(|n| done(&format!("school-{n:03}"))).collect();
    assert_snapshot!(text(&all, &context()), @r#"
    800 tenants: school-000, school-001, school-002, school-003, school-004, …
      ✓ menu                      menu/create                 160.0 s together
    Done: 800 of 800 steps in 800 tenants.
    "#);
}

#[test]
fn two_tenants_are_not_many() {
    let said = text(&[done("a"), done("b")], &context());
    assert!(
        said.contains("a\n  ✓ menu") && said.contains("b\n  ✓ menu"),
        "{said}"
    );
}

#[test]
fn nothing_to_do_is_one_line() {
    let all = [tenant("a", Vec::new(), Vec::new())];
    assert_eq!(text(&all, &context()), "Nothing to do.\n");
}

#[test]
fn every_refusal_says_what_happens_next_and_what_to_type() {
    let cases = [
        (
            ErrorClass::Invalid,
            Who::Operator,
            "fix tenants/a.yaml:31",
            "wxops plan -f tenants/ --tenant a",
        ),
        (
            ErrorClass::Permission,
            Who::AccountAdmin,
            "has authorized it",
            "wxops authorize -f tenants/ a",
        ),
        (
            ErrorClass::Revoked,
            Who::AccountAdmin,
            "has authorized it",
            "wxops authorize -f tenants/ a",
        ),
        (
            ErrorClass::Permission,
            Who::PlatformAdmin,
            "tries again",
            "wxops apply -f tenants/ --tenant a",
        ),
        (
            ErrorClass::Quota,
            Who::Wxops,
            "2026-11-29 00:00 +08:00",
            "wxops apply -f tenants/ --tenant a",
        ),
        (
            ErrorClass::Token,
            Who::Wxops,
            "takes a new token",
            "wxops apply -f tenants/ --tenant a",
        ),
        (
            ErrorClass::Throttled,
            Who::Wxops,
            "tries again",
            "wxops apply -f tenants/ --tenant a",
        ),
        (
            ErrorClass::Unknown,
            Who::Operator,
            "what is different now",
            "wxops plan -f tenants/ --tenant a",
        ),
    ];
    for (class, who, next, command) in cases {
        let said = text(&[refused("a", class, who)], &context());
        assert!(said.contains("40018 invalid button name size"), "{said}");
        assert!(
            said.contains("菜单按钮名字长度不合法 · a button's name"),
            "{said}"
        );
        assert!(said.contains("rid: 5f3a-1"), "{said}");
        assert!(
            said.contains("nothing was changed · who must act: "),
            "{said}"
        );
        assert!(said.contains(next), "{class:?}: {said}");
        assert!(said.contains(command), "{class:?}: {said}");
        assert!(
            said.ends_with("Done: 0 of 1 step in 1 tenant. 1 failed.\n"),
            "{said}"
        );
    }
}

#[test]
fn an_unknown_outcome_is_neither_done_nor_failed() {
    let outcome = StepOutcome::Unknown(Text::new("", "it may or may not have happened"));
    let all = [tenant("a", vec![menu_entry(|_| ())], vec![report(outcome)])];
    let said = text(&all, &context());
    assert!(said.contains("  ? menu"), "{said}");
    assert!(
        said.contains("the next run finds out first and sends nothing twice"),
        "{said}"
    );
    assert!(
        said.ends_with("Done: 0 of 1 step in 1 tenant. 1 with unknown outcome.\n"),
        "{said}"
    );
}

#[test]
fn a_step_that_a_guard_stopped_counts_once() {
    let entry = held("menu", Reason::HourlyCap, "the cap is 20", None);
    let stopped = report(StepOutcome::Guarded(Text::new("", "the cap is 20")));
    let said = text(&[tenant("a", vec![entry], vec![stopped])], &context());
    assert_eq!(said.matches("the cap is 20").count(), 1, "{said}");
    assert!(
        said.ends_with("Done: 0 of 1 step in 1 tenant. 1 held.\n"),
        "{said}"
    );
}

#[test]
fn no_line_is_wider_than_the_terminal_and_signs_fit_it() {
    for width in [40, 80, 100] {
        let context = Context {
            width,
            ascii: true,
            ..context()
        };
        let said = text(&mixed(), &context);
        for line in said.lines().filter(|line| !line.contains("wxops ")) {
            assert!(line.width() <= width, "{width}: {line}");
        }
        assert!(
            said.contains("  v menu") && said.contains("  x menu"),
            "{said}"
        );
        assert!(!said.contains(['✓', '✗', '⧖', '…', '·']), "{said}");
    }
}
