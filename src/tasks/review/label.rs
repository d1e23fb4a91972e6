//! The labels that files have in a prompt, and what a model's words mean by them: they are between it and us.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::git::ChangeSet;
use crate::tasks::pack::file_id;

/// Words beside which such a sign is a key or a measure, on either side.
const OTHERS: &[&str] = &[
    "hit",
    "hits",
    "hitting",
    "hold",
    "holding",
    "key",
    "keys",
    "keybinding",
    "keypress",
    "macro",
    "measure",
    "metric",
    "micro",
    "press",
    "pressed",
    "presses",
    "pressing",
    "score",
    "scores",
    "shortcut",
    "shortcuts",
    "statistic",
];

/// The labels of a change's files.
pub(super) struct Labels<'c> {
    change: &'c ChangeSet,
    /// Signs like labels that stand in the changed code: who uses them may mean that.
    coded: OnceCell<HashSet<usize>>,
}

/// A sign like a label in a text: where, and the file it would mean.
struct Sign {
    start: usize,
    end: usize,
    place: usize,
}

impl<'c> Labels<'c> {
    pub(super) const fn new(change: &'c ChangeSet) -> Self {
        Self { change, coded: OnceCell::new() }
    }

    /// A model's words with files by their names. What may as well be a function key or a measure stays as it is.
    pub(super) fn told(&self, words: &str) -> String {
        let mut out = String::with_capacity(words.len());
        let mut done = 0;
        for sign in signs(words) {
            let Some(file) = self.change.files.get(sign.place) else { continue };
            let (path, after) = (file.path.as_str(), words.get(sign.end..).unwrap_or_default());
            // With its name behind it, as the prompt has it, it is nothing else.
            let named = after.strip_prefix(' ').is_some_and(|after| after.starts_with(path));
            if named || !(other(words, &sign) || self.coded().contains(&sign.place)) {
                out.push_str(words.get(done..sign.start).unwrap_or_default());
                out.push_str(if named { "" } else { path });
                done = sign.end + usize::from(named);
            }
        }
        out.push_str(words.get(done..).unwrap_or_default());
        out
    }

    fn coded(&self) -> &HashSet<usize> {
        let lines = || self.change.files.iter().flat_map(|f| &f.hunks).flat_map(|h| &h.lines);
        self.coded.get_or_init(|| lines().flat_map(|line| signs(&line.text)).map(|sign| sign.place).collect())
    }
}

/// Every sign like a label that is no part of a longer word.
fn signs(text: &str) -> impl Iterator<Item = Sign> {
    text.match_indices('F').filter_map(|(start, _)| {
        let digits = text.get(start + 1..)?;
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (place, end) = (digits.get(..length)?.parse::<usize>().ok()?.checked_sub(1)?, start + 1 + length);
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let part = letter(text.get(..start)?.chars().next_back()) || letter(text.get(end..)?.chars().next());
        (!part && file_id(place) == text.get(start..end)?).then_some(Sign { start, end, place })
    })
}

/// Whether what stands beside it makes it something else: `Ctrl+F5`, `Key::F1`, `press F1`, `the F1 score`.
fn other(text: &str, sign: &Sign) -> bool {
    let (before, after) = (text.get(..sign.start).unwrap_or_default(), text.get(sign.end..).unwrap_or_default());
    let joined = before.ends_with(['+', '-', '.', '/', '$', '#']) || before.ends_with("::") || after.starts_with('-');
    let word = |word: Option<&str>| {
        let bare = word.unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        OTHERS.contains(&bare.as_str())
    };
    let behind = after.split_whitespace().next().filter(|_| after.starts_with(char::is_whitespace));
    joined || word(before.split_whitespace().next_back()) || word(behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{FileChange, Hunk, Line, LineKind, Status};

    fn change(code: &str) -> ChangeSet {
        let mut files: Vec<FileChange> =
            (1..=12).map(|n| FileChange::new(format!("src/{n}.rs").as_str().into(), Status::Modified)).collect();
        let line = Line { kind: LineKind::Added, text: code.into(), old: None, new: Some(1), no_newline: false };
        files[0].hunks.push(Hunk { lines: vec![line], ..Hunk::default() });
        ChangeSet { files, ..ChangeSet::default() }
    }

    #[test]
    fn labels_are_told_as_the_files_they_mean() {
        let change = change("go();");
        let told = |words: &str| Labels::new(&change).told(words);
        assert_eq!(
            told("F1 calls what F12 and F13 and 0xF1 and UTF16 say (F2)."),
            "src/1.rs calls what src/12.rs and F13 and 0xF1 and UTF16 say (src/2.rs)."
        );
        assert_eq!(
            told("F1 src/1.rs is read by F2's loop, see `F3`:4"),
            "src/1.rs is read by src/2.rs's loop, see `src/3.rs`:4"
        );
        assert_eq!(told("F01 and F0 and _F1"), "F01 and F0 and _F1");
    }

    #[test]
    fn a_function_key_or_a_measure_is_no_file() {
        let plain = change("go();");
        let told = |words: &str| Labels::new(&plain).told(words);
        for words in [
            "press F1 for help",
            "the F1 key",
            "an F1 score of 0.4",
            "F1-score",
            "Ctrl+F5 reloads",
            "Key::F2 is lost",
            "the macro F1",
        ] {
            assert_eq!(told(words), words);
        }
        let coded = change("if (event.key === 'F1') help();");
        let told = |words: &str| Labels::new(&coded).told(words);
        assert_eq!(
            told("F1 opens nothing, and F2 neither"),
            "F1 opens nothing, and src/2.rs neither",
            "the code itself speaks of F1"
        );
        assert_eq!(told("F1 src/1.rs opens nothing"), "src/1.rs opens nothing");
    }
}
