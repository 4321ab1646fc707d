//! What is GitHub's alone: a pull request from a fork, and the job without secrets.

use super::forge::{Forge, Kind, TOKEN};
use super::jobs::{Project, event, github, settings};
use super::machine::Machine;
use super::rules::{self, Meets as _};

#[test]
fn a_pull_request_gets_one_comment_that_follows_it() {
    rules::one_comment_follows(Kind::GitHub);
}

#[test]
fn mistakes_and_links_are_told_in_the_comment() {
    rules::mistakes_are_told(Kind::GitHub);
}

#[test]
fn a_fork_gets_no_plan() {
    let (project, forge) = (Project::new(), Forge::open(Kind::GitHub));
    let machine = Machine::new().with_store(&[]);
    let fork = event(&project, "theirs/manifests");
    assert!(
        github(
            ("wxops-plan.yml", "plan"),
            &project,
            &machine,
            &forge,
            &fork
        )
        .is_none()
    );
    assert_eq!(forge.asked(), [""; 0]);
}

#[test]
fn a_fork_is_validated_without_any_secret() {
    let (project, forge, machine) = (Project::new(), Forge::open(Kind::GitHub), Machine::new());
    let fork = event(&project, "theirs/manifests");
    let validate = || github(("wxops.yml", "validate"), &project, &machine, &forge, &fork).unwrap();
    validate().meets(0, "No mistakes in");
    project.write("tenants/sunrise.yaml", "kind: Tenant\n");
    validate().meets(9, "sunrise.yaml");
    assert_eq!(forge.asked(), [""; 0]);
    assert!(!machine.called().contains(TOKEN));
}

#[test]
fn the_comment_is_written_by_the_script_of_the_branch_it_is_merged_into() {
    let (project, forge) = (Project::new(), Forge::open(Kind::GitHub));
    let stage = project.stage();
    let machine = Machine::new().with_store(&settings(&stage));
    project.write(".github/wxops/comment.sh", "echo pwned \"$GITHUB_TOKEN\"\n");
    let ours = event(&project, "ours/manifests");
    let done = github(
        ("wxops-plan.yml", "plan"),
        &project,
        &machine,
        &forge,
        &ours,
    )
    .unwrap();
    done.meets(0, "posted the comment");
    assert!(!done.stdout.contains("pwned"), "{done:#?}");
}
