//! A plan for a person: what changes, where it is written, what it costs, whom we wait for.

use super::fold::{self, Alone, Block};
use super::layout::{count, thousands};
use super::sheet::{BOLD, DIM, PLAIN, RED, Sheet};
use super::{Context, budget, entry, trouble, words};
use crate::plan::{AccountPlan, Plan, TenantPlan, Text};

/// How many names a block of equal changes may take lines for.
const NAME_LINES: usize = 1;

/// The plan as text with ANSI styles; the writer strips them where they do not belong.
#[must_use]
pub fn human(plan: &Plan, context: &Context<'_>) -> String {
    let mut sheet = Sheet::new(context.width, context.ascii);
    for (troubled, tenants) in plan.troubles() {
        let names: Vec<&str> = tenants.iter().map(|one| one.tenant.as_str()).collect();
        trouble(&mut sheet, troubled, &names, context.all, context.lang);
        sheet.blank();
    }
    let folded = fold::fold(plan.tenants.iter(), context);
    for alone in &folded.alone {
        tenant(&mut sheet, alone, context);
        sheet.blank();
    }
    for same in &folded.blocks {
        block(&mut sheet, same, context);
        sheet.blank();
    }
    sheet.prose(PLAIN, 0, &words::summary(plan, context.lang));
    budget::table(&mut sheet, context);
    sheet.finish()
}

/// One tenant and what is its own.
pub(super) fn tenant(sheet: &mut Sheet, alone: &Alone<'_>, context: &Context<'_>) {
    let Alone {
        tenant,
        entries,
        elsewhere,
    } = alone;
    let file = context.places.file(&tenant.tenant).unwrap_or_default();
    sheet.head(BOLD, &title(tenant), &file);
    for app in apps(tenant) {
        sheet.head(DIM, &format!("  {app}"), "");
    }
    if let Some(error) = &tenant.error {
        let said = Text::new("无法计划", "could not be planned");
        sheet.head(RED, &format!("  ? {}", context.say(&said)), "");
        sheet.prose(PLAIN, 6, context.say(error));
    } else if entries.is_empty() && *elsewhere == 0 {
        let said = Text::new("一致", "in sync");
        sheet.head(DIM, &format!("  = {}", context.say(&said)), "");
    }
    observing(sheet, tenant, context);
    let writer = entry::Writer {
        tenant,
        own_file: Some(file),
        many: 1,
        context,
    };
    for one in entries {
        writer.entry(sheet, one);
    }
    if *elsewhere > 0 {
        let said = Text::new(
            format!("另有 {elsewhere} 项与其他租户相同，见下"),
            format!(
                "and {} shared with other tenants, below",
                count(*elsewhere, "change")
            ),
        );
        sheet.prose(DIM, 2, &format!("… {}", context.say(&said)));
    }
}

/// `sunrise-dance · 日出舞蹈 · wx1111111111111111`
pub(super) fn title(tenant: &TenantPlan) -> String {
    let official = tenant.official().cloned().unwrap_or_default();
    named(&tenant.tenant, &official)
}

/// The mini-programs that a plan knows something of, as in `main · 日出舞蹈 · wx2222222222222222`.
pub(super) fn apps(tenant: &TenantPlan) -> Vec<String> {
    let known = tenant.accounts.iter().filter_map(|one| {
        let name = one.whose.item()?;
        one.appid.as_ref()?;
        Some(named(name, one))
    });
    known.collect()
}

fn named(name: &str, account: &AccountPlan) -> String {
    let appid = account.appid.as_ref().map(ToString::to_string);
    let parts = [Some(name.to_owned()), account.nick_name.clone(), appid];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn observing(sheet: &mut Sheet, tenant: &TenantPlan, context: &Context<'_>) {
    let observed: Vec<&AccountPlan> = tenant
        .accounts
        .iter()
        .filter(|one| one.observe_only)
        .collect();
    if observed.is_empty() {
        return;
    }
    let said = if observed.len() == tenant.accounts.len() {
        Text::new(
            "只查看：以下内容不会执行",
            "observing only: nothing below is done",
        )
    } else {
        let names = observed.iter().map(|one| match one.whose.item() {
            Some(name) => Text::new(name, name),
            None => Text::new("公众号", "the official account"),
        });
        let (zh, en): (Vec<String>, Vec<String>) = names.map(|name| (name.zh, name.en)).unzip();
        let (zh, en) = (zh.join("、"), en.join(", "));
        Text::new(
            format!("{zh} 只查看：其改动不会执行"),
            format!("observing only {en}: nothing of it is done"),
        )
    };
    sheet.prose(PLAIN, 2, context.say(&said));
}

/// Equal changes of many tenants.
pub(super) fn block(sheet: &mut Sheet, block: &Block<'_>, context: &Context<'_>) {
    let Some(first) = block.tenants.first() else {
        return;
    };
    let place = block
        .class
        .as_ref()
        .map(|(_, place)| format!("{}:{}", place.file, place.line))
        .unwrap_or_default();
    sheet.head(BOLD, context.say(&same(block)), &place);
    let room = sheet.width().saturating_sub(2) * NAME_LINES;
    sheet.prose(DIM, 2, &names(block, room, context));
    observing(sheet, first, context);
    let writer = entry::Writer {
        tenant: first,
        own_file: block.class.as_ref().map(|(_, place)| place.file.clone()),
        many: block.tenants.len(),
        context,
    };
    for one in &block.entries {
        writer.entry(sheet, one);
    }
}

/// `27 tenants · the same change, from class dance-school`
pub(super) fn same(block: &Block<'_>) -> Text {
    let tenants = block.tenants.len();
    let steps = block.entries.len();
    let (zh, en) = if steps == 1 {
        ("相同的一项".to_owned(), "the same".to_owned())
    } else {
        (format!("相同的 {steps} 项"), format!("the same {steps}"))
    };
    let changes = block
        .entries
        .iter()
        .all(|entry| !fold::changes(entry).is_empty());
    let (mut zh, mut en) = match (changes, steps) {
        (true, 1) => (format!("{zh}更改"), format!("{en} change")),
        (true, _) => (format!("{zh}更改"), format!("{en} changes")),
        (false, _) => (format!("{zh}情况"), format!("{en} for all")),
    };
    if let Some((class, _)) = &block.class {
        zh.push_str(&format!("，来自类 {class}"));
        en.push_str(&format!(", from class {class}"));
    }
    let tenants = thousands(tenants);
    Text::new(
        format!("{tenants} 个租户 · {zh}"),
        format!("{tenants} tenants · {en}"),
    )
}

/// The first names that fit, and how to see the others.
pub(super) fn names(block: &Block<'_>, room: usize, context: &Context<'_>) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let names: Vec<&str> = block
        .tenants
        .iter()
        .map(|tenant| tenant.tenant.as_str())
        .collect();
    let comma = context.lang.names_comma();
    let all = names.join(comma);
    if all.width() <= room {
        return all;
    }
    let more = Text::new("…（--all 列出全部）", "… (--all lists them)");
    let more = context.say(&more);
    let mut said = String::new();
    for name in names {
        if said.width() + name.width() + 2 + more.width() + 2 > room {
            break;
        }
        said.push_str(name);
        said.push_str(comma);
    }
    said.push_str(more);
    said
}
