//! What is missing before a version can be submitted, with what to write.

use super::waits::wait;
use crate::plan::{Person, Reason, Text, Waiting};
use crate::wechat::basic_info::BasicInfo;
use crate::wechat::category::ReviewableCategory;
use crate::wechat::code::Detection;

/// A page that the trial version does not have.
pub(super) fn no_page(page: &str) -> Waiting {
    wait(
        Reason::Undeclared,
        Person::Operator,
        format!("code.audit.items 中的页面 {page} 不在已上传的代码里；请改为代码中的页面"),
        format!(
            "`code.audit.items` names the page {page}, which the committed code does not have: name one of its pages"
        ),
    )
}

/// APIs that the code uses and that nobody declares or has permission for, with the lines to add.
pub(super) fn undeclared_apis(found: &Detection) -> Option<Waiting> {
    let Detection {
        without_auth_list,
        without_conf_list,
    } = found;
    let mut zh = Vec::new();
    let mut en = Vec::new();
    if !without_conf_list.is_empty() {
        let names = Text::list(without_conf_list);
        let short = without_conf_list
            .iter()
            .map(|name| name.strip_prefix("wx.").unwrap_or(name));
        let line = format!(
            "requiredPrivateInfos: [{}]",
            short.collect::<Vec<_>>().join(", ")
        );
        zh.push(format!(
            "{} 没有声明：请在 code.ext 中加入 {line}",
            names.zh
        ));
        en.push(format!(
            "{} is not declared: add `{line}` to `code.ext`",
            names.en
        ));
    }
    if !without_auth_list.is_empty() {
        let names = Text::list(without_auth_list);
        let lines = without_auth_list
            .iter()
            .map(|name| format!("- {{name: {name}, reason: …}}"));
        let lines = lines.collect::<Vec<_>>().join("  ");
        zh.push(format!(
            "{} 没有权限：请在 locationApis 中加入 {lines}",
            names.zh
        ));
        en.push(format!(
            "{} is not granted: add {lines} to `locationApis`",
            names.en
        ));
    }
    if zh.is_empty() {
        return None;
    }
    Some(wait(
        Reason::Undeclared,
        Person::Operator,
        format!(
            "微信检测到代码使用了接口，{}；若并不使用，写 privacy.declareUnused: true",
            zh.join("；")
        ),
        format!(
            "WeChat found APIs in the code: {}; or say `privacy.declareUnused: true` if the code does not use them",
            en.join("; ")
        ),
    ))
}

/// What is missing of the profile, without which nothing is submitted (86002). What the answer does not tell, WeChat will.
pub(super) fn profile_lacks(info: &BasicInfo) -> Option<Waiting> {
    let named = info.name().is_none_or(|name| !name.is_empty());
    let introduced = info
        .signature_info
        .as_ref()
        .is_none_or(|one| !one.signature.is_empty());
    let pictured = info.head_image_info.as_ref().is_none_or(|one| {
        let url = one.head_image_url.as_deref();
        url.is_some_and(|url| !url.is_empty())
    });
    let all = [
        (named, "名称", "a name"),
        (introduced, "介绍", "an introduction"),
        (pictured, "头像", "an avatar"),
    ];
    let lacking: Vec<_> = all.into_iter().filter(|(has, _, _)| !has).collect();
    if lacking.is_empty() {
        return None;
    }
    let zh: Vec<&str> = lacking.iter().map(|(_, zh, _)| *zh).collect();
    let en: Vec<&str> = lacking.iter().map(|(_, _, en)| *en).collect();
    Some(wait(
        Reason::DocumentsMissing,
        Person::Operator,
        format!(
            "小程序还缺少{}，不能提交审核；请在配置中写明 nickname、signature 和 avatar，或由小程序管理员在公众平台设置",
            zh.join("、")
        ),
        format!(
            "the mini-program lacks {}, and nothing can be submitted before: declare `nickname`, `signature` and `avatar`, or let its \
             administrator set them in WeChat's console (mp.weixin.qq.com)",
            en.join(" and ")
        ),
    ))
}

/// Nothing can be submitted under it.
pub(super) fn no_category(wanted: Option<&str>, has: &[ReviewableCategory]) -> Waiting {
    let named = has
        .iter()
        .map(|one| format!("{}/{}", one.first_class, one.second_class));
    let named = Text::list(named);
    let (zh, en) = match wanted {
        Some(wanted) if !has.is_empty() => (
            format!("小程序没有已通过审核的类目「{wanted}」（已有：{}），不能以它提交审核", named.zh),
            format!("the mini-program has no approved category `{wanted}` (it has {}), so nothing is submitted under it", named.en),
        ),
        Some(_) | None => (
            "小程序没有已通过审核的服务类目，不能提交审核；请在 categories 中写明类目".to_owned(),
            "the mini-program has no approved category, so nothing can be submitted: declare one in `categories`".to_owned(),
        ),
    };
    wait(Reason::CategoryMissing, Person::Operator, zh, en)
}
