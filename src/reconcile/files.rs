//! Reads the file that a call sends, and looks whether it is still the one that the plan was made for.

use std::path::Path;

use tokio::io::AsyncReadExt as _;
use url::Url;

use super::{Desired, StepOutcome};
use crate::client;
use crate::plan::Text;
use crate::resource::file::{Format, Image, Origin, Wanted};
use crate::resource::spec;
use crate::wechat::FileDigest;

/// A picture as it is sent.
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) format: Format,
}

/// Reads the file of this digest that a tenant refers to.
///
/// # Errors
/// The outcome of the step that needs it: it is gone, or another one now.
pub(super) async fn read(desired: &Desired, sha256: &FileDigest) -> Result<File, StepOutcome> {
    let mut named = spec::files(&desired.spec).into_iter();
    let found = named.find_map(|(path, _, wanted)| {
        let facts = desired.files.get(&path)?;
        (facts.sha256 == *sha256).then_some((&facts.from, wanted))
    });
    let Some((from, wanted)) = found else {
        return Err(changed());
    };
    let bytes = match from {
        Origin::Disk(path) => from_disk(path, wanted.most).await.map_err(|_| changed())?,
        Origin::Web(url) => client::fetch(url, wanted.most).await.map_err(|why| {
            let host = url.host_str().unwrap_or_default();
            StepOutcome::Held(Text::new(
                format!("未发送：无法从 {host} 取得文件（{why}）；下次运行会再试"),
                format!("not sent: the file could not be fetched from {host} ({why}); the next run tries again"),
            ))
        })?,
    };
    if FileDigest::of(&bytes) != *sha256 {
        return Err(match from {
            Origin::Disk(_) => changed(),
            Origin::Web(url) => another(url),
        });
    }
    match look_at(&bytes, &wanted) {
        Ok(format) => Ok(File { bytes, format }),
        Err(why) => Err(StepOutcome::Held(why)),
    }
}

/// Of a file behind an address nobody has seen the content before.
fn look_at(bytes: &[u8], wanted: &Wanted) -> Result<Format, Text> {
    wanted.look_at(&Image::of(bytes)).map_err(|flaw| {
        Text::new(
            "未发送：该文件不是微信接受的图片，或者过大",
            format!(
                "not sent: WeChat would not take this file ({}): {}",
                flaw.message, flaw.help
            ),
        )
    })
}

async fn from_disk(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more tells that it has grown.
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    // Opening anything else, a pipe for one, could wait for ever.
    if !tokio::fs::metadata(path).await?.is_file() {
        return Err(std::io::Error::other("it is no plain file"));
    }
    let file = tokio::fs::File::open(path).await?;
    file.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The manifest says which file it must be, so that is no matter of running again.
fn another(url: &Url) -> StepOutcome {
    let host = url.host_str().unwrap_or_default();
    StepOutcome::Held(Text::new(
        format!("未发送：{host} 返回的文件与配置中的 sha256 不符；请更正文件，或更正 sha256"),
        format!(
            "not sent: what {host} gives is not the file of the manifest's `sha256`: correct the file there, or the digest"
        ),
    ))
}

fn changed() -> StepOutcome {
    StepOutcome::Moved(Text::new(
        "文件在计划之后已改变，未发送；请重新运行",
        "the file has changed since the plan was made, so nothing was sent: run it again",
    ))
}
