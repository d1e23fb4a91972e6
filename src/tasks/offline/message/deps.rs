//! Dependencies: what was asked for in a manifest, and what a lock file's thousands of lines mean.

use super::names::counted;
use super::{Verdict, plain};
use crate::git::{Contents, FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::{LIMIT, PackageChange, changes};
use crate::tasks::offline::review::asked_for;

/// A name that has room in no subject is told by so much of it (characters).
const NAME: usize = 32;
/// Two names that have room in a subject are no longer together (characters).
const BOTH: usize = 44;
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
    /// A version of a package that is locked in another one before and after.
    Beside(String),
    Without(String),
    Bumped(String, String),
    /// Something else about it.
    Changed,
}

impl What {
    const fn verb(&self) -> &'static str {
        match self {
            Self::Added(_) | Self::Beside(_) => "add",
            Self::Removed(_) | Self::Without(_) => "remove",
            Self::Bumped(..) => "bump",
            Self::Changed => "update",
        }
    }
}

impl Step {
    fn locked(change: PackageChange) -> Self {
        let what = match (change.from, change.to) {
            (None, None) => What::Changed,
            (None, Some(to)) if change.stays => What::Beside(to),
            (Some(from), None) if change.stays => What::Without(from),
            (None, to) => What::Added(to),
            (from, None) => What::Removed(from),
            (Some(from), Some(to)) => What::Bumped(from, to),
        };
        Self { name: change.name, what }
    }

    /// The same, with the version where the name alone would say that nothing is left of it.
    fn told(&self) -> String {
        match &self.what {
            What::Beside(version) | What::Without(version) => format!("{} {version}", self.name),
            _ => self.name.clone(),
        }
    }

    fn words(&self) -> String {
        self.worded(&self.name)
    }

    fn worded(&self, name: &str) -> String {
        let verb = self.what.verb();
        match &self.what {
            What::Added(Some(version))
            | What::Removed(Some(version))
            | What::Beside(version)
            | What::Without(version) => format!("{verb} {name} {version}"),
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
        return all.then(|| verdict("manifest", words(&wanted, true, false), &wanted));
    }
    let locks: Vec<&FileChange> = of(Class::Lock).collect();
    if let (false, Some(verb)) = (classes.contains(&Class::Manifest), whole(&locks)) {
        let said = [files_named(&locks), counted(locks.len())].map(|name| format!("{verb} {name}"));
        return Some(verdict("lock", said.to_vec(), &[]));
    }
    // What was asked for says it; what comes along with it is the lock file's to know.
    let alone = wanted.is_empty();
    let told = if alone { sorted(of(Class::Lock).flat_map(|f| locked(f, contents)).collect()) } else { wanted };
    Some(verdict("lock", words(&told, classes.contains(&Class::Manifest), alone), &told))
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

fn verdict(rule: &'static str, texts: Vec<String>, steps: &[Step]) -> Verdict {
    Verdict { rule, type_: Some("build"), texts, soft: true, body: listed(steps) }
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

/// What is said of them, the shortest last. What is asked for comes or goes first; of `locked` packages it is what they
/// were moved to that the commit is about, and what comes or goes with them a consequence.
fn words(steps: &[Step], with_manifest: bool, locked: bool) -> Vec<String> {
    match steps {
        [] if with_manifest => return vec!["update dependencies".to_owned()],
        [] => return vec!["refresh the lock file".to_owned()],
        [one] => {
            let verb = one.what.verb();
            // Nothing else names it: of a name that no subject holds, the beginning is told as one.
            let begin: String = one.name.chars().take(NAME).chain(['…']).collect();
            return vec![
                one.words(),
                format!("{verb} {}", one.told()),
                one.worded(&begin),
                format!("{verb} {begin}"),
                format!("{verb} a package"),
            ];
        }
        _ => {}
    }
    let rank = |step: &Step| match &step.what {
        What::Bumped(..) if locked => 0,
        What::Added(_) => 1,
        What::Removed(_) => 2,
        What::Beside(_) => 3,
        What::Without(_) => 4,
        What::Bumped(..) => 5,
        What::Changed => 6,
    };
    let Some(first) = steps.iter().min_by_key(|step| rank(step)) else { return Vec::new() };
    let (verb, others) = (first.what.verb(), steps.len() - 1);
    if !steps.iter().all(|step| step.what.verb() == verb) {
        let all = format!("change {} packages", steps.len());
        return vec![format!("{verb} {} and change {}", first.told(), more(others)), all];
    }
    let all = format!("{verb} {} packages", steps.len());
    match steps {
        [a, b] => {
            vec![format!("{verb} {} and {}", a.told(), b.told()), format!("{verb} {} and {}", a.told(), more(1)), all]
        }
        _ => vec![format!("{verb} {} and {}", first.told(), more(others)), all],
    }
}

/// All of them, where the subject does not name them all.
fn listed(steps: &[Step]) -> Option<String> {
    let named = match steps {
        [] | [_] => true,
        [a, b] => a.what.verb() == b.what.verb() && a.told().chars().count() + b.told().chars().count() <= BOTH,
        _ => false,
    };
    let line = |step: &Step| format!("- {}", plain(&step.words()).chars().take(LINE).collect::<String>());
    let mut lines: Vec<String> = steps.iter().take(LISTED).map(line).collect();
    if steps.len() > LISTED {
        lines.push(format!("- and {}", more(steps.len() - LISTED)));
    }
    (!named).then(|| lines.join("\n"))
}
