//! Whether a mini-program may have a name: how it is spelled, who has it already, what WeChat keeps back.
//!
//! developers.weixin.qq.com: 第三方平台 / 小程序名称检测 and 设置小程序名称. The same trouble has one code when a name is
//! checked and another when it is set.

use super::signature::is_chinese;
use super::state::{Reserved, ReservedName};
use crate::simulator::account::{Account, Kind};
use crate::simulator::state::State;

/// Fewest places of a name.
const SHORTEST: usize = 4;
/// What a name must not say.
const FORBIDDEN: &str = "小程序";

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum NameTrouble {
    Spelling,
    Banned,
    MiniProgram,
    PlusOfMiniProgram,
    OfficialAccount,
    OfficialAccounts,
    PlusOfOfficialAccount,
    Reserved(Reserved),
}

impl NameTrouble {
    /// `checkwxverifynickname`; none: it only hits a keyword.
    pub(in crate::simulator) fn checked(self) -> Option<i64> {
        Some(match self {
            Self::Spelling => 53010,
            Self::Banned => 53012,
            Self::MiniProgram => 53013,
            Self::PlusOfMiniProgram => 53014,
            Self::OfficialAccount => 53015,
            Self::OfficialAccounts => 53016,
            Self::PlusOfOfficialAccount => 53017,
            Self::Reserved(Reserved::WechatId) => 53018,
            Self::Reserved(Reserved::Principal | Reserved::Infringement) => 53019,
            Self::Reserved(Reserved::TooMany) => 53012,
            Self::Reserved(Reserved::Proof) => return None,
        })
    }

    /// `setnickname`
    pub(in crate::simulator) fn set(self) -> i64 {
        match self {
            Self::Spelling | Self::Banned => 91004,
            Self::Reserved(Reserved::Principal) => 91005,
            Self::Reserved(Reserved::WechatId) => 91006,
            Self::MiniProgram => 91007,
            Self::Reserved(Reserved::Infringement) => 91008,
            Self::Reserved(Reserved::Proof) => 91009,
            Self::Reserved(Reserved::TooMany) => 91013,
            Self::PlusOfMiniProgram => 91014,
            Self::OfficialAccount => 91015,
            Self::OfficialAccounts => 91016,
            Self::PlusOfOfficialAccount => 91017,
        }
    }
}

impl State {
    /// What is wrong with the name for this account, the worst first.
    pub(in crate::simulator) fn name_trouble(
        &self,
        own: &Account,
        name: &str,
    ) -> Option<NameTrouble> {
        if !self.is_spelled_well(name) {
            return Some(NameTrouble::Spelling);
        }
        if self.has_banned_word(name) {
            return Some(NameTrouble::Banned);
        }
        self.held_by_others(own, name)
            .or_else(|| self.reserved(own, name))
    }

    /// 4 to 30 places, of which a Chinese character takes two; both numbers are by report.
    fn is_spelled_well(&self, name: &str) -> bool {
        let chinese = self.switches.chinese_name_width;
        let wide = |letter| if is_chinese(letter) { chinese } else { 1 };
        let places: usize = name.chars().map(wide).sum();
        let fits = (SHORTEST..=self.switches.longest_name).contains(&places);
        fits && !name.contains(FORBIDDEN) && !name.chars().any(char::is_control)
    }

    fn held_by_others(&self, own: &Account, name: &str) -> Option<NameTrouble> {
        let plus = format!("{name}+");
        let others = |kind: Kind, name: &str| -> Vec<&Account> {
            let has = |other: &&Account| other.kind == kind && other.nick_name == name;
            let others = self.accounts.values().filter(has);
            others.filter(|other| other.app_id != own.app_id).collect()
        };
        let stranger = |other: &&Account| other.principal_name != own.principal_name;
        let strangers = |kind, name: &str| others(kind, name).iter().any(stranger);
        if !others(Kind::MiniProgram, name).is_empty() {
            Some(NameTrouble::MiniProgram)
        } else if strangers(Kind::MiniProgram, &plus) {
            Some(NameTrouble::PlusOfMiniProgram)
        } else if others(Kind::OfficialAccount, name).len() > 1 {
            Some(NameTrouble::OfficialAccounts)
        } else if strangers(Kind::OfficialAccount, name) {
            Some(NameTrouble::OfficialAccount)
        } else if strangers(Kind::OfficialAccount, &plus) {
            Some(NameTrouble::PlusOfOfficialAccount)
        } else {
            None
        }
    }

    fn reserved(&self, own: &Account, name: &str) -> Option<NameTrouble> {
        let for_others = |kept: &&ReservedName| {
            let mine = kept.principal.as_ref() == Some(&own.principal_name);
            kept.name == name && !mine
        };
        let kept = self.reserved_names.iter().find(for_others);
        let is_alias = self.accounts.values().any(|other| other.alias == name);
        kept.map(|kept| kept.why)
            .or_else(|| is_alias.then_some(Reserved::WechatId))
            .map(NameTrouble::Reserved)
    }
}
