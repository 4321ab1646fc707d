//! What the public port says of itself, what the provider is told, and tickets that stay away.

use super::place::{Place, Setup, wait_for};
use crate::flaky::Flaky;
use crate::world::PLATFORM;

const START_PUSH: &str = "/cgi-bin/component/api_start_push_ticket";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn health_tells_the_age_of_the_ticket() {
    let place = Place::set().await;
    let health = place.health().await;
    assert_eq!(health["status"], "ok");
    assert_eq!(
        health["platforms"][0]["ticketAgeSeconds"],
        serde_json::Value::Null
    );
    assert_eq!(health["platforms"][0]["ticketsCome"], false);
    place.push_ticket();
    place.world.advance(300);
    let health = place.health().await;
    let age = health["platforms"][0]["ticketAgeSeconds"].as_i64().unwrap();
    assert!((300..330).contains(&age), "{age}");
    assert_eq!(health["platforms"][0]["appId"], PLATFORM);
    assert_eq!(health["platforms"][0]["ticketsCome"], true);
    assert_eq!(health["pushes"]["tickets"], 1);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_cannot_be_read_is_ill_health() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store),
        ..Setup::default()
    })
    .await;
    flaky.go_down();
    assert_eq!(place.asked("/healthz").await, (200, "ok".to_owned()));
    assert_eq!(place.asked("/readyz").await, (503, "store".to_owned()));
    assert_eq!(place.health().await["status"], "the store cannot be read");
    flaky.heal();
    assert_eq!(place.asked("/readyz").await, (200, "ok".to_owned()));
    assert_eq!(place.health().await["status"], "ok");
    place.sidecar.serve(Vec::new()).await;
    assert_eq!(place.asked("/readyz").await, (503, "platform".to_owned()));
    assert_eq!(place.asked("/healthz").await, (200, "ok".to_owned()));
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tickets_that_stay_away_are_asked_for_and_come_again() {
    let place = Place::set().await;
    let asked = || place.world.count(START_PUSH).received;
    place.push_ticket();
    place.world.advance(19 * 60);
    let said = place.client.mind_ticket(place.world.now()).await.unwrap();
    assert_eq!(said, None);
    assert_eq!(asked(), 0);
    place.world.advance(61);
    wait_for(async || asked() == 1).await;
    // WeChat goes on pushing, and there is nothing left to ask for.
    wait_for(async || place.health().await["platforms"][0]["ticketsCome"] == true).await;
    let said = place.client.mind_ticket(place.world.now()).await.unwrap();
    assert_eq!(said, None);
    assert_eq!(asked(), 1);
    place.stop().await;
}
