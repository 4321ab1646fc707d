//! The table of `wxops status`: a line per account, the first of a tenant with what is of the tenant as a whole.

use comfy_table::{Table, presets};
use jiff::Timestamp;

use crate::cli::{Io, words};
use crate::controller::{Standing, State};
use crate::plan::{Lang, Reason, Whose};
use crate::reconcile::{Awaited, Stands, Thing};
use crate::resource::app::code;
use crate::resource::authorization;

/// Prints it. Tenants that are ready are counted unless `all` are listed.
pub(super) fn human(rows: &[Standing], all: bool, now: Timestamp, io: &mut Io) {
    let lang = io.lang;
    let with_code = rows.iter().any(has_code);
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(words::columns(lang, &columns(rows)));
    let shown = |row: &&Standing| all || row.state != State::Ready;
    let mut hidden = rows.len();
    for row in rows.iter().filter(shown) {
        hidden -= 1;
        for cells in lines(row, now, lang) {
            let cells = cells.into_iter().enumerate();
            let shown = cells.filter(|(n, _)| with_code || !OF_CODE.contains(n));
            table.add_row(words::cells(shown.map(|(_, cell)| cell)));
        }
    }
    let more = hidden < rows.len();
    if more {
        io.say_lines(table.trim_fmt());
    }
    match (hidden, lang, more) {
        (0, _, _) => {}
        (_, Lang::Zh, true) => io.say(format_args!("另有 {hidden} 个租户就绪（--all 全部列出）")),
        (_, Lang::Zh, false) => io.say(format_args!("{hidden} 个租户全部就绪（--all 列出）")),
        (1, Lang::En, true) => io.say("1 more is ready (--all)"),
        (_, Lang::En, true) => io.say(format_args!("{hidden} more are ready (--all)")),
        (_, Lang::En, false) => io.say(format_args!("all {hidden} are ready (--all)")),
    }
    for row in rows {
        for account in &row.accounts {
            if let (Some(said), Some(scan)) = (account.in_vain(), &account.scan) {
                let ago = words::ago(scan.at, now, lang);
                io.note(format_args!(
                    "{}{}{}{}",
                    row.tenant,
                    lang.colon(),
                    said.in_lang(lang),
                    lang.aside(ago)
                ));
            }
        }
    }
    let leads_on = |row: &Standing| !row.waits.is_empty() || row.state == State::Failed;
    if rows.iter().any(leads_on) {
        io.note(words::pick(
            lang,
            "wxops why 租户名：该做什么、在哪里做",
            "wxops why TENANT says what is to be done, and where",
        ));
    }
}

/// The columns that are shown where a mini-program's code is declared.
const OF_CODE: [usize; 2] = [2, 3];

fn columns(rows: &[Standing]) -> Vec<(&'static str, &'static str)> {
    let with_code = rows.iter().any(has_code);
    let all = [
        ("租户", "TENANT"),
        ("账号", "ACCOUNT"),
        ("线上版本", "LIVE"),
        ("审核", "AUDIT"),
        ("状态", "STATE"),
        ("等待", "WAITING FOR"),
        ("已等", "SINCE"),
        ("上次执行", "LAST PASS"),
    ];
    let shown = all.into_iter().enumerate();
    let shown = shown.filter(|(n, _)| with_code || !OF_CODE.contains(n));
    shown.map(|(_, column)| column).collect()
}

/// How far a version is, by what it waits for.
const STAGES: [(Reason, &str, &str); 7] = [
    (Reason::UnderReview, "审核中", "in review"),
    (Reason::AuditRefused, "被驳回", "refused"),
    (Reason::AnotherAudit, "另一版本", "another version"),
    (Reason::DetectionRunning, "检测中", "looked at"),
    (Reason::Soaking, "灰度中", "gray"),
    (Reason::OnHold, "暂不处理", "held"),
    (Reason::TakenBack, "已撤回", "taken back"),
];

/// Whether the code of one of its mini-programs is declared.
fn has_code(row: &Standing) -> bool {
    let waits = row.waits.iter().map(|one| &one.address);
    let mut all = waits.chain(row.things.iter().map(|one| &one.address));
    all.any(|address| address.resource == code::NAME)
}

/// What is online of a mini-program, and how far its review is.
fn of_code(row: &Standing, whose: &Whose, lang: Lang) -> [String; 2] {
    let live = whose.item().and_then(|item| {
        let outputs = &row.doc.outputs;
        outputs.get(&format!("miniPrograms.{item}.liveVersion"))
    });
    let mut waits = row
        .waits
        .iter()
        .filter(|one| one.address.whose == *whose && one.address.resource == code::NAME);
    let audit = waits.find_map(|one| {
        let reason = one.waiting.reason;
        let asked = [
            Reason::NeedsApproval,
            Reason::OutsideWindow,
            Reason::HourlyCap,
        ];
        if code::goes_online(&one.address.key) && asked.contains(&reason) {
            return Some(words::pick(lang, "已通过", "passed"));
        }
        let mut known = STAGES.iter().filter(|(of, _, _)| *of == reason);
        known.next().map(|(_, zh, en)| words::pick(lang, zh, en))
    });
    let dash = || "-".to_owned();
    [
        live.cloned().unwrap_or_else(dash),
        audit.map_or_else(dash, str::to_owned),
    ]
}

/// A tenant's lines: each account with what it waits for, the first with everything else.
fn lines(row: &Standing, now: Timestamp, lang: Lang) -> Vec<[String; 8]> {
    let dash = || "-".to_owned();
    let waits = |is_its: &dyn Fn(&Whose) -> bool| -> Vec<(String, String)> {
        let its = row.waits.iter().filter(|one| is_its(&one.address.whose));
        let cells = its.map(|one| {
            let since = one.since;
            let since = since.map_or_else(dash, |at| words::duration(at, now, lang));
            (wait(row, one, lang), since)
        });
        cells.collect()
    };
    let none = || [dash(), dash()];
    let mut cells: Vec<Line> = Vec::new();
    let mut add = |account: Option<String>, code: [String; 2], waits: Vec<(String, String)>| {
        let mut waits = waits.into_iter();
        let first = waits.next();
        if account.is_none() && first.is_none() {
            return;
        }
        let (text, since) = first.unwrap_or_else(|| (dash(), dash()));
        cells.push(Line {
            account: account.unwrap_or_else(dash),
            code,
            text,
            since,
        });
        cells.extend(waits.map(|(text, since)| Line {
            text,
            since,
            ..Line::default()
        }));
    };
    for account in &row.accounts {
        let unbound = || Some(format!("{} -", account.at.whose.item()?));
        let spoken = account.spoken().or_else(unbound);
        let code = of_code(row, &account.at.whose, lang);
        add(spoken, code, waits(&|whose| *whose == account.at.whose));
    }
    // Of an account that the manifest has no more.
    let known = |whose: &Whose| row.accounts.iter().any(|one| one.at.whose == *whose);
    add(None, none(), waits(&|whose| !known(whose)));
    if cells.is_empty() {
        cells.push(Line {
            account: dash(),
            code: none(),
            text: dash(),
            since: dash(),
        });
    }
    if let (State::Waiting, [], Some(Line { text, .. })) =
        (row.state, &*row.waits, cells.first_mut())
    {
        // What was waited for is over, and no pass has looked since.
        words::pick(lang, "下一次执行", "the next pass").clone_into(text);
    }
    if let (State::Failed, [], Some(Line { text, .. })) =
        (row.state, &*row.waits, cells.first_mut())
    {
        let failed = |thing: &&Thing| thing.stands == Stands::Failed;
        let thing = row.things.iter().find(failed);
        if let Some(said) = thing.and_then(|thing| thing.text.as_ref()) {
            said.in_lang(lang).clone_into(text);
        }
    }
    let state = match lang {
        Lang::Zh => row.state.zh(),
        Lang::En => row.state.as_str(),
    };
    let passed = row.last_pass;
    let last_pass = passed.map_or_else(dash, |at| words::ago(at, now, lang));
    let mut around = Some((row.tenant.clone(), state.to_owned(), last_pass));
    let lines = cells.into_iter().map(|line| {
        let (tenant, state, last_pass) = around.take().unwrap_or_default();
        let Line {
            account,
            code: [live, audit],
            text,
            since,
        } = line;
        [tenant, account, live, audit, state, text, since, last_pass]
    });
    lines.collect()
}

/// What is said of one account, or of one more thing that it waits for.
#[derive(Default)]
struct Line {
    account: String,
    code: [String; 2],
    text: String,
    since: String,
}

/// `the owner: a permission set is missing (menu)`. `why` has the details and the link.
fn wait(row: &Standing, one: &Awaited, lang: Lang) -> String {
    let who = one.waiting.who.text();
    let title = row.title(one);
    let colon = lang.colon();
    let mut text = format!("{}{colon}{}", who.in_lang(lang), title.in_lang(lang));
    if one.address != authorization::ADDRESS && !one.address.resource.is_empty() {
        text.push_str(&lang.aside(&one.address));
    }
    text
}
