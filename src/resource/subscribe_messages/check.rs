//! What is wrong with subscription notifications can be known offline, before WeChat refuses it.

use std::collections::BTreeMap;

use super::SubscribeMessageSpec;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::templates::is_name;
use crate::wechat::subscribe_message::{KEYWORDS_OF_ONE, MOST, SCENE};
use crate::wechat::template::{is_of_category, plain_label};

pub(super) fn check(spec: &[SubscribeMessageSpec], path: &SpecPath, found: &mut Diagnostics) {
    if spec.len() > MOST {
        found.error(
            "WX1286",
            path.clone(),
            format!(
                "an account has at most {MOST} subscription templates, {} are declared",
                spec.len()
            ),
            "too many templates",
            Some("WeChat refuses the 26th with 200012"),
        );
    }
    let mut names = BTreeMap::new();
    let mut looks = BTreeMap::new();
    let mut ids = BTreeMap::new();
    for (index, item) in spec.iter().enumerate() {
        let path = path.index(index);
        check_item(item, &path, found);
        if names.insert(&item.name, index).is_some() {
            let message = format!("two subscription templates are called `{}`", item.name);
            let help = "each needs a name of its own";
            found.error(
                "WX1284",
                path.field("name"),
                message,
                "called so already",
                Some(help),
            );
        }
        let labels: Vec<String> = item.keywords.iter().map(|text| plain_label(text)).collect();
        let twice = match &item.id {
            Some(id) => ids.insert(id, index).is_some(),
            None => looks
                .insert((plain_label(&item.title), labels), index)
                .is_some(),
        };
        if twice {
            found.error(
                "WX1287",
                path,
                "two items are one subscription template",
                "the same id, or the same title and keywords",
                Some(
                    "take one of them out; business code may ask for one template by one name only",
                ),
            );
        }
    }
}

fn check_item(item: &SubscribeMessageSpec, path: &SpecPath, found: &mut Diagnostics) {
    if !is_name(&item.name) {
        found.error(
            "WX1284",
            path.field("name"),
            "a subscription template's name is of small letters, digits and `-`",
            "not such a name",
            Some("business code asks for it as `subscribeMessages.<name>`: class-reminder"),
        );
    }
    if item.title.trim().is_empty() {
        found.error(
            "WX1285",
            path.field("title"),
            "a subscription template needs its title",
            "empty",
            Some("the title in WeChat's library: WeChat gives no tid back, so it is recognised by its title"),
        );
    }
    if item.tid.as_ref().is_some_and(|tid| !is_of_category(tid)) {
        found.error(
            "WX1285",
            path.field("tid"),
            "this is no number of WeChat's library",
            "not digits",
            Some("it is the number in the library (模板库), not the template id"),
        );
    }
    let plain = || item.keywords.iter().map(|text| plain_label(text));
    let mut distinct: Vec<String> = plain().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let count_fits = item.tid.is_none() || KEYWORDS_OF_ONE.contains(&item.keywords.len());
    if distinct.len() < item.keywords.len() || plain().any(|text| text.is_empty()) || !count_fits {
        found.error(
            "WX1285",
            path.field("keywords"),
            "a subscription template is chosen with 2 to 5 keywords",
            "too few, too many, empty or repeated",
            Some("the keywords of the library, in the order of the lines; WeChat refuses with 200020 else"),
        );
    }
    let scene = item.scene.as_ref();
    if scene.is_some_and(|scene| scene.trim().is_empty() || scene.chars().count() > SCENE) {
        found.error(
            "WX1285",
            path.field("scene"),
            format!("the description of a scene has 1 to {SCENE} characters"),
            "too short or too long",
            Some("leave it out, or shorten it; WeChat refuses a longer one with 200021"),
        );
    }
}
