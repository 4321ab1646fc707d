//! The inside of the push envelope, and properties of sealing and opening that hold for every message.

use proptest::prelude::*;
use wxops::wechat::push::{EncodingAesKey, PushCipher, PushError, PushQuery, Sealed};

const TOKEN: &str = "tok_sim_2026";
const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFA";
const APPID: &str = "wx1111222233334444";
const RANDOM: [u8; 16] = *b"abcdef0123456789";

fn key(text: &str) -> EncodingAesKey {
    EncodingAesKey::parse(text).unwrap()
}

fn cipher() -> PushCipher {
    PushCipher::new(TOKEN, APPID, key(KEY), None)
}

fn query(sealed: &Sealed) -> PushQuery {
    PushQuery {
        timestamp: sealed.timestamp.clone(),
        nonce: sealed.nonce.clone(),
        msg_signature: sealed.msg_signature.clone(),
        encrypt_type: None,
    }
}

/// A ciphertext of `plain` as it is, signed: what an attacker who knows the token, or a broken sender, could send.
fn signed_raw(plain: &[u8]) -> (PushQuery, String) {
    use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
    use base64::engine::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha1::{Digest, Sha1};

    // The key of 43 × `A` is 32 zero bytes.
    let sealed = cbc::Encryptor::<aes::Aes256>::new(&[0; 32].into(), &[0; 16].into())
        .encrypt_padded_vec::<NoPadding>(plain);
    let encrypt = STANDARD.encode(sealed);
    let mut parts = [TOKEN, "1", "n", &encrypt];
    parts.sort_unstable();
    let digest = Sha1::digest(parts.concat());
    let query = PushQuery {
        timestamp: "1".to_owned(),
        nonce: "n".to_owned(),
        msg_signature: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        encrypt_type: None,
    };
    (query, format!("<xml><Encrypt>{encrypt}</Encrypt></xml>"))
}

fn open_raw(plain: &[u8]) -> Result<Vec<u8>, PushError> {
    let (query, body) = signed_raw(plain);
    PushCipher::new(TOKEN, APPID, key(&"A".repeat(43)), None)
        .open(&query, body.as_bytes())
        .map(|opened| opened.plaintext)
}

fn laid_out(length: u32, message: &[u8], pad: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut plain = RANDOM.to_vec();
    plain.extend(length.to_be_bytes());
    plain.extend(message);
    plain.extend(APPID.as_bytes());
    let left = 32 - plain.len() % 32;
    plain.extend(pad(left));
    plain
}

fn honest(left: usize) -> Vec<u8> {
    vec![u8::try_from(left).unwrap(); left]
}

#[test]
fn every_padding_from_1_to_32_is_taken_off() {
    for length in 0..64_u8 {
        let message = vec![b'm'; length.into()];
        assert_eq!(
            open_raw(&laid_out(length.into(), &message, honest)),
            Ok(message)
        );
    }
}

#[test]
fn whatever_is_wrong_inside_is_one_and_the_same_error() {
    let message = [b'm'; 5];
    let pads: [fn(usize) -> Vec<u8>; 4] = [
        |left| vec![0; left],
        |left| vec![33; left],
        |left| vec![255; left],
        |left| {
            let mut pad = honest(left);
            pad[0] ^= 1;
            pad
        },
    ];
    for pad in pads {
        assert_eq!(
            open_raw(&laid_out(5, &message, pad)),
            Err(PushError::Decrypt)
        );
    }
    for length in [5 + 18 + 1, 0x7fff_ffff, u32::MAX] {
        assert_eq!(
            open_raw(&laid_out(length, &message, honest)),
            Err(PushError::Decrypt)
        );
    }
    assert_eq!(open_raw(&[32; 32]), Err(PushError::Decrypt), "no layout");
    let not_32 = laid_out(5, &message, |left| {
        honest(if left > 16 { left - 16 } else { left + 16 })
    });
    assert_eq!(not_32.len() % 32, 16);
    assert_eq!(open_raw(&not_32), Err(PushError::Decrypt));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_opens_to_itself(
        message in prop::collection::vec(any::<u8>(), 0..3_000),
        random in any::<[u8; 16]>(),
        nonce in "[0-9a-z]{0,20}",
    ) {
        let sealed = cipher().seal(&message, "1763848800", &nonce, random);
        for body in [sealed.notice_xml(APPID), sealed.message_xml("gh_1"), sealed.reply_xml()] {
            let opened = cipher().open(&query(&sealed), body.as_bytes()).unwrap();
            prop_assert_eq!(&opened.plaintext, &message);
        }
    }

    #[test]
    fn one_flipped_bit_in_what_is_signed_is_refused(
        message in prop::collection::vec(any::<u8>(), 0..200),
        place in any::<prop::sample::Index>(),
        bit in 0..7_u32,
    ) {
        let sealed = cipher().seal(&message, "1763848800", "nonce", RANDOM);
        let flip = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let at = place.index(bytes.len());
            bytes[at] ^= 1 << bit;
            String::from_utf8(bytes).unwrap()
        };
        let good = query(&sealed);
        let body = sealed.notice_xml(APPID);
        let bad_queries = [
            PushQuery { timestamp: flip(&good.timestamp), ..good.clone() },
            PushQuery { nonce: flip(&good.nonce), ..good.clone() },
            PushQuery { msg_signature: flip(&good.msg_signature), ..good.clone() },
        ];
        for bad in bad_queries {
            prop_assert_eq!(cipher().open(&bad, body.as_bytes()), Err(PushError::Signature));
        }
        prop_assert_eq!(
            cipher().open_encrypt(&good, &flip(&sealed.encrypt)),
            Err(PushError::Signature)
        );
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..500)) {
        let nothing = cipher().open(&PushQuery::default(), &body);
        prop_assert!(nothing.is_err());
    }
}
