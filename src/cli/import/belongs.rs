//! Which official account a mini-program belongs with, as far as WeChat shows it. Several that may be it are none.

use crate::plan::{Observation, Text};
use crate::resource::export::Exported;
use crate::wechat::Appid;
use crate::wechat::text::plain_entity;

/// The principal that WeChat shows of every account that belongs to a person.
const A_PERSON: &str = "个人";

/// Why a mini-program is put with an official account, or into a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Because {
    /// The store has it as this tenant's.
    Claimed,
    /// The mapping or `--tenant-of` says so.
    Said,
    /// Both are in one open account.
    OpenAccount(Appid),
    /// They are linked, and of one principal.
    Linked,
    /// It is the only official account of the same principal.
    Principal,
}

/// Where a mini-program belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Belongs {
    /// With this official account.
    With(Appid, Because),
    /// With one of these; nothing says with which.
    OneOf(Vec<Appid>),
    /// With none that is known.
    Nowhere,
}

impl Because {
    /// For programs.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Said => "said",
            Self::OpenAccount(_) => "openAccount",
            Self::Linked => "linked",
            Self::Principal => "principal",
        }
    }

    /// Whether nobody but WeChat says so.
    pub(super) fn is_shown(&self) -> bool {
        match self {
            Self::Claimed | Self::Said => false,
            Self::OpenAccount(_) | Self::Linked | Self::Principal => true,
        }
    }

    /// For people.
    pub(super) fn text(&self) -> Text {
        match self {
            Self::Claimed => Text::new("该租户已有的小程序", "the tenant's already"),
            Self::Said => Text::new(
                "按 --mapping 或 --tenant-of 归入",
                "put here by the mapping or --tenant-of",
            ),
            Self::OpenAccount(open) => Text::new(
                format!("归入原因：与公众号在同一开放平台账号 {open} 下"),
                format!("put here since it is in the official account's open account {open}"),
            ),
            Self::Linked => Text::new(
                "归入原因：主体相同，且已与公众号关联",
                "put here since it is linked to the official account, of the same principal",
            ),
            Self::Principal => Text::new(
                "归入原因：主体相同，且该主体只有这一个公众号",
                "put here since this is the only official account of the same principal",
            ),
        }
    }
}

/// Where a mini-program belongs among these official accounts. A tenant has one principal, so an account of another one
/// is never its own; and whoever put two accounts into different open accounts keeps their users apart.
pub(super) fn belongs(app: &Exported, officials: &[Exported]) -> Belongs {
    let same = |one: &&Exported| plain_entity(&one.principal) == plain_entity(&app.principal);
    let apart = |one: &&Exported| match (&one.open_account, &app.open_account) {
        (Observation::Present(one), Observation::Present(other)) => one != other,
        (Observation::Present(_) | Observation::Absent | Observation::Unknown(_), _) => false,
    };
    let all: Vec<&Exported> = officials
        .iter()
        .filter(|one| same(one) && !apart(one))
        .collect();
    let of = |tells: &dyn Fn(&Exported) -> bool| -> Vec<&Exported> {
        all.iter().copied().filter(|one| tells(one)).collect()
    };
    let in_one = of(&|one| {
        matches!((&one.open_account, &app.open_account),
            (Observation::Present(one), Observation::Present(other)) if one == other)
    });
    let linked = of(&|one| one.linked.contains(&app.account));
    if let (false, Observation::Present(open)) = (in_one.is_empty(), &app.open_account) {
        let both: Vec<&Exported> = in_one
            .iter()
            .copied()
            .filter(|one| one.linked.contains(&app.account))
            .collect();
        let narrowed = if both.len() == 1 { both } else { in_one };
        return one_of(&narrowed, Because::OpenAccount(open.clone()));
    }
    if !linked.is_empty() {
        return one_of(&linked, Because::Linked);
    }
    if is_nobodys(&plain_entity(&app.principal)) {
        return Belongs::Nowhere;
    }
    one_of(&all, Because::Principal)
}

/// Whether a principal tells two accounts apart from none.
pub(super) fn is_nobodys(principal: &str) -> bool {
    principal.is_empty() || principal == A_PERSON
}

fn one_of(found: &[&Exported], because: Because) -> Belongs {
    match found {
        [] => Belongs::Nowhere,
        [one] => Belongs::With(one.account.clone(), because),
        several => Belongs::OneOf(several.iter().map(|one| one.account.clone()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::Why;
    use crate::resource::TenantSpec;
    use crate::resource::export::Is;
    use crate::resource::spec::AccountKind;

    fn appid(n: u64) -> Appid {
        Appid::parse(&format!("wx{n:016}")).unwrap()
    }

    /// An account: its number, principal, open account (0: in none), and what it is linked to.
    fn account(n: u64, principal: &str, open: u64, linked: &[u64]) -> Exported {
        Exported {
            account: appid(n),
            nick_name: String::new(),
            alias: String::new(),
            is: if n >= 10 {
                Is::MiniProgram
            } else {
                Is::Official(AccountKind::Service)
            },
            principal: principal.to_owned(),
            open_account: match open {
                0 => Observation::Absent,
                open => Observation::Present(appid(open)),
            },
            linked: linked.iter().map(|n| appid(*n)).collect::<BTreeSet<_>>(),
            spec: TenantSpec::default(),
            left_out: Vec::new(),
        }
    }

    fn with(n: u64, because: Because) -> Belongs {
        Belongs::With(appid(n), because)
    }

    #[test]
    fn the_open_account_says_more_than_a_link_and_that_more_than_the_principal() {
        let officials = [
            account(1, "日出", 90, &[]),
            account(2, "日出", 91, &[10, 11]),
            account(3, "月光(杭州)", 0, &[]),
        ];
        let find = |app: Exported| belongs(&app, &officials);
        let open = Because::OpenAccount(appid(90));
        assert_eq!(find(account(10, "日出", 90, &[])), with(1, open));
        assert_eq!(find(account(10, "日出", 0, &[])), with(2, Because::Linked));
        assert_eq!(
            find(account(12, "日出", 0, &[])),
            Belongs::OneOf(vec![appid(1), appid(2)])
        );
        assert_eq!(
            find(account(12, "月光（杭州）", 0, &[])),
            with(3, Because::Principal)
        );
        assert_eq!(find(account(12, "星空", 0, &[])), Belongs::Nowhere);
    }

    #[test]
    fn nothing_of_another_principal_or_in_another_open_account_belongs() {
        let officials = [
            account(1, "日出", 90, &[10]),
            account(2, "个人", 0, &[]),
            account(3, "", 0, &[]),
        ];
        let find = |app: Exported| belongs(&app, &officials);
        assert_eq!(find(account(10, "月光", 90, &[])), Belongs::Nowhere);
        assert_eq!(find(account(10, "日出", 91, &[])), Belongs::Nowhere);
        // Every person's account has this principal, and one that is not said is nobody's.
        assert_eq!(find(account(10, "个人", 0, &[])), Belongs::Nowhere);
        assert_eq!(find(account(10, "", 0, &[])), Belongs::Nowhere);
        let mut unread = account(10, "日出", 0, &[]);
        unread.open_account = Observation::Unknown(Why::not_asked("open/get"));
        assert_eq!(find(unread), with(1, Because::Linked));
    }

    #[test]
    fn of_two_in_one_open_account_the_one_that_is_linked_is_it() {
        let open = Because::OpenAccount(appid(90));
        let officials = [account(1, "日出", 90, &[]), account(2, "日出", 90, &[10])];
        let find = |app: Exported| belongs(&app, &officials);
        assert_eq!(find(account(10, "日出", 90, &[])), with(2, open));
        assert_eq!(
            find(account(11, "日出", 90, &[])),
            Belongs::OneOf(vec![appid(1), appid(2)])
        );
    }
}
