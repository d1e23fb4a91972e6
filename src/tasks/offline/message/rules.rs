//! Which kind of change this is: the rules in order, the surest first.

use super::names::{common_folder, each, name, short, verb};
use super::told::{deed, moved, told};
use super::{Hidden, Hints, Verdict, deps, evidence, pins, release, source};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Status};
use crate::tasks::offline::Apart;
use crate::tasks::offline::classify::{Class, by_path, is_data, serves_tests};
use crate::tasks::offline::symbol::touched;

pub(super) fn decide(
    change: &ChangeSet,
    told: &Apart<'_>,
    contents: &dyn Contents,
    hints: &Hints,
    hidden: Hidden<'_>,
) -> Verdict {
    let files: Vec<&FileChange> = told.change.files.iter().collect();
    let classes = told.classes.as_slice();
    undone(hints)
        .or_else(|| revert(hints))
        .or_else(|| initial(&change.files, contents))
        .or_else(|| submodules(&files))
        .or_else(|| renames(&files, classes))
        .or_else(|| modes(&files))
        .or_else(|| blank(&files))
        .or_else(|| documented(&files, classes))
        .or_else(|| release::decide(&files, classes, contents))
        .or_else(|| pins::decide(&files, classes))
        .or_else(|| deps::decide(&files, classes, contents, hidden))
        .or_else(|| one_class(&files, classes))
        .or_else(|| deleted(&files, classes, contents))
        .unwrap_or_else(|| source::decide(&files, classes))
}

fn firm(rule: &'static str, type_: &'static str, texts: Vec<String>) -> Verdict {
    Verdict { rule, type_: Some(type_), texts, soft: false, body: None, packages: Vec::new(), whole: Vec::new() }
}

fn soft(rule: &'static str, type_: &'static str, texts: Vec<String>) -> Verdict {
    Verdict { soft: true, ..firm(rule, type_, texts) }
}

/// The change is the inverse of a commit.
fn undone(hints: &Hints) -> Option<Verdict> {
    let undone = hints.undone.as_ref()?;
    let body = Some(format!("This reverts commit {}.", undone.id));
    Some(Verdict { body, ..firm("revert", "revert", vec![undone.subject.trim_end_matches('.').to_owned()]) })
}

fn revert(hints: &Hints) -> Option<Verdict> {
    let branch = hints.branch.as_deref()?;
    // A forge names it after a request; `revert-button` may be about a button.
    let numbered = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit());
    let about = branch.strip_prefix("revert-").filter(numbered).or_else(|| branch.strip_prefix("revert/"))?;
    let about = about.trim_start_matches(|c: char| c.is_ascii_digit()).replace(['-', '_', '/'], " ");
    let about = about.trim();
    Some(firm("revert", "revert", vec![if about.is_empty() { "take back changes" } else { about }.to_owned()]))
}

/// Nothing but new files, and nothing else is tracked.
fn initial(files: &[FileChange], contents: &dyn Contents) -> Option<Verdict> {
    let new = files.len() > 1 && files.iter().all(|f| f.status == Status::Added);
    (new && contents.tracked().len() == files.len())
        .then(|| soft("initial", "chore", vec!["initial commit".to_owned()]))
}

fn submodules(files: &[&FileChange]) -> Option<Verdict> {
    let all = !files.is_empty() && files.iter().all(|f| matches!(f.kind, FileKind::Submodule { .. }));
    let [one] = files else {
        return all.then(|| soft("submodule", "build", vec![format!("move {} submodules", files.len())]));
    };
    let FileKind::Submodule { from, to, subjects } = &one.kind else { return None };
    let said = |path: &str| match (from, to) {
        (None, _) => format!("add submodule {path}"),
        (_, None) => format!("remove submodule {path}"),
        // On another branch it is neither ahead nor back.
        _ if one.commits.is_some_and(|(come, go)| come > 0 && go > 0) => format!("move {path} to another commit"),
        _ if one.commits.is_some_and(|(come, go)| (come > 0) != (go > 0)) => {
            let (come, go) = one.commits.unwrap_or_default();
            let (many, way) = if come > 0 { (come, "ahead") } else { (go, "back") };
            format!("move {path} {many} commit{} {way}", if many == 1 { "" } else { "s" })
        }
        _ if subjects.is_empty() => format!("move {path} to another commit"),
        _ if subjects.len() == 1 => format!("move {path} 1 commit ahead"),
        _ => format!("move {path} {} commits ahead", subjects.len()),
    };
    Some(soft("submodule", "build", [one.path.as_str(), one.path.file_name(), "a submodule"].map(said).to_vec()))
}

fn renames(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    let pure = |f: &&FileChange| f.status == Status::Renamed && f.added + f.removed == 0;
    if files.is_empty() || !files.iter().all(pure) {
        return None;
    }
    let all = |class: Class| classes.iter().all(|c| *c == class);
    let type_ = if all(Class::Docs) {
        "docs"
    } else if all(Class::Test) {
        "test"
    } else {
        "refactor"
    };
    Some(soft("rename", type_, moved(files)))
}

fn modes(files: &[&FileChange]) -> Option<Verdict> {
    if files.is_empty() || !files.iter().all(|f| f.mode_only()) {
        return None;
    }
    let executable = files.iter().all(|f| f.new_mode.is_some_and(|m| m & 0o111 != 0));
    let word = if executable { "executable" } else { "not executable" };
    Some(soft("mode", "chore", each(files, |name| format!("mark {name} {word}"))))
}

fn blank(files: &[&FileChange]) -> Option<Verdict> {
    if files.is_empty() {
        return None;
    }
    if files.iter().all(|f| f.eol_only) {
        return Some(firm("line-endings", "style", each(files, |name| format!("normalise line endings of {name}"))));
    }
    files
        .iter()
        .all(|f| f.whitespace_only)
        .then(|| firm("white-space", "style", each(files, |name| format!("reformat {name}"))))
}

/// Nothing of the source has changed but the comments that document it.
fn documented(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    let mut source = files.iter().zip(classes).filter(|(_, class)| **class == Class::Source).map(|(file, _)| *file);
    let others = classes.iter().all(|class| matches!(class, Class::Source | Class::Docs));
    let whole = |file: &FileChange| file.status != Status::Modified || file.old_mode != file.new_mode;
    if !others || !classes.contains(&Class::Source) || source.any(|file| whole(file) || !evidence::documents(file)) {
        return None;
    }
    let of = |wanted: Class| -> Vec<&FileChange> {
        files.iter().zip(classes).filter(|(_, class)| **class == wanted).map(|(file, _)| *file).collect()
    };
    let (source, beside) = (of(Class::Source), of(Class::Docs));
    let said = each(&source, |name| format!("update comments in {name}"));
    if beside.is_empty() {
        return Some(firm("comments", "docs", said));
    }
    // What is no source has no comments: it is told behind them.
    let both = said.iter().flat_map(|said| told(&beside).into_iter().map(move |more| format!("{said} and {more}")));
    Some(firm("comments", "docs", both.chain(told(files)).collect()))
}

/// All files of one kind that says the type.
fn one_class(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    let first = *classes.first()?;
    if classes.iter().any(|c| *c != first) {
        return mixed(files, classes);
    }
    Some(match first {
        Class::Docs => firm("docs", "docs", told(files)),
        Class::Test => firm("test", "test", of_tests(files)),
        Class::Ci => firm("ci", "ci", told(files)),
        Class::Generated | Class::Minified if deed(files) == "update" => {
            soft("generated", "chore", each(files, |name| format!("regenerate {name}")))
        }
        Class::Generated | Class::Minified => soft("generated", "chore", told(files)),
        Class::Vendored if matches!(deed(files), "add" | "remove" | "update") => {
            soft("vendored", "build", each(files, |name| format!("{} vendored {name}", verb(files))))
        }
        Class::Vendored => soft("vendored", "build", told(files)),
        Class::Asset => soft("asset", "chore", told(files)),
        Class::Config => soft("config", "chore", told(files)),
        Class::Manifest => soft("manifest", "build", told(files)),
        Class::Lock | Class::Source => return None,
    })
}

/// Nothing but source that goes, with its tests and documents. Dead code and a feature that is no more look alike: which
/// of the two it is, branch, history and a model may know better.
fn deleted(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    if files.is_empty() || !files.iter().all(|f| f.status == Status::Deleted) || !classes.contains(&Class::Source) {
        return None;
    }
    let source: Vec<&FileChange> =
        files.iter().zip(classes).filter(|(_, c)| **c == Class::Source).map(|(f, _)| *f).collect();
    let folder = common_folder(files);
    let inside = |path: &str| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let whole = files.len() > 1 && !folder.is_empty() && {
        let left = contents.tracked();
        !left.is_empty() && !left.iter().any(|path| inside(path.as_str()))
    };
    // Tests go along with the source; what else goes is counted with it.
    let along = classes.iter().all(|class| matches!(class, Class::Source | Class::Test));
    let own = if whole { Some(folder) } else { Some(name(&source)).filter(|_| along && source.len() <= 2) };
    Some(soft("delete", "refactor", own.map(|what| format!("remove {what}")).into_iter().chain(told(files)).collect()))
}

/// Documentation beside tests, tests beside their data, what a build server runs beside what is said of it: no source.
fn mixed(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    let only = |allowed: &[Class]| classes.iter().all(|c| allowed.contains(c));
    if only(&[Class::Test, Class::Generated, Class::Asset]) && classes.contains(&Class::Test) {
        return Some(firm("test", "test", of_tests(files)));
    }
    // What runs new tests goes along with them.
    let count = |of: Class| classes.iter().filter(|class| **class == of).count();
    if only(&[Class::Test, Class::Ci]) && count(Class::Test) > count(Class::Ci) {
        return Some(firm("test", "test", told(files)));
    }
    if only(&[Class::Ci, Class::Docs]) {
        return Some(firm("ci", "ci", told(files)));
    }
    // The settings of a site go along with more of its pages.
    let sited = || {
        let settings = files.iter().zip(classes).filter(|(_, class)| **class == Class::Config);
        count(Class::Docs) > count(Class::Config)
            && settings.into_iter().all(|(file, _)| file.path.folders().next() == Some("website"))
    };
    if only(&[Class::Docs, Class::Asset, Class::Config]) && sited() {
        return Some(firm("docs", "docs", told(files)));
    }
    (only(&[Class::Docs, Class::Asset]) && classes.contains(&Class::Docs)).then(|| firm("docs", "docs", told(files)))
}

/// By what they test, where all came, went or changed alike.
fn of_tests(files: &[&FileChange]) -> Vec<String> {
    let alike = matches!(deed(files), "add" | "remove" | "update");
    Some(tests(files)).filter(|_| alike).into_iter().chain(told(files)).collect()
}

/// `add pager tests` from `tests/pager.rs`, `src/pager_test.go`, `test_pager.py`, and from tests inside of `src/pager.rs`.
fn tests(files: &[&FileChange]) -> String {
    let inside = |file: &FileChange| by_path(&file.path) == Class::Source;
    let verb = verb_of_tests(files);
    let [one] = files else {
        let among = if files.iter().any(|file| inside(file)) { "tests in " } else { "" };
        return format!("{verb} {among}{}", name(files));
    };
    let file = short(one);
    let stem = file.rsplit('/').next().unwrap_or(&file).split('.').next().unwrap_or_default();
    // What a program said, kept to be compared with.
    if matches!(one.path.extension().as_str(), "err" | "out" | "snap" | "stderr" | "stdout") && !stem.is_empty() {
        return format!("{verb} the expected output of {stem}");
    }
    if is_data(&one.path) || serves_tests(one.path.file_name(), &one.path.extension()) {
        return format!("{verb} {file}");
    }
    let about = stem
        .trim_start_matches("test_")
        .trim_end_matches("_test")
        .trim_end_matches("_tests")
        .trim_end_matches("_spec")
        .trim_end_matches("Test")
        .trim_end_matches("Tests");
    if about.is_empty() || matches!(about, "tests" | "test" | "lib" | "mod" | "main" | "index" | "__init__") {
        format!("{verb} {}{file}", if inside(one) { "tests in " } else { "" })
    } else {
        format!("{verb} {about} tests")
    }
}

/// Of tests inside of a file that stays, whether they come or go.
fn verb_of_tests(files: &[&FileChange]) -> &'static str {
    let stays = |file: &&FileChange| file.status == Status::Modified && by_path(&file.path) == Class::Source;
    if !files.iter().all(stays) {
        return verb(files);
    }
    let all: Vec<_> = files.iter().map(|file| touched(file)).collect();
    let come = all.iter().any(|t| !t.added.is_empty());
    let go = all.iter().any(|t| !t.removed.is_empty());
    match (come, go, all.iter().all(|t| t.updated.is_empty())) {
        (true, false, true) => "add",
        (false, true, true) => "remove",
        _ => "update",
    }
}
