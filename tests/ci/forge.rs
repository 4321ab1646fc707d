//! A stand-in for the two APIs that comments go through: pages of comments, one's own user, refusals by order.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What the scripts must show. Its text is searched for in everything they print and in every list of processes.
pub const TOKEN: &str = "forge-token-5b1f0c7e9a";

/// The path of everything about merge request 7.
const GITHUB: &str = "/repos/ours/manifests/issues/";
const GITLAB: &str = "/projects/42/merge_requests/7/notes";

/// Whose API it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    GitHub,
    GitLab,
}

/// Who writes a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The user of the token.
    Us,
    /// Somebody else.
    Another,
}

/// An answer in place of the usual one.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The first request of this method about comments is refused; what comes before is answered.
    pub method: &'static str,
    pub status: u16,
    pub headers: &'static str,
}

/// The server.
pub struct Forge {
    pub kind: Kind,
    pub url: String,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    kind: Kind,
    url: String,
    comments: Vec<Value>,
    asked: Vec<String>,
    refusal: Option<Refusal>,
    /// The newest commit of the merge request.
    head: String,
}

impl Forge {
    /// Listens on a free port; nobody has commented yet.
    pub fn open(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared {
            kind,
            url: url.clone(),
            comments: Vec::new(),
            asked: Vec::new(),
            refusal: None,
            head: String::new(),
        }));
        let known = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let known = Arc::clone(&known);
                thread::spawn(move || serve(stream, &known));
            }
        });
        Self { kind, url, shared }
    }

    /// Somebody comments.
    pub fn comment(&self, by: By, body: &str) -> u64 {
        self.shared.lock().unwrap().add(by, body)
    }

    pub fn refuse(&self, refusal: Refusal) {
        self.shared.lock().unwrap().refusal = Some(refusal);
    }

    /// Somebody pushes a commit.
    pub fn push(&self, commit: &str) {
        commit.clone_into(&mut self.shared.lock().unwrap().head);
    }

    /// All comments, oldest first: id and text.
    pub fn comments(&self) -> Vec<(u64, String)> {
        let shared = self.shared.lock().unwrap();
        let of = |comment: &Value| {
            let body = comment["body"].as_str().unwrap().to_owned();
            (comment["id"].as_u64().unwrap(), body)
        };
        shared.comments.iter().map(of).collect()
    }

    /// The only comment there is.
    pub fn only(&self) -> String {
        let comments = self.comments();
        assert_eq!(comments.len(), 1, "{comments:#?}");
        comments[0].1.clone()
    }

    /// `METHOD PATH` of every request, in order.
    pub fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap().asked.clone()
    }
}

impl Shared {
    fn add(&mut self, by: By, body: &str) -> u64 {
        let id = 1000 + self.comments.len() as u64;
        let author = match (self.kind, by) {
            (Kind::GitHub, By::Us) => json!({"login": "github-actions[bot]"}),
            (Kind::GitHub, By::Another) => json!({"login": "another"}),
            (Kind::GitLab, By::Us) => json!({"id": 77, "username": "project_42_bot"}),
            (Kind::GitLab, By::Another) => json!({"id": 770, "username": "another"}),
        };
        let (user, author) = match self.kind {
            Kind::GitHub => (author, Value::Null),
            Kind::GitLab => (Value::Null, author),
        };
        let comment = json!({"id": id, "user": user, "author": author, "body": body});
        self.comments.push(comment);
        id
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let Request {
            method,
            path,
            query,
            ..
        } = request;
        self.asked.push(format!("{method} {path}"));
        if !request.authorized(self.kind) {
            return Answer::of(401, json!({"message": "Bad credentials"}));
        }
        let (list, one) = match self.kind {
            Kind::GitHub => (format!("{GITHUB}7/comments"), format!("{GITHUB}comments/")),
            Kind::GitLab => (GITLAB.to_owned(), format!("{GITLAB}/")),
        };
        let about_comments = *path == list || path.starts_with(&one);
        if self
            .refusal
            .as_ref()
            .is_some_and(|refusal| refusal.method == *method && about_comments)
        {
            let Refusal {
                status, headers, ..
            } = self.refusal.take().unwrap();
            // A careless forge repeats what it was sent.
            let message = json!({"message": format!("refused {TOKEN}\u{1b}[31m\nreally")});
            return Answer {
                status,
                headers: headers.to_owned(),
                // Another page of no comments, or something that is no list.
                body: if headers.starts_with("Link:") {
                    json!([])
                } else {
                    message
                },
            };
        }
        let change = if self.kind == Kind::GitHub {
            "PATCH"
        } else {
            "PUT"
        };
        match method.as_str() {
            "GET" if *path == list => self.page(&list, query),
            "GET" if path == "/user" && self.kind == Kind::GitLab => {
                Answer::of(200, json!({"id": 77}))
            }
            "GET" if path == "/repos/ours/manifests/pulls/7" && self.kind == Kind::GitHub => {
                Answer::of(200, json!({"head": {"sha": self.head}}))
            }
            "GET" if path == "/projects/42/merge_requests/7" && self.kind == Kind::GitLab => {
                Answer::of(200, json!({"sha": self.head}))
            }
            "POST" if *path == list => {
                let id = self.add(By::Us, request.text());
                Answer::of(201, json!({ "id": id }))
            }
            method if method == change && path.starts_with(&one) => {
                let id: u64 = path[one.len()..].parse().unwrap();
                let mut comments = self.comments.iter_mut();
                let comment = comments.find(|comment| comment["id"] == id).unwrap();
                comment["body"] = json!(request.text());
                Answer::of(200, json!({ "id": id }))
            }
            _ => Answer::of(404, json!({"message": "Not Found"})),
        }
    }

    fn page(&self, path: &str, query: &str) -> Answer {
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(key, value)| (key == name).then(|| value.parse::<usize>().unwrap()))
        };
        let (size, page) = (
            number("per_page").unwrap_or(30),
            number("page").unwrap_or(1),
        );
        let start = (page - 1) * size;
        let shown: Vec<_> = self.comments.iter().skip(start).take(size).collect();
        let last = self.comments.len().div_ceil(size).max(1);
        let headers = match self.kind {
            Kind::GitHub if page < last => format!(
                "Link: <{0}{path}?per_page={size}&page={1}>; rel=\"next\", <{0}{path}?per_page={size}&page={last}>; rel=\"last\"\r\n",
                self.url,
                page + 1
            ),
            Kind::GitLab if page < last => format!("X-Next-Page: {}\r\n", page + 1),
            Kind::GitLab => "X-Next-Page: \r\n".to_owned(),
            Kind::GitHub => String::new(),
        };
        Answer {
            status: 200,
            headers,
            body: json!(shown),
        }
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<String>,
    body: Value,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let first = lines.first()?.clone();
        let length = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        let mut words = first.split(' ');
        let method = words.next()?.to_owned();
        let (path, query) = words
            .next()?
            .split_once('?')
            .unwrap_or((first.split(' ').nth(1)?, ""));
        Some(Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: lines,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }

    fn authorized(&self, kind: Kind) -> bool {
        let wanted = match kind {
            Kind::GitHub => format!("Authorization: Bearer {TOKEN}"),
            Kind::GitLab => format!("PRIVATE-TOKEN: {TOKEN}"),
        };
        self.headers.contains(&wanted)
    }

    fn text(&self) -> &str {
        self.body["body"].as_str().unwrap()
    }
}

struct Answer {
    status: u16,
    headers: String,
    body: Value,
}

impl Answer {
    fn of(status: u16, body: Value) -> Self {
        let headers = String::new();
        Self {
            status,
            headers,
            body,
        }
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) {
    let Some(request) = Request::read(&stream) else {
        return;
    };
    let Answer {
        status,
        headers,
        body,
    } = shared.lock().unwrap().answer(&request);
    let body = body.to_string();
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} -\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
}
