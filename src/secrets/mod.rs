//! Finding secrets and putting placeholders in their place, before anything leaves.
//!
//! A text is passed once for every rule's keys and every telling name (`grams`); at each place it points to, a rule's pattern (`rules`), a function (`custom`) or the assignment
//! parser (`assign`) looks closer. The user's own credentials (`known`) are masked wherever they stand. What is
//! found is masked, secret part only, under a word that is the same for the same value (`placeholder`). What is
//! done about which kind, and what is left alone, is the user's to say (`policy`, `own`, `allow`).

mod allow;
mod assign;
mod checksum;
mod custom;
mod engine;
mod escapes;
mod grams;
mod gutter;
mod hit;
mod joined;
mod known;
mod mode;
mod names;
mod own;
mod placeholder;
mod policy;
mod redactor;
mod rules;
mod runs;
#[cfg(test)]
mod tests;
mod token;
mod value;
mod view;

pub use allow::{Allow, By, Entry, Key, Listed, MARK, stretch};
pub use hit::{Hit, Redacted};
pub use known::{KNOWN_MIN, Known};
pub use mode::Mode;
pub use own::{Own, OwnRule, env_values};
pub use policy::{Place, Policy, RuleShown, Verdict, checksum, kinds, stage};
pub use redactor::{Redactor, mask, remember};

/// Where the bodies of private keys lie in a whole file.
#[must_use]
pub fn private_keys(text: &str) -> Vec<std::ops::Range<usize>> {
    let keys = ["private-key", "private-key-part", "putty-key"];
    engine::find(text).into_iter().filter(|f| keys.contains(&f.rule)).map(|f| f.span).collect()
}
