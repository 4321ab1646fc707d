//! The text for a terminal.

use insta::assert_snapshot;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::world::{
    at, change, context, drifted, entry, everything, industry, menu_step, plan, renamed, spent,
    tenant, waiting,
};
use crate::plan::render::{Context, human};
use crate::plan::{Lang, Plan, Reason, Verdict, budget};

/// What is printed where there is no colour.
fn plain(plan: &Plan, context: &Context<'_>) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut out, human(plan, context).as_bytes()).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

#[test]
fn every_line_answers_a_question_the_reader_has() {
    let plan = everything();
    let budget = budget(&plan, |_| None);
    assert_snapshot!(plain(&plan, &context(&budget)), @r#"
    closed-store                                                               tenants/closed-store.yaml
      ? could not be planned
          the store is gone

    moon-yoga · wx0000000000000002                                               tenants/moon-yoga.yaml
      ~ menu                                                                     menu/create
          changed at WeChat since our last apply (2026-11-20 14:02 +08:00)
          buttons[1].name             课程 → 本周课程                            classes/dance.yaml:15:9
      ? avatar                                                                   cannot be compared
          WeChat gives nothing back and we have no record
          nothing is done to it: nobody can tell whether it is what the manifest says

    sunrise-dance · 日出舞蹈 · wx0000000000000001                             tenants/sunrise-dance.yaml
      ! industry                                                            api_set_industry · 1 a month
          primary                     IT科技/互联网|电子商务 → 教育/培训         :13:9
          once a month; WeChat deletes the templates of the industry that is dropped
          needs approval: wxops approve s9c41d0 --tenant sunrise-dance
      + templates class-reminder                                                menu/get, after industry
          keywords                    + [课程名称, 上课时间]                     :14:9
      ⧖ openAccount                                                              waiting for the owner
          permission set 24 (开放平台账号管理) is not granted
          the owner opens https://wx.example.com/authorize/k3v9
          until 2026-12-02 00:00 +08:00 (3 d)
          then: create the open account
      … and 1 change shared with other tenants, below

    4 tenants · the same change, from class dance-school                         classes/dance.yaml:15
      blue-chess, red-tennis, star-piano, sunrise-dance
      ~ menu                                                                     menu/create
          buttons[1].name             课程 → 本周课程                            :15:9

    Plan c3e61a9b: 5 tenants to change (7 steps, 1 needs approval), 1 waiting, 1 not comparable, 1 could
    not be planned, 1 in sync.

    Scarce quota                        this plan   used  limit  after  resets
    api_set_industry wx0000000000000001         1      0      1      1  2026-12-01 00:00 +08:00
    "#);
}

#[test]
fn a_chinese_reader_reads_chinese() {
    let plan = everything();
    let budget = budget(&plan, |_| None);
    let context = Context {
        lang: Lang::Zh,
        ..context(&budget)
    };
    assert_snapshot!(plain(&plan, &context), @r#"
    closed-store                                                               tenants/closed-store.yaml
      ? 无法计划
          存储不可用

    moon-yoga · wx0000000000000002                                               tenants/moon-yoga.yaml
      ~ menu                                                                     menu/create
          上次 apply（2026-11-20 14:02 +08:00）之后在微信一侧被改动
          buttons[1].name             课程 → 本周课程                            classes/dance.yaml:15:9
      ? avatar                                                                   无法比较
          微信不返回头像
          不会改动：无法判断是否与配置一致

    sunrise-dance · 日出舞蹈 · wx0000000000000001                             tenants/sunrise-dance.yaml
      ! industry                                                            api_set_industry · 每月 1 次
          primary                     IT科技/互联网|电子商务 → 教育/培训         :13:9
          每月只能改一次；被替换行业的模板会被微信删除
          需要审批： wxops approve s9c41d0 --tenant sunrise-dance
      + templates class-reminder                                              menu/get, 在 industry 之后
          keywords                    + [课程名称, 上课时间]                     :14:9
      ⧖ openAccount                                                              等待公众号管理员
          未授予权限集 24(开放平台账号管理)
          请公众号管理员打开 https://wx.example.com/authorize/k3v9
          到 2026-12-02 00:00 +08:00 为止（还有 3 天）
          之后：创建开放平台账号
      … 另有 1 项与其他租户相同，见下

    4 个租户 · 相同的一项更改，来自类 dance-school                               classes/dance.yaml:15
      blue-chess、red-tennis、star-piano、sunrise-dance
      ~ menu                                                                     menu/create
          buttons[1].name             课程 → 本周课程                            :15:9

    计划 c3e61a9b：5 个租户有更改（7 步，1 步需审批），1 项等待，1 项无法比较，1 个租户无法计划，1 个租
    户一致。

    稀缺配额                             本次计划   已用   上限   之后  重置时间
    api_set_industry wx0000000000000001         1      0      1      1  2026-12-01 00:00 +08:00
    "#);
}

#[test]
fn a_terminal_without_utf8_gets_ascii_signs() {
    let mut plan = everything();
    // Texts of people stay what they are; ours are ASCII.
    plan.tenants
        .retain(|tenant| tenant.tenant == "moon-yoga" || tenant.tenant == "sunrise-dance");
    let context = Context {
        ascii: true,
        ..context(&[])
    };
    let text = plain(&plan, &context);
    for sign in ['⧖', '→', '…', '·'] {
        assert!(!text.contains(sign), "{sign}: {text}");
    }
    assert!(text.contains("  w openAccount"), "{text}");
    assert!(text.contains("课程 -> 本周课程"), "{text}");
}

#[test]
fn in_sync_is_one_line() {
    let none = plan(vec![tenant("a", 1, vec![]), tenant("b", 2, vec![])]);
    assert_snapshot!(plain(&none, &context(&[])), @"All 2 tenants match. Nothing to do.");
    let all = Context {
        all: true,
        ..context(&[])
    };
    assert_snapshot!(plain(&none, &all), @r#"
    a · wx0000000000000001                                                       tenants/a.yaml
      = in sync

    b · wx0000000000000002                                                       tenants/b.yaml
      = in sync

    All 2 tenants match. Nothing to do.
    "#);
}

#[test]
fn drift_has_the_readers_time_zone() {
    let one = plan(vec![tenant(
        "a",
        1,
        vec![drifted(1, "2026-11-20T20:02:00Z")],
    )]);
    let text = plain(&one, &context(&[]));
    assert!(text.contains("(2026-11-21 04:02 +08:00)"), "{text}");
    let context = Context {
        zone: jiff::tz::TimeZone::UTC,
        ..context(&[])
    };
    let text = plain(&one, &context);
    assert!(text.contains("(2026-11-20 20:02 +00:00)"), "{text}");
}

#[test]
fn a_wait_says_how_long_it_still_takes() {
    let one = plan(vec![tenant(
        "a",
        1,
        vec![waiting("https://wx.example.com/x")],
    )]);
    for (now, left) in [
        ("2026-11-28T12:00:00Z", "(3 d)"),
        ("2026-12-01T10:00:00Z", "(6 h)"),
        ("2026-12-01T15:55:00Z", "(5 min)"),
    ] {
        let context = Context {
            now: at(now),
            ..context(&[])
        };
        let text = plain(&one, &context);
        let line = format!("until 2026-12-02 00:00 +08:00 {left}");
        assert!(text.contains(&line), "{text}");
    }
}

#[test]
fn what_comes_after_says_so_only_where_the_plan_has_the_first() {
    let mut alone = super::world::template(1);
    let text = plain(
        &plan(vec![tenant("a", 1, vec![alone.clone()])]),
        &context(&[]),
    );
    assert!(!text.contains("after industry"), "{text}");
    if let Verdict::Step(step) = &mut alone.verdict {
        step.approval = Some("a1".to_owned());
    }
    let both = plan(vec![tenant("a", 1, vec![industry("a", 1), alone])]);
    let text = plain(&both, &context(&[]));
    assert!(text.contains("after industry"), "{text}");
    assert!(
        text.contains("approved (a1); spent as soon as WeChat has been asked"),
        "{text}"
    );
}

#[test]
fn held_steps_are_counted_by_what_they_are_held_by() {
    let mut guarded = renamed(2, "x");
    guarded.hold = Some(crate::plan::Hold {
        reason: Reason::FleetGuard,
        text: crate::plan::Text::new("", ""),
        command: None,
    });
    let guarded = entry("menu", Verdict::Step(guarded));
    let both = plan(vec![
        tenant("a", 1, vec![industry("a", 1)]),
        tenant("b", 2, vec![guarded]),
    ]);
    let text = plain(&both, &context(&[]));
    assert!(
        text.contains("2 tenants to change (2 steps, 1 needs approval, 1 held)"),
        "{text}"
    );
}

/// Lines that a person copies are never cut.
fn copied(line: &str) -> bool {
    line.contains("https://wx.example.com/authorize/") || line.contains("wxops approve")
}

fn long() -> Plan {
    let name = "a-tenant-with-a-name-as-long-as-kubernetes-allows-them-to-be-own";
    let mut long = tenant(name, 1, vec![industry(name, 1)]);
    long.accounts[0].nick_name =
        Some("杭州市西湖区日出舞蹈艺术培训中心有限公司第一分公司".repeat(2));
    long.entries.push(waiting(&format!(
        "https://wx.example.com/authorize/{}",
        "k".repeat(120)
    )));
    let mut step = renamed(1, &"很长的名字".repeat(30));
    step.changes.push(change(
        "officialAccount.menu.buttons[1].subButtons[4].miniProgram.pagePath",
        json!(format!("https://elsewhere.example/{}", "a".repeat(200))),
        json!("short words that can be broken at their spaces ".repeat(5)),
    ));
    long.entries.push(entry("menu", Verdict::Step(step)));
    let mut all = everything();
    all.tenants.insert(0, long);
    all
}

#[test]
fn no_line_is_wider_than_the_terminal_whatever_the_names() {
    let plan = long();
    let mut budget = budget(&plan, |_| None);
    budget.push(spent(9, 2, 1));
    for width in [40, 57, 80, 100, 132, 250] {
        for ascii in [false, true] {
            for lang in [Lang::En, Lang::Zh] {
                let context = Context {
                    width,
                    ascii,
                    lang,
                    ..context(&budget)
                };
                for line in plain(&plan, &context).lines().filter(|line| !copied(line)) {
                    assert!(line.width() <= width, "{width} cells: {line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
    }
}

#[test]
fn links_and_commands_are_whole_at_any_width() {
    let context = Context {
        width: 40,
        ..context(&[])
    };
    let text = plain(&long(), &context);
    let link = format!("https://wx.example.com/authorize/{}\n", "k".repeat(120));
    assert!(text.contains(&link), "{text}");
    assert!(
        text.contains("      wxops approve s9c41d0 --tenant sunrise-dance\n"),
        "{text}"
    );
}

#[test]
fn a_long_value_is_shown_to_its_end() {
    let context = Context {
        width: 60,
        ..context(&[])
    };
    let text = plain(&long(), &context);
    let joined: String = text.split_whitespace().collect();
    assert!(joined.contains(&"很长的名字".repeat(30)), "{text}");
    let link = format!("https://elsewhere.example/{}", "a".repeat(200));
    assert!(joined.contains(&link), "{text}");
    assert!(
        joined.contains(&"shortwordsthatcanbebrokenattheirspaces".repeat(5)),
        "{text}"
    );
}

#[test]
fn the_right_hand_column_lines_up_with_chinese_text() {
    let mut first = tenant("a", 1, vec![menu_step(1, "本周课程")]);
    first.accounts[0].nick_name = Some("日出舞蹈".to_owned());
    let second = tenant("b", 2, vec![menu_step(2, "x")]);
    let text = plain(&plan(vec![first, second]), &context(&[]));
    let columns: Vec<usize> = text
        .lines()
        .filter_map(|line| {
            line.find("menu/create")
                .or_else(|| line.find("tenants/"))
                .map(|at| line[..at].width())
        })
        .collect();
    assert_eq!(columns, [77; 4], "{text}");
}

#[test]
fn a_quota_that_does_not_suffice_is_marked_and_says_when_it_starts_again() {
    let budget = [spent(1, 1, 0), spent(2, 1, 1)];
    let text = plain(
        &plan(vec![tenant("a", 1, vec![industry("a", 1)])]),
        &context(&budget),
    );
    let (_, table) = text.split_once("\n\nScarce").unwrap();
    assert_snapshot!(format!("Scarce{table}"), @r#"
    Scarce quota                        this plan   used  limit  after  resets
    api_set_industry wx0000000000000002         1      1      1      2  2026-12-01 00:00 +08:00
      ! more than is left
    api_set_industry wx0000000000000001         1      0      1      1  2026-12-01 00:00 +08:00
    "#);
    let narrow = Context {
        width: 60,
        ..context(&budget)
    };
    let text = plain(&plan(vec![tenant("a", 1, vec![industry("a", 1)])]), &narrow);
    let (_, table) = text.split_once("\n\nScarce").unwrap();
    assert_snapshot!(format!("Scarce{table}"), @r#"
    Scarce quota
    api_set_industry wx0000000000000002
      this plan 1, used 1 of 1, after 2, resets 2026-12-01 00:00
      +08:00
      ! more than is left
    api_set_industry wx0000000000000001
      this plan 1, used 0 of 1, after 1, resets 2026-12-01 00:00
      +08:00
    "#);
}

#[test]
fn equal_rows_of_many_accounts_are_one() {
    let budget: Vec<_> = (1..=27)
        .map(|n| spent(n, 1, 0))
        .chain([spent(28, 1, 1)])
        .collect();
    let text = plain(
        &plan(vec![tenant("a", 1, vec![industry("a", 1)])]),
        &context(&budget),
    );
    let rows = text
        .lines()
        .filter(|line| line.starts_with("api_set_industry "));
    assert_eq!(rows.count(), 2, "{text}");
    assert!(
        text.contains("api_set_industry 27 accounts, each"),
        "{text}"
    );
}

#[test]
fn without_colour_it_reads_the_same() {
    let plan = everything();
    let coloured = human(&plan, &context(&[]));
    assert!(coloured.contains('\u{1b}'));
    assert!(!plain(&plan, &context(&[])).contains('\u{1b}'));
    // Signs, not colours, tell the actions apart.
    for sign in [
        "  ! industry",
        "  + templates",
        "  ~ menu",
        "  ⧖ openAccount",
        "  ? avatar",
    ] {
        assert!(plain(&plan, &context(&[])).contains(sign), "{sign}");
    }
}

#[test]
fn a_name_from_wechat_cannot_move_the_cursor() {
    let mut one = tenant("a", 1, vec![menu_step(1, "x\u{1b}[2J")]);
    one.accounts[0].nick_name = Some("日\u{1b}[1A\r\n出".to_owned());
    let text = plain(&plan(vec![one]), &context(&[]));
    let controls = text.chars().filter(|c| c.is_control() && *c != '\n');
    assert_eq!(controls.count(), 0, "{text:?}");
    assert!(
        text.starts_with("a · 日\u{fffd}[1A\u{fffd}\u{fffd}出"),
        "{text}"
    );
}
