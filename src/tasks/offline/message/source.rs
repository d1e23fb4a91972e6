//! Source: which definitions were added, removed or changed. The type is history's and the author's to say.

use super::Verdict;
use super::names::{name, short, verb};
use crate::git::FileChange;
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::symbol::{Touched, touched};

pub(super) fn decide(files: &[&FileChange], classes: &[Class]) -> Verdict {
    // Tests and documents go along with the source; the source gives the words.
    let leading: Vec<&FileChange> =
        files.iter().zip(classes).filter(|(_, c)| **c == Class::Source).map(|(f, _)| *f).collect();
    let leading = if leading.is_empty() { files.to_vec() } else { leading };
    let touched: Vec<(&FileChange, Touched)> = leading.iter().map(|f| (*f, touched(f))).collect();
    let text = match touched.as_slice() {
        [(file, touched)] => one(file, touched),
        many => several(&leading, many),
    };
    Verdict { rule: "source", type_: None, text, soft: false, body: None }
}

fn one(file: &FileChange, touched: &Touched) -> String {
    use crate::git::Status::{Added, Deleted, Renamed};
    let place = short(file);
    match file.status {
        Added => return added_file(&place, touched),
        Deleted => return format!("remove {place}"),
        Renamed => {
            let old = file.old_path.as_ref().map_or("", |p| p.file_name());
            // Under another folder the name alone would not say what happened.
            return if old == file.path.file_name() {
                format!("move {} to {} and edit it", old, folder(file))
            } else {
                format!("rename {old} to {} and edit it", file.path.file_name())
            };
        }
        _ => {}
    }
    match (touched.added.as_slice(), touched.removed.as_slice(), touched.updated.as_slice()) {
        ([new], [old], []) => format!("replace {old} by {new} in {place}"),
        ([], [], names @ [_, ..]) => format!("update {} in {place}", list(names)),
        (names @ [_, ..], [], _) => format!("add {} to {place}", list(names)),
        ([], names @ [_, ..], _) => format!("remove {} from {place}", list(names)),
        (new @ [_, ..], [_, ..], _) => format!("rework {} in {place}", list(new)),
        ([], [], []) => format!("update {place}"),
    }
}

fn folder(file: &FileChange) -> &str {
    file.path.as_str().rsplit_once('/').map_or("the top", |(folder, _)| folder)
}

fn added_file(place: &str, touched: &Touched) -> String {
    match touched.added.as_slice() {
        [] => format!("add {place}"),
        names => format!("add {place} with {}", list(names)),
    }
}

fn several(files: &[&FileChange], touched: &[(&FileChange, Touched)]) -> String {
    let all: Vec<String> =
        touched.iter().flat_map(|(_, t)| t.added.iter().chain(&t.updated).chain(&t.removed)).cloned().collect();
    let mut unique = all.clone();
    unique.sort();
    unique.dedup();
    match unique.as_slice() {
        // One name in many files: it was changed and its users with it.
        [only] if all.len() > 1 => format!("{} {only} in {}", verb(files), name(files)),
        _ => format!("{} {}", verb(files), name(files)),
    }
}

/// At most two names, then a count.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}
