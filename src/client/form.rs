//! A form with one file, as uploads want it (`multipart/form-data`, RFC 7578).

use crate::wechat::FileDigest;

/// A form with one file.
#[derive(Debug, Clone)]
pub(super) struct Form {
    boundary: String,
    bytes: Vec<u8>,
}

impl Form {
    /// A form whose only part is this file. Its name tells WeChat no more than its kind: `file.png`.
    pub(super) fn of(part: &str, (ending, kind): (&str, &str), file: &[u8]) -> Self {
        let boundary = boundary(file);
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"file.{ending}\"\r\n\
             Content-Type: {kind}\r\n\r\n"
        );
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(file);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self { boundary, bytes }
    }

    /// The header that says where parts begin and end.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The body.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// What stands nowhere in the file: its own digest, or the digest of that.
fn boundary(file: &[u8]) -> String {
    let mut digest = FileDigest::of(file);
    while has(file, digest.short().as_bytes()) {
        digest = FileDigest::of(digest.as_str().as_bytes());
    }
    format!("wxops-{}", digest.short())
}

fn has(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_between_its_boundaries_byte_for_byte() {
        let file = b"\x89PNG\r\n--\x00\xff";
        let form = Form::of("media", ("png", "image/png"), file);
        let kind = form.content_type();
        let boundary = kind.split_once("boundary=").unwrap().1;
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"file.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        let body = form.bytes();
        let rest = body.strip_prefix(head.as_bytes()).unwrap();
        let rest = rest.strip_prefix(file).unwrap();
        assert_eq!(rest, format!("\r\n--{boundary}--\r\n").as_bytes());
    }

    #[test]
    fn a_boundary_is_found_nowhere_in_the_file() {
        for file in [b"".as_slice(), b"x", &[0; 1000]] {
            let boundary = boundary(file);
            assert!(!has(file, boundary.as_bytes()) && boundary.len() < 70);
        }
    }
}
