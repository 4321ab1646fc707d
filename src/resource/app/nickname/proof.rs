//! What proves the right to a name: the licence of an organisation, a person's identity card, other material. What goes
//! along depends on the principal, so it is known only once WeChat has said what kind of principal it is.

use super::spec::{NicknameSpec, license_path, material_path};
use super::{Nickname, profile};
use crate::plan::path::SpecPath;
use crate::plan::{Person, Reason, Text, Verdict, Waiting, Why, WhyKind};
use crate::resource::file::FileFacts;
use crate::resource::{Resource as _, View, spec as tenant};
use crate::wechat::basic_info::{BasicInfo, PrincipalKind};
use crate::wechat::nickname::{self, Holder, NewName};
use crate::wechat::{Call, FileDigest};

/// What goes along with a name.
pub(super) struct Proof {
    person: bool,
    license: FileDigest,
    materials: Vec<FileDigest>,
}

impl Proof {
    /// What is sent.
    pub(super) fn call(&self, spec: &NicknameSpec, view: &View<'_>) -> Call {
        let holder = if self.person {
            Holder::Person(&self.license)
        } else {
            Holder::Organisation(&self.license)
        };
        let new = NewName {
            name: spec.name(),
            holder: Some(holder),
            other_stuff: &self.materials,
        };
        nickname::set_request(view.account(), &new)
    }
}

/// The pictures that go along; else what is missing.
pub(super) fn proof(
    spec: &NicknameSpec,
    info: &BasicInfo,
    view: &View<'_>,
) -> Result<Proof, Box<Verdict>> {
    let person = match info.principal_kind() {
        Some(PrincipalKind::Person) => true,
        Some(
            PrincipalKind::Enterprise
            | PrincipalKind::Media
            | PrincipalKind::Government
            | PrincipalKind::Other,
        ) => false,
        Some(PrincipalKind::Unknown(_)) | None => {
            return Err(Box::new(Verdict::Unknown(profile::not_said(
                "principal_type",
            ))));
        }
    };
    let path = Nickname::path(view.at);
    let principal = view.spec.principal.as_ref();
    let license = if spec.has_license() {
        license_path(&path)
    } else if principal.is_some_and(|one| one.license.is_some()) {
        tenant::licence_path()
    } else {
        return Err(Box::new(Verdict::Waiting(no_license(person))));
    };
    let materials = (0..spec.materials()).map(|n| material_path(&path, n));
    Ok(Proof {
        person,
        license: digest(&license, view)?,
        materials: materials
            .map(|path| digest(&path, view))
            .collect::<Result<_, _>>()?,
    })
}

/// Whoever loads manifests reads their files; else somebody did not.
fn digest(path: &SpecPath, view: &View<'_>) -> Result<FileDigest, Box<Verdict>> {
    let facts = view.files.get(path);
    let digest = facts.map(|FileFacts { sha256, .. }| sha256.clone());
    digest.ok_or_else(|| {
        Box::new(Verdict::Unknown(Why {
            kind: WhyKind::ReadFailed,
            text: Text::new(
                format!("名称的证明文件未读取（{path}）"),
                format!("a file for the name was not read ({path})"),
            ),
        }))
    })
}

fn no_license(person: bool) -> Waiting {
    let (zh, en) = if person {
        (
            "个人主体设置名称须附身份证照片：请在配置中写明 nickname.license",
            "a person's mini-program gets a name with a picture of the identity card alone: give `nickname.license` in the \
             manifest",
        )
    } else {
        (
            "设置名称须附主体执照（营业执照）的图片：请在配置中写明 principal.license 或 nickname.license",
            "an organisation's mini-program gets a name with a picture of its licence (营业执照) alone: give \
             `principal.license`, or `nickname.license`, in the manifest",
        )
    };
    Waiting::new(
        Reason::DocumentsMissing,
        Person::Operator,
        Text::new(zh, en),
    )
}
