//! The scripts that write the comment, on plans that are given: which comment is theirs, what is in it, what they say
//! when the forge refuses.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::forge::{By, Forge, Kind, Refusal, TOKEN};
use super::jobs::{example, github_environment, gitlab_environment};
use super::machine::Machine;
use crate::support::process::Finished;

const MARKER: &str = "<!-- wxops:plan -->";
const BOTH: [Kind; 2] = [Kind::GitHub, Kind::GitLab];

/// A plan that ended somehow, and the merge request it belongs to.
struct Plan {
    machine: Machine,
    forge: Forge,
    folder: PathBuf,
    /// What was pushed since.
    newer: Option<String>,
}

impl Plan {
    fn of(kind: Kind, plan: &str, said: &str, code: i32) -> Self {
        let made = Self {
            machine: Machine::new(),
            forge: Forge::open(kind),
            folder: PathBuf::new(),
            newer: None,
        };
        let folder = made.machine.temp().join("out");
        fs::create_dir(&folder).unwrap();
        let made = Self { folder, ..made };
        made.ends(plan, said, code);
        made
    }

    fn fine(kind: Kind) -> Self {
        Self::of(kind, "### wxops · Plan: nothing to do\n", "", 0)
    }

    fn ends(&self, plan: &str, said: &str, code: i32) {
        fs::write(self.folder.join("plan.md"), plan).unwrap();
        fs::write(self.folder.join("plan.err"), said).unwrap();
        fs::write(self.folder.join("plan.code"), format!("{code}\n")).unwrap();
    }

    fn posted(&self) -> Finished {
        self.posted_from(true, &[])
    }

    /// Runs the script; whatever comes of it, nobody sees the token.
    fn posted_from(&self, ours: bool, more: &[(&str, &str)]) -> Finished {
        let (script, mut environment) = match self.forge.kind {
            Kind::GitHub => {
                let from = if ours {
                    "ours/manifests"
                } else {
                    "theirs/manifests"
                };
                let event = json!({"pull_request": {"number": 7, "head": {"sha": "0123456789abcdef", "repo": {"full_name": from}}}});
                let environment = github_environment(&self.forge, &self.machine, &event);
                ("github/wxops/comment.sh", environment)
            }
            Kind::GitLab => {
                let from = if ours { "42" } else { "43" };
                let environment = gitlab_environment(&self.forge, &self.machine, from);
                ("gitlab/wxops/comment.sh", environment)
            }
        };
        let token = match self.forge.kind {
            Kind::GitHub => "GITHUB_TOKEN",
            Kind::GitLab => "WXOPS_COMMENT_TOKEN",
        };
        environment.push((token.to_owned(), TOKEN.to_owned()));
        if let Some(commit) = &self.newer {
            self.forge.push(commit);
        }
        for (name, value) in more {
            environment.retain(|(known, _)| known != name);
            environment.push(((*name).to_owned(), (*value).to_owned()));
        }
        let run = format!("sh {} {}", example(script).display(), self.folder.display());
        let done = self.machine.shell(&run, &self.machine.temp(), &environment);
        let seen = format!("{done:?}{}", self.machine.called());
        assert!(!seen.contains(TOKEN), "{seen}");
        done
    }
}

#[test]
fn the_first_push_writes_one_comment_and_every_later_one_updates_it() {
    for kind in BOTH {
        let plan = Plan::fine(kind);
        plan.forge.comment(By::Another, "Nice!");
        assert_eq!(plan.posted().code, 0);
        plan.forge.comment(By::Another, "And now?");
        plan.ends("### wxops · Plan: 1 tenant to change\n", "", 0);
        for _ in 0..2 {
            assert_eq!(plan.posted().code, 0);
        }
        let comments = plan.forge.comments();
        assert_eq!(comments.len(), 3, "{comments:#?}");
        let (_, ours) = &comments[1];
        assert!(
            ours.starts_with(MARKER) && ours.contains("1 tenant to change"),
            "{ours}"
        );
        assert!(!ours.contains("nothing to do"), "{ours}");
    }
}

#[test]
fn its_own_comment_is_found_behind_many_pages_and_a_quoted_marker() {
    for kind in BOTH {
        let plan = Plan::fine(kind);
        for n in 0..250 {
            plan.forge.comment(By::Another, &format!("comment {n}"));
        }
        let quoted = plan
            .forge
            .comment(By::Another, &format!("{MARKER}\nlook at this"));
        let about = plan.forge.comment(By::Us, &format!("about `{MARKER}`"));
        assert_eq!(plan.posted().code, 0);
        let written = plan.forge.comments().len();
        assert_eq!(written, 253);
        plan.forge.comment(By::Another, "later");
        assert_eq!(plan.posted().code, 0);
        let comments = plan.forge.comments();
        assert_eq!(comments.len(), 254);
        let text = |id: u64| {
            comments
                .iter()
                .find(|(one, _)| *one == id)
                .unwrap()
                .1
                .clone()
        };
        assert_eq!(text(quoted), format!("{MARKER}\nlook at this"));
        assert_eq!(text(about), format!("about `{MARKER}`"));
        // Three pages are read each time, and what is written is one comment and one update.
        let asked = plan.forge.asked();
        let writes = asked.iter().filter(|one| !one.starts_with("GET ")).count();
        assert_eq!(writes, 2, "{asked:#?}");
        let reads = asked
            .iter()
            .filter(|one| one.ends_with("s") && one.starts_with("GET "))
            .count();
        assert_eq!(reads, 6, "{asked:#?}");
    }
}

#[test]
fn a_plan_that_fails_is_written_too_and_fails_the_job_with_its_code() {
    for kind in BOTH {
        for (code, why) in [
            (9, "The manifests have mistakes"),
            (1, "could not be read"),
            (3, "could not be read"),
            (5, "quota is used up"),
            (127, "cannot run wxops"),
        ] {
            let plan = Plan::of(
                kind,
                "### wxops · Plan: half of it\n",
                "error[WX1109]: no appid\n",
                code,
            );
            let done = plan.posted();
            assert_eq!(done.code, code, "{done:#?}");
            assert!(
                done.stdout.contains(&format!("exit code {code}")),
                "{done:#?}"
            );
            let comment = plan.forge.only();
            for text in [
                MARKER,
                &format!("the plan failed (exit code {code})"),
                why,
                "error[WX1109]",
                "half of it",
            ] {
                assert!(comment.contains(text), "`{text}`: {comment}");
            }
        }
    }
}

#[test]
fn it_is_written_in_chinese_too() {
    for kind in BOTH {
        let plan = Plan::of(kind, "", "error: x\n", 9);
        let done = plan.posted_from(true, &[("WXOPS_LANG", "zh")]);
        assert!(done.stdout.contains("计划失败，退出码 9"), "{done:#?}");
        assert!(
            plan.forge
                .only()
                .contains("计划失败（退出码 9）\n\n配置有错")
        );
    }
}

#[test]
fn nothing_that_was_printed_is_read_as_markup_or_as_an_order() {
    let said = "error: ```` ends a fence\n/close\n@everybody $(touch pwned) `touch pwned`\n";
    for kind in BOTH {
        let plan = Plan::of(
            kind,
            "### plan\n/merge\n\"; touch pwned; $(touch pwned)\n",
            said,
            1,
        );
        assert_eq!(plan.posted().code, 1);
        let comment = plan.forge.only();
        assert!(
            comment.contains("`````text\nerror: ```` ends a fence\n"),
            "{comment}"
        );
        assert!(
            comment.contains("\"; touch pwned; $(touch pwned)"),
            "{comment}"
        );
        assert!(!plan.machine.temp().join("pwned").exists());
        let order = comment
            .lines()
            .any(|line| line.trim_start().starts_with('/'));
        assert_eq!(
            order,
            kind == Kind::GitHub,
            "only GitLab takes orders: {comment}"
        );
    }
}

#[test]
fn a_comment_is_never_longer_than_a_forge_takes() {
    for kind in BOTH {
        let plan = Plan::of(kind, &"划".repeat(70_000), &"错".repeat(70_000), 1);
        assert_eq!(plan.posted().code, 1);
        assert!(plan.forge.only().chars().count() < 65_536);
    }
}

#[test]
fn a_refusal_says_what_to_do_and_fails_the_job() {
    for kind in BOTH {
        let (change, post) = (if kind == Kind::GitHub { "PATCH" } else { "PUT" }, "POST");
        for (method, status, headers, says) in [
            ("GET", 401, "", "does not accept the token"),
            (post, 403, "", "the token may not do this"),
            ("GET", 404, "", "no such"),
            (change, 404, "", "was just deleted"),
            (post, 422, "", "is locked"),
            ("GET", 429, "Retry-After: 37\r\n", "in 37 seconds"),
            (post, 429, "", "in 60 seconds"),
            (change, 500, "", "run this job again later"),
            ("GET", 503, "", "run this job again later"),
            (
                "GET",
                302,
                "Location: https://elsewhere.example.com/\r\n",
                "unexpected answer",
            ),
        ] {
            let plan = Plan::fine(kind);
            if method == change {
                plan.forge.comment(By::Us, MARKER);
            }
            plan.forge.refuse(Refusal {
                method,
                status,
                headers,
            });
            let done = plan.posted();
            assert_eq!(done.code, 1, "{done:#?}");
            let said = format!("error: {}", done.stderr.trim_start_matches("error: "));
            assert!(
                said.contains(says) && said.lines().count() == 1,
                "{method} {status}: {said}"
            );
            // What the forge said is told without the token and without what moves a cursor.
            assert!(
                said.contains("refused ***") && !said.contains('\u{1b}'),
                "{said}"
            );
        }
    }
}

#[test]
fn a_403_of_github_may_mean_too_many_requests() {
    for (headers, says) in [
        ("Retry-After: 12\r\n", "in 12 seconds"),
        ("X-RateLimit-Remaining: 0\r\n", "too many requests"),
    ] {
        let plan = Plan::fine(Kind::GitHub);
        plan.forge.refuse(Refusal {
            method: "GET",
            status: 403,
            headers,
        });
        let done = plan.posted();
        assert!(done.code == 1 && done.stderr.contains(says), "{done:#?}");
    }
}

#[test]
fn the_plans_own_failure_wins_over_that_of_its_comment() {
    for kind in BOTH {
        let plan = Plan::of(kind, "", "error: x\n", 9);
        plan.forge.refuse(Refusal {
            method: "POST",
            status: 500,
            headers: "",
        });
        assert_eq!(plan.posted().code, 9);
    }
}

#[test]
fn a_forge_that_cannot_be_reached_is_told_apart() {
    for (kind, name) in [
        (Kind::GitHub, "GITHUB_API_URL"),
        (Kind::GitLab, "CI_API_V4_URL"),
    ] {
        let done = Plan::fine(kind).posted_from(true, &[(name, "http://127.0.0.1:1")]);
        assert_eq!(done.code, 1, "{done:#?}");
        assert!(
            done.stderr.contains("cannot reach http://127.0.0.1:1"),
            "{done:#?}"
        );
    }
}

#[test]
fn a_page_elsewhere_is_not_followed() {
    let plan = Plan::fine(Kind::GitHub);
    let headers = "Link: <https://elsewhere.example.com/comments?page=2>; rel=\"next\"\r\n";
    plan.forge.refuse(Refusal {
        method: "GET",
        status: 200,
        headers,
    });
    let done = plan.posted();
    assert_eq!(done.code, 1, "{done:#?}");
    assert!(plan.forge.comments().is_empty());
}

#[test]
fn an_answer_that_is_no_list_of_comments_is_told() {
    for kind in BOTH {
        let plan = Plan::fine(kind);
        let headers = "Server: a login page\r\n";
        plan.forge.refuse(Refusal {
            method: "GET",
            status: 200,
            headers,
        });
        let done = plan.posted();
        assert_eq!(done.code, 1, "{done:#?}");
        assert!(done.stderr.contains("unexpected answer"), "{done:#?}");
        assert!(plan.forge.comments().is_empty());
    }
}

#[test]
fn an_older_plan_does_not_replace_a_newer_one() {
    for (kind, code) in [(Kind::GitHub, 0), (Kind::GitLab, 9)] {
        let mut plan = Plan::of(kind, "### wxops · Plan\n", "", code);
        plan.newer = Some("fedcba9876543210".to_owned());
        let done = plan.posted();
        assert_eq!(done.code, code, "{done:#?}");
        assert!(done.stdout.contains("there is a newer push"), "{done:#?}");
        assert!(plan.forge.comments().is_empty());
    }
}

#[test]
fn a_fork_is_never_answered() {
    for kind in BOTH {
        let plan = Plan::fine(kind);
        let done = plan.posted_from(false, &[]);
        assert_eq!(done.code, 1, "{done:#?}");
        assert!(done.stderr.contains("fork"), "{done:#?}");
        assert_eq!(plan.forge.asked(), [""; 0]);
    }
}

#[test]
fn other_events_are_never_answered() {
    for (kind, name, event) in [
        (Kind::GitHub, "GITHUB_EVENT_NAME", "pull_request_target"),
        (Kind::GitLab, "CI_PIPELINE_SOURCE", "push"),
    ] {
        let plan = Plan::fine(kind);
        assert_eq!(plan.posted_from(true, &[(name, event)]).code, 1);
        assert_eq!(plan.forge.asked(), [""; 0]);
    }
}
