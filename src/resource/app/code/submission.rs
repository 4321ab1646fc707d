//! What is said of a version when it is submitted: pages, categories, what users write in it.

use serde_json::{Map, Value, json};

use super::machine::Again;
use super::missing;
use super::spec::{CodeSpec, ItemSpec, Method, Scene, UgcSpec};
use super::{Code, Halt, read};
use crate::plan::path::SpecPath;
use crate::plan::{Text, Verdict, Why, WhyKind};
use crate::resource::{FileRef, Resource as _, View};
use crate::wechat::category::{self, Reviewable, ReviewableCategory};
use crate::wechat::code::{self, Pages};
use crate::wechat::{Endpoint, Hole, media};

/// What is sent; else what is missing.
pub(super) fn body(spec: &CodeSpec, again: Option<Again>, view: &View<'_>) -> Result<Value, Halt> {
    let Reviewable { category_list } = read(view, category::reviewable_request(view.account()))?;
    let audit = spec.audit.clone().unwrap_or_default();
    let item = view.at.item(view.spec);
    let privacy = item.and_then(|item| item.privacy.as_ref());
    let whole = [ItemSpec::default()];
    let items = if audit.items.is_empty() {
        &whole[..]
    } else {
        &audit.items
    };
    if items.iter().any(|item| item.page.is_some()) {
        let pages: Pages = read(view, code::pages_request(view.account()))?;
        let known = |page: &str| {
            pages
                .page_list
                .iter()
                .any(|one| one.trim_matches('/') == page)
        };
        let wanted = items.iter().filter_map(|item| item.page.as_deref());
        if let Some(missing) = wanted
            .map(|page| page.trim_matches('/'))
            .find(|page| !known(page))
        {
            return Err(say(missing::no_page(missing)));
        }
    }
    let items = items.iter().map(|item| self::item(item, &category_list));
    let items: Vec<Value> = items.collect::<Result<_, _>>()?;
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("item_list", json!(items));
    if let Some(description) = &audit.description {
        put("version_desc", json!(description.trim()));
    }
    if let Some(ugc) = &audit.ugc {
        put("ugc_declare", self::ugc(ugc));
    }
    if privacy.is_some_and(|privacy| privacy.declare_unused) {
        put("privacy_api_not_use", json!(true));
    }
    let path = Code::path(view.at).field("audit");
    if let Some(preview) = &audit.preview {
        let of = |name: &str, files: &[FileRef]| {
            holes(
                view,
                &path.field("preview").field(name),
                files,
                &code::UPLOAD,
            )
        };
        let in_body = |holes: Vec<Hole>| json!(holes.iter().map(Hole::in_body).collect::<Vec<_>>());
        let pictures = in_body(of("pictures", &preview.pictures)?);
        let videos = in_body(of("videos", &preview.videos)?);
        put(
            "preview_info",
            json!({"pic_id_list": pictures, "video_id_list": videos}),
        );
    }
    if let (Some(feedback), Some(Again::Refused)) = (&audit.feedback, again) {
        if let Some(text) = &feedback.text {
            put("feedback_info", json!(text.trim()));
        }
        let files = holes(
            view,
            &path.field("feedback").field("files"),
            &feedback.files,
            &media::UPLOAD,
        )?;
        if !files.is_empty() {
            put("feedback_stuff", Hole::joined(&files));
        }
    }
    Ok(Value::Object(body))
}

/// What the files of a list will be called, once they are uploaded.
fn holes(
    view: &View<'_>,
    path: &SpecPath,
    files: &[FileRef],
    by: &'static Endpoint,
) -> Result<Vec<Hole>, Halt> {
    let one = |n: usize| {
        let facts = view.files.get(&path.index(n));
        let file = facts.map(|facts| facts.sha256.clone()).ok_or_else(|| {
            let why = Why {
                kind: WhyKind::ReadFailed,
                text: Text::new(
                    format!("提审所需的文件未读取（{}）", path.index(n)),
                    format!("a file for the reviewers was not read ({})", path.index(n)),
                ),
            };
            Halt::Say(Box::new(Verdict::Unknown(why)))
        })?;
        Ok(Hole::Media { file, by })
    };
    (0..files.len()).map(one).collect()
}

fn say(waiting: crate::plan::Waiting) -> Halt {
    Halt::Say(Box::new(Verdict::Waiting(waiting)))
}

/// One page. WeChat wants the names of its category beside the numbers.
fn item(item: &ItemSpec, categories: &[ReviewableCategory]) -> Result<Value, Halt> {
    let wanted = item.category.as_deref().map(str::trim);
    let found = match wanted {
        None => categories.first(),
        Some(wanted) => categories.iter().find(|one| is_called(one, wanted)),
    };
    let category = found.ok_or_else(|| say(missing::no_category(wanted, categories)))?;
    let ReviewableCategory {
        first_class,
        second_class,
        third_class,
        first_id,
        second_id,
        third_id,
    } = category;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if let Some(page) = &item.page {
        put("address", json!(page.trim_matches('/')));
    }
    if !item.tags.is_empty() {
        put("tag", json!(item.tags.join(" ")));
    }
    if let Some(title) = &item.title {
        put("title", json!(title));
    }
    put("first_class", json!(first_class));
    put("second_class", json!(second_class));
    put("first_id", json!(first_id));
    put("second_id", json!(second_id));
    if let (Some(class), Some(id)) = (third_class, third_id) {
        put("third_class", json!(class));
        put("third_id", json!(id));
    }
    Ok(Value::Object(fields))
}

/// Whether a category is called so, down to its second level, or to its third.
fn is_called(one: &ReviewableCategory, wanted: &str) -> bool {
    let two = format!("{}/{}", one.first_class, one.second_class);
    let three = one
        .third_class
        .as_ref()
        .map(|third| format!("{two}/{third}"));
    two == wanted || three.as_deref() == Some(wanted)
}

fn ugc(ugc: &UgcSpec) -> Value {
    let UgcSpec {
        scenes,
        methods,
        other_scene,
        audit_team,
        description,
    } = ugc;
    let scene = |scene: &Scene| match scene {
        Scene::Profile => 1,
        Scene::Picture => 2,
        Scene::Video => 3,
        Scene::Text => 4,
        Scene::Other => 5,
    };
    let method = |method: &Method| match method {
        Method::WechatApi => 1,
        Method::OtherProduct => 2,
        Method::Manual => 3,
        Method::None => 4,
    };
    let scenes: Vec<i64> = match scenes.as_slice() {
        [] => vec![0],
        scenes => scenes.iter().map(scene).collect(),
    };
    let methods: Vec<i64> = methods.iter().map(method).collect();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("scene", json!(scenes));
    put("has_audit_team", json!(i64::from(*audit_team)));
    if !methods.is_empty() {
        put("method", json!(methods));
    }
    if let Some(other) = other_scene {
        put("other_scene_desc", json!(other));
    }
    if let Some(description) = description {
        put("audit_desc", json!(description));
    }
    Value::Object(fields)
}
