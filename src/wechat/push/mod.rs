//! The push envelope both ways: what WeChat sends to a platform's URLs, and what it may be answered.
//!
//! A platform has safe mode only: every body is encrypted, and `msg_signature` is the only signature that covers
//! it (the plain `signature` of the query does not, and is never enough). The order of checks is fixed: the
//! signature over the ciphertext as it came, then base64, AES, padding, length and appid, and only then is
//! anything of the message read.
//!
//! ```text
//! body ── Encrypt ──► msg_signature ──► base64 ──► AES-256-CBC ──► unpad 1..=32 ──► random16 len msg appid
//!         (no DTD,    (constant time,                (key, else                       │           │
//!          bounded)    as received)                   previous key)              plaintext   must be ours
//! ```
//!
//! No clock and no random number here: replays, and the 16 random bytes of an answer, are the caller's.
//! WeChat's page: developers.weixin.qq.com, `Before_Develop/message_encrypt` (消息加解密).

mod cipher;
mod envelope;
mod event;
#[cfg(test)]
mod event_tests;
mod key;
mod leaves;
mod message;
mod review;
mod signature;
mod trouble;
mod xml;

pub use cipher::{KeyUsed, Opened, PushCipher, PushQuery};
pub use envelope::{BODY_LIMIT, MESSAGE_LIMIT, Sealed};
pub use event::{Grant, NewAccount, Notice, NoticeError, NoticeKind};
pub use key::EncodingAesKey;
pub use message::Head;
pub use review::{ReviewResult, Reviewed};
pub use signature::{plain_signature, plain_signature_matches};
pub use trouble::PushTrouble;

/// Why a push was refused. Says nothing about the bytes that were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The configured key is not 43 letters and digits.
    #[error("the EncodingAESKey is not 43 letters and digits")]
    Key,
    /// The body is larger than [`BODY_LIMIT`].
    #[error("the body is larger than a message of 64 KiB needs")]
    TooLarge,
    /// `encrypt_type` is given and is not `aes`.
    #[error("the query's encrypt_type is not `aes`")]
    EncryptType,
    /// Neither XML nor JSON as WeChat writes it: malformed, not UTF-8, or with a document type.
    #[error("the body is not an envelope")]
    Envelope,
    /// No `Encrypt` in the body: sent in clear where encryption is agreed.
    #[error("the body is not encrypted")]
    NotEncrypted,
    /// `msg_signature` does not fit the body, the token, the timestamp and the nonce.
    #[error("the signature does not match")]
    Signature,
    /// Base64, length, padding or layout is wrong. One error for all of them: telling them apart helps attackers.
    #[error("the ciphertext cannot be decrypted with this platform's keys")]
    Decrypt,
    /// Well encrypted, but for another platform.
    #[error("the message is for another appid")]
    Appid,
}
