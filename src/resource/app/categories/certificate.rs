//! What a manifest says of a document (资质) that a category needs: its name, a picture, how long it is good for.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::file::{FileRef, Format, Wanted};
use crate::wechat::calendar::shanghai;
use crate::wechat::category::{Certificate, Validity};
use crate::wechat::{FileDigest, template};

/// So many a category may have. No page of WeChat's gives a number; its own lists have two or three.
const MOST: usize = 10;

/// What WeChat takes as a picture of a document.
pub(super) const WANTED: Wanted = Wanted {
    what: "a certificate",
    most: 2 * 1024 * 1024,
    formats: &[Format::Jpeg, Format::Png, Format::Gif],
};

/// One document: a picture of it (exactly one of `file`, and `url` with `sha256`), and how long it is good for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CertificateSpec {
    /// The document's name as WeChat lists it for the category, as in `《民办学校办学许可证》`.
    #[schemars(extend("x-wire" = "certicates[].key", "x-calls" = ["wxopen/getallcategories"]))]
    pub key: String,
    /// The picture's path, from the folder of the manifest that names it: JPEG, PNG or GIF, at most 2 MB. It must lie among
    /// the manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-wire" = "certicates[].value", "x-calls" = ["media/upload"]))]
    pub file: Option<String>,
    /// The picture's address (https), asked for when it is sent; needs `sha256`.
    #[schemars(url)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is behind the address: SHA-256, 64 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The last day on which it is good, in Beijing: `2027-05-01`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), extend("x-wire" = "certicates[].expire_time"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Whether it is good for ever; in place of `expires`.
    #[schemars(extend("x-wire" = "certicates[].is_permanent"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub permanent: bool,
}

impl CertificateSpec {
    /// The picture.
    pub(super) fn source(&self) -> FileRef {
        FileRef {
            file: self.file.clone(),
            url: self.url.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// When it is good no more: the end of its last day.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        end_of(self.expires.as_deref()?)
    }

    /// As it is handed in, under the name that WeChat has for it.
    pub(super) fn handed_in(&self, key: &str, file: FileDigest) -> Certificate {
        let until = self
            .ends()
            .map(|ends| Validity::Until(ends.as_second() - 1));
        let permanent = self.permanent.then_some(Validity::Permanent);
        Certificate {
            key: key.to_owned(),
            file,
            validity: until.or(permanent),
        }
    }
}

/// When a document that was handed in is good no more.
pub(super) fn ends(handed_in: &Certificate) -> Option<Timestamp> {
    match handed_in.validity {
        Some(Validity::Until(last)) => Timestamp::from_second(last.checked_add(1)?).ok(),
        Some(Validity::Permanent) | None => None,
    }
}

/// The last day of what ends then.
pub(super) fn last_day(ends: Timestamp) -> Date {
    let last = ends - SignedDuration::from_secs(1);
    last.to_zoned(shanghai()).date()
}

/// What of a document's name counts: whether its brackets are written makes no other.
pub(super) fn plain_key(key: &str) -> String {
    let key = template::plain_label(key);
    key.trim_matches(['《', '》']).to_owned()
}

fn end_of(day: &str) -> Option<Timestamp> {
    let date = day.parse::<Date>().ok()?;
    // A time of that day is no day.
    let date = (date.to_string() == day).then_some(date)?;
    let midnight = date.tomorrow().ok()?.to_zoned(shanghai()).ok()?;
    Some(midnight.timestamp())
}

/// Everything that needs no network and no clock.
pub(super) fn check(all: &[CertificateSpec], path: &SpecPath, found: &mut Diagnostics) {
    if all.len() > MOST {
        found.error(
            "WX1336",
            path.clone(),
            format!("the category has {} certificates", all.len()),
            format!("{MOST} at most"),
            Some("WeChat wants a few of those that it lists for the category: take the others out"),
        );
    }
    let mut keys = BTreeSet::new();
    for (n, one) in all.iter().enumerate() {
        let at = path.index(n);
        let key = plain_key(&one.key);
        if key.is_empty() {
            found.error(
                "WX1331",
                at.clone(),
                "the certificate has no name",
                "`key` is expected here",
                Some("give its name as WeChat lists it for the category, as in `key: 《民办学校办学许可证》`"),
            );
        } else if !keys.insert(key) {
            found.error(
                "WX1332",
                at.field("key"),
                format!("`{}` is given twice", one.key.trim()),
                "the same certificate again",
                Some("WeChat takes one picture of each: put several pages into one picture"),
            );
        }
        check_file(one, &at, found);
        check_validity(one, &at, found);
    }
}

fn check_file(one: &CertificateSpec, at: &SpecPath, found: &mut Diagnostics) {
    let source = one.source();
    if source == FileRef::default() {
        found.error(
            "WX1330",
            at.clone(),
            "the certificate has no picture",
            "`file` is expected here",
            Some("give a picture of it, `file: …`, or `url: …` with `sha256: …`"),
        );
    } else {
        source.check(at, found);
    }
}

fn check_validity(one: &CertificateSpec, at: &SpecPath, found: &mut Diagnostics) {
    let Some(day) = &one.expires else {
        return;
    };
    if end_of(day).is_none() {
        found.error(
            "WX1333",
            at.field("expires"),
            format!("`{day}` is no day"),
            "a day is expected here",
            Some("write the last day on which it is good, as in `2027-05-01`"),
        );
    }
    if one.permanent {
        found.error(
            "WX1335",
            at.clone(),
            "the certificate expires, and is good for ever",
            "one of `expires` and `permanent: true`",
            Some("take out what is not on the document"),
        );
    }
}
