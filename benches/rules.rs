//! How long a message and a review by rules take beyond reading git: `cargo bench --bench rules [-- FILES…]`.
//!
//! Prints milliseconds for changes of 200, 2,000 and 20,000 files, the best of several rounds: the message, the review's
//! rules, and the review with its search for secrets. The changes are made of this repository's own lines, in files of
//! seven kinds, and lie in memory with the whole files around them, so that nothing is read from git or disk while the
//! clock runs. What the first use of a pattern costs stands apart.

// A measurement prints, and stops where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path as FsPath, PathBuf};
use std::time::Instant;

use monster::git::{ChangeSet, Contents, FileChange, Hunk, Line, LineKind, Path, Status};
use monster::secrets::{Mode, Redactor};
use monster::tasks::offline::message::{Hints, message};
use monster::tasks::offline::review::review;
use monster::tasks::review::by_rules;

const ROUNDS: usize = 5;
/// Lines of a file that a change adds and removes.
const ADDED: usize = 30;
const REMOVED: usize = 10;

fn main() {
    let wanted: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let mut texts = Vec::new();
    read(&FsPath::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let lines: Vec<&str> = texts.iter().flat_map(|t| t.lines()).filter(|l| !l.trim().is_empty()).collect();
    let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"measured");
    black_box(redactor.scan("a").len());
    let hints = Hints::default();
    println!("| files | lines | message | review | with secrets | first |");
    println!("|---|---|---|---|---|---|");
    for files in if wanted.is_empty() { vec![200, 2_000, 20_000] } else { wanted } {
        let (change, whole) = made(files, &lines);
        let first = time(1, || review(&change, &whole).len());
        let said = time(ROUNDS, || message(&change, &whole, &hints).subject.len());
        let rules = time(ROUNDS, || review(&change, &whole).len());
        let all = time(ROUNDS, || by_rules(&change, &ChangeSet::default(), &whole, &redactor).findings.len());
        let count = change.added() + change.removed();
        println!("| {files} | {count} | {said:.1} ms | {rules:.1} ms | {all:.1} ms | {first:.1} ms |");
    }
}

/// The best of so many rounds, in milliseconds.
fn time(rounds: usize, mut work: impl FnMut() -> usize) -> f64 {
    let one = |_| {
        let begin = Instant::now();
        black_box(work());
        begin.elapsed().as_secs_f64() * 1e3
    };
    (0..rounds).map(one).fold(f64::INFINITY, f64::min)
}

/// Whole files in memory.
struct Whole(HashMap<String, Vec<u8>>);

impl Contents for Whole {
    fn before(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        (file.status != Status::Added).then(|| self.0.get(file.path.as_str()).cloned()).flatten()
    }
    fn after(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        self.0.get(file.path.as_str()).cloned()
    }
    fn base(&self, path: &str, _: u64) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
    fn tracked(&self) -> Vec<Path> {
        self.0.keys().map(|path| Path::from(path.as_str())).collect()
    }
}

/// A change of so many files, every tenth new.
fn made(files: usize, lines: &[&str]) -> (ChangeSet, Whole) {
    let kinds = ["rs", "ts", "py", "go", "yml", "md", "json"];
    let mut change = ChangeSet::default();
    let mut whole = HashMap::new();
    let mut taken = lines.iter().cycle();
    for n in 0..files {
        let kind = kinds.get(n % kinds.len()).copied().unwrap_or_default();
        let path = format!("src/part{}/file{n}.{kind}", n % 97);
        let status = if n % 10 == 0 { Status::Added } else { Status::Modified };
        let mut file = FileChange::new(Path::from(path.as_str()), status);
        let mut line = |kind, number: usize| Line {
            kind,
            text: taken.next().copied().unwrap_or_default().to_owned(),
            old: None,
            new: (kind == LineKind::Added).then(|| u32::try_from(number + 1).unwrap_or(0)),
            no_newline: false,
        };
        let removed = if status == Status::Added { 0 } else { REMOVED };
        let mut hunk = Hunk { new_start: 1, section: "fn around()".to_owned(), ..Hunk::default() };
        hunk.lines.extend((0..removed).map(|n| line(LineKind::Removed, n)));
        hunk.lines.extend((0..ADDED).map(|n| line(LineKind::Added, n)));
        file.hunks.push(hunk);
        (file.added, file.removed) = (u32::try_from(ADDED).unwrap_or(0), u32::try_from(removed).unwrap_or(0));
        (file.old_mode, file.new_mode) = (Some(0o100_644), Some(0o100_644));
        // Data is data, so that its reader goes through all of it.
        let text = match kind {
            "json" => format!("[{}]", vec!["{\"name\": \"a\", \"rows\": [1, 2, 3]}"; ADDED].join(",\n")),
            "yml" => "- name: a\n  rows: [1, 2, 3]\n".repeat(ADDED),
            _ => file.added_lines().map(|l| format!("{}\n", l.text)).collect(),
        };
        whole.insert(path, text.into_bytes());
        change.files.push(file);
    }
    (change, Whole(whole))
}

/// Every text in a folder.
fn read(folder: &FsPath, texts: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(&path, texts);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push(text);
        }
    }
}
