//! The two ways by which a mini-program's domains are set (via: platform | direct) are never mixed for one app: at a
//! release WeChat drops what is not on the platform's list, the merchant's own included.
//!
//! It looks at the trees, so that two tenants that both name an app are told of this as well.

use std::collections::HashMap;

use super::codes;
use super::problem::Problem;
use super::source::Span;
use super::tree::{Node, Value};

/// Which way was said first of a mini-program, and where.
pub(super) type Ways = HashMap<String, (String, Span)>;

/// Reports every mini-program whose domains are to go another way than was said of it before.
pub(super) fn check(tree: &Node, ways: &mut Ways, problems: &mut Vec<Problem>) {
    let Some(Value::Seq(items)) = tree.get("miniPrograms").map(|node| &node.value) else {
        return;
    };
    for item in items {
        let way = item.get("domains").and_then(|domains| domains.get("via"));
        let (Some(appid), Some(way)) = (item.text_at(&["appId"]), way) else {
            continue;
        };
        let Some(word) = way.scalar().map(|scalar| scalar.text.to_string()) else {
            continue;
        };
        match ways.get(&**appid) {
            Some((first, place)) if *first != word => problems.push(
                Problem::error(
                    codes::VIA,
                    way.span,
                    format!("the domains of {appid} are to go two ways"),
                )
                .label(format!("`{word}` here"))
                .related(*place, format!("`{first}` here"))
                .help("choose one way for a mini-program and keep to it; domains set the other way are dropped at the next release"),
            ),
            Some(_) => {}
            None => {
                ways.insert(appid.to_string(), (word, way.span));
            }
        }
    }
}
