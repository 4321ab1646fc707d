//! `multipart/form-data` as uploads come in: the named parts of a body.
//!
//! Read as leniently as WeChat does, with one exception it is known for: a part without a file name is no file.

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// None: an ordinary field.
    pub(super) file_name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// The parts of a body that came with this `Content-Type`. What is no form has none.
pub(super) fn parts(content_type: &str, body: &[u8]) -> Vec<Part> {
    let Some(boundary) = boundary(content_type) else {
        return Vec::new();
    };
    let delimiter = format!("--{boundary}");
    let mut found = Vec::new();
    let mut rest = body;
    while let Some((_, after)) = split_at(rest, delimiter.as_bytes()) {
        let Some(after) = after.strip_prefix(b"\r\n") else {
            break;
        };
        let Some((inside, _)) = split_at(after, format!("\r\n{delimiter}").as_bytes()) else {
            break;
        };
        found.extend(part(inside));
        rest = after.get(inside.len()..).unwrap_or_default();
    }
    found
}

fn boundary(content_type: &str) -> Option<String> {
    let is_form = content_type.to_ascii_lowercase();
    if !is_form.starts_with("multipart/form-data") {
        return None;
    }
    parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())
}

fn part(inside: &[u8]) -> Option<Part> {
    let (head, bytes) = split_at(inside, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        bytes: bytes.to_vec(),
    })
}

/// `name` in `form-data; name="media"; filename="a;b.png"`, with or without quotes.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if key
            .trim_matches([';', ' ', '\t'])
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value.trim().to_owned());
        }
        rest = left;
    }
}

/// What comes before and after the first `mark`.
fn split_at<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes
        .windows(mark.len())
        .position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_is_in_them() {
        let body = b"preamble\r\n--x\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--y\r\n\xff\r\n--x\r\ncontent-disposition: form-data; name=note\r\n\r\n\r\n--x--\r\n";
        let parts = parts("multipart/form-data; charset=utf-8; boundary=\"x\"", body);
        let expected = [
            ("media", Some("a;b.png"), &b"\x89PNG\r\n--y\r\n\xff"[..]),
            ("note", None, b""),
        ]
        .map(|(name, file_name, bytes)| Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            bytes: bytes.to_vec(),
        });
        assert_eq!(parts, expected);
    }

    #[test]
    fn what_is_no_form_has_no_parts() {
        let form = b"--x\r\nContent-Disposition: form-data; name=media\r\n\r\na\r\n--x--";
        assert_eq!(parts("multipart/form-data; boundary=x", form).len(), 1);
        for (kind, body) in [
            ("application/json", &form[..]),
            ("multipart/form-data", form),
            ("multipart/form-data; boundary=y", form),
            ("multipart/form-data; boundary=x", &form[..30]),
            ("multipart/form-data; boundary=x", b""),
        ] {
            assert_eq!(parts(kind, body), [], "{kind}");
        }
    }
}
