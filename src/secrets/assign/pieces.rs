//! Values of several literals: lists, and one value cut in pieces.

use std::ops::Range;

use super::Assigned;
use super::extent::quoted;
use super::judge::{Case, judge};
use super::tie::Quote;
use crate::secrets::custom::Cursor;

/// Further elements of a list of literals.
pub(super) fn list(bytes: &[u8], end: usize, quote: Quote) -> Vec<Range<usize>> {
    let Quote::Mark(mark, slashes) = quote else { return Vec::new() };
    let mut out = Vec::new();
    let mut at = end;
    while out.len() < 32 {
        let mut c = Cursor::new(bytes, at);
        c.run(slashes, |b| b == b'\\');
        c.at += 1;
        if !c.eat(",") {
            break;
        }
        c.blanks();
        c.down();
        c.run(slashes, |b| b == b'\\');
        if c.peek() != mark {
            break;
        }
        let Some(next) = quoted(bytes, c.at + 1, quote) else { break };
        at = next.end;
        out.push(next);
    }
    out
}

/// A literal cut in pieces: `"a1b2" + "c3d4"`, `"a1b2" "c3d4"`, `("a1b2").append("c3d4")`.
pub(super) fn joined(case: &Case<'_>, quote: Quote, list: bool) -> Option<Assigned> {
    let Quote::Mark(mark, slashes) = quote else { return None };
    let bytes = case.text.as_bytes();
    let mut whole = case.text.get(case.span.clone())?.to_owned();
    let mut pieces = vec![case.span.clone()];
    let mut at = case.span.end;
    while pieces.len() < 32 {
        let mut c = Cursor::new(bytes, at);
        c.run(slashes, |b| b == b'\\');
        c.at += 1;
        let Some((from, quote)) = seam(c, mark, slashes, list) else { break };
        let Some(next) = quoted(bytes, from, quote) else { break };
        let piece = case.text.get(next.clone())?;
        // An address is an argument of its own, and marks alone close what stands round the literal.
        if piece.contains("://") || !(piece.is_empty() || piece.bytes().any(|b| b.is_ascii_alphanumeric())) {
            break;
        }
        whole.push_str(piece);
        at = next.end;
        pieces.push(next);
    }
    if pieces.len() < 2 {
        return None;
    }
    let confidence = judge(&Case { text: &whole, span: 0..whole.len(), ..case.clone() })?;
    let mut pieces = pieces.into_iter().filter(|p| !p.is_empty());
    let span = pieces.next()?;
    Some(Assigned { span, more: pieces.collect(), weight: case.weight, confidence })
}

/// From behind one piece to the first byte of the next.
fn seam(mut c: Cursor<'_>, mark: u8, slashes: usize, list: bool) -> Option<(usize, Quote)> {
    const SEAMS: [&str; 15] =
        ["++", "+", "..", ".", "<>", "<<", "||", "~", "&", "*", ").append(", ").concat(", ".concat(", "\\", ")+("];
    let first = c.blanks() > 0;
    let low = c.down();
    let tied = SEAMS.iter().any(|s| c.eat(s)) || (list && c.eat(","));
    let gap = c.blanks() > 0 || first;
    // The line goes on below: `+ \`.
    if matches!((c.peek(), c.look(1)), (b'\\' | b'`', b'\n')) {
        c.at += 1;
    }
    let lower = c.down();
    // Lines of a table stand at the margin, pieces of a literal do not.
    let low = low && c.bytes.get(c.at.wrapping_sub(1)).is_some_and(|b| matches!(b, b' ' | b'\t'));
    if matches!(c.peek(), b'b' | b'r' | b'u' | b'f' | b'@') {
        c.at += 1;
    }
    let count = c.run(slashes, |b| b == b'\\');
    let next = c.peek();
    let close = next == b'"' && slashes == 0 && c.look(1) != b'"';
    if count != slashes || !matches!(next, b'"' | b'\'' | b'`') || !(tied || low || lower || gap || close) {
        return None;
    }
    (tied || next == mark).then_some((c.at + 1, Quote::Mark(next, slashes)))
}
