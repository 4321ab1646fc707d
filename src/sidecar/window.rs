//! Which messages were passed on before the last stop. A signature is stored before its message is passed on, so that
//! a replay is known for one after a restart. Where it cannot be stored in good time the message is passed on all the
//! same: moving in must never silence a customer's bot.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::chain;
use super::platform::Platform;
use super::replay::Replays;
use crate::client::PassedParts;
use crate::store::StoreError;
use crate::wechat::Appid;

/// How long a message waits for its signature to be stored; WeChat waits 5 s for the bot.
const PATIENCE: Duration = Duration::from_millis(300);
/// Signatures that wait for a store which takes its time, at most.
const MOST: usize = 4_096;
/// How long starting waits for what was passed on before.
const START: Duration = Duration::from_secs(5);

/// One for each platform.
#[derive(Default)]
pub(super) struct Windows(Mutex<Vec<(Appid, Arc<Window>)>>);

#[derive(Default)]
struct Window {
    /// Signatures that wait to be written.
    waiting: Mutex<Vec<String>>,
    /// Where they are written, once it is known what is there already. Whoever holds it writes for all.
    parts: tokio::sync::Mutex<Option<PassedParts>>,
}

impl Windows {
    /// Remembers what was passed on before.
    pub(super) async fn open(&self, platforms: &[Arc<Platform>], replays: &Replays) {
        for platform in platforms {
            let window = self.of(platform.appid());
            let mut parts = window.parts.lock().await;
            match timeout(START, read(platform, replays)).await {
                Ok(Ok(found)) => *parts = Some(found),
                Ok(Err(error)) => tracing::error!(
                    error = chain(&error),
                    "what was passed on before cannot be read"
                ),
                Err(_) => tracing::error!("what was passed on before cannot be read in time"),
            }
        }
    }

    /// Stores the signature of a message that is about to be passed on.
    pub(super) async fn keep(&self, platform: &Platform, replays: &Replays, signature: &str) {
        let window = self.of(platform.appid());
        match timeout(PATIENCE, window.keep(platform, replays, signature)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(
                error = chain(&error),
                "a message is passed on whose signature could not be stored"
            ),
            Err(_) => {
                tracing::warn!("a message is passed on whose signature was not stored in time");
            }
        }
    }

    fn of(&self, platform: &Appid) -> Arc<Window> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, window)) = all.iter().find(|(appid, _)| appid == platform) {
            return window.clone();
        }
        let window = Arc::<Window>::default();
        all.push((platform.clone(), window.clone()));
        window
    }
}

impl Window {
    /// Messages that come at once share a write.
    async fn keep(
        &self,
        platform: &Platform,
        replays: &Replays,
        signature: &str,
    ) -> Result<(), StoreError> {
        {
            let mut waiting = self.waiting();
            if waiting.len() < MOST {
                waiting.push(signature.to_owned());
            }
        }
        let mut parts = self.parts.lock().await;
        let batch = std::mem::take(&mut *self.waiting());
        if batch.is_empty() {
            return Ok(());
        }
        let parts = match &mut *parts {
            Some(parts) => parts,
            none @ None => none.insert(read(platform, replays).await?),
        };
        platform.served.client.keep_passed(parts, &batch).await
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<String>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers what is stored.
async fn read(platform: &Platform, replays: &Replays) -> Result<PassedParts, StoreError> {
    let (signatures, parts) = platform.served.client.passed().await?;
    for signature in signatures {
        replays.remember(&signature);
    }
    Ok(parts)
}
