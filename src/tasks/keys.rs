//! Private keys in changed files. A hunk in the middle of one does not show what it is; the whole file does.

use std::ops::RangeInclusive;

use crate::git::{Contents, FileChange, FileKind, Line};
use crate::secrets::private_keys;

/// The largest file that is looked through (bytes).
const LIMIT: u64 = 4 << 20;
/// A hunk without a run of so many characters of base64 shows nothing of a key.
const RUN: usize = 16;

/// Whether the hunks of this file show lines of a private key.
#[must_use]
pub(super) fn shown(file: &FileChange, contents: &dyn Contents) -> bool {
    if !telling(file) {
        return false;
    }
    let within = |keys: &[RangeInclusive<u32>], number: &dyn Fn(&Line) -> Option<u32>| {
        let lines = || file.hunks.iter().flat_map(|h| &h.lines).filter_map(number);
        !keys.is_empty() && lines().any(|n| keys.iter().any(|k| k.contains(&n)))
    };
    within(&keys(contents.after(file, LIMIT)), &|l| l.new) || within(&keys(contents.before(file, LIMIT)), &|l| l.old)
}

/// The first and last line that this change adds inside a private key.
#[must_use]
pub(super) fn added(file: &FileChange, contents: &dyn Contents) -> Option<(u32, u32)> {
    if !telling(file) {
        return None;
    }
    let keys = keys(contents.after(file, LIMIT));
    let lines = file.added_lines().filter_map(|l| l.new).filter(|n| keys.iter().any(|k| k.contains(n)));
    lines.fold(None, |span, n| span.map_or(Some((n, n)), |(first, _)| Some((first, n))))
}

fn telling(file: &FileChange) -> bool {
    let run = |text: &str| {
        text.as_bytes().split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))).any(|r| r.len() >= RUN)
    };
    file.kind == FileKind::Text && file.hunks.iter().flat_map(|h| &h.lines).any(|l| run(&l.text))
}

/// The lines of each key in a whole file.
fn keys(bytes: Option<Vec<u8>>) -> Vec<RangeInclusive<u32>> {
    let Some(bytes) = bytes else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let line = |at: usize| {
        let before = text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    };
    private_keys(&text).into_iter().map(|span| line(span.start)..=line(span.end.saturating_sub(1))).collect()
}
