//! Whatever pieces a request comes in, and however slowly it is taken, its last byte goes alone and after the look.

use std::sync::Mutex;
use std::task::Waker;

use proptest::prelude::*;

use super::*;

/// A stream that takes so many bytes at a time, then says "not now"; what it took is passed on when it is flushed,
/// which it puts off as well.
struct Slow {
    /// What was passed on, shared with the test.
    out: Arc<Mutex<Vec<u8>>>,
    taken: Vec<u8>,
    /// For each call in turn: how much it takes; 0 is "not now".
    pace: Vec<usize>,
    calls: usize,
}

impl Slow {
    fn pace(&mut self) -> usize {
        let pace = self.pace.get(self.calls).copied().unwrap_or(usize::MAX);
        self.calls += 1;
        pace
    }
}

impl AsyncWrite for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        text: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.pace() {
            0 => Poll::Pending,
            n => {
                let n = n.min(text.len());
                self.taken.extend_from_slice(&text[..n]);
                Poll::Ready(Ok(n))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pace() == 0 {
            return Poll::Pending;
        }
        let taken = std::mem::take(&mut self.taken);
        self.out.lock().unwrap().extend(taken);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncRead for Slow {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

/// A request with a body of this length, and what a stream of this pace has passed on when the gate looks first and
/// in the end; whether the gate says that it may be out.
struct Came {
    at_the_first_look: Option<usize>,
    in_the_end: usize,
    is_out: bool,
}

fn request(body: usize) -> Vec<u8> {
    let head = format!("POST /x HTTP/1.1\r\nhost: a\r\r\ncontent-length: {body}\r\n\r\n");
    [head.as_bytes(), &vec![b'\n'; body]].concat()
}

/// Sends a request in pieces; the gate says yes for the first `looks` times.
fn send(body: usize, pieces: &[usize], pace: &[usize], looks: usize) -> Came {
    let out = Arc::new(Mutex::new(Vec::new()));
    let first = Arc::new(Mutex::new(None));
    let slow = Slow {
        out: out.clone(),
        taken: Vec::new(),
        pace: pace.to_vec(),
        calls: 0,
    };
    let (seen, passed, left) = (first.clone(), out.clone(), Mutex::new(looks));
    let look: Look = Box::new(move || {
        seen.lock()
            .unwrap()
            .get_or_insert(passed.lock().unwrap().len());
        let mut left = left.lock().unwrap();
        if *left == 0 {
            return Err("too late");
        }
        *left -= 1;
        Ok(())
    });
    let (mut gate, fate) = Gate::before(slow, body, look);
    let mut cx = Context::from_waker(Waker::noop());
    let text = request(body);
    let (mut at, mut piece, mut refused) = (0, 0, false);
    while at < text.len() && !refused {
        let length = pieces.get(piece).copied().unwrap_or(usize::MAX).max(1);
        let end = at.saturating_add(length).min(text.len());
        match Pin::new(&mut gate).poll_write(&mut cx, &text[at..end]) {
            Poll::Ready(Ok(n)) => {
                at += n;
                piece += 1;
            }
            Poll::Ready(Err(_)) => refused = true,
            Poll::Pending => {}
        }
    }
    // As hyper does: flush, and say goodbye.
    for _ in 0..pace.len() + 2 {
        let _ = Pin::new(&mut gate).poll_flush(&mut cx);
    }
    let _ = Pin::new(&mut gate).poll_shutdown(&mut cx);
    drop(gate);
    Came {
        at_the_first_look: *first.lock().unwrap(),
        in_the_end: out.lock().unwrap().len(),
        is_out: fate.is_out(),
    }
}

proptest! {
    #[test]
    fn the_last_byte_goes_alone_and_after_the_look(
        body in 0..40usize,
        pieces in prop::collection::vec(1..60usize, 0..8),
        pace in prop::collection::vec(0..30usize, 0..20),
    ) {
        let whole = request(body).len();
        let came = send(body, &pieces, &pace, usize::MAX);
        prop_assert_eq!(came.at_the_first_look, Some(whole - 1), "all but the last byte is with the kernel");
        prop_assert_eq!(came.in_the_end, whole);
        prop_assert!(came.is_out);
    }

    #[test]
    fn what_is_withheld_never_gets_out_and_what_got_out_is_never_called_withheld(
        body in 0..40usize,
        pieces in prop::collection::vec(1..60usize, 0..8),
        pace in prop::collection::vec(0..30usize, 0..20),
        looks in 0..4usize,
    ) {
        let whole = request(body).len();
        let came = send(body, &pieces, &pace, looks);
        prop_assert_eq!(came.in_the_end == whole, came.is_out);
        prop_assert!(looks > 0 || !came.is_out);
    }
}
