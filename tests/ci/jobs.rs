//! A merge request on a machine: its repository, a WeChat behind the store, and the jobs as the forges run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::expression::{at, filled, holds};
use super::forge::{Forge, Kind, TOKEN};
use super::machine::Machine;
use crate::support::files::copy;
use crate::support::process::{Finished, WXOPS, run};
use crate::support::stage::Stage;
use crate::support::transcript::root;

/// What GitLab says the commit is.
const COMMIT: &str = "5eb63bbbe01eeed093cb22bb8f5acdc3a1b2c3d4";

/// A file of `examples/ci`.
pub fn example(name: &str) -> PathBuf {
    root().join("examples/ci").join(name)
}

/// A file of jobs, as a forge reads it.
pub fn yaml(name: &str) -> Value {
    let text = fs::read_to_string(example(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// A repository of manifests with the files of `examples/ci` in it: `main`, and a branch to be merged.
pub struct Project {
    pub folder: TempDir,
}

impl Project {
    /// `tenants/` holds the menu and the open account of a tenant that WeChat does not have yet.
    pub fn new() -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let tenants = project.path().join("tenants");
        let common = root().join("tests/scenarios/_common");
        copy(&common.join("manifests"), &tenants);
        copy(&common.join("sunrise"), &tenants);
        // The secrets lie beside the store.
        fs::remove_dir_all(tenants.join("credentials")).unwrap();
        let platform = tenants.join("platform.yaml");
        let secrets = common.join("manifests/credentials");
        let text = fs::read_to_string(&platform).unwrap();
        let text = text.replace("path: credentials", &format!("path: {}", secrets.display()));
        fs::write(platform, text).unwrap();
        copy(&example("github"), &project.path().join(".github"));
        copy(&example("gitlab"), &project.path().join(".gitlab"));
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.commit();
        project.git(&["checkout", "--quiet", "-b", "change"]);
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The secret that a curious author would like to see.
    pub fn secret() -> (PathBuf, String) {
        let file = root().join("tests/scenarios/_common/manifests/credentials/appSecret");
        let text = fs::read_to_string(&file).unwrap();
        (file, text.trim().to_owned())
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path().join(file), text).unwrap();
        self.commit();
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.path()).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
        ]);
        let done = run(command.args(arguments));
        assert_eq!(done.code, 0, "{arguments:?}: {done:#?}");
        done.stdout.trim().to_owned()
    }

    fn clone_of(&self, revision: &str, into: &Path) {
        let into = into.display().to_string();
        self.git(&["clone", "--quiet", "--no-checkout", ".", &into]);
        let revision = self.git(&["rev-parse", revision]);
        self.git(&["-C", &into, "checkout", "--quiet", "--detach", &revision]);
    }

    /// A simulator and a sidecar for the branch's manifests.
    pub fn stage(&self) -> Stage {
        let state = root().join("tests/scenarios/_common/missing.sim.yaml");
        Stage::set(&self.path().join("tenants"), &state)
    }
}

/// What `/etc/wxops/environment` says on the machine beside a stage's store.
pub fn settings(stage: &Stage) -> Vec<(String, String)> {
    let mut command = Command::new("wxops");
    stage.furnish(&mut command);
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?))))
        .filter(|(name, _)| name != "WXOPS_MANIFESTS")
        .collect()
}

/// The event of a pull request from a repository.
pub fn event(project: &Project, from: &str) -> Value {
    json!({"pull_request": {
        "number": 7,
        "head": {"sha": project.git(&["rev-parse", "change"]), "repo": {"full_name": from}},
        "base": {"sha": project.git(&["rev-parse", "main"])},
    }})
}

/// What GitHub sets in every job.
pub fn github_environment(
    forge: &Forge,
    machine: &Machine,
    event: &Value,
) -> Vec<(String, String)> {
    let file = machine.temp().join("event.json");
    fs::write(&file, event.to_string()).unwrap();
    forge.push(event["pull_request"]["head"]["sha"].as_str().unwrap());
    [
        ("GITHUB_API_URL", forge.url.as_str()),
        ("GITHUB_SERVER_URL", "https://github.example.com"),
        ("GITHUB_REPOSITORY", "ours/manifests"),
        ("GITHUB_RUN_ID", "99"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", &file.display().to_string()),
        ("RUNNER_TEMP", &machine.temp().display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// What GitLab sets in every job of a pipeline of merge request 7.
pub fn gitlab_environment(forge: &Forge, machine: &Machine, from: &str) -> Vec<(String, String)> {
    forge.push(COMMIT);
    [
        ("CI_API_V4_URL", forge.url.as_str()),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", from),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_COMMIT_SHA", COMMIT),
        ("CI_JOB_ID", "99"),
        (
            "CI_JOB_URL",
            "https://gitlab.example.com/ours/manifests/-/jobs/99",
        ),
        ("CI_BUILDS_DIR", &machine.temp().display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// What came of a job: how its first failing step ended, and everything that all of them printed. `None`: it is not run.
pub type Ended = Option<Finished>;

/// Runs one job of a GitHub workflow on an event: its steps and no others.
pub fn github(
    (file, job): (&str, &str),
    project: &Project,
    machine: &Machine,
    forge: &Forge,
    event: &Value,
) -> Ended {
    let workflow = yaml(&format!("github/workflows/{file}"));
    assert_eq!(workflow["defaults"]["run"]["shell"], "sh");
    let job = &workflow["jobs"][job];
    let context = json!({"github": {
        "event_name": "pull_request",
        "event": event,
        "repository": "ours/manifests",
        "token": TOKEN,
    }});
    let look_up = |path: &str| at(&context, path);
    if job["if"]
        .as_str()
        .is_some_and(|condition| !holds(condition, look_up))
    {
        return None;
    }
    let variables = |of: &Value| -> Vec<(String, String)> {
        let pairs = of.as_object().into_iter().flatten();
        pairs
            .map(|(name, value)| (name.clone(), filled(value.as_str().unwrap(), look_up)))
            .collect()
    };
    let workspace = machine.temp().join(format!("workspace-{}", unused()));
    fs::create_dir(&workspace).unwrap();
    let mut environment = github_environment(forge, machine, event);
    environment.extend(edited(machine, variables(&job["env"])));
    steps(job["steps"].as_array().unwrap().iter().map(|step| {
        if let Some(action) = step["uses"].as_str() {
            assert!(action.starts_with("actions/checkout@"), "{action}");
            let with = &step["with"];
            let into = workspace.join(with["path"].as_str().unwrap_or("."));
            let reference = with["ref"].as_str().map(|text| filled(text, look_up));
            project.clone_of(reference.as_deref().unwrap_or("change"), &into);
            return None;
        }
        let of_step = [environment.clone(), variables(&step["env"])].concat();
        Some(machine.shell(step["run"].as_str().unwrap(), &workspace, &of_step))
    }))
}

/// Runs one job of GitLab's file in a pipeline of a merge request from a project.
pub fn gitlab(job: &str, project: &Project, machine: &Machine, forge: &Forge, from: &str) -> Ended {
    let file = yaml("gitlab/wxops.yml");
    let job = &file[job];
    let predefined = gitlab_environment(forge, machine, from);
    let look_up = |name: &str| {
        let name = name.strip_prefix('$').unwrap();
        let mut found = predefined.iter().filter(|(known, _)| known == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {name}"))
            .1
            .clone()
    };
    let rules = job["rules"].as_array().unwrap();
    let fits = |rule: &Value| holds(rule["if"].as_str().unwrap(), look_up);
    if !rules.iter().any(fits) {
        return None;
    }
    let expanded = |value: &Value| {
        predefined
            .iter()
            .fold(value.as_str().unwrap().to_owned(), |text, (name, value)| {
                text.replace(&format!("${name}"), value)
            })
    };
    let variables = job["variables"].as_object().unwrap().iter();
    let variables = variables.map(|(name, value)| (name.clone(), expanded(value)));
    let mut environment = predefined.clone();
    environment.extend(edited(machine, variables.collect()));
    // GitLab gives a protected or masked variable to every job there is.
    environment.push(("WXOPS_COMMENT_TOKEN".to_owned(), TOKEN.to_owned()));
    let workspace = machine.temp().join(format!("workspace-{}", unused()));
    fs::create_dir(&workspace).unwrap();
    project.clone_of("change", &workspace);
    let script = |name: &str| {
        let lines = job[name].as_array().into_iter().flatten();
        let lines: Vec<_> = lines.map(|line| line.as_str().unwrap()).collect();
        lines.join("\n")
    };
    let ended = machine.bash(&script("script"), &workspace, &environment);
    let after = machine.bash(&script("after_script"), &workspace, &environment);
    assert_eq!(after.code, 0, "{after:#?}");
    Some(ended)
}

/// What the files ask their reader to edit, edited: the release is the binary under test.
fn edited(machine: &Machine, mut variables: Vec<(String, String)>) -> Vec<(String, String)> {
    for (name, value) in &mut variables {
        match name.as_str() {
            "WXOPS_URL" => *value = format!("file://{WXOPS}"),
            "WXOPS_SHA256" => {
                let sum = run(Command::new("sha256sum").arg(WXOPS)).stdout;
                *value = sum.split(' ').next().unwrap().to_owned();
            }
            "WXOPS_BINARY" => *value = machine.temp().join("wxops").display().to_string(),
            _ => {}
        }
    }
    variables
}

/// A name that nobody has.
fn unused() -> u64 {
    rand::random()
}

/// Runs steps until one fails; what all of them printed is put together.
fn steps(each: impl Iterator<Item = Option<Finished>>) -> Ended {
    let mut all: Option<Finished> = None;
    for done in each.flatten() {
        let mut sum = done;
        if let Some(before) = all {
            sum.stdout = before.stdout + &sum.stdout;
            sum.stderr = before.stderr + &sum.stderr;
        }
        let failed = sum.code != 0;
        all = Some(sum);
        if failed {
            break;
        }
    }
    all
}

/// Either forge's job that plans, on a merge request of ours.
pub fn plan(kind: Kind, project: &Project, machine: &Machine, forge: &Forge) -> Finished {
    match kind {
        Kind::GitHub => {
            let event = event(project, "ours/manifests");
            github(("wxops-plan.yml", "plan"), project, machine, forge, &event).unwrap()
        }
        Kind::GitLab => gitlab("wxops plan", project, machine, forge, "42").unwrap(),
    }
}
