//! What holds for both forges: the jobs from beginning to end, and what their files may not say.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use super::forge::{Forge, Kind, TOKEN};
use super::jobs::{Project, example, plan, settings, yaml};
use super::machine::Machine;
use crate::support::process::Finished;

pub trait Meets {
    /// It ended with this code and printed that text.
    fn meets(&self, code: i32, text: &str);
}

impl Meets for Finished {
    fn meets(&self, code: i32, text: &str) {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(self.stdout.contains(text), "`{text}`: {self:#?}");
    }
}

/// Nobody saw the token: not in what was printed, not in a list of processes, not in what was posted.
fn unseen(done: &Finished, machine: &Machine, forge: &Forge) {
    let seen = format!("{done:?}{}{:?}", machine.called(), forge.comments());
    assert!(!seen.contains(TOKEN), "{seen}");
}

pub fn one_comment_follows(kind: Kind) {
    let (project, forge) = (Project::new(), Forge::open(kind));
    let stage = project.stage();
    let machine = Machine::new().with_store(&settings(&stage));
    let done = plan(kind, &project, &machine, &forge);
    done.meets(0, "posted the");
    unseen(&done, &machine, &forge);
    let first = forge.only();
    assert!(
        first.starts_with("<!-- wxops:plan -->\n### wxops · Plan "),
        "{first}"
    );
    assert!(
        first.contains("+ menu") && first.contains("1 tenant to change"),
        "{first}"
    );
    // The next push: what it says is shown and never run.
    let file = project.path().join("tenants/sunrise.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let odd = "$(id)`id`";
    assert!(text.contains("联系我们"), "{text}");
    project.write("tenants/sunrise.yaml", &text.replacen("联系我们", odd, 1));
    let done = plan(kind, &project, &machine, &forge);
    done.meets(0, "updated the");
    unseen(&done, &machine, &forge);
    let second = forge.only();
    assert!(second.contains(odd) && !first.contains(odd), "{second}");
    let calls = machine.called();
    assert!(!calls.contains("$(id)"), "no program got it: {calls}");
    assert_eq!(stage.control.effects(), 0, "a plan changes nothing");
}

pub fn mistakes_are_told(kind: Kind) {
    let (project, forge) = (Project::new(), Forge::open(kind));
    let stage = project.stage();
    let machine = Machine::new().with_store(&settings(&stage));
    let sunrise = fs::read_to_string(project.path().join("tenants/sunrise.yaml")).unwrap();
    project.write(
        "tenants/sunrise.yaml",
        &sunrise.replacen("menu:", "menus:", 1),
    );
    let done = plan(kind, &project, &machine, &forge);
    done.meets(9, "exit code 9");
    let comment = forge.only();
    assert!(
        comment.contains("exit code 9") && comment.contains("tenants/sunrise.yaml:"),
        "{comment}"
    );
    // A link to a secret would be quoted as a mistake in a manifest.
    let (secret, text) = Project::secret();
    fs::write(project.path().join("tenants/sunrise.yaml"), sunrise).unwrap();
    symlink(secret, project.path().join("tenants/leak.yaml")).unwrap();
    project.commit();
    let done = plan(kind, &project, &machine, &forge);
    done.meets(1, "exit code 1");
    let comment = forge.only();
    assert!(
        comment.contains("plain files only") && comment.contains("tenants/leak.yaml"),
        "{comment}"
    );
    assert!(!comment.contains(&text), "{comment}");
    // Without the folder, and without wxops.
    project.git(&["rm", "-r", "--quiet", "tenants"]);
    project.commit();
    plan(kind, &project, &machine, &forge).meets(1, "exit code 1");
    let bare = Machine::new();
    plan(kind, &project, &bare, &forge).meets(127, "exit code 127");
    assert!(
        forge.only().contains("cannot run wxops"),
        "{}",
        forge.only()
    );
}

/// Every text that a value holds.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(all) => all.values().for_each(|one| texts(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn a_workflow_has_the_least_rights_and_nothing_that_moves() {
    for file in ["wxops.yml", "wxops-plan.yml"] {
        let workflow = yaml(&format!("github/workflows/{file}"));
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{file}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let expected = match name.as_str() {
                "validate" => serde_json::json!({"contents": "read"}),
                _ => serde_json::json!({"contents": "read", "pull-requests": "write"}),
            };
            assert_eq!(job["permissions"], expected, "{file} {name}");
            for step in job["steps"].as_array().into_iter().flatten() {
                if let Some(action) = step["uses"].as_str() {
                    let (_, version) = action.split_once('@').unwrap();
                    let full =
                        version.len() == 40 && version.chars().all(|c| c.is_ascii_hexdigit());
                    assert!(full, "{action}");
                    assert_eq!(step["with"]["persist-credentials"], false, "{action}");
                }
                // What an event says would become part of the script.
                let run = step["run"].as_str().unwrap_or_default();
                assert!(!run.contains("${{"), "{run}");
            }
        }
    }
}

#[test]
fn only_the_job_that_comments_sees_a_token() {
    let workflow = yaml("github/workflows/wxops.yml");
    assert_eq!(workflow["on"], "pull_request");
    let mut all = Vec::new();
    texts(&workflow, &mut all);
    texts(&yaml("gitlab/wxops.yml")["wxops validate"], &mut all);
    for text in &all {
        assert!(
            !text.contains("secrets.") && !text.contains("token") && !text.contains("TOKEN"),
            "{text}"
        );
    }
    let steps = yaml("github/workflows/wxops-plan.yml")["jobs"]["plan"]["steps"].clone();
    let tokens = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step.to_string().contains("github.token"));
    assert_eq!(tokens.count(), 1);
}

#[test]
fn a_release_with_another_digest_is_not_run() {
    let machine = Machine::new();
    let workflow = yaml("github/workflows/wxops.yml");
    let job = &workflow["jobs"]["validate"];
    let digest = job["env"]["WXOPS_SHA256"].as_str().unwrap();
    let release = machine.temp().join("release");
    fs::write(&release, "echo pwned\n").unwrap();
    let temp = machine.temp().display().to_string();
    let set = [
        ("WXOPS_URL", format!("file://{}", release.display())),
        ("WXOPS_SHA256", digest.to_owned()),
        ("WXOPS_BINARY", format!("{temp}/wxops")),
        ("RUNNER_TEMP", temp.clone()),
    ];
    let set = set.map(|(name, value)| (name.to_owned(), value));
    let steps = job["steps"].as_array().unwrap();
    let of_github: Vec<_> = steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect();
    let gitlab = yaml("gitlab/wxops.yml");
    let lines = gitlab["wxops validate"]["script"].as_array().unwrap();
    let of_gitlab: Vec<_> = lines.iter().filter_map(Value::as_str).collect();
    for script in [of_github, of_gitlab] {
        let done = machine.shell(&script.join("\n"), &machine.temp(), &set);
        assert_eq!(done.code, 1, "{done:#?}");
        assert!(!done.stdout.contains("pwned"), "{done:#?}");
        assert!(machine.called().contains("sha256sum"), "{done:#?}");
    }
}

#[test]
fn the_job_that_plans_is_the_one_of_the_main_branch() {
    let called = yaml("github/workflows/wxops.yml")["jobs"]["plan"].clone();
    let uses = called["uses"].as_str().unwrap();
    assert_eq!(
        uses,
        "OWNER/REPOSITORY/.github/workflows/wxops-plan.yml@main"
    );
    let job = yaml("github/workflows/wxops-plan.yml")["jobs"]["plan"].clone();
    assert_eq!(called["permissions"], job["permissions"]);
}

#[test]
fn a_merge_request_does_not_say_where_wechat_is() {
    let (project, forge) = (Project::new(), Forge::open(Kind::GitHub));
    let stage = project.stage();
    let machine = Machine::new().with_store(&settings(&stage));
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let platform = fs::read_to_string(project.path().join("tenants/platform.yaml")).unwrap();
    let moved = format!(
        "{platform}  apiBase: http://{}\n",
        trap.local_addr().unwrap()
    );
    project.write("tenants/platform.yaml", &moved);
    plan(Kind::GitHub, &project, &machine, &forge).meets(0, "posted the");
    trap.set_nonblocking(true).unwrap();
    assert!(trap.accept().is_err(), "it was asked");
    let script = fs::read_to_string(example("wxops-plan")).unwrap();
    let pinned = "WXOPS_API_BASE=\"${WXOPS_API_BASE:-https://api.weixin.qq.com}\"";
    assert!(script.contains(pinned));
}
