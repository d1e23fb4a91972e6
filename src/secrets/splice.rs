//! Pieces of a text that are replaced.

use std::ops::Range;

use super::json::Member;

/// A piece that is replaced.
pub(super) struct Edit {
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

/// The text with its edits, which are sorted by where they begin. Of two that overlap the first is written and both are
/// gone.
pub(super) fn splice(text: &str, edits: &[Edit]) -> String {
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut out = String::with_capacity(text.len() + added);
    let mut at = 0;
    for edit in edits {
        if edit.span.start >= at {
            out.push_str(text.get(at..edit.span.start).unwrap_or_default());
            out.push_str(&edit.text);
        }
        at = at.max(edit.span.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Where members lie in a text once it is [spliced](splice); `None` where a name was edited.
pub(super) fn moved(members: Vec<Member>, edits: &[Edit]) -> Option<Vec<Member>> {
    let (mut at, mut gone, mut come) = (0, 0, 0);
    // What is gone and what has come up to the end of each edit.
    let mut changes: Vec<(usize, usize, usize)> = Vec::with_capacity(edits.len());
    for Edit { span, text } in edits {
        if span.start >= at {
            (gone, come) = (gone + span.len(), come + text.len());
        } else {
            gone += span.end.saturating_sub(at);
        }
        at = at.max(span.end);
        changes.push((at, gone, come));
    }
    let place = |place: usize| {
        let before = changes.partition_point(|(end, ..)| *end <= place).checked_sub(1).and_then(|n| changes.get(n));
        before.map_or(place, |(_, gone, come)| place + come - gone)
    };
    let move_one = |Member { name, whole, value }| {
        let next = edits.get(edits.partition_point(|edit| edit.span.start < whole.start));
        let named = next.is_none_or(|edit| edit.span.start >= value.start);
        let moved = |span: Range<usize>| place(span.start)..place(span.end);
        named.then(|| Member { name, whole: moved(whole), value: moved(value) })
    };
    members.into_iter().map(move_one).collect()
}
