//! Who speaks, under which letter, and in which order anonymous answers are shown.

use sha2::{Digest, Sha256};

/// Most members of a council.
pub const MOST: usize = 5;

const LETTERS: [&str; MOST] = ["A", "B", "C", "D", "E"];
/// The same in JSON.
const KEYS: [&str; MOST] = ["a", "b", "c", "d", "e"];
const LABELS: [&str; MOST] = ["X", "Y", "Z", "V", "W"];
const FIELDS: [&str; MOST] = ["x", "y", "z", "v", "w"];

fn of(table: &[&'static str; MOST], at: usize) -> &'static str {
    table.get(at).copied().unwrap_or("?")
}

/// A member's letter for people: `A` is the first.
#[must_use]
pub fn letter(member: usize) -> &'static str {
    of(&LETTERS, member)
}

/// A member's key in JSON: `a` is the first.
#[must_use]
pub fn key(member: usize) -> &'static str {
    of(&KEYS, member)
}

/// The member with that letter, in either case.
#[must_use]
pub(super) fn member(letter: &str) -> Option<usize> {
    LETTERS.iter().position(|known| known.eq_ignore_ascii_case(letter))
}

/// What an anonymous answer is called, by its place: `X` is the first.
pub(super) fn label(place: usize) -> &'static str {
    of(&LABELS, place)
}

/// The same as a field's name.
pub(super) fn field(place: usize) -> &'static str {
    of(&FIELDS, place)
}

/// The place with that label.
pub(super) fn place(label: &str, places: usize) -> Option<usize> {
    LABELS.iter().take(places).position(|known| *known == label.trim())
}

/// The order in which `members` are shown to one reader of `text`: decided by both, not by who answered first, so that
/// no model has the better seat by habit.
pub(super) fn order(text: &str, reader: &str, members: &[usize]) -> Vec<usize> {
    let weight = |member: &usize| {
        let mut hash = Sha256::new();
        for part in [text.as_bytes(), reader.as_bytes(), letter(*member).as_bytes()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        <[u8; 32]>::from(hash.finalize())
    };
    let mut out = members.to_vec();
    out.sort_by_cached_key(weight);
    out
}

/// `X and Y`, `X, Y and Z`.
pub(super) fn listed(places: usize) -> String {
    let names: Vec<&str> = (0..places).map(label).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voice {
    /// A member, by its place: 0 is A.
    Member(usize),
    /// Who reconciles.
    Synthesis,
}

impl Voice {
    /// The member's letter, or `synthesis`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Member(at) => letter(at),
            Self::Synthesis => "synthesis",
        }
    }
}

/// What a voice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Answers the question.
    Answer,
    /// Criticises the others and answers again, in that round, from 1.
    Round(u8),
    /// Ranks the answers.
    Ranking,
    /// Reconciles.
    Synthesis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_has_an_order_of_its_own_and_the_same_again() {
        let members = [0, 1, 2, 3, 4];
        let orders: Vec<Vec<usize>> = ["A", "B", "C"].iter().map(|who| order("why?", who, &members)).collect();
        assert_eq!(orders[0], order("why?", "A", &members));
        assert!(orders[0] != orders[1] || orders[1] != orders[2], "{orders:?}");
        // No member sits first by habit.
        let first = |n: usize| order(&format!("question {n}"), "synthesis", &[0, 1])[0];
        let ones = (0..200).filter(|n| first(*n) == 1).count();
        assert!((60..140).contains(&ones), "{ones} of 200");
    }

    #[test]
    fn names_go_both_ways() {
        assert_eq!((letter(0), key(4), label(2), field(1), listed(3)), ("A", "e", "Z", "y", "X, Y and Z".to_owned()));
        assert_eq!((member("b"), member("F"), place("Y", 2), place("Z", 2)), (Some(1), None, Some(1), None));
    }
}
