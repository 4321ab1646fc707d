//! What WeChat itself counts of a day: of an account with its own token, of the platform with the platform's.

use futures::future::join_all;
use jiff::Timestamp;
use serde::Deserialize as _;

use super::Found;
use super::row::{Row, Source};
use crate::cli::failed::{OrSay, no_platform};
use crate::cli::session::Session;
use crate::client::Reader;
use crate::plan::{Text, Troubled, Why};
use crate::store::ledger::{Demand, Ledger, Snapshot};
use crate::wechat::basic_info::{BasicInfo, HeadImageInfo, NicknameInfo, SignatureInfo};
use crate::wechat::code::{self, AuditQuota, Left};
use crate::wechat::endpoint::{self, CallClass, Period, Quota, TokenKind};
use crate::wechat::{
    Answer, Appid, Call, Endpoint, avatar, basic_info, nickname, quota, signature,
};

/// Asking on behalf of one platform.
pub(super) struct Asking<'a> {
    reader: Reader,
    name: &'a str,
    ledger: &'a Ledger,
    now: Timestamp,
}

/// One quota that is asked about, and what the ledger said of it before.
struct Asked {
    endpoint: &'static Endpoint,
    call: Call,
    ours: Option<(Quota, Snapshot)>,
}

impl<'a> Asking<'a> {
    pub(super) fn of(
        session: &Session,
        name: &'a str,
        ledger: &'a Ledger,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let client = session.client_of(name);
        let client = client.or_say(|| no_platform(name))?;
        Ok(Self {
            reader: client.reader(),
            name,
            ledger,
            now,
        })
    }

    /// Every daily quota of an account that granted these permission sets.
    pub(super) async fn account(
        &self,
        account: &Appid,
        granted: &[u16],
        found: &mut Found,
    ) -> anyhow::Result<()> {
        let daily = |one: &&&Endpoint| {
            let quota = one.quota();
            one.token == TokenKind::Authorizer
                && one.sets.iter().any(|set| granted.contains(set))
                && quota.is_some_and(|quota| quota.period == Period::Day)
        };
        let mut asked = Vec::new();
        for endpoint in endpoint::ALL.iter().filter(daily) {
            let call = quota::get_request(account, endpoint);
            asked.push(self.asked(endpoint, account, call).await?);
        }
        self.ask(account, asked, found).await
    }

    /// What is left of the changes to a mini-program's profile, as WeChat shows them with it.
    pub(super) async fn profile(&self, account: &Appid, found: &mut Found) -> anyhow::Result<()> {
        if found.troubles.contains_key(self.name) {
            return Ok(());
        }
        let changed: [&'static Endpoint; 3] = [&nickname::SET, &avatar::MODIFY, &signature::MODIFY];
        let mut before = Vec::new();
        for endpoint in changed {
            let Some(quota) = endpoint.quota() else {
                continue;
            };
            let demand = Demand::new(account.as_str(), endpoint.counted_as(), quota, self.now);
            before.push((endpoint, quota, self.ledger.snapshot(&demand).await?));
        }
        let answer = self.reader.read(&basic_info::get_request(account)).await;
        let Answer::Done(body) = &answer else {
            found
                .untold
                .push(untold(account, &basic_info::GET, &answer));
            return Ok(());
        };
        let Ok(info) = BasicInfo::deserialize(body) else {
            found
                .untold
                .push(untold(account, &basic_info::GET, &answer));
            return Ok(());
        };
        let counts = [
            info.nickname_info.as_ref().map(NicknameInfo::changes),
            info.head_image_info.as_ref().map(HeadImageInfo::changes),
            info.signature_info.as_ref().map(SignatureInfo::changes),
        ];
        for ((endpoint, quota, snapshot), count) in before.into_iter().zip(counts) {
            let number = |number: i64| u32::try_from(number).ok();
            let Some((used, limit)) =
                count.and_then(|one| Some((number(one.used)?, number(one.quota)?)))
            else {
                continue;
            };
            self.ledger.correct(&snapshot, used, Some(limit)).await?;
            found
                .rows
                .push(self.row(account, endpoint, quota.period, (used, limit)));
        }
        Ok(())
    }

    /// What is left of the platform's audits of code, asked for with the token of one of its mini-programs.
    pub(super) async fn audits(
        &self,
        account: &Appid,
        platform: &Appid,
        found: &mut Found,
    ) -> anyhow::Result<()> {
        if found.troubles.contains_key(self.name) {
            return Ok(());
        }
        let Some(quota) = code::SUBMIT.quota() else {
            return Ok(());
        };
        let name = code::SUBMIT.counted_as();
        let demand = Demand::new(platform.as_str(), name, quota, self.now);
        let before = self.ledger.snapshot(&demand).await?;
        let answer = self.reader.read(&code::quota_request(account)).await;
        let told = match &answer {
            Answer::Done(body) => AuditQuota::deserialize(body).ok(),
            Answer::Refused(_) | Answer::Lost(_) => None,
        };
        let Some(told) = told else {
            found.untold.push(untold(account, &code::QUOTA, &answer));
            return Ok(());
        };
        // 0 of 0 says nothing.
        if let Some(Left { used, limit }) = told.audits() {
            self.ledger.correct(&before, used, Some(limit)).await?;
            found
                .rows
                .push(self.row(platform, &code::SUBMIT, quota.period, (used, limit)));
        }
        Ok(())
    }

    /// Every daily quota of the platform's own calls. Only of some of them it is known that there is one.
    pub(super) async fn platform(&self, platform: &Appid, found: &mut Found) -> anyhow::Result<()> {
        let own = |one: &&&Endpoint| matches!(one.token, TokenKind::Component | TokenKind::None);
        let mut asked = Vec::new();
        for endpoint in endpoint::ALL.iter().filter(own) {
            let call = quota::get_request_of_platform(platform, endpoint);
            asked.push(self.asked(endpoint, platform, call).await?);
        }
        self.ask(platform, asked, found).await
    }

    /// What WeChat says of a quota that is still running: how much is used, and how much there is.
    fn row(
        &self,
        scope: &Appid,
        endpoint: &'static Endpoint,
        period: Period,
        (used, limit): (u32, u32),
    ) -> Row {
        Row {
            scope: scope.to_string(),
            endpoint,
            used,
            reserved: 0,
            limit,
            period,
            ends_at: period.around(self.now).1,
            source: Source::WeChat,
        }
    }

    async fn asked(
        &self,
        endpoint: &'static Endpoint,
        scope: &Appid,
        call: Call,
    ) -> anyhow::Result<Asked> {
        let ours = match endpoint.quota() {
            None => None,
            Some(quota) => {
                let demand = Demand::new(scope.as_str(), endpoint.counted_as(), quota, self.now);
                Some((quota, self.ledger.snapshot(&demand).await?))
            }
        };
        Ok(Asked {
            endpoint,
            call,
            ours,
        })
    }

    /// Asks WeChat. Where wxops counts itself, the ledger is put right. A platform that is kept from WeChat is asked
    /// for no more.
    async fn ask(&self, scope: &Appid, asked: Vec<Asked>, found: &mut Found) -> anyhow::Result<()> {
        if found.troubles.contains_key(self.name) {
            return Ok(());
        }
        let answers = join_all(asked.iter().map(|one| self.reader.read(&one.call))).await;
        if let Some(trouble) = self.reader.met() {
            let platform = self.name.to_owned();
            found
                .troubles
                .insert(platform.clone(), Troubled { platform, trouble });
            return Ok(());
        }
        for (one, answer) in asked.into_iter().zip(answers) {
            let daily = match &answer {
                Answer::Done(body) => quota::read(body).ok(),
                Answer::Refused(_) | Answer::Lost(_) => None,
            };
            let Some(daily) = daily else {
                // Of a call without a known quota WeChat need not know one either.
                if one.ours.is_some() {
                    found.untold.push(untold(scope, one.endpoint, &answer));
                }
                continue;
            };
            let named = (daily.daily_limit > 0).then_some(daily.daily_limit);
            let Some(limit) = named.or(one.ours.as_ref().map(|(quota, _)| quota.limit)) else {
                continue;
            };
            let counted =
                one.endpoint.class != CallClass::Read || one.endpoint.token == TokenKind::None;
            if let (true, Some((_, snapshot))) = (counted, &one.ours) {
                self.ledger.correct(snapshot, daily.used, named).await?;
            }
            let counts = (daily.used, limit);
            found
                .rows
                .push(self.row(scope, one.endpoint, Period::Day, counts));
        }
        Ok(())
    }
}

fn untold(scope: &Appid, endpoint: &Endpoint, answer: &Answer) -> Text {
    let why = Why::of(answer).map(|why| why.text);
    let why = why.unwrap_or_else(|| Text::new("应答无法解析", "the answer cannot be read"));
    Text::new(
        format!("{scope} 的 {endpoint}：{}", why.zh),
        format!("{endpoint} of {scope}: {}", why.en),
    )
}
