//! `monster`: commit messages, reviews and reconciled answers from several language models.
//!
//! # Where things are
//!
//! | folder | holds |
//! |---|---|
//! | [`commands`] | the command line: parse, call a task, print |
//! | [`tasks`] | the work itself, without a terminal: commit message, review, question, dialectic, offline rules |
//! | [`client`] | the one way to a model, a file a step |
//! | [`wire`] | dialects: how a request is spelled and an answer is read |
//! | [`providers`] | who answers: addresses, headers, effort, errors, limits; pure descriptions |
//! | [`catalog`] | what models can do and cost: data with dates |
//! | [`secrets`] | finding and masking secrets |
//! | [`vault`], [`auth`] | where keys rest, and where they come from |
//! | [`serve`] | the local proxy: who may come in, and what is answered in which dialect |
//! | [`store`] | what survives a run: ledger, history, cool-downs, leases |
//! | [`config`] | settings in layers, each value with its origin |
//! | [`git`] | changes, hooks, messages |
//! | [`code`] | what source code defines, by its grammar |
//! | [`net`], [`ui`], [`world`] | the doors: HTTP, terminal, and clock, files, processes, randomness, environment |
//! | [`model`] | the words everybody shares |
//!
//! # One request
//!
//! A command makes a [`model::Request`] and gives it to [`client::Client::call`]. There it is redacted into a
//! [`client::Clean`], the only type anything below accepts; its wishes become a [`providers::Intent`]; a row is
//! opened in history. Then, route by route in failover order: wait if the route cools down, adapt the wishes to
//! the model, write the body in its dialect, open a ledger row while connecting, read events, and hold them back
//! until the first content. Before that point a failure takes the next route; after it, the failure is told.
//! What was used is metered in `Drop`, so that no ending loses it. `ARCHITECTURE.md` follows this with names.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod auth;
pub mod catalog;
pub mod client;
pub mod code;
pub mod commands;
pub mod config;
pub mod git;
pub mod model;
pub mod net;
pub mod providers;
pub mod secrets;
pub mod serve;
pub mod store;
pub mod tasks;
pub mod ui;
pub mod vault;
pub mod wire;
pub mod world;
