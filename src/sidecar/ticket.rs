//! Ticket silence heals itself: WeChat is asked to push again, with backoff.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::server::{Platform, Shared};
use crate::store::Key;
use crate::store::documents::{PlatformDoc, TicketRestart};
use crate::wechat::Answer;

/// Tickets come every 10 minutes; after two are missing something is wrong.
const SILENCE: SignedDuration = SignedDuration::from_mins(20);
/// The longest wait between two tries.
const LONGEST: SignedDuration = SignedDuration::from_hours(2);
/// How often the store is looked at. Real time, and cheap: one small document per platform.
const LOOK: Duration = Duration::from_millis(500);

/// Watches until the sidecar stops.
pub(super) async fn watch(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        for platform in &shared.platforms {
            heal(&shared, platform).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn heal(shared: &Shared, platform: &Platform) {
    let appid = &platform.served.client.platform().appid;
    let key = Key::platform(appid);
    let Ok(stored) = shared.store.get::<PlatformDoc>(&key).await else {
        return;
    };
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let now = shared.clock.now();
    if !due(&doc, now) {
        return;
    }
    let answer = platform.served.client.start_push_ticket().await;
    let said = match &answer {
        Answer::Done(_) => "ok".to_owned(),
        Answer::Refused(error) => error.to_string(),
        Answer::Lost(lost) => lost.to_string(),
    };
    tracing::warn!(platform.appid = %appid, answer = %said, "no ticket for 20 minutes, asked WeChat to push again");
    let _ = shared
        .store
        .update::<PlatformDoc>(&key, |doc| {
            doc.ticket_restart.asked_at = Some(now);
            doc.ticket_restart.attempts = doc.ticket_restart.attempts.saturating_add(1);
            doc.ticket_restart.last_answer = Some(said.clone());
        })
        .await;
}

/// Whether to ask now: nothing for 20 minutes, and the last try long enough ago.
fn due(doc: &PlatformDoc, now: Timestamp) -> bool {
    let silent = doc
        .ticket
        .as_ref()
        .is_none_or(|ticket| now.duration_since(ticket.created_at) >= SILENCE);
    let TicketRestart {
        asked_at, attempts, ..
    } = &doc.ticket_restart;
    let waited = asked_at.is_none_or(|asked| {
        let doubled = SILENCE.saturating_mul(2_i32.saturating_pow((*attempts).min(6)) / 2);
        now.duration_since(asked) >= doubled.min(LONGEST)
    });
    silent && waited
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::documents::Ticket;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn wechat_is_asked_after_twenty_minutes_and_then_less_and_less_often() {
        let mut doc = PlatformDoc {
            ticket: Some(Ticket {
                value: "t".into(),
                created_at: at(0),
            }),
            ..PlatformDoc::default()
        };
        assert!(!due(&doc, at(19)));
        assert!(due(&doc, at(20)));
        doc.ticket_restart.asked_at = Some(at(20));
        doc.ticket_restart.attempts = 1;
        assert!(!due(&doc, at(39)) && due(&doc, at(40)));
        doc.ticket_restart.attempts = 3;
        assert!(!due(&doc, at(99)) && due(&doc, at(100)));
        doc.ticket_restart.attempts = 60;
        assert!(!due(&doc, at(139)) && due(&doc, at(140)));
    }
}
