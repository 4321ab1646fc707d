//! Fills the holes of a call right before it is armed: uploads are like tokens, obtained when they are needed.
//!
//! An id is kept in `media/<appid>/<endpoint>/<sha256>` for somewhat less than WeChat keeps it. A file is read and hashed
//! again when it is sent: what nobody has looked at since the plan was made is not sent.

use jiff::{SignedDuration, Timestamp};

use super::work::Work;
use super::{StepOutcome, born, files};
use crate::client::Upload;
use crate::plan::Text;
use crate::store::documents::MediaDoc;
use crate::store::{JournalError, Key, StoreError};
use crate::wechat::media::{self, LIVES_SECONDS};
use crate::wechat::{Answer, Call, Fillings, Hole, Secret};

/// So much before WeChat forgets it an id is used no more: a pass may wait for its turn after it looked.
const BEFORE_THE_END: SignedDuration = SignedDuration::from_hours(6);

/// What a hole came to: what fills it, or why the call is not sent.
type Filled<T> = Result<Result<T, StepOutcome>, StoreError>;

/// Fills the holes of a call, from what was uploaded before where that is still known.
pub(super) async fn fill(work: &Work<'_>, call: &Call) -> Filled<Fillings> {
    let mut with = Fillings::new();
    for hole in call.holes() {
        if let Hole::Ticket { scanned_for } = &hole {
            match born::ticket(work, call, scanned_for).await? {
                Ok(ticket) => with.insert(hole, ticket),
                Err(outcome) => return Ok(Err(outcome)),
            };
            continue;
        }
        let id = match kept(work, call, &hole).await? {
            Some(id) => id,
            None => match upload(work, call, &hole).await? {
                Ok(id) => id,
                Err(outcome) => return Ok(Err(outcome)),
            },
        };
        with.insert(hole, id);
    }
    Ok(Ok(with))
}

/// Fills them with new ids: WeChat does not know one of these.
pub(super) async fn fill_anew(
    work: &Work<'_>,
    call: &Call,
    refused: &Fillings,
) -> Result<Result<Fillings, StepOutcome>, JournalError> {
    let store = &work.actor.observer.store;
    for (hole, id) in refused {
        let Some(key) = key(call, hole) else {
            continue;
        };
        let stored = store.get::<MediaDoc>(&key).await?;
        // Another process may have uploaded it meanwhile.
        if let Some(stored) = stored.filter(|stored| stored.value.id.expose() == id.expose()) {
            match store.delete(&key, &stored.version).await {
                Ok(()) => {}
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(fill(work, call).await?)
}

/// Where the id of an upload is kept.
fn key(call: &Call, hole: &Hole) -> Option<Key> {
    match hole {
        Hole::Media { file, by } => Some(Key::media(&call.subject, by.name, file.as_str())),
        Hole::Ticket { .. } => None,
    }
}

async fn kept(work: &Work<'_>, call: &Call, hole: &Hole) -> Result<Option<Secret>, StoreError> {
    let observer = &work.actor.observer;
    let Some(key) = key(call, hole) else {
        return Ok(None);
    };
    let stored = match observer.store.get::<MediaDoc>(&key).await {
        Ok(stored) => stored,
        // It costs one more upload.
        Err(StoreError::Corrupt { .. }) => None,
        Err(error) => return Err(error),
    };
    let now = observer.clock.now();
    let alive = stored.filter(|stored| stored.value.expires_at > now);
    Ok(alive.map(|stored| Secret::new(stored.value.id.expose())))
}

async fn upload(work: &Work<'_>, call: &Call, hole: &Hole) -> Filled<Secret> {
    let (file, by) = match hole {
        Hole::Media { file, by } => (file, *by),
        Hole::Ticket { .. } => {
            return Ok(Err(not_sent(call.endpoint.name, "a ticket is no upload")));
        }
    };
    let file = match files::read(work.desired, file).await {
        Ok(file) => file,
        Err(outcome) => return Ok(Err(outcome)),
    };
    let upload = Upload {
        ending: file.format.ending(),
        kind: file.format.content_type(),
        bytes: &file.bytes,
    };
    let request = media::upload_request(by, &call.subject);
    let body = match work.actor.writer.upload(&request, &upload).await {
        Answer::Done(body) => body,
        Answer::Refused(error) => return Ok(Err(StepOutcome::Refused(error))),
        Answer::Lost(lost) => return Ok(Err(not_sent(by.name, &lost.why))),
    };
    let id = match media::id_of(by, &body) {
        Ok(id) => id,
        Err(error) => return Ok(Err(not_sent(by.name, error.detail()))),
    };
    keep(work, call, hole, &id).await?;
    Ok(Ok(Secret::new(&id)))
}

async fn keep(work: &Work<'_>, call: &Call, hole: &Hole, id: &str) -> Result<(), StoreError> {
    let observer = &work.actor.observer;
    let lives = SignedDuration::from_secs(LIVES_SECONDS) - BEFORE_THE_END;
    let ends = observer.clock.now().checked_add(lives);
    let doc = MediaDoc {
        id: id.into(),
        expires_at: ends.unwrap_or(Timestamp::MAX),
    };
    let Some(key) = key(call, hole) else {
        return Ok(());
    };
    let stored = match observer.store.get::<MediaDoc>(&key).await {
        Ok(stored) => stored,
        Err(StoreError::Corrupt { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let kept = match stored {
        Some(stored) => observer.store.replace(&key, &doc, &stored.version).await,
        None => observer.store.create(&key, &doc).await,
    };
    match kept {
        // Somebody else's is as good.
        Err(error) if !error.is_conflict() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The call was not sent, since a file that it needs is not with WeChat.
fn not_sent(name: &str, why: &str) -> StepOutcome {
    StepOutcome::Held(Text::new(
        format!("未发送：上传文件失败（{name}：{why}）；下次运行会再试"),
        format!(
            "not sent: the file could not be uploaded ({name}: {why}); the next run tries again"
        ),
    ))
}
