//! The real `wxops run` beside the real simulator: commits, mistakes, pauses, restarts.

mod beside;
mod broken;
mod capped;
mod chinese;
mod commits;
mod folder;
mod frozen;
mod glance;
mod guard;
mod house;
mod killed;
mod lists;
mod metrics;
mod pause;
mod persons;
mod platforms;
mod private;
mod registered;
mod rest;
mod restarts;
