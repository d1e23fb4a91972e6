//! A text as somebody would read it once decoded, and where each piece of it came from.

use std::ops::Range;

/// A decoded text with the way back to the original.
pub(super) struct View {
    text: String,
    pieces: Vec<Piece>,
}

/// Within a piece decoded text and original run byte by byte, unless it stands for an escape.
struct Piece {
    /// Where it begins in the decoded text.
    at: usize,
    /// Where it begins in the original.
    from: usize,
    /// Where it ends there.
    to: usize,
    /// Decoded from something of another length: all of it or nothing.
    whole: bool,
}

impl View {
    pub(super) fn new(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), pieces: Vec::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Takes over what stands in the original at `from`.
    pub(super) fn copy(&mut self, text: &str, from: usize) {
        if !text.is_empty() {
            self.piece(text, from..from + text.len(), false);
        }
    }

    /// Puts `text` for what stands in the original at `span`; an empty text leaves that out.
    pub(super) fn put(&mut self, text: &str, span: Range<usize>) {
        if !text.is_empty() {
            self.piece(text, span, true);
        }
    }

    fn piece(&mut self, text: &str, span: Range<usize>, whole: bool) {
        match self.pieces.last_mut() {
            Some(last) if !whole && !last.whole && last.to == span.start => last.to = span.end,
            _ => self.pieces.push(Piece { at: self.text.len(), from: span.start, to: span.end, whole }),
        }
        self.text.push_str(text);
    }

    /// Where something was left out before a byte of the decoded text.
    pub(super) fn seams(&self) -> Vec<Range<usize>> {
        let mut end = 0;
        let cut = self.pieces.iter().filter(|piece| std::mem::replace(&mut end, piece.to) != piece.from);
        cut.map(|piece| piece.at..piece.at).collect()
    }

    /// A range of the decoded text in the original: escapes that it touches belong to it.
    pub(super) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        let start =
            self.piece_at(span.start).map_or(0, |p| if p.whole { p.from } else { p.from + (span.start - p.at) });
        let Some(last) = span.end.checked_sub(1).filter(|last| *last >= span.start) else { return start..start };
        let end = self.piece_at(last).map_or(start, |p| if p.whole { p.to } else { p.from + (last - p.at) + 1 });
        start..end.max(start)
    }

    /// A range of the decoded text in the original, where nothing of it was put.
    pub(super) fn copied(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let first = self.pieces.partition_point(|p| p.at <= span.start).saturating_sub(1);
        let mut touched = self.pieces.iter().skip(first).take_while(|p| p.at < span.end);
        touched.all(|p| !p.whole).then(|| self.origin(span))
    }

    /// What was put for something else: the place of that in the original, and its own.
    pub(super) fn puts(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let ends = self.pieces.iter().skip(1).map(|next| next.at).chain([self.text.len()]);
        self.pieces.iter().zip(ends).filter(|(p, _)| p.whole).map(|(p, end)| (p.from..p.to, p.at..end))
    }

    /// The parts of the original that a range of the decoded text was put together from, each for itself.
    pub(super) fn origins(&self, span: &Range<usize>) -> Vec<Range<usize>> {
        let first = self.pieces.partition_point(|p| p.at <= span.start).saturating_sub(1);
        let mut out: Vec<Range<usize>> = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate().skip(first) {
            let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.at);
            let (from, to) = (span.start.max(piece.at), span.end.min(end));
            if from >= to {
                break;
            }
            let part = self.origin(&(from..to));
            match out.last_mut() {
                Some(last) if last.end == part.start => last.end = part.end,
                _ => out.push(part),
            }
        }
        out
    }

    /// Whether this range stands across something that was left out or decoded.
    pub(super) fn crosses(&self, span: &Range<usize>) -> bool {
        let index = |place: usize| self.pieces.partition_point(|p| p.at <= place);
        span.end.checked_sub(1).is_some_and(|last| index(span.start) != index(last))
    }

    fn piece_at(&self, place: usize) -> Option<&Piece> {
        self.pieces.get(self.pieces.partition_point(|p| p.at <= place).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_in_a_view_is_where_it_came_from() {
        let original = r"a%3Db\u0063d";
        let mut view = View::new(8);
        view.copy("a", 0);
        view.put("=", 1..4);
        view.copy("b", 4);
        view.put("c", 5..11);
        view.copy("d", 11);
        assert_eq!(view.text(), "a=bcd");
        let back = |span: Range<usize>| &original[view.origin(&span)];
        assert_eq!(back(0..1), "a");
        assert_eq!(back(1..3), "%3Db");
        assert_eq!(back(2..5), r"b\u0063d");
        assert_eq!(back(3..4), r"\u0063");
        assert!(view.crosses(&(0..2)) && !view.crosses(&(2..3)));
        assert_eq!(view.puts().collect::<Vec<_>>(), [(1..4, 1..2), (5..11, 3..4)]);
        assert_eq!((view.copied(&(2..3)), view.copied(&(2..4)), view.copied(&(1..3))), (Some(4..5), None, None));
        let mut joined = View::new(8);
        joined.copy("ab", 3);
        joined.copy("cd", 9);
        assert_eq!(joined.origins(&(1..4)), [4..5, 9..11]);
        assert_eq!(view.origins(&(0..5)).first(), Some(&(0..12)), "what touches is one");
    }
}
