//! Rules about whole files, and about files together.

use super::{by_hand, finding};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Status};
use crate::tasks::finding::{Finding, Severity};
use crate::tasks::offline::classify::{Class, by_path, classify};

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

pub(super) fn check(file: &FileChange, class: Class, out: &mut Vec<Finding>) {
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
        let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
        let odd = name.contains(['<', '>', ':', '"', '|', '?', '*', '\\']) || name.ends_with(['.', ' ']);
        if WINDOWS.contains(&stem.as_str()) || odd {
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
    if file.status == Status::Deleted && class == Class::Test && by_hand(file, class) && is_test_code(file) {
        whole(
            "test-removed",
            Severity::Medium,
            "A test file is deleted",
            "What it guarded is no longer checked; say why in the message.",
        );
    }
    if class == Class::Generated
        && file.status == Status::Modified
        && !file.hunks.is_empty()
        && file.added + file.removed <= 4
        && says_do_not_edit(file)
    {
        whole(
            "generated-edited",
            Severity::Medium,
            "A generated file is edited by hand",
            "The next generation takes the edit back.",
        );
    }
    if file.status == Status::Added
        && is_migration(file)
        && !file.added_lines().any(|l| mentions_down(&l.text))
        && file.path.extension() != "sql"
    {
        whole("migration", Severity::Low, "A migration has no way back", "It cannot be taken back when it goes wrong.");
    }
}

fn is_test_code(file: &FileChange) -> bool {
    !matches!(file.path.extension().as_str(), "snap" | "json" | "yaml" | "yml" | "txt" | "md" | "csv" | "xml" | "html")
}

fn says_do_not_edit(file: &FileChange) -> bool {
    file.hunks.iter().flat_map(|h| &h.lines).any(|l| {
        let text = l.text.to_ascii_lowercase();
        text.contains("do not edit") || text.contains("@generated")
    })
}

fn is_migration(file: &FileChange) -> bool {
    file.path.folders().any(|f| f == "migrations" || f == "migrate")
        && matches!(file.path.extension().as_str(), "py" | "rb" | "js" | "ts" | "php")
        && file.path.file_name() != "__init__.py"
        && file.added_lines().any(|l| {
            let t = l.text.to_ascii_lowercase();
            t.contains("def upgrade")
                || t.contains("def up")
                || t.contains("exports.up")
                || t.contains("function up(")
                || t.contains("async up(")
        })
}

fn mentions_down(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["downgrade", "def down", "exports.down", "function down(", "async down(", "reverse_code"]
        .iter()
        .any(|w| text.contains(w))
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

/// Rules that need more than one file.
pub(super) fn together(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Finding>) {
    locks(change, contents, out);
    collisions(change, contents, out);
    licences(change, contents, out);
    api(change, out);
}

/// A manifest that wants other packages and a lock file beside it that was not changed.
fn locks(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Finding>) {
    const PAIRS: [(&str, &[&str]); 5] = [
        ("package.json", &["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"]),
        ("Cargo.toml", &["Cargo.lock"]),
        ("pyproject.toml", &["poetry.lock", "uv.lock", "pdm.lock"]),
        ("go.mod", &["go.sum"]),
        ("Gemfile", &["Gemfile.lock"]),
    ];
    let tracked = contents.tracked();
    for file in &change.files {
        let Some((_, locks)) = PAIRS.iter().find(|(name, _)| *name == file.path.file_name()) else { continue };
        let Some(line) = file.added_lines().find(|l| dependency(&l.text)) else { continue };
        let folder = file.path.as_str().rsplit_once('/').map_or(String::new(), |(f, _)| format!("{f}/"));
        let beside: Vec<String> =
            locks.iter().map(|l| format!("{folder}{l}")).filter(|l| tracked.iter().any(|t| t.as_str() == l)).collect();
        let changed = beside.iter().any(|l| change.files.iter().any(|f| f.path.as_str() == l));
        if let (Some(lock), false) = (beside.first(), changed) {
            out.push(finding(
                file,
                line.new.unwrap_or(0),
                &line.text,
                "stale-lock",
                Severity::Medium,
                &format!("A dependency changed and {lock} did not"),
                "Builds that insist on the lock file will fail, others will get other versions.",
            ));
        }
    }
}

/// A line of a manifest that names a package and a version.
fn dependency(line: &str) -> bool {
    let line = line.trim();
    let versioned = |value: &str| {
        let value = value.trim().trim_start_matches(['"', '\'', '^', '~', '=', '>', '<', ' ', '{', 'v']);
        value.starts_with(|c: char| c.is_ascii_digit()) || value.trim_start().starts_with("version")
    };
    let named = |name: &str| {
        let name = name.trim().trim_matches('"');
        !matches!(
            name,
            "version"
                | "edition"
                | "rust-version"
                | "node"
                | "npm"
                | "python"
                | "requires-python"
                | "engines"
                | "go"
                | "target"
                | "port"
        ) && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_@/.".contains(c))
    };
    line.split_once(" = ")
        .or_else(|| line.split_once("\": "))
        .is_some_and(|(name, value)| named(name.trim_start_matches('"')) && versioned(value))
}

/// Two names that differ in nothing but case.
fn collisions(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Finding>) {
    let new: Vec<&FileChange> =
        change.files.iter().filter(|f| matches!(f.status, Status::Added | Status::Renamed | Status::Copied)).collect();
    if new.is_empty() {
        return;
    }
    let tracked = contents.tracked();
    for file in new {
        let (name, lower) = (file.path.as_str(), file.path.as_str().to_lowercase());
        let others = tracked
            .iter()
            .map(|p| p.as_str())
            .chain(change.files.iter().filter(|f| f.status != Status::Deleted).map(|f| f.path.as_str()));
        if let Some(other) = others.into_iter().find(|o| *o != name && o.to_lowercase() == lower) {
            out.push(finding(
                file,
                0,
                name,
                "case-collision",
                Severity::High,
                &format!("It differs from {other} in case alone"),
                "On macOS and Windows one of the two overwrites the other.",
            ));
        }
    }
}

/// Licence headers: if at least nine in ten files of a kind have one, a new one should too.
fn licences(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Finding>) {
    let has = |text: &str| {
        let head: String = text.lines().take(6).collect::<Vec<_>>().join("\n").to_ascii_lowercase();
        head.contains("spdx-license-identifier") || head.contains("copyright")
    };
    for file in
        change.files.iter().filter(|f| f.status == Status::Added && classify(f) == Class::Source && f.added > 10)
    {
        let extension = file.path.extension();
        if extension.is_empty() || file.added_lines().take(6).any(|l| has(&l.text)) {
            continue;
        }
        let known = |p: &&crate::git::Path| {
            p.extension() == extension && by_path(p) == Class::Source && !change.files.iter().any(|f| f.path == **p)
        };
        let (mut with, mut all) = (0_u32, 0_u32);
        for path in contents.tracked().iter().filter(known).take(40) {
            if let Some(bytes) = contents.base(path.as_str(), 1 << 20) {
                all += 1;
                with += u32::from(has(&String::from_utf8_lossy(bytes.get(..2_048).unwrap_or(&bytes))));
            }
        }
        if all >= 10 && with * 10 >= all * 9 {
            out.push(finding(
                file,
                1,
                "licence",
                "licence-header",
                Severity::Low,
                "The licence header is missing",
                &format!("{with} of {all} files of this kind have one."),
            ));
        }
    }
}

/// Something public is gone, and neither a version nor a changelog says so.
fn api(change: &ChangeSet, out: &mut Vec<Finding>) {
    let told = change.files.iter().any(|f| {
        let name = f.path.file_name().to_ascii_lowercase();
        name.starts_with("changelog")
            || name.starts_with("changes")
            || classify(f) == Class::Manifest
                && f.added_lines().any(|l| l.text.trim_start().trim_start_matches('"').starts_with("version"))
    });
    let has_release_notes = change.files.iter().any(|f| {
        f.path.file_name() == "lib.rs" || f.path.as_str() == "src/index.ts" || f.path.as_str() == "src/index.js"
    });
    if told || !has_release_notes {
        return;
    }
    for file in change.files.iter().filter(|f| {
        matches!(f.path.as_str(), "src/lib.rs" | "src/index.ts" | "src/index.js") && f.status == Status::Modified
    }) {
        let public = |text: &str| {
            let text = text.trim_start();
            ["pub fn ", "pub struct ", "pub enum ", "pub trait ", "export function ", "export class ", "export const "]
                .iter()
                .find_map(|p| {
                    Some(text.strip_prefix(p)?.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned())
                })
        };
        let kept: Vec<String> = file.added_lines().filter_map(|l| public(&l.text)).collect();
        if let Some(name) = file.removed_lines().filter_map(|l| public(&l.text)).find(|n| !kept.contains(n)) {
            out.push(finding(
                file,
                0,
                &name,
                "api-removed",
                Severity::Medium,
                &format!("{name} is no longer public"),
                "Callers outside break, and neither a version nor a changelog in this change says so.",
            ));
        }
    }
}
