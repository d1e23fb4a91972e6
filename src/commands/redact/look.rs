//! Looking through texts, and what is told of what was found: never a byte of it.

use std::collections::HashMap;

use crate::secrets::{Hit, Place, Redactor, Verdict};

/// Most characters of an excerpt.
const EXCERPT: usize = 120;
/// How many of them may stand before what was found.
const LEAD: usize = 40;

/// A text to look through.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// What to call it.
    pub(super) name: String,
    /// Its path from the top of its repository, where it has one.
    pub(super) path: Option<String>,
    /// The commit it stands in, full hex.
    pub(super) commit: Option<String>,
    pub(super) text: String,
    /// The number of each line and whether it counts; `None` = all do, from 1 on.
    pub(super) rows: Option<Vec<(u32, bool)>>,
}

/// Something found.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) commit: Option<String>,
    pub(super) line: u32,
    /// In characters, from 1.
    pub(super) column: usize,
    pub(super) end_line: u32,
    pub(super) hit: Hit,
    pub(super) verdict: Verdict,
    /// Its line with everything masked.
    pub(super) excerpt: String,
    /// How many versions of the file hold it, in a history.
    pub(super) versions: u32,
}

/// What was looked through and found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    pub(super) files: usize,
    pub(super) binary: usize,
    pub(super) large: usize,
    pub(super) unreadable: usize,
    /// In a history: where a value was first seen, by file, rule and fingerprint.
    first: HashMap<(String, &'static str, [u8; 16]), usize>,
}

impl Found {
    /// Findings that count.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.verdict == Verdict::Kept)
    }

    /// Looks through one text.
    pub(super) fn look(&mut self, redactor: &Redactor, item: &Item) {
        self.files += 1;
        let place = Place { path: item.path.as_deref(), report: true };
        let judged = redactor.judge(&item.text, place);
        if judged.is_empty() {
            return;
        }
        let starts: Vec<usize> =
            std::iter::once(0).chain(item.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let row = |at: usize| starts.partition_point(|s| *s <= at).saturating_sub(1);
        let number = |row: usize| match &item.rows {
            Some(rows) => rows.get(row).copied().unwrap_or((0, false)),
            None => (u32::try_from(row + 1).unwrap_or(u32::MAX), true),
        };
        for (hit, verdict) in &judged {
            let (begin, end) = (row(hit.start), row(hit.end.saturating_sub(1).max(hit.start)));
            let Some(shown) = (begin..=end).find(|r| number(*r).1) else { continue };
            let from = starts.get(shown).copied().unwrap_or_default();
            let at = hit.start.max(from);
            let finding = Finding {
                file: item.name.clone(),
                commit: item.commit.clone(),
                line: number(shown).0,
                column: item.text.get(from..at).unwrap_or_default().chars().count() + 1,
                end_line: (shown..=end).rev().map(number).find(|n| n.1).map_or(0, |n| n.0),
                hit: hit.clone(),
                verdict: *verdict,
                excerpt: excerpt(&item.text, from, at, &judged),
                versions: 1,
            };
            self.add(finding);
        }
    }

    fn add(&mut self, finding: Finding) {
        if finding.commit.is_some() {
            let key = (finding.file.clone(), finding.hit.rule, finding.hit.fingerprint);
            if let Some(first) = self.first.get(&key).and_then(|at| self.findings.get_mut(*at)) {
                if first.commit != finding.commit {
                    first.versions += 1;
                }
                return;
            }
            self.first.insert(key, self.findings.len());
        }
        self.findings.push(finding);
    }
}

/// The line that begins at `from`, with everything found masked, near `at`.
fn excerpt(text: &str, from: usize, at: usize, judged: &[(Hit, Verdict)]) -> String {
    let stop = text.get(from..).and_then(|t| t.find('\n')).map_or(text.len(), |n| from + n);
    let mut begin = text.floor_char_boundary(at.saturating_sub(LEAD * 4).max(from));
    // No piece of another secret is cut in two.
    for (hit, _) in judged {
        if hit.start < begin && begin < hit.end {
            begin = hit.start.max(from);
        }
    }
    let before = text.get(begin..at).unwrap_or_default().chars().count();
    let mut out = String::new();
    let mut place = begin;
    for (hit, _) in judged.iter().filter(|(hit, _)| hit.end > begin && hit.start < stop) {
        out.push_str(text.get(place..hit.start.max(place)).unwrap_or_default());
        out.push_str(&format!("<hidden {}>", hit.kind));
        place = hit.end.min(stop).max(place);
        if out.len() > EXCERPT * 8 {
            break;
        }
    }
    if out.len() <= EXCERPT * 8 {
        let rest = text.floor_char_boundary((place + EXCERPT * 4).min(stop));
        out.push_str(text.get(place..rest).unwrap_or_default());
    }
    let skip = before.saturating_sub(LEAD);
    // A mark of ours before the finding must not be cut either: then the whole of what was gathered is shown.
    let skip = if out.chars().take(skip).any(|c| c == '<') { 0 } else { skip };
    let shown: String = out.chars().skip(skip).take(EXCERPT).collect();
    let lead = if begin > from || skip > 0 { "…" } else { "" };
    let tail = if out.chars().count() > skip + EXCERPT { "…" } else { "" };
    format!("{lead}{}{tail}", shown.trim())
}
