//! Files as a person would name them.

use crate::git::FileChange;

/// One by its name, two joined, more by count and folder.
pub(super) fn name(files: &[&FileChange]) -> String {
    match files {
        [] => "nothing".to_owned(),
        [one] => short(one),
        [one, two] if short(one) != short(two) => format!("{} and {}", short(one), short(two)),
        many => {
            let folder = common_folder(many);
            let count = many.len();
            if folder.is_empty() { format!("{count} files") } else { format!("{count} files in {folder}") }
        }
    }
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
    let name = file.path.file_name();
    let stem = name.split('.').next().unwrap_or(name);
    if matches!(stem.to_ascii_lowercase().as_str(), "readme" | "changelog" | "license" | "contributing") {
        return match file.path.folders().last() {
            None => stem.to_owned(),
            Some(folder) => format!("{folder} {stem}"),
        };
    }
    let says_nothing = matches!(stem, "index" | "mod" | "lib" | "main" | "__init__" | "package" | "Cargo" | "tests");
    match file.path.folders().last() {
        Some(folder) if says_nothing => format!("{folder}/{name}"),
        _ => name.to_owned(),
    }
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
