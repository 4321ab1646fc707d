//! Names, labels and values for accounts that are taken over: what an operator knows of them and WeChat does not.
//!
//! YAML (appid → name, item, class, labels, values) or a table as a spreadsheet saves it (CSV).

mod csv;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::document::is_name;
use super::problem::Problem;
use super::read::{Completeness, read};
use super::source::Sources;
use super::yaml;
use crate::resource::is_item;
use crate::wechat::Appid;

/// What is known of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapped {
    /// The tenant's name. Accounts of one name are one tenant's.
    pub name: Option<String>,
    /// Of a mini-program: its name among the tenant's.
    pub item: Option<String>,
    /// The class that holds what it shares with others of that class.
    pub class: Option<String>,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `values`, for the placeholders of a class.
    pub values: BTreeMap<String, String>,
}

/// What is known, by account.
pub type Mapping = BTreeMap<Appid, Mapped>;

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {what}")]
pub struct MappingError {
    place: String,
    what: String,
}

/// Reads a mapping; a file that ends in `.csv` is a table.
///
/// # Errors
/// [`MappingError`], the first mistake with its place.
pub fn mapping(path: &str, bytes: &[u8]) -> Result<Mapping, MappingError> {
    let wrong = |line: Option<usize>, what: String| MappingError {
        place: line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}")),
        what,
    };
    let text = std::str::from_utf8(bytes).map_err(|_| {
        wrong(
            None,
            "this file is not UTF-8 (it may be GBK): save it as UTF-8".to_owned(),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let found = if path.to_ascii_lowercase().ends_with(".csv") {
        csv::table(text).map_err(|(line, what)| wrong(Some(line), what))?
    } else {
        from_yaml(path, text)?
    };
    let mut names = BTreeSet::new();
    for (account, mapped) in &found {
        if let Some(class) = mapped.class.as_ref().filter(|class| !is_name(class)) {
            return Err(wrong(
                None,
                format!(
                    "`{class}` ({account}) cannot be a class's name: at most 63 of a-z, 0-9 and -, with a letter or \
                     digit at both ends"
                ),
            ));
        }
        if let Some(item) = mapped.item.as_ref().filter(|item| !is_item(item)) {
            return Err(wrong(
                None,
                format!(
                    "`{item}` ({account}) cannot be the name of a mini-program: small letters, digits and `-`, beginning \
                     with a letter, at most 32 characters"
                ),
            ));
        }
        let Some(name) = &mapped.name else { continue };
        if !is_name(name) {
            return Err(wrong(
                None,
                format!(
                    "`{name}` ({account}) cannot be a tenant's name: at most 63 of a-z, 0-9 and -, with a letter or \
                     digit at both ends"
                ),
            ));
        }
        if let Some(item) = &mapped.item
            && !names.insert((name, item))
        {
            return Err(wrong(
                None,
                format!("two mini-programs of `{name}` are called `{item}`"),
            ));
        }
    }
    Ok(found)
}

fn from_yaml(path: &str, text: &str) -> Result<Mapping, MappingError> {
    let mut sources = Sources::default();
    let file = sources.push(path, text.to_owned());
    let mut problems = Vec::new();
    let mut found = Mapping::new();
    for mut tree in yaml::documents(file, text, &mut problems) {
        let read: Option<Mapping> = read(&mut tree, Completeness::Whole, &mut problems);
        found.extend(read.unwrap_or_default());
    }
    match problems.first() {
        None => Ok(found),
        Some(Problem {
            span,
            message,
            label,
            help,
            ..
        }) => {
            let place = sources.place(*span);
            let more = [Some(label.as_str()), help.as_deref()];
            let more = more.into_iter().flatten().filter(|text| !text.is_empty());
            let what: Vec<&str> = std::iter::once(message.as_str()).chain(more).collect();
            Err(MappingError {
                place: format!("{}:{}:{}", place.file, place.line, place.column),
                what: what.join("; "),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) {
        let found = mapping(path, text.as_bytes()).unwrap();
        let account = |appid: &str| &found[&Appid::parse(appid).unwrap()];
        let first = account("wx1111111111111111");
        assert_eq!(first.name.as_deref(), Some("sunrise"));
        assert_eq!(first.labels["city"], "杭州, 西湖");
        assert_eq!(first.values["week"], "1.10");
        assert_eq!(first.class.as_deref(), Some("school"));
        let second = account("wx2222222222222222");
        assert_eq!((second.name.as_deref(), second.labels.len()), (None, 0));
    }

    #[test]
    fn a_table_and_a_map_say_the_same() {
        check(
            "m.csv",
            "\u{feff}appid,name,class,labels.city,values.week\r\nwx1111111111111111,sunrise,school,\"杭州, 西湖\",1.10\r\n\r\nwx2222222222222222,,,,\r\n",
        );
        check(
            "m.yaml",
            "wx1111111111111111: {name: sunrise, class: school, labels: {city: '杭州, 西湖'}, values: {week: 1.10}}\nwx2222222222222222: {}\n",
        );
    }

    #[test]
    fn accounts_of_one_name_are_one_tenants() {
        let text = "appid,name,item\nwx1111111111111111,a,\nwx2222222222222222,a,main\nwx3333333333333333,b,main\n";
        let found = mapping("m.csv", text.as_bytes()).unwrap();
        let second = &found[&Appid::parse("wx2222222222222222").unwrap()];
        assert_eq!(
            (second.name.as_deref(), second.item.as_deref()),
            (Some("a"), Some("main"))
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let cases = [
            ("m.csv", "appid,nam\n", "m.csv:1: unknown column `nam`"),
            ("m.csv", "name\n", "m.csv:1: there is no column `appid`"),
            (
                "m.csv",
                "appid,name\nwx1,a\n",
                "m.csv:2: `wx1` is not an appid",
            ),
            (
                "m.csv",
                "appid,name\nwx1111111111111111\n",
                "m.csv:2: 1 field, the header has 2",
            ),
            (
                "m.csv",
                "appid,name\nwx1111111111111111,\"a\n\n",
                "m.csv:2: a quote is never closed",
            ),
            (
                "m.csv",
                "appid,name\nwx1111111111111111,a\nwx1111111111111111,b\n",
                "m.csv:3: wx1111111111111111 is listed twice",
            ),
            (
                "m.csv",
                "appid,name\nwx1111111111111111,A\n",
                "`A` (wx1111111111111111) cannot be a tenant's name",
            ),
            (
                "m.csv",
                "appid,name,item\nwx1111111111111111,a,m\nwx2222222222222222,a,m\n",
                "two mini-programs of `a` are called `m`",
            ),
            (
                "m.csv",
                "appid,item\nwx1111111111111111,M\n",
                "`M` (wx1111111111111111) cannot be the name of a mini-program",
            ),
            (
                "m.yaml",
                "wx1111111111111111: {nam: a}\n",
                "m.yaml:1:22: unknown field `nam`",
            ),
            ("m.yaml", "wx1: {}\n", "m.yaml:1:1: "),
            ("m.yaml", "a: [", "m.yaml:1:4: this is not YAML"),
        ];
        for (path, text, expected) in cases {
            let error = mapping(path, text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(
            mapping("m.csv", b"\xb9\xab")
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
    }
}
