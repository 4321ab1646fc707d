//! A version goes online: what else happens then.

use jiff::Timestamp;

use super::state::{Code, CodeAudit, CodeVersion, GrayStatus, OnlineVersion};
use crate::simulator::miniprogram::privacy::PrivacyGuide;
use crate::simulator::miniprogram::{MiniProgram, Reviewed};
use crate::simulator::state::State;

/// Most earlier versions that are remembered.
const REMEMBERED: usize = 5;
/// Where their numbers start.
const FIRST: u64 = 1;

/// Whether a version of it is, or was, online.
pub(in crate::simulator::miniprogram) fn online_since(app: &MiniProgram) -> bool {
    app.released || app.code.online.is_some()
}

impl Code {
    /// Takes the place of what is online, which becomes the newest of those before it.
    fn replace_online(&mut self, version: CodeVersion, now: Timestamp) {
        let app_version = self.next_app_version.max(FIRST);
        self.next_app_version = app_version.saturating_add(1);
        let new = OnlineVersion {
            version,
            released_at: now,
            app_version,
        };
        if let Some(before) = self.online.replace(new) {
            self.history.insert(0, before);
            self.history.truncate(REMEMBERED);
        }
        self.reverted = false;
        let under_way = self.running_plan().is_some();
        if let Some(plan) = self.gray.as_mut().filter(|_| under_way) {
            plan.status = GrayStatus::Finished;
        }
    }
}

impl MiniProgram {
    /// Sets the flags that a plan and a version that is online bring along.
    pub(in crate::simulator) fn follow_plan(&mut self) {
        self.gray_release |= self.code.running_plan().is_some();
        self.released |= self.code.online.is_some();
    }
}

impl State {
    /// Puts a version online, through this platform or by the owner's hand: with its privacy guide, and with what that
    /// does to its domains.
    pub(super) fn put_online(
        &mut self,
        account: &str,
        platform: Option<&str>,
        (version, guide): (CodeVersion, Option<PrivacyGuide>),
        now: Timestamp,
    ) {
        self.release_domains(account, platform);
        let Some(account) = self.accounts.get_mut(account) else {
            return;
        };
        let app = &mut account.mini_program;
        app.code.replace_online(version, now);
        app.gray_release = false;
        if let Some(guide) = guide {
            app.privacy.online = Some(guide);
        }
    }

    /// Puts online what a review has let through.
    pub(super) fn release_audited(
        &mut self,
        account: &str,
        platform: Option<&str>,
        audit_id: u64,
        now: Timestamp,
    ) {
        let audit = self.audits.get_mut(&audit_id);
        let Some(Reviewed::Code(code)) = audit.map(|audit| &mut audit.of) else {
            return;
        };
        code.released = true;
        let CodeAudit { version, guide, .. } = (**code).clone();
        self.put_online(account, platform, (version, guide), now);
    }
}
