//! `wxa/submit_audit`: the trial version is handed in to be reviewed, as it is now.
//!
//! developers.weixin.qq.com: 第三方平台 / 提交代码审核. In which order WeChat finds things wrong no page says.

use serde_json::{Value, json};

use super::detection;
use super::online::online_since;
use super::state::{CodeAudit, CodeVersion};
use super::trial::trial;
use super::{extras, items};
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::code_templates::CodeFlaw;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::own;
use crate::simulator::miniprogram::{Audit, AuditOutcome, Reviewed};
use crate::simulator::quota;
use crate::simulator::state::State;

/// `registered_country` of the mainland.
const CHINA: i64 = 1017;
/// Why a reviewer refuses who is abroad.
const NO_REGION: &str = "境外主体小程序需要补充用户隐私保护指引中的存储地区";

/// `wxa/submit_audit`
pub(in crate::simulator) fn submit(call: &mut Call<'_>) -> Outcome {
    check_account(call)?;
    let version = trial(call).map_err(|_| Refusal(85086))?.clone();
    check_flaws(&version)?;
    items::check(call, &version)?;
    extras::check(call)?;
    check_privacy(call, &version)?;
    let month = quota::rolling_month(call.now, &call.state.switches);
    let platform = call.state.platforms.get_mut(&call.platform);
    let platform = platform.ok_or(Refusal(40013))?;
    if !platform.audit_quota.take(&month) {
        return refuse(85085);
    }
    let (account, sent) = (call.account.clone(), call.body.clone());
    let audit = CodeAudit {
        version,
        sent,
        ..CodeAudit::default()
    };
    let audit_id = call.state.hand_code_in(&account, audit, call.now);
    call.effect = true;
    let mut answer = ok();
    answer.insert("auditid".to_owned(), json!(audit_id));
    Ok(answer)
}

impl State {
    /// Hands code in with the privacy guide as it is, and answers the audit's id. Who is abroad and does not say where
    /// users' information is kept will be refused.
    pub(super) fn hand_code_in(
        &mut self,
        account: &str,
        audit: CodeAudit,
        now: jiff::Timestamp,
    ) -> u64 {
        let (mut guide, mut abroad) = (None, false);
        if let Some(account) = self.accounts.get_mut(account) {
            account.mini_program.code_under_review = true;
            guide.clone_from(&account.mini_program.privacy.development);
            abroad = account.basic_info.registered_country != CHINA;
        }
        let region = guide
            .as_ref()
            .and_then(|guide| guide.owner_setting.store_region);
        let of = Reviewed::Code(Box::new(CodeAudit { guide, ..audit }));
        let audit_id = self.hand_in(account, of, now);
        let nowhere = abroad && region.is_none();
        if let Some(audit) = self.audits.get_mut(&audit_id).filter(|_| nowhere) {
            audit.outcome = AuditOutcome::Refused;
            audit.reason = NO_REGION.to_owned();
        }
        audit_id
    }
}

/// What has to be so before anybody looks at what was sent.
fn check_account(call: &Call<'_>) -> Result<(), Refusal> {
    let account = own(call)?;
    let (app, now) = (&account.mini_program, call.now);
    if app.code.trial.is_none() {
        return refuse(85086);
    }
    if app.code.is_committing(now) {
        return refuse(9_402_202);
    }
    if app.code.is_detecting(now) {
        return refuse(61039);
    }
    if call.state.is_code_under_review(&call.account) || is_too_early(call) {
        return refuse(85009);
    }
    if !has_profile(account) {
        return refuse(86002);
    }
    let mut categories = app.categories.iter();
    if !categories.any(|one| one.has_passed()) {
        return refuse(85008);
    }
    if app.code.submission_forbidden {
        return refuse(86007);
    }
    let platform = call.state.platforms.get(&call.platform);
    let released = online_since(app);
    match platform.and_then(|one| one.submissions.refusal(released)) {
        Some(code) => refuse(code),
        None => Ok(()),
    }
}

/// Name, avatar and introduction: without them a mini-program has not been set up.
pub(super) fn has_profile(account: &Account) -> bool {
    let picture = account.head_img.as_deref().unwrap_or_default();
    let parts = [&account.nick_name, picture, &account.signature];
    parts.into_iter().all(|part| !part.is_empty())
}

/// By report a review that was taken back, and a release, go on for a while as if they were not over.
fn is_too_early(call: &Call<'_>) -> bool {
    let lasts = i64::from(call.state.switches.submit_blocked_seconds);
    let ended = [
        call.state
            .latest_code_audit(&call.account)
            .filter(|(_, code)| code.withdrawn)
            .and_then(|(audit, _)| audit.settled_at),
        own(call)
            .ok()
            .and_then(|account| account.mini_program.code.online.as_ref())
            .map(|online| online.released_at),
    ];
    let mut ended = ended.into_iter().flatten();
    ended.any(|at| call.now.as_second() - at.as_second() < lasts)
}

fn check_flaws(version: &CodeVersion) -> Result<(), Refusal> {
    const FLAWS: [(CodeFlaw, i64); 3] = [
        (CodeFlaw::Game, 87006),
        (CodeFlaw::LiveBroadcast, 9_400_001),
        (CodeFlaw::UndeclaredJumps, 85087),
    ];
    match FLAWS.iter().find(|(flaw, _)| version.code.has(*flaw)) {
        Some((_, code)) => refuse(*code),
        None => Ok(()),
    }
}

/// What the code uses is declared, granted and explained, or said not to be used.
fn check_privacy(call: &Call<'_>, version: &CodeVersion) -> Result<(), Refusal> {
    if call.body.get("privacy_api_not_use") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    let account = own(call)?;
    if !detection::look(call.state, account, version).is_nothing() {
        return refuse(61040);
    }
    let unexplained = call.state.switches.privacy_guide_missing;
    let guide = account.mini_program.privacy.development.as_ref();
    let explains = |key: &String| guide.is_some_and(|guide| guide.explains(key));
    match version.code.privacy_keys.iter().all(explains) {
        false if unexplained != 0 => refuse(unexplained),
        true | false => Ok(()),
    }
}

impl State {
    /// The reviews of a mini-program's code, newest first.
    pub(super) fn code_audits(&self, account: &str) -> impl Iterator<Item = (&Audit, &CodeAudit)> {
        let account = account.to_owned();
        let audits = self.audits.values().rev();
        audits
            .filter(move |audit| audit.account == account)
            .filter_map(|audit| Some((audit, audit.code()?)))
    }

    pub(super) fn latest_code_audit(&self, account: &str) -> Option<(&Audit, &CodeAudit)> {
        self.code_audits(account).next()
    }

    /// Whether a review of code is under way.
    pub(super) fn is_code_under_review(&self, account: &str) -> bool {
        let latest = self.latest_code_audit(account);
        latest.is_some_and(|(audit, _)| audit.is_running())
    }
}
