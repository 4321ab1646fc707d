//! The bytes of a stored document: a small header, then JSON, plain or sealed.
//!
//! ```text
//!   "wxd" 1 | flags 1 | schema 2 | n 1 | n writer ids of 8 | JSON  or  nonce 24 + sealed JSON
//! ```
//!
//! The header is readable without the key, so that a newer schema and another key are told apart from damage; it is
//! authenticated together with the document's name. Each write has an id of its own, and the last few stay in the
//! document: a writer whose answer was lost reads again and knows whether it was its write, whoever wrote since.

use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::Key;
use super::sealing::Sealing;

const MAGIC: &[u8; 4] = b"wxd\x01";
const SEALED: u8 = 1;
/// How many writes a lost answer may lie back and still be recognised: half a KiB, and more writes than other
/// processes get done while one of them looks for a new holder.
const WRITERS_KEPT: usize = 64;
const WRITER_BYTES: usize = 8;

/// The id of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WriterId([u8; WRITER_BYTES]);

/// What stands before the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// The schema the content was written with.
    pub schema: u16,
    /// The last writes, newest last.
    pub writers: Vec<WriterId>,
}

/// Where a write is in a document's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// It is the last one.
    Last,
    /// Others came after it.
    Earlier,
    /// It was not done.
    Absent,
    /// So much was written since that it cannot be told.
    Unknown,
}

impl WriterId {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }
}

impl Header {
    /// The header of the next write.
    pub(super) fn next(before: Option<&Self>, schema: u16, writer: WriterId) -> Self {
        let mut writers = before
            .map(|before| before.writers.clone())
            .unwrap_or_default();
        writers.push(writer);
        let too_many = writers.len().saturating_sub(WRITERS_KEPT);
        writers.drain(..too_many);
        Self { schema, writers }
    }

    /// Looks for a write that was to follow `before` (nothing, if it was to create the document).
    pub(super) fn trace(&self, writer: WriterId, before: Option<&Self>) -> Trace {
        let all_since_creation = self.writers.len() < WRITERS_KEPT;
        let since_before = before
            .and_then(|before| before.writers.last())
            .is_some_and(|last| self.writers.contains(last));
        if self.writers.last() == Some(&writer) {
            Trace::Last
        } else if self.writers.contains(&writer) {
            Trace::Earlier
        } else if all_since_creation || since_before {
            Trace::Absent
        } else {
            Trace::Unknown
        }
    }

    fn write(&self, sealed: bool) -> Vec<u8> {
        let Self { schema, writers } = self;
        let mut bytes = MAGIC.to_vec();
        bytes.push(if sealed { SEALED } else { 0 });
        bytes.extend(schema.to_be_bytes());
        bytes.push(u8::try_from(writers.len()).unwrap_or(u8::MAX));
        for WriterId(id) in writers.iter().take(usize::from(u8::MAX)) {
            bytes.extend(id);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<(Self, bool, usize)> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (&[flags, high, low, count], rest) = rest.split_first_chunk::<4>()?;
        if flags & !SEALED != 0 {
            return None;
        }
        let (ids, _) = rest.split_at_checked(usize::from(count) * WRITER_BYTES)?;
        let (ids, _) = ids.as_chunks::<WRITER_BYTES>();
        let header = Self {
            schema: u16::from_be_bytes([high, low]),
            writers: ids.iter().map(|id| WriterId(*id)).collect(),
        };
        let length = MAGIC.len() + 4 + ids.len() * WRITER_BYTES;
        Some((header, flags & SEALED != 0, length))
    }
}

/// Makes the bytes of a document.
pub(super) fn wrap(
    key: &Key,
    sealing: &Sealing,
    header: &Header,
    json: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = header.write(sealing.is_encrypted());
    match sealing {
        Sealing::Plain => bytes.extend(json),
        Sealing::Key(secret) => {
            let sealed = secret.seal(&name(key, &bytes), json);
            bytes.extend(sealed.ok_or_else(|| corrupt(key, "it cannot be encrypted"))?);
        }
    }
    Ok(bytes)
}

/// Reads the bytes of a document.
pub(super) fn unwrap(
    key: &Key,
    sealing: &Sealing,
    bytes: &[u8],
) -> Result<(Header, Zeroizing<Vec<u8>>), StoreError> {
    let (header, sealed, length) =
        Header::read(bytes).ok_or_else(|| corrupt(key, "it does not begin as a document does"))?;
    let (head, body) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
    let json = match (sealing, sealed) {
        (Sealing::Plain, false) => Zeroizing::new(body.to_vec()),
        (Sealing::Key(secret), true) => secret
            .open(&name(key, head), body)
            .ok_or_else(|| wrong_key("it was encrypted with another key, or is damaged"))?,
        (Sealing::Plain, true) => return Err(wrong_key("it is encrypted, and no key is given")),
        (Sealing::Key(_), false) => {
            return Err(wrong_key("it is not encrypted, and a key is given"));
        }
    };
    Ok((header, json))
}

fn name(key: &Key, header: &[u8]) -> Vec<u8> {
    [key.as_str().as_bytes(), b"\0", header].concat()
}

fn corrupt(key: &Key, why: &str) -> StoreError {
    StoreError::Corrupt {
        key: key.clone(),
        why: why.to_owned(),
    }
}

fn wrong_key(why: &str) -> StoreError {
    StoreError::WrongKey {
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sealing::SealingKey;
    use super::*;

    fn key() -> Key {
        Key::tenant("sunrise")
    }

    #[test]
    fn what_is_wrapped_unwraps_under_the_same_sealing_only() {
        let sealings = [
            Sealing::Plain,
            Sealing::Key(SealingKey::random()),
            Sealing::Key(SealingKey::random()),
        ];
        let header = Header::next(None, 3, WriterId::random());
        for (i, writes) in sealings.iter().enumerate() {
            let bytes = wrap(&key(), writes, &header, b"{}").unwrap();
            for (j, reads) in sealings.iter().enumerate() {
                match unwrap(&key(), reads, &bytes) {
                    Ok((read, json)) => {
                        assert_eq!(i, j);
                        assert_eq!((read, json.as_slice()), (header.clone(), b"{}".as_slice()));
                    }
                    Err(error) => {
                        assert_ne!(i, j);
                        assert!(matches!(error, StoreError::WrongKey { .. }), "{error}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_sealed_document_is_bound_to_its_name_and_header() {
        let sealing = Sealing::Key(SealingKey::random());
        let header = Header::next(None, 1, WriterId::random());
        let bytes = wrap(&key(), &sealing, &header, b"{}").unwrap();
        assert!(unwrap(&Key::tenant("other"), &sealing, &bytes).is_err());
        for index in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[index] ^= 1;
            assert!(unwrap(&key(), &sealing, &bent).is_err(), "byte {index}");
        }
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(unwrap(&key(), &sealing, cut).is_err(), "length {length}");
        }
    }

    fn history(ids: &[WriterId]) -> Header {
        let mut header = None;
        for id in ids {
            header = Some(Header::next(header.as_ref(), 1, *id));
        }
        header.unwrap()
    }

    #[test]
    fn the_last_writers_are_kept_and_no_more() {
        let ids: Vec<WriterId> = (0..200).map(|_| WriterId::random()).collect();
        assert_eq!(history(&ids).writers, ids[200 - WRITERS_KEPT..]);
    }

    #[test]
    fn a_write_is_called_absent_only_where_the_history_shows_it() {
        let ids: Vec<WriterId> = (0..200).map(|_| WriterId::random()).collect();
        let ours = WriterId::random();
        let before = history(&ids[..10]);
        let done = [&ids[..10], &[ours], &ids[10..]].concat();
        let last_seen = 11 + WRITERS_KEPT;
        for length in 11..200 {
            let (with, without) = (history(&done[..length]), history(&ids[..length]));
            let expected = match length {
                11 => (Trace::Last, Trace::Absent),
                // The write before ours shows one write less long than ours.
                _ if length < last_seen - 1 => (Trace::Earlier, Trace::Absent),
                _ if length < last_seen => (Trace::Earlier, Trace::Unknown),
                _ => (Trace::Unknown, Trace::Unknown),
            };
            let before = Some(&before);
            let found = (with.trace(ours, before), without.trace(ours, before));
            assert_eq!(found, expected, "after {length} writes");
        }
        assert_eq!(history(&ids[..20]).trace(ours, None), Trace::Absent);
        assert_eq!(history(&ids).trace(ours, None), Trace::Unknown);
    }
}
