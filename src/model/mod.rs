//! The words everybody shares: requests, blocks, events, usage, failures, money. Imports nothing of ours.

mod block;
mod card;
mod count;
mod demand;
mod dialect;
mod effort;
mod event;
mod failure;
mod id;
mod letter;
mod listed;
mod money;
mod request;
mod rule;
mod secret;
mod service;
mod tweak;
mod usage;
mod via;

#[cfg(test)]
mod tests;

pub use block::{About, Block, Citation, Custom, Message, Role, Seal, Source, Tag, ToolSpec, Ttl};
pub use card::{Control, Dated, Hours, ModelCard, OffPeak, Offer, Prices, Reasoning, Tier};
pub use count::{Count, CountSource};
pub use demand::{DEMANDS, Demand, IN_WORDS};
pub use dialect::Dialect;
pub use effort::Effort;
pub use event::{BlockKind, Event, FinishReason};
pub use failure::{Action, Blamed, Failure, Kind, Refusal, Scope, UpstreamError, short};
pub use id::{ENV, Maker, ModelName, random_id, timed_id};
pub use letter::{before, disguises, hex, plain_text, short_text, turns};
pub use listed::Listed;
pub use money::{Cost, CostSource, NanoUsd};
pub use request::{Cache, Extra, Purpose, Request, Sampling, Schema, Summary, ToolChoice, Verbosity};
pub use rule::{RULES, Rest, Rule, Said, meaning};
pub use secret::Secret;
pub use service::Service;
pub use tweak::TWEAKS;
pub use usage::{Usage, UsageSource};
pub use via::Via;
