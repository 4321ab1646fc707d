//! A plain HTTP/1.1 client over a bare socket: it shares no code with the product, so a misreading of the
//! protocol on one side cannot be hidden by the same one on the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// What came back.
pub struct Reply {
    pub status: u16,
    pub head: String,
    /// As text, what is not UTF-8 replaced.
    pub body: String,
    /// As it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// One request on one connection; a GET goes out without a body. An error is a connection that gave no HTTP
/// answer.
pub fn request(
    to: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> std::io::Result<Reply> {
    let body = body.as_ref();
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // A server that closes while bytes lie unread resets the connection, and the answer may be lost with it.
    let body = if method == "GET" { &[] } else { body };
    if method != "GET" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    read_reply(stream)
}

fn read_reply(stream: TcpStream) -> std::io::Result<Reply> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(line.trim_end());
        head.push('\n');
    }
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    assert!(
        !head.to_lowercase().contains("chunked"),
        "answers have a length"
    );
    Ok(Reply {
        status: status.expect("a status line"),
        head,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    })
}
