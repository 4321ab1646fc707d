//! Looks whether a host serves a confirm file, where WeChat will look for it. No token goes there, nobody is led elsewhere,
//! and nothing of what comes back is kept.

use std::time::Duration;

use reqwest::header::HOST;
use url::Url;

use crate::wechat::address::is_loopback;
use crate::wechat::domain::{ConfirmFile, Reached, to_reach};
use crate::wechat::{Answer, Call};

use super::core::not_sent;

/// WeChat waits no longer than a few seconds for such a file.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks for the file that a call names. `base` is WeChat's address: a stand-in on this machine answers for all hosts.
pub(super) async fn reach(base: &Url, call: &Call) -> Answer {
    let Some((host, file)) = to_reach(call) else {
        return not_sent(call, "it names no file that can be asked for");
    };
    let reached = match get(base, &host, &file).await {
        Ok(reached) => reached,
        Err(error) => Reached::Failed(super::transport::describe(&error.without_url())),
    };
    answer(&reached)
}

/// The same answer where nobody looks.
pub(super) fn assumed() -> Answer {
    answer(&Reached::Assumed)
}

fn answer(reached: &Reached) -> Answer {
    Answer::Done(serde_json::to_value(reached).unwrap_or_default())
}

async fn get(base: &Url, host: &str, file: &ConfirmFile) -> Result<Reached, reqwest::Error> {
    // Whoever came first has chosen the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .user_agent(super::wording::USER_AGENT);
    let name = &file.file_name;
    let request = if is_loopback(base) {
        let mut url = base.clone();
        url.set_path(name);
        let client = builder.no_proxy().build()?;
        client.get(url).header(HOST, host)
    } else {
        let client = builder.https_only(true).build()?;
        client.get(format!("https://{host}/{name}"))
    };
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    if status != 200 {
        return Ok(Reached::Status(status));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > file.file_content.len() {
            return Ok(Reached::OtherContent);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(if bytes == file.file_content.as_bytes() {
        Reached::Served
    } else {
        Reached::OtherContent
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::wechat::Appid;
    use crate::wechat::domain::reach_request;

    /// What comes of looking at a stand-in that answers this once, and what it was asked.
    async fn reached(answer: &'static str) -> (Answer, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/base", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&bytes[..read]).into_owned()
        });
        let account = Appid::parse("wx2222222222222222").unwrap();
        let file = ConfirmFile {
            file_name: "abc.txt".to_owned(),
            file_content: "0123".to_owned(),
        };
        let call = reach_request(&account, "h5.example.com", &file);
        let answer = reach(&base.parse().unwrap(), &call).await;
        (answer, asked.await.unwrap())
    }

    #[tokio::test]
    async fn the_file_is_asked_for_at_its_host_and_compared_to_the_byte() {
        let (answer, asked) = reached("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n0123").await;
        assert_eq!(answer, Answer::Done(json!("served")));
        assert!(asked.starts_with("GET /abc.txt HTTP/1.1"), "{asked}");
        assert!(
            asked.contains("host: h5.example.com\r\n") && !asked.contains("token"),
            "{asked}"
        );
        for other in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n0123\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        ] {
            assert_eq!(reached(other).await.0, Answer::Done(json!("otherContent")));
        }
    }

    #[tokio::test]
    async fn nobody_is_led_elsewhere() {
        let moved =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(reached(moved).await.0, Answer::Done(json!({"status": 302})));
    }
}
