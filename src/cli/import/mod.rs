//! `wxops import`: manifests for accounts that are hosted already. Reads at WeChat, writes files that are not there yet,
//! and nothing else.

mod args;
mod belongs;
mod files;
mod group;
mod known;
mod line;
mod report;
mod tenant;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::bail;

pub(super) use args::ImportArgs;

use self::files::Target;
use self::group::{Group, Rules, groups};
use self::known::Known;
use self::report::{Line, Report};
use super::args::Selection;
use super::progress::Progress;
use super::session::Session;
use super::stop::{PlatformInTrouble, Stop, stop};
use super::{Exit, Io, many};
use crate::cli::failed::{Failed, OrSay, no_platform};
use crate::client::Reader;
use crate::controller::folder;
use crate::manifest::mapping::{Mapping, mapping};
use crate::manifest::write::{self, NewTenant};
use crate::manifest::{self, LoadedPlatform, Source, report as problems};
use crate::plan::{Text, Troubled, Why};
use crate::reconcile::{authorized, export_account};
use crate::resource::export::{Export, Exported, LeftOut};
use crate::wechat::{Appid, Trouble};

/// How many accounts are read at the same time, as `plan` does.
const AT_ONCE: usize = 16;

/// Runs the verb.
pub(super) async fn run(args: ImportArgs, io: &mut Io) -> Exit {
    match imported(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn imported(args: &ImportArgs, io: &mut Io) -> Result<Exit, Stop> {
    let selection = Selection::of(&args.manifests.path, None);
    let session = Session::open(&selection, &args.place, io).await?;
    let done = import(args, &session, io).await;
    let report = match done {
        Ok(report) => report,
        Err(error) => return Err(stop(io, &error)),
    };
    report.print(args, io);
    Ok(report.exit())
}

async fn import(args: &ImportArgs, session: &Session, io: &mut Io) -> anyhow::Result<Report> {
    let platform = platform(args, session)?;
    let client = session
        .client_of(&platform.name)
        .or_say(|| no_platform(&platform.name))?;
    let mapping = read_mapping(args, platform)?;
    check_classes(args, &mapping, session)?;
    let known = Known::of(session).await?;
    let mut report = Report::new(&platform.name, folder(args));
    let reader = client.reader();
    let accounts = accounts(args, &reader, platform, &mut report, io).await?;
    report.unused = mapping
        .keys()
        .filter(|account| !accounts.contains(*account))
        .cloned()
        .collect();
    let accounts = known.without_declared(accounts, &mut report);
    let exports = read(&reader, session.clock.now(), &accounts).await;
    report.trouble = reader.met().map(|trouble| troubled(platform, trouble));
    let found = readable(exports, &mut report);
    let rules = Rules {
        mapping: &mapping,
        tenant_of: args.tenant_of.iter().cloned().collect(),
        apart: args.apart,
        known: &known,
    };
    let groups = groups(found, &rules, &mut report);
    let date = session.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let writer = tenant::Writer {
        platform,
        mode: args.mode.into(),
        lang: io.lang,
        date,
    };
    let tenants: Vec<New> = groups
        .into_iter()
        .map(|group| {
            let (tenant, left_out) = writer.tenant(&group, &mapping);
            New {
                group,
                tenant,
                left_out,
            }
        })
        .collect();
    write_down(args, &tenants, &mapping, &writer, &mut report, io)?;
    Ok(report)
}

/// A tenant that is to be written.
struct New {
    group: Group,
    tenant: NewTenant,
    /// What cannot be said of all its accounts.
    left_out: Vec<LeftOut>,
}

fn platform<'a>(args: &ImportArgs, session: &'a Session) -> anyhow::Result<&'a LoadedPlatform> {
    let platforms = &session.loaded.platforms;
    let known = Text::list(platforms.keys());
    match (&args.platform, platforms.len()) {
        (Some(name), _) => platforms.get(name).or_say(|| {
            let path = args.manifests.path.display();
            Text::new(
                format!("{path} 里没有平台 {name}：现有 {}", known.zh),
                format!(
                    "there is no platform `{name}` in {path}: it holds {}",
                    known.en
                ),
            )
        }),
        (None, 0) => {
            let path = args.manifests.path.display();
            bail!(Failed::new(
                format!("{path} 里没有 Platform；请用 -f 指明清单所在的目录"),
                format!(
                    "there is no Platform in {path}; name the folder that holds the manifests (-f)"
                ),
            ))
        }
        (None, 1) => platforms.values().next().or_say(|| no_platform("")),
        (None, _) => bail!(Failed::new(
            format!("清单里有多个平台，请用 --platform 指明一个：{}", known.zh),
            format!(
                "the manifests hold several platforms; give one of them with --platform: {}",
                known.en
            ),
        )),
    }
}

fn read_mapping(args: &ImportArgs, platform: &LoadedPlatform) -> anyhow::Result<Mapping> {
    let Some(path) = &args.mapping else {
        return Ok(Mapping::new());
    };
    let bytes = std::fs::read(path).or_say(|| no_mapping(path))?;
    let found = mapping(&path.display().to_string(), &bytes).or_say(|| no_mapping(path))?;
    if found.contains_key(&platform.spec.app_id) {
        let text = String::from_utf8_lossy(&bytes);
        let appid = platform.spec.app_id.as_str();
        let line = text.lines().position(|line| line.contains(appid));
        let line = line.map_or_else(String::new, |line| format!(":{}", line + 1));
        let itself = itself(platform);
        bail!(Failed::new(
            format!("--mapping {}{line} 无法使用：{}", path.display(), itself.zh),
            format!(
                "--mapping {}{line} cannot be used: {}",
                path.display(),
                itself.en
            ),
        ));
    }
    Ok(found)
}

/// What is wrong with the platform's own appid where an account's belongs.
fn itself(platform: &LoadedPlatform) -> Text {
    let (appid, name) = (&platform.spec.app_id, &platform.name);
    Text::new(
        format!("{appid} 就是平台 {name} 自己；请给出授权给它的账号的 appid"),
        format!(
            "{appid} is the platform `{name}` itself; give the appids of the accounts that authorized it"
        ),
    )
}

fn no_mapping(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("--mapping {path} 无法读取"),
        format!("--mapping {path} cannot be read"),
    )
}

/// The class of every account: the mapping's, else the one for all.
fn check_classes(args: &ImportArgs, mapping: &Mapping, session: &Session) -> anyhow::Result<()> {
    let mapped = mapping.values().filter_map(|mapped| mapped.class.as_ref());
    for class in args.extract_class.iter().chain(mapped) {
        if !manifest::is_name(class) {
            bail!(Failed::new(
                format!("{class} 不能作类的名字：最多 63 个 a-z、0-9 和 -，首尾是字母或数字"),
                format!(
                    "no class can have the name `{class}`: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends"
                ),
            ));
        }
        if session.loaded.classes.contains(class) {
            bail!(Failed::new(
                format!("没有生成类 {class}：清单里已有同名的类；请换一个名字"),
                format!(
                    "class `{class}` is not made: the manifests hold one of that name; choose another"
                ),
            ));
        }
    }
    Ok(())
}

/// Beside the manifests that were given, so that the platform's is found with them.
fn folder(args: &ImportArgs) -> PathBuf {
    if let Some(folder) = &args.out {
        return folder.clone();
    }
    let path = &args.manifests.path;
    let beside = if path.is_dir() {
        path.as_path()
    } else {
        path.parent().unwrap_or_else(|| Path::new(""))
    };
    beside.join("imported")
}

/// The accounts that were named, else all that authorized the platform.
async fn accounts(
    args: &ImportArgs,
    reader: &Reader,
    platform: &LoadedPlatform,
    report: &mut Report,
    io: &mut Io,
) -> anyhow::Result<BTreeSet<Appid>> {
    if !args.appids.is_empty() {
        if args
            .appids
            .iter()
            .any(|one| one == platform.spec.app_id.as_str())
        {
            let itself = itself(platform);
            bail!(Failed::new(
                format!("--appid 无法使用：{}", itself.zh),
                format!("--appid cannot be used: {}", itself.en),
            ));
        }
        let appids = args.appids.iter();
        return appids
            .map(|appid| {
                Appid::parse(appid)
                    .or_say(|| Text::new("--appid 无法使用", "--appid cannot be used"))
            })
            .collect();
    }
    let listed = authorized(reader, &platform.spec.app_id).await;
    let listed = listed.map_err(|why| match reader.met() {
        Some(trouble) => PlatformInTrouble(troubled(platform, trouble), io.lang).into(),
        None => unlisted(&why),
    })?;
    report.unreadable = listed.unreadable.into_iter().collect();
    report.missing_from_list = usize::try_from(listed.total)
        .unwrap_or(usize::MAX)
        .saturating_sub(listed.accounts.len() + report.unreadable.len());
    Ok(listed.accounts)
}

fn troubled(platform: &LoadedPlatform, trouble: Trouble) -> Troubled {
    Troubled {
        platform: platform.name.clone(),
        trouble,
    }
}

fn unlisted(why: &Why) -> anyhow::Error {
    Failed::new(
        format!("无法取得已授权账号的列表：{}", why.text.zh),
        format!("the authorized accounts cannot be listed: {}", why.text.en),
    )
    .into()
}

async fn read(
    reader: &Reader,
    now: jiff::Timestamp,
    accounts: &BTreeSet<Appid>,
) -> BTreeMap<Appid, Export> {
    let accounts: Vec<Appid> = accounts.iter().cloned().collect();
    let exports = many::each(
        &accounts,
        Appid::as_str,
        AT_ONCE,
        Progress::of("Reading", accounts.len()),
        |account| export_account(reader, account, now),
        |_| 0,
    )
    .await;
    accounts.into_iter().zip(exports).collect()
}

/// The accounts that could be read; of the others the report says why not.
fn readable(exports: BTreeMap<Appid, Export>, report: &mut Report) -> Vec<Exported> {
    let mut found = Vec::new();
    for (account, export) in exports {
        match export {
            Export::Account(exported) => found.push(*exported),
            Export::NotAuthorized => report.failed.push((
                account,
                Text::new(
                    "未授权给本平台（或刚刚取消授权）",
                    "it has not authorized the platform, or has just left",
                ),
            )),
            // Said once, of the platform.
            Export::Unknown(_) if report.trouble.is_some() => report.unread.push(account),
            Export::Unknown(why) => report.failed.push((account, why.text)),
        }
    }
    found
}

/// Makes the files, looks at them as `validate` would, and at what is in their places; only then writes.
fn write_down(
    args: &ImportArgs,
    tenants: &[New],
    mapping: &Mapping,
    writer: &tenant::Writer<'_>,
    report: &mut Report,
    io: &mut Io,
) -> anyhow::Result<()> {
    let class_of = |new: &New| {
        let mut mapped = new.group.accounts();
        let class = mapped.find_map(|one| mapping.get(&one.account)?.class.as_ref());
        class.or(args.extract_class.as_ref())
    };
    let mut by_class: BTreeMap<Option<&String>, Vec<&New>> = BTreeMap::new();
    for one in tenants {
        by_class.entry(class_of(one)).or_default().push(one);
    }
    let mut targets: Vec<Target> = Vec::new();
    let mut written: Vec<&New> = Vec::new();
    let mut classes: Vec<Target> = Vec::new();
    for (class, members) in by_class {
        let (file, texts) = texts(class, &members, writer)?;
        for (new, text) in members.iter().zip(texts) {
            targets.push(Target::new(
                &report.folder,
                &format!("{}.yaml", new.tenant.name),
                text,
            ));
        }
        written.extend(members);
        match (class, file) {
            // A tenant's name has no dot, so no tenant's file is in the way.
            (Some(name), Some(text)) => classes.push(Target::new(
                &report.folder,
                &format!("{name}.class.yaml"),
                text,
            )),
            (Some(name), None) => report.no_class.push(name.clone()),
            (None, _) => {}
        }
    }
    let tenants = targets.len();
    targets.extend(classes);
    validate(&args.manifests.path, &targets, io)?;
    let states = files::write(&report.folder, &targets)?;
    let mut done = targets.iter().zip(&states);
    for (new, (target, state)) in written.iter().zip(done.by_ref().take(tenants)) {
        report.lines.push(Line::new(new, target, *state));
    }
    report.lines.sort_by(Line::by_name);
    report.classes = done
        .map(|(target, state)| (target.path.clone(), *state))
        .collect();
    Ok(())
}

/// The files of tenants of one class, and the class's own where they share something.
fn texts(
    class: Option<&String>,
    members: &[&New],
    writer: &tenant::Writer<'_>,
) -> anyhow::Result<(Option<String>, Vec<String>)> {
    let new: Vec<NewTenant> = members.iter().map(|one| one.tenant.clone()).collect();
    if let Some(class) = class
        && let Some((file, texts)) = write::with_class(class, &writer.class(new.len()), &new)?
    {
        return Ok((Some(file), texts));
    }
    let texts = new.iter().map(write::tenant).collect::<Result<_, _>>()?;
    Ok((None, texts))
}

/// What `validate` would refuse is not written.
fn validate(manifests: &Path, targets: &[Target], io: &mut Io) -> anyhow::Result<()> {
    let mut sources = folder::read(&[manifests])?;
    let new = targets.iter();
    sources.extend(
        new.map(|target| Source::new(target.path.display().to_string(), target.text.as_str())),
    );
    let loaded = manifest::load(sources);
    if loaded.has_errors() {
        io.paint_note(problems::human(&loaded).trim_end());
        bail!(Failed::new(
            "没有写入任何文件：写出的清单会有上面的错误",
            "nothing was written: the manifests would have the mistakes above",
        ));
    }
    Ok(())
}
