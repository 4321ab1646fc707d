//! Verify tickets: one every ten minutes of simulated time, for every platform that has them pushed. The same loop
//! tells of what reviewers have decided, and of order paths.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::app::App;
use super::credential::{self, Ticket, after};
use super::delivery;
use super::push::{Event, Push};
use super::state::{Platform, State};

/// Time between two tickets.
const CADENCE: SignedDuration = SignedDuration::from_secs(600);
/// Where one value is pushed several times, a new one is made after this.
const STALE_TICKET: SignedDuration = SignedDuration::from_hours(6);
/// How often simulated time is looked at for tickets that are due.
const LOOK: Duration = Duration::from_millis(250);
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
    let fields = [("ComponentVerifyTicket", Value::from(value.as_str()))];
    let push = Push::notice(Event::Ticket, app_id, app_id, now, &fields);
    Some((value, push))
}

/// Pushes tickets when they are due, until the task is dropped.
pub(super) async fn keep_tickets_coming(app: Arc<App>) {
    loop {
        let now = app.clock.now();
        let told = {
            let mut world = app.world();
            world.settle(now);
            let mut told = world.state.untold_audits();
            told.append(&mut world.state.outbox);
            told.extend(world.state.due_order_paths(now));
            told
        };
        for push in due_tickets(&app, now).into_iter().chain(told) {
            tokio::spawn(delivery::deliver(app.clone(), push));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn due_tickets(app: &App, now: Timestamp) -> Vec<Push> {
    let mut world = app.world();
    let due = |platform: &&Platform| {
        let is_time = platform.next_ticket_at.is_none_or(|at| at <= now);
        let has_url = || {
            let tested = platform.testing.as_ref();
            let tested = tested.is_some_and(|testing| testing.notices_url.is_some());
            platform.notices_url.is_some() || tested
        };
        platform.push_tickets && is_time && has_url()
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
