//! Encryption at rest: XChaCha20-Poly1305 under one key, each document bound to its name.
//!
//! It sits above the backends, so whatever holds the bytes (a folder, a socket, etcd) never sees a secret. Without
//! a key the store is plain, and whoever opens it says so. It does not hide names of documents or their sizes, and
//! it does not notice a whole store put back to an older state.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Whether documents are encrypted.
#[derive(Debug, Clone)]
pub enum Sealing {
    /// As they are. Whoever can read the files can read the tokens.
    Plain,
    /// Under a key.
    Key(SealingKey),
}

/// A key of 32 bytes.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; KEY_BYTES]>);

/// Why a text is no sealing key. Says nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store's key must be 32 bytes, written as 64 hex digits or as base64")]
pub struct NotASealingKey;

impl Sealing {
    /// Whether documents are encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        match self {
            Self::Plain => false,
            Self::Key(_) => true,
        }
    }
}

impl SealingKey {
    /// Takes a key as it is.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new random key.
    #[must_use]
    pub fn random() -> Self {
        Self::new(rand::random())
    }

    /// Reads a key as people write it: 64 hex digits, or base64 of 32 bytes in either alphabet.
    ///
    /// # Errors
    /// [`NotASealingKey`].
    pub fn parse(text: &str) -> Result<Self, NotASealingKey> {
        let text = text.trim();
        let bytes = from_hex(text).or_else(|| {
            let unpadded = text.trim_end_matches('=');
            STANDARD_NO_PAD
                .decode(unpadded)
                .or_else(|_| URL_SAFE_NO_PAD.decode(unpadded))
                .ok()
        });
        let bytes = Zeroizing::new(bytes.ok_or(NotASealingKey)?);
        let bytes: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| NotASealingKey)?;
        Ok(Self::new(bytes))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_ref().into())
    }

    /// Encrypts, bound to `name`. `None` only for sizes no document reaches.
    pub(super) fn seal(&self, name: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: plain,
            aad: name,
        };
        let sealed = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            .ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SealingKey::seal`] made under the same name; `None` if key, name or bytes differ.
    pub(super) fn open(&self, name: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload {
            msg: sealed,
            aad: name,
        };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .ok()
            .map(Zeroizing::new)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != KEY_BYTES * 2 || !text.is_ascii() {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_hex_and_from_base64() {
        let hex = "00ff".repeat(16);
        let bytes: [u8; 32] = std::array::from_fn(|i| if i % 2 == 0 { 0 } else { 0xff });
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        for text in [hex.as_str(), base64.as_str(), &format!(" {base64}\n")] {
            assert_eq!(*SealingKey::parse(text).unwrap().0, bytes, "{text}");
        }
        for bad in ["", "short", &"0".repeat(63), &"zz".repeat(32)] {
            assert!(SealingKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sealed_bytes_open_only_under_their_key_and_name() {
        let key = SealingKey::random();
        let sealed = key.seal(b"cred/a", b"token").unwrap();
        assert_eq!(key.open(b"cred/a", &sealed).unwrap().as_slice(), b"token");
        assert!(key.open(b"cred/b", &sealed).is_none());
        assert!(SealingKey::random().open(b"cred/a", &sealed).is_none());
        for index in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[index] ^= 1;
            assert!(key.open(b"cred/a", &bent).is_none(), "byte {index}");
        }
        assert!(key.open(b"cred/a", &sealed[..10]).is_none());
    }
}
