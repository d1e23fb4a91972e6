//! Every command as somebody types it: the real binary, a sandbox of its own, and models that follow a script.
//!
//! `sandbox` is the world a command runs in, `upstream` the providers it talks to. The other files are stories, one
//! per command. Outputs are snapshots under `snapshots/`; `cargo insta review` shows what changed.

// Tests start processes, write files and wait in real time: the doors of src/world are for the program.
#![allow(clippy::disallowed_methods)]
// A story that cannot go on says so by panicking, in its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `pub` here means "for the other files of this binary".
#![allow(unreachable_pub, missing_docs)]

mod account;
mod admin;
mod ask;
mod ask_modes;
#[cfg(target_os = "linux")]
mod background;
#[cfg(unix)]
mod beside;
mod beside_chat;
#[cfg(target_os = "linux")]
mod beyond;
#[cfg(target_os = "linux")]
mod caller;
mod callers;
mod certificate;
#[cfg(unix)]
mod chain;
#[cfg(unix)]
mod children;
mod commit;
mod commit_again;
mod commit_flags;
mod commit_large;
mod commit_sent;
#[cfg(target_os = "linux")]
mod commit_talk;
mod conventions;
mod count;
mod doctor;
#[cfg(target_os = "linux")]
mod doors;
mod effort;
mod everyday;
mod faults;
#[cfg(unix)]
mod gate;
mod gather;
mod grpc;
mod harm;
mod hints;
mod history;
mod hook;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod house;
mod issuer;
mod key;
#[cfg(target_os = "linux")]
mod ledger;
mod limits;
mod listings;
mod local;
mod machine;
#[cfg(target_os = "linux")]
mod memory;
mod models;
#[cfg(unix)]
mod outgoing;
mod pages;
#[cfg(target_os = "linux")]
mod parking;
mod patience;
mod prices;
#[cfg(unix)]
mod program;
mod proxy;
#[cfg(unix)]
mod push;
#[cfg(target_os = "linux")]
mod question;
mod quota;
mod rank;
mod readme;
mod real;
mod redact;
mod redaction;
mod refresh;
#[cfg(target_os = "linux")]
mod refusal;
mod review;
mod review_cache;
mod review_out;
#[cfg(unix)]
mod review_post;
mod review_second;
#[cfg(unix)]
mod review_state;
mod route;
mod rules;
mod sandbox;
mod scan;
#[cfg(target_os = "linux")]
mod seals;
#[cfg(target_os = "linux")]
mod serve;
mod settings;
mod setup;
mod shapes;
mod signin;
#[cfg(unix)]
mod stop;
mod storm;
#[cfg(target_os = "linux")]
mod streams;
#[cfg(target_os = "linux")]
mod telemetry;
mod terminal;
mod tls;
#[cfg(unix)]
mod traces;
mod turned;
mod upstream;
mod vault;
#[cfg(target_os = "linux")]
mod veil;
mod vendors;
mod verdict;
mod vertex;
mod workload;
