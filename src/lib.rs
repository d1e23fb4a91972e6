//! `monster`: commit messages, reviews and reconciled answers from several language models.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod git;
pub mod model;
pub mod providers;
pub mod secrets;
pub mod tasks;
pub mod wire;
pub mod world;
