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
        let mut lines = file.hunks.iter().flat_map(|h| &h.lines).filter_map(number);
        !keys.is_empty() && lines.any(|n| inside(keys, n))
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
    let lines = file.added_lines().filter_map(|l| l.new).filter(|n| inside(&keys, *n));
    lines.fold(None, |span, n| span.map_or(Some((n, n)), |(first, _)| Some((first, n))))
}

fn telling(file: &FileChange) -> bool {
    let run = |text: &str| {
        text.as_bytes().split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))).any(|r| r.len() >= RUN)
    };
    file.kind == FileKind::Text && file.hunks.iter().flat_map(|h| &h.lines).any(|l| run(&l.text))
}

/// Whether a line lies in one of these keys.
fn inside(keys: &[RangeInclusive<u32>], line: u32) -> bool {
    keys.get(keys.partition_point(|key| *key.end() < line)).is_some_and(|key| key.contains(&line))
}

/// The lines of the keys in a whole file, in their order; none touch.
fn keys(bytes: Option<Vec<u8>>) -> Vec<RangeInclusive<u32>> {
    let Some(bytes) = bytes else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |at: usize| u32::try_from(ends.partition_point(|end| *end < at) + 1).unwrap_or(u32::MAX);
    let mut spans = private_keys(&text);
    spans.sort_by_key(|span| span.start);
    let mut keys: Vec<RangeInclusive<u32>> = Vec::new();
    for span in spans {
        let (first, last) = (line(span.start), line(span.end.saturating_sub(1)));
        match keys.last_mut() {
            Some(before) if first <= *before.end() => *before = *before.start()..=last.max(*before.end()),
            _ => keys.push(first..=last),
        }
    }
    keys
}

#[cfg(test)]
pub(in crate::tasks) mod tests {
    use super::*;
    use crate::git::Path;
    use crate::git::patch::parse;

    /// A file as it stands after the change.
    pub(in crate::tasks) struct Whole(pub(in crate::tasks) String);

    impl Contents for Whole {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn after(&self, _: &FileChange, most: u64) -> Option<Vec<u8>> {
            Some(self.0.clone().into_bytes()).filter(|bytes| bytes.len() as u64 <= most)
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
    }

    #[test]
    fn of_many_keys_in_a_file_the_changed_ones_are_known() {
        let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
        let mut state = 97_u32;
        let mut line = || {
            let drawn = (0..64).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(letters[(state >> 16) as usize % letters.len()])
            });
            drawn.collect::<String>() + "\n"
        };
        let border = |word: &str| format!("-----{word} RSA PRIVATE KEY-----\n");
        let text: String = (0..20_000).map(|_| border("BEGIN") + &line() + &line() + &border("END")).collect();
        assert!(text.len() as u64 <= LIMIT);
        let changed = |number: u32| {
            let text = text.lines().nth(number as usize - 1).unwrap();
            let head = "diff --git a/k.txt b/k.txt\n--- a/k.txt\n+++ b/k.txt\n";
            parse(format!("{head}@@ -{number},1 +{number},1 @@\n-a\n+{text}\n").as_bytes()).unwrap()
        };
        let whole = Whole(text.clone());
        assert_eq!(added(&changed(79_998).files[0], &whole), Some((79_998, 79_998)));
        assert!(shown(&changed(40_003).files[0], &whole));
    }
}
