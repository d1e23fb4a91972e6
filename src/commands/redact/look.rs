//! Looking through texts, and what is told of what was found: never a byte of it.

use std::collections::{HashMap, HashSet};

use crate::secrets::{By, Hit, Place, Redactor, Verdict};
use crate::tasks::finding::Finding as Reviewed;
use crate::tasks::review::kind;

/// Most characters of an excerpt.
const EXCERPT: usize = 120;
/// How many of them may stand before what was found.
const LEAD: usize = 40;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(super) enum Part {
    /// What stands in a file.
    #[default]
    Content,
    /// What a file is called.
    Name,
    /// What was said with a commit.
    Message,
    /// What was said with a tag.
    Tag,
    /// Who made a commit or a tag.
    Author,
    /// What came on standard input.
    Input,
}

impl Part {
    /// For people and machines; a content needs no word.
    pub(super) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Content => None,
            Self::Name => Some("name"),
            Self::Message => Some("commit message"),
            Self::Tag => Some("tag message"),
            Self::Author => Some("author"),
            Self::Input => Some("standard input"),
        }
    }

    /// It stands in a file, or is its name.
    pub(super) const fn in_file(self) -> bool {
        matches!(self, Self::Content | Self::Name)
    }
}

/// A text to look through.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// What to call it.
    pub(super) name: String,
    /// Its path from the top of its repository, where it has one.
    pub(super) path: Option<String>,
    /// What of a file or a commit it is.
    pub(super) part: Part,
    /// The bytes of its path where the path is no text.
    pub(super) raw: Option<Vec<u8>>,
    /// The commit it stands in, full hex.
    pub(super) commit: Option<String>,
    pub(super) text: String,
    /// The number of each line and whether it counts; `None` = all do, from 1 on.
    pub(super) rows: Option<Vec<(u32, bool)>>,
}

/// Something found.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// What its text is called, with secrets in it masked.
    pub(super) file: String,
    /// Where it lies, for machines: from the top of the repository where it has one, otherwise as it was named.
    pub(super) place: Vec<u8>,
    pub(super) part: Part,
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
    /// What reviews know it by, where that was asked for. Where a line holds several of its kind, the first has the ids of
    /// all.
    pub(super) id: Option<String>,
    /// Other files that are called so, where that was asked for.
    also: Vec<String>,
}

/// A line of a text, by name, and a kind of secret in it.
type Spot = (String, u32, String);

impl Finding {
    /// Where reviews tell it.
    fn spots(&self) -> impl Iterator<Item = Spot> {
        let told = |file: &String| if self.part == Part::Name { format!("name of {file}") } else { file.clone() };
        std::iter::once(&self.file).chain(&self.also).map(move |file| (told(file), self.line, self.hit.kind.to_owned()))
    }
}

/// What reviews know of one spot.
#[derive(Default)]
struct Known<'r> {
    ids: Vec<&'r str>,
    /// One of them is not accepted.
    open: bool,
}

/// What was looked through and found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    pub(super) files: usize,
    pub(super) binary: usize,
    pub(super) large: usize,
    pub(super) unreadable: usize,
    /// More was left out than can be counted.
    pub(super) cut: bool,
    /// What was found and is accepted by its id.
    pub(super) accepted: usize,
    /// In a history: where a value was first seen, by file, rule and fingerprint.
    first: HashMap<(Part, String, &'static str, [u8; 16]), usize>,
    /// What was found in names, and whether it counts: a folder's name stands before that of every file in it.
    names: HashMap<(&'static str, [u8; 16], bool), usize>,
    /// Files that one name was found in already are kept with it.
    every: bool,
}

impl Found {
    /// Nothing yet. With `every`, what names hold is kept with all files that are called so: each has an id.
    pub(super) fn new(every: bool) -> Self {
        Self { every, ..Self::default() }
    }

    /// Findings that count.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.verdict == Verdict::Kept)
    }

    /// What was found and does not count: allowed, of a kind that is switched off, not certain enough.
    pub(super) fn left(&self) -> [usize; 3] {
        let mut left = [0; 3];
        for f in &self.findings {
            match f.verdict {
                Verdict::Kept => continue,
                Verdict::Allowed(_) => left[0] += 1,
                Verdict::Off => left[1] += 1,
                Verdict::Unsure => left[2] += 1,
            }
        }
        left
    }

    /// Names what reviews know by an id, and leaves out what is accepted. Of several of one kind in one line nobody knows
    /// which is which: all of them are accepted, or none. So is one that several files are called by.
    pub(super) fn known(&mut self, reviewed: &[(Reviewed, bool)]) {
        let mut all: HashMap<Spot, Known<'_>> = HashMap::new();
        for (one, accepted) in reviewed {
            let Some(kind) = kind(one) else { continue };
            let known = all.entry((one.file.clone(), one.line, kind.to_owned())).or_default();
            known.ids.push(&one.id);
            known.open |= !accepted;
        }
        let mut many: HashMap<Spot, usize> = HashMap::new();
        self.kept().flat_map(Finding::spots).for_each(|spot| *many.entry(spot).or_default() += 1);
        let known = |spot: &Spot| {
            let known = all.get(spot)?;
            many.get(spot).is_some_and(|n| *n <= known.ids.len()).then_some(known)
        };
        let mut told: HashSet<Spot> = HashSet::new();
        let before = self.findings.len();
        self.findings.retain_mut(|f| {
            if f.verdict != Verdict::Kept {
                return true;
            }
            let (mut ids, mut open) = (Vec::new(), false);
            for spot in f.spots() {
                let known = known(&spot);
                open |= known.is_none_or(|known| known.open);
                // Thousands may stand in one line.
                ids.extend(known.filter(|_| told.insert(spot)).into_iter().flat_map(|known| &known.ids).copied());
            }
            f.id = (!ids.is_empty()).then(|| ids.join(", "));
            open
        });
        self.accepted += before - self.findings.len();
    }

    /// Everything that was asked for was looked through.
    pub(super) fn complete(&self) -> bool {
        !self.cut && self.large + self.unreadable == 0
    }

    /// Looks through one text and its name. `true` when the repository's list allowed some of it because of where it
    /// stands.
    pub(super) fn look(&mut self, redactor: &Redactor, item: &Item) -> bool {
        self.name(redactor, item);
        self.files += 1;
        self.part(redactor, item)
    }

    /// Looks through what a file is called.
    pub(super) fn name(&mut self, redactor: &Redactor, item: &Item) {
        let text = item.path.as_ref().unwrap_or(&item.name).clone();
        let (name, path, raw, commit) = (item.name.clone(), item.path.clone(), item.raw.clone(), item.commit.clone());
        self.part(redactor, &Item { part: Part::Name, name, path, raw, commit, text, rows: None });
    }

    /// Looks through one text alone.
    pub(super) fn part(&mut self, redactor: &Redactor, item: &Item) -> bool {
        let place = Place { path: item.path.as_deref(), report: true };
        let judged = redactor.judge(&item.text, place);
        if judged.is_empty() {
            return false;
        }
        let file = masked(redactor, &item.name);
        let whole = item.path.as_ref().unwrap_or(&item.name);
        let shown = masked(redactor, whole);
        // Where nothing is masked, the bytes themselves name it best.
        let raw = item.raw.clone().filter(|_| shown == *whole);
        let place = raw.unwrap_or_else(|| shown.into_bytes());
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
                file: file.clone(),
                place: place.clone(),
                part: item.part,
                commit: item.commit.clone(),
                line: number(shown).0,
                column: item.text.get(from..at).unwrap_or_default().chars().count() + 1,
                end_line: (shown..=end).rev().map(number).find(|n| n.1).map_or(0, |n| n.0),
                hit: hit.clone(),
                verdict: *verdict,
                excerpt: excerpt(&item.text, from, at, &judged),
                versions: 1,
                id: None,
                also: Vec::new(),
            };
            self.add(finding);
        }
        judged.iter().any(|(_, verdict)| *verdict == Verdict::Allowed(By::Repository))
    }

    fn add(&mut self, finding: Finding) {
        if finding.part == Part::Name {
            let key = (finding.hit.rule, finding.hit.fingerprint, finding.verdict == Verdict::Kept);
            if let Some(first) = self.names.get(&key) {
                if let Some(first) = self.findings.get_mut(*first).filter(|_| self.every) {
                    first.also.push(finding.file);
                }
                return;
            }
            self.names.insert(key, self.findings.len());
        }
        if finding.commit.is_some() {
            let key = (finding.part, finding.file.clone(), finding.hit.rule, finding.hit.fingerprint);
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

/// A name with what is found in it masked.
fn masked(redactor: &Redactor, name: &str) -> String {
    let hits = redactor.judge(name, Place { path: None, report: true });
    let (mut out, mut at) = (String::new(), 0);
    for (hit, _) in &hits {
        out.push_str(name.get(at..hit.start.max(at)).unwrap_or_default());
        out.push_str(&format!("<hidden {}>", hit.kind));
        at = hit.end.max(at);
    }
    out.push_str(name.get(at..).unwrap_or_default());
    out
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
