//! An address that is known before the server behind it has started: two processes that name each other can then both
//! listen on free ports.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread;

/// Passes connections on; before it leads anywhere it closes them.
pub struct Relay {
    pub address: SocketAddr,
    server: Arc<OnceLock<SocketAddr>>,
}

impl Relay {
    /// Listens on a free port.
    pub fn listen() -> Self {
        Self::rewriting(BTreeMap::new())
    }

    /// The same, where each text of what the server says is another one on the way, of as many bytes: lengths that were
    /// announced stay true.
    pub fn rewriting(texts: BTreeMap<String, String>) -> Self {
        assert!(texts.iter().all(|(from, to)| from.len() == to.len()));
        let texts = Arc::new(texts);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(OnceLock::new());
        let leads_to = Arc::clone(&server);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Some(server) = leads_to.get() {
                    let _ = join(&client, *server, &texts);
                }
            }
        });
        Self { address, server }
    }

    /// From now on to this server.
    pub fn lead_to(&self, server: SocketAddr) {
        self.server.set(server).unwrap();
    }
}

/// Copies both ways, each on a thread of its own, until the one that sends is done.
fn join(
    client: &TcpStream,
    server: SocketAddr,
    texts: &Arc<BTreeMap<String, String>>,
) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let none = Arc::default();
    for (mut from, mut to, texts) in [
        (client.try_clone()?, server.try_clone()?, &none),
        (server.try_clone()?, client.try_clone()?, texts),
    ] {
        let texts = Arc::clone(texts);
        thread::spawn(move || {
            let _ = copy(&mut from, &mut to, &texts);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}

/// Passes on what comes. A text that two reads tear apart stays as it is: an answer on loopback is one.
fn copy(
    from: &mut TcpStream,
    to: &mut TcpStream,
    texts: &BTreeMap<String, String>,
) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let chunk = &mut buffer[..read];
        for (text, other) in texts {
            let length = text.len();
            for at in 0..chunk.len().saturating_sub(length - 1) {
                if &chunk[at..at + length] == text.as_bytes() {
                    chunk[at..at + length].copy_from_slice(other.as_bytes());
                }
            }
        }
        to.write_all(chunk)?;
    }
}
