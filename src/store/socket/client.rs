//! The other processes' end: one question per connection at a time, connections kept for the next.
//!
//! A connection that is dropped in the middle of a question is not used again, so no answer is ever taken for the
//! answer to another question.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::timeout;

use super::protocol::{self, PROTOCOL, Request, Response};

/// Longer than any write takes; a holder that is stopped or hangs counts as lost after it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How many idle connections are kept: as many as a command over many tenants asks at once.
const MAX_IDLE: usize = 32;

/// A client of the process that holds the store.
pub struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<UnixStream>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The question was not asked.
    NotAsked(String),
    /// The question was asked; it may have been done.
    Lost(String),
    /// The holder is another version of wxops, which nothing but a person can change.
    OtherVersion,
}

impl Client {
    /// Connects to a holder, to know that there is one.
    pub async fn connect(socket: &Path) -> Result<Self, NoAnswer> {
        let client = Self {
            socket: socket.to_owned(),
            idle: Mutex::default(),
        };
        let stream = client.greet().await?;
        client.keep(stream);
        Ok(client)
    }

    /// Asks one question.
    pub async fn ask(&self, request: &Request) -> Result<Response, NoAnswer> {
        let mut stream = match self.take() {
            Some(stream) => stream,
            None => self.greet().await?,
        };
        let response = exchange(&mut stream, request).await;
        let response = response.map_err(|error| NoAnswer::Lost(error.to_string()))?;
        self.keep(stream);
        Ok(response)
    }

    async fn greet(&self) -> Result<UnixStream, NoAnswer> {
        let greet = async {
            let mut stream = UnixStream::connect(&self.socket).await?;
            if !is_trusted(&stream)? {
                return Err(io::Error::other("the holder belongs to another user"));
            }
            let hello = Request::Hello { protocol: PROTOCOL };
            let response = exchange(&mut stream, &hello).await?;
            Ok((stream, response))
        };
        match greet.await {
            Ok((stream, Response::Hello { protocol: PROTOCOL })) => Ok(stream),
            Ok(_) => Err(NoAnswer::OtherVersion),
            Err(error) => Err(NoAnswer::NotAsked(error.to_string())),
        }
    }

    fn take(&self) -> Option<UnixStream> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn keep(&self, stream: UnixStream) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(stream);
        }
    }
}

async fn exchange(stream: &mut UnixStream, request: &Request) -> io::Result<Response> {
    let exchange = async {
        protocol::write(stream, request).await?;
        let response = protocol::read(stream).await?;
        response.ok_or_else(|| io::Error::other("the process that holds the store is gone"))
    };
    timeout(ANSWER_TIMEOUT, exchange)
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the process that holds the store hangs")))
}

/// Whether the other end runs as this user, or as root.
pub(super) fn is_trusted(stream: &UnixStream) -> io::Result<bool> {
    let them = stream.peer_cred()?.uid();
    Ok(them == rustix::process::geteuid().as_raw() || them == 0)
}
