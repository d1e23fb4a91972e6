//! Rules about single files as a whole.

use super::{Found, finding, migration};
use crate::git::{Contents, FileChange, FileKind, Status};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::Class;

/// A new file larger than this does not belong into history (bytes).
const LARGE: u64 = 5 << 20;
/// Names Windows refuses, whatever their extension.
const WINDOWS: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];
/// Files that are secrets by their name.
const KEY_FILES: [&str; 8] =
    ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pgpass", ".htpasswd", "credentials.json"];

pub(super) fn check(file: &FileChange, class: Class, contents: &dyn Contents, out: &mut Vec<Found>) {
    let mut whole =
        |class: &str, severity, title: &str, why: &str| out.push(finding(file, 0, title, class, severity, title, why));
    let name = file.path.file_name();
    if file.status == Status::Added {
        let key = KEY_FILES.contains(&name)
            || matches!(file.path.extension().as_str(), "p12" | "pfx" | "jks" | "keystore" | "ppk");
        if key && class != Class::Test {
            whole(
                "key-file",
                Severity::High,
                "A key file is committed",
                "By its name it holds credentials; history keeps them for ever.",
            );
        }
        if let FileKind::Binary { new_size: Some(size), .. } = file.kind
            && size > LARGE
            && !file.lfs
        {
            whole(
                "large-file",
                Severity::Medium,
                "A large binary file is committed",
                "Every clone carries it for ever; Git LFS or a release is the place for it.",
            );
        }
        let bytes = file.added_lines().fold(0_u64, |sum, l| sum.saturating_add(l.text.len() as u64));
        if matches!(file.kind, FileKind::Text) && bytes > LARGE && !file.lfs {
            whole(
                "large-file",
                Severity::Medium,
                "A large file is committed",
                "Every clone carries it for ever; Git LFS or a release is the place for it.",
            );
        }
        if built(name, &file.path.extension()) && class != Class::Vendored && class != Class::Test {
            whole(
                "build-output",
                Severity::Medium,
                "A file that a build or a desktop makes is committed",
                "It changes with every machine; .gitignore is the place for it.",
            );
        }
        if matches!(file.path.extension().as_str(), "orig" | "rej") || name.ends_with('~') {
            whole(
                "merge-leftover",
                Severity::Medium,
                "A left-over of a merge or an editor is committed",
                "By its name it is a copy kept aside, not part of the program.",
            );
        }
    }
    if matches!(file.status, Status::Added | Status::Renamed | Status::Copied) {
        let refused = |part: &str| {
            let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
            WINDOWS.contains(&stem.as_str()) || part.ends_with(['.', ' '])
        };
        let odd = file.path.raw().iter().any(|b| b"<>:\"|?*\\".contains(b) || *b < b' ');
        if odd || file.path.as_str().split('/').any(refused) {
            whole(
                "illegal-name",
                Severity::Medium,
                "Windows cannot check out this name",
                "The repository cannot be cloned there.",
            );
        }
    }
    if let (Some(old), Some(new)) = (file.old_mode, file.new_mode)
        && old & 0o111 != new & 0o111
        && matches!(file.kind, FileKind::Text)
        && file.status != Status::TypeChanged
        && !matches!(file.path.extension().as_str(), "sh" | "bash" | "py" | "rb" | "pl" | "")
        && new & 0o111 != 0
        && !contents.after(file, LARGE).is_some_and(|text| text.starts_with(b"#!"))
    {
        whole(
            "mode",
            Severity::Low,
            "A file that is no script became executable",
            "This often happens by copying from another file system.",
        );
    }
    if file.kind == FileKind::Symlink
        && let Some(target) = file.added_lines().next()
        && leaves(&file.path, &target.text)
    {
        whole(
            "symlink",
            Severity::High,
            "A symbolic link points out of the repository",
            "It resolves to other files on every machine.",
        );
    }
    if file.status == Status::Added && migration::one_way(file) {
        whole("migration", Severity::Low, "A migration has no way back", "It cannot be taken back when it goes wrong.");
    }
}

/// Made by compilers, interpreters and file managers.
fn built(name: &str, extension: &str) -> bool {
    matches!(extension, "pyc" | "pyo" | "class" | "o" | "obj" | "exe" | "dll" | "so" | "dylib" | "pdb" | "swp")
        || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini")
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
