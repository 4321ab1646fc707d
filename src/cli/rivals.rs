//! Signs that another program, or a copy of the store, uses the same platform: WeChat ends the tokens of one when the
//! other asks for new ones. Said beside what is wrong with pushes.

use jiff::{SignedDuration, Timestamp};

use super::words;
use crate::manifest::LoadedPlatform;
use crate::plan::{Lang, Text};
use crate::store::documents::Rival;

/// It is said for this long after it was noticed last.
const SAID: SignedDuration = SignedDuration::from_hours(24);

/// What is to be said of it, where it is recent enough.
pub(super) fn said(
    platform: &LoadedPlatform,
    rival: Option<&Rival>,
    now: Timestamp,
) -> Option<Text> {
    let rival = rival.filter(|rival| now.duration_since(rival.at) < SAID)?;
    Some(line(platform, rival, now))
}

fn line(platform: &LoadedPlatform, rival: &Rival, now: Timestamp) -> Text {
    let (name, about) = (&platform.name, &rival.about);
    Text::new(
        format!(
            "平台 {name}：{about} 的 token 屡次提前失效，最近一次在 {}。这说明另有程序或本存储的另一份副本也在用同一平台换取 token，双方的 token 互相失效。请只保留一方：停用另一程序或另一份副本。",
            words::ago(rival.at, now, Lang::Zh),
        ),
        format!(
            "platform {name}: tokens of {about} end before their time again and again, last {}: another program, or a copy of this store, asks for tokens of the same platform, and each new one ends the other's; let only one of them run, and stop the other",
            words::ago(rival.at, now, Lang::En),
        ),
    )
}
