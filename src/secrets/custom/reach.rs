//! How far a find may look: never past the next mark of its own kind, so that many of them cost no more than one.

use std::ops::Range;

/// What lies round the `word` at `at`, up to so many bytes before and behind, and up to the next `word` on either side.
/// ASCII case is ignored; `word` is in lower case.
pub(super) fn own(bytes: &[u8], at: usize, word: &str, before: usize, behind: usize) -> Range<usize> {
    let first = word.as_bytes().first().copied().unwrap_or_default();
    let upper = first.to_ascii_uppercase();
    let stands =
        |place: &usize| bytes.get(*place..*place + word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()));
    let floor = at.saturating_sub(before);
    let ahead = bytes.get(floor..at).unwrap_or_default();
    let from = memchr::memrchr2_iter(first, upper, ahead).map(|p| floor + p).find(stands);
    let start = (at + word.len()).min(bytes.len());
    let to = bytes.len().min(at.saturating_add(behind)).max(start);
    let rest = bytes.get(start..to).unwrap_or_default();
    let next = memchr::memchr2_iter(first, upper, rest).map(|p| start + p).find(stands);
    from.map_or(floor, |p| (p + word.len()).min(at))..next.unwrap_or(to)
}

/// The same as text: cut at whole characters.
pub(super) fn text(text: &str, range: Range<usize>) -> Range<usize> {
    text.ceil_char_boundary(range.start)..text.floor_char_boundary(range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_mark_on_either_side_ends_the_view() {
        let text = b"a MARK b mark c Mark d";
        assert_eq!(own(text, 9, "mark", 100, 100), 6..16);
        assert_eq!(own(text, 9, "mark", 2, 5), 7..14);
        assert_eq!(own(text, 2, "mark", 100, 100), 0..9);
        assert_eq!(own(b"markmark", 4, "mark", 9, 2), 4..8);
    }
}
