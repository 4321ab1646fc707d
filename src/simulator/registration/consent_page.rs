//! The page behind `authorize_url`: a person agrees to a registration, or refuses it.

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::{Markup, html};
use serde::Deserialize;

use super::task_state::{Ending, RegistrationTask, TaskOf};
use crate::simulator::app::App;
use crate::simulator::page_view::page;

/// Where the answer goes.
const ANSWER: &str = "/wxawap/fastregister/answer";

/// Its routes.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/wxawap/fastregister", get(open))
        .route("/wxawap/fastregistertpbeta", get(open))
        .route(ANSWER, post(answer))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Link {
    taskid: String,
    create_token: String,
    agree: String,
}

impl Link {
    fn task_id(&self) -> &str {
        match self.taskid.as_str() {
            "" => &self.create_token,
            id => id,
        }
    }
}

async fn open(Shared(app): Shared<Arc<App>>, Query(link): Query<Link>) -> Markup {
    let mut world = app.world();
    world.settle(app.clock.now());
    match world.state.registrations.tasks.get(link.task_id()) {
        Some(task) if task.by_link => shown(task),
        Some(_) | None => nothing(),
    }
}

async fn answer(Shared(app): Shared<Arc<App>>, Form(link): Form<Link>) -> Markup {
    let now = app.clock.now();
    let mut world = app.world();
    world.settle(now);
    let task = world.state.registrations.tasks.get(link.task_id());
    let Some(task) = task.filter(|task| task.by_link) else {
        return nothing();
    };
    let ending = match link.agree.as_str() {
        "1" => Ending::Agreed,
        _ => Ending::Refused,
    };
    let task_id = task.task_id.clone();
    world.state.end_task(&task_id, ending, None, None, now);
    match world.state.registrations.tasks.get(&task_id) {
        Some(task) => shown(task),
        None => nothing(),
    }
}

fn nothing() -> Markup {
    page("链接无效 · This link leads nowhere", &html! {})
}

fn shown(task: &RegistrationTask) -> Markup {
    let title = match (&task.ended, task.status) {
        (None, _) => match task.of {
            TaskOf::Enterprise => "确认注册企业小程序 · Register an enterprise's mini-program",
            TaskOf::Person => "确认注册个人小程序 · Register a personal mini-program",
            TaskOf::Trial => "确认注册试用小程序 · Register a trial mini-program",
            TaskOf::TrialVerification => "确认试用小程序认证 · Verify a trial mini-program",
        },
        (Some(end), _) if end.status == 0 => "已完成 · Done",
        (Some(_), 1) => "链接已过期 · This link has expired",
        (Some(_), 2) => "已拒绝 · Refused",
        (Some(_), _) => "未通过 · It did not pass",
    };
    page(
        title,
        &html! {
            ul {
                @for (name, value) in &task.asked {
                    li { (name) ": " (value.as_str().map_or_else(|| value.to_string(), str::to_owned)) }
                }
            }
            p { "由第三方平台发起 · asked for by the platform " code { (task.platform) } }
            @if let Some(end) = &task.ended {
                p { (end.status) " " (end.msg) }
            } @else {
                form method="post" action=(ANSWER) {
                    input type="hidden" name="taskid" value=(task.task_id);
                    button name="agree" value="1" { "同意 · Agree" }
                    " "
                    button name="agree" value="0" { "拒绝 · Refuse" }
                }
            }
        },
    )
}
