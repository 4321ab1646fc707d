//! Where pushes arrive: a bare socket that notes them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use wxops::wechat::push::{EncodingAesKey, PushCipher, PushQuery};

use super::world::PLATFORM;

pub const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// A platform's push URL that notes what it gets and answers the same to everything.
pub struct Sink {
    pub address: SocketAddr,
    got: Receiver<Got>,
}

pub struct Got {
    pub target: String,
    pub body: String,
}

impl Sink {
    pub fn answering(answer: &str) -> Self {
        let answer = answer.to_owned();
        Self::of(move |_| (Duration::ZERO, answer.clone()))
    }

    /// Answers each push by its number, after a while.
    pub fn of(mut answer: impl FnMut(usize) -> (Duration, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (note, got) = channel();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (pause, answer) = answer(number);
                let mut stream = BufReader::new(stream.unwrap());
                let (mut target, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap() <= 2 {
                        break;
                    }
                    match line.to_lowercase().strip_prefix("content-length: ") {
                        Some(bytes) => length = bytes.trim().parse().unwrap(),
                        None if target.is_empty() => target = line,
                        None => {}
                    }
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                let body = String::from_utf8(body).unwrap();
                let size = answer.len();
                let reply = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n{answer}"
                );
                std::thread::sleep(pause);
                // Who answers late talks to nobody.
                let _ = stream.get_mut().write_all(reply.as_bytes());
                if note.send(Got { target, body }).is_err() {
                    return;
                }
            }
        });
        Self { address, got }
    }

    pub fn next(&self) -> Got {
        self.got
            .recv_timeout(Duration::from_secs(10))
            .expect("a push")
    }

    /// What came and was not looked at yet. Every push this test asked for has been answered by now.
    pub fn rest(&self) -> usize {
        self.got.try_iter().count()
    }
}

impl Got {
    pub fn query(&self, name: &str) -> String {
        let query = self
            .target
            .split_once('?')
            .unwrap()
            .1
            .split(' ')
            .next()
            .unwrap();
        let pair = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.unwrap_or_default().to_owned()
    }

    pub fn opened(&self) -> String {
        self.opened_with("platform-token", KEY)
    }

    pub fn opened_with(&self, token: &str, key: &str) -> String {
        let key = EncodingAesKey::parse(key).unwrap();
        let cipher = PushCipher::new(token, PLATFORM, key, None);
        let query = PushQuery {
            timestamp: self.query("timestamp"),
            nonce: self.query("nonce"),
            msg_signature: self.query("msg_signature"),
            ..PushQuery::default()
        };
        let plain = cipher
            .open(&query, self.body.as_bytes())
            .unwrap()
            .plaintext
            .clone();
        String::from_utf8(plain.to_vec()).unwrap()
    }
}
