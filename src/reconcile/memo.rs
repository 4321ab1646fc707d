//! What a platform says of itself is asked once for all its tenants: eight hundred of them would ask eight hundred times.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::client::{Clock, Reader};
use crate::wechat::platform_domain::{GET, WEBVIEW_GET};
use crate::wechat::{Answer, Call};

/// So long an answer counts: a whole command, and a minute of a loop.
const LIVES: SignedDuration = SignedDuration::from_secs(60);

/// Answers about platforms, shared by the passes over their tenants. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Memo(Arc<Mutex<BTreeMap<Call, (Timestamp, Answer)>>>);

impl Memo {
    /// Makes a read of a platform's, unless its answer is remembered. `None`: it is none of these.
    pub(super) async fn read(
        &self,
        reader: &Reader,
        clock: &Arc<dyn Clock>,
        call: &Call,
    ) -> Option<Answer> {
        if ![&GET, &WEBVIEW_GET].contains(&call.endpoint) {
            return None;
        }
        // Held while it is asked, so that those who come meanwhile hear the same.
        let mut known = self.0.lock().await;
        let now = clock.now();
        let lives = |at: Timestamp| at <= now && now.duration_since(at) < LIVES;
        if let Some((at, answer)) = known.get(call)
            && lives(*at)
        {
            return Some(answer.clone());
        }
        let answer = reader.read(call).await;
        if matches!(answer, Answer::Done(_)) {
            known.insert(call.clone(), (now, answer.clone()));
        }
        Some(answer)
    }

    /// Asks anew from now on: the platform itself is looked at, or something of it was changed.
    pub(super) async fn forget(&self) {
        self.0.lock().await.clear();
    }
}
