//! Ids of calls as they are taken by whom they are sent to: the same for a call and its results, and the same again in
//! every request of a conversation.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::Quirks;
use super::ties::{Call, made};
use crate::model::{Dialect, hex};

/// Longest id of a call that is taken, in characters (openai-chat.md, "Messages"; openai-responses.md, "Input items";
/// anthropic-messages.md, "Content blocks"); `None` = no limit is known. Other servers of Chat may need the whole of their
/// own: Kimi's models are told the tool's name by it.
const fn longest(dialect: Dialect, quirks: &Quirks) -> Option<usize> {
    match dialect {
        Dialect::OpenAiChat if quirks.bounded_ids => Some(40),
        Dialect::OpenAiResponses | Dialect::AnthropicMessages => Some(64),
        Dialect::OpenAiChat | Dialect::Gemini | Dialect::Ollama | Dialect::XaiGrpc => None,
    }
}

/// An id that is made of another begins with that much of it, in characters: with the sum behind it, it fits everywhere.
const HEAD: usize = 23;

/// The same of one that a number tells apart, where the whole does not fit.
const COUNTED: usize = 32;

/// It is no longer than that.
fn within(id: &str, most: Option<usize>) -> bool {
    most.is_none_or(|most| id.len() <= most || id.chars().count() <= most)
}

/// An id as a dialect takes ids. What does not fit is replaced or cut, and a sum of the whole keeps it apart.
pub(super) fn fitted<'i>(id: &'i str, dialect: Dialect, quirks: &Quirks) -> Cow<'i, str> {
    let strict = dialect == Dialect::AnthropicMessages;
    let plain = |c: char| !strict || c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if within(id, longest(dialect, quirks)) && id.chars().all(plain) && !(strict && id.is_empty()) {
        return Cow::Borrowed(id);
    }
    let head: String = id.chars().map(|c| if plain(c) { c } else { '_' }).take(HEAD).collect();
    let sum = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, b| (sum ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Cow::Owned(format!("{head}_{sum:016x}"))
}

/// Longest id of a user that is taken, in characters (openai-chat.md, "Request").
const USER: usize = 128;

/// A user's id as it is taken. A sum stands for one that is too long: Claude Code's is JSON with three ids in it.
pub(super) fn person(user: &str) -> Cow<'_, str> {
    if within(user, Some(USER)) {
        return Cow::Borrowed(user);
    }
    Cow::Owned(hex(&Sha256::digest(user)))
}

/// The ids of all calls, each for one of them alone. Each is made of what was said before it: what a provider keeps of a
/// conversation stays the same while it grows.
pub(super) fn apart<'r>(calls: &[Call<'r>], dialect: Dialect, quirks: &Quirks) -> Vec<Cow<'r, str>> {
    tried(calls, dialect, quirks).0
}

/// The same, and how many ids were tried for those that another has already.
pub(super) fn tried<'r>(calls: &[Call<'r>], dialect: Dialect, quirks: &Quirks) -> (Vec<Cow<'r, str>>, usize) {
    let mut tries = 0;
    let mut taken: HashSet<Cow<'r, str>> = HashSet::new();
    let mut next: HashMap<String, usize> = HashMap::new();
    let one = |(number, call): (usize, &Call<'r>)| {
        let own = if call.id.is_empty() { Cow::Owned(made(number)) } else { fitted(call.id, dialect, quirks) };
        if taken.insert(own.clone()) {
            return own;
        }
        let fits = |id: &str| within(id, longest(dialect, quirks));
        let head: String = own.chars().take(COUNTED).collect();
        let mut number = |of: &str| {
            let next = next.entry(of.to_owned()).or_insert(1);
            *next += 1;
            *next
        };
        loop {
            tries += 1;
            let whole = format!("{own}_{}", number(&own));
            // Many may begin alike: none tries again what another has.
            let id: Cow<'r, str> = Cow::Owned(if fits(&whole) { whole } else { format!("{head}_{}", number(&head)) });
            if taken.insert(id.clone()) {
                break id;
            }
        }
    };
    (calls.iter().enumerate().map(one).collect(), tries)
}
