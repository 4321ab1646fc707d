//! The message key (消息加解密Key) and its kept key schedule.
//!
//! The console calls it EncodingAESKey: 43 letters and digits, which are base64 of 32 bytes without the `=`.
//! 43 characters hold 258 bits, so the last character carries two bits that mean nothing and are set in three of
//! four real keys: a strict base64 reader refuses those keys.

use std::fmt;

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc, Block};
use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::PushError;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A message key as 32 bytes. Prints nothing, is wiped when dropped.
#[derive(Clone)]
pub struct EncodingAesKey(Zeroizing<[u8; 32]>);

impl EncodingAesKey {
    /// Reads the 43 characters of the console.
    ///
    /// # Errors
    /// [`PushError::Key`] for anything but 43 ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, PushError> {
        if text.len() != 43 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(PushError::Key);
        }
        let mut key = Zeroizing::new([0; 32]);
        match LENIENT.decode_slice(text, key.as_mut_slice()) {
            Ok(32) => Ok(Self(key)),
            Ok(_) | Err(_) => Err(PushError::Key),
        }
    }
}

impl fmt::Debug for EncodingAesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodingAesKey([REDACTED])")
    }
}

/// AES-256-CBC under one key, whose first half is also the constant IV. Expanded once, used for every push.
pub(super) struct Schedule {
    enc: Aes256Enc,
    dec: Aes256Dec,
    iv: Block,
}

impl Schedule {
    pub(super) fn new(key: &EncodingAesKey) -> Self {
        let (iv, _) = key.0.split_at(16);
        let mut block = Block::default();
        block.copy_from_slice(iv);
        Self {
            enc: Aes256Enc::new((&*key.0).into()),
            dec: Aes256Dec::new((&*key.0).into()),
            iv: block,
        }
    }

    /// Encrypts whole blocks in place. The caller padded to 32, so nothing is left over.
    pub(super) fn encrypt(&self, buffer: &mut [u8]) {
        let (blocks, _) = Block::slice_as_chunks_mut(buffer);
        cbc::Encryptor::<&Aes256Enc>::inner_iv_init(&self.enc, &self.iv).encrypt_blocks(blocks);
    }

    /// Decrypts whole blocks in place. The caller checked that the length is a multiple of 32.
    pub(super) fn decrypt(&self, buffer: &mut [u8]) {
        let (blocks, _) = Block::slice_as_chunks_mut(buffer);
        cbc::Decryptor::<&Aes256Dec>::inner_iv_init(&self.dec, &self.iv).decrypt_blocks(blocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_stray_low_bits_is_read_like_the_key_without_them() {
        let clean = EncodingAesKey::parse(&"A".repeat(43)).unwrap();
        let stray = EncodingAesKey::parse(&format!("{}B", "A".repeat(42))).unwrap();
        assert_eq!(*clean.0, [0; 32]);
        assert_eq!(stray.0, clean.0);
    }

    #[test]
    fn a_key_is_43_letters_and_digits() {
        for bad in [
            String::new(),
            "A".repeat(42),
            "A".repeat(44),
            format!("{}=", "A".repeat(42)),
            format!("{}+", "A".repeat(42)),
            format!(" {}", "A".repeat(42)),
            "密".repeat(43),
        ] {
            assert_eq!(
                EncodingAesKey::parse(&bad).err(),
                Some(PushError::Key),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_key_prints_nothing() {
        let key = EncodingAesKey::parse("0123456789abcdefghijklmnopqrstuvwxyzABCDEFA").unwrap();
        assert_eq!(format!("{key:?}"), "EncodingAesKey([REDACTED])");
    }
}
