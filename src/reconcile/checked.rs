//! Reads whose answers are kept. Whether an account may have a name WeChat limits, so it is asked once and remembered; a
//! confirm file is served from the store. Whoever looks at the answers sees an answer like any other.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize as _;

use super::Observer;
use crate::client::Reader;
use crate::store::documents::{CheckedAnswer, CheckedDoc, ConfirmDoc};
use crate::store::{Key, Store, StoreError};
use crate::wechat::domain::{self, ConfirmFile};
use crate::wechat::{Answer, Appid, Call, ErrorClass, Lost, nickname, platform_domain};

/// So long the same is not asked again, whatever was said: a name that is taken may be free tomorrow.
const LIVES: SignedDuration = SignedDuration::from_hours(24);

/// Makes a read, unless its answer is remembered.
pub(super) async fn read(observer: &Observer, reader: &Reader, call: &Call) -> Answer {
    let confirms = [&domain::CONFIRM_FILE, &platform_domain::CONFIRM_FILE];
    if confirms.contains(&call.endpoint) {
        return confirm_file(observer, reader, call).await;
    }
    let name = nickname::named(call).filter(|_| call.endpoint == &nickname::CHECK);
    let Some(name) = name else {
        return reader.read(call).await;
    };
    let key = Key::checked(&call.subject, "nickname", &name);
    match remembered(observer, &key, &name).await {
        Ok(Some(CheckedAnswer::Done(body))) => return Answer::Done(body),
        Ok(Some(CheckedAnswer::Refused(error))) => return Answer::Refused(error),
        Ok(None) => {}
        // It may have been asked before, so it is not asked.
        Err(error) => {
            return Answer::Lost(Lost {
                endpoint: call.endpoint.name.to_owned(),
                why: error.to_string(),
                sent: false,
                answered: false,
            });
        }
    }
    let answer = reader.read(call).await;
    let said = match &answer {
        Answer::Done(body) => CheckedAnswer::Done(body.clone()),
        Answer::Refused(error) if error.class == ErrorClass::Invalid => {
            CheckedAnswer::Refused(error.clone())
        }
        // Nothing was said of the name.
        Answer::Refused(_) | Answer::Lost(_) => return answer,
    };
    let at = observer.clock.now();
    let doc = CheckedDoc {
        name,
        at,
        expires_at: at.checked_add(LIVES).unwrap_or(Timestamp::MAX),
        answer: said,
    };
    if let Err(error) = keep(observer, &key, &doc).await {
        tracing::warn!(%error, "what WeChat said of a name could not be stored, so it is asked again");
    }
    answer
}

/// Asks for a confirm file, and keeps it: whoever looks for it next, WeChat or we, finds it served by then.
async fn confirm_file(observer: &Observer, reader: &Reader, call: &Call) -> Answer {
    let answer = reader.read(call).await;
    if let Answer::Done(body) = &answer
        && let Ok(file) = ConfirmFile::deserialize(body)
        && file.is_sound()
        && let Err(error) = keep_file(&observer.store, &call.subject, &file).await
    {
        tracing::warn!(%error, "a confirm file could not be stored, so it is not served");
    }
    answer
}

/// Keeps a confirm file of an account's, so that it is served.
///
/// # Errors
/// The store cannot be used.
pub async fn keep_file(
    store: &Store,
    account: &Appid,
    file: &ConfirmFile,
) -> Result<(), StoreError> {
    let key = Key::confirm(&file.file_name);
    let doc = ConfirmDoc {
        account: account.clone(),
        content: file.file_content.clone(),
    };
    let kept = match store.get::<ConfirmDoc>(&key).await? {
        Some(stored) if stored.value == doc => return Ok(()),
        Some(stored) => store.replace(&key, &doc, &stored.version).await,
        None => store.create(&key, &doc).await,
    };
    match kept {
        // Somebody else's is as good.
        Err(error) if !error.is_conflict() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn remembered(
    observer: &Observer,
    key: &Key,
    name: &str,
) -> Result<Option<CheckedAnswer>, StoreError> {
    let stored = match observer.store.get::<CheckedDoc>(key).await {
        Ok(stored) => stored.map(|stored| stored.value),
        // It costs one more question.
        Err(StoreError::Corrupt { .. }) => None,
        Err(error) => return Err(error),
    };
    let now = observer.clock.now();
    // One that was asked in the future was asked by a clock that was wrong.
    let counts = |doc: &CheckedDoc| doc.name == name && doc.at <= now && now < doc.expires_at;
    Ok(stored.filter(counts).map(|doc| doc.answer))
}

async fn keep(observer: &Observer, key: &Key, doc: &CheckedDoc) -> Result<(), StoreError> {
    let store = &observer.store;
    let stored = match store.get::<CheckedDoc>(key).await {
        Ok(stored) => stored,
        Err(StoreError::Corrupt { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let kept = match stored {
        Some(stored) => store.replace(key, doc, &stored.version).await,
        None => store.create(key, doc).await,
    };
    match kept {
        // Somebody else's is as good.
        Err(error) if !error.is_conflict() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
