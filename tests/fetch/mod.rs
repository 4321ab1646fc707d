//! `examples/systemd/wxops-fetch`: whatever happens to the repository, the network or the script itself, `current` leads to
//! one whole commit.

mod commits;
mod kills;
mod refusals;
