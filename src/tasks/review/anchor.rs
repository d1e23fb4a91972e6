//! The anchor check: a model's finding counts only where the code it quotes really stands on a changed line.

use crate::git::{ChangeSet, FileChange, Line};
use crate::tasks::fence::fold;
use crate::tasks::finding::Side;
use crate::tasks::pack::file_id;

/// A quote shorter than this, folded, may not be found by containment (bytes): `}` stands everywhere.
const TELLING: usize = 8;

/// A line of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    /// Place of the file in the change set.
    pub place: usize,
    /// Which side `line` counts on.
    pub side: Side,
    /// From 1.
    pub line: u32,
    /// The line's text.
    pub text: String,
}

/// Where a finding belongs, given the file (id or path), line and quote that a model named.
/// The quote decides; the number only breaks ties. `None` when no changed line holds the quote.
#[must_use]
pub(super) fn anchor(change: &ChangeSet, file: &str, line: u32, quote: &str) -> Option<Anchor> {
    let place = place(change, file)?;
    // Of a quote of several lines the first telling one is looked for.
    let quote = quote.lines().map(strip).find(|l| telling(l))?;
    let file = &change.files[place];
    on_side(file, Side::New, line, &quote)
        .or_else(|| on_side(file, Side::Old, line, &quote))
        .map(|(side, line, text)| Anchor { place, side, line, text })
}

/// The file of that label or path.
#[must_use]
pub(super) fn place(change: &ChangeSet, file: &str) -> Option<usize> {
    (0..change.files.len()).find(|&n| file_id(n) == file || change.files[n].path.as_str() == file)
}

/// Whether a quoted line says where it stands.
pub(super) fn telling(line: &str) -> bool {
    line.chars().any(char::is_alphanumeric)
}

fn on_side(file: &FileChange, side: Side, near: u32, quote: &str) -> Option<(Side, u32, String)> {
    let lines: Vec<(u32, &Line)> = match side {
        Side::New => file.added_lines().filter_map(|l| Some((l.new?, l))).collect(),
        Side::Old => file.removed_lines().filter_map(|l| Some((l.old?, l))).collect(),
    };
    let nearest = |fits: &dyn Fn(&str) -> bool| {
        lines
            .iter()
            .filter(|(_, l)| fits(&fold(&l.text)))
            .min_by_key(|(n, _)| n.abs_diff(near))
            .map(|(n, l)| (side, *n, l.text.clone()))
    };
    nearest(&|text| text == quote)
        .or_else(|| if quote.len() >= TELLING { nearest(&|text| text.contains(quote)) } else { None })
}

/// A quoted line without the number and the mark that the prompt puts before it, folded.
pub(super) fn strip(line: &str) -> String {
    let folded = fold(line);
    let rest = folded.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let unmarked = rest.strip_prefix('+').or_else(|| rest.strip_prefix('-')).map(str::trim_start);
    match unmarked {
        Some(code) if rest.len() < folded.len() => code.to_owned(),
        _ => folded.strip_prefix("+ ").unwrap_or(&folded).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Hunk, LineKind, Status};

    fn change() -> ChangeSet {
        let line = |kind, text: &str, old, new| Line { kind, text: text.into(), old, new, no_newline: false };
        let mut file = FileChange::new("src/a.rs".into(), Status::Modified);
        file.hunks.push(Hunk {
            lines: vec![
                line(LineKind::Context, "fn last(items: &[u8]) -> u8 {", Some(9), Some(9)),
                line(LineKind::Removed, "    items[items.len() - 1]", Some(10), None),
                line(LineKind::Added, "    items[items.len()]", None, Some(10)),
                line(LineKind::Added, "    }", None, Some(11)),
                line(LineKind::Added, "    items[items.len()]", None, Some(40)),
            ],
            ..Hunk::default()
        });
        ChangeSet { files: vec![file], ..ChangeSet::default() }
    }

    #[test]
    fn the_quote_decides_and_the_number_breaks_ties() {
        let at = |line| anchor(&change(), "F1", line, "items[items.len()]").map(|a| (a.side, a.line));
        assert_eq!(at(10), Some((Side::New, 10)));
        assert_eq!(at(39), Some((Side::New, 40)), "the nearest of two equal lines");
        assert_eq!(at(7000), Some((Side::New, 40)), "a wrong number is mended by the quote");
    }

    #[test]
    fn a_quote_that_stands_on_no_changed_line_has_no_place() {
        let lost = |file, quote| anchor(&change(), file, 10, quote);
        assert_eq!(lost("F1", "fn last(items: &[u8]) -> u8 {"), None, "context is not changed");
        assert_eq!(lost("F1", "items.pop()"), None);
        assert_eq!(lost("F2", "items[items.len()]"), None, "no such file");
        assert_eq!(lost("F1", "}"), None, "a bare brace says nothing");
        assert_eq!(lost("F1", ""), None);
    }

    #[test]
    fn removed_lines_are_found_on_the_old_side() {
        let found = anchor(&change(), "src/a.rs", 10, "items[items.len() - 1]").unwrap();
        assert_eq!((found.side, found.line), (Side::Old, 10));
    }

    #[test]
    fn numbers_and_marks_of_the_prompt_are_forgiven() {
        assert!(anchor(&change(), "F1", 10, "   10 +    items[items.len()]").is_some());
        assert!(anchor(&change(), "F1", 10, "+ items[items.len()]").is_some());
    }
}
