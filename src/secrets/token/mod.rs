//! Tokens as data: literals and counted runs of a class of bytes, read by a table instead of a pattern.
//!
//! A spec is read at compile time. `{a36}` stands for 36 letters and digits, `{h32-64}` for 32 to 64 hexadecimal
//! digits, `{w20+}` for 20 or more; everything else stands for itself. Round brackets enclose the secret part where
//! it is not the whole, what follows a `?` may be missing, and a `!` in front wants a token that no word runs into.

mod class;
mod lot;
mod named;
mod read;

pub(super) use named::{named, staged};
pub(super) use read::{boundary, read};

use class::{LETTERS, is};

const PARTS: usize = 14;
/// An open run stops here; a token's last run goes on to its end once the token is accepted.
const LONG: u16 = 2048;

#[derive(Clone, Copy)]
enum Part {
    /// These bytes of the spec.
    Literal(u8, u8),
    /// Bytes of this class's bit, from so many to so many.
    Run(u8, u16, u16),
    /// The secret part begins.
    Open,
    /// The secret part ends.
    Close,
    /// What follows may be missing.
    Maybe,
    /// Nothing follows.
    End,
}

/// A shape of token, as a spec describes it.
#[derive(Clone, Copy)]
pub(super) struct Token {
    spec: &'static [u8],
    parts: [Part; PARTS],
    /// No word may run into it.
    alone: bool,
    /// Its first literal is of letters and digits alone, as chance may bring about inside base64.
    plain: bool,
    /// Its first literal is so long that it is told even inside a word.
    telling: bool,
    /// Bytes from its begin to the first literal: fewest and most.
    before: (u16, u16),
}

impl Token {
    /// The token that `spec` describes. A spec that cannot be read does not compile.
    #[expect(clippy::cast_possible_truncation, reason = "a spec is shorter than 256 bytes")]
    pub(super) const fn new(spec: &'static str) -> Self {
        let mut rest = spec.as_bytes();
        let mut parts = [Part::End; PARTS];
        let mut len = 0;
        let mut alone = false;
        let mut literal: &[u8] = b"";
        let mut before = (0, 0);
        if let [b'!', tail @ ..] = rest {
            alone = true;
            rest = tail;
        }
        while let [first, tail @ ..] = rest {
            let part = match *first {
                b'{' => {
                    let (run, left) = run(tail);
                    rest = left;
                    if let Part::Run(_, min, max) = run
                        && literal.is_empty()
                    {
                        before = (before.0 + min, before.1 + max);
                    }
                    run
                }
                b'(' | b')' | b'?' => {
                    rest = tail;
                    match *first {
                        b'(' => Part::Open,
                        b')' => Part::Close,
                        _ => Part::Maybe,
                    }
                }
                _ => {
                    let mut end = 0;
                    while end < rest.len() && !matches!(rest[end], b'{' | b'(' | b')' | b'?') {
                        end += 1;
                    }
                    let (here, left) = rest.split_at(end);
                    rest = left;
                    if literal.is_empty() {
                        literal = here;
                    }
                    let from = spec.len() - rest.len() - end;
                    assert!(spec.len() < 256, "a spec is too long");
                    Part::Literal(from as u8, (from + end) as u8)
                }
            };
            assert!(len + 1 < PARTS, "a spec has too many parts");
            parts[len] = part;
            len += 1;
        }
        let mut plain = true;
        let mut at = 0;
        while at < literal.len() {
            plain &= literal[at].is_ascii_alphanumeric();
            at += 1;
        }
        Self { spec: spec.as_bytes(), parts, alone, plain, telling: literal.len() >= 8 && !plain, before }
    }

    /// The first literal in lower case: what to look for. Empty for a token without one.
    #[cfg(test)]
    pub(super) fn key(&self) -> String {
        let literal = self.parts.iter().find(|p| matches!(p, Part::Literal(..)));
        String::from_utf8_lossy(literal.map(|l| self.literal(*l)).unwrap_or_default()).to_ascii_lowercase()
    }

    fn literal(&self, part: Part) -> &'static [u8] {
        let Part::Literal(from, to) = part else { return &[] };
        self.spec.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    /// A word of so many bytes that begins with `byte` may be its begin.
    fn begins(&self, byte: u8, word: usize) -> bool {
        match self.parts.iter().find(|p| matches!(p, Part::Literal(..) | Part::Run(..))) {
            Some(Part::Run(class, min, _)) => {
                // Classes with marks go on where a word ends.
                let marks = is(b'+', 1 << class) || is(b'.', 1 << class);
                is(byte, 1 << class) && (marks || usize::from(*min) <= word)
            }
            Some(literal) => self.literal(*literal).first() == Some(&byte),
            None => false,
        }
    }
}

const fn run(spec: &'static [u8]) -> (Part, &'static [u8]) {
    let (letter, rest) = match spec {
        [letter, rest @ ..] => (*letter, rest),
        [] => (0, spec),
    };
    let mut bit = 0;
    while bit < LETTERS.len() && LETTERS[bit] != letter {
        bit += 1;
    }
    assert!(bit < LETTERS.len(), "no such class");
    let (min, rest) = number(rest);
    let (max, rest) = match rest {
        [b'-', rest @ ..] => number(rest),
        [b'+', rest @ ..] => (LONG, rest),
        _ => (min, rest),
    };
    assert!(matches!(rest, [b'}', ..]), "a run that does not end");
    let (_, rest) = rest.split_at(1);
    assert!(min <= max, "a run from more to fewer");
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer classes than bits")]
    let bit = 8 + bit as u8;
    (Part::Run(bit, min, max), rest)
}

const fn number(digits: &'static [u8]) -> (u16, &'static [u8]) {
    let (mut value, mut rest) = (0, digits);
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value * 10 + (*digit - b'0') as u16;
        rest = tail;
    }
    (value, rest)
}
