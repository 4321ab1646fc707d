//! What is said of a release by degrees: who has what meanwhile, and who must act.

use jiff::Timestamp;

use super::waits::wait;
use crate::plan::{Person, Reason, Text, Waiting};

/// A share of users has it.
pub(super) fn soaking(version: &str, percent: u8, until: Timestamp) -> Waiting {
    let mut waiting = wait(
        Reason::Soaking,
        Person::Nobody,
        format!("{version} 灰度 {percent}%，观察期未满"),
        format!("{percent}% of the users have {version}, and it stays so for a while"),
    );
    waiting.until = Some(until);
    waiting
}

/// A share of users gets it first.
pub(super) fn after_gray(version: &str, percent: u8) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Nobody,
        format!("{version} 先向 {percent}% 的用户灰度，逐级扩大后全量发布"),
        format!("{percent}% of the users get {version} first, then more, and at last all of them"),
    )
}

/// Somebody took it back from those who had it.
pub(super) fn gray_taken_back(version: &str, percent: u8) -> Waiting {
    wait(
        Reason::Soaking,
        Person::Operator,
        format!(
            "{version} 的灰度发布已被人取消。不会自动重新开始：请批准重新从 {percent}% 开始，或在配置中写另一个版本"
        ),
        format!(
            "somebody has taken the gray release of {version} back. It is not begun again by itself: say yes to beginning at \
             {percent}% once more, or name another version in the manifest"
        ),
    )
}

/// Somebody stopped the plan.
pub(super) fn gray_paused(version: &str, percent: u8) -> Waiting {
    wait(
        Reason::Soaking,
        Person::AppAdmin,
        format!(
            "{version} 的灰度发布（{percent}%）已被人在公众平台暂停；请小程序管理员在公众平台恢复或取消"
        ),
        format!(
            "somebody has paused the gray release of {version} ({percent}%): the app's administrator resumes or ends it in \
             WeChat's console (mp.weixin.qq.com)"
        ),
    )
}

/// A share that the manifest does not name, and no higher one that it does.
pub(super) fn gray_unnamed(version: &str, percent: u8) -> Waiting {
    wait(
        Reason::Soaking,
        Person::Operator,
        format!(
            "{version} 灰度 {percent}%，而 release.gray 没有这一比例，也没有更高的比例，不会自动全量发布：请在 release.gray 中写明，或去掉 gray 以全量发布"
        ),
        format!(
            "{percent}% of the users have {version}, a share that `release.gray` does not name, and it names no higher one: it is not \
             released to everybody by itself. Name the share in `release.gray`, or take `gray` out to release it to all"
        ),
    )
}

/// Another version reaches some of the users meanwhile.
pub(super) fn gray_in_the_way(version: &str, other: &Text, percent: u8) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Operator,
        format!(
            "{} 正在灰度（{percent}%），结束之前 {version} 不能上线；等待其全量发布，或批准取消灰度",
            other.zh
        ),
        format!(
            "{} is being released by degrees ({percent}%), and {version} cannot go online before that ends: it is waited for, unless \
             somebody says yes to taking it back",
            other.en
        ),
    )
}

/// What is wanted is online, and a share of the users has something else.
pub(super) fn gray_to_end(version: &str, other: &Text, percent: u8) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Operator,
        format!(
            "{percent}% 的用户正在使用灰度中的{}，其余用户使用 {version}；批准取消灰度后，所有用户都回到 {version}",
            spaced(&other.zh)
        ),
        format!(
            "{percent}% of the users have {} by a gray release, and the others {version}: say yes to ending it, and all of them have \
             {version}",
            other.en
        ),
    )
}

/// What is wanted is on its way, and a share of the users has something else meanwhile.
pub(super) fn gray_meanwhile(other: &Text, percent: u8) -> Waiting {
    wait(
        Reason::Soaking,
        Person::Nobody,
        format!(
            "在此之前，{percent}% 的用户继续使用灰度中的{}",
            spaced(&other.zh)
        ),
        format!(
            "until then {percent}% of the users keep {}, by a gray release that goes on",
            other.en
        ),
    )
}

/// A name behind Chinese: one that begins with a figure or a letter stands apart.
fn spaced(name: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii()) {
        format!(" {name}")
    } else {
        name.to_owned()
    }
}

/// What the next share is.
pub(super) fn share(percent: u8) -> Text {
    Text::new(
        format!("灰度发布：{percent}% 的用户"),
        format!("a gray release: {percent}% of the users"),
    )
}
