//! What a model is shown round a change: the functions its hunks lie in, what happens to definitions, and who uses
//! them.
//!
//! The lines that are added here are context like git's own: a finding on one of them has no anchor. What is masked
//! anywhere is masked in them, and a line that holds a secret as the whole file is read is left out, because its
//! neighbours that would tell may not be shown.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::callers::callers;
use super::outline::{Parsed, Sides};
use crate::code::{self, Kind};
use crate::git::{ChangeSet, Contents, FileChange, Hunk, Line, LineKind, Status};
use crate::secrets::{Place, Redactor};
use crate::tasks::offline::classify::{Class, classify};
use crate::tasks::pack::{self, Lines};
use crate::tasks::{keys, offline};

/// Where a function is not shown whole: lines before and after a hunk, at most.
const BEFORE: u32 = 10;
const AFTER: u32 = 3;
/// A function larger than this is not shown for a line of it (bytes).
const FUNCTION: usize = 8 << 10;
/// Most of what is said of definitions, and of who uses them (bytes; 2,000 tokens and a part of that).
const DEFINITIONS: usize = 6_000;
const CALLERS: usize = 3_000;
/// Lines that the head of a definition may have.
const HEAD: u32 = 20;
/// What stands for a line that holds a secret.
pub(super) const LEFT_OUT: &str = "[a line with a secret is left out]";

/// A change as it is shown, with what is said before it.
pub(super) struct Shown {
    /// The change with larger hunks: files and added and removed lines are the same.
    pub(super) change: ChangeSet,
    /// Definitions and callers.
    pub(super) brief: String,
    /// The callers alone.
    pub(super) callers: String,
    /// What was read for that.
    pub(super) parsed: Parsed,
}

/// Prepares a change for requests of `room` bytes, of which there may be `requests`.
#[must_use]
pub(super) fn shown(
    change: &ChangeSet,
    contents: &dyn Contents,
    redactor: &Redactor,
    room: usize,
    requests: usize,
) -> Shown {
    let parsed = Parsed::new(change, contents);
    let mut brief = parsed.told(change, DEFINITIONS.min(room / 6));
    let callers = callers(change, contents, &parsed, CALLERS.min(room / 12));
    brief.push_str(&callers);
    let mut out = change.clone();
    let free = free(change, contents, room, requests, brief.len());
    grow(&mut out, contents, &parsed, redactor, free);
    pack::cut(&mut out, (room.saturating_sub(brief.len()) * 3 / 4).max(1_024));
    Shown { change: out, brief, callers, parsed }
}

/// Bytes that context may take: what is left of one request, or a quarter of a change that needs several anyway.
fn free(change: &ChangeSet, contents: &dyn Contents, room: usize, requests: usize, brief: usize) -> usize {
    let size = |file: &FileChange| file.hunks.iter().map(|h| pack::rendered(h, Lines::Numbered).len()).sum::<usize>();
    let shown = |file: &&FileChange| pack::summary_only(file, classify(file), contents).is_none();
    let rows = 60 * change.files.len();
    let taken = brief + rows + change.files.iter().filter(shown).map(size).sum::<usize>();
    if taken < room {
        return room - taken;
    }
    let all = room * requests * 3 / 4;
    if taken * 5 / 4 < all { taken / 4 } else { 0 }
}

/// First a few lines for every hunk, then whole functions, as long as there is room.
fn grow(change: &mut ChangeSet, contents: &dyn Contents, parsed: &Parsed, redactor: &Redactor, mut free: usize) {
    for (place, file) in change.files.iter_mut().enumerate() {
        if free == 0 {
            return;
        }
        let source = matches!(classify(file), Class::Source | Class::Test);
        if !source || file.status == Status::Added || pack::summary_only(file, classify(file), contents).is_some() {
            continue;
        }
        let sides = parsed.of(place);
        let text = match sides {
            Some(sides) => Some(sides.text.clone()),
            None => contents.after(file, code::LIMIT).and_then(|bytes| String::from_utf8(bytes).ok()),
        };
        let Some(text) = text.filter(|t| !t.is_empty()) else { continue };
        let source = Text::new(&text);
        if !file.hunks.iter().all(|hunk| source.holds(hunk)) {
            continue;
        }
        let before = file.hunks.clone();
        let mut wanted = Vec::new();
        for (n, hunk) in file.hunks.iter().enumerate() {
            // What lies beyond a neighbour is its matter.
            let above = n.checked_sub(1).and_then(|n| file.hunks.get(n)).map_or(1, |h| begin(h) + h.new_lines);
            let below = file.hunks.get(n + 1).map_or(u32::MAX, |h| begin(h).saturating_sub(1));
            let between = |s: RangeInclusive<u32>| (*s.start()).max(above)..=(*s.end()).min(below);
            let (few, whole) = spans(hunk, sides, &source);
            let (few, whole) = (between(few), whole.map(between));
            let own = span(hunk);
            let had = source.bytes(&own);
            let cost = |s: &RangeInclusive<u32>| source.bytes(s).saturating_sub(had);
            let fits = |s: &RangeInclusive<u32>| cost(s) <= free;
            let chosen =
                whole.filter(|s| cost(s) <= FUNCTION && fits(s)).or_else(|| Some(few).filter(fits)).unwrap_or(own);
            free -= cost(&chosen).min(free);
            wanted.push(chosen);
        }
        let secret = secret_lines(source.whole, file, redactor);
        for (hunk, wanted) in file.hunks.iter_mut().zip(wanted) {
            let round = touched(hunk).first().and_then(|line| sides?.after.around(*line));
            widen(hunk, &wanted, &source, &secret);
            // A head is cut to a length, and what is cut may not be known for what it is.
            let clear = |d: &&code::Definition| !(d.first..=d.last.min(d.first + HEAD)).any(|n| secret.contains(&n));
            if let Some(round) = round.filter(|d| d.kind != Kind::Scope && d.first < begin(hunk)).filter(clear) {
                hunk.section.clone_from(&round.signature);
            }
        }
        join(&mut file.hunks);
        // A key that only the larger hunk would show, in part.
        if keys::shown(file, contents) {
            file.hunks = before;
        }
    }
}

/// The lines of a hunk on the new side; where it has none, the line before and the one after.
fn span(hunk: &Hunk) -> RangeInclusive<u32> {
    let first = begin(hunk);
    first..=(first + hunk.new_lines).saturating_sub(1)
}

fn begin(hunk: &Hunk) -> u32 {
    hunk.new_start + u32::from(hunk.new_lines == 0)
}

fn old_begin(hunk: &Hunk) -> u32 {
    hunk.old_start + u32::from(hunk.old_lines == 0)
}

/// A few lines more on both sides within what the hunk lies in, and all of that.
fn spans(hunk: &Hunk, sides: Option<&Sides>, text: &Text<'_>) -> (RangeInclusive<u32>, Option<RangeInclusive<u32>>) {
    let own = span(hunk);
    let (first, last) = (*own.start(), *own.end());
    let few = |top: u32, bottom: u32| {
        let start = top.max(first.saturating_sub(BEFORE)).clamp(1, first.max(1));
        start..=bottom.min(last + AFTER).max(last)
    };
    let Some(sides) = sides else {
        // Without a grammar: up to a line that looks like the head of a definition, if one is near.
        let head = (first.saturating_sub(BEFORE).max(1)..first).rev().find(|n| text.defines(*n));
        return (head.map_or(own, |head| few(head, last + AFTER)), None);
    };
    let changed = touched(hunk);
    let ends = [changed.first(), changed.last()];
    let round = |line: u32| sides.after.around(line).filter(|d| d.kind != Kind::Scope).map(|d| (d.first, d.last));
    let held: Vec<(u32, u32)> = ends.into_iter().flatten().filter_map(|line| round(*line)).collect();
    let (Some(top), Some(bottom)) = (held.iter().map(|h| h.0).min(), held.iter().map(|h| h.1).max()) else {
        return (own, None);
    };
    (few(top, bottom), Some(top.min(first)..=bottom.max(last)))
}

/// Lines on the new side that were added, or beside which some were removed.
fn touched(hunk: &Hunk) -> Vec<u32> {
    let mut at = begin(hunk);
    let mut out = Vec::new();
    for line in &hunk.lines {
        match line.kind {
            LineKind::Context => at += 1,
            LineKind::Added => {
                out.push(at);
                at += 1;
            }
            LineKind::Removed => out.push(at.saturating_sub(1).max(1)),
        }
    }
    out.dedup();
    out
}

/// A file after the change, by lines.
struct Text<'t> {
    whole: &'t str,
    lines: Vec<&'t str>,
}

impl<'t> Text<'t> {
    fn new(whole: &'t str) -> Self {
        let mut lines: Vec<&str> = whole.split('\n').collect();
        if lines.last() == Some(&"") {
            lines.pop();
        }
        Self { whole, lines }
    }

    fn line(&self, number: u32) -> Option<&'t str> {
        self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    fn defines(&self, number: u32) -> bool {
        self.line(number).is_some_and(|line| offline::defined(line).is_some())
    }

    /// The hunk was read from this text: it may have been written meanwhile.
    fn holds(&self, hunk: &Hunk) -> bool {
        hunk.lines.iter().filter_map(|l| Some((l.new?, l))).all(|(n, l)| self.line(n) == Some(l.text.as_str()))
    }

    /// As they stand in a prompt.
    fn bytes(&self, span: &RangeInclusive<u32>) -> usize {
        span.clone().filter_map(|n| self.line(n)).map(|line| line.len() + 8).sum()
    }
}

/// Lines that hold a part of a secret, where the whole file is read.
pub(super) fn secret_lines(whole: &str, file: &FileChange, redactor: &Redactor) -> HashSet<u32> {
    let mut out = HashSet::new();
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', whole.as_bytes()).map(|at| at + 1));
    for hit in redactor.scan_in(whole, Place { path: Some(file.path.as_str()), report: false }) {
        let row = |at: usize| u32::try_from(starts.partition_point(|s| *s <= at)).unwrap_or(u32::MAX);
        out.extend(row(hit.start)..=row(hit.end.saturating_sub(1).max(hit.start)));
    }
    out
}

/// Puts the lines of `wanted` that a hunk does not have before and behind it. What lies between hunks is the same on
/// both sides.
fn widen(hunk: &mut Hunk, wanted: &RangeInclusive<u32>, text: &Text<'_>, secret: &HashSet<u32>) {
    let (first, old) = (begin(hunk), old_begin(hunk));
    let (behind, old_behind) = (first + hunk.new_lines, old + hunk.old_lines);
    let line = |new: u32, old: Option<u32>| {
        let text = if secret.contains(&new) { LEFT_OUT } else { text.line(new)? };
        Some(Line {
            kind: LineKind::Context,
            text: text.to_owned(),
            old: Some(old?),
            new: Some(new),
            no_newline: false,
        })
    };
    let old_above = |n: u32| old.checked_sub(first - n).filter(|o| *o > 0);
    let above: Option<Vec<Line>> = (*wanted.start()..first).map(|n| line(n, old_above(n))).collect();
    let below: Option<Vec<Line>> =
        (behind..=*wanted.end()).map(|n| line(n, old_behind.checked_add(n - behind))).collect();
    let mut lines = above.unwrap_or_default();
    lines.append(&mut hunk.lines);
    lines.extend(below.into_iter().flatten());
    hunk.lines = lines;
    measure(hunk);
}

/// Sets the head of a hunk by its lines.
fn measure(hunk: &mut Hunk) {
    let count =
        |without: LineKind| u32::try_from(hunk.lines.iter().filter(|l| l.kind != without).count()).unwrap_or(u32::MAX);
    (hunk.old_lines, hunk.new_lines) = (count(LineKind::Added), count(LineKind::Removed));
    hunk.old_start = hunk.lines.iter().find_map(|l| l.old).unwrap_or(hunk.old_start);
    hunk.new_start = hunk.lines.iter().find_map(|l| l.new).unwrap_or(hunk.new_start);
}

/// Makes one of hunks that have grown up to each other: what both hold then is context between them.
fn join(hunks: &mut Vec<Hunk>) {
    let mut out: Vec<Hunk> = Vec::with_capacity(hunks.len());
    for hunk in std::mem::take(hunks) {
        let end = out.last().map(|last| begin(last) + last.new_lines);
        let Some((last, end)) = out.last_mut().zip(end).filter(|(_, end)| *end >= begin(&hunk)) else {
            out.push(hunk);
            continue;
        };
        last.lines.extend(hunk.lines.into_iter().skip_while(|l| l.new.is_some_and(|n| n < end)));
        measure(last);
    }
    *hunks = out;
}

#[cfg(test)]
mod tests {
    use similar::TextDiff;

    use super::*;
    use crate::git::Path;
    use crate::git::patch::parse;
    use crate::secrets::Mode;

    /// One file on both sides, and another that is not changed.
    struct Two {
        path: &'static str,
        before: String,
        after: String,
        other: (&'static str, &'static str),
    }

    impl Two {
        fn new(path: &'static str, before: &str, after: &str) -> Self {
            Self { path, before: before.to_owned(), after: after.to_owned(), other: ("", "") }
        }

        fn change(&self) -> ChangeSet {
            let path = self.path;
            let (a, b) = (format!("a/{path}"), format!("b/{path}"));
            let diff = TextDiff::from_lines(&self.before, &self.after).unified_diff().header(&a, &b).to_string();
            let mut change = parse(format!("diff --git {a} {b}\nindex 11..22 100644\n{diff}").as_bytes()).unwrap();
            change.files[0].new_mode = Some(0o100_644);
            change
        }

        fn shown(&self, room: usize) -> Shown {
            let redactor = Redactor::new(Mode::Redact, Vec::new(), [3; 8]);
            let (change, out) = (self.change(), shown(&self.change(), self, &redactor, room, 8));
            assert_eq!(
                marked(&change),
                marked(&out.change),
                "added and removed lines are the same, with their numbers"
            );
            for hunk in out.change.files.iter().flat_map(|f| &f.hunks) {
                for line in &hunk.lines {
                    let there = |text: &str, n: Option<u32>| {
                        n.is_none_or(|n| text.lines().nth(n as usize - 1) == Some(&line.text))
                    };
                    assert!(
                        line.text == LEFT_OUT || (there(&self.after, line.new) && there(&self.before, line.old)),
                        "{line:?}"
                    );
                }
            }
            out
        }
    }

    fn marked(change: &ChangeSet) -> Vec<Line> {
        let lines = change.files.iter().flat_map(|f| &f.hunks).flat_map(|h| &h.lines);
        lines.filter(|l| l.kind != LineKind::Context).cloned().collect()
    }

    impl Contents for Two {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.before.clone().into_bytes())
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.after.clone().into_bytes())
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            vec![Path::from(self.path), Path::from(self.other.0)]
        }
        fn current(&self, path: &Path, _: u64) -> Option<Vec<u8>> {
            let text = if path.as_str() == self.path { &self.after } else { self.other.1 };
            Some(text.as_bytes().to_vec())
        }
    }

    fn numbers(shown: &Shown) -> Vec<(u32, u32)> {
        shown.change.files[0].hunks.iter().map(|h| (h.new_start, h.new_start + h.new_lines - 1)).collect()
    }

    fn function(name: &str, lines: usize) -> String {
        let body: String = (0..lines).map(|n| format!("    let {name}{n} = {n};\n")).collect();
        format!("fn {name}() {{\n{body}}}\n\n")
    }

    fn rust(edit: &[(&str, &str)], lines: usize) -> Two {
        let before: String = ["a", "b", "c"].iter().map(|name| function(name, lines)).collect();
        let after = edit.iter().fold(before.clone(), |text, (from, to)| text.replace(from, to));
        Two::new("src/x.rs", &before, &after)
    }

    #[test]
    fn the_whole_function_is_shown_where_there_is_room() {
        let shown = rust(&[("b10 = 10", "b10 = 11")], 20).shown(50_000);
        assert_eq!(numbers(&shown), [(24, 45)], "function b and nothing of its neighbours");
        assert!(shown.brief.contains("F1 changed inside: b\n"), "{}", shown.brief);
    }

    #[test]
    fn of_a_long_function_ten_lines_before_and_three_after() {
        let shown = rust(&[("b500 = 500", "b500 = 501")], 1_000).shown(50_000);
        let changed = 1_003 + 1 + 501;
        // Three of each are git's own.
        assert_eq!(numbers(&shown), [(changed - 13, changed + 6)]);
        assert_eq!(shown.change.files[0].hunks[0].section, "fn b()", "and its head");
    }

    #[test]
    fn two_changes_of_one_function_are_one_hunk_and_without_room_they_stay_as_they_were() {
        let two = rust(&[("b2 = 2;", "b2 = 3;"), ("b15 = 15;", "b15 = 16;\n    more();")], 20);
        assert_eq!(two.change().files[0].hunks.len(), 2);
        assert_eq!(numbers(&two.shown(50_000)), [(24, 46)]);
        let hunks =
            |change: &ChangeSet| change.files[0].hunks.iter().map(|h| (h.new_start, h.new_lines)).collect::<Vec<_>>();
        assert_eq!(hunks(&two.shown(60).change), hunks(&two.change()));
    }

    #[test]
    fn without_a_grammar_a_line_that_looks_like_a_head_is_the_border() {
        let before = "<?php\nfunction load($a) {\n  one();\n  two();\n  three();\n  four();\n  five();\n  six();\n}\n";
        let shown = Two::new("a.php", before, &before.replace("six", "seven")).shown(50_000);
        assert_eq!(numbers(&shown), [(2, 9)]);
    }

    #[test]
    fn a_secret_near_a_change_does_not_come_with_the_function() {
        let random =
            |n: u64| char::from(b"ABCDEFGHJKLMNPQRabcdefghijkmnpqr23456789"[(n * n * 7_919 % 40_009 % 40) as usize]);
        let key = format!("sk-ant-api03-{}AA", (11..104).map(random).collect::<String>());
        let before = function("b", 20).replace("let b3 = 3;", &format!("let key = \"{key}\";"));
        let shown = Two::new("src/x.rs", &before, &before.replace("b10 = 10", "b10 = 11")).shown(50_000);
        let text: Vec<&str> = shown.change.files[0].hunks[0].lines.iter().map(|l| l.text.as_str()).collect();
        assert!(text.contains(&"fn b() {") && text.contains(&LEFT_OUT), "{text:?}");
        assert!(!text.iter().any(|l| l.contains("sk-ant")), "{text:?}");
    }

    #[test]
    fn a_hunk_larger_than_a_request_is_shown_in_pieces() {
        let before = "fn a() {}\n".to_owned();
        let after: String = (0..2_000).map(|n| format!("fn f{n}() {{}}\n")).collect();
        let shown = Two::new("src/x.rs", &before, &after).shown(8_000);
        assert!(shown.change.files[0].hunks.len() > 4);
    }

    #[test]
    fn signatures_and_those_who_use_them_are_told_by_place_alone() {
        let mut two = Two::new(
            "src/pager.rs",
            "pub fn pages(items: usize) -> usize {\n    items\n}\n\nfn old_help() {}\n",
            "pub fn pages(items: usize, size: usize) -> usize {\n    items / size\n}\n\npub fn fresh() {}\n",
        );
        two.other = (
            "src/main.rs",
            "// pages(1)\nfn main() {\n    println!(\"{}\", pages(SECRET_LOOKING));\n    old_help();\n}\n",
        );
        let shown = two.shown(50_000);
        assert_eq!(
            shown.brief,
            "\nDefinitions that this change touches:\n\
             F1 signature: pub fn pages(items: usize) -> usize -> pub fn pages(items: usize, size: usize) -> usize (line 1)\n\
             F1 new: pub fn fresh() (line 5)\nF1 gone: fn old_help()\n\
             \nOther lines that name what has another signature or is gone (path:line name):\n\
             src/main.rs:3 pages\nsrc/main.rs:4 old_help\n"
        );
    }

    #[test]
    fn below_a_missing_brace_nothing_is_gone_and_nothing_new() {
        let before = format!("pub fn a(n: u8) {{\n    one(n);\n}}\n\n{}pub fn counting() {{}}\n", function("b", 3));
        let after =
            before.replacen("    one(n);\n}\n", "    two(n);\n", 1).replace("fn counting()", "fn summing(n: u8)");
        let mut two = Two::new("src/x.rs", &before, &after);
        two.other = ("src/main.rs", "fn main() {\n    crate::x::b();\n    crate::x::counting();\n}\n");
        let brief = two.shown(50_000).brief;
        assert!(brief.contains("F1 gone: pub fn counting()\n") && brief.contains("src/main.rs:3 counting"), "{brief}");
        assert!(!brief.contains("fn b(") && !brief.contains("main.rs:2"), "{brief}");
    }

    #[test]
    fn nothing_that_is_said_before_a_change_is_longer_than_its_share() {
        let after: String =
            (0..3_000).map(|n| format!("pub fn a_function_with_a_name_{n}(argument: u64) {{}}\n")).collect();
        let shown = Two::new("src/x.rs", "\n", &after).shown(200_000);
        assert!(shown.brief.len() <= DEFINITIONS + 100, "{}", shown.brief.len());
    }
}
