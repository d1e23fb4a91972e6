//! Source: which definitions were added, removed or changed. The type is history's and the author's to say.

use std::collections::HashSet;

use super::Verdict;
use super::names::{common_folder, named, once, short, within};
use super::told::{deed, moved, told};
use crate::git::{FileChange, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::symbol::{Touched, touched};

pub(super) fn decide(files: &[&FileChange], classes: &[Class]) -> Verdict {
    let of = |wanted: &dyn Fn(Class) -> bool| -> Vec<&FileChange> {
        files.iter().zip(classes).filter(|(_, class)| wanted(**class)).map(|(file, _)| *file).collect()
    };
    // Tests go along with the source, a lock file with its manifest; what else stands beside it is told behind it.
    let leading = of(&|class| class == Class::Source);
    let beside = of(&|class| !matches!(class, Class::Source | Class::Test | Class::Lock));
    let (leading, beside) = if leading.is_empty() { (files.to_vec(), Vec::new()) } else { (leading, beside) };
    let texts = match leading.as_slice() {
        [file] => one(file, &touched(file), &beside, files),
        many => several(many, &beside, files),
    };
    Verdict { rule: "source", type_: None, texts, soft: false, body: None, packages: Vec::new(), whole: Vec::new() }
}

fn one(file: &FileChange, touched: &Touched, beside: &[&FileChange], all: &[&FileChange]) -> Vec<String> {
    let said = match file.status {
        Status::Added | Status::Copied => added_file(&short(file), touched),
        Status::Renamed if beside.is_empty() => moved(&[file]),
        Status::Deleted | Status::Renamed => Vec::new(),
        _ => definitions(&short(file), touched, beside.is_empty()),
    };
    if beside.is_empty() {
        return said.into_iter().chain(told(&[file])).collect();
    }
    let mut tails: Vec<String> = Vec::new();
    if let [other] = beside {
        tails.extend(told(&[other]).into_iter().next());
    }
    let others = without(all, &[file]);
    tails.push(format!("{} {}", deed(&others), more(others.len())));
    let both = said.iter().flat_map(|said| tails.iter().map(move |tail| format!("{said} and {tail}")));
    both.chain(few(all)).chain(among(&[file], all)).chain(told(all)).collect()
}

/// All by name, where it is three at most.
fn few(all: &[&FileChange]) -> Option<String> {
    told(all).into_iter().next().filter(|_| once(all).len() <= 3)
}

/// `update pager.rs, list.rs and 3 more files`, `update 6 files in src/text and add 1 more`.
fn among(leading: &[&FileChange], all: &[&FileChange]) -> Vec<String> {
    let (verb, others) = (deed(leading), without(all, leading));
    let folder = common_folder(leading);
    if others.is_empty() || matches!(verb, "move" | "rename" | "change") {
        return Vec::new();
    }
    let (names, counts) = match once(leading).as_slice() {
        [one] => (vec![short(one)], false),
        [one, two] if short(one) != short(two) && deed(&others) == verb => {
            (vec![format!("{}, {}", short(one), short(two))], false)
        }
        [one, two] if short(one) != short(two) => (vec![format!("{} and {},", short(one), short(two))], false),
        // What holds all of them says where it is by itself.
        _ if folder == common_folder(all) => return Vec::new(),
        many => (within(&folder).map(|folder| format!("{} files in {folder}", many.len())).collect(), true),
    };
    let other = deed(&others);
    let tail = if counts { format!("{} more", others.len()) } else { more(others.len()) };
    let tail = if other == verb { tail } else { format!("{other} {tail}") };
    names.iter().map(|names| format!("{verb} {names} and {tail}")).collect()
}

/// What happened to definitions, where any are known: with where they stand, and for where that does not fit, without.
fn definitions(place: &str, touched: &Touched, bare: bool) -> Vec<String> {
    let listed = |names: &[String], verb: &str, at: &str| {
        let names = list(names);
        let placed = names.iter().map(|names| format!("{verb} {names} {at} {place}"));
        placed.chain(names.iter().filter(|_| bare).map(|names| format!("{verb} {names}"))).collect::<Vec<_>>()
    };
    match (touched.added.as_slice(), touched.removed.as_slice(), touched.updated.as_slice()) {
        ([new], [old], []) => {
            vec![format!("replace {old} by {new} in {place}"), format!("replace {old} by {new}")]
        }
        ([], [], names @ [_, ..]) => listed(names, "update", "in"),
        (names @ [_, ..], [], _) => listed(names, "add", "to"),
        ([], names @ [_, ..], _) => listed(names, "remove", "from"),
        (new @ [_, ..], [_, ..], _) => listed(new, "rework", "in"),
        ([], [], []) => Vec::new(),
    }
}

fn added_file(place: &str, touched: &Touched) -> Vec<String> {
    let with = list(&touched.added).into_iter().map(|names| format!("add {place} with {names}"));
    with.chain([format!("add {place}")]).collect()
}

fn several(leading: &[&FileChange], beside: &[&FileChange], all: &[&FileChange]) -> Vec<String> {
    let names: Vec<String> = leading
        .iter()
        .map(|file| touched(file))
        .flat_map(|t| t.added.into_iter().chain(t.updated).chain(t.removed))
        .collect();
    let mut unique: Vec<&String> = names.iter().collect();
    unique.sort();
    unique.dedup();
    // Two are named, and their tests go along; more are counted with all that changed, as a body lists them.
    let alone = beside.is_empty() && leading.len() <= 2;
    let own = if alone { told(leading).into_iter().next() } else { few(all) };
    let rest = own.into_iter().chain(among(leading, all)).chain(told(all));
    let verb = deed(leading);
    match unique.as_slice() {
        // One name in many files: it was changed and its users with it.
        [only] if names.len() > 1 && !matches!(verb, "move" | "rename") => {
            let places = if alone { named(leading).into_iter().take(1).collect() } else { share(leading, all) };
            places.into_iter().map(|places| format!("{verb} {only} in {places}")).chain(rest).collect()
        }
        _ => rest.collect(),
    }
}

/// All but these.
fn without<'a>(all: &[&'a FileChange], some: &[&FileChange]) -> Vec<&'a FileChange> {
    let some: HashSet<&str> = some.iter().map(|file| file.path.as_str()).collect();
    once(all).into_iter().filter(|file| !some.contains(file.path.as_str())).collect()
}

fn more(count: usize) -> String {
    if count == 1 { "another file".to_owned() } else { format!("{count} more files") }
}

/// `3 files in src`, `3 of 5 files`.
fn share(some: &[&FileChange], all: &[&FileChange]) -> Vec<String> {
    let (count, whole) = (once(some).len(), once(all).len());
    let told = if count == whole { format!("{count} files") } else { format!("{count} of {whole} files") };
    let folder = common_folder(all);
    within(&folder).map(|folder| format!("{told} in {folder}")).chain([told.clone()]).collect()
}

/// At most two names, then a count; of two that are too long, one.
fn list(names: &[String]) -> Vec<String> {
    match names {
        [] => Vec::new(),
        [one] => vec![one.clone()],
        [one, two] => vec![format!("{one} and {two}"), format!("{one} and 1 more")],
        [one, rest @ ..] => vec![format!("{one} and {} more", rest.len())],
    }
}
