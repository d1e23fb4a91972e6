//! Tables whose header names what stands below: CSV, TSV and Markdown.

use std::ops::Range;

use super::Assigned;
use super::ground::Ground;
use super::judge::{Case, judge};
use crate::secrets::names::{Weight, weigh};

/// Most rows of one table that are read.
const ROWS: usize = 500;
/// Widest header and row, in bytes.
const WIDE: usize = 1024;

/// The cells below `name`, when it is a cell of a header.
pub(super) fn read(text: &str, name: &Range<usize>, weight: Weight) -> Option<Assigned> {
    let bytes = text.as_bytes();
    let edge = |b: &u8| matches!(b, b'"' | b'\'' | b' ' | b'*' | b'`');
    let after = bytes.get(name.end..)?.iter().find(|b| !edge(b)).copied().unwrap_or(b'\n');
    // The words of the title before the name are part of it: `| Login password |`.
    let title = |b: &u8| edge(b) || b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let ahead = bytes.get(name.start.saturating_sub(48)..name.start)?;
    let before = ahead.iter().rev().find(|b| !title(b)).copied().unwrap_or(b'\n');
    let mark = [after, before].into_iter().find(|b| matches!(b, b',' | b';' | b'\t' | b'|'))?;
    let fits = |b: u8| b == mark || matches!(b, b'\n' | b'\r' | b'+');
    if !fits(after) || !fits(before) {
        return None;
    }
    let floor = name.start.saturating_sub(WIDE);
    let begin = memchr::memrchr(b'\n', bytes.get(floor..name.start)?).map_or(floor, |p| floor + p + 1);
    let end = line_end(bytes, name.end)?;
    let head = text.get(begin..end)?;
    let marks = head.bytes().take(2).take_while(|b| *b == b'+').count();
    let head = head.get(marks..)?;
    if head.len() > WIDE || head.starts_with([' ', '\t']) {
        return None;
    }
    // A name that stands there again and again heads no table.
    if head.bytes().filter(|b| *b == mark).count() > 48 {
        return None;
    }
    let cells = cells(head, 0, mark);
    let titled = |c: &Range<usize>| {
        let title = head.get(c.clone()).unwrap_or_default();
        title.len() <= 48
            && title.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-./*`#()".contains(&b) || !b.is_ascii())
    };
    let inner = cells.iter().filter(|c| !c.is_empty()).count();
    if inner < 2 || !cells.iter().all(titled) || (mark != b'|' && inner != cells.len()) {
        return None;
    }
    let offset = end - head.len();
    let place = cells.iter().position(|c| c.start + offset <= name.start && name.end <= c.end + offset)?;
    // The name ends the cell: `Staging api key`.
    if cells.get(place)?.end + offset > name.end + 4 {
        return None;
    }
    const ACCOUNT: [&str; 8] = ["user", "login", "mail", "host", "account", "server", "usuario", "benutzer"];
    let account = ACCOUNT.iter().any(|w| crate::secrets::value::within(head, w));
    let word = text.get(name.clone())?;
    let mut found: Vec<(Range<usize>, f64)> = Vec::new();
    let mut at = end + 1;
    for _ in 0..ROWS {
        if at >= text.len() {
            break;
        }
        let Some(line) = line_end(bytes, at).and_then(|stop| text.get(at..stop)) else { break };
        let stop = at + line.len();
        let from = at + line.bytes().take(marks).take_while(|b| matches!(b, b'+' | b'-')).count();
        let Some(row) = text.get(from..stop).filter(|r| r.len() <= WIDE) else { break };
        at = stop + 1;
        let below = self::cells(row, from, mark);
        if below.len() != cells.len() {
            break;
        }
        let Some(span) = below.get(place).cloned() else { break };
        // The header of another table, which is read by itself.
        if text.get(span.clone()).is_some_and(|title| title.len() <= 48 && weigh(title).is_some()) {
            break;
        }
        let case = Case { text, span: span.clone(), name: word, weight, ground: Ground::Cell, call: false };
        if let Some(confidence) = judge(&case).or_else(|| chosen(&case).filter(|_| account)) {
            found.push((span, confidence));
        }
    }
    let mut found = found.into_iter();
    let (span, confidence) = found.next()?;
    Some(Assigned { span, more: found.map(|(s, _)| s).collect(), weight, confidence })
}

/// Below a password's title even a plain word is one.
fn chosen(case: &Case<'_>) -> Option<f64> {
    let value = case.text.get(case.span.clone())?;
    let plain =
        value.len() >= 5 && value.bytes().all(|b| b.is_ascii_alphabetic()) && !crate::secrets::value::dummy(value);
    (plain && case.weight == Weight::Password).then_some(0.55)
}

/// Where the line at `at` ends; `None` for one that is too long for a table.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let near = rest.get(..rest.len().min(WIDE + 1)).unwrap_or_default();
    let length = memchr::memchr(b'\n', near).unwrap_or(rest.len());
    let end = at + length - usize::from(length > 0 && rest.get(length - 1) == Some(&b'\r'));
    (length <= WIDE).then_some(end)
}

/// The cells of a row without blanks and quotes, by position; `offset` is added.
fn cells(row: &str, offset: usize, mark: u8) -> Vec<Range<usize>> {
    let bytes = row.as_bytes();
    let mut out = Vec::new();
    let (mut start, mut quoted) = (0, false);
    let mut push = |from: usize, to: usize| {
        let cell = row.get(from..to).unwrap_or_default();
        let inner = cell.trim_matches([' ', '"', '\'', '*', '`']);
        let lead = cell.len() - cell.trim_start_matches([' ', '"', '\'', '*', '`']).len();
        let begin = offset + from + if inner.is_empty() { 0 } else { lead };
        out.push(begin..begin + inner.len());
    };
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if mark != b'|' => quoted = !quoted,
            b if *b == mark && !quoted && !(mark == b'|' && at > 0 && bytes.get(at - 1) == Some(&b'\\')) => {
                push(start, at);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(start, row.len());
    out
}
