//! `wxops template list`.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ListArgs, ask, open, platform};
use crate::cli::args::Output;
use crate::cli::failed::{OrSay as _, no_platform};
use crate::cli::session::Session;
use crate::cli::stop::{Stop, stop};
use crate::cli::{Io, words};
use crate::plan::Lang;
use crate::wechat::code_template::{
    CodeTemplate, Draft, Drafts, Templates, drafts_request, list_request,
};

/// What there is.
struct Found {
    templates: Vec<CodeTemplate>,
    drafts: Vec<Draft>,
    /// How many mini-programs have a manifest that means it, by its id.
    wanted: BTreeMap<i64, usize>,
}

pub(super) async fn run(args: &ListArgs, io: &mut Io) -> Result<(), Stop> {
    let session = open(&args.library, io).await?;
    let found = find(&session, args, io)
        .await
        .map_err(|error| stop(io, &error))?;
    match args.output {
        Output::Json => io.json(&as_json(&found)),
        Output::Human => human(&found, io),
    }
    Ok(())
}

async fn find(session: &Session, args: &ListArgs, io: &Io) -> anyhow::Result<Found> {
    let name = platform(session, &args.library)?;
    let client = session.client_of(&name).or_say(|| no_platform(&name))?;
    let (reader, appid) = (client.reader(), client.platform().appid.clone());
    let Templates { template_list } = ask(&reader, &name, &list_request(&appid), io).await?;
    let Drafts { draft_list } = ask(&reader, &name, &drafts_request(&appid), io).await?;
    let (mut templates, mut drafts) = (template_list, draft_list);
    templates.sort_by_key(|one| std::cmp::Reverse(one.template_id));
    drafts.sort_by_key(|one| std::cmp::Reverse(one.draft_id));
    let mut wanted = BTreeMap::new();
    let tenants = session
        .tenants
        .iter()
        .filter(|tenant| tenant.platform == name);
    for item in tenants.flat_map(|tenant| &tenant.spec.mini_programs) {
        let means = item.code.as_ref().and_then(|code| code.means(&templates));
        if let Some(id) = means {
            *wanted.entry(id).or_insert(0) += 1;
        }
    }
    Ok(Found {
        templates,
        drafts,
        wanted,
    })
}

fn as_json(found: &Found) -> Value {
    let at = |seconds: Option<i64>| {
        seconds
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .map(|at| at.to_string())
    };
    let templates = found.templates.iter().map(|one| {
        json!({
            "id": one.template_id, "version": one.version(), "description": one.user_desc, "addedAt": at(one.create_time),
            "draft": one.draft_id, "standard": !one.is_ordinary(),
            "miniPrograms": found.wanted.get(&one.template_id).copied().unwrap_or(0),
        })
    });
    let drafts = found.drafts.iter().map(|one| {
        json!({
            "draft": one.draft_id, "version": one.user_version, "description": one.user_desc, "uploadedAt": at(one.create_time),
            "developer": one.developer, "source": one.source_miniprogram_appid,
        })
    });
    json!({"templates": templates.collect::<Vec<_>>(), "drafts": drafts.collect::<Vec<_>>()})
}

fn human(found: &Found, io: &mut Io) {
    let lang = io.lang;
    let at = |seconds: Option<i64>| {
        let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        at.map_or_else(|| "-".to_owned(), words::moment)
    };
    let said = |text: Option<&String>| {
        text.cloned()
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "-".to_owned())
    };
    if found.templates.is_empty() {
        io.note(words::pick(
            lang,
            "代码模板库是空的",
            "the library has no template",
        ));
    } else {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(words::columns(
                lang,
                &[
                    ("模板", "TEMPLATE"),
                    ("版本", "VERSION"),
                    ("说明", "DESCRIPTION"),
                    ("加入时间", "ADDED"),
                    ("小程序", "MINI-PROGRAMS"),
                ],
            ));
        for one in &found.templates {
            let wanted = found.wanted.get(&one.template_id).copied().unwrap_or(0);
            table.add_row(words::cells([
                one.template_id.to_string(),
                said(one.user_version.as_ref()),
                said(one.user_desc.as_ref()),
                at(one.create_time),
                wanted.to_string(),
            ]));
        }
        io.say_lines(table.trim_fmt());
    }
    if found.drafts.is_empty() {
        io.note(words::pick(lang, "没有草稿", "there are no drafts"));
        return;
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(words::columns(
            lang,
            &[
                ("草稿", "DRAFT"),
                ("版本", "VERSION"),
                ("说明", "DESCRIPTION"),
                ("上传时间", "UPLOADED"),
                ("开发者", "DEVELOPER"),
            ],
        ));
    for one in &found.drafts {
        table.add_row(words::cells([
            one.draft_id.to_string(),
            said(one.user_version.as_ref()),
            said(one.user_desc.as_ref()),
            at(one.create_time),
            said(one.developer.as_ref()),
        ]));
    }
    io.say_lines(table.trim_fmt());
    io.note(match lang {
        Lang::Zh => "加入模板库：wxops template promote 草稿编号",
        Lang::En => "to make a template of a draft: wxops template promote DRAFT",
    });
}
