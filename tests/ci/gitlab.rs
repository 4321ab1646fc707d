//! What is GitLab's alone: a merge request from a fork, and the job without secrets.

use super::forge::{Forge, Kind};
use super::jobs::{Project, gitlab};
use super::machine::Machine;
use super::rules::{self, Meets as _};

#[test]
fn a_merge_request_gets_one_note_that_follows_it() {
    rules::one_comment_follows(Kind::GitLab);
}

#[test]
fn mistakes_and_links_are_told_in_the_note() {
    rules::mistakes_are_told(Kind::GitLab);
}

#[test]
fn a_fork_gets_no_plan_and_is_validated() {
    let (project, forge, machine) = (Project::new(), Forge::open(Kind::GitLab), Machine::new());
    assert!(gitlab("wxops plan", &project, &machine, &forge, "43").is_none());
    let validate = || gitlab("wxops validate", &project, &machine, &forge, "43").unwrap();
    validate().meets(0, "No mistakes in");
    project.write("tenants/sunrise.yaml", "kind: Tenant\n");
    validate().meets(9, "sunrise.yaml");
    assert_eq!(forge.asked(), [""; 0]);
}
