//! `wxops menu match`: the menu that one follower sees, by WeChat's own word.

use anyhow::bail;
use serde_json::{Value, json};

use super::args::{MatchArgs, MenuArgs, MenuVerb, Output, Selection};
use super::session::Session;
use super::stop::{Stop, not_in_trouble, stop};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay as _, no_tenant};
use crate::plan::Text;
use crate::plan::render::value_text;
use crate::resource::At;
use crate::resource::menu::{Matched, matched};
use crate::store::Key;
use crate::store::documents::TenantDoc;
use crate::wechat::{Appid, Call, menu};

/// Runs the verb.
pub(super) async fn run(args: MenuArgs, io: &mut Io) -> Exit {
    let MenuVerb::Match(args) = args.verb;
    match shown(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn shown(args: &MatchArgs, io: &mut Io) -> Result<(), Stop> {
    let selection = Selection::of(&args.manifests.path, Some(&args.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let (account, found) = ask(&session, args, io)
        .await
        .map_err(|error| stop(io, &error))?;
    match args.output {
        Output::Json => io.json(&json!({
            "tenant": args.tenant,
            "account": account,
            "user": args.user,
            "menus": found.menus,
            "buttons": found.buttons,
        })),
        Output::Human => human(&args.user, &found, io),
    }
    Ok(())
}

async fn ask(session: &Session, args: &MatchArgs, io: &Io) -> anyhow::Result<(Appid, Matched)> {
    let tenant = session.tenants.first();
    let tenant = tenant.or_say(|| no_tenant(&args.tenant))?;
    let key = Key::tenant(&tenant.name);
    let stored = session.store.get::<TenantDoc>(&key).await?;
    let pin = stored.and_then(|stored| stored.value.pin);
    let Some(account) = At::OFFICIAL.appid(&tenant.spec, pin.as_ref()).cloned() else {
        bail!(Failed::new(
            format!("租户 {} 还没有账号：其所有者尚未授权", args.tenant),
            format!(
                "tenant `{}` has no account yet: its owner has not authorized one",
                args.tenant
            ),
        ));
    };
    let reader = session.observer(tenant)?.reader;
    let answer = reader
        .read(&menu::try_match_request(&account, &args.user))
        .await;
    let menus = reader.read(&Call::bare(&menu::GET, account.clone())).await;
    not_in_trouble(&reader, &tenant.platform, io)?;
    match matched(&answer, &menus) {
        Ok(found) => Ok((account, found)),
        Err(why) => bail!(Failed::from(why.text)),
    }
}

fn human(user: &str, found: &Matched, io: &mut Io) {
    let Matched { buttons, menus } = found;
    let said = match &menus[..] {
        [] => Text::new(
            format!("{user} 看到的菜单不是接口读到的任何一个（可能刚改过）："),
            format!("{user} sees a menu that is none of those WeChat lists (changed just now?):"),
        ),
        menus => {
            let names: Vec<String> = menus.iter().map(|name| format!("`{name}`")).collect();
            Text::new(
                format!("{user} 看到的菜单：{}", names.join(" 或 ")),
                format!("{user} sees the menu {}:", names.join(" or ")),
            )
        }
    };
    io.say(said.in_lang(io.lang));
    for button in buttons {
        line(button, "  ", io);
    }
}

/// A button: its name and what it does; those of the second level below it.
fn line(button: &Value, indent: &str, io: &mut Io) {
    let Some(fields) = button.as_object() else {
        return;
    };
    let name = fields.get("name").map(value_text).unwrap_or_default();
    let Some((field, value)) = fields.iter().find(|(field, _)| *field != "name") else {
        return;
    };
    if let ("subButtons", Some(below)) = (field.as_str(), value.as_array()) {
        io.say(format_args!("{indent}{name}"));
        for button in below {
            line(button, &format!("{indent}  "), io);
        }
    } else {
        io.say(format_args!(
            "{indent}{name}  {field}: {}",
            value_text(value)
        ));
    }
}
