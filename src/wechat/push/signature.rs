//! SHA-1 over the sorted parts, in lowercase hex, compared in constant time.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// The signature of a URL verification (`signature` over token, timestamp and nonce), in lowercase hex.
///
/// It does not cover a body: never enough for a push.
#[must_use]
pub fn plain_signature(token: &str, timestamp: &str, nonce: &str) -> String {
    text(&digest([
        token.as_bytes(),
        timestamp.as_bytes(),
        nonce.as_bytes(),
    ]))
}

/// Whether `signature` is the [`plain_signature`], compared in constant time.
#[must_use]
pub fn plain_signature_matches(token: &str, timestamp: &str, nonce: &str, signature: &str) -> bool {
    matches(
        [token.as_bytes(), timestamp.as_bytes(), nonce.as_bytes()],
        signature,
    )
}

/// The hex digest of the parts, sorted by bytes and joined without separator.
pub(super) fn digest<const N: usize>(mut parts: [&[u8]; N]) -> [u8; 40] {
    parts.sort_unstable();
    let mut sha = Sha1::new();
    for part in parts {
        sha.update(part);
    }
    let mut hex = [0; 40];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(sha.finalize()) {
        pair.copy_from_slice(&[nibble(byte >> 4), nibble(byte & 15)]);
    }
    hex
}

pub(super) fn matches<const N: usize>(parts: [&[u8]; N], signature: &str) -> bool {
    digest(parts).as_slice().ct_eq(signature.as_bytes()).into()
}

pub(super) fn text(hex: &[u8; 40]) -> String {
    hex.iter().copied().map(char::from).collect()
}

fn nibble(half: u8) -> u8 {
    if half < 10 {
        b'0' + half
    } else {
        b'a' + half - 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_example_gives_the_official_signature() {
        let signature = "cc0c594499c1634947d5b502f158ee518947db27";
        assert_eq!(
            plain_signature("AAAAA", "1715943329", "1590219412"),
            signature
        );
        assert!(plain_signature_matches(
            "AAAAA",
            "1715943329",
            "1590219412",
            signature
        ));
        assert!(!plain_signature_matches(
            "AAAAA",
            "1715943329",
            "1590219413",
            signature
        ));
        assert!(!plain_signature_matches(
            "AAAAA",
            "1715943329",
            "1590219412",
            ""
        ));
    }
}
