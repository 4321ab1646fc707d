//! Opening pushes and sealing answers with one platform's token, appid and keys.

use std::fmt;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroize;

use super::PushError;
use super::envelope::{self, Sealed};
use super::key::{EncodingAesKey, Schedule};
use super::signature;

/// Random bytes and the length of the message stand before it.
const HEAD: usize = 16 + 4;
/// Messages are padded to a multiple of this: twice the block of AES, which generic PKCS#7 readers refuse.
const PAD: usize = 32;

/// The query of a push, as an HTTP framework hands it over.
///
/// A missing part is an empty text, which no signature fits. The query's `signature` is left out on purpose: it
/// does not cover the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PushQuery {
    /// Unix seconds, exactly as received.
    #[serde(default)]
    pub timestamp: String,
    /// Any text, exactly as received.
    #[serde(default)]
    pub nonce: String,
    /// The signature that covers the body.
    #[serde(default)]
    pub msg_signature: String,
    /// `aes`.
    #[serde(default)]
    pub encrypt_type: Option<String>,
}

/// Which of the two keys opened a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsed {
    /// The key in force.
    Current,
    /// The one before: the rotation has not reached WeChat yet.
    Previous,
}

/// A verified and decrypted push.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The message. Holds tickets, codes and users' texts: never log it.
    pub plaintext: Vec<u8>,
    /// Which key it was encrypted with; an answer takes the same.
    pub key: KeyUsed,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("plaintext", &"[REDACTED]")
            .field("key", &self.key)
            .finish()
    }
}

/// One platform's side of the envelope. Keys are expanded once; share it between requests.
pub struct PushCipher {
    token: SecretString,
    appid: String,
    current: Schedule,
    previous: Option<Schedule>,
}

impl fmt::Debug for PushCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushCipher")
            .field("appid", &self.appid)
            .finish_non_exhaustive()
    }
}

impl PushCipher {
    /// A cipher for the platform `appid` (the component appid, also for tenants' messages), with the console's
    /// token (消息校验Token) and key, and the key before it while a rotation spreads.
    #[must_use]
    pub fn new(
        token: &str,
        appid: &str,
        key: EncodingAesKey,
        previous: Option<EncodingAesKey>,
    ) -> Self {
        Self {
            token: SecretString::from(token),
            appid: appid.to_owned(),
            current: Schedule::new(&key),
            previous: previous.as_ref().map(Schedule::new),
        }
    }

    /// Verifies and decrypts a push.
    ///
    /// # Errors
    /// [`PushError`], checked in the order of its variants: what fails the signature is never decrypted.
    pub fn open(&self, query: &PushQuery, body: &[u8]) -> Result<Opened, PushError> {
        if query
            .encrypt_type
            .as_deref()
            .is_some_and(|kind| kind != "aes")
        {
            return Err(PushError::EncryptType);
        }
        let encrypt = envelope::encrypt_of(body)?;
        self.open_encrypt(query, &encrypt)
    }

    /// Verifies and decrypts a bare `Encrypt` text, such as the `echostr` of an encrypted URL verification.
    ///
    /// # Errors
    /// As [`PushCipher::open`].
    pub fn open_encrypt(&self, query: &PushQuery, encrypt: &str) -> Result<Opened, PushError> {
        if !self.signed(query, encrypt) {
            return Err(PushError::Signature);
        }
        let sealed = STANDARD.decode(encrypt).map_err(|_| PushError::Decrypt)?;
        let Some(previous) = &self.previous else {
            return self.unseal(&self.current, KeyUsed::Current, sealed);
        };
        match self.unseal(&self.current, KeyUsed::Current, sealed.clone()) {
            Ok(opened) => Ok(opened),
            Err(refused) => self
                .unseal(previous, KeyUsed::Previous, sealed)
                // With one of the keys it was well-formed: that error says more.
                .map_err(|second| match (refused, second) {
                    (PushError::Appid, _) => refused,
                    _ => second,
                }),
        }
    }

    fn signed(&self, query: &PushQuery, encrypt: &str) -> bool {
        signature::matches(
            [
                self.token.expose_secret().as_bytes(),
                query.timestamp.as_bytes(),
                query.nonce.as_bytes(),
                encrypt.as_bytes(),
            ],
            &query.msg_signature,
        )
    }

    /// Decrypts in place and takes the layout apart: `random16 ‖ length ‖ message ‖ appid ‖ padding`.
    fn unseal(
        &self,
        schedule: &Schedule,
        key: KeyUsed,
        mut buffer: Vec<u8>,
    ) -> Result<Opened, PushError> {
        if buffer.is_empty() || !buffer.len().is_multiple_of(PAD) {
            return Err(PushError::Decrypt);
        }
        schedule.decrypt(&mut buffer);
        let found = layout(&buffer).and_then(|(end, appid)| {
            if appid == self.appid.as_bytes() {
                Ok(end)
            } else {
                Err(PushError::Appid)
            }
        });
        match found {
            Ok(end) => {
                buffer.truncate(end);
                buffer.drain(..HEAD);
                Ok(Opened {
                    plaintext: buffer,
                    key,
                })
            }
            Err(refused) => {
                buffer.zeroize();
                Err(refused)
            }
        }
    }

    /// Encrypts and signs a message with the key in force. `random16` must be random.
    #[must_use]
    pub fn seal(
        &self,
        plaintext: &[u8],
        timestamp: &str,
        nonce: &str,
        random16: [u8; 16],
    ) -> Sealed {
        self.seal_with(KeyUsed::Current, plaintext, timestamp, nonce, random16)
    }

    /// Encrypts and signs an answer with the key that opened the question: WeChat still reads with that one.
    #[must_use]
    pub fn seal_with(
        &self,
        key: KeyUsed,
        plaintext: &[u8],
        timestamp: &str,
        nonce: &str,
        random16: [u8; 16],
    ) -> Sealed {
        let schedule = match (key, &self.previous) {
            (KeyUsed::Previous, Some(previous)) => previous,
            (KeyUsed::Previous, None) | (KeyUsed::Current, _) => &self.current,
        };
        let mut buffer = padded(plaintext, &self.appid, random16);
        schedule.encrypt(&mut buffer);
        let encrypt = STANDARD.encode(&buffer);
        let msg_signature = signature::text(&signature::digest([
            self.token.expose_secret().as_bytes(),
            timestamp.as_bytes(),
            nonce.as_bytes(),
            encrypt.as_bytes(),
        ]));
        Sealed {
            encrypt,
            msg_signature,
            timestamp: timestamp.to_owned(),
            nonce: nonce.to_owned(),
        }
    }
}

/// Where the message ends and which appid follows it.
fn layout(plain: &[u8]) -> Result<(usize, &[u8]), PushError> {
    let plain = unpad(plain).ok_or(PushError::Decrypt)?;
    let (_random, rest) = plain.split_at_checked(16).ok_or(PushError::Decrypt)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(PushError::Decrypt)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| PushError::Decrypt)?;
    let (_message, appid) = rest.split_at_checked(length).ok_or(PushError::Decrypt)?;
    Ok((HEAD + length, appid))
}

/// Takes 1 to 32 equal bytes off the end. All bytes of the padding are looked at.
fn unpad(plain: &[u8]) -> Option<&[u8]> {
    let pad = *plain.last()?;
    let length = usize::from(pad);
    if !(1..=PAD).contains(&length) {
        return None;
    }
    let (kept, padding) = plain.split_at_checked(plain.len().checked_sub(length)?)?;
    let differing = padding.iter().fold(0, |seen, byte| seen | (byte ^ pad));
    (differing == 0).then_some(kept)
}

fn padded(plaintext: &[u8], appid: &str, random16: [u8; 16]) -> Vec<u8> {
    let length = HEAD + plaintext.len() + appid.len();
    let pad = PAD - length % PAD;
    let mut buffer = Vec::with_capacity(length + pad);
    buffer.extend_from_slice(&random16);
    // The wire has 32 bits for the length; what is sealed here is an answer of a few KiB.
    buffer.extend_from_slice(
        &u32::try_from(plaintext.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    buffer.extend_from_slice(plaintext);
    buffer.extend_from_slice(appid.as_bytes());
    buffer.extend(std::iter::repeat_n(pad.to_le_bytes()[0], pad));
    buffer
}
