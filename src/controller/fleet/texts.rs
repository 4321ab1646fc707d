//! The texts of the revisions in force, each kept once under its digest.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest as _, Sha256};

use crate::manifest::{Excerpt, MAX_FILE_BYTES};
use crate::store::documents::{TextDoc, TextRef};
use crate::store::{Key, Store, StoreError};

/// How a document is found again.
pub(super) fn reference(excerpt: &Excerpt) -> TextRef {
    let digest = Sha256::digest(excerpt.text.as_bytes());
    TextRef {
        digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        path: excerpt.path.clone(),
        line: excerpt.line,
    }
}

/// Keeps a text, once.
pub(super) async fn keep(store: &Store, excerpt: &Excerpt) -> Result<TextRef, StoreError> {
    let reference = reference(excerpt);
    let doc = TextDoc {
        deflated: deflate(&excerpt.text),
    };
    match store.create(&Key::text(&reference.digest), &doc).await {
        Ok(_) => Ok(reference),
        Err(error) if error.is_conflict() => Ok(reference),
        Err(error) => Err(error),
    }
}

/// Finds a text again. `None`: it is not there, or not what it was.
pub(super) async fn find(store: &Store, wanted: &TextRef) -> Result<Option<Excerpt>, StoreError> {
    let stored = store.get::<TextDoc>(&Key::text(&wanted.digest)).await?;
    let Some(text) = stored.and_then(|stored| inflate(&stored.value.deflated)) else {
        return Ok(None);
    };
    let excerpt = Excerpt {
        path: wanted.path.clone(),
        line: wanted.line,
        text,
    };
    Ok((reference(&excerpt).digest == wanted.digest).then_some(excerpt))
}

fn deflate(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // Nothing of this can fail in memory.
    let _ = encoder.write_all(text.as_bytes());
    STANDARD_NO_PAD.encode(encoder.finish().unwrap_or_default())
}

fn inflate(deflated: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(deflated).ok()?;
    let mut text = String::new();
    // A text that was deflated by somebody else may grow without end.
    let most = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    let read = DeflateDecoder::new(bytes.as_slice())
        .take(most)
        .read_to_string(&mut text);
    read.is_ok().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_is_kept_once_and_found_as_it_was() {
        let store = Store::in_memory();
        let excerpt = Excerpt {
            path: "tenants/a.yaml".to_owned(),
            line: 3,
            text: "kind: Tenant\nname: 日出\n".repeat(200),
        };
        let kept = keep(&store, &excerpt).await.unwrap();
        assert_eq!(keep(&store, &excerpt).await.unwrap(), kept);
        assert_eq!(store.list("text/").await.unwrap().len(), 1);
        assert_eq!(find(&store, &kept).await.unwrap(), Some(excerpt));
        let other = TextRef {
            digest: "0".repeat(64),
            ..kept
        };
        assert_eq!(find(&store, &other).await.unwrap(), None);
    }
}
