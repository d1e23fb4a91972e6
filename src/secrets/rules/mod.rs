//! The rules as data. Each carries examples of what it finds and what it must leave alone; a test runs them.

pub(super) mod pii;
mod structure;
mod vendor;

pub(super) use structure::STRUCTURES;
pub(super) use vendor::VENDORS;

use super::custom::Custom;
use super::token::Token;

/// How a rule looks once one of its keys was seen.
#[derive(Clone, Copy)]
pub(super) enum Find {
    /// The pattern must match from the key on. Group 1 is the secret, or the whole match.
    Here(&'static str),
    /// The pattern is searched from this many bytes before the key to 512 after it.
    Near(usize, &'static str),
    /// The first of these shapes whose first literal is the key.
    Token(&'static [Token]),
    /// The key is a vendor's name; one of these shapes is assigned near it.
    Named(&'static [Token]),
    /// A function: blocks and lists that no one pattern describes.
    Custom(Custom),
}

/// A last look at what a pattern matched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Only documentation examples are let go.
    Shape,
    /// It must also look random: digits and letters, some entropy.
    Random,
    /// A password somebody chose: all but well-known dummies.
    Password,
    /// Base64 of `user:password`.
    Basic,
}

/// One kind of secret.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// `github-token`.
    pub(super) name: &'static str,
    /// `GitHub token`.
    pub(super) kind: &'static str,
    /// The word inside placeholders, 2 to 12 lower-case letters or digits.
    pub(super) tag: &'static str,
    /// Literals, in lower case, one of which is in every text that holds this; case is ignored.
    pub(super) keys: &'static [&'static str],
    pub(super) find: Find,
    pub(super) look: Look,
    /// 0 to 1.
    pub(super) confidence: f64,
    /// The token's own check, if it has one.
    pub(super) check: Option<fn(&str) -> bool>,
    #[cfg(test)]
    pub(super) hits: &'static [&'static str],
    #[cfg(test)]
    pub(super) misses: &'static [&'static str],
}

/// A rule whose pattern begins at its key.
const fn rule(
    name: &'static str,
    kind: &'static str,
    tag: &'static str,
    keys: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    Rule {
        name,
        kind,
        tag,
        keys,
        find: Find::Here(pattern),
        look: Look::Shape,
        confidence: 0.95,
        check: None,
        #[cfg(test)]
        hits: &[],
        #[cfg(test)]
        misses: &[],
    }
}

/// Shapes of tokens, read when the program is compiled.
macro_rules! specs {
    ($($spec:literal),+ $(,)?) => { const { &[$($crate::secrets::token::Token::new($spec)),+] } };
}
pub(in crate::secrets) use specs;

/// A kind that its prefix gives away.
const fn token(
    name: &'static str,
    kind: &'static str,
    tag: &'static str,
    keys: &'static [&'static str],
    specs: &'static [Token],
) -> Rule {
    Rule { find: Find::Token(specs), ..rule(name, kind, tag, keys, "") }
}

/// A kind without a prefix, given away by its vendor's name.
const fn named(
    name: &'static str,
    kind: &'static str,
    tag: &'static str,
    keys: &'static [&'static str],
    specs: &'static [Token],
) -> Rule {
    Rule { find: Find::Named(specs), confidence: 0.9, ..rule(name, kind, tag, keys, "") }
}

impl Rule {
    const fn near(mut self, before: usize) -> Self {
        if let Find::Here(pattern) = self.find {
            self.find = Find::Near(before, pattern);
        }
        self
    }

    const fn custom(mut self, find: Custom) -> Self {
        self.find = Find::Custom(find);
        self
    }

    const fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    const fn sure(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    const fn check(mut self, check: fn(&str) -> bool) -> Self {
        self.check = Some(check);
        self
    }

    /// Examples in the notation of `tests::expand`: `‹a36›` stands for 36 letters and digits, all of them secret.
    #[cfg_attr(not(test), expect(unused_mut, unused_variables, reason = "examples are for the tests alone"))]
    const fn examples(mut self, hits: &'static [&'static str], misses: &'static [&'static str]) -> Self {
        #[cfg(test)]
        {
            self.hits = hits;
            self.misses = misses;
        }
        self
    }
}
