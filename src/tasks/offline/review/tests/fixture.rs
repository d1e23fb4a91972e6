//! Fixtures of `tests/review`: two trees in one text, which become a repository with a commit and an index. Nothing is
//! checked out, so that names that a file system refuses and links that leave the repository can be in one.
//! `benches/git/review.py` reads the same texts.
//!
//! Words before the first part say what the fixture is for. A part begins with `== SIDE PATH`, where SIDE is `before`,
//! `after` or `both`; behind it may stand `mode=100755`, `link`, and for submodules `commit=first`,
//! `second` (a remote branch ends there) or `third`. `{{here}}` at the end of a line, or of a part's head for the whole file, is where a finding
//! belongs. `{{u202e}}` is that character, `{{nul}}` a zero byte, `{{fill 9}}` nine bytes of lines, `{{token}}` a token
//! as GitHub gives out.

use std::path::Path as FsPath;

use git2::{IndexEntry, IndexTime, Oid, Repository, Signature, Time};

use super::review;
use crate::git::{ChangeSet, Repo, Source};
use crate::secrets::{Mode, Redactor};
use crate::tasks::review::by_rules;
use crate::world::Env;

/// One file on one side.
struct Part {
    before: bool,
    after: bool,
    path: String,
    how: String,
    text: String,
    /// Lines at which a finding belongs; 0 = the whole file.
    here: Vec<u32>,
}

/// What a review by rules finds: class, file, line.
pub(super) type Found = (String, String, u32);

/// What stands in a fixture: where findings belong, and what is found.
pub(super) fn tried(text: &str) -> (Vec<(String, u32)>, Vec<Found>) {
    let parts = parts(text);
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), &parts);
    let repo = Repo::discover(dir.path(), &Env::fixed([("HOME", "/nowhere")], dir.path())).unwrap();
    let change = repo.diff(&Source::Staged).unwrap();
    assert!(!change.is_empty(), "a fixture changes something");
    let contents = repo.contents(&Source::Staged).unwrap();
    let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"fixtures");
    // Megabytes of nothing are not worth the time that looking for secrets takes in a test.
    let large = text.contains("{{fill ");
    let found = if large {
        review(&change, contents.as_ref())
    } else {
        by_rules(&change, &ChangeSet::default(), contents.as_ref(), &redactor).findings
    };
    let mut found: Vec<Found> = found.into_iter().map(|f| (f.class, f.file, f.line)).collect();
    found.sort();
    let mut wanted: Vec<(String, u32)> =
        parts.iter().flat_map(|p| p.here.iter().map(|line| (p.path.clone(), *line))).collect();
    wanted.sort();
    (wanted, found)
}

fn parts(text: &str) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("== ") {
            let (head, whole) = marked(head);
            let mut words = head.splitn(3, ' ');
            let side = words.next().unwrap();
            assert!(["before", "after", "both"].contains(&side), "{line}");
            let path = filled(words.next().unwrap());
            let how = words.next().unwrap_or_default().to_owned();
            out.push(Part {
                before: side != "after",
                after: side != "before",
                path,
                how,
                text: String::new(),
                here: if whole { vec![0] } else { Vec::new() },
            });
        } else if let Some(part) = out.last_mut() {
            let (line, here) = marked(line);
            if here {
                part.here.push(u32::try_from(part.text.lines().count() + 1).unwrap());
            }
            part.text.push_str(&filled(line));
            part.text.push('\n');
        }
    }
    out
}

/// A line without its mark, and whether it had one.
fn marked(line: &str) -> (&str, bool) {
    line.strip_suffix("{{here}}").map_or((line, false), |line| (line.trim_end_matches(' '), true))
}

fn filled(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once("{{") {
        out.push_str(head);
        let known = tail.split_once("}}").and_then(|(name, tail)| Some((value(name)?, tail)));
        match known {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push_str("{{");
                rest = tail;
            }
        }
    }
    out + rest
}

fn value(name: &str) -> Option<String> {
    if let Some(code) = name.strip_prefix('u').filter(|code| (4..=6).contains(&code.len())) {
        return char::from_u32(u32::from_str_radix(code, 16).ok()?).map(String::from);
    }
    if let Some(bytes) = name.strip_prefix("fill ") {
        return Some(
            "lines of no meaning at all, sixty-four bytes with the line feed.\n"
                .repeat(bytes.parse::<usize>().ok()? / 65),
        );
    }
    match name {
        "nul" => Some("\0".to_owned()),
        "token" => {
            let letters = "Qm3vXw8LrT2kYb7NzHc5PfJd9SgAe4UtKx6R".chars().rev();
            Some(["gh", "p_"].into_iter().map(str::to_owned).chain(letters.map(String::from)).collect())
        }
        _ => None,
    }
}

fn build(dir: &FsPath, parts: &[Part]) {
    let repo = Repository::init(dir).unwrap();
    let before: Vec<&Part> = parts.iter().filter(|p| p.before).collect();
    let mut index = repo.index().unwrap();
    for part in &before {
        index.add(&entry(&repo, part)).unwrap();
    }
    let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
    let who = Signature::new("a", "a@b", &Time::new(1_700_000_000, 0)).unwrap();
    repo.commit(Some("HEAD"), &who, &who, "before", &tree, &[]).unwrap();
    index.clear().unwrap();
    for part in parts.iter().filter(|p| p.after) {
        index.add(&entry(&repo, part)).unwrap();
    }
    index.write().unwrap();
}

fn entry(repo: &Repository, part: &Part) -> IndexEntry {
    let (mode, id) = if let Some(which) = part.how.strip_prefix("commit=") {
        (0o160_000, submodule(repo, &part.path, which))
    } else if part.how == "link" {
        (0o120_000, repo.blob(part.text.trim_end().as_bytes()).unwrap())
    } else {
        let mode = part.how.strip_prefix("mode=").map_or(0o100_644, |m| u32::from_str_radix(m, 8).unwrap());
        (mode, repo.blob(part.text.as_bytes()).unwrap())
    };
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: part.path.clone().into_bytes(),
    }
}

/// A checked out repository inside, with three commits of which a remote branch has two.
fn submodule(outer: &Repository, path: &str, which: &str) -> Oid {
    let dir = outer.workdir().unwrap().join(path);
    let inner = Repository::open(&dir).unwrap_or_else(|_| Repository::init(&dir).unwrap());
    let who = Signature::new("a", "a@b", &Time::new(1_700_000_000, 0)).unwrap();
    let tree = inner.find_tree(inner.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let commit = |name: &str, parent: Option<Oid>| {
        let parent = parent.map(|id| inner.find_commit(id).unwrap());
        inner.commit(None, &who, &who, name, &tree, &parent.iter().collect::<Vec<_>>()).unwrap()
    };
    let first = commit("first", None);
    let second = commit("second", Some(first));
    let third = commit("third", Some(second));
    inner.reference("refs/remotes/origin/main", second, true, "").unwrap();
    match which {
        "first" => first,
        "second" => second,
        _ => third,
    }
}
