//! Taking over accounts that are hosted already: which there are, and what each of them has. Reads only.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::Timestamp;

use super::look::{PATIENCE, ROUNDS};
use crate::client::Reader;
use crate::plan::Why;
use crate::resource::Seen;
use crate::resource::export::{Export, export, needs_to_export};
use crate::wechat::answer::read_payload;
use crate::wechat::authorizer::{LIST, LIST_ENDS_EARLY, List, list_request};
use crate::wechat::{Answer, Appid};

/// The list is read again when it changed meanwhile; whoever still moves then is caught by the next import.
const LOOKS: usize = 3;

/// A platform has thousands of accounts, not millions; a list that goes on for ever is none.
const PAGES: usize = 2_000;

/// The accounts that authorized a platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authorized {
    /// Each once.
    pub accounts: BTreeSet<Appid>,
    /// Entries whose appid is none.
    pub unreadable: BTreeSet<String>,
    /// How many there are, as WeChat says.
    pub total: u64,
}

/// Reads WeChat's list to its end.
///
/// # Errors
/// [`Why`] where a page could not be read: half a list would leave accounts out without a word.
pub async fn authorized(reader: &Reader, platform: &Appid) -> Result<Authorized, Why> {
    let mut found = Authorized::default();
    for _ in 0..LOOKS {
        let mut look = Look::default();
        while let Some(offset) = look.next() {
            let answer = reader.read(&list_request(platform, offset)).await;
            look.take(page(answer)?, &mut found)?;
        }
        if look.is_whole(&found) {
            break;
        }
    }
    Ok(found)
}

/// Reads everything that can be said of one account.
pub async fn export_account(reader: &Reader, account: &Appid, now: Timestamp) -> Export {
    let reader = reader.within(PATIENCE);
    let mut seen = Seen::new();
    let of = (account, reader.platform());
    for _ in 0..ROUNDS {
        let missing = needs_to_export(of, now, &seen);
        if missing.is_empty() {
            break;
        }
        let answers = join_all(missing.iter().map(|call| reader.read(call))).await;
        seen.extend(missing.into_iter().zip(answers));
    }
    export(of, now, &seen)
}

fn page(answer: Answer) -> Result<List, Why> {
    match answer {
        Answer::Done(body) => {
            read_payload(&LIST, &body).map_err(|error| Why::unreadable(LIST.name, error.detail()))
        }
        Answer::Refused(error) => Err(Why::refused(&error)),
        Answer::Lost(lost) => Err(Why::lost(&lost)),
    }
}

/// One walk through the pages. An account that comes or goes meanwhile shifts the others, so that one is listed twice
/// or not at all: accounts are counted once, and a walk on which the total moved is no whole one.
#[derive(Debug, Default)]
struct Look {
    offset: u64,
    pages: usize,
    total: Option<u64>,
    moved: bool,
    ended: bool,
}

impl Look {
    /// Where the next page begins; none at the end.
    fn next(&self) -> Option<u64> {
        (!self.ended && self.pages < PAGES).then_some(self.offset)
    }

    fn take(&mut self, page: List, found: &mut Authorized) -> Result<(), Why> {
        let unreadable = |what| Why::unreadable(LIST.name, what);
        let total = u64::try_from(page.total_count);
        let total = total.map_err(|_| unreadable("its `total_count` is below 0"))?;
        self.moved |= self.total.is_some_and(|before| before != total);
        self.total = Some(total);
        self.pages += 1;
        self.offset += page.list.len() as u64;
        self.ended = self.offset >= total;
        found.total = total;
        if page.list.is_empty() && !self.ended {
            return Err(unreadable(LIST_ENDS_EARLY));
        }
        for one in page.list {
            match one.authorizer_appid.parse() {
                Ok(appid) => found.accounts.insert(appid),
                Err(_) => found
                    .unreadable
                    .insert(one.authorizer_appid.as_str().to_owned()),
            };
        }
        Ok(())
    }

    fn is_whole(&self, found: &Authorized) -> bool {
        let listed = found.accounts.len() + found.unreadable.len();
        !self.moved && self.total.is_some_and(|total| listed as u64 >= total)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn appid(n: usize) -> String {
        format!("wx{n:016}")
    }

    /// Walks over a list that `between` changes after each page.
    fn walk(
        list: &mut Vec<String>,
        size: usize,
        mut between: impl FnMut(&mut Vec<String>),
    ) -> (Authorized, bool) {
        let (mut look, mut found) = (Look::default(), Authorized::default());
        while let Some(offset) = look.next() {
            let page: Vec<_> = list
                .iter()
                .skip(usize::try_from(offset).unwrap())
                .take(size)
                .map(|appid| json!({"authorizer_appid": appid}))
                .collect();
            let body = json!({"total_count": list.len(), "list": page});
            look.take(page_of(body), &mut found).unwrap();
            between(list);
        }
        let whole = look.is_whole(&found);
        (found, whole)
    }

    fn page_of(body: serde_json::Value) -> List {
        page(Answer::Done(body)).unwrap()
    }

    #[test]
    fn a_list_of_several_pages_is_read_to_its_end() {
        let mut list: Vec<String> = (0..7).map(appid).collect();
        let (found, whole) = walk(&mut list, 3, |_| {});
        assert_eq!((found.accounts.len(), found.total, whole), (7, 7, true));
        let (found, whole) = walk(&mut Vec::new(), 3, |_| {});
        assert_eq!((found.accounts.len(), whole), (0, true));
    }

    #[test]
    fn an_account_that_comes_meanwhile_is_counted_once() {
        let mut list: Vec<String> = (1..7).map(appid).collect();
        let mut came = false;
        let (found, _) = walk(&mut list, 3, |list| {
            if !came {
                came = true;
                list.insert(0, appid(0));
            }
        });
        // The third was pushed onto the second page; the newcomer before it was not seen.
        assert_eq!(found.accounts.len(), 6);
    }

    #[test]
    fn a_list_that_moved_under_the_walk_is_walked_again() {
        let mut list: Vec<String> = (0..7).map(appid).collect();
        let mut left = false;
        let (found, whole) = walk(&mut list, 3, |list| {
            if !left {
                left = true;
                list.remove(0);
            }
        });
        // The fourth moved onto the first page, which had been read.
        assert!(!found.accounts.iter().any(|one| one.as_str() == appid(3)));
        assert!(!whole);
        let (found, whole) = walk(&mut list, 3, |_| {});
        assert_eq!((found.accounts.len(), whole), (6, true));
    }

    #[test]
    fn an_entry_that_is_no_appid_is_counted_and_not_taken() {
        let mut list = vec![appid(1), "gh_1".to_owned()];
        let (found, whole) = walk(&mut list, 500, |_| {});
        assert_eq!(found.accounts.len(), 1);
        assert_eq!(found.unreadable.first().unwrap(), "gh_1");
        assert!(whole);
    }

    #[test]
    fn a_page_that_cannot_be_read_is_no_end() {
        for odd in [
            json!({"errcode": 0}),
            json!({"total_count": 0}),
            json!({"total_count": 1, "list": null}),
            json!({"total_count": 1, "list": [7]}),
            json!({"total_count": 1, "list": [{"refresh_token": "r"}]}),
        ] {
            assert!(page(Answer::Done(odd.clone())).is_err(), "{odd}");
        }
        for odd in [
            json!({"total_count": 33, "list": []}),
            json!({"total_count": -1, "list": []}),
        ] {
            let (mut look, mut found) = (Look::default(), Authorized::default());
            assert!(
                look.take(page_of(odd.clone()), &mut found).is_err(),
                "{odd}"
            );
        }
    }
}
