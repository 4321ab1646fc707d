//! Answers as the field has met them: fields gone or null, texts that are no texts, half an answer.
//!
//! Works on an answer that is ready, so whatever an API answers can be had oddly. JSON knows no raw control characters
//! and no half characters; they stand as marks in the texts until the bytes are written.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of some thirty kinds of fault each place is about a few"
)]

use serde_json::{Value, json};

use super::answer::{Bytes, File};
use super::fault::{Fault, Kind};
use super::pointer::{Step, segments, walk};

/// Fields people type names into: where texts are damaged when nothing else is said.
const NAMES: &[&str] = &["name", "nick_name", "nickname", "title"];
/// Fields that hold an appid.
const APPIDS: &[&str] = &["appid", "authorizer_appid", "open_appid"];

/// Marks, out of a plane that nobody writes with, and the bytes they stand for.
const MARKS: [(Kind, char, &[u8]); 4] = [
    (Kind::RawControl, '\u{10fff0}', b"\x0b"),
    (Kind::BrokenUtf8, '\u{10fff1}', b"\xe5\x8f"),
    (Kind::HalfSurrogate, '\u{10fff2}', b"\\ud83d"),
    (Kind::BomInText, '\u{10fff3}', b"\xef\xbb\xbf"),
];

/// An answer on its way out.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// None: an empty body, or a file.
    body: Option<Value>,
    /// In place of a body; only its length can be odd.
    file: Option<File>,
    marked: bool,
    bom: bool,
    end: End,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Half,
    Cut,
}

impl Draft {
    pub(super) fn new(body: Value) -> Self {
        Self {
            body: Some(body),
            file: None,
            marked: false,
            bom: false,
            end: End::Whole,
        }
    }

    pub(super) fn of_file(file: File) -> Self {
        Self {
            body: None,
            file: Some(file),
            ..Self::new(Value::Null)
        }
    }

    /// Does to the answer what is ordered, and tells whether there was anything to do.
    pub(super) fn shape(&mut self, fault: &Fault) -> bool {
        match fault.kind {
            Kind::BomBefore => !std::mem::replace(&mut self.bom, true),
            Kind::CutShort => self.end_with(End::Half),
            Kind::CutOnTheWire => self.end_with(End::Cut),
            Kind::FieldGone if fault.at.as_deref() == Some("") => self.body.take().is_some(),
            kind => self.body.as_mut().is_some_and(|body| match mark_of(kind) {
                Some(mark) => {
                    let hit = damage(body, fault.at.as_deref(), mark);
                    self.marked |= hit;
                    hit
                }
                None => reshape(body, fault),
            }),
        }
    }

    fn end_with(&mut self, end: End) -> bool {
        let whole = self.end == End::Whole;
        self.end = end;
        whole
    }

    pub(super) fn bytes(&self) -> Bytes {
        let mut bytes = match (&self.file, &self.body) {
            (Some(file), _) => file.bytes.clone(),
            (None, Some(body)) => serde_json::to_vec(body).unwrap_or_default(),
            (None, None) => Vec::new(),
        };
        if self.marked {
            for (_, mark, meant) in MARKS {
                let mut letters = [0; 4];
                bytes = replaced(&bytes, mark.encode_utf8(&mut letters).as_bytes(), meant);
            }
        }
        if self.bom {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
        }
        let whole = bytes.len();
        if self.end != End::Whole {
            bytes.truncate(whole / 2);
        }
        Bytes {
            sent: bytes,
            announced: (self.end == End::Cut).then_some(whole),
            file: self
                .file
                .as_ref()
                .map(|file| (file.content_type, file.name.clone())),
        }
    }
}

/// What concerns the answer's fields.
fn reshape(body: &mut Value, fault: &Fault) -> bool {
    match fault.kind {
        Kind::FieldGone | Kind::FieldNull | Kind::FieldValue => place(body, fault),
        Kind::NoPayload => {
            let bare = json!({"errcode": 0, "errmsg": "ok"});
            let strips = errcode(body) == 0 && *body != bare;
            if strips {
                *body = bare;
            }
            strips
        }
        Kind::ErrcodeAsText => {
            let code = errcode(body).to_string();
            set_errcode(body, Value::from(code))
        }
        Kind::ErrcodeAsFloat => {
            #[expect(clippy::cast_precision_loss, reason = "codes have seven digits")]
            let code = errcode(body) as f64;
            set_errcode(body, Value::from(code))
        }
        Kind::CapitalAppids => each_text(body, &mut |field, text| {
            let capitals = text.to_uppercase();
            let changes = APPIDS.contains(&field) && capitals != *text;
            if changes {
                *text = capitals;
            }
            changes
        }),
        _ => false,
    }
}

fn errcode(body: &Value) -> i64 {
    body.get("errcode").and_then(Value::as_i64).unwrap_or(0)
}

fn set_errcode(body: &mut Value, code: Value) -> bool {
    let Value::Object(fields) = body else {
        return false;
    };
    fields.insert("errcode".to_owned(), code.clone()) != Some(code)
}

/// Takes away, empties or replaces what is at the fault's place.
fn place(body: &mut Value, fault: &Fault) -> bool {
    let instead = match fault.kind {
        Kind::FieldGone => None,
        _ => Some(fault.value.clone().unwrap_or(Value::Null)),
    };
    let at = fault.at.as_deref().unwrap_or_default();
    match (segments(at).as_slice(), instead) {
        ([], Some(instead)) => {
            let changes = *body != instead;
            *body = instead;
            changes
        }
        (path, instead) => walk(body, path, &mut |parent, step| match (parent, step) {
            (Value::Object(fields), Step::Field(name)) => match &instead {
                None => fields.remove(name).is_some(),
                Some(value) => fields.insert(name.clone(), value.clone()).as_ref() != Some(value),
            },
            (Value::Array(items), Step::Item(place)) => match (&instead, items.get_mut(*place)) {
                (None, Some(_)) => {
                    items.remove(*place);
                    true
                }
                (Some(value), Some(item)) => std::mem::replace(item, value.clone()) != *value,
                (_, None) => false,
            },
            _ => false,
        }),
    }
}

fn mark_of(kind: Kind) -> Option<char> {
    let found = MARKS.iter().find(|(of, _, _)| *of == kind);
    found.map(|(_, mark, _)| *mark)
}

/// Puts the mark behind the first letter of every text that is meant.
fn damage(body: &mut Value, at: Option<&str>, mark: char) -> bool {
    let marked = |text: &mut String| {
        let behind = text.chars().next().map(char::len_utf8);
        if let Some(behind) = behind {
            text.insert(behind, mark);
        }
        behind.is_some()
    };
    let Some(at) = at else {
        return each_text(body, &mut |field, text| {
            NAMES.contains(&field) && marked(text)
        });
    };
    walk(
        body,
        &segments(at),
        &mut |parent, step| match step.below(parent) {
            Some(Value::String(text)) => marked(text),
            _ => false,
        },
    )
}

/// Shows every text with the name of its field.
fn each_text(value: &mut Value, see: &mut impl FnMut(&str, &mut String) -> bool) -> bool {
    fn each(
        field: &str,
        value: &mut Value,
        see: &mut impl FnMut(&str, &mut String) -> bool,
    ) -> bool {
        match value {
            Value::String(text) => see(field, text),
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |hit, item| each(field, item, see) | hit),
            Value::Object(fields) => fields
                .iter_mut()
                .fold(false, |hit, (name, value)| each(name, value, see) | hit),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    each("", value, see)
}

fn replaced(bytes: &[u8], mark: &[u8], meant: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(mark) {
            out.extend_from_slice(meant);
            rest = behind;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(body: Value, fault: Value) -> (bool, Vec<u8>) {
        let mut order = json!({"endpoint": "*"});
        order
            .as_object_mut()
            .unwrap()
            .extend(fault.as_object().unwrap().clone());
        let mut draft = Draft::new(body);
        let hit = draft.shape(&serde_json::from_value(order).unwrap());
        (hit, draft.bytes().sent)
    }

    fn text(body: Value, fault: Value) -> String {
        let (hit, bytes) = shaped(body, fault);
        assert!(hit);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_place_is_emptied_filled_or_gone() {
        let list = || json!({"list": [{"a": 1}, {"a": 2}, {"a/b": 3}]});
        for (kind, at, expected) in [
            ("fieldGone", "/list/-", r#"{"list":[{"a":1},{"a":2}]}"#),
            ("fieldGone", "/list/*", r#"{"list":[]}"#),
            ("fieldGone", "/list/*/a", r#"{"list":[{},{},{"a/b":3}]}"#),
            (
                "fieldGone",
                "/list/2/a~1b",
                r#"{"list":[{"a":1},{"a":2},{}]}"#,
            ),
            ("fieldGone", "", ""),
            ("fieldNull", "/list", r#"{"list":null}"#),
            ("fieldNull", "", "null"),
            (
                "fieldNull",
                "/list/0",
                r#"{"list":[null,{"a":2},{"a/b":3}]}"#,
            ),
        ] {
            assert_eq!(
                text(list(), json!({"kind": kind, "at": at})),
                expected,
                "{kind} {at}"
            );
        }
        let value = json!({"kind": "fieldValue", "at": "/new", "value": [1]});
        assert_eq!(text(json!({"a": 1}), value), r#"{"a":1,"new":[1]}"#);
        for at in ["/nothing", "/list/9", "/list/x", "/list/0/a/b", "/list/-/b"] {
            let (hit, _) = shaped(list(), json!({"kind": "fieldGone", "at": at}));
            assert!(!hit, "{at}");
        }
    }

    #[test]
    fn texts_are_damaged_in_names_or_where_it_is_said() {
        let body = || json!({"nick_name": "测试", "key": "K1", "empty": ""});
        for (kind, bytes) in [
            ("rawControl", &b"\x0b"[..]),
            ("brokenUtf8", b"\xe5\x8f"),
            ("halfSurrogate", b"\\ud83d"),
            ("bomInText", b"\xef\xbb\xbf"),
        ] {
            let expected = [
                b"{\"empty\":\"\",\"key\":\"K1\",\"nick_name\":\"\xe6\xb5\x8b",
                bytes,
                b"\xe8\xaf\x95\"}",
            ]
            .concat();
            assert_eq!(
                shaped(body(), json!({"kind": kind})),
                (true, expected),
                "{kind}"
            );
            let (hit, bytes_at) = shaped(body(), json!({"kind": kind, "at": "/key"}));
            assert!(hit && bytes_at.windows(bytes.len()).any(|window| window == bytes));
            let (hit, _) = shaped(body(), json!({"kind": kind, "at": "/empty"}));
            assert!(!hit, "nothing to be damaged");
        }
    }

    #[test]
    fn the_errcode_has_another_type() {
        let (ok, busy) = (json!({"a": 1}), json!({"errcode": -1}));
        assert_eq!(
            text(ok.clone(), json!({"kind": "errcodeAsText"})),
            r#"{"a":1,"errcode":"0"}"#
        );
        assert_eq!(
            text(busy.clone(), json!({"kind": "errcodeAsText"})),
            r#"{"errcode":"-1"}"#
        );
        assert_eq!(
            text(ok, json!({"kind": "errcodeAsFloat"})),
            r#"{"a":1,"errcode":0.0}"#
        );
        assert_eq!(
            text(busy, json!({"kind": "errcodeAsFloat"})),
            r#"{"errcode":-1.0}"#
        );
    }

    #[test]
    fn only_a_success_has_a_payload_to_lose() {
        let bare = r#"{"errcode":0,"errmsg":"ok"}"#;
        assert_eq!(
            text(json!({"menu": {}}), json!({"kind": "noPayload"})),
            bare
        );
        let (hit, _) = shaped(json!({"errcode": 46003}), json!({"kind": "noPayload"}));
        assert!(!hit);
    }

    #[test]
    fn half_an_answer_says_whether_it_was_to_be_more() {
        let mut draft = Draft::new(json!({"a": 1}));
        let cut = json!({"endpoint": "*", "kind": "cutOnTheWire"});
        assert!(draft.shape(&serde_json::from_value(cut).unwrap()));
        let expected = Bytes {
            sent: b"{\"a".to_vec(),
            file: None,
            announced: Some(7),
        };
        assert_eq!(draft.bytes(), expected);
        assert_eq!(text(json!({"a": 1}), json!({"kind": "cutShort"})), "{\"a");
        let (_, with_mark) = shaped(json!({}), json!({"kind": "bomBefore"}));
        assert_eq!(with_mark, b"\xef\xbb\xbf{}");
    }
}
