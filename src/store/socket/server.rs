//! The holder's end: answers other processes' questions from its own backend.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::protocol::{self, PROTOCOL, Request, Response};
use crate::store::backend::{Backend, BackendError, Expected, Revision};
use crate::store::key::Key;

/// How many connections are served at once; more wait.
const MAX_CONNECTIONS: usize = 256;

/// Serves until it is dropped, and removes its socket then.
pub struct Server {
    accepting: JoinHandle<()>,
    socket: PathBuf,
}

impl Server {
    /// Binds `socket`, which whoever holds the store's lock may take from a holder that died.
    pub fn bind(socket: &Path, backend: Arc<dyn Backend>) -> io::Result<Self> {
        match std::fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(socket)?;
        // The folder already keeps others out; this keeps them out if somebody opens the folder.
        let only_us = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(socket, only_us)?;
        Ok(Self {
            accepting: tokio::spawn(accept(listener, backend)),
            socket: socket.to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        if let Err(error) = std::fs::remove_file(&self.socket) {
            tracing::debug!(%error, "the store's socket is gone already");
        }
    }
}

async fn accept(listener: UnixListener, backend: Arc<dyn Backend>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "another process could not be let into the store");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let backend = Arc::clone(&backend);
        connections.spawn(async move {
            if let Err(error) = serve(stream, &*backend).await {
                tracing::debug!(%error, "a process that used the store is gone");
            }
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: UnixStream, backend: &dyn Backend) -> io::Result<()> {
    if !super::client::is_trusted(&stream)? {
        return Err(io::Error::other("it belongs to another user"));
    }
    while let Some(request) = protocol::read(&mut stream).await? {
        let response = answer(request, backend).await;
        protocol::write(&mut stream, &response).await?;
    }
    Ok(())
}

/// Answers one question.
pub async fn answer(request: Request, backend: &dyn Backend) -> Response {
    let answered = match request {
        Request::Hello { protocol: _ } => Ok(Response::Hello { protocol: PROTOCOL }),
        Request::Get { key } => get(&key, backend).await,
        Request::Put {
            key,
            value,
            expected,
        } => put(&key, value.0, expected, backend).await,
        Request::Delete { key, revision } => delete(&key, revision, backend).await,
        Request::List { prefix, after } => list(&prefix, after.as_deref(), backend).await,
    };
    answered.unwrap_or_else(Response::from_error)
}

async fn get(key: &str, backend: &dyn Backend) -> Result<Response, BackendError> {
    let document = backend.get(&parse(key)?).await?;
    Ok(Response::from_document(document))
}

async fn put(
    key: &str,
    value: Vec<u8>,
    expected: Option<String>,
    backend: &dyn Backend,
) -> Result<Response, BackendError> {
    let expected = match expected {
        Some(revision) => Expected::At(Revision::new(revision)),
        None => Expected::Absent,
    };
    let revision = backend.put(&parse(key)?, value, expected).await?;
    Ok(Response::from_revision(&revision))
}

async fn delete(
    key: &str,
    revision: String,
    backend: &dyn Backend,
) -> Result<Response, BackendError> {
    let revision = Revision::new(revision);
    backend.delete(&parse(key)?, revision).await?;
    Ok(Response::Deleted)
}

async fn list(
    prefix: &str,
    after: Option<&str>,
    backend: &dyn Backend,
) -> Result<Response, BackendError> {
    let after = after.map(parse).transpose()?;
    let page = backend.list(prefix, after.as_ref()).await?;
    Ok(Response::from_page(page))
}

fn parse(key: &str) -> Result<Key, BackendError> {
    Key::parse(key).map_err(|error| BackendError::Unavailable(error.to_string()))
}
