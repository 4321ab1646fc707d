//! A web server of somebody else's, whose files manifests name by address.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use serde::Deserialize;

/// What is behind a path: exactly one of the fields.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Page {
    /// A file, relative to the scenario.
    pub file: Option<PathBuf>,
    /// This many bytes, more than one may want to keep.
    pub bytes: Option<usize>,
    /// It is elsewhere.
    pub redirect: Option<String>,
    /// Nothing but this status.
    pub status: Option<u16>,
}

/// The server.
pub struct Web {
    pub address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    pages: BTreeMap<String, Vec<u8>>,
    asked: BTreeMap<String, u64>,
}

impl Web {
    /// Listens on a free port; every path is 404 at first.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::default();
        let known = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let known = Arc::clone(&known);
                thread::spawn(move || answer(&stream, &known));
            }
        });
        Self { address, shared }
    }

    /// Puts other pages behind some paths.
    pub fn put(&self, pages: &BTreeMap<String, Page>, folder: &Path) {
        let mut shared = self.shared.lock().unwrap();
        for (path, page) in pages {
            shared.pages.insert(path.clone(), page.answer(folder));
        }
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> u64 {
        let shared = self.shared.lock().unwrap();
        shared.asked.get(path).copied().unwrap_or_default()
    }
}

impl Page {
    fn answer(&self, folder: &Path) -> Vec<u8> {
        let (status, more, body) = match (&self.file, self.bytes, &self.redirect, self.status) {
            (Some(file), None, None, None) => (
                200,
                String::new(),
                std::fs::read(folder.join(file)).unwrap(),
            ),
            (None, Some(bytes), None, None) => (200, String::new(), vec![0; bytes]),
            (None, None, Some(to), None) => (302, format!("location: {to}\r\n"), Vec::new()),
            (None, None, None, Some(status)) => (status, String::new(), Vec::new()),
            _ => panic!("a page is one of file, bytes, redirect and status: {self:?}"),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} -\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        [head.into_bytes(), body].concat()
    }
}

fn answer(stream: &TcpStream, shared: &Mutex<Shared>) -> io::Result<()> {
    let mut lines = BufReader::new(stream.take(16 * 1024)).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    // Whoever is answered before everything is read may lose the answer.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let page = {
        let mut shared = shared.lock().unwrap();
        *shared.asked.entry(path.clone()).or_default() += 1;
        shared.pages.get(&path).cloned()
    };
    let none = || b"HTTP/1.1 404 -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec();
    let mut to = stream;
    to.write_all(&page.unwrap_or_else(none))
}
