//! What people have looked at and accepted: a baseline that the command line names, and `.monster/ignore` from before
//! the change. Such findings are counted and not shown, and stand in SARIF as suppressed.

use std::collections::HashMap;
use std::path::Path;

use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents};
use crate::tasks::finding::Finding;
use crate::tasks::review::Report;
use crate::world::files;

/// Where a repository says what it accepts.
const IGNORE: &str = ".monster/ignore";
/// The class that is accepted by ids alone: paths would let through secrets that nobody has seen.
const SECRET: &str = "secret";
/// The largest such file (bytes).
const IGNORE_LIMIT: u64 = 1 << 20;
/// The largest baseline (bytes).
const BASELINE_LIMIT: u64 = 64 << 20;

/// A finding that somebody accepted.
#[derive(Debug, Clone)]
pub(super) struct Suppressed {
    pub finding: Finding,
    /// The line that says so, for people.
    pub by: String,
    /// Why, in the words of whoever accepted it.
    pub reason: String,
}

/// One line of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// The finding's id.
    pub id: String,
    /// Its class.
    pub class: String,
    /// Its file, as it was called then.
    pub path: String,
    /// Why it is accepted.
    pub reason: String,
    /// The day it was written, `2026-01-31`.
    pub date: String,
}

/// A baseline as it lies on disk.
///
/// # Errors
/// Exit 1 when it cannot be read or a line is none; exit 2 when there is none.
pub(super) fn baseline(path: &Path) -> Result<Vec<Row>, CommandError> {
    let shown = path.display();
    let bytes = files::read_bounded(path, BASELINE_LIMIT).map_err(|e| {
        let exit = if e.kind() == std::io::ErrorKind::NotFound { Exit::Usage } else { Exit::Failed };
        CommandError::new(exit, format!("the baseline {shown} cannot be read: {e}"))
            .hint(format!("write one with: monster review baseline write --file {shown}"))
    })?;
    rows(&bytes).map_err(|line| {
        CommandError::new(Exit::Failed, format!("line {line} of the baseline {shown} is no line of a baseline"))
            .hint(r#"every line is {"id":…,"class":…,"path":…,"reason":…,"date":…}"#)
    })
}

/// The lines, or the number of the first that is none.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, usize> {
    let lines = bytes.split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    lines.map(|(n, line)| serde_json::from_slice(line).map_err(|_| n + 1)).collect()
}

/// The lines of a baseline as they are written.
pub(super) fn written(rows: &[Row]) -> String {
    let line = |row: &Row| serde_json::to_string(row).unwrap_or_default();
    rows.iter().map(|row| crate::ui::escaped(&line(row)) + "\n").collect()
}

/// What is accepted.
#[derive(Default)]
pub(super) struct Accepted {
    ignore: Vec<(String, Line)>,
    baseline: Vec<Row>,
    whose: String,
}

/// One line of `.monster/ignore`.
#[derive(Debug)]
struct Line {
    what: What,
    reason: String,
}

#[derive(Debug)]
enum What {
    Id(String),
    /// Paths, and a class; `None` = every class but [`SECRET`].
    Paths(GlobMatcher, Option<String>),
}

impl Accepted {
    /// What is accepted for this review: by the repository from before the change, and by the baseline named. A baseline
    /// that the change itself edits is read as it was before.
    ///
    /// # Errors
    /// As [`baseline`].
    pub(super) fn read(
        context: &Context,
        change: &ChangeSet,
        contents: &dyn Contents,
        named: Option<&Path>,
    ) -> Result<Self, CommandError> {
        let mut out = Self::default();
        for (n, line) in contents.base(IGNORE, IGNORE_LIMIT).map(|b| lines(&b)).unwrap_or_default() {
            match line {
                Ok(line) => out.ignore.push((format!("{IGNORE}:{n}"), line)),
                Err(why) => context.ui.warn(&format!("{IGNORE}:{n} {why}; it is not obeyed")),
            }
        }
        if change.files.iter().any(|f| f.path.as_str() == IGNORE) {
            context.ui.warn(&format!("this change edits {IGNORE}, which holds from the next change on"));
        }
        let Some(path) = named else { return Ok(out) };
        let path = &context.env.cwd().join(path);
        out.whose = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        out.baseline = match edited(context, change, path) {
            Some(inside) => {
                context.ui.warn(&format!("this change edits the baseline {inside}: it is read as it was before"));
                rows(&contents.base(&inside, BASELINE_LIMIT).unwrap_or_default()).unwrap_or_default()
            }
            None => baseline(path)?,
        };
        Ok(out)
    }

    /// Whether the baseline named can be read, before anything is paid for.
    ///
    /// # Errors
    /// As [`baseline`].
    pub(super) fn check(context: &Context, change: &ChangeSet, named: &Path) -> Result<(), CommandError> {
        let path = context.env.cwd().join(named);
        match edited(context, change, &path) {
            Some(_) => Ok(()),
            None => baseline(&path).map(drop),
        }
    }

    /// Takes what is accepted out of a review.
    pub(super) fn take(&self, report: &mut Report) -> Vec<Suppressed> {
        let mut out = Vec::new();
        // The last of each first, so that the first is at hand.
        let mut at_home: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
        let mut anywhere: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (n, row) in self.baseline.iter().enumerate().rev() {
            at_home.entry((&row.id, &row.class, &row.path)).or_default().push(n);
            anywhere.entry((&row.id, &row.class)).or_default().push(n);
        }
        // A line accepts one finding: first the one in its own file, then one that moved.
        let mut used = vec![false; self.baseline.len()];
        let mut taken: HashMap<usize, &Row> = HashMap::new();
        for same in [true, false] {
            for (n, finding) in report.findings.iter().enumerate() {
                let (id, class, file) = (finding.id.as_str(), finding.class.as_str(), finding.file.as_str());
                let rows = if same { at_home.get_mut(&(id, class, file)) } else { anywhere.get_mut(&(id, class)) };
                let Some(rows) = rows.filter(|_| !taken.contains_key(&n)) else { continue };
                while let Some(at) = rows.pop() {
                    let free = used.get_mut(at).is_some_and(|used| !std::mem::replace(used, true));
                    if let (true, Some(row)) = (free, self.baseline.get(at)) {
                        taken.insert(n, row);
                        break;
                    }
                }
            }
        }
        let mut n = 0;
        report.findings.retain(|finding| {
            let row = taken.get(&n).map(|row| (self.whose.clone(), row.reason.clone()));
            n += 1;
            let Some((by, reason)) = self.ignored(finding).or(row) else { return true };
            out.push(Suppressed { finding: finding.clone(), by, reason });
            false
        });
        out
    }

    /// A line of the repository's accepts it.
    pub(super) fn takes(&self, finding: &Finding) -> bool {
        self.ignored(finding).is_some()
    }

    fn ignored(&self, finding: &Finding) -> Option<(String, String)> {
        let fits = |line: &Line| match &line.what {
            What::Id(id) => *id == finding.id,
            What::Paths(glob, class) => {
                finding.class != SECRET
                    && class.as_ref().is_none_or(|class| *class == finding.class)
                    && glob.is_match(&finding.file)
            }
        };
        self.ignore.iter().find(|(_, line)| fits(line)).map(|(by, line)| (by.clone(), line.reason.clone()))
    }
}

/// The name inside the repository of a file that the change touches.
fn edited(context: &Context, change: &ChangeSet, path: &Path) -> Option<String> {
    let root = context.repo().ok()?.root()?;
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let inside = real.strip_prefix(root.canonicalize().ok()?).ok()?.to_string_lossy().replace('\\', "/");
    change.files.iter().any(|f| f.path.as_str() == inside).then_some(inside)
}

/// The lines that say something, each with its number.
fn lines(bytes: &[u8]) -> Vec<(usize, Result<Line, &'static str>)> {
    // Some editors put a mark of the encoding before everything else.
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let said = |(n, line): (usize, &str)| {
        let line = line.trim();
        (!line.is_empty() && !line.starts_with('#')).then(|| (n + 1, Line::parse(line)))
    };
    text.lines().enumerate().filter_map(said).collect()
}

impl Line {
    /// `ID REASON`, or `GLOB CLASS REASON` with `*` for every class but secrets.
    fn parse(line: &str) -> Result<Self, &'static str> {
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let told = |reason: &str| {
            let reason = reason.trim().trim_start_matches("--").trim_start();
            if reason.is_empty() { Err("gives no reason") } else { Ok(reason.to_owned()) }
        };
        if first.len() == 10 && first.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Ok(Self { what: What::Id(first.to_owned()), reason: told(rest)? });
        }
        // Nobody calls a file so, and means all its classes but "*".
        let hex = first.bytes().all(|b| b.is_ascii_hexdigit()) && first.bytes().any(|b| b.is_ascii_digit());
        if hex && (6..=40).contains(&first.len()) && rest.split_whitespace().next() != Some("*") {
            return Err("begins like an id and names none: an id has ten digits and small letters from a to f");
        }
        let (class, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        if class.is_empty() {
            return Err("names neither an id nor a class");
        }
        if class == SECRET {
            return Err("names secrets by paths, and each is accepted by its own id alone: write \"ID REASON\"");
        }
        let glob = Glob::new(first).map_err(|_| "names no id and no paths")?.compile_matcher();
        let class = Some(class.to_owned()).filter(|class| class != "*");
        Ok(Self { what: What::Paths(glob, class), reason: told(rest)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::finding::{Severity, Side, Source, Verification};

    fn finding(id: &str, file: &str, class: &str) -> Finding {
        Finding {
            id: id.to_owned(),
            file: file.to_owned(),
            line: 1,
            end_line: 1,
            side: Side::New,
            severity: Severity::High,
            confidence: 0.9,
            class: class.to_owned(),
            title: "A title".to_owned(),
            why: String::new(),
            suggestion: None,
            source: Source::Static,
            verification: Verification::Confirmed,
            rule: None,
        }
    }

    fn row(id: &str, path: &str) -> Row {
        let own = str::to_owned;
        Row { id: own(id), class: own("unwrap"), path: own(path), reason: own("old"), date: own("2026-01-31") }
    }

    #[test]
    fn a_line_of_a_baseline_accepts_one_finding_and_follows_it_when_its_file_moves() {
        let accepted = Accepted { baseline: vec![row("a", "one.rs"), row("a", "two.rs")], ..Accepted::default() };
        let found = ["two.rs", "three.rs", "four.rs"].map(|file| finding("a", file, "unwrap"));
        let mut report = Report { findings: found.to_vec(), ..Report::default() };
        let taken = accepted.take(&mut report);
        let files = |of: &[Finding]| of.iter().map(|f| f.file.clone()).collect::<Vec<_>>();
        assert_eq!(taken.iter().map(|s| s.finding.file.as_str()).collect::<Vec<_>>(), ["two.rs", "three.rs"]);
        assert_eq!(files(&report.findings), ["four.rs"], "two lines accept two findings and no third");
        let mut other = Report { findings: vec![finding("a", "one.rs", "secret")], ..Report::default() };
        assert!(accepted.take(&mut other).is_empty(), "another class is another finding");
    }

    #[test]
    fn a_baseline_reads_back_as_it_was_written_and_a_broken_line_is_named() {
        let rows_in = vec![row("a", "one\u{7f}.rs"), row("b", "two.rs")];
        assert_eq!(rows(written(&rows_in).as_bytes()), Ok(rows_in));
        assert_eq!(rows(b"\n{\"id\":1}\n"), Err(2));
    }

    #[test]
    fn a_repository_accepts_by_id_or_by_paths_and_class_and_always_gives_a_reason() {
        let text = "# Accepted\n\n0123456789 looked at by Ada\ntests/** unwrap tests may stop\ngen/** * not ours\nsrc/** unwrap\nabcdef0123\nsrc/[ unwrap because\nsrc/**\n012345678A by Ada\n01234567 by Ada\n** secret made up\n";
        let read = lines(text.as_bytes());
        let marked = lines(b"\xef\xbb\xbf0123456789 behind a byte order mark\n");
        assert!(matches!(&marked[..], [(1, Ok(Line { what: What::Id(id), .. }))] if id == "0123456789"), "{marked:?}");
        let wrong: Vec<_> = read.iter().filter_map(|(n, line)| Some((*n, *line.as_ref().err()?))).collect();
        assert_eq!(
            wrong,
            [
                (6, "gives no reason"),
                (7, "gives no reason"),
                (8, "names no id and no paths"),
                (9, "names neither an id nor a class"),
                (10, "begins like an id and names none: an id has ten digits and small letters from a to f"),
                (11, "begins like an id and names none: an id has ten digits and small letters from a to f"),
                (12, "names secrets by paths, and each is accepted by its own id alone: write \"ID REASON\"")
            ]
        );
        let good = read.into_iter().filter_map(|(n, line)| Some((n.to_string(), line.ok()?))).collect();
        let accepted = Accepted { ignore: good, ..Accepted::default() };
        let by = |f: &Finding| accepted.ignored(f).map(|(by, reason)| format!("{by} {reason}"));
        assert_eq!(by(&finding("0123456789", "a.rs", "x")).as_deref(), Some("3 looked at by Ada"));
        assert_eq!(by(&finding("1", "tests/deep/a.rs", "unwrap")).as_deref(), Some("4 tests may stop"));
        assert_eq!(by(&finding("1", "tests/a.rs", "secret")), None);
        assert_eq!(by(&finding("1", "gen/a.rs", "unwrap")).as_deref(), Some("5 not ours"));
        assert_eq!(by(&finding("1", "gen/a.rs", "secret")), None, "paths accept no secret");
        assert_eq!(by(&finding("0123456789", "gen/a.rs", "secret")).as_deref(), Some("3 looked at by Ada"));
    }
}
