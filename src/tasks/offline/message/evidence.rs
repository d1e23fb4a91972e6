//! What kind of change a source change is, weighed: what files and lines look like, and what the paths were changed
//! for before. The weights were fitted on three public and own histories (benches/git/messages.py measures them).

use crate::git::{ChangeSet, FileChange, Line, LineKind, Prior, Status};
use crate::tasks::offline::classify::{Class, comment};
use crate::tasks::offline::symbol::defined;

/// A type is named when this much of all weight speaks for it.
const ENOUGH: f64 = 0.42;
/// How much what the paths were changed for before counts, beside the change itself.
const PRIOR: f64 = 0.71;
/// A prior of fewer commits is left to the folder above.
const FEW: u32 = 4;
/// Lines looked at in each file: what a change is about shows early.
const LINES: usize = 3_000;

/// One feature of a change, with its weight for each of [`TYPES`].
type Row = (fn(&Seen) -> bool, [f64; 7]);

/// Types that are weighed against each other.
const TYPES: [&str; 7] = ["feat", "fix", "refactor", "perf", "docs", "test", "chore"];
/// Types that are named on this evidence. A change of source that is documentation or a test is one in its files, and
/// rules say so; here they only speak against the others.
const NAMED: [&str; 5] = ["feat", "fix", "refactor", "perf", "chore"];

#[rustfmt::skip]
const ROWS: [Row; 29] = [
    (|_| true,                                      [-0.09,  0.49,  0.39,  0.19,  0.21, -0.07,  0.03]),
    (|s| s.new_file,                                [-0.13, -0.47,  0.18,  0.24,  0.28,  0.17, -0.17]),
    (|s| s.gone_file,                               [ 0.09, -0.32,  0.00,  0.09, -0.09,  0.15,  0.04]),
    (|s| s.defined.0 > s.defined.1,                 [ 0.21,  0.63,  0.31,  0.39, -0.64,  0.09, -0.21]),
    (|s| s.public.0 > s.public.1,                   [ 0.68,  0.07,  0.01,  0.08, -0.21, -0.13, -0.21]),
    (|s| s.defined.0 >= s.defined.1 + 3,            [ 0.29,  0.23, -0.07,  0.31, -0.21, -0.10, -0.08]),
    (|s| s.defined.1 > s.defined.0,                 [ 0.10, -0.22,  0.46,  0.04, -0.22, -0.18, -0.01]),
    (|s| s.defined.0 == s.defined.1 && s.defined.0 > 0, [-0.05, -0.23, 0.15, 0.27, -0.08, -0.28,  0.38]),
    (|s| s.tests,                                   [-0.09,  0.99, -0.20, -0.56, -0.47,  1.13, -0.24]),
    (|s| s.docs,                                    [ 0.60, -0.75, -0.29, -0.07,  0.94, -0.30,  0.07]),
    (|s| s.manifest,                                [ 0.15, -0.56, -0.21, -0.12, -0.37,  0.47,  0.43]),
    (|s| s.config,                                  [-0.09, -0.24, -0.13, -0.03,  0.08, -0.06,  0.32]),
    (|s| s.added > 3 * s.removed && s.added >= 20,  [ 1.03,  0.10, -0.49, -0.06,  0.37,  0.04, -0.38]),
    (|s| s.lines() <= 6,                            [-0.27,  0.01,  0.20, -0.37,  0.26,  0.11,  0.15]),
    (|s| s.lines() <= 20,                           [-0.14,  0.24, -0.01, -0.36,  0.06,  0.25,  0.15]),
    (|s| s.lines() > 200,                           [ 0.63, -0.56, -0.09,  0.14,  0.58, -0.33, -0.11]),
    (|s| s.files >= 6,                              [ 0.10, -0.09,  0.17, -0.13,  0.36,  0.02, -0.01]),
    (|s| s.removed > 2 * s.added + 3,               [-0.15, -0.26,  0.31, -0.10, -0.19,  0.06,  0.26]),
    (Seen::balanced,                                [-0.18, -0.53,  0.95,  0.05, -0.24, -0.31,  0.36]),
    (|s| s.trouble,                                 [ 0.03,  0.43,  0.07,  0.39, -0.48,  0.06,  0.10]),
    (|s| s.compares && s.added <= 40,               [-0.24,  0.68,  0.08,  0.46, -0.43,  0.05, -0.19]),
    (|s| s.comments,                                [-0.48, -0.84, -0.32, -0.13,  2.13, -0.32,  0.16]),
    (|s| s.speed,                                   [ 0.18,  0.05,  0.06,  0.16, -0.07, -0.24,  0.20]),
    (|s| s.moved,                                   [ 0.02, -0.15,  0.04, -0.03,  0.05,  0.14, -0.04]),
    (|s| s.imports,                                 [-0.06,  0.08, -0.05, -0.03, -0.07,  0.03,  0.03]),
    (|s| s.sideshow,                                [-0.39,  0.21,  0.04, -0.15, -0.05,  0.32, -0.03]),
    (|s| s.removed == 0 && s.added > 0,             [ 0.54, -0.17, -0.37, -0.29, -0.04,  0.67, -0.02]),
    (|s| s.new_test,                                [ 0.23, -0.19, -0.31,  0.07, -0.15,  0.74, -0.16]),
    (|s| s.files == 1,                              [-0.14,  0.29, -0.03, -0.18,  0.26,  0.05,  0.06]),
];

/// What is seen of a change. Counts are of the lines of its source files that are not blank.
#[derive(Debug, Default)]
struct Seen {
    files: usize,
    new_file: bool,
    gone_file: bool,
    moved: bool,
    tests: bool,
    new_test: bool,
    docs: bool,
    manifest: bool,
    config: bool,
    added: usize,
    removed: usize,
    /// Definitions added and removed, and those others can see.
    defined: (usize, usize),
    public: (usize, usize),
    trouble: bool,
    compares: bool,
    speed: bool,
    comments: bool,
    imports: bool,
    sideshow: bool,
}

impl Seen {
    const fn lines(&self) -> usize {
        self.added + self.removed
    }

    /// About as much came as went.
    const fn balanced(&self) -> bool {
        self.lines() > 20
            && self.removed > 0
            && self.added * 10 >= self.removed * 7
            && self.added * 10 <= self.removed * 14
    }
}

/// Types by how much speaks for them, the likeliest first, and the first of them where that is enough to name it.
pub(super) fn weigh(
    files: &[&FileChange],
    classes: &[Class],
    priors: &[Prior],
) -> (Vec<&'static str>, Option<&'static str>) {
    let source: Vec<&FileChange> =
        files.iter().zip(classes).filter(|(_, c)| **c == Class::Source).map(|(f, _)| *f).collect();
    if source.is_empty() {
        return (Vec::new(), None);
    }
    let seen = look(files, classes, &source);
    let weight = |n: usize| {
        let own: f64 = ROWS.iter().filter(|(holds, _)| holds(&seen)).map(|(_, weights)| weights[n]).sum();
        own + PRIOR * before(&source, priors, TYPES[n])
    };
    let weights: Vec<f64> = (0..TYPES.len()).map(weight).collect();
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = weights.iter().map(|w| (w - most).exp()).collect();
    let all: f64 = shares.iter().sum();
    let mut ranked: Vec<(f64, &'static str)> = shares.iter().map(|s| s / all).zip(TYPES).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What is told to readers beside the source is no upkeep, unless what it is built with changes too.
    if seen.docs && !seen.manifest && !seen.config {
        ranked.sort_by_key(|(_, type_)| *type_ == "chore");
    }
    let first = ranked.first().filter(|(share, t)| *share >= ENOUGH && NAMED.contains(t)).map(|(_, t)| *t);
    (ranked.into_iter().map(|(_, t)| t).collect(), first)
}

/// A type that is named on this evidence.
pub(super) fn named(type_: &str) -> bool {
    NAMED.contains(&type_)
}

/// Nothing of the source but its comments has changed, or all of it is there to show how something is used.
pub(super) fn told_only(change: &ChangeSet, classes: &[Class]) -> bool {
    let files: Vec<&FileChange> = change.files.iter().collect();
    let source: Vec<&FileChange> =
        files.iter().zip(classes).filter(|(_, c)| **c == Class::Source).map(|(f, _)| *f).collect();
    let seen = look(&files, classes, &source);
    seen.comments || seen.sideshow
}

/// How often these paths were changed for this, as the logarithm of a share that no lack of commits makes nothing.
fn before(source: &[&FileChange], priors: &[Prior], type_: &str) -> f64 {
    let of = |file: &FileChange| {
        let path = file.path.as_str();
        let near = priors.iter().filter(|p| p.count >= FEW && path.starts_with(&p.prefix)).map(|p| p.prefix.as_str());
        let near = near.max_by_key(|prefix| prefix.len());
        let here = || priors.iter().filter(|p| Some(p.prefix.as_str()) == near);
        let count = here().next().map_or(0.0, |p| f64::from(p.count));
        let own: f64 = here().filter(|p| p.type_ == type_).map(|p| p.share * f64::from(p.count)).sum();
        ((own + 0.5) / (count + 5.0)).ln()
    };
    let looked = source.iter().take(20);
    let n = u32::try_from(looked.len()).unwrap_or(1).max(1);
    looked.map(|file| of(file)).sum::<f64>() / f64::from(n)
}

fn look(files: &[&FileChange], classes: &[Class], source: &[&FileChange]) -> Seen {
    let has = |class: Class| classes.contains(&class);
    let side = ["example", "bench", "script"];
    let mut seen = Seen {
        files: source.len(),
        new_file: source.iter().any(|f| f.status == Status::Added && f.added > 0),
        gone_file: source.iter().any(|f| f.status == Status::Deleted),
        moved: source.iter().any(|f| f.status == Status::Renamed),
        tests: has(Class::Test),
        new_test: files.iter().zip(classes).any(|(f, c)| *c == Class::Test && f.status == Status::Added),
        docs: has(Class::Docs),
        manifest: has(Class::Manifest),
        config: has(Class::Config) || has(Class::Ci),
        sideshow: source.iter().all(|f| side.iter().any(|s| f.path.as_str().contains(s))),
        comments: true,
        imports: true,
        ..Seen::default()
    };
    for file in source {
        for line in file.added_lines().filter(|l| !l.text.trim().is_empty()).take(LINES) {
            seen.added += 1;
            let text = line.text.trim();
            count(&mut seen.defined.0, &mut seen.public.0, text);
            let comment = comment(text);
            seen.comments &= comment;
            seen.imports &= import(text);
            if !comment {
                seen.trouble = seen.trouble || words(text).any(|w| trouble(&w));
                seen.compares = seen.compares || compares(text);
                seen.speed = seen.speed || speed(text);
            }
        }
        for line in file.removed_lines().filter(|l| !l.text.trim().is_empty()).take(LINES) {
            seen.removed += 1;
            let text = line.text.trim();
            count(&mut seen.defined.1, &mut seen.public.1, text);
            seen.comments &= comment(text);
            seen.imports &= import(text);
        }
    }
    let any = seen.lines() > 0;
    seen.comments &= any;
    seen.imports &= any;
    seen
}

fn count(all: &mut usize, public: &mut usize, text: &str) {
    if defined(text).is_some() {
        *all += 1;
        *public += usize::from(["pub ", "export ", "public "].iter().any(|word| text.starts_with(word)));
    }
}

/// All that has changed in a file are comments that document: `///`, `//!`, `/** … */`.
pub(super) fn documents(file: &FileChange) -> bool {
    // `* 60` may be arithmetic; a comment's lines stand together.
    let star = |text: &str| text == "*" || ["* ", "*/", "/**", "/*!"].iter().any(|mark| text.starts_with(mark));
    let mut any = false;
    file.hunks.iter().all(|hunk| {
        hunk.lines.iter().enumerate().all(|(n, line)| {
            let text = line.text.trim();
            // What takes the place of a line is none beside it.
            let same = |other: &&Line| other.kind == LineKind::Context || other.kind == line.kind;
            let before = hunk.lines.get(..n).unwrap_or_default().iter().rev().find(same);
            let after = hunk.lines.get(n + 1..).unwrap_or_default().iter().find(same);
            let near = || [before, after].into_iter().flatten().any(|beside| star(beside.text.trim()));
            if line.kind == LineKind::Context || text.is_empty() {
                return true;
            }
            any = true;
            let whole = ["///", "//!", "/**", "/*!"].iter().any(|mark| text.starts_with(mark));
            (whole && !text.starts_with("////")) || (star(text) && near())
        })
    }) && any
}

fn import(text: &str) -> bool {
    const MARKS: [&str; 11] = [
        "use ",
        "import ",
        "from ",
        "mod ",
        "pub use ",
        "pub mod ",
        "export * ",
        "export {",
        "#include",
        "require",
        "}",
    ];
    text.starts_with('{') || MARKS.iter().any(|mark| text.starts_with(mark))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

/// Words of what can go wrong.
fn trouble(word: &str) -> bool {
    const WORDS: [&str; 29] = [
        "bounds",
        "catch",
        "empty",
        "ensure",
        "err",
        "error",
        "errors",
        "escape",
        "fail",
        "failed",
        "fails",
        "guard",
        "invalid",
        "is_empty",
        "is_none",
        "is_some",
        "leak",
        "lock",
        "missing",
        "nan",
        "none",
        "null",
        "overflow",
        "panic",
        "race",
        "retry",
        "throw",
        "timeout",
        "undefined",
    ];
    WORDS.contains(&word) || ["saturating", "checked_", "trim", "unwrap_or"].iter().any(|w| word.starts_with(w))
}

fn compares(text: &str) -> bool {
    ["==", "!=", "<=", ">=", "&&", "||", " < ", " > "].iter().any(|sign| text.contains(sign))
        || words(text).any(|w| matches!(w.as_str(), "if" | "else"))
}

fn speed(text: &str) -> bool {
    const PARTS: [&str; 9] =
        ["with_capacity", "cache", "memo", "alloc", "inline]", "reserve", "fast", "lazy", "parallel"];
    let lower = text.to_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || lower.contains("buffer") || lower.contains("batch")
}
