//! `wxops template promote` and `delete`. WeChat gives no id back, so the list is read before and after: what is there already is
//! not added twice.

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};

use super::{ChangeArgs, DeleteArgs, ask, open, platform};
use crate::cli::Io;
use crate::cli::failed::{Failed, OrSay as _, no_platform};
use crate::cli::poke;
use crate::cli::session::Session;
use crate::cli::stop::{Stop, stop};
use crate::plan::{Text, Why};
use crate::store::documents::PromoteDoc;
use crate::store::{Key, Store, StoreError};
use crate::wechat::code_template::{
    CodeTemplate, Draft, Drafts, Templates, add_request, delete_request, drafts_request,
    list_request,
};
use crate::wechat::{Answer, Effect};

/// How long after a request has begun to be sent its template is waited for: a request's time and what WeChat lags behind.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// So many tenants are named.
const NAMED: usize = 5;

pub(super) async fn promote(args: &ChangeArgs, io: &mut Io) -> Result<(), Stop> {
    let session = open(&args.library, io).await?;
    let name = platform(&session, &args.library).map_err(|error| stop(io, &error))?;
    let (said, id) = promoted(&session, &name, args, io)
        .await
        .map_err(|error| stop(io, &error))?;
    // Tenants may have waited for a template, or follow the newest.
    poke::whole(&args.library.place, &name).await;
    io.note(said.in_lang(io.lang));
    io.say(id);
    Ok(())
}

async fn promoted(
    session: &Session,
    name: &str,
    args: &ChangeArgs,
    io: &Io,
) -> anyhow::Result<(Text, i64)> {
    let client = session.client_of(name).or_say(|| no_platform(name))?;
    let (reader, appid) = (client.reader(), client.platform().appid.clone());
    let Drafts { draft_list } = ask(&reader, name, &drafts_request(&appid), io).await?;
    let Some(draft) = draft_list.iter().find(|one| one.draft_id == args.draft) else {
        let ids = Text::list(draft_list.iter().map(|one| one.draft_id));
        bail!(Failed::new(
            format!(
                "没有编号为 {} 的草稿（现有：{}）；用 wxops template list 查看",
                args.draft, ids.zh
            ),
            format!(
                "there is no draft {} (there are: {}); see `wxops template list`",
                args.draft, ids.en
            ),
        ));
    };
    let key = Key::promote(&appid, draft.draft_id);
    let begun = begun_before(&session.store, &key, draft, client.clock().now()).await?;
    // Read after the turn is taken: what another had added by then is shown.
    let before: Templates = ask(&reader, name, &list_request(&appid), io).await?;
    match of_draft(&before.template_list, draft) {
        Known::Yes(there) => {
            let id = there.template_id;
            return Ok((
                Text::new(
                    format!("该草稿已是模板 {id}"),
                    format!("the draft is template {id} already"),
                ),
                id,
            ));
        }
        Known::Maybe(there) => bail!(Failed::from(may_be(there.template_id))),
        Known::No => {}
    }
    if begun {
        bail!(Failed::from(being_added()));
    }
    let answer = client
        .writer()
        .put(&add_request(&appid, draft.draft_id))
        .await;
    if let Answer::Refused(error) = &answer {
        if error.effect == Effect::None {
            session
                .store
                .modify(&key, Option::<PromoteDoc>::take)
                .await?;
        }
        bail!(Failed::from(Why::refused(error).text));
    }
    let after: Templates = ask(&reader, name, &list_request(&appid), io).await?;
    let new = after.template_list.iter().filter(|one| {
        before
            .template_list
            .iter()
            .all(|old| old.template_id != one.template_id)
    });
    let mut new: Vec<&CodeTemplate> = new.filter(|one| is_of(one, draft)).collect();
    new.sort_by_key(|one| one.template_id);
    match (new.last(), answer) {
        (Some(added), _) => {
            let (id, version) = (added.template_id, added.version());
            Ok((
                Text::new(
                    format!("已加入模板库：模板 {id}，版本 {version}"),
                    format!("added to the library: template {id}, version {version}"),
                ),
                id,
            ))
        }
        (None, Answer::Lost(lost)) => bail!(Failed::from(Why::lost(&lost).text)),
        (None, Answer::Done(_) | Answer::Refused(_)) => bail!(Failed::new(
            "微信返回成功，但列表中还没有新模板；稍后请用 wxops template list 核对，不要重复执行".to_owned(),
            "WeChat answered success, and its list has no new template yet: look at `wxops template list` in a while, and do not \
             run this again before"
                .to_owned(),
        )),
    }
}

/// Whether somebody was about to add the draft a moment ago, so that WeChat may not show it yet. If not, it is us from now on.
async fn begun_before(
    store: &Store,
    key: &Key,
    draft: &Draft,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let begins = PromoteDoc {
        uploaded: draft.create_time,
        at: now,
    };
    let take = |doc: &mut Option<PromoteDoc>| {
        let same = doc.as_ref().filter(|doc| doc.uploaded == begins.uploaded);
        let young = same.is_some_and(|doc| now.duration_since(doc.at).abs() < SHOWN_AFTER);
        if !young {
            *doc = Some(begins.clone());
        }
        young
    };
    store.modify(key, take).await
}

fn may_be(id: i64) -> Text {
    Text::new(
        format!(
            "模板 {id} 可能就是由该草稿生成的，微信的应答没有写明；没有重复添加。若确实需要另一个模板，请先删除它，或在开放平台添加"
        ),
        format!(
            "template {id} may have been made of this draft, and WeChat's answer leaves out what would tell: nothing was added again. If \
             you want another template, delete that one first, or add it in WeChat's console"
        ),
    )
}

fn being_added() -> Text {
    let seconds = SHOWN_AFTER.as_secs();
    Text::new(
        format!(
            "{seconds} 秒内已有人开始把该草稿加入模板库，列表中还没有它；没有重复添加，稍后请用 wxops template list 核对"
        ),
        format!(
            "less than {seconds} seconds ago somebody began to add this draft, and the library does not show it yet: nothing was \
             added again; see `wxops template list` in a while"
        ),
    )
}

/// What the library tells of a draft.
enum Known<'a> {
    /// It was made into this template.
    Yes(&'a CodeTemplate),
    /// It may have been: the answer leaves out what would tell.
    Maybe(&'a CodeTemplate),
    /// It was not.
    No,
}

/// The template that a draft was made into. A draft that was uploaded anew since keeps its number.
fn of_draft<'a>(templates: &'a [CodeTemplate], draft: &Draft) -> Known<'a> {
    let of_it = |one: &&CodeTemplate| {
        let same_version = one.user_version.is_none() || is_of(one, draft);
        one.draft_id.is_none_or(|id| id == draft.draft_id) && same_version
    };
    let mut found = Known::No;
    for one in templates.iter().filter(of_it) {
        let told = one.draft_id.and(one.user_version.as_ref());
        match (one.create_time, draft.create_time) {
            (Some(added), Some(uploaded)) if added < uploaded => {}
            (Some(_), Some(_)) if told.is_some() => return Known::Yes(one),
            (_, _) => found = Known::Maybe(one),
        }
    }
    found
}

fn is_of(template: &CodeTemplate, draft: &Draft) -> bool {
    template.version() == draft.user_version.as_deref().unwrap_or_default()
}

pub(super) async fn delete(args: &DeleteArgs, io: &mut Io) -> Result<(), Stop> {
    let session = open(&args.library, io).await?;
    let name = platform(&session, &args.library).map_err(|error| stop(io, &error))?;
    let said = deleted(&session, &name, args, io)
        .await
        .map_err(|error| stop(io, &error))?;
    // Tenants may have waited for a template, or follow the newest.
    poke::whole(&args.library.place, &name).await;
    io.note(said.in_lang(io.lang));
    Ok(())
}

async fn deleted(
    session: &Session,
    name: &str,
    args: &DeleteArgs,
    io: &Io,
) -> anyhow::Result<Text> {
    let client = session.client_of(name).or_say(|| no_platform(name))?;
    let (reader, appid) = (client.reader(), client.platform().appid.clone());
    let library: Templates = ask(&reader, name, &list_request(&appid), io).await?;
    let id = args.template;
    if library
        .template_list
        .iter()
        .all(|one| one.template_id != id)
    {
        return Ok(Text::new(
            format!("模板库中没有模板 {id}，无需删除"),
            format!("the library has no template {id}: there is nothing to delete"),
        ));
    }
    let names = |tenant: &&crate::manifest::LoadedTenant| {
        let items = tenant.spec.mini_programs.iter();
        let mut means = items.filter_map(|item| item.code.as_ref()?.means(&library.template_list));
        tenant.platform == name && means.any(|means| means == id)
    };
    let named: Vec<&str> = session
        .tenants
        .iter()
        .filter(names)
        .map(|tenant| tenant.name.as_str())
        .collect();
    if !named.is_empty() && !args.yes {
        let tenants = Text::list_of(&named, NAMED);
        bail!(Failed::new(
            format!(
                "配置仍在使用模板 {id}（{}）；先改配置，或加 --yes 删除",
                tenants.zh
            ),
            format!(
                "manifests still mean template {id} ({}): change them first, or delete it with --yes",
                tenants.en
            ),
        ));
    }
    match client.writer().put(&delete_request(&appid, id)).await {
        Answer::Refused(error) => bail!(Failed::from(Why::refused(&error).text)),
        Answer::Done(_) => {}
        Answer::Lost(lost) => {
            let left: Templates = ask(&reader, name, &list_request(&appid), io).await?;
            if left.template_list.iter().any(|one| one.template_id == id) {
                bail!(Failed::from(Why::lost(&lost).text));
            }
        }
    }
    Ok(Text::new(
        format!("已删除模板 {id}；由它生成的版本不受影响"),
        format!("template {id} is deleted; versions that were made of it stay"),
    ))
}
