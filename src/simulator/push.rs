//! Pushes from the simulated WeChat to the platform: encrypted, signed, sent within five seconds.
//!
//! Tickets go out every ten minutes of simulated time. Notices are not sent again when they fail; the next
//! ticket simply comes at its time.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::app::App;
use super::credential::{self, Ticket, after};
use super::envelope;
use super::fault::Kind;
use super::fault_book::{Target, wait};
use super::state::{Platform, State};

/// Time between two tickets.
const CADENCE: SignedDuration = SignedDuration::from_secs(600);
/// Where one value is pushed several times, a new one is made after this.
const STALE_TICKET: SignedDuration = SignedDuration::from_hours(6);
/// How often simulated time is looked at for tickets that are due.
const LOOK: Duration = Duration::from_millis(250);
/// After this WeChat cuts the connection.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// Longest answer read.
const MAX_ANSWER: usize = 64 * 1024;

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Ticket,
    Authorized,
    UpdateAuthorized,
    Unauthorized,
    /// A user's message to the account, on its way to 消息与事件接收URL.
    Message,
}

impl Event {
    /// The `InfoType` of a notice.
    pub(super) fn info_type(self) -> &'static str {
        match self {
            Self::Ticket => "component_verify_ticket",
            Self::Authorized => "authorized",
            Self::UpdateAuthorized => "updateauthorized",
            Self::Unauthorized => "unauthorized",
            Self::Message => "",
        }
    }

    /// The name faults and counts know it by.
    fn endpoint(self) -> &'static str {
        match self {
            Self::Ticket => "push:ticket",
            Self::Authorized => "push:authorized",
            Self::UpdateAuthorized => "push:updateauthorized",
            Self::Unauthorized => "push:unauthorized",
            Self::Message => "push:message",
        }
    }

    /// How often it is sent until it is answered: only users' messages are sent again.
    fn attempts(self) -> usize {
        match self {
            Self::Message => 3,
            Self::Ticket | Self::Authorized | Self::UpdateAuthorized | Self::Unauthorized => 1,
        }
    }

    /// Whether the answer is one WeChat takes: a message may also be answered with nothing or a sealed reply.
    fn is_answered_by(self, platform: &Platform, text: &str) -> bool {
        let may_reply = self == Self::Message;
        text == "success" || (may_reply && (text.is_empty() || envelope::is_reply(platform, text)))
    }
}

/// A push that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) platform: String,
    pub(super) account: String,
    pub(super) event: Event,
    /// Decrypted.
    pub(super) xml: String,
    /// The original id and the sender of a user's message.
    pub(super) parties: Option<Parties>,
}

/// Between whom a message goes.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    pub(super) to_user: String,
    pub(super) from_user: String,
}

impl Push {
    /// A notice to 授权事件接收URL.
    pub(super) fn notice(
        event: Event,
        platform: &str,
        account: &str,
        now: Timestamp,
        extra: &[(&str, String)],
    ) -> Self {
        let mut xml = format!(
            "<xml><AppId><![CDATA[{platform}]]></AppId><CreateTime>{}</CreateTime>\
             <InfoType><![CDATA[{}]]></InfoType>",
            now.as_second(),
            event.info_type(),
        );
        for (name, value) in extra {
            if value.bytes().all(|byte| byte.is_ascii_digit()) {
                xml.push_str(&format!("<{name}>{value}</{name}>"));
            } else {
                xml.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
            }
        }
        xml.push_str("</xml>");
        Self {
            platform: platform.to_owned(),
            account: account.to_owned(),
            event,
            xml,
            parties: None,
        }
    }
}

/// What came of a push.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    /// The platform answered `success`.
    pub(super) acknowledged: bool,
    /// A fault kept it from being sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) lost: bool,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// What it said, or why there is no answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) answer: String,
}

/// Makes the ticket that is pushed next, and notes when the one after it is due.
pub(super) fn next_ticket(
    state: &mut State,
    now: Timestamp,
    app_id: &str,
) -> Option<(String, Push)> {
    let fresh = state.switches.fresh_ticket_each_push;
    let platform = state.platforms.get_mut(app_id)?;
    platform.next_ticket_at = Some(after(now, CADENCE));
    let tickets = &mut state.credentials.tickets;
    tickets.retain(|_, ticket| !credential::forgettable(ticket.issued_at, now));
    let usable = tickets
        .values()
        .filter(|ticket| !fresh && ticket.platform == app_id)
        .filter(|ticket| ticket.issued_at <= now && now < after(ticket.issued_at, STALE_TICKET))
        .max_by_key(|ticket| ticket.issued_at)
        .map(|ticket| ticket.value.clone());
    let value = usable.unwrap_or_else(|| {
        let ticket = Ticket {
            value: credential::new_ticket(),
            platform: app_id.to_owned(),
            issued_at: now,
        };
        let value = ticket.value.clone();
        tickets.insert(value.clone(), ticket);
        value
    });
    let fields = [("ComponentVerifyTicket", value.clone())];
    let push = Push::notice(Event::Ticket, app_id, app_id, now, &fields);
    Some((value, push))
}

/// Pushes tickets when they are due, until the task is dropped.
pub(super) async fn keep_tickets_coming(app: Arc<App>) {
    loop {
        let now = app.clock.now();
        for push in due_tickets(&app, now) {
            tokio::spawn(deliver(app.clone(), push));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn due_tickets(app: &App, now: Timestamp) -> Vec<Push> {
    let mut world = app.world();
    let due = |platform: &&Platform| {
        let is_time = platform.next_ticket_at.is_none_or(|at| at <= now);
        platform.push_tickets && platform.notices_url.is_some() && is_time
    };
    let due: Vec<String> = world
        .state
        .platforms
        .values()
        .filter(due)
        .map(|platform| platform.app_id.clone())
        .collect();
    due.iter()
        .filter_map(|app_id| next_ticket(&mut world.state, now, app_id))
        .map(|(_, push)| push)
        .collect()
}

/// Sends one push as the faults in force have it. None: the platform has no URL for it.
pub(super) async fn deliver(app: Arc<App>, push: Push) -> Option<Delivery> {
    let (platform, mishap) = {
        let mut world = app.world();
        let platform = world.state.platforms.get(&push.platform)?.clone();
        let mishap = world.faults.strike(&Target {
            endpoint: push.event.endpoint(),
            account: &push.account,
            row: None,
            now: app.clock.now(),
        });
        (platform, mishap)
    };
    let url = match push.event {
        Event::Message => platform
            .messages_url
            .as_ref()?
            .replace("$APPID$", &push.account),
        Event::Ticket | Event::Authorized | Event::UpdateAuthorized | Event::Unauthorized => {
            platform.notices_url.clone()?
        }
    };
    wait(mishap.latency).await;
    if mishap.is(Kind::LostPush) {
        app.world().calls.push(push.event.endpoint()).lost += 1;
        return Some(Delivery {
            lost: true,
            ..Delivery::default()
        });
    }
    let mut delivery = Delivery::default();
    for _ in 0..push.event.attempts() {
        if mishap.is(Kind::DoubledPush) {
            send(&app, &platform, &url, &push).await;
        }
        delivery = send(&app, &platform, &url, &push).await;
        if delivery.acknowledged {
            break;
        }
    }
    Some(delivery)
}

async fn send(app: &App, platform: &Platform, url: &str, push: &Push) -> Delivery {
    let delivery = match envelope::seal(platform, push, app.clock.now()) {
        Ok(sealed) => post(app, platform, url, sealed, push.event).await,
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

async fn post(
    app: &App,
    platform: &Platform,
    url: &str,
    sealed: envelope::Sealed,
    event: Event,
) -> Delivery {
    let sent = app
        .http
        .post(url)
        .query(&sealed.query)
        .header("content-type", "text/xml")
        .body(sealed.body)
        .send();
    let answer = match sent.await {
        Ok(answer) => answer,
        Err(error) => {
            return Delivery {
                answer: error.without_url().to_string(),
                ..Delivery::default()
            };
        }
    };
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap_or_default();
    let text = String::from_utf8_lossy(bytes.get(..MAX_ANSWER).unwrap_or(&bytes)).into_owned();
    Delivery {
        acknowledged: status == 200 && event.is_answered_by(platform, &text),
        lost: false,
        status: Some(status),
        answer: text,
    }
}
