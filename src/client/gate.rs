//! Holds back the last byte of a request until everything before it is with the kernel, and looks once more, then,
//! whether the request may leave at all.
//!
//! A server acts on whole requests only. So where the answer is no, or the time is over before it could be asked, the
//! request had no effect, and that is known and not guessed: [`Fate::is_out`]. Between the last look and the write of
//! one byte there is nothing but that write; docs/state.md says what can still happen there.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What ends the head of a request.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Looked at before the last byte; says why the request may not leave.
pub(super) type Look = Box<dyn Fn() -> Result<(), &'static str> + Send>;

/// What became of the last byte.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    is_out: AtomicBool,
    withheld: Mutex<Option<&'static str>>,
}

/// A stream that carries one request: HTTP/1.1, with a body of a length that is known, or without one.
pub(super) struct Gate<S> {
    inner: S,
    /// How much of the request has been taken.
    taken: Taken,
    /// The length of the body.
    body: usize,
    /// The last byte was given to the stream below, which has not passed it on.
    leaving: bool,
    look: Look,
    fate: Fate,
}

#[derive(Debug, Clone, Copy)]
enum Taken {
    /// So many bytes of [`END_OF_HEAD`] were the last ones.
    Head(usize),
    /// So many bytes of the body are left.
    Body(usize),
}

impl Fate {
    /// Whether the server may have got a whole request.
    pub(super) fn is_out(&self) -> bool {
        self.0.is_out.load(Ordering::SeqCst)
    }

    /// Why the last byte was withheld, if it was.
    pub(super) fn withheld(&self) -> Option<&'static str> {
        *self
            .0
            .withheld
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn withhold(&self, why: &'static str) -> io::Error {
        *self
            .0
            .withheld
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(why);
        io::Error::other(why)
    }
}

impl Taken {
    /// What is left of the request, this text included. `None`: its head does not end here.
    fn left(mut self, text: &[u8], body: usize) -> Option<usize> {
        for (n, byte) in text.iter().enumerate() {
            match self {
                Self::Body(left) => return Some(n + left),
                Self::Head(_) => self = self.after(*byte, body),
            }
        }
        match self {
            Self::Body(left) => Some(text.len() + left),
            Self::Head(_) => None,
        }
    }

    fn after(self, byte: u8, body: usize) -> Self {
        match self {
            Self::Body(left) => Self::Body(left.saturating_sub(1)),
            Self::Head(matched) => {
                let matched = if END_OF_HEAD.get(matched) == Some(&byte) {
                    matched + 1
                } else {
                    usize::from(byte == b'\r')
                };
                if matched == END_OF_HEAD.len() {
                    Self::Body(body)
                } else {
                    Self::Head(matched)
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Gate<S> {
    /// A gate before a stream, for one request with a body of this length.
    pub(super) fn before(inner: S, body: usize, look: Look) -> (Self, Fate) {
        let fate = Fate::default();
        let gate = Self {
            inner,
            taken: Taken::Head(0),
            body,
            leaving: false,
            look,
            fate: fate.clone(),
        };
        (gate, fate)
    }

    fn look(&self) -> io::Result<()> {
        (self.look)().map_err(|why| self.fate.withhold(why))
    }

    fn write_some(&mut self, cx: &mut Context<'_>, text: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, text))?;
        for byte in text.iter().take(written) {
            self.taken = self.taken.after(*byte, self.body);
        }
        Poll::Ready(Ok(written))
    }

    fn write_last(&mut self, cx: &mut Context<'_>, last: &[u8]) -> Poll<io::Result<usize>> {
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.look()?;
        match Pin::new(&mut self.inner).poll_write(cx, last) {
            // Nothing was taken: it is looked again before the next try.
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => {
                self.out();
                Poll::Ready(Err(error))
            }
            Poll::Ready(Ok(written)) => {
                self.taken = Taken::Body(0);
                self.leaving = true;
                // Under TLS a byte that was taken may still stand in a buffer of ours.
                match self.pass_on(cx) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(written)),
                }
            }
        }
    }

    /// Passes on what holds the last byte. Until it has gone as a whole the server can make nothing of it.
    fn pass_on(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let passed = ready!(Pin::new(&mut self.inner).poll_flush(cx));
        self.leaving = false;
        self.out();
        Poll::Ready(passed)
    }

    fn out(&self) {
        self.fate.0.is_out.store(true, Ordering::SeqCst);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        text: &[u8],
    ) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        match gate.taken.left(text, gate.body) {
            None => gate.write_some(cx, text),
            Some(0) => Poll::Ready(Err(io::Error::other("more than one request"))),
            Some(1) => gate.write_last(cx, text),
            Some(left) => {
                let before_the_last = text.get(..left - 1).unwrap_or(text);
                gate.write_some(cx, before_the_last)
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        if gate.leaving {
            gate.look()?;
            return gate.pass_on(cx);
        }
        Pin::new(&mut gate.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        if gate.leaving {
            // A farewell of TLS would take the last byte along.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut gate.inner).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buf)
    }
}

impl<S> fmt::Debug for Gate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
