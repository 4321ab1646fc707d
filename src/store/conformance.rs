//! What every backend must hold. A new backend calls [`run`] and is done when it passes.

use std::sync::Arc;

use super::backend::{Backend, BackendError, Expected, MAX_DOCUMENT_BYTES, Revision};
use super::key::Key;

/// Runs the whole suite against an empty backend.
pub(super) async fn run(backend: Arc<dyn Backend>) {
    a_document_is_read_as_it_was_written(&*backend).await;
}

async fn a_document_is_read_as_it_was_written(backend: &dyn Backend) {
    let key = Key::tenant("read-back");
    assert_eq!(backend.get(&key).await, Ok(None));
    let bytes: Vec<u8> = (0..=255).collect();
    let put = backend.put(&key, bytes.clone(), Expected::Absent).await;
    let revision = put.expect("an absent document is created");
    let document = backend.get(&key).await.expect("reads").expect("is there");
    assert_eq!((document.value, document.revision), (bytes, revision));
    let _ = (
        BackendError::Conflict,
        MAX_DOCUMENT_BYTES,
        Revision::random(),
    );
}
