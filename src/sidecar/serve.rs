//! Accepting and serving connections, of the public port and of the private one. Whoever reaches us may be slow, or say
//! nothing: pushes come through all the same, the store can always open its files, and stopping takes seconds.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::response::Response;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connection::{Connection, Connections, Held, Phase};

/// Connections of the private port at most: a scrape, and a few people and programs.
pub const PRIVATE: usize = 32;
/// File descriptors kept back: the private port's, and 64 for the store, the manifests, connections to WeChat.
const RESERVE: u64 = 64 + PRIVATE as u64;
/// Connections at most, whatever the system allows; each takes some 20 KiB.
const MOST: usize = 4_096;
/// And at least, where it allows next to nothing.
const LEAST: usize = 16;
/// How often it is looked who is too slow.
const GLANCE: Duration = Duration::from_millis(500);
/// How long nothing is accepted where the system refused to.
const PAUSE: Duration = Duration::from_millis(50);

/// Half of what the system allows, but for the reserve: a message that is passed on takes a second one.
pub(super) fn room() -> usize {
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let ours = allowed.saturating_sub(RESERVE) / 2;
    usize::try_from(ours).unwrap_or(MOST).clamp(LEAST, MOST)
}

/// Serves until told to stop; then what was begun is finished, and whoever keeps us waiting is not waited for. At most so
/// many connections are open at once.
pub async fn serve<A, F>(
    listener: TcpListener,
    most: usize,
    answer: A,
    mut stopped: watch::Receiver<bool>,
) where
    A: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let connections = Arc::new(Connections::new(most));
    let mut glances = tokio::time::interval(GLANCE);
    let mut tasks = JoinSet::new();
    loop {
        let stream = tokio::select! {
            stream = accept(&listener, &connections) => stream,
            _ = glances.tick() => {
                connections.end_overdue(false, Instant::now());
                continue;
            }
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        while tasks.try_join_next().is_some() {}
        tasks.spawn(one(
            stream,
            connections.hold(),
            answer.clone(),
            stopped.clone(),
        ));
    }
    drop(listener);
    loop {
        tokio::select! {
            ended = tasks.join_next() => if ended.is_none() { return },
            _ = glances.tick() => connections.end_overdue(true, Instant::now()),
        }
    }
}

/// The next connection.
async fn accept(listener: &TcpListener, connections: &Connections) -> TcpStream {
    let mut is_told = false;
    loop {
        connections.room().await;
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_the_others(&error) => {}
            Err(error) => {
                if !is_told {
                    tracing::error!(%error, "no connection can be accepted; the oldest that waits is closed");
                }
                is_told = true;
                connections.end_oldest();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only the connection that was to be accepted is broken.
fn is_the_others(error: &io::Error) -> bool {
    [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionRefused,
    ]
    .contains(&error.kind())
}

async fn one<A, F>(stream: TcpStream, held: Held, answer: A, mut stopped: watch::Receiver<bool>)
where
    A: Fn(Request<Body>) -> F,
    F: Future<Output = Response>,
{
    let connection = &held.connection;
    let answer = service_fn(|request: Request<Incoming>| {
        let connection = Arc::clone(connection);
        let has_body = !request.body().is_end_stream();
        connection.enter(if has_body {
            Phase::Body
        } else {
            Phase::Working
        });
        let told = Arc::clone(&connection);
        let request = request.map(|body| Body::new(Watched { body, connection }));
        let answered = answer(request);
        async move {
            let response = answered.await;
            told.enter(Phase::Idle);
            Ok::<_, Infallible>(response)
        }
    });
    let heard = Heard {
        stream,
        connection: Arc::clone(connection),
    };
    let mut served = pin!(http1::Builder::new().serve_connection(TokioIo::new(heard), answer));
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = &mut served => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            () = connection.ends() => return,
            _ = stopped.wait_for(|stop| *stop), if !is_stopping => {
                is_stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}

/// A stream of which it is known when something came.
struct Heard {
    stream: TcpStream,
    connection: Arc<Connection>,
}

impl AsyncRead for Heard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.connection.heard();
        }
        polled
    }
}

impl AsyncWrite for Heard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A body of which it is known when it is here.
struct Watched {
    body: Incoming,
    connection: Arc<Connection>,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) {
            self.connection.enter(Phase::Working);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
