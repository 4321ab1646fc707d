//! A table as spreadsheets save it (RFC 4180): a header, then one account a line. Columns: `appid`, `name`, `item`,
//! `class`, `labels.<label>`, `values.<value>`; an empty field says nothing.

use super::{Mapped, Mapping};
use crate::wechat::Appid;

/// What is wrong, with its line.
type Wrong = (usize, String);

/// Where a column's fields go.
enum Column {
    Appid,
    Name,
    Item,
    Class,
    Label(String),
    Value(String),
}

/// Reads a table.
pub(super) fn table(text: &str) -> Result<Mapping, Wrong> {
    let mut records = records(text)?.into_iter();
    let (line, header) = records.next().unwrap_or((1, Vec::new()));
    let columns = header
        .iter()
        .map(|name| column(name.trim()).ok_or_else(|| (line, unknown(name))))
        .collect::<Result<Vec<_>, _>>()?;
    if !columns.iter().any(|column| matches!(column, Column::Appid)) {
        return Err((line, "there is no column `appid`".to_owned()));
    }
    let mut found = Mapping::new();
    for (line, fields) in records {
        if fields.len() != columns.len() {
            let (n, wanted) = (fields.len(), columns.len());
            let word = if n == 1 { "field" } else { "fields" };
            return Err((line, format!("{n} {word}, the header has {wanted}")));
        }
        let (account, mapped) = row(&columns, &fields).map_err(|what| (line, what))?;
        if found.contains_key(&account) {
            return Err((line, format!("{account} is listed twice")));
        }
        found.insert(account, mapped);
    }
    Ok(found)
}

fn column(name: &str) -> Option<Column> {
    match (name, name.split_once('.')) {
        ("appid" | "appId", _) => Some(Column::Appid),
        ("name", _) => Some(Column::Name),
        ("item", _) => Some(Column::Item),
        ("class", _) => Some(Column::Class),
        (_, Some(("labels", label))) if !label.is_empty() => Some(Column::Label(label.to_owned())),
        (_, Some(("values", value))) if !value.is_empty() => Some(Column::Value(value.to_owned())),
        _ => None,
    }
}

fn unknown(name: &str) -> String {
    format!(
        "unknown column `{name}`: the columns are appid, name, item, class, labels.<label>, values.<value>"
    )
}

fn row(columns: &[Column], fields: &[String]) -> Result<(Appid, Mapped), String> {
    let mut account = Err("the appid is missing".to_owned());
    let mut mapped = Mapped::default();
    for (column, field) in columns.iter().zip(fields) {
        let field = field.trim();
        match column {
            Column::Appid => account = Appid::parse(field).map_err(|error| error.to_string()),
            _ if field.is_empty() => {}
            Column::Name => mapped.name = Some(field.to_owned()),
            Column::Item => mapped.item = Some(field.to_owned()),
            Column::Class => mapped.class = Some(field.to_owned()),
            Column::Label(label) => {
                mapped.labels.insert(label.clone(), field.to_owned());
            }
            Column::Value(value) => {
                mapped.values.insert(value.clone(), field.to_owned());
            }
        }
    }
    Ok((account?, mapped))
}

/// The records with the lines they begin on; blank ones are left out.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, Wrong> {
    let mut found = Vec::new();
    let mut record = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let (mut line, mut began) = (1, 1);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            ('"', true) => quoted = false,
            ('"', false) if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\r', false) if letters.peek() == Some(&'\n') => {}
            ('\n', false) => {
                record.push(std::mem::take(&mut field));
                found.push((began, std::mem::take(&mut record)));
                began = line;
            }
            (letter, _) => field.push(letter),
        }
    }
    if quoted {
        return Err((began, "a quote is never closed".to_owned()));
    }
    record.push(field);
    found.push((began, record));
    found.retain(|(_, fields)| fields.iter().any(|field| !field.trim().is_empty()));
    Ok(found)
}
