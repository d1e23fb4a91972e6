//! Private keys that show only together with the lines round them.

use std::collections::BTreeMap;

use super::{Added, KEY, hushed, leak, marks};
use crate::git::FileChange;
use crate::secrets::{MARK, Redactor};
use crate::tasks::finding::Finding;
use crate::tasks::offline::Places;

/// Lines of a file that are told already: from each first one to its last. None touch.
#[derive(Debug, Default)]
pub(super) struct Spans(BTreeMap<u32, u32>);

impl Spans {
    /// The last of them that touches these lines.
    fn touched(&self, (first, last): (u32, u32)) -> Option<(u32, u32)> {
        let (from, to) = self.0.range(..=last).next_back()?;
        (first <= *to).then_some((*from, *to))
    }

    pub(super) fn add(&mut self, (mut first, mut last): (u32, u32)) {
        while let Some((from, to)) = self.touched((first, last)) {
            self.0.remove(&from);
            (first, last) = (first.min(from), last.max(to));
        }
        self.0.insert(first, last);
    }
}

impl<'f> FromIterator<&'f Finding> for Spans {
    fn from_iter<T: IntoIterator<Item = &'f Finding>>(found: T) -> Self {
        let mut spans = Self::default();
        found.into_iter().for_each(|one| spans.add((one.line, one.end_line)));
        spans
    }
}

/// A file to which a change adds keys, read once for all of them.
pub(super) struct Keyed<'a> {
    file: &'a FileChange,
    told: &'a mut Spans,
    /// The added lines by number.
    lines: Vec<(u32, &'a str)>,
    /// Of those, the ones that somebody allows.
    allowed: Vec<u32>,
    marks: Option<Places<'a>>,
}

impl<'a> Keyed<'a> {
    /// Of this file, in which these lines are told already.
    pub(super) fn new(file: &'a FileChange, told: &'a mut Spans) -> Self {
        let mut lines: Vec<(u32, &str)> = file.added_lines().filter_map(|l| Some((l.new?, l.text.as_str()))).collect();
        // A patch from elsewhere may have its hunks in any order.
        lines.sort_by_key(|(number, _)| *number);
        let allowed = lines.iter().filter(|(_, text)| text.contains(MARK)).map(|(number, _)| *number).collect();
        Self { file, told, lines, allowed, marks: marks(file) }
    }

    /// Adds a finding for the key in these lines, unless one that touches them is told, or one of them is allowed.
    pub(super) fn add(&mut self, out: &mut Added, (first, last): (u32, u32), redactor: &Redactor) {
        let at = self.allowed.partition_point(|number| *number < first);
        let allowed = self.allowed.get(at).is_some_and(|number| *number <= last);
        if allowed || self.told.touched((first, last)).is_some() {
            return;
        }
        self.told.add((first, last));
        let mut key = leak(self.file, KEY, 0.9, (first, last));
        if hushed(&key, &|number| self.marks.as_ref()?.text(number), redactor) {
            out.silenced.push(key);
            return;
        }
        let at = self.lines.partition_point(|(number, _)| *number < first);
        let ours = self.lines.iter().skip(at).take_while(|(number, _)| *number <= last);
        let value: String = ours.flat_map(|(_, text)| [text, "\n"]).collect();
        key.id = out.ids.next(&[KEY, self.file.path.as_str(), &value], "");
        out.found.push(key);
    }
}
