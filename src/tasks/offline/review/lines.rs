//! How the table of rules is held against added lines. A file's lines are read once, and a rule's own pattern runs only
//! where one look at all of them said that it may fit.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::classes::{CONFLICT, SWALLOWED, UNWRAP};
use super::excuse::excused;
use super::remark::{Beside, explained};
use super::statement::{CLASSES, Statement, statements};
use super::table::{Rule, Where, rules as all};
use super::{Found, Looked, by_hand, finding, hidden};
use crate::git::{Contents, FileChange, FileKind};
use crate::tasks::offline::classify::{Class, is_sideshow};
use crate::tasks::offline::inside::tests_of;

/// Longer lines are no work of people (bytes).
pub(super) const LINE: usize = 2_000;

/// A rule's own pattern. Words and blanks are those of ASCII: programs are written in them, and patterns stay small.
fn pattern(place: usize) -> Option<&'static Regex> {
    static COMPILED: OnceLock<Vec<OnceLock<Option<Regex>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| all().iter().map(|_| OnceLock::new()).collect());
    let rule = all().get(place)?;
    let make = || RegexBuilder::new(rule.pattern).unicode(false).build().ok();
    compiled.get(place)?.get_or_init(make).as_ref()
}

/// Whether a rule's pattern fits a line and nothing on the line excuses it.
pub(super) fn fits(place: usize, text: &str) -> bool {
    begin(place, text).is_some()
}

/// Where what fits begins.
pub(super) fn begin(place: usize, text: &str) -> Option<usize> {
    let found = pattern(place)?.find(text.as_bytes())?;
    all().get(place).is_some_and(|rule| !excused(rule, text)).then(|| found.start())
}

/// What is kept from file to file.
#[derive(Default)]
pub(super) struct Lines {
    /// The patterns that hold in files of one kind, by which rules these are, and the rules' places.
    sets: HashMap<u128, (Option<RegexSet>, Vec<usize>)>,
    /// A file's added lines.
    text: String,
}

impl Lines {
    pub(super) fn check(&mut self, it: &Looked<'_>, contents: &dyn Contents, out: &mut Vec<Found>) {
        let file = it.file;
        for line in conflicts(file, it.class) {
            out.push(finding(file, line, "conflict", CONFLICT));
        }
        if !matches!(file.kind, FileKind::Text) {
            return;
        }
        let rules = if by_hand(file, it.class) && it.class != Class::Docs { rules(it) } else { 0 };
        self.text.clear();
        for line in file.added_lines() {
            if !line.text.is_ascii() {
                hidden::check(it, line, out);
            }
            if rules != 0 && line.text.len() <= LINE {
                self.text.push_str(&line.text);
                self.text.push('\n');
            }
        }
        if rules == 0 {
            return;
        }
        let joined = statements(file);
        for statement in &joined {
            self.text.push_str(&statement.text);
            self.text.push('\n');
        }
        let mut tests = None;
        // Many lines may ask for what stands round them, so that is read once.
        let (beside, whole) = (Beside::new(file), OnceCell::new());
        let rows = OnceCell::new();
        let rows = || {
            let read = || contents.after(file, 4 << 20).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let whole: Option<&String> = whole.get_or_init(read).as_ref();
            rows.get_or_init(|| whole.map(|text| text.lines().collect::<Vec<_>>())).as_deref()
        };
        for place in self.likely(rules) {
            let Some(rule) = all().get(place) else { continue };
            for (number, text) in hits(place, rule, file, &joined) {
                // Whether it stands in a test; `None` where the file cannot be seen whole.
                let mut within = || {
                    let seen = || if it.extension == "rs" { tests_of(file, contents) } else { Some(Vec::new()) };
                    let tests = tests.get_or_insert_with(seen).as_ref();
                    tests.map(|tests| tests.iter().any(|(first, last)| (*first..=*last).contains(&number)))
                };
                let holds = match rule.place {
                    // A panic is judged by where it stands: what cannot be told apart is left alone.
                    Where::Product if rule.class == UNWRAP => !may_stop(file) && within() == Some(false),
                    Where::Product => within() != Some(true),
                    // Whoever cleans up and raises again hides nothing.
                    _ if rule.class == SWALLOWED && it.extension == "py" => !raises(rows(), &beside, number),
                    _ => true,
                };
                if holds && !explained(rule.class, &it.extension, &beside, number) {
                    out.push(finding(file, number, text, rule.class).saying(rule.title, rule.why));
                }
            }
        }
    }

    /// Which of these rules may fit a line of the text.
    fn likely(&mut self, rules: u128) -> Vec<usize> {
        let (set, places) = self.sets.entry(rules).or_insert_with(|| {
            let places: Vec<usize> = (0..all().len()).filter(|n| rules >> n & 1 == 1).collect();
            let patterns = places.iter().filter_map(|n| all().get(*n)).map(|rule| rule.pattern);
            (RegexSetBuilder::new(patterns).unicode(false).multi_line(true).build().ok(), places)
        });
        let Some(set) = set else { return places.clone() };
        set.matches(self.text.as_bytes()).iter().filter_map(|n| places.get(n).copied()).collect()
    }
}

/// Lines that a rule fits, and statements where it looks at them: each line once.
fn hits<'a>(place: usize, rule: &Rule, file: &'a FileChange, joined: &'a [Statement]) -> Vec<(u32, &'a str)> {
    let lines = file.added_lines().filter(|l| l.text.len() <= LINE && fits(place, &l.text));
    let mut out: Vec<(u32, &str)> = lines.map(|l| (l.new.unwrap_or(0), l.text.as_str())).collect();
    if CLASSES.contains(&rule.class) {
        let mut seen: HashSet<u32> = out.iter().map(|(line, _)| *line).collect();
        for statement in joined.iter().filter(|s| s.fits(place)) {
            if seen.insert(statement.line) {
                out.push((statement.line, &statement.text));
            }
        }
    }
    out
}

/// Which rules hold in this file: a bit for each.
fn rules(it: &Looked<'_>) -> u128 {
    let product = it.class == Class::Source && !is_sideshow(&it.file.path);
    let holds = |rule: &Rule| {
        let here = match rule.place {
            Where::Any => true,
            Where::Code => it.class != Class::Test,
            Where::Product => product,
            Where::Tests => it.class == Class::Test || it.extension == "rs",
            Where::Ci => it.class == Class::Ci,
        };
        let named = |kind: &str| rule.extensions.contains(&kind);
        here && (rule.extensions.is_empty() || named(&it.extension) || named(it.file.path.file_name()))
    };
    all().iter().enumerate().fold(0, |bits, (n, rule)| if holds(rule) { bits | 1 << n } else { bits })
}

/// A program's top and its build script may stop as they like.
fn may_stop(file: &FileChange) -> bool {
    matches!(file.path.file_name(), "main.rs" | "build.rs")
}

/// Whether the block below this line of Python raises, as far as it can be seen: in the whole file, or else in its hunk.
fn raises(whole: Option<&[&str]>, beside: &Beside<'_>, number: u32) -> bool {
    let lines = match whole {
        Some(rows) => usize::try_from(number.saturating_sub(1)).ok().and_then(|at| rows.get(at..)),
        None => beside.around(number).and_then(|(lines, at)| lines.get(at..)),
    };
    let depth = |line: &str| line.len() - line.trim_start().len();
    let Some((head, rest)) = lines.and_then(<[_]>::split_first) else { return false };
    let block = rest.iter().filter(|l| !l.trim().is_empty()).take_while(|l| depth(l) > depth(head));
    block.map(|l| l.trim_start()).any(|l| l == "raise" || l.starts_with("raise "))
}

/// Where conflicts begin that this change adds. A line that begins with one of git's own markers is the rest of one, but
/// documents may show a marker: there, a conflict has both ends and what parts them.
pub(super) fn conflicts(file: &FileChange, class: Class) -> Vec<u32> {
    let mut out = Vec::new();
    let (mut begin, mut middle) = (None, false);
    for line in file.added_lines() {
        let (text, number) = (line.text.as_str(), line.new.unwrap_or(1));
        // Almost every line ends here.
        if !text.starts_with(['<', '=', '>', '|']) {
            continue;
        }
        let whole = class == Class::Docs;
        if text.starts_with("<<<<<<< ") {
            (begin, middle) = (Some(number), false);
            out.extend((!whole).then_some(number));
        } else if text.starts_with("||||||| ") && begin.is_none() && !whole {
            begin = Some(number);
            out.push(number);
        } else if text.trim_end() == "=======" {
            middle = true;
        } else if text.starts_with(">>>>>>> ") {
            match begin.take() {
                Some(begin) => out.extend((whole && middle).then_some(begin)),
                None => out.extend((!whole).then_some(number)),
            }
        }
    }
    out
}
