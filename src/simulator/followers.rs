//! Who follows an account: the users the state names, and any number of others of whom it says only how many they are.

use std::borrow::Cow;

use super::account::{Account, User};

impl Account {
    /// What is known of a user; none: nothing.
    pub(super) fn user(&self, openid: &str) -> Option<Cow<'_, User>> {
        match self.users.get(openid) {
            Some(user) => Some(Cow::Borrowed(user)),
            None => self.is_made_up(openid).then(|| Cow::Owned(User::default())),
        }
    }

    /// How many follow.
    pub(super) fn count_followers(&self) -> usize {
        let named = self.users.values().filter(|user| user.subscribed).count();
        named + usize::try_from(self.followers).unwrap_or(usize::MAX)
    }

    /// The first so many followers behind this openid, and whether they are the last.
    pub(super) fn followers_after(&self, openid: &str, most: usize) -> (Vec<String>, bool) {
        let named = self.users.iter().filter(|(_, user)| user.subscribed);
        let named = named.map(|(named, _)| named.clone());
        let named = named.filter(|named| named.as_str() > openid);
        let made_up = (self.first_behind(openid)..self.followers).map(|one| self.made_up(one));
        let one_more = most.saturating_add(1);
        let mut found: Vec<String> = named.chain(made_up.take(one_more)).collect();
        found.sort_unstable();
        let is_last = found.len() <= most;
        found.truncate(most);
        (found, is_last)
    }

    /// The openid of a follower of whom nothing is said: 28 characters as others have, in the order of their numbers.
    fn made_up(&self, number: u32) -> String {
        let tail: String = self.app_id.chars().skip(2).take(16).collect();
        format!("o{tail:0<16}{number:011}")
    }

    fn is_made_up(&self, openid: &str) -> bool {
        let number = self.first_behind(openid).checked_sub(1);
        number.is_some_and(|number| self.made_up(number) == openid)
    }

    /// The number of the first one behind this openid.
    fn first_behind(&self, openid: &str) -> u32 {
        let (mut low, mut high) = (0, self.followers);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.made_up(middle).as_str() <= openid {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::Kind;
    use super::*;

    #[test]
    fn named_and_other_followers_come_in_one_order() {
        let mut account = Account::new("wx1111111111111111", Kind::OfficialAccount);
        account.followers = 3;
        for openid in ["oA", "o11111111111111110000000000a", "o0"] {
            account.users.insert(openid.to_owned(), User::default());
        }
        let (all, is_last) = account.followers_after("", 6);
        assert!(is_last && all.is_sorted() && all.len() == account.count_followers());
        let mut paged = Vec::new();
        loop {
            let after = paged.last().map_or("", String::as_str);
            let (mut page, is_last) = account.followers_after(after, 2);
            paged.append(&mut page);
            if is_last {
                break;
            }
        }
        assert_eq!(paged, all);
        assert!(all.iter().all(|openid| account.user(openid).is_some()));
        assert!(account.user("o111111111111111100000000003").is_none());
    }
}
