//! The real `wxops run` beside the real simulator: commits, mistakes, pauses, restarts.

mod commits;
mod house;
mod pause;
mod rest;
mod restarts;
