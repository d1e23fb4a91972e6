//! Finding secrets and putting placeholders in their place, before anything leaves.
//!
//! A text passes once through an automaton over every rule's keys and every telling name
//! (`literals`); at each place it points to, a rule's pattern (`rules`), a function (`custom`) or the assignment
//! parser (`assign`) looks closer. The user's own credentials (`known`) are masked wherever they stand. What is
//! found is masked, secret part only, under a word that is the same for the same value (`placeholder`).

mod assign;
mod body;
mod checksum;
mod conversation;
mod custom;
mod decode;
mod engine;
mod guard;
mod gutter;
mod hit;
mod json;
mod known;
mod link;
mod literals;
mod memory;
mod mode;
mod names;
mod place;
mod placeholder;
mod redactor;
mod restore;
mod rules;
mod seen;
mod sink;
mod stream;
#[cfg(test)]
mod tests;
mod value;
mod vault;

pub use body::{BodyError, Masked, Placed};
pub use conversation::Conversation;
pub use guard::Reason;
pub use hit::{Hit, Redacted};
pub use known::{KNOWN_MIN, Known};
pub use mode::Mode;
pub use redactor::{Redactor, mask};
pub use restore::{Refusal, Restored, Restorer};
pub use sink::{Channel, Restore, Sink, Source};
pub use stream::Stream;
pub use vault::Vault;

/// Where the bodies of private keys lie in a whole file.
#[must_use]
pub fn private_keys(text: &str) -> Vec<std::ops::Range<usize>> {
    let keys = ["private-key", "private-key-part", "putty-key"];
    engine::find(text).into_iter().filter(|f| keys.contains(&f.rule)).map(|f| f.span).collect()
}
