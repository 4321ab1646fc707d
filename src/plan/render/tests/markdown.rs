//! The comment on a merge request.

use insta::assert_snapshot;

use super::world::{
    context, everything, industry, menu_step, open_account, plan, spent, tenant, waiting,
};
use crate::plan::render::{Context, MOST_CHARACTERS, markdown};
use crate::plan::{Lang, Plan, TenantPlan, budget};

fn of(plan: &Plan) -> String {
    let budget = budget(plan, |_| None);
    markdown(plan, &context(&budget))
}

fn schools(count: usize, to: impl Fn(usize) -> String) -> Plan {
    let school = |n: usize| {
        let entries = vec![menu_step(n, &to(n)), open_account(n)];
        tenant(&format!("school-{n:04}"), n, entries)
    };
    plan((0..count).map(school).collect())
}

/// The rows of the table of tenants.
fn rows(text: &str) -> Vec<&str> {
    let (_, table) = text.split_once("|---|---|---|---|---|\n").unwrap();
    table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect()
}

#[test]
fn a_reviewer_sees_the_table_first_and_the_details_folded() {
    assert_snapshot!(of(&everything()), @r#"
    ### wxops · Plan c3e61a9b: 5 tenants to change (7 steps, 1 needs approval), 1 waiting, 1 not comparable, 1 could not be planned, 1 in sync.

    | tenant | account | changes | costs | waiting |
    |---|---|---|---|---|
    | **4 tenants · the same change, from class dance-school**<br>blue-chess, red-tennis, star-piano, sunrise-dance |  | ~ menu |  |  |
    | closed-store |  | ? could not be planned |  |  |
    | moon-yoga | wx0000000000000002 | ~ menu (changed at WeChat)<br>? avatar: cannot be compared |  |  |
    | sunrise-dance<br>日出舞蹈 | wx0000000000000001 | ! industry<br>+ templates class-reminder | industry: once a month; WeChat deletes the templates of the industry that is dropped | industry: needs approval `wxops approve s9c41d0 --tenant sunrise-dance`<br>[⧖ openAccount: waiting for the owner](<https://wx.example.com/authorize/k3v9>) |

    <details><summary>4 tenants · the same change, from class dance-school</summary>

    ```text
    4 tenants · the same change, from class dance-school                         classes/dance.yaml:15
      blue-chess, red-tennis, star-piano, sunrise-dance
      ~ menu                                                                     menu/create
          buttons[1].name             课程 → 本周课程                            :15:9
    ```

    </details>
    <details><summary>closed-store</summary>

    ```text
    closed-store                                                               tenants/closed-store.yaml
      ? could not be planned
          the store is gone
    ```

    </details>
    <details><summary>moon-yoga · wx0000000000000002</summary>

    ```text
    moon-yoga · wx0000000000000002                                               tenants/moon-yoga.yaml
      ~ menu                                                                     menu/create
          changed at WeChat since our last apply (2026-11-20 14:02 +08:00)
          buttons[1].name             课程 → 本周课程                            classes/dance.yaml:15:9
      ? avatar                                                                   cannot be compared
          WeChat gives nothing back and we have no record
          nothing is done to it: nobody can tell whether it is what the manifest says
    ```

    </details>
    <details><summary>sunrise-dance · 日出舞蹈 · wx0000000000000001</summary>

    ```text
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
    ```

    </details>

    | scarce quota | account | this plan | used | limit | after | resets |
    |---|---|--:|--:|--:|--:|---|
    | api\_set\_industry | wx0000000000000001 | 1 | 0 | 1 | 1 | 2026-12-01 00:00 +08:00 |
    "#);
}

#[test]
fn a_chinese_reviewer_reads_chinese() {
    let plan = everything();
    let context = Context {
        lang: Lang::Zh,
        ..context(&[])
    };
    let text = markdown(&plan, &context);
    assert!(
        text.contains("| 租户 | 账号 | 更改 | 代价 | 等待 |"),
        "{text}"
    );
    assert!(
        text.contains("4 个租户 · 相同的一项更改，来自类 dance-school"),
        "{text}"
    );
}

#[test]
fn nothing_to_do_is_one_line() {
    assert_snapshot!(of(&plan(vec![tenant("a", 1, vec![])])), @"### wxops · The tenant matches. Nothing to do.");
}

#[test]
fn eight_hundred_different_tenants_are_cut_at_a_tenant_and_counted() {
    let plan = schools(800, |n| format!("{n} 年级的本周课程"));
    let mut budget: Vec<_> = (0..800).map(|n| spent(n, 1, 1)).collect();
    budget.extend((0..800).map(|n| spent(n, n as u32 + 1, 0)));
    for budget in [&budget[..], &[]] {
        let text = markdown(&plan, &context(budget));
        let length = text.chars().count();
        assert!(length <= MOST_CHARACTERS, "{length}");
        assert!(length > MOST_CHARACTERS / 2, "room is used: {length}");
        let shown = rows(&text).len() - 1;
        let left_out = 800 - shown;
        assert!(shown > 20, "{shown}");
        assert!(
            text.contains(&format!("**{left_out} more tenants do not fit here")),
            "{shown} are shown"
        );
        assert!(text.contains("`wxops plan`"));
        assert_eq!(text.matches("<details>").count(), shown + 1);
        assert_eq!(text.matches("</details>").count(), shown + 1);
        assert_eq!(
            text.matches("```").count(),
            2 * (shown + 1),
            "no fence is cut"
        );
    }
}

#[test]
fn eight_hundred_tenants_with_the_same_change_take_a_few_lines() {
    let text = of(&schools(800, |_| "本周课程".to_owned()));
    assert!(text.chars().count() < 2_500, "{text}");
    assert_eq!(rows(&text).len(), 1, "{text}");
    assert!(
        text.contains("**800 tenants · the same 2 changes"),
        "{text}"
    );
}

#[test]
fn a_tenant_too_big_for_any_comment_is_counted_and_hides_no_other() {
    let huge = tenant("huge", 1, vec![menu_step(1, &"长".repeat(MOST_CHARACTERS))]);
    let small = tenant("small", 2, vec![menu_step(2, "x")]);
    let text = of(&plan(vec![huge, small]));
    assert!(text.chars().count() <= MOST_CHARACTERS);
    assert!(
        text.contains("**1 more tenants") || text.contains("**1 more tenant"),
        "{text}"
    );
    assert_eq!(rows(&text).len(), 1);
    assert!(rows(&text)[0].contains("small"));
}

/// Everything that a forge would take for markup, a mention or a reference.
const HOSTILE: &str =
    "a|b `code` <img src=x> @admin #12 !34 **bold** [x](javascript:alert) ```\n</details><script>";

#[test]
fn names_and_menu_texts_are_no_markup() {
    let mut one: TenantPlan = tenant("evil", 1, vec![menu_step(1, HOSTILE), industry("evil", 1)]);
    one.accounts[0].nick_name = Some(HOSTILE.to_owned());
    one.entries
        .push(waiting("https://wx.example.com/a>b|c<script>"));
    let text = of(&plan(vec![one]));
    // Take the fences out: inside them nothing is markup, if nothing ends them early.
    let fence = "````";
    let parts: Vec<&str> = text.split(fence).collect();
    assert_eq!(
        parts.len(),
        3,
        "one fence, longer than any run of backticks in it: {text}"
    );
    let outside = format!("{}{}", parts[0], parts[2]);
    for markup in [
        "<img",
        "<script",
        "</details><",
        "@admin",
        "#12",
        "!34",
        " **bold",
        "<https",
    ] {
        assert!(!outside.contains(markup), "{markup}: {outside}");
    }
    assert_eq!(outside.matches("</details>").count(), 1);
    // Every row has its six bars, escaped ones left out, and no cell opens code that it does not close.
    for row in rows(&text) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 6, "{row}");
        let ticks = row.replace("\\`", "").matches('`').count();
        assert_eq!(ticks % 2, 0, "{row}");
    }
}

#[test]
fn an_honest_link_can_be_clicked() {
    let link = "https://wx.example.com/authorize/k3v9";
    let text = of(&plan(vec![tenant("a", 1, vec![waiting(link)])]));
    assert!(rows(&text)[0].contains(&format!("](<{link}>)")), "{text}");
}
