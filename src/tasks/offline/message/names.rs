//! Files as a person would name them.

use std::collections::{BTreeSet, HashSet};

use crate::git::{FileChange, Path};

/// Three names that say where they are by themselves, together no longer than this (characters).
const THREE: usize = 40;

/// The most telling words for files, and shorter ones for where they do not fit. No name is ever cut.
pub(super) fn named(files: &[&FileChange]) -> Vec<String> {
    let files = once(files);
    let mut out = match files.as_slice() {
        [] => return vec!["nothing".to_owned()],
        [one] => {
            let mut out = vec![short(one)];
            // A folder says nothing of a file that is told by its name alone.
            if !known(&one.path) {
                out.push(one.path.file_name().to_owned());
            }
            out
        }
        [one, two] if short(one) != short(two) => vec![format!("{} and {}", short(one), short(two))],
        [one, two, three] if common_folder(&files).is_empty() => {
            let text = format!("{}, {} and {}", short(one), short(two), short(three));
            let same = short(one) == short(two) || short(two) == short(three) || short(one) == short(three);
            Some(text).filter(|text| !same && text.chars().count() <= THREE).into_iter().collect()
        }
        _ => Vec::new(),
    };
    let count = counted(files.len());
    let folder = common_folder(&files);
    out.extend(within(&folder).map(|folder| format!("{count} in {folder}")));
    out.push(count);
    out.dedup();
    out
}

/// The most telling of them.
pub(super) fn name(files: &[&FileChange]) -> String {
    named(files).into_iter().next().unwrap_or_default()
}

/// What is said of files, with each of their names.
pub(super) fn each(files: &[&FileChange], said: impl Fn(&str) -> String) -> Vec<String> {
    named(files).iter().map(|name| said(name)).collect()
}

/// `a file`, `3 files`.
pub(super) fn counted(count: usize) -> String {
    if count == 1 { "a file".to_owned() } else { format!("{count} files") }
}

/// A folder by its path, then by its name; nothing for the top.
pub(super) fn within(folder: &str) -> impl Iterator<Item = &str> {
    let last = folder.rsplit('/').next().filter(|last| *last != folder);
    Some(folder).filter(|folder| !folder.is_empty()).into_iter().chain(last)
}

/// Every file once: of one that stands there in parts, the first.
pub(super) fn once<'a>(files: &[&'a FileChange]) -> Vec<&'a FileChange> {
    let mut seen = HashSet::new();
    files.iter().filter(|file| seen.insert(file.path.as_str())).copied().collect()
}

/// The deepest folder that holds all files; empty for the top.
#[must_use]
pub fn common_folder(files: &[&FileChange]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for file in files {
        let folders: Vec<&str> = file.path.folders().collect();
        common = Some(match common {
            None => folders,
            Some(before) => before.into_iter().zip(folders).take_while(|(a, b)| a == b).map(|(a, _)| a).collect(),
        });
    }
    common.unwrap_or_default().join("/")
}

/// The file name, or folder and name where the name alone says nothing.
pub(super) fn short(file: &FileChange) -> String {
    if known(&file.path) {
        return match file.path.folders().last() {
            None => file.path.stem().to_owned(),
            Some(folder) => format!("{folder} {}", file.path.stem()),
        };
    }
    placed(&file.path)
}

/// The whole file name, behind its folder where it says nothing alone.
pub(super) fn placed(path: &Path) -> String {
    let name = path.file_name();
    let says_nothing =
        matches!(path.stem(), "index" | "mod" | "lib" | "main" | "__init__" | "package" | "Cargo" | "tests");
    let folders: Vec<&str> = path.folders().collect();
    match folders.as_slice() {
        // Every package has one.
        [.., package, folder @ "src"] if says_nothing => format!("{package}/{folder}/{name}"),
        [.., folder] if says_nothing => format!("{folder}/{name}"),
        _ => name.to_owned(),
    }
}

/// Documents that everybody knows without their ending.
fn known(path: &Path) -> bool {
    let document = matches!(path.extension().as_str(), "" | "adoc" | "markdown" | "md" | "org" | "rst" | "txt");
    let stem = path.stem().to_ascii_lowercase();
    document && matches!(stem.as_str(), "readme" | "changelog" | "license" | "contributing")
}

/// From which versions to which: `18 → 20`, `16 and 18 → 20`, `16 → 18 and 18 → 20`.
pub(super) fn changed(ways: &BTreeSet<(String, String)>) -> String {
    let listed = |parts: &[String]| match parts {
        [head @ .., last] if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        all => all.concat(),
    };
    match ways.first() {
        Some((_, to)) if ways.iter().all(|(_, other)| other == to) => {
            format!("{} → {to}", listed(&ways.iter().map(|(from, _)| from.clone()).collect::<Vec<_>>()))
        }
        _ => listed(&ways.iter().map(|(from, to)| format!("{from} → {to}")).collect::<Vec<_>>()),
    }
}

/// `bump`, or `downgrade` where the numbers go down.
pub(super) fn stepped(from: &str, to: &str) -> &'static str {
    let numbers = |version: &str| -> Vec<u64> {
        let plain = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map_while(|part| part.parse().ok()).collect()
    };
    let (old, new) = (numbers(from), numbers(to));
    // `4` is what `4.1` is called as well, and an id has no order.
    let down = old.iter().zip(&new).find(|(old, new)| old != new).is_some_and(|(old, new)| new < old);
    let versions = [from, to].iter().all(|version| version.contains('.') || version.len() < 4);
    if down && versions { "downgrade" } else { "bump" }
}

/// `add`, `remove` or `update`.
pub(super) fn verb(files: &[&FileChange]) -> &'static str {
    use crate::git::Status::{Added, Copied, Deleted};
    if files.iter().all(|f| matches!(f.status, Added | Copied)) {
        "add"
    } else if files.iter().all(|f| f.status == Deleted) {
        "remove"
    } else {
        "update"
    }
}
