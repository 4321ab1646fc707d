//! Pushes from the simulated WeChat to the platform: encrypted, signed, sent within five seconds.
//!
//! Notices are not sent again when they fail, unless a switch says so. While a changed configuration is tested, tickets
//! go to both of them, and what concerns a test account to the new one.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::app::App;
use super::envelope;
use super::fault::{Kind, wait};
use super::fault_book::Target;
use super::push::{Event, Push};
use super::state::Platform;
use super::switches::Switches;

/// Longest answer read.
const MAX_ANSWER: usize = 64 * 1024;

/// What came of a push.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    /// The platform answered `success`.
    pub(super) acknowledged: bool,
    /// A fault kept it from being sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) lost: bool,
    /// Pushes had stopped after too many failures.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) stopped: bool,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// What it said, or why there is no answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) answer: String,
    /// What came of the same push to the configuration under test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) testing: Option<Box<Delivery>>,
}

/// Sends pushes one after another. Those of a platform without a URL are left out.
pub(super) async fn deliver_all(app: &Arc<App>, pushes: Vec<Push>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for push in pushes {
        deliveries.extend(deliver(app.clone(), push).await);
    }
    deliveries
}

/// Sends one push as the faults in force have it. None: the platform has no URL for it.
pub(super) async fn deliver(app: Arc<App>, push: Push) -> Option<Delivery> {
    let (platform, switches, mishap) = {
        let mut world = app.world();
        let platform = world.state.platforms.get(&push.platform)?.clone();
        let switches = world.state.switches.clone();
        let mishap = world.faults.strike(&Target {
            endpoint: push.event.endpoint(),
            account: &push.account,
            row: None,
            reads: false,
            now: app.clock.now(),
        });
        (platform, switches, mishap)
    };
    let configurations = platform.configurations_for(&push.account);
    let addressed: Vec<(&Platform, String)> = configurations
        .iter()
        .filter_map(|one| Some((one, address(one, &push, mishap.capitals)?)))
        .collect();
    if addressed.is_empty() {
        return None;
    }
    wait(mishap.latency).await;
    if mishap.is(Kind::LostPush) {
        app.world().calls.push(push.event.endpoint()).lost += 1;
        return Some(Delivery {
            lost: true,
            ..Delivery::default()
        });
    }
    if have_stopped(&app, &push.platform) {
        return Some(Delivery {
            stopped: true,
            ..Delivery::default()
        });
    }
    let push = if mishap.capitals {
        Push {
            content: push.content.in_capitals(&push.account),
            ..push
        }
    } else {
        push
    };
    let doubled = mishap.is(Kind::DoubledPush);
    let mut deliveries = Vec::new();
    for (configuration, url) in addressed {
        let to = To {
            platform: configuration,
            url,
            switches: &switches,
        };
        deliveries.push(attempt(&app, &to, &push, doubled).await);
    }
    let failed = deliveries.iter().any(|delivery| !delivery.acknowledged);
    note_outcome(&app, &push.platform, failed);
    let mut deliveries = deliveries.into_iter();
    let mut first = deliveries.next()?;
    first.testing = deliveries.next().map(Box::new);
    Some(first)
}

fn address(platform: &Platform, push: &Push, capitals: bool) -> Option<String> {
    if push.event != Event::Message {
        return platform.notices_url.clone();
    }
    let account = match capitals {
        true => push.account.to_uppercase(),
        false => push.account.clone(),
    };
    let url = platform.messages_url.as_ref()?;
    Some(url.replace("$APPID$", &account))
}

/// Whether too many pushes to the platform failed one after the other.
fn have_stopped(app: &App, platform: &str) -> bool {
    let world = app.world();
    let failed = world
        .state
        .platforms
        .get(platform)
        .map_or(0, |platform| platform.failed_pushes);
    let limit = world.state.switches.pushes_stop_after;
    limit.is_some_and(|limit| failed >= limit)
}

fn note_outcome(app: &App, platform: &str, failed: bool) {
    let mut world = app.world();
    let limit = world.state.switches.pushes_stop_after;
    let Some(platform) = world.state.platforms.get_mut(platform) else {
        return;
    };
    platform.failed_pushes = match (failed, limit) {
        (true, Some(_)) => platform.failed_pushes.saturating_add(1),
        _ => 0,
    };
    if limit.is_some_and(|limit| platform.failed_pushes >= limit) {
        platform.push_tickets = false;
    }
}

/// Where a push goes.
struct To<'a> {
    platform: &'a Platform,
    url: String,
    switches: &'a Switches,
}

/// Sends until there is an answer that counts, as often as WeChat tries.
async fn attempt(app: &App, to: &To<'_>, push: &Push, doubled: bool) -> Delivery {
    let mut delivery = Delivery::default();
    for _ in 0..push.event.attempts(to.switches) {
        if doubled {
            send(app, to, push).await;
        }
        delivery = send(app, to, push).await;
        if delivery.acknowledged {
            break;
        }
    }
    delivery
}

async fn send(app: &App, to: &To<'_>, push: &Push) -> Delivery {
    let delivery = match envelope::seal(to.platform, push, app.clock.now()) {
        Ok(sealed) => post(app, to, sealed, push.event).await,
        Err(error) => Delivery {
            answer: error,
            ..Delivery::default()
        },
    };
    let mut world = app.world();
    let tally = world.calls.push(push.event.endpoint());
    tally.sent += 1;
    tally.acknowledged += u64::from(delivery.acknowledged);
    drop(world);
    if !delivery.acknowledged {
        tracing::debug!(
            platform.appid = push.platform,
            push.kind = push.event.endpoint(),
            "a push was not acknowledged"
        );
    }
    delivery
}

async fn post(app: &App, to: &To<'_>, sealed: envelope::Sealed, event: Event) -> Delivery {
    let sent = app
        .http
        .post(&to.url)
        .timeout(Duration::from_millis(to.switches.push_deadline_ms))
        .query(&sealed.query)
        .header("content-type", sealed.content_type)
        .body(sealed.body)
        .send();
    let answered = async {
        let mut answer = sent.await?;
        let mut bytes = Vec::new();
        while bytes.len() <= MAX_ANSWER
            && let Some(more) = answer.chunk().await?
        {
            bytes.extend_from_slice(&more);
        }
        Ok::<_, reqwest::Error>((answer.status().as_u16(), bytes))
    };
    let (status, mut bytes) = match answered.await {
        Ok(answered) => answered,
        Err(error) => {
            return Delivery {
                answer: error.without_url().to_string(),
                ..Delivery::default()
            };
        }
    };
    let whole = bytes.len() <= MAX_ANSWER;
    bytes.truncate(MAX_ANSWER);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Delivery {
        acknowledged: status == 200 && whole && takes(event, to.platform, &text),
        status: Some(status),
        answer: text,
        ..Delivery::default()
    }
}

/// Whether the answer is one WeChat takes: a message may also be answered with nothing or a sealed reply.
fn takes(event: Event, platform: &Platform, text: &str) -> bool {
    let may_reply = event == Event::Message;
    text == "success" || (may_reply && (text.is_empty() || envelope::is_reply(platform, text)))
}
