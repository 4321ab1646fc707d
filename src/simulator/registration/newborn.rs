//! The mini-program that a registration makes: it has nothing yet, not even a name.

use jiff::Timestamp;

use super::state::{RegisteredBy, Registration};
use crate::simulator::account::{Account, Kind};
use crate::simulator::credential;
use crate::simulator::grant::{self, GrantError};
use crate::simulator::miniprogram::{BasicInfo, Filing, FilingStatus, MiniProgram};
use crate::simulator::push::Push;
use crate::simulator::state::State;

/// Who asked for it, and how.
pub(super) struct Origin<'a> {
    pub(super) by: RegisteredBy,
    pub(super) platform: &'a str,
    pub(super) official_account: Option<&'a str>,
}

/// What was made and authorized.
pub(super) struct Made {
    pub(super) app_id: String,
    /// Its authorization code, which nobody has exchanged.
    pub(super) code: String,
    /// The `authorized` that could be pushed.
    pub(super) authorized: Option<Push>,
}

impl RegisteredBy {
    fn register_type(self) -> i64 {
        match self {
            Self::OfficialAccount => 2,
            Self::Enterprise => 6,
            Self::Trial => 13,
            Self::Person => 16,
        }
    }
}

impl State {
    /// Makes a mini-program of this entity, and answers its appid. Unverified whatever was asked for, as all are since
    /// 2023-12-25.
    pub(super) fn bear(
        &mut self,
        origin: &Origin<'_>,
        principal_name: &str,
        basic_info: BasicInfo,
        now: Timestamp,
    ) -> String {
        let app_id = credential::new_app_id();
        let account = Account {
            verify_type: -1,
            principal_name: principal_name.to_owned(),
            register_type: Some(origin.by.register_type()),
            basic_info,
            mini_program: MiniProgram {
                filing: Filing {
                    status: FilingStatus::NotFiled,
                    ..Filing::default()
                },
                ..MiniProgram::default()
            },
            ..Account::new(&app_id, Kind::MiniProgram)
        };
        self.accounts.insert(app_id.clone(), account);
        self.registrations.made.push(Registration {
            app_id: app_id.clone(),
            by: origin.by,
            platform: origin.platform.to_owned(),
            official_account: origin.official_account.map(str::to_owned),
            made_at: now,
        });
        app_id
    }

    /// Authorizes it to the platform that asked, with every set the platform has published.
    pub(super) fn hand_over(
        &mut self,
        platform: &str,
        app_id: &str,
        now: Timestamp,
    ) -> Result<Made, GrantError> {
        let grant = grant::authorize(self, now, platform, app_id, None, None)?;
        let key = (platform.to_owned(), app_id.to_owned());
        if let Some(authorization) = self.authorizations.get_mut(&key) {
            authorization.unexchanged = true;
        }
        Ok(Made {
            app_id: app_id.to_owned(),
            code: grant.code,
            authorized: grant.push,
        })
    }
}
