//! What a plan reads like.
