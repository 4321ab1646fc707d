//! Pictures that WeChat answers with, and files that they are written to.

use std::path::Path;

use anyhow::bail;

use super::Io;
use super::stop::not_in_trouble;
use crate::cli::failed::{Failed, OrSay as _};
use crate::client::Reader;
use crate::plan::{Text, Why};
use crate::wechat::picture::Picture;
use crate::wechat::{Answer, Call};

/// Asks for a picture.
pub(super) async fn asked(
    reader: &Reader,
    platform: &str,
    read: &Call,
    io: &Io,
) -> anyhow::Result<Picture> {
    let answer = reader.read(read).await;
    not_in_trouble(reader, platform, io)?;
    let picture = match &answer {
        Answer::Done(body) => Picture::of_answer(body),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    match picture {
        Some(picture) => Ok(picture),
        None => {
            let why = Why::of(&answer);
            let why = why.unwrap_or_else(|| {
                Why::unreadable(
                    read.endpoint.name,
                    "it is no picture, or its end is missing",
                )
            });
            bail!(Failed::from(why.text))
        }
    }
}

/// Writes a file, and the folder it lies in.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let done = folder.map_or(Ok(()), std::fs::create_dir_all);
    let done = done.and_then(|()| std::fs::write(path, bytes));
    done.or_say(|| {
        let path = path.display();
        Text::new(
            format!("无法写入 {path}"),
            format!("{path} cannot be written"),
        )
    })
}
