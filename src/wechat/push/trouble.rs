//! What can be wrong with a push that came, and which field of WeChat's console it points to.
//!
//! The commonest trouble of a new platform is a field that is not the same on both sides, and from here it looks like
//! silence; so what was refused is counted by reason, and a person is told where to look.

use super::PushError;

/// What was wrong with a push.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum PushTrouble {
    /// `msg_signature` does not fit.
    Signature,
    /// It cannot be decrypted.
    Decrypt,
    /// It is another platform's.
    Appid,
    /// It is not encrypted.
    Plain,
    /// It is neither XML nor JSON, or breaks off.
    Malformed,
    /// It is larger than any push.
    TooLarge,
    /// It came too slowly.
    TooSlow,
    /// It came to a path that is none of ours.
    Path,
    /// Users' messages come to the URL for notices.
    MessageAtNotices,
    /// Notices come to the URL for messages.
    NoticeAtMessages,
    /// A message came under one account's path and is addressed to another.
    OtherAccount,
}

impl PushTrouble {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Signature,
        Self::Decrypt,
        Self::Appid,
        Self::Plain,
        Self::Malformed,
        Self::TooLarge,
        Self::TooSlow,
        Self::Path,
        Self::MessageAtNotices,
        Self::NoticeAtMessages,
        Self::OtherAccount,
    ];

    /// Its name where it is stored, and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Decrypt => "decrypt",
            Self::Appid => "appId",
            Self::Plain => "plain",
            Self::Malformed => "malformed",
            Self::TooLarge => "tooLarge",
            Self::TooSlow => "tooSlow",
            Self::Path => "path",
            Self::MessageAtNotices => "messageAtNotices",
            Self::NoticeAtMessages => "noticeAtMessages",
            Self::OtherAccount => "otherAccount",
        }
    }

    /// Its name in `/metrics`: what was refused begins so.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Signature => "refused_signature",
            Self::Decrypt => "refused_decrypt",
            Self::Appid => "refused_other_platform",
            Self::Plain => "refused_in_clear",
            Self::Malformed => "refused_malformed",
            Self::TooLarge => "refused_too_large",
            Self::TooSlow => "refused_too_slow",
            Self::Path => "refused_path",
            Self::MessageAtNotices => "message_at_notices",
            Self::NoticeAtMessages => "notice_at_messages",
            Self::OtherAccount => "other_account",
        }
    }

    /// The one with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether the push was refused, so that nothing of it arrived. The others were taken, or were nobody's.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        match self {
            Self::Signature
            | Self::Decrypt
            | Self::Appid
            | Self::Plain
            | Self::Malformed
            | Self::TooLarge
            | Self::TooSlow
            | Self::Path => true,
            Self::MessageAtNotices | Self::NoticeAtMessages | Self::OtherAccount => false,
        }
    }

    /// What was wrong, in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Signature => "签名不符",
            Self::Decrypt => "无法解密",
            Self::Appid => "属于另一个第三方平台",
            Self::Plain => "未加密",
            Self::Malformed => "格式错误或不完整",
            Self::TooLarge => "内容过大（413）",
            Self::TooSlow => "传输过慢（408）",
            Self::Path => "路径不符",
            Self::MessageAtNotices => "用户消息发到了授权事件接收URL",
            Self::NoticeAtMessages => "授权事件发到了消息与事件接收URL",
            Self::OtherAccount => "消息路径中的账号与收件账号不一致，未转发",
        }
    }

    /// What was wrong, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Signature => "wrong signature",
            Self::Decrypt => "cannot be decrypted",
            Self::Appid => "another platform's",
            Self::Plain => "not encrypted",
            Self::Malformed => "malformed or cut off",
            Self::TooLarge => "too large (413)",
            Self::TooSlow => "too slow (408)",
            Self::Path => "at a path that is not ours",
            Self::MessageAtNotices => "users' messages came to the notices URL",
            Self::NoticeAtMessages => "notices came to the messages URL",
            Self::OtherAccount => {
                "messages for another account than their path names, not passed on"
            }
        }
    }

    /// What to look at, in Chinese, with the console's field.
    #[must_use]
    pub fn advice_zh(self) -> &'static str {
        match self {
            Self::Signature => {
                "请核对微信开放平台控制台的“消息校验Token”与平台凭据中的 token，两者必须一致"
            }
            Self::Decrypt => {
                "请核对微信开放平台控制台的“消息加解密Key”与平台凭据中的 encodingAesKey，两者必须一致"
            }
            Self::Appid => "请核对 Platform 的 appId，以及另一个平台控制台中的“授权事件接收URL”",
            Self::Plain => {
                "第三方平台的推送一律加密；请检查是否有公众号把自己的“服务器地址（URL）”填成了本地址"
            }
            Self::Malformed => "请检查微信与 wxops 之间的代理或网关是否改写或截断了请求",
            Self::TooLarge => "微信的推送不会这么大；请检查是谁在向本地址发送",
            Self::TooSlow => "请检查微信与 wxops 之间的代理或网关是否拖慢了请求",
            Self::Path => "请核对微信开放平台控制台的“授权事件接收URL”和“消息与事件接收URL”",
            Self::MessageAtNotices => "请更正微信开放平台控制台的“消息与事件接收URL”",
            Self::NoticeAtMessages => "请更正微信开放平台控制台的“授权事件接收URL”",
            Self::OtherAccount => "可能有人在重放截获的推送；请检查是谁在向本地址发送",
        }
    }

    /// What to look at, in English, with the console's field.
    #[must_use]
    pub fn advice_en(self) -> &'static str {
        match self {
            Self::Signature => {
                "make 消息校验Token in WeChat's console the same as `token` among the platform's credentials"
            }
            Self::Decrypt => {
                "make 消息加解密Key in WeChat's console the same as `encodingAesKey` among the platform's credentials"
            }
            Self::Appid => {
                "check the Platform's `appId`, and 授权事件接收URL in the other platform's console"
            }
            Self::Plain => {
                "WeChat encrypts every push to a platform; check whether an account has this address as its own server URL (服务器地址)"
            }
            Self::Malformed => {
                "check whether a proxy between WeChat and wxops rewrites or cuts off requests"
            }
            Self::TooLarge => "no push of WeChat's is that large; check who sends to this address",
            Self::TooSlow => "check whether a proxy between WeChat and wxops slows requests down",
            Self::Path => "check 授权事件接收URL and 消息与事件接收URL in WeChat's console",
            Self::MessageAtNotices => "correct 消息与事件接收URL in WeChat's console",
            Self::NoticeAtMessages => "correct 授权事件接收URL in WeChat's console",
            Self::OtherAccount => {
                "somebody may be replaying pushes that were intercepted; check who sends to this address"
            }
        }
    }
}

impl From<PushError> for PushTrouble {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Signature => Self::Signature,
            PushError::Decrypt | PushError::Key => Self::Decrypt,
            PushError::Appid => Self::Appid,
            PushError::NotEncrypted | PushError::EncryptType => Self::Plain,
            PushError::Envelope => Self::Malformed,
            PushError::TooLarge => Self::TooLarge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_are_each_ones_own() {
        for trouble in PushTrouble::ALL {
            assert_eq!(PushTrouble::of_name(trouble.name()), Some(trouble));
        }
        assert_eq!(PushTrouble::of_name("another"), None);
    }

    #[test]
    fn both_languages_name_the_same_field_of_the_console() {
        for field in [
            "消息校验Token",
            "消息加解密Key",
            "授权事件接收URL",
            "消息与事件接收URL",
        ] {
            let named = |text: fn(PushTrouble) -> &'static str| -> Vec<PushTrouble> {
                let all = PushTrouble::ALL.into_iter();
                all.filter(|one| text(*one).contains(field)).collect()
            };
            let (zh, en) = (named(PushTrouble::advice_zh), named(PushTrouble::advice_en));
            assert!(!zh.is_empty() && zh == en, "{field}: {zh:?} {en:?}");
        }
    }
}
