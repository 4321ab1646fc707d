//! `examples/ci/`: the jobs of a merge request, read from the files that people copy, run by the real scripts with the real
//! binary against a stand-in for GitHub and GitLab.

mod comments;
mod expression;
mod forge;
mod github;
mod gitlab;
mod jobs;
mod machine;
mod pages;
mod rules;
