//! Something public is gone, and neither a version nor a changelog says so.

use std::sync::OnceLock;

use regex::Regex;

use super::classes::API_REMOVED;
use super::{Around, Found, Looked, finding};
use crate::git::{Path, Status};
use crate::tasks::offline::classify::Class;

/// A language, where its packages show what they give, and how a line gives it: the last group that fits is the name.
struct Door {
    extensions: &'static [&'static str],
    /// Whether a file gives names to others.
    gives: fn(&Path) -> bool,
    /// A repository of programs has such files too: only one that keeps a changelog owes a line in it.
    told_only: bool,
    pattern: &'static str,
}

const DOORS: [Door; 5] = [
    Door {
        extensions: &["rs", "ts", "js"],
        gives: |path| {
            matches!(path.file_name(), "lib.rs" | "index.ts" | "index.js") && path.folders().last() == Some("src")
        },
        told_only: false,
        pattern: r"^(?:pub (?:(?:async |const |unsafe )*fn|struct|enum|trait|type)|export (?:async function|function|class|const|interface|type)) (\w+)",
    },
    Door {
        extensions: &["go"],
        gives: |path| {
            !within(path, &["cmd", "example", "examples", "internal", "main", "scripts", "testdata", "tools"])
        },
        told_only: true,
        pattern: r"^(?:func (?:\(\w+ \*?[A-Z]\w*(?:\[[^\]]*\])?\) )?([A-Z]\w*)[\[(]|(?:type|var|const) ([A-Z]\w*) )",
    },
    Door {
        extensions: &["java"],
        gives: |path| path.as_str().contains("src/main/java/") && !within(path, &["impl", "internal"]),
        told_only: true,
        pattern: r"^(?:public (?:(?:abstract|final|sealed|static) )*(?:class|interface|enum|record|@interface) (\w+)|    public (?:(?:abstract|default|final|static|synchronized) )*(?:<[^>]*> )?[\w.<>\[\], ?]+ (\w+)\()",
    },
    Door {
        extensions: &["py"],
        gives: |path| path.file_name() == "__init__.py" && path.folders().all(|f| !f.starts_with('_')),
        told_only: true,
        pattern: r#"^(?:(?:async def|def|class) ([A-Za-z]\w*)|from \.\S* import (?:\w+ as )?([A-Za-z]\w*)\s*$|    ["']([A-Za-z]\w*)["'],?\s*$)"#,
    },
    Door {
        extensions: &["h", "hh", "hpp"],
        gives: |path| within(path, &["include"]) && !within(path, &["detail", "impl", "internal", "private"]),
        told_only: true,
        pattern: r"^(?:extern |[A-Z_]+_(?:API|EXPORT) )?[A-Za-z][\w ]*[ *]+\*?([A-Za-z]\w*)\s*\([^;{}]*\)\s*;",
    },
];

/// Larger files are not read (bytes).
const LIMIT: u64 = 1 << 20;

/// What a folder of notes about changes is called, where each change adds a file.
const NOTES: [&str; 6] = [".changes", ".changeset", "changelog.d", "changelogs", "newsfragments", "releasenotes"];

pub(super) fn check(around: &Around<'_>, out: &mut Vec<Found>) {
    if around.files.iter().any(told) {
        return;
    }
    let mut keeps = None;
    for it in &around.files {
        if !matches!(it.file.status, Status::Modified | Status::Deleted | Status::Renamed) || it.class != Class::Source
        {
            continue;
        }
        let of = |door: &Door| door.extensions.contains(&it.extension.as_str()) && (door.gives)(&it.file.path);
        let Some(number) = DOORS.iter().position(of) else { continue };
        let Some(door) = DOORS.get(number) else { continue };
        if !door.told_only && it.file.status != Status::Modified {
            continue;
        }
        let Some((line, name)) = gone(it, number, around) else { continue };
        if door.told_only && !*keeps.get_or_insert_with(|| around.tracked().iter().any(notes)) {
            continue;
        }
        out.push(finding(it.file, 0, line, API_REMOVED).titled(&format!("{name} is no longer public")));
    }
}

/// The change says so itself.
fn told(it: &Looked<'_>) -> bool {
    let version = |text: &str| {
        let text = text.trim_start().trim_start_matches(['"', '<', '_']);
        text.starts_with("version") || text.starts_with("VERSION")
    };
    let versions = it.class == Class::Manifest || matches!(it.extension.as_str(), "properties" | "py" | "h");
    notes(&it.file.path)
        || it.file.path.file_name().eq_ignore_ascii_case("version")
        || (versions && it.file.added_lines().any(|l| version(&l.text)))
}

fn notes(path: &Path) -> bool {
    const NAMES: [&str; 8] =
        ["changelog", "changes", "history", "migrating", "migration", "news", "releases", "upgrading"];
    let stem = path.file_name().split('.').next().unwrap_or_default().to_ascii_lowercase();
    let prose = matches!(path.extension().as_str(), "" | "md" | "rst" | "txt" | "adoc");
    (prose && NAMES.contains(&stem.as_str())) || path.folders().any(|f| NOTES.contains(&f))
}

fn within(path: &Path, folders: &[&str]) -> bool {
    path.folders().any(|f| folders.contains(&f))
}

/// The first name that this file gave and that stands on no added line of its language: it may have moved to another
/// file, or be handed on from there.
fn gone<'a>(it: &Looked<'a>, door: usize, around: &Around<'a>) -> Option<(&'a str, String)> {
    static COMPILED: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| DOORS.iter().map(|d| Regex::new(d.pattern).ok()).collect());
    let pattern = compiled.get(door)?.as_ref()?;
    let kept = |name: &str| {
        let word = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
        let same = || around.files.iter().filter(|f| f.extension == it.extension);
        let shown = same().flat_map(|f| f.file.added_lines()).any(|l| l.text.contains(name) && word(&l.text));
        // What was only moved or copied is on no added line.
        let moved = |f: &Looked<'_>| matches!(f.file.status, Status::Renamed | Status::Copied);
        let whole = |f: &Looked<'_>| around.contents.after(f.file, LIMIT);
        shown || same().filter(|f| moved(f)).filter_map(whole).any(|bytes| word(&String::from_utf8_lossy(&bytes)))
    };
    let program = || {
        let whole = around.contents.before(it.file, LIMIT).unwrap_or_default();
        it.extension == "go" && String::from_utf8_lossy(&whole).lines().any(|line| line.trim_end() == "package main")
    };
    it.file.removed_lines().find_map(|line| {
        let found = pattern.captures(&line.text)?;
        let name = found.iter().skip(1).flatten().last()?.as_str();
        (!kept(name) && !program()).then(|| (line.text.as_str(), name.to_owned()))
    })
}
