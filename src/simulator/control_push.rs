//! Orders to push something now: a ticket, a notice of any kind, a user's message, an event of an account.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, Refused, bad, missing, parse};
use super::delivery;
use super::message::{Say, SayError, Tell};
use super::push::Push;
use super::tickets;

pub(super) async fn ticket(Shared(app): Shared<Arc<App>>, Path(appid): Path<String>) -> Answer {
    let now = app.clock.now();
    let made = tickets::next_ticket(&mut app.world().state, now, &appid);
    let Some((ticket, push)) = made else {
        return Err(missing(format!("there is no platform `{appid}`")));
    };
    let delivery = delivery::deliver(app, push).await;
    Ok(Json(json!({"ticket": ticket, "push": delivery})))
}

pub(super) async fn message(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Say = parse(&body)?;
    let said = order.push(&app.world().state, app.clock.now());
    delivered(app, said).await
}

pub(super) async fn notice(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Tell = parse(&body)?;
    let told = order.push(&app.world().state, app.clock.now());
    delivered(app, told).await
}

async fn delivered(app: Arc<App>, push: Result<Push, SayError>) -> Answer {
    let push = push.map_err(refused)?;
    let delivery = delivery::deliver(app, push).await;
    Ok(Json(json!({"push": delivery})))
}

fn refused(why: SayError) -> Refused {
    match why {
        SayError::NotAuthorized | SayError::NoPlatform(_) => missing(why),
        SayError::Order(_) => bad(why),
    }
}
