//! The same client as a local proxy: editors and agents call it in the dialect they speak.
//!
//! # One request
//!
//! `listen` takes a connection, `house` counts it and gives it to HTTP. `api` turns method and path into a target:
//! a dialect and what is wanted of it. `front` reads the body of whom `access` lets in; `call` masks it and asks the one client.
//! `teller` hears the answer and spells it in the caller's dialect, or passes it on as it came; `flow` is the body of the
//! response: it drives the call while it is read, so that a caller who does not read is not read for, and one who hangs up
//! takes the call and the upstream with him.
//!
//! `board` remembers what happens. Whoever may look (`token`) reads it through `admin` and `feed`; where the user names a
//! collector, `telemetry` tells it.

pub mod access;
mod admin;
pub mod api;
mod board;
mod body;
mod call;
mod count;
mod crew;
mod desk;
mod discuss;
mod document;
mod feed;
mod flow;
mod front;
pub mod host;
mod house;
mod journal;
mod listen;
mod models;
mod opening;
mod pass;
mod pipe;
mod plain;
mod reject;
pub mod sieve;
mod stall;
mod telemetry;
mod teller;
mod tls;
mod token;
pub mod unit;

pub use board::Board;
pub use crew::Crew;
pub use desk::{Desk, Settings};
pub use house::House;
pub use journal::{FILE as LOG, Journal};
pub use listen::{Address, Bound, ListenError, told};
pub use telemetry::{Collector, Telemetry, Way};
pub use tls::{Tls, tls};
pub use token::Token;
