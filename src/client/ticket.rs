//! The ticket (`component_verify_ticket`), where every token begins: kept when it is pushed, asked for when the
//! pushes stay away. It cannot be fetched.

use jiff::{SignedDuration, Timestamp};

use super::handle::Client;
use super::platform::PlatformAccess;
use super::transport::{Body, Transport};
use crate::store::documents::{PlatformDoc, Ticket};
use crate::store::{Key, Store, StoreError};
use crate::wechat::Answer;
use crate::wechat::secret::Secret;
use crate::wechat::token::{START_PUSH_TICKET, start_push_ticket_request};

/// Tickets come every ten minutes; after two missed ones WeChat is asked to go on.
pub const SILENCE: SignedDuration = SignedDuration::from_mins(20);
/// The next ticket comes within ten minutes of asking, so asking again sooner says nothing.
const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(20);
/// Where asking does not help (a wrong secret, a wrong push URL) it is a person who must act.
const ASK_AGAIN_AT_MOST: SignedDuration = SignedDuration::from_hours(6);

impl Client {
    /// Stores a pushed ticket, durably, unless a newer one is there. `created` is the push's `CreateTime`.
    ///
    /// # Errors
    /// [`StoreError`]: then it must not be acknowledged.
    pub async fn keep_ticket(
        &self,
        ticket: &Secret,
        created: Option<i64>,
    ) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        // A ticket from the future would keep all later ones out.
        let created_at = created
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .map_or(now, |created| created.min(now));
        let ticket = Ticket {
            value: ticket.expose().into(),
            created_at,
        };
        let keep = |newest: Ticket| self.keep_newest(newest, now);
        self.core.tickets.keep(ticket, keep).await
    }

    async fn keep_newest(&self, ticket: Ticket, now: Timestamp) -> Result<(), StoreError> {
        let key = Key::platform(&self.platform().appid);
        let created_at = ticket.created_at;
        self.core
            .store
            .update::<PlatformDoc>(&key, |doc| {
                // One from the future was kept under a clock that has been set back since.
                let newer = doc
                    .ticket
                    .as_ref()
                    .is_some_and(|held| held.created_at > created_at && held.created_at <= now);
                if !newer {
                    doc.ticket = Some(ticket.clone());
                    doc.ticket_restart = Default::default();
                }
            })
            .await
            .map(drop)
    }

    /// When the newest ticket was made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ticket_made_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let key = Key::platform(&self.platform().appid);
        let stored = self.core.store.get::<PlatformDoc>(&key).await?;
        Ok(stored.and_then(|stored| stored.value.ticket.map(|ticket| ticket.created_at)))
    }

    /// Asks WeChat to push tickets again if there has been none for [`SILENCE`], less often the longer it stays so.
    /// `listening_since` is when tickets could first have arrived. Answers what WeChat said, if it was asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mind_ticket(
        &self,
        listening_since: Timestamp,
    ) -> Result<Option<Answer>, StoreError> {
        let core = &self.core;
        mind(
            &core.platform,
            &core.store,
            &core.transport,
            core.clock.now(),
            Some(listening_since),
        )
        .await
    }
}

/// As [`Client::mind_ticket`]. What is asked is written down before, so that several processes ask once.
pub(super) async fn mind(
    platform: &PlatformAccess,
    store: &Store,
    transport: &Transport,
    now: Timestamp,
    listening_since: Option<Timestamp>,
) -> Result<Option<Answer>, StoreError> {
    let key = Key::platform(&platform.appid);
    let stored = store.get::<PlatformDoc>(&key).await?;
    if !is_due(
        &stored.map(|stored| stored.value).unwrap_or_default(),
        now,
        listening_since,
    ) {
        return Ok(None);
    }
    let mut due = false;
    store
        .update::<PlatformDoc>(&key, |doc| {
            due = is_due(doc, now, listening_since);
            if due {
                doc.ticket_restart.asked_at = Some(now);
                doc.ticket_restart.attempts += 1;
            }
        })
        .await?;
    if !due {
        return Ok(None);
    }
    let body = start_push_ticket_request(&platform.appid, &platform.app_secret);
    let answer = transport
        .send(&START_PUSH_TICKET, None, Body::Json(body.expose()))
        .await;
    let said = said(&answer);
    tracing::warn!(platform = %platform.appid, answer = said, "no ticket for too long; asked WeChat to push tickets again");
    store
        .update::<PlatformDoc>(&key, |doc| {
            // A ticket may have come meanwhile: then all this is over.
            if doc.ticket_restart.asked_at == Some(now) {
                doc.ticket_restart.last_answer = Some(said.clone());
            }
        })
        .await?;
    Ok(Some(answer))
}

fn is_due(doc: &PlatformDoc, now: Timestamp, listening_since: Option<Timestamp>) -> bool {
    // What lies in the future was written under a clock that has been set back since: it says nothing.
    let last = doc.ticket.as_ref().map(|ticket| ticket.created_at);
    let last = last.filter(|last| *last <= now);
    let silent = last
        .max(listening_since)
        .is_none_or(|last| now.duration_since(last) >= SILENCE);
    let restart = &doc.ticket_restart;
    let asked = restart
        .asked_at
        .is_some_and(|asked| asked <= now && now.duration_since(asked) < pause(restart.attempts));
    silent && !asked
}

/// 20 minutes, 40, 80 … 6 hours.
fn pause(attempts: u32) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(attempts.saturating_sub(1).min(16));
    ASK_AGAIN.saturating_mul(doubled).min(ASK_AGAIN_AT_MOST)
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Done(body) => body
            .get("errmsg")
            .and_then(|text| text.as_str())
            .filter(|text| !text.is_empty())
            .unwrap_or("ok")
            .chars()
            .take(80)
            .collect(),
        Answer::Refused(error) => error.to_string(),
        Answer::Lost(lost) => lost.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::documents::TicketRestart;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn silence_is_twenty_minutes_from_the_last_ticket_or_from_when_we_could_hear() {
        let mut doc = PlatformDoc::default();
        assert!(is_due(&doc, at(0), None));
        assert!(!is_due(&doc, at(19), Some(at(0))));
        assert!(is_due(&doc, at(20), Some(at(0))));
        doc.ticket = Some(Ticket {
            value: "t".into(),
            created_at: at(10),
        });
        assert!(!is_due(&doc, at(29), Some(at(0))));
        assert!(is_due(&doc, at(30), Some(at(0))));
        assert!(is_due(&doc, at(30), None));
    }

    #[test]
    fn asking_again_gets_rarer() {
        let mut doc = PlatformDoc::default();
        for (attempts, minutes) in [(1, 20), (2, 40), (3, 80), (9, 360), (4_000_000_000, 360)] {
            doc.ticket_restart = TicketRestart {
                asked_at: Some(at(0)),
                attempts,
                last_answer: None,
            };
            assert!(!is_due(&doc, at(minutes - 1), None), "{attempts}");
            assert!(is_due(&doc, at(minutes), None), "{attempts}");
        }
    }
}
