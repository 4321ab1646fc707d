//! What a manifest says of a mini-program's code.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::path::SpecPath;
use crate::resource::file::{FileRef, Format, Wanted};

/// The code that users should have. It is committed, reviewed and released, each once; what was released is taken back only
/// where the manifest names an older version.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeSpec {
    /// The template it is made of, in the platform's library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateSpec>,
    /// What is said of it in WeChat's console; what the template says unless given. A tag is added by which it is known
    /// again.
    #[schemars(extend("x-wire" = "user_desc", "x-calls" = ["commit"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What becomes its `ext.json`. The appid is put in by itself (`extAppid`).
    #[schemars(extend("x-wire" = "ext_json", "x-calls" = ["commit"]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ext: BTreeMap<String, Value>,
    /// Raise it to have the same template reviewed and released again: users get domains and the privacy guide with a
    /// release alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// What the reviewers are told.
    #[schemars(extend("x-limit" = "an audit is one of the platform's few of a month", "x-calls" = ["submit_audit", "get_latest_auditstatus", "queryquota"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditSpec>,
    /// How it goes online.
    #[schemars(extend("x-calls" = ["release", "grayrelease", "revertcoderelease", "getversioninfo"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseSpec>,
    /// `true`: nothing is committed, submitted or released; what runs stays.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hold: bool,
}

/// Which template: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct TemplateSpec {
    /// By its number.
    #[schemars(extend("x-wire" = "template_id", "x-calls" = ["gettemplatelist"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// By its version, where one template alone has it.
    #[schemars(extend("x-wire" = "user_version", "x-calls" = ["gettemplatelist"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The one that was added last. Following a newer one takes a yes (`followLatest`): whoever adds a template to the library
    /// would change every mini-program that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<LatestSpec>,
}

/// The newest template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LatestSpec {}

/// What the reviewers are told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AuditSpec {
    /// Its pages and what they are for. Left out: the app as a whole, under its first approved category.
    #[schemars(extend("x-wire" = "item_list", "x-limit" = "5"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemSpec>,
    /// What is new in this version.
    #[schemars(extend("x-wire" = "version_desc"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What users write or upload in it (UGC).
    #[schemars(extend("x-wire" = "ugc_declare"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ugc: Option<UgcSpec>,
    /// Pictures and videos for the reviewers.
    #[schemars(extend("x-wire" = "preview_info", "x-calls" = ["uploadmedia"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewSpec>,
    /// An answer to the reviewers, after they refused. WeChat reads it then alone.
    #[schemars(extend("x-wire" = "feedback_info"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<FeedbackSpec>,
    /// `true`: an audit is asked to be done sooner, which is one of the platform's few of a month and takes a yes.
    #[schemars(extend("x-calls" = ["speedupaudit"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub speed_up: bool,
}

/// What the reviewers can look at beside the code.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PreviewSpec {
    /// Pictures: JPEG, PNG or GIF, at most 2 MB each.
    #[schemars(extend("x-wire" = "pic_id_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<FileRef>,
    /// Videos: MP4, at most 10 MB each.
    #[schemars(extend("x-wire" = "video_id_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub videos: Vec<FileRef>,
}

/// An answer to the reviewers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FeedbackSpec {
    /// What was changed, or why nothing had to be.
    #[schemars(length(max = 200), extend("x-wire" = "feedback_info"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Pictures that show it: JPEG, PNG or GIF, at most 2 MB each.
    #[schemars(extend("x-wire" = "feedback_stuff", "x-limit" = "5", "x-calls" = ["media/upload"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
}

impl AuditSpec {
    /// Every file it names, where it stands at `path`.
    pub(in crate::resource) fn files(&self, path: &SpecPath) -> Vec<(SpecPath, FileRef, Wanted)> {
        let preview = self.preview.as_ref();
        let pictures = preview.map_or(&[][..], |one| &one.pictures);
        let videos = preview.map_or(&[][..], |one| &one.videos);
        let proofs = self.feedback.as_ref().map_or(&[][..], |one| &one.files);
        let preview = path.field("preview");
        let lists = [
            (preview.field("pictures"), pictures, PICTURE),
            (preview.field("videos"), videos, VIDEO),
            (path.field("feedback").field("files"), proofs, PICTURE),
        ];
        let each = lists.into_iter().flat_map(|(path, files, wanted)| {
            let all = files.iter().enumerate();
            all.map(move |(n, file)| (path.index(n), file.clone(), wanted))
        });
        each.collect()
    }
}

const PICTURE: Wanted = Wanted {
    what: "a picture for the reviewers",
    most: 2 * 1024 * 1024,
    formats: &[Format::Jpeg, Format::Png, Format::Gif],
};

const VIDEO: Wanted = Wanted {
    what: "a video for the reviewers",
    most: 10 * 1024 * 1024,
    formats: &[Format::Mp4],
};

/// A page that the reviewers look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ItemSpec {
    /// The page, as in `pages/index/index`.
    #[schemars(extend("x-wire" = "address", "x-calls" = ["get_page"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What it is called.
    #[schemars(length(max = 32), extend("x-wire" = "title"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Words it is found by.
    #[schemars(extend("x-wire" = "tag", "x-limit" = "10 of 20 characters"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The category it belongs to, as in `教育/素质教育`: one that is approved. Left out: the first that is.
    #[schemars(extend("x-wire" = "first_class", "x-calls" = ["get_category"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// What users write or upload, and who looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UgcSpec {
    /// What it is; empty: nothing.
    #[schemars(extend("x-wire" = "scene"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenes: Vec<Scene>,
    /// How it is looked at.
    #[schemars(extend("x-wire" = "method"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
    /// What else there is, where `scenes` has `other`.
    #[schemars(length(max = 256), extend("x-wire" = "other_scene_desc"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_scene: Option<String>,
    /// Whether people look at it.
    #[schemars(extend("x-wire" = "has_audit_team"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit_team: bool,
    /// How it is made safe.
    #[schemars(length(max = 256), extend("x-wire" = "audit_desc"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What users write or upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scene {
    /// Their names and avatars.
    Profile,
    /// Pictures.
    Picture,
    /// Videos.
    Video,
    /// Text.
    Text,
    /// Sound, or what else there is: WeChat's pages differ about 5.
    Other,
}

/// How what users write is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// By WeChat's own API.
    WechatApi,
    /// By another product.
    OtherProduct,
    /// By people.
    Manual,
    /// Not at all.
    None,
}

/// How it goes online.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReleaseSpec {
    /// By degrees (分阶段发布): the shares of users that get it, each for a while, and then all. A first release is whole.
    #[schemars(extend("x-wire" = "gray_percentage", "x-calls" = ["grayrelease", "getgrayreleaseplan"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gray: Vec<GraySpec>,
}

/// A share of users, and for how long it stays so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GraySpec {
    /// The share, from 1 to 99 percent: more than the one before.
    #[schemars(range(min = 1, max = 99))]
    pub percent: u8,
    /// How long it stays before the next, as in `24h`.
    #[schemars(regex(pattern = "^[0-9]+(m|h|d)$"))]
    pub soak: String,
}
