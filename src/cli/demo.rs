//! `wxops demo`: everything in one minute, on this machine alone.
//!
//! A simulated WeChat and a sidecar on free loopback ports, a store in a temporary folder, and the same functions as
//! the verbs. Nothing is left behind.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::{DemoArgs, Place, Selection};
use super::session::Session;
use super::stop::Stop;
use super::{Exit, Io, apply, browser, plan};
use crate::cli::args::PlanOutput;
use crate::cli::failed::{OrSay, no_platform};
use crate::controller::{DRIFT, Host, HostConfig};
use crate::plan::Text;
use crate::reconcile::Consent;
use crate::simulator::{Config, Running, Simulator, State};

/// The demo's folder, as it stands in the repository: an installed binary has it too.
const FILES: [(&str, &str); 9] = [
    (
        "platform.yaml",
        include_str!("../../examples/demo/platform.yaml"),
    ),
    ("class.yaml", include_str!("../../examples/demo/class.yaml")),
    (
        "sunrise-dance.yaml",
        include_str!("../../examples/demo/sunrise-dance.yaml"),
    ),
    (
        "moon-yoga.yaml",
        include_str!("../../examples/demo/moon-yoga.yaml"),
    ),
    (
        "star-piano.yaml",
        include_str!("../../examples/demo/star-piano.yaml"),
    ),
    (
        "credentials/appSecret",
        include_str!("../../examples/demo/credentials/appSecret"),
    ),
    (
        "credentials/token",
        include_str!("../../examples/demo/credentials/token"),
    ),
    (
        "credentials/encodingAesKey",
        include_str!("../../examples/demo/credentials/encodingAesKey"),
    ),
    ("README.md", include_str!("../../examples/demo/README.md")),
];
const WECHAT: &str = include_str!("../../examples/demo/wechat.sim.yaml");
const PLATFORM: &str = "wx0000000000000001";
/// The tenant whose owner scans, and the account that owner has.
const NEWCOMER: (&str, &str) = ("moon-yoga", "wx2222222222222222");

/// Runs the verb.
pub(super) async fn run(args: DemoArgs, io: &mut Io) -> Exit {
    match shown(&args, io).await {
        Ok(exit) => exit,
        Err(error) => {
            io.failed(&error);
            Exit::Error
        }
    }
}

async fn shown(args: &DemoArgs, io: &mut Io) -> anyhow::Result<Exit> {
    let folder = tempfile::Builder::new()
        .prefix("wxops-demo-")
        .tempdir()
        .or_say(|| {
            Text::new(
                "无法建立临时目录",
                "a folder of the demo's own cannot be made",
            )
        })?;
    let manifests = folder.path().join("manifests");
    lay_out(&manifests).or_say(|| {
        Text::new(
            "演示用的清单无法写入",
            "the demo's manifests cannot be written",
        )
    })?;

    headline(
        io,
        "A WeChat on this machine, and a sidecar that it pushes to",
    );
    let wechat = start_wechat().await?;
    io.say(format_args!(
        "WeChat's API is http://{}, its control is http://{} (docs/simulator.md)",
        wechat.listen, wechat.control
    ));

    let place = Place {
        store: Some(folder.path().join("store")),
        api_base: Some(format!("http://{}", wechat.listen).parse()?),
        clock: None,
    };
    let selection = Selection::of(&manifests, None);
    let played = play(&selection, &place, &wechat, io).await;
    wechat.stop().await;
    if args.keep {
        let kept = folder.keep();
        io.note(format_args!("kept {}", kept.display()));
    }
    match played? {
        Ok(exit) => Ok(exit),
        Err(Stop(exit)) => Ok(exit),
    }
}

async fn play(
    selection: &Selection,
    place: &Place,
    wechat: &Running,
    io: &mut Io,
) -> anyhow::Result<Result<Exit, Stop>> {
    let session = match Session::open(selection, place, io).await {
        Ok(session) => session,
        Err(stop) => return Ok(Err(stop)),
    };
    let listening = Host::start(HostConfig {
        manifests: selection.manifests.path.clone(),
        store: session.store.clone(),
        clock: Arc::clone(&session.clock),
        is_shared_clock: place.clock.is_some(),
        api_base: super::place::api_base(place)?,
        listen: ([127, 0, 0, 1], 0).into(),
        private_listen: None,
        word: String::new(),
        by: None,
        loop_since: None,
        assume_reachable: false,
        drift_every: DRIFT,
        yields: false,
    })
    .await?;
    let control = Control(format!("http://{}", wechat.control));
    control
        .send(
            reqwest::Method::PATCH,
            &format!("/_sim/platforms/{PLATFORM}"),
            &json!({
                "noticesUrl": format!("http://{}/wechat/notices", listening.public),
                "messagesUrl": format!("http://{}/wechat/messages/$APPID$", listening.public),
            }),
        )
        .await?;
    control
        .send(
            reqwest::Method::POST,
            &format!("/_sim/platforms/{PLATFORM}/ticket"),
            &json!({}),
        )
        .await?;
    io.say_lines(format_args!(
        "The sidecar on http://{} took WeChat's first ticket: checked, decrypted, stored, and only then\n\
         acknowledged. Every token of the platform comes from it.",
        listening.public
    ));

    headline(io, &format!("The owner of {} scans", NEWCOMER.0));
    let access = session.access("main").or_say(|| no_platform("main"))?;
    let link = crate::client::authorize::link(
        access,
        crate::client::Purpose::Authorize,
        &crate::client::Addressee::of(NEWCOMER.0, None),
    );
    browser::authorize(
        &format!("http://{}/authorize/{link}", listening.public),
        NEWCOMER.1,
    )
    .await?;
    io.say_lines(format_args!(
        "The owner opened the link of {}, chose {} on WeChat's page and confirmed. The account\n\
         is what the manifest says (kind, verification, company), so the two now belong to each other.",
        NEWCOMER.0, NEWCOMER.1
    ));

    let outcome = plan_apply_plan(&session, io).await;
    listening.stop().await;
    counted(&control, io).await?;
    Ok(outcome)
}

/// What WeChat itself saw of all this, calls for tokens and codes left out.
async fn counted(control: &Control, io: &mut Io) -> anyhow::Result<()> {
    headline(io, "What WeChat counted");
    let calls = control
        .send(reqwest::Method::GET, "/_sim/calls", &Value::Null)
        .await?;
    let endpoints = calls.get("endpoints").and_then(Value::as_object);
    for (path, counts) in endpoints.into_iter().flatten() {
        let of = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or(0);
        if !path.contains("/component/") {
            io.say(format_args!(
                "  {path:<40} {} received, {} with effect",
                of("received"),
                of("withEffect")
            ));
        }
    }
    Ok(())
}

async fn plan_apply_plan(session: &Session, io: &mut Io) -> Result<Exit, Stop> {
    headline(io, "wxops plan");
    io.say_lines(
        "What WeChat says now against what the manifests say. A plan reads and changes nothing.\n",
    );
    let before = plan::make(session, io).await?;
    plan::print(session, &before, PlanOutput::Human, true, io).await?;

    headline(io, "wxops apply");
    io.say_lines(
        "The calls of that plan. A menu is put whole, and read again when its answer is lost; an open account is\n\
         created at most once, so its call is written to the journal before it is sent.\n",
    );
    let applied = apply::make(session, &Consent::Everything, io).await?.exit();

    headline(io, "wxops plan, again");
    io.say_lines("The same manifests, read against WeChat anew:\n");
    let after = plan::make(session, io).await?;
    plan::print(session, &after, PlanOutput::Human, false, io).await?;
    let planned = plan::exit(&after, true);
    Ok(if applied == Exit::Fine {
        planned
    } else {
        applied
    })
}

fn headline(io: &mut Io, text: &str) {
    let style = anstyle::Style::new().bold();
    io.paint(format_args!("\n{style}== {text} =={style:#}\n"));
}

fn lay_out(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("credentials"))?;
    for (name, text) in FILES {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

async fn start_wechat() -> anyhow::Result<Running> {
    let state = State::from_yaml(WECHAT).or_say(|| {
        Text::new(
            "模拟微信的内容无法读取",
            "the demo's simulated WeChat cannot be read",
        )
    })?;
    Simulator::start(Config {
        listen: ([127, 0, 0, 1], 0).into(),
        control: ([127, 0, 0, 1], 0).into(),
        state,
        clock_file: None,
    })
    .await
    .or_say(|| Text::new("模拟微信无法启动", "the simulated WeChat cannot be started"))
}

/// The simulator's control API, over TCP as everybody else uses it.
struct Control(String);

impl Control {
    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let answer = http
            .request(method, format!("{}{path}", self.0))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?;
        serde_json::from_str(&answer).or_say(|| {
            Text::new(
                "模拟微信的应答无法读取",
                "the answer of the simulated WeChat cannot be read",
            )
        })
    }
}
