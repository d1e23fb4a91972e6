//! Secrets on added lines, as findings. The secret itself is never in one.

mod ids;
mod keyed;

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ids::Ids;
use keyed::{Keyed, Spans};

use super::blind::LARGER;
use super::chain::Chains;
use super::masked::{self, Masked, NAMED};
use super::vendor::Vendors;
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};
use crate::secrets::{Hit, MARK, Mode, Place, Redactor, by_vendor, legible, private_keys, vague};
use crate::tasks::finding::{Finding, Severity, Side, Source, Verification, identify};
use crate::tasks::offline::classify::minified;
use crate::tasks::{keys, offline};

const KEY: &str = "private key";
/// What stands before the kind in a finding's title.
const TITLE: &str = "A secret is added: ";

/// The largest file without lines in git's eyes that is looked through (bytes): as far as `redact scan` looks.
const LARGEST: u64 = 256 << 20;
/// The largest file under the name of a picture, a film or an archive that is looked into (bytes).
const PICTURE: u64 = 1 << 20;

/// One finding per secret that this change adds, in what files hold and in what they are called; none tells a name that
/// holds one.
pub fn leaks(change: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) -> Vec<Finding> {
    let mut found = search(change, contents, redactor).found;
    found.extend(names(change, redactor));
    let masked = Masked::of(found.iter().map(|finding| finding.file.as_str()), redactor);
    found.iter_mut().for_each(|finding| masked.finding(finding));
    found
}

/// Secrets that a change adds.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// To be told.
    pub(super) found: Vec<Finding>,
    /// Those that a `monster:ignore secret REASON` beside them silences.
    pub(super) silenced: Vec<Finding>,
    ids: Ids,
}

/// The value of a secret that nobody can guess: one that its vendor, or a program for keys, has drawn.
fn drawn<'t>(text: &'t str, hit: &Hit) -> Option<&'t str> {
    let least = if hit.kind == KEY { PEM } else { DRAWN };
    let drawn = hit.kind == KEY || by_vendor(hit);
    text.get(hit.start..hit.end).filter(|value| drawn && value.len() >= least)
}

/// A shorter key with its mark could be found by trying (bytes).
const DRAWN: usize = 20;
/// The shortest private key (bytes).
const PEM: usize = 100;

/// The lines of a file with a mark on one of them.
fn marks(file: &FileChange) -> Option<offline::Places<'_>> {
    let marked = file.hunks.iter().flat_map(|h| &h.lines).any(|line| line.text.contains("monster:ignore"));
    marked.then(|| offline::Places::new(file))
}

/// A mark beside it silences this secret. None does where its kind is to go nowhere (`redact.mode = block`): what a change
/// says of itself opens no way for it.
fn hushed<'t>(found: &Finding, said: &dyn Fn(u32) -> Option<&'t str>, redactor: &Redactor) -> bool {
    let marked = (found.line..=found.end_line).any(|line| offline::review::marked(said, line, &found.class));
    marked && !blocks(std::slice::from_ref(found), redactor)
}

/// One finding per secret that this change adds, and those that are silenced.
pub(super) fn search(change: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) -> Added {
    let sheets = sheets(change, contents);
    let seen = scan(&sheets, redactor);
    added(contents, &sheets, seen, redactor)
}

/// The secrets in names that files have since this change, which are told without them. What a word beside it alone gives
/// away is none there.
pub(super) fn names(change: &ChangeSet, redactor: &Redactor) -> Vec<Finding> {
    let named = |f: &&FileChange| matches!(f.status, Status::Added | Status::Renamed | Status::Copied);
    let files: Vec<&FileChange> = change.files.iter().filter(named).collect();
    let starts = starts(files.iter().map(|file| file.path.as_str().len() + 1));
    let text: String = files.iter().flat_map(|file| [file.path.as_str(), "\n"]).collect();
    let hits = masked::hits(&text, redactor);
    let masked = Masked::with(&text, &hits);
    let mut ids = Ids::default();
    let found = hits.iter().filter_map(|hit| {
        let at = starts.partition_point(|start| *start <= hit.start).checked_sub(1)?;
        let (file, start) = (files.get(at)?, *starts.get(at)?);
        let told = format!("{NAMED}{}", masked.told(file.path.as_str()));
        let found = leak(file, hit.kind, hit.confidence, (1, 1));
        let name = bare(&text, start..start + file.path.as_str().len(), &hits);
        let id = ids.next(&[hit.kind, &name, drawn(&text, hit).unwrap_or_default()], "name");
        Some(Finding { id, file: told, ..found })
    });
    found.collect()
}

/// What is known of all commits of a push together (`sum`), for a look at each of them.
pub struct Sum {
    /// What is secret in what it adds: it is told, or accepted, there.
    values: HashSet<String>,
    /// Lines of which somebody says that they hold none.
    allowed: String,
    /// Files that it changes.
    files: HashSet<Path>,
}

impl Sum {
    /// Reads it, once for all commits.
    #[must_use]
    pub fn of(changes: &[&ChangeSet], contents: &dyn Contents, redactor: &Redactor) -> Self {
        let (mut values, mut allowed) = (HashSet::new(), String::new());
        for change in changes {
            let sheets = sheets(change, contents);
            for (sheet, seen) in sheets.iter().zip(scan(&sheets, redactor)) {
                let value = |hit: &Hit| sheet.text.get(hit.start..hit.end).map(str::to_owned);
                values.extend(seen.hits.iter().filter_map(value));
                let marked = sheet.text.lines().filter(|line| line.contains(MARK));
                marked.for_each(|line| allowed.extend([line, "\n"]));
            }
        }
        let files = changes.iter().flat_map(|change| &change.files).map(|file| file.path.clone()).collect();
        Self { values, allowed, files }
    }
}

/// The secrets that a commit adds and that are none of what is added when all is done.
pub(super) fn passed((change, contents): (&ChangeSet, &dyn Contents), sum: &Sum, redactor: &Redactor) -> Added {
    let sheets = sheets(change, contents);
    let mut seen = scan(&sheets, redactor);
    let gone = change.files.iter().filter(|file| !sum.files.contains(&file.path)).cloned().collect();
    let named = names(&ChangeSet { files: gone, ..ChangeSet::default() }, redactor);
    if seen.iter().all(|seen| seen.hits.is_empty()) {
        return Added { found: named, ..Added::default() };
    }
    for (sheet, seen) in sheets.iter().zip(&mut seen) {
        let stays = |value: &str| sum.values.contains(value) || sum.allowed.contains(value);
        seen.hits.retain(|hit| sheet.text.get(hit.start..hit.end).is_some_and(|value| !stays(value)));
        // Whether lines in the middle of a key stay, nobody can say.
        seen.keys.clear();
    }
    let mut added = added(contents, &sheets, seen, redactor);
    added.found.extend(named);
    added
}

/// The secrets in what somebody wrote about a commit or a tag, as findings in a file of this name. What a name alone gives
/// away is none there: people write about passwords.
pub(super) fn said(text: &str, name: &str, redactor: &Redactor) -> Vec<Finding> {
    let file = FileChange::new(Path::from(name), Status::Added);
    let starts = starts(text.split('\n').map(|line| line.len() + 1));
    let line = |at: usize| u32::try_from(starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX);
    let hits = redactor.scan_in(text, Place { path: None, report: true });
    // The commit has another name after a rebase, and the same words. They may be many: they are summed up once.
    let words = LazyCell::new(|| identify("words", &bare(text, 0..text.len(), &hits), "", 0));
    let mut ids = Ids::default();
    let found = hits.iter().filter(|hit| !vague(hit)).map(|hit| {
        let lines = (line(hit.start), line(hit.end.saturating_sub(1)));
        let id = ids.next(&[hit.kind, &words, drawn(text, hit).unwrap_or_default()], "words");
        Finding { id, ..leak(&file, hit.kind, hit.confidence, lines) }
    });
    found.collect()
}

/// The lines of one file in which secrets are looked for.
pub(super) struct Sheet<'a> {
    file: &'a FileChange,
    /// Of a file that git calls binary, which lines came.
    came: Option<Vec<bool>>,
    /// The number of each line, and where in the text it begins.
    lines: Vec<(u32, usize)>,
    text: String,
}

impl Sheet<'_> {
    /// A line without its end.
    fn line(&self, row: usize) -> Option<(u32, &str)> {
        let (number, start) = *self.lines.get(row)?;
        let end = self.lines.get(row + 1).map_or(self.text.len(), |(_, next)| next - 1);
        // What parts it from one that stands elsewhere is no part of it.
        Some((number, self.text.get(start..end)?.trim_end_matches('\n')))
    }

    /// The row in which a byte lies.
    fn row(&self, at: usize) -> usize {
        self.lines.partition_point(|(_, start)| *start <= at).saturating_sub(1)
    }

    /// Of a whole file only what came is this change's.
    fn came(&self, row: usize) -> bool {
        self.came.as_ref().is_none_or(|rows| rows.get(row).is_some_and(|came| *came))
    }
}

/// What was seen in one file.
pub(super) struct Seen {
    hits: Vec<Hit>,
    /// First and last line of keys that show only with the lines round them.
    keys: Vec<(u32, u32)>,
}

/// What is to be looked through.
pub(super) fn sheets<'a>(change: &'a ChangeSet, contents: &dyn Contents) -> Vec<Sheet<'a>> {
    let sheet = |file: &'a FileChange| {
        let (text, lines, came) = match hidden(file, contents) {
            Some((text, rows)) => {
                let starts = starts(text.split('\n').map(|line| line.len() + 1));
                (text, (1..).zip(starts).collect(), Some(rows.into_iter().map(|(_, came)| came).collect()))
            }
            None => {
                let added = || file.added_lines().filter_map(|l| Some((l.new?, l.text.as_str())));
                let mut text = String::with_capacity(added().map(|(_, line)| line.len() + 1).sum());
                let mut lines: Vec<(u32, usize)> = Vec::new();
                for (number, line) in added() {
                    if let Some((before, _)) = lines.last() {
                        // Lines that do not touch in the file say nothing together.
                        text.push_str(if before + 1 == number { "\n" } else { "\n\n" });
                    }
                    lines.push((number, text.len()));
                    text.push_str(line);
                }
                (text, lines, None)
            }
        };
        (!lines.is_empty()).then_some(Sheet { file, came, lines, text })
    };
    change.files.iter().filter_map(sheet).collect()
}

/// Bytes that are looked through.
pub(super) fn weight(sheets: &[Sheet<'_>]) -> usize {
    sheets.iter().map(|sheet| sheet.text.len()).sum()
}

/// Looks through them.
pub(super) fn scan(sheets: &[Sheet<'_>], redactor: &Redactor) -> Vec<Seen> {
    let look = |sheet: &Sheet<'_>| Seen {
        hits: redactor.scan_in(&sheet.text, Place { path: Some(sheet.file.path.as_str()), report: true }),
        keys: sheet.file.hunks.iter().flat_map(inside).collect(),
    };
    sheets.iter().map(look).collect()
}

/// What was seen, as findings.
pub(super) fn added(contents: &dyn Contents, sheets: &[Sheet<'_>], seen: Vec<Seen>, redactor: &Redactor) -> Added {
    let mut out = Added::default();
    let vendors = Vendors::new(contents);
    for (sheet, seen) in sheets.iter().zip(seen) {
        let file = sheet.file;
        let before = (out.found.len(), out.silenced.len());
        let marks = LazyCell::new(|| marks(file));
        let said = |number: u32| match &sheet.came {
            Some(_) => sheet.line(usize::try_from(number).ok()?.checked_sub(1)?).map(|(_, text)| text),
            None => marks.as_ref()?.text(number),
        };
        let (hits, places) = (seen.hits, LazyCell::new(|| offline::Places::new(file)));
        let chains = LazyCell::new(|| Chains::new(file, contents));
        let foreign = LazyCell::new(|| minified(file) || vendors.hold(file));
        // Of many in one long line the line is summed up once.
        let mut bared: Option<(usize, String)> = None;
        for hit in &hits {
            let row = sheet.row(hit.start);
            let Some((line, whole)) = sheet.line(row) else { continue };
            let last = sheet.row(hit.end.saturating_sub(1));
            if !(row..=last).any(|row| sheet.came(row)) {
                continue;
            }
            let last = sheet.lines.get(last).map_or(line, |(number, _)| *number);
            let mut found =
                Finding { severity: severity(hit, || *foreign), ..leak(file, hit.kind, hit.confidence, (line, last)) };
            if hushed(&found, &said, redactor) {
                out.silenced.push(found);
                continue;
            }
            found.id = match drawn(&sheet.text, hit) {
                Some(value) => out.ids.next(&[hit.kind, file.path.as_str(), value], ""),
                None => {
                    if bared.as_ref().is_none_or(|(of, _)| *of != row) {
                        let start = sheet.lines.get(row).map_or(0, |(_, start)| *start);
                        let text = bare(&sheet.text, start..start + whole.len(), &hits);
                        bared = Some((row, identify("line", &text, "", 0)));
                    }
                    let line = bared.as_ref().map_or("", |(_, text)| text);
                    let symbol = match &*chains {
                        Some(chains) => chains.above(found.line),
                        None => places.around(found.line).unwrap_or_default().to_owned(),
                    };
                    out.ids.next(&[hit.kind, file.path.as_str(), line], &symbol)
                }
            };
            out.found.push(found);
        }
        if seen.keys.is_empty() {
            continue;
        }
        let told = out.found.iter().skip(before.0).chain(out.silenced.iter().skip(before.1));
        let mut told: Spans = told.filter(|f| f.file == file.path.as_str()).collect();
        let mut keyed = Keyed::new(file, &mut told);
        for lines in seen.keys {
            keyed.add(&mut out, lines, redactor);
        }
    }
    out
}

/// The text of a file that git calls binary (`*.env -diff`, UTF-16), or could not compare, and somebody can read all the
/// same, with the number of each line and whether it came.
fn hidden(file: &FileChange, contents: &dyn Contents) -> Option<(String, Vec<(u32, bool)>)> {
    let binary = match file.kind {
        FileKind::Binary { .. } => true,
        // Git could not read both sides, and the new one may be there; of what is not tracked it would not read it.
        _ if file.unread.is_some() => file.old_id.is_some() || file.new_id.is_some(),
        // By an attribute, UTF-16 has lines in git's eyes: others than a reader sees.
        FileKind::Text => file.added_lines().any(|line| line.text.contains('\0')),
        _ => false,
    };
    let same = file.old_id.is_some() && file.old_id == file.new_id;
    // A text is one under the name of a picture too; what is really large is none.
    let limit = if media(file) { PICTURE } else { LARGEST };
    let (old_size, new_size) = sizes(file);
    // Git would hand over all of what is too large once more.
    if !binary || same || new_size > limit {
        return None;
    }
    let text = legible::text(&contents.after(file, limit)?)?;
    let before = if old_size > LARGEST { None } else { contents.before(file, LARGEST) };
    let before = before.and_then(|bytes| legible::text(&bytes)).unwrap_or_default();
    let rows = legible::fresh(&before, &text);
    Some((text, rows))
}

/// The sizes of a file that git calls binary, before and after; 0 where they are not known.
fn sizes(file: &FileChange) -> (u64, u64) {
    match file.kind {
        FileKind::Binary { old_size, new_size } => (old_size.unwrap_or(0), new_size.unwrap_or(0)),
        _ => (0, 0),
    }
}

fn media(file: &FileChange) -> bool {
    legible::MEDIA.contains(&file.path.extension().as_str())
}

/// Files whose new side cannot be had, or is too large: whether they add a secret, nobody can say. With why, for people.
pub fn unseen<'a>(change: &'a ChangeSet, contents: &dyn Contents) -> Vec<(&'a str, &'a str)> {
    let stays = |file: &FileChange| {
        file.status == Status::Deleted
            || matches!(file.kind, FileKind::Submodule { .. })
            || file.old_id.is_some() && file.old_id == file.new_id
    };
    let one = |file: &'a FileChange| {
        if stays(file) {
            return None;
        }
        if sizes(file).1 > LARGEST && !media(file) {
            return Some((file.path.as_str(), LARGER));
        }
        let why = file.unread.as_deref()?;
        contents.after(file, LARGEST).is_none().then(|| (file.path.as_str(), why))
    };
    change.files.iter().filter_map(one).collect()
}

/// A piece of a text without any secret in it: an id must not help anybody to guess.
fn bare(text: &str, piece: Range<usize>, hits: &[Hit]) -> String {
    let (mut out, mut at) = (String::new(), piece.start);
    let first = hits.partition_point(|hit| hit.end <= piece.start);
    for hit in hits.iter().skip(first).take_while(|hit| hit.start < piece.end) {
        out.push_str(text.get(at..hit.start).unwrap_or_default());
        out.push('\0');
        at = at.max(hit.end);
    }
    out.push_str(text.get(at..piece.end).unwrap_or_default());
    out
}

/// Whether the user wants no secret of one of these kinds to go anywhere.
#[must_use]
pub fn blocks(found: &[Finding], redactor: &Redactor) -> bool {
    let block = |kind: &str| redactor.policy().rules().iter().any(|r| r.kind == kind && r.mode == Mode::Block);
    found.iter().any(|f| kind(f).is_some_and(block))
}

/// What kind of secret a finding of ours is about; `None` where it is about none, or a model's.
#[must_use]
pub fn kind(found: &Finding) -> Option<&str> {
    found.title.strip_prefix(TITLE).filter(|_| found.source == Source::Static)
}

/// Adds a finding for every file in which this change adds lines to a key whose borders its hunks do not show.
pub(super) fn whole(change: &ChangeSet, contents: &dyn Contents, redactor: &Redactor, out: &mut Added) {
    let with = |file| Some((file, keys::added(file, contents)?));
    let files: Vec<(&FileChange, (u32, u32))> = change.files.iter().filter_map(with).collect();
    let mut told: HashMap<&str, Spans> = files.iter().map(|(file, _)| (file.path.as_str(), Spans::default())).collect();
    for found in out.found.iter().chain(&out.silenced) {
        if let Some(spans) = told.get_mut(found.file.as_str()) {
            spans.add((found.line, found.end_line));
        }
    }
    for (file, lines) in files {
        Keyed::new(file, told.entry(file.path.as_str()).or_default()).add(out, lines, redactor);
    }
}

/// First and last added line of each key that shows only together with the lines round it.
fn inside(hunk: &Hunk) -> Vec<(u32, u32)> {
    let mark = |l: &Line| match l.kind {
        LineKind::Context => ' ',
        LineKind::Added => '+',
        LineKind::Removed => '-',
    };
    let head = hunk.header();
    let mut text = String::with_capacity(head.len() + 1 + hunk.lines.iter().map(|l| l.text.len() + 2).sum::<usize>());
    text.push_str(&head);
    text.push('\n');
    for line in &hunk.lines {
        text.push(mark(line));
        text.push_str(&line.text);
        text.push('\n');
    }
    let starts = starts(hunk.lines.iter().map(|l| l.text.len() + 2));
    let base = head.len() + 1;
    let added = |span: Range<usize>| {
        let first = starts.partition_point(|s| base + s <= span.start).saturating_sub(1);
        let end = starts.partition_point(|s| base + s < span.end);
        let mut lines = hunk.lines.get(first..end)?.iter().filter(|l| l.kind == LineKind::Added);
        let first = lines.next()?;
        Some((first.new?, lines.next_back().unwrap_or(first).new?))
    };
    private_keys(&text).into_iter().filter_map(added).collect()
}

/// How bad it is. What only a name or chance gives away is hardly ever a secret in other people's code, where something
/// speaks for it that it is theirs, and in what was squeezed by a program (`foreign`); a key in its vendor's shape, and one of the user's own, are what they are wherever they stand.
fn severity(hit: &Hit, foreign: impl FnOnce() -> bool) -> Severity {
    if vague(hit) && foreign() { Severity::Medium } else { shaped(hit.confidence) }
}

fn shaped(confidence: f64) -> Severity {
    if confidence >= 0.8 { Severity::Critical } else { Severity::High }
}

fn leak(file: &FileChange, kind: &str, confidence: f64, lines: (u32, u32)) -> Finding {
    Finding {
        id: String::new(),
        file: file.path.as_str().to_owned(),
        line: lines.0,
        end_line: lines.1,
        side: Side::New,
        severity: shaped(confidence),
        confidence,
        class: "secret".to_owned(),
        title: format!("{TITLE}{kind}"),
        why: "Whoever can read the repository can use it, also after a later commit removes it. \
              Revoke it, then take it out of this change."
            .to_owned(),
        suggestion: None,
        source: Source::Static,
        verification: Verification::Confirmed,
        rule: None,
    }
}

/// Where pieces of these lengths begin.
fn starts(lengths: impl Iterator<Item = usize>) -> Vec<usize> {
    lengths
        .scan(0, |at, length| {
            let start = *at;
            *at += length;
            Some(start)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::patch::{Bare, parse};

    #[test]
    fn in_other_peoples_code_a_telling_name_weighs_less_and_a_vendors_shape_as_much_as_anywhere() {
        let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"severity");
        let named = format!("password = \"{}\";", ["kV9x", "Qm2wLr", "8Tz5"].concat());
        let shaped = format!("var t = \"{}_{}\";", "ghp", "16C7e42F292c6912E7710c838347Ae178B4a");
        let worst = |path: &str, line: &str| {
            let text = format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,1 @@\n+{line}\n");
            let change =
                parse(format!("diff --git a/{path} b/{path}\nnew file mode 100644\n{text}").as_bytes()).unwrap();
            leaks(&change, &Bare, &redactor).into_iter().map(|found| found.severity).max()
        };
        let own = worst("src/a.js", &named).unwrap();
        assert!(own >= Severity::High, "{own:?}");
        let squeezed = format!("{named}{}", "f(a,b);".repeat(400));
        for path in ["vendor/lib/a.min.js", "static/app.min.js", ".yarn/releases/yarn-4.cjs", "third_party/x/a.c"] {
            assert_eq!(worst(path, &named), Some(Severity::Medium), "{path}");
            assert_eq!(worst(path, &shaped), worst("src/a.js", &shaped), "{path}");
        }
        assert_eq!(worst("vendor/lib/a.js", &named), Some(own), "nothing says that it is somebody else's");
        assert_eq!(worst("vendor/lib/a.js", &squeezed), Some(Severity::Medium));
        assert_eq!(worst("dist/app.js", &squeezed), Some(Severity::Medium));
        assert_eq!(worst("settings.json", &squeezed), Some(own), "settings on one line are somebody's own");
        assert_eq!(worst("src/a.js", &shaped), Some(Severity::Critical));
    }

    /// A key as its vendor draws them.
    fn key(n: u32) -> String {
        let mut state = n.wrapping_mul(2_654_435_761).wrapping_add(97);
        let letters = (0..93).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(state >> 16) as usize % 62])
        });
        format!("{}-{}AA", ["sk", "ant", "api03"].join("-"), letters.collect::<String>())
    }

    #[test]
    fn an_id_tells_nothing_of_a_value_that_could_be_guessed() {
        let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"guessing");
        let ids = |path: &str, line: &str| {
            let text = format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,1 @@\n+{line}\n");
            let change =
                parse(format!("diff --git a/{path} b/{path}\nnew file mode 100644\n{text}").as_bytes()).unwrap();
            leaks(&change, &Bare, &redactor).into_iter().map(|found| found.id).collect::<Vec<_>>()
        };
        let named = |values: [&str; 2]| format!("password = \"{}\"; api_key = \"{}\";", values[0], values[1]);
        let (one, two) = (["kV9xQm2w", "Lr8Tz5"].concat(), ["Zq7nWc3y", "Hd5kRv"].concat());
        let both = ids("a.js", &named([&one, &two]));
        assert_eq!(both.len(), 2);
        assert_eq!(both, ids("a.js", &named([&two, &one])), "the place alone");
        assert!(ids("b.js", &named([&one, &two])).iter().all(|id| !both.contains(id)), "and no other");
        let shaped = |n: u32| format!("password = \"{}\";", key(n));
        assert_ne!(ids("a.js", &shaped(1)), ids("a.js", &shaped(2)), "nobody guesses such a key");
    }

    #[test]
    fn an_id_in_settings_is_that_of_one_place_among_them() {
        let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"settings");
        let id = |path: &str, text: &str, value: &str| {
            let lines: String = text.replace("VALUE", value).lines().map(|line| format!("+{line}\n")).collect();
            let head = format!("diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n");
            let patch = format!("{head}@@ -0,0 +1,{} @@\n{lines}", text.lines().count());
            let found = leaks(&parse(patch.as_bytes()).unwrap(), &Bare, &redactor);
            assert_eq!(found.len(), 1, "{path}: {text}");
            found[0].id.clone()
        };
        let (one, two) = (["kV9xQm2w", "Lr8Tz5"].concat(), ["Zq7nWc3y", "Hd5kRv"].concat());
        let yaml = "# first\ndev:\n  db:\n    user: me\n    password: \"VALUE\"\n";
        let toml = "[dev.db]\nuser = \"me\"\npassword = \"VALUE\"\n";
        let json = "{\n  \"dev\": {\n    \"password\": \"VALUE\"\n  }\n}\n";
        for (path, text) in [("c.yml", yaml), ("c.toml", toml), ("c.ini", toml), ("c.json", json)] {
            let accepted = id(path, text, &one);
            assert_eq!(accepted, id(path, &text.replace("user", "name"), &two), "{path}: the place alone");
            assert_ne!(accepted, id(path, &text.replace("dev", "prod"), &two), "{path}");
        }
        let more = yaml.replace("# first", "prod:\n  db:\n    user: you");
        assert_eq!(id("c.yml", yaml, &one), id("c.yml", &more, &one), "what else stands there");
        assert_ne!(id(".env", "DEV_PASSWORD=VALUE\n", &one), id(".env", "PROD_PASSWORD=VALUE\n", &one));
    }

    #[test]
    fn of_many_keys_in_one_message_each_is_told_by_its_line() {
        let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"messages");
        let text: String = (0..500).map(|n| format!("used\n{}\n", key(n))).collect();
        let found = said(&text, "the message", &redactor);
        let lines: Vec<_> = found.iter().map(|one| (one.line, one.end_line)).collect();
        assert_eq!(lines, (1..=500).map(|n| (2 * n, 2 * n)).collect::<Vec<_>>());
        let ids: HashSet<_> = found.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), 500);
    }

    #[test]
    fn many_secrets_in_one_file_are_told() {
        let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"thousand");
        let found = |path: &str, lines: &str| {
            let count = |marks: [char; 2]| lines.lines().filter(|line| line.starts_with(marks)).count();
            let (old, new) = (count([' ', '-']), count([' ', '+']));
            let head = format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n");
            leaks(&parse((head + lines).as_bytes()).unwrap(), &Bare, &redactor).len()
        };
        let squeezed = |n: u32| format!("+password=\"{}\";{}\n", &key(n)[20..34], "f(a,b);".repeat(45));
        let lines = "+\n".repeat(500_000) + &(0..6_000).map(squeezed).collect::<String>();
        assert_eq!(found("app.js", &lines), 6_000);
        // Keys whose borders were there before.
        let [begin, end] = ["BEGIN", "END"].map(|word| format!(" -----{word} RSA PRIVATE KEY-----\n"));
        let body = |n: u32| format!("{begin}+{}\n+{}\n{end}", &key(n)[14..78], &key(n + 50_000)[14..78]);
        assert_eq!(found("keys.txt", &(0..12_000).map(body).collect::<String>()), 12_000);
    }
}
