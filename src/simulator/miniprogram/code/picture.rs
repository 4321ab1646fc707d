//! A small JPEG that stands in for a QR code or a screenshot: a grey point, with a text in it that makes it another
//! picture.

/// Picture, table of quantities, one component of one point, two tables of codes, and the point.
const HEAD: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00";
const FRAME: &[u8] = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00";
const CODES: [&[u8]; 2] = [b"\xff\xc4\x00\x14\x00", b"\xff\xc4\x00\x14\x10"];
const SCAN: &[u8] = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9";
/// Most bytes of the text.
const LONGEST: usize = 1000;

/// The picture of this text.
pub(super) fn jpeg(text: &str) -> Vec<u8> {
    let text: Vec<u8> = text.bytes().take(LONGEST).collect();
    let length = u16::try_from(text.len() + 2).unwrap_or_default();
    let mut bytes = HEAD.to_vec();
    bytes.extend(b"\xff\xfe");
    bytes.extend(length.to_be_bytes());
    bytes.extend(text);
    bytes.extend(b"\xff\xdb\x00\x43\x00");
    bytes.extend([1; 64]);
    bytes.extend(FRAME);
    for codes in CODES {
        bytes.extend(codes);
        // One code of one bit, for nothing.
        bytes.push(1);
        bytes.extend([0; 16]);
    }
    bytes.extend(SCAN);
    bytes
}
