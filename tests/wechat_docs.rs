//! `docs/wechat.md` is written from the tables in the code and is up to date.
//!
//! `WXOPS_BLESS=1 cargo test --test all wechat_docs` writes it again.

use std::fmt::Write;

use wxops::wechat::endpoint::{self, Endpoint, Method, TokenKind};
use wxops::wechat::permission_set;
use wxops::wechat::{Who, errcode};

const INTRODUCTION: &str = "\
# WeChat, as wxops knows it

<!-- Written by `WXOPS_BLESS=1 cargo test --test all wechat_docs` from `src/wechat/`. Do not edit. -->

What follows is read from the code: the endpoints wxops calls, and what it does about each errcode.

## Endpoints

| class | what a repeated call does, and what happens after a doubtful outcome |
|---|---|
| read | changes nothing; repeated with backoff |
| put | puts a whole value; the value is read again before anything else |
| natural-key | creates something that can be looked up by its content; journaled, then looked up |
| at-most-once | journaled; at most one request that may have had an effect, then a probe decides |
| one-shot | spends what it is given; what goes in is stored before, what comes out before anything else |

A permission set (权限集) is granted by the account's administrator; where several are named, one of them is enough.
Quotas count by the calendar of Asia/Shanghai.

| endpoint | call | token | class | permission sets | quota |
|---|---|---|---|---|---|
";

const ERRCODES: &str = "
## Errcodes

| class | what wxops does |
|---|---|
| transient | repeats with backoff, if the call may be repeated |
| throttled | slows down, then repeats |
| quota | stops until the reset |
| token | refreshes what is stale, repeats once |
| permission | stops and says which permission set or capability is missing |
| revoked | stops the tenant and keeps its state |
| invalid | never repeats it unchanged |
| already-done | takes it as success |
| not-found | takes it as an observation, or as the success of a delete |
| human | waits and says who must act |
| unknown | on a read like invalid; on a write the effect is in doubt |

`-1` is transient on a read; on a one-shot call it is repeated though it may have counted; on a write it is unknown,
and so is every code that is not listed. \"effect\" says whether a refused call may have changed anything.

| code | symbol | class | effect | 含义 | meaning | who acts |
|---|---|---|---|---|---|---|
";

const OVERRIDES: &str = "
### Where the endpoint decides

| code | endpoint | class | effect | 含义 | meaning | who acts |
|---|---|---|---|---|---|---|
";

#[test]
fn the_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/wechat.md");
    let want = page();
    if std::env::var_os("WXOPS_BLESS").is_some() {
        std::fs::write(path, &want).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == want,
        "docs/wechat.md is stale: run `WXOPS_BLESS=1 cargo test --test all wechat_docs`"
    );
}

#[test]
fn the_page_names_every_endpoint_and_every_code() {
    let page = page();
    for endpoint in endpoint::ALL {
        assert!(page.contains(&format!("| `{endpoint}` |")), "{endpoint}");
    }
    for row in errcode::table() {
        assert!(
            page.contains(&format!("\n| {} | ", row.code)),
            "{}",
            row.code
        );
    }
}

fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for endpoint in endpoint::ALL {
        page.push_str(&endpoint_row(endpoint));
    }
    page.push_str(ERRCODES);
    for row in errcode::table() {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.code,
            cell(row.symbol),
            row.class.as_str(),
            row.effect.as_str(),
            cell(row.zh),
            cell(row.en),
            who(row.who)
        )
        .unwrap();
    }
    page.push_str(OVERRIDES);
    for one in &errcode::OVERRIDES {
        writeln!(
            page,
            "| {} | `{}` | {} | {} | {} | {} | {} |",
            one.code,
            one.endpoint,
            one.class.as_str(),
            one.effect.as_str(),
            cell(one.zh),
            cell(one.en),
            who(one.who)
        )
        .unwrap();
    }
    page
}

fn endpoint_row(endpoint: &Endpoint) -> String {
    let method = match endpoint.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Upload => "POST (form)",
    };
    let token = match endpoint.token {
        TokenKind::None => "none",
        TokenKind::Component | TokenKind::ComponentAsAccess => "platform",
        TokenKind::Authorizer => "account",
    };
    let sets: Vec<String> = endpoint
        .sets
        .iter()
        .map(|id| permission_set::describe(*id))
        .collect();
    let quota = endpoint.quota().map_or_else(String::new, |quota| {
        format!("{} a {}", quota.limit, quota.period.as_str())
    });
    format!(
        "| `{endpoint}` | {method} `{}` | {token} | {} | {} | {quota} |\n",
        endpoint.path,
        endpoint.class.as_str(),
        sets.join(", ")
    )
}

fn who(who: Who) -> String {
    let (zh, en) = who.names();
    format!("{zh} · {en}")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
