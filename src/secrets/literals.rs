//! One pass over a text for many literals.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Literals and their automaton.
#[derive(Clone, Default)]
pub(super) struct Literals {
    words: Vec<String>,
    any_case: bool,
    automaton: Option<AhoCorasick>,
}

impl Literals {
    /// Literals found as they are.
    pub(super) fn exact(words: Vec<String>) -> Self {
        Self::build(words, false)
    }

    /// Literals found in any ASCII case.
    pub(super) fn any_case(words: Vec<String>) -> Self {
        Self::build(words, true)
    }

    fn build(words: Vec<String>, any_case: bool) -> Self {
        let automaton = if words.is_empty() {
            None
        } else {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .ascii_case_insensitive(any_case)
                .build(&words)
                .ok()
        };
        Self { words, any_case, automaton }
    }

    /// Calls `found(literal, start, end)` for every place, overlapping ones too, by end.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize, usize, usize)) {
        if let Some(automaton) = &self.automaton {
            for hit in automaton.find_overlapping_iter(text) {
                found(hit.pattern().as_usize(), hit.start(), hit.end());
            }
            return;
        }
        // No automaton for so many literals: slower, never blind.
        let folded = self.any_case.then(|| text.to_ascii_lowercase());
        for (at, word) in self.words.iter().enumerate() {
            for (start, hit) in folded.as_deref().unwrap_or(text).match_indices(word.as_str()) {
                found(at, start, start + hit.len());
            }
        }
    }
}
