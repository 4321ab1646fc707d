//! Pushes that came in and could not be used, as the sidecar noted them: what a person must look at in WeChat's
//! console. Said by the verbs that tell how things stand, in whichever process they run.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::session::Session;
use super::{Io, rivals, words};
use crate::client::{SILENCE, troubles};
use crate::manifest::LoadedPlatform;
use crate::plan::{Lang, Text};
use crate::store::Key;
use crate::store::documents::{PlatformDoc, PushTally};
use crate::wechat::push::PushTrouble;

/// What was taken, or was nobody's, is said for this long after it came last.
const SAID: SignedDuration = SignedDuration::from_hours(24);

/// Prints what is wrong with the pushes of every platform of the session, and who else uses it.
pub(super) async fn say(session: &Session, io: &mut Io) {
    for platform in session.loaded.platforms.values() {
        match of(session, platform).await {
            Ok(lines) => {
                for line in lines {
                    io.note(line.in_lang(io.lang));
                }
            }
            // It is beside what was asked for.
            Err(error) => io.failed(&error),
        }
    }
}

async fn of(session: &Session, platform: &LoadedPlatform) -> anyhow::Result<Vec<Text>> {
    let (store, appid) = (&session.store, &platform.spec.app_id);
    let noted = troubles(store, appid).await?;
    let stored = store.get::<PlatformDoc>(&Key::platform(appid)).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let ticket = doc.ticket.map(|ticket| ticket.created_at);
    let now = session.clock.now();
    let mut lines = lines(platform, &noted, ticket, now);
    lines.extend(rivals::said(platform, doc.rival.as_ref(), now));
    Ok(lines)
}

fn lines(
    platform: &LoadedPlatform,
    noted: &BTreeMap<PushTrouble, PushTally>,
    ticket: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Text> {
    let matters = |trouble: PushTrouble, tally: &PushTally| {
        if trouble.is_refusal() {
            // A ticket that was taken since says that both sides are of one mind.
            Some(tally.last_at) > ticket
        } else {
            now.duration_since(tally.last_at) < SAID
        }
    };
    let tickets_come = ticket.is_some_and(|ticket| now.duration_since(ticket) < SILENCE);
    noted
        .iter()
        .filter(|(trouble, tally)| matters(**trouble, tally))
        .map(|(trouble, tally)| line(platform, *trouble, tally, tickets_come, now))
        .collect()
}

fn line(
    platform: &LoadedPlatform,
    trouble: PushTrouble,
    tally: &PushTally,
    tickets_come: bool,
    now: Timestamp,
) -> Text {
    let name = &platform.name;
    let (zh, en) = match (trouble.is_refusal(), tickets_come) {
        (true, false) => ("收到推送但被拒绝：", "pushes come and are refused: "),
        (true, true) => (
            "除正常接收的推送外，还有推送被拒绝：",
            "some pushes come and are refused beside those that are taken: ",
        ),
        (false, _) => ("", ""),
    };
    let count = tally.count;
    let (ago_zh, ago_en) = (
        words::ago(tally.last_at, now, Lang::Zh),
        words::ago(tally.last_at, now, Lang::En),
    );
    let (at_zh, at_en) = match &tally.detail {
        Some(path) => (format!("（{path}）"), format!(" ({path})")),
        None => (String::new(), String::new()),
    };
    let times = if count == 1 { "once" } else { "times" };
    let often = if count == 1 {
        times.to_owned()
    } else {
        format!(
            "{} {times}",
            words::thousands(usize::try_from(count).unwrap_or(usize::MAX))
        )
    };
    let (right_zh, right_en) = addresses(platform, trouble);
    Text::new(
        format!(
            "平台 {name}：{zh}{}{at_zh}，{count} 次，最近一次在 {ago_zh}。{}{right_zh}。",
            trouble.zh(),
            trouble.advice_zh(),
        ),
        format!(
            "platform {name}: {en}{}{at_en}, {often}, last {ago_en}; {}{right_en}",
            trouble.en(),
            trouble.advice_en(),
        ),
    )
}

/// What must stand in the fields of the console, where those are what is wrong.
fn addresses(platform: &LoadedPlatform, trouble: PushTrouble) -> (String, String) {
    let callback = &platform.spec.callback;
    let base = callback.url.trim_end_matches('/');
    let notices = format!("{base}{}", callback.paths.notices);
    let messages = format!("{base}{}", callback.paths.messages);
    match trouble {
        PushTrouble::Path => (
            format!("，应分别为 {notices} 和 {messages}"),
            format!(": they must be {notices} and {messages}"),
        ),
        PushTrouble::MessageAtNotices => (
            format!("，应为 {messages}"),
            format!(": it must be {messages}"),
        ),
        PushTrouble::NoticeAtMessages => (
            format!("，应为 {notices}"),
            format!(": it must be {notices}"),
        ),
        PushTrouble::Signature
        | PushTrouble::Decrypt
        | PushTrouble::Appid
        | PushTrouble::Plain
        | PushTrouble::Malformed
        | PushTrouble::TooLarge
        | PushTrouble::TooSlow
        | PushTrouble::OtherAccount => (String::new(), String::new()),
    }
}
