//! An address that is known before the server behind it has started: two processes that name each other can then both
//! listen on free ports.

use std::io;
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(OnceLock::new());
        let leads_to = Arc::clone(&server);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Some(server) = leads_to.get() {
                    let _ = join(&client, *server);
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
fn join(client: &TcpStream, server: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    for (mut from, mut to) in [
        (client.try_clone()?, server.try_clone()?),
        (server.try_clone()?, client.try_clone()?),
    ] {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}
