//! A review by rule: what can be said for certain about added lines and changed files. Precision over recall:
//! a clean change gives no finding at all.

mod api;
pub mod classes;
mod excuse;
mod exports;
mod files;
mod hidden;
pub mod keys;
mod lines;
mod manifest;
mod migration;
mod own;
mod remark;
mod silence;
mod statement;
mod syntax;
mod table;
mod together;
mod wanted;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

pub(in crate::tasks::offline) use manifest::asked_for;
pub(in crate::tasks) use silence::{marked, silenced};

use super::Places;
use super::classify::{Class, classify};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Path};
use crate::tasks::finding::{Finding, Severity, Side, Source, Verification, identify};
use classes::Row;

/// A pattern that is made once.
macro_rules! once {
    ($pattern:expr) => {{
        static COMPILED: std::sync::OnceLock<Option<regex::Regex>> = std::sync::OnceLock::new();
        COMPILED.get_or_init(|| regex::Regex::new($pattern).ok()).as_ref()
    }};
}
use once;

/// Characters of a title, at most.
const TITLE: usize = 80;

/// A finding with the text its id is made of.
struct Found {
    finding: Finding,
    anchor: String,
}

impl Found {
    /// With words of its own instead of the class's.
    fn saying(mut self, title: &str, why: &str) -> Self {
        // Names of files can be longer than a title may be; half a name may be half a secret, which nothing masks any more.
        let cut = title.char_indices().nth(TITLE).and_then(|(end, _)| title.get(..end));
        let whole = cut.map(|cut| {
            let words = cut.rsplit_once([' ', '/']).map(|(words, _)| words).filter(|words| !words.is_empty())?;
            Some(format!("{words}…"))
        });
        // Where a title begins with such a name, that of the class says it.
        if let Some(title) = whole.unwrap_or_else(|| Some(title.to_owned())) {
            self.finding.title = title;
        }
        why.clone_into(&mut self.finding.why);
        self
    }

    /// With a title of its own.
    fn titled(self, title: &str) -> Self {
        let why = self.finding.why.clone();
        self.saying(title, &why)
    }
}

/// A changed file and what every rule asks of it.
struct Looked<'a> {
    file: &'a FileChange,
    class: Class,
    extension: String,
}

/// The change, and the files around it. What lies around is listed when a rule first asks for it.
struct Around<'a> {
    files: Vec<Looked<'a>>,
    contents: &'a dyn Contents,
    tracked: OnceCell<Vec<Path>>,
    names: OnceCell<HashSet<String>>,
}

impl<'a> Around<'a> {
    fn new(change: &'a ChangeSet, beside: &'a ChangeSet, contents: &'a dyn Contents) -> Self {
        let look = |file: &'a FileChange| Looked { file, class: classify(file), extension: file.path.extension() };
        let files = change.files.iter().chain(&beside.files).map(look).collect();
        Self { files, contents, tracked: OnceCell::new(), names: OnceCell::new() }
    }

    /// Every path on the new side; empty when it is not known.
    fn tracked(&self) -> &[Path] {
        self.tracked.get_or_init(|| self.contents.tracked())
    }

    /// Whether this path stands on the new side.
    fn stands(&self, path: &str) -> bool {
        self.names.get_or_init(|| self.tracked().iter().map(|p| p.as_str().to_owned()).collect()).contains(path)
    }
}

/// Every finding, in the order of files and lines.
#[must_use]
pub fn review(change: &ChangeSet, contents: &dyn Contents) -> Vec<Finding> {
    counted(change, &ChangeSet::default(), contents).0
}

/// The same, and the findings that a mark beside them silences, which get no id. Of the files `beside` nothing is told, but what is
/// said of several files knows of them.
pub(in crate::tasks) fn counted(
    change: &ChangeSet,
    beside: &ChangeSet,
    contents: &dyn Contents,
) -> (Vec<Finding>, Vec<Finding>) {
    let around = Around::new(change, beside, contents);
    let mut out = Vec::new();
    let mut lines = lines::Lines::default();
    for it in around.files.iter().take(change.files.len()) {
        lines.check(it, contents, &mut out);
        files::check(it, &around, &mut out);
        syntax::check(it, contents, &mut out);
    }
    together::check(&around, &mut out);
    manifest::check(&around, &mut out);
    api::check(&around, &mut out);
    moved(&mut out, &[change, beside]);
    if out.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let files: HashMap<&str, &FileChange> = change.files.iter().map(|f| (f.path.as_str(), f)).collect();
    out.retain(|f| files.contains_key(f.finding.file.as_str()));
    let found: HashSet<&str> = out.iter().map(|f| f.finding.file.as_str()).collect();
    let places: HashMap<String, Places<'_>> =
        found.into_iter().filter_map(|name| Some((name.to_owned(), Places::new(files.get(name)?)))).collect();
    let (hushed, mut out): (Vec<Found>, Vec<Found>) =
        out.into_iter().partition(|f| places.get(&f.finding.file).is_some_and(|places| silenced(places, &f.finding)));
    let hushed = hushed.into_iter().map(|found| found.finding).collect();
    out.sort_by(|a, b| (&a.finding.file, a.finding.line).cmp(&(&b.finding.file, b.finding.line)));
    (named(out, &places), hushed)
}

/// Takes out lines that were only moved or indented in another way: as many as the change takes away. What is more than
/// untidy must have stood in the same file.
fn moved(out: &mut Vec<Found>, changes: &[&ChangeSet]) {
    let of_line = |f: &Found| f.finding.line > 0 && table::rules().iter().any(|r| r.class.name == f.finding.class);
    let wanted: HashSet<String> = out.iter().filter(|f| of_line(f)).map(|f| f.anchor.trim().to_owned()).collect();
    if wanted.is_empty() {
        return;
    }
    let mut gone: HashMap<&str, Vec<&str>> = HashMap::new();
    for file in changes.iter().flat_map(|change| &change.files) {
        for text in file.removed_lines().map(|line| line.text.trim()).filter(|text| wanted.contains(*text)) {
            gone.entry(text).or_default().push(file.path.as_str());
        }
    }
    out.retain(|f| {
        let Some(files) = gone.get_mut(f.anchor.trim()).filter(|_| of_line(f)) else { return true };
        let own = files.iter().position(|file| *file == f.finding.file);
        let other = || (f.finding.severity == Severity::Low && !files.is_empty()).then_some(0);
        own.or_else(other).map(|at| files.swap_remove(at)).is_none()
    });
}

/// Gives each finding its id: lines that look the same in the same function are told apart by their order.
fn named(found: Vec<Found>, places: &HashMap<String, Places<'_>>) -> Vec<Finding> {
    let mut seen: HashMap<(String, String, String), usize> = HashMap::new();
    found
        .into_iter()
        .map(|Found { mut finding, anchor }| {
            let symbol = match places.get(&finding.file) {
                // The whole file is meant: its name is the place.
                _ if finding.line == 0 => finding.file.clone(),
                Some(places) => places.around(finding.line).unwrap_or_default().to_owned(),
                None => String::new(),
            };
            let anchor: String = anchor.split_whitespace().collect();
            let ordinal = seen.entry((finding.class.clone(), anchor.clone(), symbol.clone())).or_default();
            finding.id = identify(&finding.class, &anchor, &symbol, *ordinal);
            *ordinal += 1;
            finding
        })
        .collect()
}

/// Staged conflict markers: path and line of each.
#[must_use]
pub fn conflict_markers(change: &ChangeSet) -> Vec<(Path, u32)> {
    let of = |file| lines::conflicts(file, classify(file)).into_iter().map(|line| (file.path.clone(), line));
    change.files.iter().flat_map(of).collect()
}

/// Names of the classes that are looked for in statements over several lines, and how many lines these may have.
#[must_use]
pub fn joined() -> (Vec<&'static str>, usize) {
    (statement::CLASSES.iter().map(|row| row.name).collect(), statement::LINES)
}

/// Extensions or names of the files in which rules about lines look for a class, in order; empty for every file, and for
/// classes that no rule about lines gives.
#[must_use]
pub fn extensions(class: &Row) -> Vec<&'static str> {
    let of = || table::rules().iter().filter(|rule| rule.class == *class);
    if of().any(|rule| rule.extensions.is_empty()) {
        return Vec::new();
    }
    let mut out: Vec<&str> = of().flat_map(|rule| rule.extensions).copied().collect();
    out.retain(|e| !e.is_empty());
    out.sort_unstable();
    out.dedup();
    out
}

/// A finding on an added line; `line` 0 means the whole file. `anchor` is what its id is made of.
fn finding(file: &FileChange, line: u32, anchor: &str, class: Row) -> Found {
    let finding = Finding {
        id: String::new(),
        file: file.path.as_str().to_owned(),
        line,
        end_line: line,
        side: Side::New,
        severity: class.severity,
        confidence: 0.95,
        class: class.name.to_owned(),
        title: class.title.to_owned(),
        why: class.why.to_owned(),
        suggestion: None,
        source: Source::Static,
        verification: Verification::Confirmed,
        rule: None,
    };
    Found { finding, anchor: anchor.to_owned() }
}

/// Written by people: only there do rules about code make sense.
fn by_hand(file: &FileChange, class: Class) -> bool {
    matches!(file.kind, FileKind::Text)
        && !matches!(class, Class::Generated | Class::Vendored | Class::Lock | Class::Minified | Class::Asset)
}

/// A file of this name in the same folder.
fn beside(path: &Path, name: &str) -> String {
    path.as_str().rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
}
