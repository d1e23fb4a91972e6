//! Whether two answers are the same: in their words, whatever marks a model puts around them. Every other sign counts:
//! `-1` is not `1`, nor `a == b` what `a != b` is, nor C++ C.

use std::sync::OnceLock;

use regex::Regex;

use crate::tasks::fence::fold;

/// Headings, and pairs of marks round words: within a word, or alone, a mark is a sign like any other.
const MARKS: [&str; 5] = [
    r"(?m)^\s*#{1,6}\s+()(\S.*)()$",
    r"(?m)(^|[\s(])\*{1,3}([^\s*](?:[^*\n]*[^\s*])?)\*{1,3}($|[\s).,:;!?])",
    r"(?m)(^|[\s(])__([^\s_](?:[^_\n]*\s[^_\n]*)?[^\s_])__($|[\s).,:;!?])",
    r"(?m)(^|[\s(])_([^\s_](?:[^_\n]*[^\s_])?)_($|[\s).,:;!?])",
    r"(?m)(^|[\s(])`([^`\n]+)`($|[\s).,:;!?])",
];

/// Quotes round the whole of an answer.
const QUOTES: [(char, char); 4] = [('"', '"'), ('\'', '\''), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

/// An answer without the differences that mean nothing: marks of Markdown, quotes round all of it, punctuation at its end,
/// white space and case.
pub(super) fn bare(text: &str) -> String {
    static COMPILED: OnceLock<Vec<Regex>> = OnceLock::new();
    let marks = COMPILED.get_or_init(|| MARKS.iter().filter_map(|mark| Regex::new(mark).ok()).collect());
    let mut text = text.trim().to_owned();
    for mark in marks {
        text = mark.replace_all(&text, "$1$2$3").into_owned();
    }
    let mut rest = text.trim();
    loop {
        // What ends in "!" may be a factorial, and "?" asks.
        let bare = rest.trim_end_matches(['.', ',', ';', ':', '\u{2026}', '\u{3002}']).trim();
        let inner = QUOTES.iter().find_map(|(open, close)| {
            bare.strip_prefix(*open)?.strip_suffix(*close).filter(|inner| !inner.contains([*open, *close]))
        });
        match inner {
            Some(inner) => rest = inner.trim(),
            None if bare == rest => return fold(bare).to_lowercase(),
            None => rest = bare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn what_means_nothing_makes_no_other_answer() {
        for same in [
            ["Paris", "**Paris**."],
            ["the answer is 42", "The answer\n is `42`."],
            ["\u{201c}Yes\u{201d}.", "yes"],
            ["# Answer\n\nUse *both*", "answer use both"],
            ["_No_, never", "no, never"],
            ["It is __not so__.", "it is not so"],
        ] {
            assert_eq!(bare(same[0]), bare(same[1]), "{same:?}");
        }
    }

    #[test]
    fn what_means_something_does() {
        for other in [
            ["-1", "1"],
            ["Use C++", "Use C"],
            ["Use C#", "Use C"],
            ["a == b", "a != b"],
            ["a < b", "a > b"],
            ["2 * 3 * 4", "2 3 4"],
            ["f(**kwargs) and g(**kwargs)", "f(kwargs) and g(kwargs)"],
            ["__init__", "init"],
            ["a_b", "ab"],
            ["n!", "n"],
            [".5", "5"],
            ["50 %", "50"],
            ["!important", "important"],
            ["", "0"],
        ] {
            assert_ne!(bare(other[0]), bare(other[1]), "{other:?}");
        }
    }
}
