//! Finding secrets and putting placeholders in their place, before anything leaves.
//!
//! A text is passed once for every rule's keys and every telling name (`grams`); at each place this points to, a
//! rule's pattern (`rules`, `token`), a function (`custom`) or the assignment
//! parser (`assign`) looks closer, and again at what the text says once decoded or put together (`escapes`, `joined`,
//! `runs`). The user's own credentials (`known`) are masked wherever they stand. What is
//! found is masked, secret part only, under a word that is the same for the same value (`placeholder`). What is
//! done about which kind, and what is left alone, is the user's to say (`policy`, `own`, `allow`).

mod allow;
mod assign;
mod body;
mod checksum;
mod conversation;
mod custom;
mod digits;
mod dump;
mod engine;
mod escapes;
pub mod form;
mod grams;
mod guard;
mod gutter;
mod heads;
mod hit;
mod joined;
mod json;
mod known;
pub mod legible;
mod lines;
mod link;
mod memory;
mod mode;
mod names;
mod own;
mod place;
mod placeholder;
mod policy;
mod reach;
mod redactor;
mod refused;
mod repeated;
mod restore;
mod rules;
mod runs;
mod seen;
mod sink;
mod splice;
mod stream;
#[cfg(test)]
mod tests;
mod token;
mod tool;
mod value;
mod vault;
mod view;

pub use allow::{Allow, By, Entry, Key, Listed, MARK, stretch};
pub use body::{Masked, Placed};
pub use conversation::Conversation;
pub use guard::Reason;
pub use hit::{Hit, Redacted};
pub use json::{Member, elements, members};
pub use known::{KNOWN_MIN, Known};
pub use mode::Mode;
pub use own::{Own, OwnRule, env_values};
pub use policy::{Place, Policy, RuleShown, Verdict, by_vendor, checksum, kinds, stage, vague};
pub use redactor::{Redactor, mask, remember};
pub use refused::{Blocked, BodyError};
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
