//! The little XML that WeChat speaks: one root, and leaves with text or CDATA in it.
//!
//! A pull parser over borrowed text, because XML is most of the work of taking a push. Names are compared as they
//! are written: `AppId` and `appid` stand side by side in one message. No document types, no entities of one's own.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Deeper than any message of WeChat's.
const DEPTH_LIMIT: usize = 32;

/// Why a text is not such a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Calls `leaf` with name and trimmed text of each direct child of the root, in order. What a child holds in
/// elements of its own is checked for form and skipped.
pub(super) fn children<'a>(
    xml: &'a str,
    mut leaf: impl FnMut(&str, Cow<'a, str>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    let mut roots = 0_usize;
    let mut text: Cow<'a, str> = Cow::Borrowed("");
    loop {
        match reader.read_event().map_err(|_| Malformed)? {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
                if depth > DEPTH_LIMIT || roots > 1 {
                    return Err(Malformed);
                }
                if depth == 2 {
                    text = Cow::Borrowed("");
                }
            }
            Event::End(end) => {
                if depth == 2 {
                    leaf(end.name().0, trimmed(std::mem::take(&mut text)))?;
                }
                depth = depth.checked_sub(1).ok_or(Malformed)?;
            }
            Event::Empty(empty) => match depth {
                0 => roots += 1,
                1 => leaf(empty.name().0, Cow::Borrowed(""))?,
                _ => {}
            },
            Event::Text(more) => add(&mut text, more.into_inner(), depth)?,
            Event::CData(more) => add(&mut text, more.into_inner(), depth)?,
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let resolved = resolve(&reference)?.encode_utf8(&mut buffer);
                add(&mut text, Cow::Owned(resolved.to_owned()), depth)?;
            }
            Event::DocType(_) => return Err(Malformed),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if depth == 0 && roots == 1 {
        Ok(())
    } else {
        Err(Malformed)
    }
}

/// What stands between the tags of the first direct child of the root with this name.
pub(super) fn inside<'a>(xml: &'a str, name: &str) -> Result<Option<&'a str>, Malformed> {
    let mut reader = Reader::from_str(xml);
    let mut is_inside = false;
    loop {
        let event = reader.read_event().map_err(|_| Malformed)?;
        if event == Event::Eof {
            return Ok(None);
        }
        let Event::Start(start) = event else {
            continue;
        };
        // The root.
        if !is_inside {
            is_inside = true;
            continue;
        }
        let end = start.to_end().into_owned();
        let span = reader.read_to_end(end.name()).map_err(|_| Malformed)?;
        if start.name().0 == name {
            let at = |offset: u64| usize::try_from(offset).map_err(|_| Malformed);
            return Ok(xml.get(at(span.start)?..at(span.end)?));
        }
    }
}

/// Text counts only directly in a child of the root; outside the root only blanks may stand.
fn add<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>, depth: usize) -> Result<(), Malformed> {
    match depth {
        0 if !more.trim().is_empty() => Err(Malformed),
        2 if text.trim().is_empty() => {
            *text = more;
            Ok(())
        }
        2 => {
            text.to_mut().push_str(&more);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    if let Some(char) = reference.resolve_char_ref().map_err(|_| Malformed)? {
        return Ok(char);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Malformed),
    }
}

/// Strings keep the blanks around them in WeChat's own samples (`"\n gh_1 "`).
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Appends `text` as CDATA; a `]]>` inside it is split over two sections.
pub(super) fn push_cdata(out: &mut String, text: &str) {
    out.push_str("<![CDATA[");
    for (i, part) in text.split("]]>").enumerate() {
        if i > 0 {
            out.push_str("]]]]><![CDATA[>");
        }
        out.push_str(part);
    }
    out.push_str("]]>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Vec<(String, String)>, Malformed> {
        let mut found = Vec::new();
        children(xml, |name, text| {
            found.push((name.to_owned(), text.into_owned()));
            Ok(())
        })?;
        Ok(found)
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn text_and_cdata_are_the_same_and_blanks_around_them_are_dropped() {
        let xml =
            "<?xml version=\"1.0\"?>\n<xml> <A>\n x </A><B> <![CDATA[ <y> ]]>\n</B><C/></xml>\n";
        assert_eq!(
            read(xml).unwrap(),
            [pair("A", "x"), pair("B", "<y>"), pair("C", "")]
        );
    }

    #[test]
    fn names_differing_only_in_case_are_two_fields() {
        let found = read("<xml><AppId>p</AppId><appid>m</appid></xml>").unwrap();
        assert_eq!(found, [pair("AppId", "p"), pair("appid", "m")]);
    }

    #[test]
    fn what_stands_deeper_is_skipped() {
        let found = read("<xml><info><A>deep</A></info><A>top</A></xml>").unwrap();
        assert_eq!(found, [pair("info", ""), pair("A", "top")]);
    }

    #[test]
    fn references_are_resolved_and_own_entities_refused() {
        let found = read("<xml><A>a&amp;b&#x4E2D;</A></xml>").unwrap();
        assert_eq!(found, [pair("A", "a&b中")]);
        assert!(read("<xml><A>&mine;</A></xml>").is_err());
    }

    #[test]
    fn what_is_not_one_well_formed_root_is_refused() {
        for bad in [
            "",
            "x",
            "<xml>",
            "<xml><A></xml>",
            "<xml><A>1</A><xml>",
            "<a/><b/>",
            "<a></a><b></b>",
            "<xml></xml>tail",
            "<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><A>1</A></xml>",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        assert!(read(&deep).is_err());
    }

    #[test]
    fn cdata_survives_its_own_end_mark() {
        let mut out = String::from("<xml><A>");
        push_cdata(&mut out, "x]]>y");
        out.push_str("</A></xml>");
        assert_eq!(read(&out).unwrap(), [pair("A", "x]]>y")]);
    }
}
