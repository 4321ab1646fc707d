//! What a plan reads like.

mod folding;
mod human;
mod json;
mod markdown;
mod world;
