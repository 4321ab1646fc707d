//! The permission to send one request.

use std::time::Duration;

use jiff::Timestamp;

use super::op::{OpRef, SEND_WINDOW};
use crate::wechat::Call;

/// The permission to send one request, once, within [`SEND_WINDOW`].
///
/// Made by [`Journal::arm`](super::Journal::arm) after its write is durable, and by nothing else. It can be neither
/// copied nor stored: the client consumes it.
#[derive(Debug)]
#[must_use = "an armed request is sent or disarmed"]
pub struct Armed {
    op: OpRef,
    call: Call,
    armed_at: Timestamp,
    since_boot: Duration,
    request_timeout: Duration,
}

impl Armed {
    pub(super) fn new(
        op: OpRef,
        call: Call,
        armed_at: Timestamp,
        since_boot: Duration,
        request_timeout: Duration,
    ) -> Self {
        Self {
            op,
            call,
            armed_at,
            since_boot,
            request_timeout,
        }
    }

    /// Which op, and which generation of it.
    #[must_use]
    pub fn op(&self) -> &OpRef {
        &self.op
    }

    /// The request.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// When it was armed.
    #[must_use]
    pub fn armed_at(&self) -> Timestamp {
        self.armed_at
    }

    /// The same moment by the clock that counts suspension.
    #[must_use]
    pub fn armed_since_boot(&self) -> Duration {
        self.since_boot
    }

    /// How long the request may take. The probe waits for it, so the client must not wait longer.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    /// Until when it may be sent.
    #[must_use]
    pub fn until(&self) -> SendUntil {
        SendUntil {
            armed: self.since_boot,
        }
    }
}

/// Until when an armed request may be sent: what whoever sends it looks at before its last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendUntil {
    armed: Duration,
}

impl SendUntil {
    /// Whether it may still be sent, by a clock that counts suspension. A clock that ran backwards (another boot)
    /// means no.
    #[must_use]
    pub fn may_send(self, since_boot: Duration) -> bool {
        since_boot
            .checked_sub(self.armed)
            .is_some_and(|passed| passed < SEND_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::OpKey;
    use crate::wechat::{Appid, open_account};

    #[test]
    fn an_armed_request_is_sent_within_its_window_or_not_at_all() {
        let appid = Appid::parse("wx1111111111111111").unwrap();
        let op = OpRef {
            op: OpKey {
                action: "open/create".into(),
                appid: appid.clone(),
            },
            generation: 1,
        };
        let at = Duration::from_secs(100);
        let call = Call::bare(&open_account::CREATE, appid);
        let armed = Armed::new(op, call, Timestamp::UNIX_EPOCH, at, Duration::from_secs(8));
        let until = armed.until();
        assert!(until.may_send(at));
        assert!(until.may_send(at + SEND_WINDOW - Duration::from_nanos(1)));
        assert!(!until.may_send(at + SEND_WINDOW));
        assert!(!until.may_send(at - Duration::from_nanos(1)));
    }
}
