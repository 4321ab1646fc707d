//! Authorization codes as they are kept: stored before they are spent, open until they are settled or dead.

use jiff::{SignedDuration, Timestamp};

use super::Addressee;
use crate::client::handle::Client;
use crate::store::documents::CodeDoc;
use crate::store::{Key, StoreError, Version};
use crate::wechat::Appid;
use crate::wechat::secret::Secret;

/// How long an authorization code works, where nobody says.
const CODE_LIFE: SignedDuration = SignedDuration::from_secs(600);
/// Codes live for minutes, whatever a push says in seconds or in years.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// A code's document is kept this long after its death, so that a late copy of its push finds it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// A spent code whose account is known can still be made good: WeChat tells the account's tokens without it.
const WORTH_ASKING: SignedDuration = SignedDuration::from_hours(1);

impl CodeDoc {
    /// Until when something may still come of it; nothing where it is settled.
    fn open_until(&self) -> Option<Timestamp> {
        let until = if self.exchanged {
            // The account has authorized us; only whose it becomes is not decided.
            self.tenant.as_ref()?;
            self.expires_at + KEPT
        } else if self.over || (self.spent && self.account.is_none()) {
            return None;
        } else if self.account.is_some() {
            self.expires_at + WORTH_ASKING
        } else {
            self.expires_at
        };
        Some(until)
    }

    /// Whether WeChat would refuse it.
    pub(super) fn is_dead(&self, now: Timestamp) -> bool {
        self.spent || self.expires_at <= now
    }
}

impl Client {
    /// Stores an authorization code, durably, before it is exchanged. A push also says for which account it is.
    ///
    /// # Errors
    /// [`StoreError`]: then the push that brought it must not be acknowledged.
    pub async fn keep_code(
        &self,
        code: &Secret,
        account: Option<&Appid>,
        expires_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.keep(code, account, expires_at, None).await
    }

    /// Stores a code that came back by a link: once it is exchanged, the account becomes whose link it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_code_for(&self, code: &Secret, to: &Addressee) -> Result<(), StoreError> {
        self.keep(code, None, None, Some(&to.to_string())).await
    }

    async fn keep(
        &self,
        code: &Secret,
        account: Option<&Appid>,
        expires_at: Option<Timestamp>,
        tenant: Option<&str>,
    ) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let lives = |at: &Timestamp| *at > now && *at <= now + LONGEST_LIFE;
        let key = Key::code(&self.platform().appid, code.expose());
        let doc = CodeDoc {
            platform: self.platform().appid.clone(),
            account: account.cloned(),
            code: code.expose().into(),
            received_at: now,
            // Also where WeChat's clock and ours are not of one mind: a code is worth its ten minutes.
            expires_at: expires_at.filter(lives).unwrap_or(now + CODE_LIFE),
            exchanged: false,
            tenant: tenant.map(str::to_owned),
            spent: false,
            over: false,
        };
        match self.core.store.create(&key, &doc).await {
            Err(error) if error.is_conflict() => {}
            other => return other.map(drop),
        }
        // It came before: browser and push both bring it, in any order, and WeChat may push twice.
        self.core
            .store
            .amend::<CodeDoc, ()>(&key, |held| {
                if held.account.is_none() && account.is_some() {
                    held.account = account.cloned();
                    held.over = false;
                }
                if let Some(tenant) = tenant {
                    held.tenant = Some(tenant.to_owned());
                }
            })
            .await
            .map(drop)
    }

    /// The codes of which something may still come, and forgets those long dead.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_codes(&self) -> Result<Vec<Secret>, StoreError> {
        let now = self.core.clock.now();
        let prefix = format!("code/{}/", self.platform().appid);
        let mut open = Vec::new();
        for key in self.core.store.list(&prefix).await? {
            let Some(stored) = self.core.store.get::<CodeDoc>(&key).await? else {
                continue;
            };
            let doc = stored.value;
            if now.duration_since(doc.expires_at) > KEPT {
                self.forget(&key, &stored.version).await?;
            } else if doc.open_until().is_some_and(|until| until > now) {
                open.push(Secret::new(doc.code.expose()));
            }
        }
        Ok(open)
    }

    /// Whether something may still come of a code; nothing where it is not stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code_is_open(&self, code: &Secret) -> Result<Option<bool>, StoreError> {
        let key = Key::code(&self.platform().appid, code.expose());
        let now = self.core.clock.now();
        let doc = self.code(&key).await?;
        Ok(doc.map(|doc| doc.open_until().is_some_and(|until| until > now)))
    }

    /// Whose the account behind a code becomes, if that is not decided yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn addressee_of_code(&self, code: &Secret) -> Result<Option<Addressee>, StoreError> {
        let key = Key::code(&self.platform().appid, code.expose());
        let to = self.code(&key).await?.and_then(|doc| doc.tenant);
        Ok(to.map(|to| {
            let Ok(to) = to.parse();
            to
        }))
    }

    /// Notes that it is decided whether the account became theirs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code_decided(&self, code: &Secret, to: &Addressee) -> Result<(), StoreError> {
        let key = Key::code(&self.platform().appid, code.expose());
        let to = to.to_string();
        self.core
            .store
            .amend::<CodeDoc, ()>(&key, |doc| {
                doc.tenant = doc.tenant.take().filter(|held| *held != to);
            })
            .await
            .map(drop)
    }

    pub(super) async fn code(&self, key: &Key) -> Result<Option<CodeDoc>, StoreError> {
        let stored = self.core.store.get::<CodeDoc>(key).await?;
        Ok(stored.map(|stored| stored.value))
    }

    pub(super) async fn settle_code(
        &self,
        key: &Key,
        settle: impl Fn(&mut CodeDoc) + Send + Sync,
    ) -> Result<(), StoreError> {
        self.core
            .store
            .amend::<CodeDoc, ()>(key, settle)
            .await
            .map(drop)
    }

    async fn forget(&self, key: &Key, version: &Version) -> Result<(), StoreError> {
        match self.core.store.delete(key, version).await {
            Err(error) if !error.is_conflict() => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc() -> CodeDoc {
        CodeDoc {
            platform: Appid::parse("wx00000000000000aa").unwrap(),
            account: None,
            code: "c".into(),
            received_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH + CODE_LIFE,
            exchanged: false,
            tenant: None,
            spent: false,
            over: false,
        }
    }

    #[test]
    fn a_code_is_open_until_it_is_settled_or_nothing_can_come_of_it() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let after = |by| Some(Timestamp::UNIX_EPOCH + CODE_LIFE + by);
        let fresh = doc();
        assert_eq!(fresh.open_until(), after(SignedDuration::ZERO));
        let spent = CodeDoc {
            spent: true,
            ..doc()
        };
        assert_eq!(spent.open_until(), None, "nobody knows for which account");
        let named = CodeDoc {
            account: Some(account),
            ..spent
        };
        assert_eq!(named.open_until(), after(WORTH_ASKING));
        let over = CodeDoc {
            over: true,
            ..named.clone()
        };
        assert_eq!(over.open_until(), None);
        let exchanged = CodeDoc {
            exchanged: true,
            ..named
        };
        assert_eq!(exchanged.open_until(), None);
        let undecided = CodeDoc {
            tenant: Some("t".to_owned()),
            ..exchanged
        };
        assert_eq!(undecided.open_until(), after(KEPT));
    }

    #[test]
    fn a_document_of_an_older_wxops_is_open() {
        let old = r#"{"platform": "wx00000000000000aa", "code": "c", "received_at": "1970-01-01T00:00:00Z",
            "expires_at": "1970-01-01T00:10:00Z"}"#;
        let read: CodeDoc = serde_json::from_str(old).unwrap();
        assert_eq!(read, doc());
    }
}
