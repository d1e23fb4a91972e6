//! Rules about single files as a whole.

use super::classes::{
    BINARY, BUILD_OUTPUT, ILLEGAL_NAME, KEY_FILE, LARGE_FILE, LEFTOVER, MIGRATION, MODE, SUBMODULE, SYMLINK,
};
use super::{Around, Found, Looked, finding, keys, migration};
use crate::git::{FileChange, FileKind, Line, Status};
use crate::tasks::offline::classify::{Class, by_path};

/// A file that grows by more than this does not belong into history (bytes).
const LARGE: u64 = 5 << 20;
/// Names Windows refuses, whatever their extension.
const WINDOWS: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];
/// Programs and archives of them, which belong to a release.
pub(super) const PROGRAMS: [&str; 17] = [
    "a", "apk", "bin", "deb", "dmg", "egg", "gem", "ipa", "iso", "jar", "lib", "msi", "node", "nupkg", "rpm", "war",
    "whl",
];
/// Archives and databases, which nothing can be seen of in a change.
pub(super) const ARCHIVES: [&str; 9] = ["7z", "db", "rar", "sqlite", "sqlite3", "tar", "tbz", "tgz", "zip"];

pub(super) fn check(it: &Looked<'_>, around: &Around<'_>, out: &mut Vec<Found>) {
    let file = it.file;
    if file.status == Status::Added {
        new(it, around, out);
    }
    if file.status != Status::Deleted && !file.lfs && size(file) > LARGE {
        let grown = file.status != Status::Added;
        let title = if grown { "A file grows by more than 5 MiB" } else { LARGE_FILE.title };
        out.push(finding(file, 0, LARGE_FILE.title, LARGE_FILE).titled(title));
    }
    if matches!(file.status, Status::Added | Status::Renamed | Status::Copied) && refused(file) {
        whole(file, ILLEGAL_NAME, out);
    }
    mode(it, around, out);
    if file.kind == FileKind::Symlink
        && let Some(target) = file.added_lines().next()
        && leaves(&file.path, &target.text)
    {
        whole(file, SYMLINK, out);
    }
    if matches!(&file.kind, FileKind::Submodule { to: Some(_), .. }) && file.pushed == Some(false) {
        whole(file, SUBMODULE, out);
    }
}

fn whole(file: &FileChange, class: super::classes::Row, out: &mut Vec<Found>) {
    out.push(finding(file, 0, class.title, class));
}

/// Files that should not have come.
fn new(it: &Looked<'_>, around: &Around<'_>, out: &mut Vec<Found>) {
    let (file, name, extension) = (it.file, it.file.path.file_name(), it.extension.as_str());
    let key = !matches!(it.class, Class::Test | Class::Vendored) && keys::holds(it, around);
    if key {
        whole(file, KEY_FILE, out);
    }
    let built = built(file, extension) && !matches!(it.class, Class::Vendored | Class::Test);
    if built {
        whole(file, BUILD_OUTPUT, out);
    }
    if matches!(extension, "orig" | "rej") || name.ends_with('~') {
        whole(file, LEFTOVER, out);
    }
    if !key && !built && size(file) <= LARGE && binary(it) && beside_source(file, around) && !asked_for(file, around) {
        whole(file, BINARY, out);
    }
    if !matches!(it.class, Class::Test | Class::Vendored) && migration::one_way(file, around) {
        whole(file, MIGRATION, out);
    }
}

/// How much a file grows (bytes).
fn size(file: &FileChange) -> u64 {
    match file.kind {
        FileKind::Binary { new_size, .. } if file.status == Status::Added => new_size.unwrap_or(0),
        FileKind::Binary { old_size: Some(old), new_size: Some(new) } => new.saturating_sub(old),
        FileKind::Text => {
            let sum = |sum: u64, l: &Line| sum.saturating_add(l.text.len() as u64);
            file.added_lines().fold(0, sum).saturating_sub(file.removed_lines().fold(0, sum))
        }
        _ => 0,
    }
}

/// A source in the same change asks for the file by its name.
fn asked_for(file: &FileChange, around: &Around<'_>) -> bool {
    let name = file.path.file_name();
    around.files.iter().any(|f| f.class == Class::Source && f.file.added_lines().any(|l| l.text.contains(name)))
}

/// A program, an archive, a database, or something nameless: not data that a source may well need beside it.
fn binary(it: &Looked<'_>) -> bool {
    let name = it.file.path.file_name();
    let archive = ARCHIVES.contains(&it.extension.as_str()) || name.contains(".tar.");
    let data =
        matches!(it.class, Class::Test | Class::Vendored | Class::Docs) || (it.class == Class::Asset && !archive);
    let wrapper = matches!(name, "gradle-wrapper.jar" | "maven-wrapper.jar");
    matches!(it.file.kind, FileKind::Binary { .. })
        && !it.file.lfs
        && !data
        && !wrapper
        && (archive || it.extension.is_empty() || PROGRAMS.contains(&it.extension.as_str()))
}

/// A source file stands in the same folder.
fn beside_source(file: &FileChange, around: &Around<'_>) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
    let own = file.path.as_str();
    let source = |path: &crate::git::Path| {
        let other = path.as_str();
        other != own
            && folder(other) == folder(own)
            && other.get(..folder(own)) == own.get(..folder(own))
            && !path.extension().is_empty()
            && by_path(path) == Class::Source
            && !PROGRAMS.contains(&path.extension().as_str())
            && !ARCHIVES.contains(&path.extension().as_str())
    };
    around.files.iter().any(|f| matches!(f.file.kind, FileKind::Text) && source(&f.file.path))
        || around.tracked().iter().any(source)
}

/// Windows cannot write this name.
fn refused(file: &FileChange) -> bool {
    let part = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
        WINDOWS.contains(&stem.as_str()) || part.ends_with(['.', ' '])
    };
    file.path.raw().iter().any(|b| b"<>:\"|?*\\".contains(b) || *b < b' ') || file.path.as_str().split('/').any(part)
}

/// The executable mark came where nothing can be run, or went where something is.
fn mode(it: &Looked<'_>, around: &Around<'_>, out: &mut Vec<Found>) {
    let file = it.file;
    let (Some(old), Some(new)) = (file.old_mode, file.new_mode) else { return };
    if old & 0o111 == new & 0o111 || !matches!(file.kind, FileKind::Text) || file.status == Status::TypeChanged {
        return;
    }
    let script = |whole: Option<Vec<u8>>| whole.is_some_and(|text| text.starts_with(b"#!"));
    if new & 0o111 != 0 {
        let runs = matches!(it.extension.as_str(), "sh" | "bash" | "py" | "rb" | "pl" | "");
        if !runs && !script(around.contents.after(file, LARGE)) {
            let title = "A file that is no script became executable";
            out.push(finding(file, 0, title, MODE).titled(title));
        }
    } else if matches!(it.extension.as_str(), "sh" | "bash" | "") && script(around.contents.after(file, LARGE)) {
        let why = "Whoever calls it by its name is told that permission is denied.";
        out.push(finding(file, 0, "not executable", MODE).saying("A script is no longer executable", why));
    }
}

/// Made by compilers, interpreters and file managers. Shapes and molecules have two of their extensions, as text.
fn built(file: &FileChange, extension: &str) -> bool {
    let binary = matches!(file.kind, FileKind::Binary { .. });
    matches!(extension, "pyc" | "pyo" | "class" | "o" | "exe" | "dll" | "so" | "dylib" | "swp")
        || binary && matches!(extension, "obj" | "pdb")
        || matches!(file.path.file_name(), ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// The target of a link, resolved from its folder, is outside.
fn leaves(path: &crate::git::Path, target: &str) -> bool {
    if target.starts_with('/') || target.get(1..3) == Some(":\\") {
        return true;
    }
    let mut depth = i64::try_from(path.folders().count()).unwrap_or(0);
    for part in target.split('/') {
        match part {
            ".." => depth -= 1,
            "." | "" => {}
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}
