//! Lines of a key between the lines of a diff, with no border to name them.

use std::ops::Range;

use super::block::{bare, base64, behind};
use crate::secrets::{gutter, value};

/// Lines as wide as tools write base64.
const FULL: std::ops::RangeInclusive<usize> = 60..=76;
/// No key is longer; pictures are.
const MOST: usize = 200;
/// How base64 of pictures, fonts, archives and documents begins.
const FILES: &[&str] = &[
    "iVBORw0KGgo",
    "/9j/",
    "R0lGOD",
    "UklGR",
    "PHN2Zy",
    "PD94bW",
    "d09GR",
    "AAEAAAA",
    "JVBERi0",
    "UEsDB",
    "H4sI",
    "AAABAA",
];

/// Three full lines of base64 or more in a row, unless a border says that they are public.
pub(super) fn hunk(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let mut begin = at + line_length(text, at);
    // What stands below a line of a key is one too, with fewer to prove it.
    let least = if heading(text, at..begin, out) { 1 } else { 3 };
    let mut open = Run::default();
    let mut public = false;
    while begin < text.len() {
        let length = line_length(text, begin);
        let Some(line) = text.get(begin..begin + length) else { break };
        if line.starts_with('\\') {
            // No line feed at the end of the old side's file: the new side's lines may follow.
            begin += length;
            continue;
        }
        // The next hunk, or a line that is neither blank nor marked: the diff's text ends here.
        let ends = !line.trim_end().is_empty() && gutter::lead(line).is_empty();
        if ends || line.starts_with("@@ -") {
            break;
        }
        let left = bare(line);
        let core = left.trim_end_matches(behind);
        let from = begin + line.len() - left.len();
        begin += length;
        if core.bytes().all(base64) && FULL.contains(&core.len()) {
            open.take(from, core);
            continue;
        }
        if open.lines > 0 && !core.is_empty() && core.bytes().all(base64) {
            open.end = from + core.len();
            continue;
        }
        let other = |word: &str| line.contains(word) && !line.contains("PRIVATE KEY");
        if line.contains("Public-Lines:") || line.contains("Private-Lines:") {
            std::mem::take(&mut open).close(public, least, out);
            public = line.contains("Public-Lines:");
            continue;
        }
        public |= other("-----END ");
        std::mem::take(&mut open).close(public, least, out);
        public = other("-----BEGIN ");
    }
    open.close(public, least, out);
}

/// Git repeats above a hunk a line that stands before it and looks like a function's: one of a key often does.
fn heading(text: &str, head: Range<usize>, out: &mut Vec<Range<usize>>) -> bool {
    let line = text.get(head.clone()).unwrap_or_default();
    let found = line.get(2..).and_then(|l| l.split_once("@@")).map_or("", |(_, section)| section.trim());
    let telling = FULL.contains(&found.len()) && found.bytes().all(base64) && value::entropy(found) >= 4.5;
    if telling {
        let from = head.start + line.rfind(found).unwrap_or(0);
        out.push(from..from + found.len());
    }
    telling
}

/// The line at `at` with its line feed.
fn line_length(text: &str, at: usize) -> usize {
    text.as_bytes().iter().skip(at).position(|b| *b == b'\n').map_or(text.len() - at, |n| n + 1)
}

/// Lines of base64 in a row.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    lines: usize,
    data: String,
}

impl Run {
    fn take(&mut self, from: usize, core: &str) {
        if self.lines == 0 {
            self.start = from;
        }
        self.end = from + core.len();
        self.lines += 1;
        if self.lines <= MOST {
            self.data.push_str(core);
        }
    }

    fn close(self, public: bool, least: usize, out: &mut Vec<Range<usize>>) {
        let shape = value::Shape::of(&self.data);
        let dense = shape.upper > 0 && shape.lower > 0 && shape.digits > 0 && value::entropy(&self.data) >= 4.6;
        if !public && (least..=MOST).contains(&self.lines) && dense && !FILES.iter().any(|f| self.data.starts_with(f)) {
            out.push(self.start..self.end);
        }
    }
}
