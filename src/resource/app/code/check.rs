//! Checks of code that need no network.

use super::spec::{AuditSpec, CodeSpec, GraySpec, ItemSpec, Scene};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;

/// Most pages of a submission.
const MOST_ITEMS: usize = 5;
/// Most tags of a page, and most characters of one.
const TAGS: (usize, usize) = (10, 20);
/// Most characters of a page's title.
const TITLE: usize = 32;
/// Most characters of an answer to the reviewers.
const FEEDBACK: usize = 200;
/// Most characters of each text about what users write.
const UGC: usize = 256;
/// Most pictures that go with it.
const MOST_FILES: usize = 5;

pub(super) fn check(spec: &CodeSpec, path: &SpecPath, found: &mut Diagnostics) {
    if let Some(template) = &spec.template {
        let given = [
            template.id.is_some(),
            template.version.is_some(),
            template.latest.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            found.error(
                "WX1348",
                path.field("template"),
                "which template is it?",
                "exactly one of `id`, `version` and `latest` is expected here",
                Some("write `template: {id: 42}`, `template: {version: 1.4.2}` or `template: {latest: {}}`"),
            );
        }
        if let Some(version) = &template.version
            && (version.trim().is_empty() || version.chars().count() > 64)
        {
            found.error(
                "WX1348",
                path.field("template").field("version"),
                "this is no version of a template",
                "1 to 64 characters are expected",
                Some("write the version as `wxops template list` shows it"),
            );
        }
    } else {
        found.error(
            "WX1348",
            path.clone(),
            "which template is it?",
            "`template` is not declared",
            Some("write `template: {id: 42}`, `template: {version: 1.4.2}` or `template: {latest: {}}`"),
        );
    }
    if spec.ext.contains_key("extAppid") {
        found.error(
            "WX1349",
            path.field("ext").field("extAppid"),
            "the appid is put in by itself",
            "nothing is expected here",
            Some("take `extAppid` out: it is each mini-program's own"),
        );
    }
    if let Some(audit) = &spec.audit {
        self::audit(audit, &path.field("audit"), found);
    }
    gray(spec.gray(), &path.field("release").field("gray"), found);
}

fn audit(spec: &AuditSpec, path: &SpecPath, found: &mut Diagnostics) {
    if spec.items.len() > MOST_ITEMS {
        found.error(
            "WX1364",
            path.field("items").index(MOST_ITEMS),
            format!("a submission names {} pages", spec.items.len()),
            format!("at most {MOST_ITEMS} are taken"),
            Some("keep those that show most of what the mini-program is for"),
        );
    }
    for (index, one) in spec.items.iter().enumerate() {
        item(one, &path.field("items").index(index), found);
    }
    let mut bounded = |path: SpecPath, text: Option<&String>, most: usize| {
        let length = text.map_or(0, |text| text.trim().chars().count());
        if length > most {
            found.error(
                "WX1364",
                path,
                format!("the text has {length} characters"),
                format!("at most {most} are taken"),
                Some("make it shorter"),
            );
        }
    };
    if let Some(ugc) = &spec.ugc {
        let path = path.field("ugc");
        bounded(path.field("otherScene"), ugc.other_scene.as_ref(), UGC);
        bounded(path.field("description"), ugc.description.as_ref(), UGC);
        if ugc.scenes.contains(&Scene::Other) && ugc.other_scene.is_none() {
            found.error(
                "WX1364",
                path.field("scenes"),
                "which other place do users write in?",
                "`otherScene` is expected beside `other`",
                Some("say in `otherScene` where users write"),
            );
        }
    }
    for (path, file, _) in spec.files(path) {
        file.check(&path, found);
    }
    let answer = spec.feedback.clone().unwrap_or_default();
    if answer.files.len() > MOST_FILES {
        found.error(
            "WX1364",
            path.field("feedback").field("files").index(MOST_FILES),
            format!(
                "{} pictures go with the answer to the reviewers",
                answer.files.len()
            ),
            format!("at most {MOST_FILES} are taken"),
            Some("keep those that show what was changed"),
        );
    }
    if let Some(feedback) = &answer.text
        && feedback.trim().chars().count() > FEEDBACK
    {
        found.error(
            "WX1364",
            path.field("feedback").field("text"),
            format!(
                "the answer to the reviewers has {} characters",
                feedback.trim().chars().count()
            ),
            format!("at most {FEEDBACK} are taken"),
            Some("say what was changed, in short"),
        );
    }
}

fn item(spec: &ItemSpec, path: &SpecPath, found: &mut Diagnostics) {
    let mut wrong = |field: &str, what: String, label: String, help: &'static str| {
        found.error("WX1364", path.field(field), what, label, Some(help));
    };
    if let Some(page) = &spec.page
        && (page.trim_matches('/').is_empty()
            || page.contains("://")
            || !page.bytes().all(|byte| byte.is_ascii_graphic()))
    {
        wrong(
            "page",
            "this is no page of a mini-program".to_owned(),
            "a page is expected here".to_owned(),
            "write it as in app.json: pages/index/index",
        );
    }
    if let Some(title) = &spec.title
        && title.chars().count() > TITLE
    {
        wrong(
            "title",
            format!("the title has {} characters", title.chars().count()),
            format!("at most {TITLE} are taken"),
            "make it shorter",
        );
    }
    let (most, longest) = TAGS;
    let too_long =
        |tag: &String| tag.chars().count() > longest || tag.trim().is_empty() || tag.contains(' ');
    if spec.tags.len() > most || spec.tags.iter().any(too_long) {
        wrong(
            "tags",
            format!("a page has at most {most} tags of {longest} characters, without spaces"),
            format!("{} are given", spec.tags.len()),
            "keep those that people would look for",
        );
    }
    if let Some(category) = &spec.category
        && !(1..=2).contains(&category.matches('/').count())
    {
        wrong(
            "category",
            "this is no category".to_owned(),
            "both its names are expected".to_owned(),
            "write it as in `categories`: 教育/素质教育",
        );
    }
}

/// Each share is more than the one before: WeChat takes no smaller one (85082).
fn gray(steps: &[GraySpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut reached = 0;
    for (index, step) in steps.iter().enumerate() {
        let path = path.index(index);
        if step.percent <= reached || step.percent > 99 {
            found.error(
                "WX1365",
                path.field("percent"),
                format!("{} percent cannot follow {reached}", step.percent),
                "more than before, and at most 99, is expected here",
                Some("shares only rise, and after the last all users get it"),
            );
        }
        reached = reached.max(step.percent);
        if step.soaks().is_none() {
            found.error(
                "WX1365",
                path.field("soak"),
                format!("`{}` is no length of time from 1m to 90d", step.soak),
                "a number and `m`, `h` or `d` are expected here",
                Some("write it as in `24h`"),
            );
        }
    }
}
