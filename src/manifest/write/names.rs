//! Names for accounts that never had one: the same for the same accounts, whatever order they come in.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::document::is_name;
use crate::wechat::Appid;

/// An account that wants a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The account.
    pub account: Appid,
    /// The name it has already, or was given.
    pub given: Option<String>,
    /// Its WeChat id; may be empty.
    pub alias: String,
    /// What names made of its appid begin with: `oa`, `app`.
    pub prefix: &'static str,
}

/// Gives every account a name of its own, none of them in `taken`: the one given, else its WeChat id where that makes
/// a name, else its prefix (`oa-`) and as much of the appid as tells it from the others.
#[must_use]
pub fn names(accounts: &[Wanted], taken: &BTreeSet<String>) -> BTreeMap<Appid, String> {
    let mut named = BTreeMap::new();
    let mut used = taken.clone();
    for one in accounts {
        if let Some(given) = &one.given {
            used.insert(given.clone());
            named.insert(one.account.clone(), given.clone());
        }
    }
    for candidate in [from_alias, short, long] {
        let mut wish: BTreeMap<String, Vec<&Appid>> = BTreeMap::new();
        for one in accounts
            .iter()
            .filter(|one| !named.contains_key(&one.account))
        {
            if let Some(name) = candidate(one) {
                wish.entry(name).or_default().push(&one.account);
            }
        }
        // Where two want one name neither gets it: which was first must not matter.
        for (name, who) in wish {
            if let ([account], true) = (who.as_slice(), !used.contains(&name)) {
                named.insert((*account).clone(), name.clone());
                used.insert(name);
            }
        }
    }
    // Appids that differ in case only, or names taken on purpose.
    let mut left: Vec<&Wanted> = accounts
        .iter()
        .filter(|one| !named.contains_key(&one.account))
        .collect();
    left.sort_by_key(|one| &one.account);
    for one in left {
        let base = format!(
            "{}-{}",
            one.prefix,
            one.account.as_str().to_ascii_lowercase()
        );
        let name = (2_u64..)
            .map(|n| format!("{base}-{n}"))
            .find(|name| !used.contains(name))
            .unwrap_or(base);
        used.insert(name.clone());
        named.insert(one.account.clone(), name);
    }
    named
}

fn from_alias(one: &Wanted) -> Option<String> {
    name_of_alias(&one.alias)
}

/// The name that a WeChat id makes, if it makes one: WeChat ids know no case, and names no underscore.
#[must_use]
pub fn name_of_alias(alias: &str) -> Option<String> {
    let name = alias.trim().to_ascii_lowercase().replace('_', "-");
    is_name(&name).then_some(name)
}

fn short(one: &Wanted) -> Option<String> {
    let lower = one.account.as_str().to_ascii_lowercase();
    let at = lower.len().checked_sub(8)?;
    lower.get(at..).map(|end| format!("{}-{end}", one.prefix))
}

fn long(one: &Wanted) -> Option<String> {
    let lower = one.account.as_str().to_ascii_lowercase();
    let rest = lower.strip_prefix("wx")?;
    Some(format!("{}-{rest}", one.prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(account: &str, alias: &str) -> Wanted {
        Wanted {
            account: Appid::parse(account).unwrap(),
            given: None,
            alias: alias.to_owned(),
            prefix: "oa",
        }
    }

    fn check(accounts: &[Wanted], taken: &[&str], expected: &[&str]) {
        let taken = taken.iter().map(|name| (*name).to_owned()).collect();
        let named = names(accounts, &taken);
        let got: Vec<&str> = accounts
            .iter()
            .map(|one| named[&one.account].as_str())
            .collect();
        assert_eq!(got, expected);
        let mut turned = accounts.to_vec();
        turned.reverse();
        assert_eq!(names(&turned, &taken), named, "the order matters");
    }

    #[test]
    fn a_wechat_id_that_makes_a_name_is_the_name() {
        check(
            &[
                wanted("wx1111111111111111", "Sunrise_Dance"),
                wanted("wx2222222222222222", "-x"),
                wanted("wx33333333abCdefgh", ""),
            ],
            &[],
            &["sunrise-dance", "oa-22222222", "oa-abcdefgh"],
        );
    }

    #[test]
    fn two_that_want_one_name_both_get_another() {
        check(
            &[
                wanted("wx1111111111111111", "dance"),
                wanted("wx2222222211111111", "DANCE"),
                wanted("wx3333333333333333", "dance2"),
            ],
            &[],
            &["oa-1111111111111111", "oa-2222222211111111", "dance2"],
        );
    }

    #[test]
    fn names_in_use_are_not_given_again() {
        check(
            &[
                wanted("wx1111111111111111", "dance"),
                wanted("wx2222222222222222", "oa-11111111"),
            ],
            &["dance", "oa-11111111", "oa-1111111111111111"],
            &["oa-wx1111111111111111-2", "oa-22222222"],
        );
    }

    #[test]
    fn a_given_name_stays() {
        let mut given = wanted("wx1111111111111111", "dance");
        given.given = Some("sunrise".to_owned());
        check(
            &[given, wanted("wx2222222222222222", "sunrise")],
            &[],
            &["sunrise", "oa-22222222"],
        );
    }
}
