//! Dependencies: what was asked for in a manifest, and what a lock file's thousands of lines mean.

use super::{Verdict, plain};
use crate::git::{Contents, FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::{LIMIT, PackageChange, changes};
use crate::tasks::offline::review::asked_for;

/// Longer names are told by their beginning (characters).
const NAME: usize = 32;
/// Longer lines of a body likewise: no version has more to say.
const LINE: usize = 72;
/// Most packages that a body lists.
const LISTED: usize = 12;

/// Types that a habit of history may give a change of locked versions. It adds nothing that a user could see, so it is
/// never a feature, whatever commits of these files were called before.
pub(super) const TYPES: [&str; 5] = ["build", "chore", "deps", "fix", "ci"];

/// What happened to a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    name: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Added(Option<String>),
    Removed(Option<String>),
    Bumped(String, String),
    /// Something else about it.
    Changed,
}

impl What {
    const fn verb(&self) -> &'static str {
        match self {
            Self::Added(_) => "add",
            Self::Removed(_) => "remove",
            Self::Bumped(..) => "bump",
            Self::Changed => "update",
        }
    }
}

impl Step {
    fn locked(change: PackageChange) -> Self {
        let what = match (change.from, change.to) {
            (None, None) => What::Changed,
            (None, to) => What::Added(to),
            (from, None) => What::Removed(from),
            (Some(from), Some(to)) => What::Bumped(from, to),
        };
        Self { name: change.name, what }
    }

    /// The name as far as it fits into a subject.
    fn name(&self) -> String {
        if self.name.chars().count() <= NAME {
            return self.name.clone();
        }
        self.name.chars().take(NAME).chain(['…']).collect()
    }

    fn words(&self) -> String {
        let (verb, name) = (self.what.verb(), self.name());
        match &self.what {
            What::Added(Some(version)) | What::Removed(Some(version)) => format!("{verb} {name} {version}"),
            What::Bumped(from, to) => format!("{verb} {name} {from} → {to}"),
            What::Added(None) | What::Removed(None) | What::Changed => format!("{verb} {name}"),
        }
    }
}

/// Only lock files, lock files with their manifests, or manifests in which nothing but dependencies changed.
pub(super) fn decide(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    if classes.is_empty() || !classes.iter().all(|c| matches!(c, Class::Lock | Class::Manifest)) {
        return None;
    }
    let of = |class: Class| files.iter().zip(classes).filter(move |(_, c)| **c == class).map(|(f, _)| *f);
    let wanted = sorted(of(Class::Manifest).flat_map(|file| wanted(file, contents)).collect());
    if !classes.contains(&Class::Lock) {
        let all = !wanted.is_empty() && files.iter().all(|file| explained(file, &wanted));
        return all.then(|| verdict("manifest", words(&wanted, true), &wanted));
    }
    let locks: Vec<&FileChange> = of(Class::Lock).collect();
    if let (false, Some(verb)) = (classes.contains(&Class::Manifest), whole(&locks)) {
        return Some(verdict("lock", format!("{verb} {}", files_named(&locks)), &[]));
    }
    // What was asked for says it; what comes along with it is the lock file's to know.
    let told =
        if wanted.is_empty() { sorted(of(Class::Lock).flat_map(|f| locked(f, contents)).collect()) } else { wanted };
    Some(verdict("lock", words(&told, classes.contains(&Class::Manifest)), &told))
}

/// Lock files that come or go themselves: the project asks for the same packages as before.
fn whole(locks: &[&FileChange]) -> Option<&'static str> {
    let all = |status: Status| locks.iter().all(|file| file.status == status);
    if all(Status::Deleted) { Some("remove") } else { all(Status::Added).then_some("add") }
}

fn files_named(files: &[&FileChange]) -> String {
    match files {
        [one] => plain(one.path.file_name()),
        [a, b] if a.path.file_name() != b.path.file_name() => {
            format!("{} and {}", plain(a.path.file_name()), plain(b.path.file_name()))
        }
        all => format!("{} lock files", all.len()),
    }
}

fn verdict(rule: &'static str, text: String, steps: &[Step]) -> Verdict {
    Verdict { rule, type_: Some("build"), text, soft: true, body: listed(steps) }
}

fn sorted(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort();
    steps.dedup();
    steps
}

/// What a lock file locks otherwise.
fn locked(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let text = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
    let (before, after) = (text(contents.before(file, LIMIT)), text(contents.after(file, LIMIT)));
    if before.is_none() && after.is_none() {
        return Vec::new();
    }
    let all = changes(file.path.file_name(), before.as_deref(), after.as_deref()).unwrap_or_default();
    all.into_iter().map(Step::locked).collect()
}

/// What a manifest asks for otherwise.
fn wanted(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let Some((before, after)) = asked_for(file, contents) else { return Vec::new() };
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name, What::Removed(None)));
    let come = after.iter().filter_map(|(name, wish)| {
        let what = match before.get(name) {
            None => What::Added(None),
            Some(old) if old == wish => return None,
            Some(old) => match (version(old), version(wish)) {
                (Some(from), Some(to)) if from != to => What::Bumped(from.to_owned(), to.to_owned()),
                _ => What::Changed,
            },
        };
        Some((name, what))
    });
    gone.chain(come).map(|(name, what)| Step { name: name.clone(), what }).collect()
}

/// The version in a requirement such as `"^1.0"`, or in a table of them.
fn version(wish: &str) -> Option<&str> {
    let own = match wish.split_once("version = \"") {
        Some((_, rest)) => rest.split('"').next()?,
        None => wish,
    };
    let bare =
        own.trim().trim_matches(['"', '\'', '(', ')']).trim_start_matches(['^', '~', '>', '<', '=', '!', 'v', ' ']);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    (bare.starts_with(|c: char| c.is_ascii_digit()) && bare.chars().all(plain)).then_some(bare)
}

/// Every line that changed is about one of these packages, or holds them together.
fn explained(file: &FileChange, steps: &[Step]) -> bool {
    let side = |kind: LineKind| -> Vec<&str> {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
        // The last of a list gets its comma when another one follows.
        lines.map(|line| line.text.trim().trim_end_matches(',')).filter(|line| !line.is_empty()).collect()
    };
    let (gone, come) = (side(LineKind::Removed), side(LineKind::Added));
    let frame = |line: &str| line.starts_with('[') || line.ends_with(['{', '(', '[']) || line.ends_with("{}");
    let about = |line: &str| {
        // What comes along is Go's own line.
        let bare = line.chars().all(|c| "{}[]()".contains(c)) || line.ends_with("// indirect");
        bare || frame(line) || steps.iter().any(|step| line.contains(&step.name))
    };
    !file.hunks.is_empty()
        && gone.iter().filter(|line| !come.contains(*line)).all(|line| about(line))
        && come.iter().filter(|line| !gone.contains(*line)).all(|line| about(line))
}

fn more(count: usize) -> String {
    format!("{count} more package{}", if count == 1 { "" } else { "s" })
}

fn words(steps: &[Step], with_manifest: bool) -> String {
    match steps {
        [] if with_manifest => return "update dependencies".to_owned(),
        [] => return "refresh the lock file".to_owned(),
        [one] => return one.words(),
        _ => {}
    }
    // What comes or goes is what a reader asks for first.
    let first = ["add", "remove", "bump"].into_iter().find_map(|verb| steps.iter().find(|s| s.what.verb() == verb));
    let Some(first) = first.or(steps.first()) else { return String::new() };
    let (verb, others) = (first.what.verb(), steps.len() - 1);
    if !steps.iter().all(|step| step.what.verb() == verb) {
        return format!("{verb} {} and change {}", first.name(), more(others));
    }
    match steps {
        [a, b] => format!("{verb} {} and {}", a.name(), b.name()),
        _ => format!("{verb} {} and {}", first.name(), more(others)),
    }
}

/// All of them, where the subject does not name them all.
fn listed(steps: &[Step]) -> Option<String> {
    let named = match steps {
        [] | [_] => true,
        [a, b] => a.what.verb() == b.what.verb(),
        _ => false,
    };
    let line = |step: &Step| format!("- {}", plain(&step.words()).chars().take(LINE).collect::<String>());
    let mut lines: Vec<String> = steps.iter().take(LISTED).map(line).collect();
    if steps.len() > LISTED {
        lines.push(format!("- and {}", more(steps.len() - LISTED)));
    }
    (!named).then(|| lines.join("\n"))
}
