//! A change as text for a model: the file table always whole, then as many hunks as fit, the important first.

mod large;
mod split;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use large::{Whole, whole};
pub(super) use split::split as cut;

use super::keys;
use super::offline::classify::{Class, classify};
use super::offline::lockfile;
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Hunk, LineKind, Status};

/// A line longer than this was not written by hand (bytes).
const LONG_LINE: usize = 2_000;
/// Lines of so many bytes on average were not written by hand either; prose with one line a paragraph may be (bytes).
const LONG_LINES: usize = 300;
const LONG_PARAGRAPHS: usize = 1_000;
/// Where all is read in the end, one file may take this share of the room while others wait.
const FILE_SHARE: usize = 3;
/// While others wait, one file may always take so much of the room (bytes).
const LEAST_SHARE: usize = 2_048;
/// So much each file may take before any takes more, however many they are (bytes).
const LEAST_FIRST: usize = 512;
/// Packages of one lock file that are named: so many, and of all lock files together no more than these bytes.
const PACKAGES: usize = 30;
const PACKAGE_BYTES: usize = 1_200;
/// With more lock files than this the first package is not named either when it is too long.
const FEW_LOCKS: usize = 8;
/// A file that is nothing special (git's own number).
const PLAIN_MODE: u32 = 0o100_644;
/// The largest lock file that is parsed for its packages (bytes).
const LOCK_LIMIT: u64 = 16 << 20;

/// Why a lock file is not shown.
const LOCK_FILE: &str = "lock file";
/// Why a file is not shown whose hunks lie in a key: what is masked in them would depend on what they happen to show.
const PRIVATE_KEY: &str = "private key";

/// One hunk, by place of its file in the change set and place in the file.
pub type Part = (usize, usize);

/// What was packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    /// The text.
    pub text: String,
    /// Files of which at least one hunk is there, by place in the change set.
    pub shown: Vec<usize>,
    /// Files that are only named in the table, with the reason.
    pub named: Vec<(usize, &'static str)>,
    /// Files that the table counts with their folders only, by place in the change set.
    pub counted: Vec<usize>,
    /// Hunks for which there was no room; [`pack_rest`] goes on with them.
    pub rest: Vec<Part>,
}

/// How hunks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// As in a diff.
    Plain,
    /// With the new side's line numbers, for findings that must point somewhere.
    Numbered,
}

/// The id a file has in prompts, from its place in the change set.
#[must_use]
pub fn file_id(place: usize) -> String {
    format!("F{}", place + 1)
}

/// Packs a change into at most `room` bytes (the table may go over when it alone is larger).
#[must_use]
pub fn pack(change: &ChangeSet, contents: &dyn Contents, room: usize, lines: Lines) -> Packed {
    pack_with(change, contents, room, lines, "")
}

/// As [`pack`], with `brief` between table and hunks: what is to be known before they are read.
#[must_use]
pub fn pack_with(change: &ChangeSet, contents: &dyn Contents, room: usize, lines: Lines, brief: &str) -> Packed {
    let mut out = Packed::default();
    let mut ranked: Vec<(Class, Part)> = Vec::new();
    for (place, file) in change.files.iter().enumerate() {
        let class = classify(file);
        match summary_only(file, class, contents) {
            Some(why) => out.named.push((place, why)),
            None => ranked.extend((0..file.hunks.len()).map(|n| (class, (place, n)))),
        }
    }
    ranked.sort_by_key(|(class, part)| (weight(*class), *part));
    let parts: Vec<Part> = ranked.into_iter().map(|(_, part)| part).collect();
    (out.text, out.counted) = table::table(change, contents, &out.named, room);
    out.text.push_str(brief);
    fill(&mut out, change, &parts, room, lines);
    out
}

/// Packs hunks that had no room before, after the same `brief`.
#[must_use]
pub fn pack_rest(change: &ChangeSet, rest: &[Part], room: usize, lines: Lines, brief: &str) -> Packed {
    let text = format!("This continues a change whose first part was shown before.\n{brief}");
    let mut out = Packed { text, ..Packed::default() };
    fill(&mut out, change, rest, room, lines);
    out
}

/// First one hunk of every file, the small files before the large; then every file up to its share, so that none starves
/// another; then what is left of the room.
fn fill(out: &mut Packed, change: &ChangeSet, parts: &[Part], room: usize, lines: Lines) {
    let head = |place: usize| format!("\n--- {} {}\n", file_id(place), change.files[place].path);
    let sizes: Vec<usize> = parts
        .iter()
        .map(|&(place, n)| rendered(&change.files[place].hunks[n], lines).len() + head(place).len())
        .collect();
    let mut whole: HashMap<usize, usize> = HashMap::new();
    parts.iter().zip(&sizes).for_each(|(&(place, _), size)| *whole.entry(place).or_default() += size);
    let free = room.saturating_sub(out.text.len());
    let equal = free / whole.len().max(1);
    // What is read on in further requests is better read file by file.
    let (first, share) = match lines {
        Lines::Plain => (equal.max(LEAST_FIRST), equal.max(LEAST_SHARE)),
        Lines::Numbered => (0, (free / FILE_SHARE).max(LEAST_SHARE)),
    };
    let ranks: HashMap<usize, (u8, usize)> =
        whole.into_iter().map(|(place, size)| (place, (weight(classify(&change.files[place])), size))).collect();
    let mut small: Vec<usize> = (0..parts.len()).collect();
    small.sort_by_key(|i| (ranks.get(&parts[*i].0).copied().unwrap_or_default(), *i));
    let mut chosen = vec![false; parts.len()];
    let mut spent: HashMap<usize, usize> = HashMap::new();
    let mut used = out.text.len();
    let mut take = |i: usize, most: &dyn Fn(usize) -> bool| {
        let own = spent.entry(parts[i].0).or_default();
        if !chosen[i] && used + sizes[i] <= room && most(*own) {
            chosen[i] = true;
            used += sizes[i];
            *own += sizes[i];
        }
    };
    small.into_iter().for_each(|i| take(i, &|own| own == 0 && sizes[i] <= first));
    (0..parts.len()).for_each(|i| take(i, &|own| own == 0 || own + sizes[i] <= share));
    (0..parts.len()).for_each(|i| take(i, &|_| true));
    let mut last = None;
    for (&(place, n), chosen) in parts.iter().zip(chosen) {
        if !chosen {
            out.rest.push((place, n));
            continue;
        }
        if last != Some(place) {
            out.text.push_str(&head(place));
            out.shown.push(place);
            last = Some(place);
        }
        out.text.push_str(&rendered(&change.files[place].hunks[n], lines));
    }
}

/// Source before settings, tests and documents; what machines wrote comes last.
const fn weight(class: Class) -> u8 {
    match class {
        Class::Source => 0,
        Class::Manifest | Class::Config | Class::Ci => 1,
        Class::Test => 2,
        Class::Docs => 3,
        _ => 4,
    }
}

/// Why only the table tells of a file, if so.
pub(super) fn summary_only(file: &FileChange, class: Class, contents: &dyn Contents) -> Option<&'static str> {
    if !matches!(file.kind, FileKind::Text | FileKind::Symlink) {
        return Some("not text");
    }
    if file.eol_only {
        return Some("only line endings");
    }
    match class {
        Class::Lock => Some(LOCK_FILE),
        Class::Generated | Class::Minified => Some("generated"),
        Class::Vendored => Some("vendored"),
        _ if file.lfs => Some("Git LFS"),
        _ if squeezed(file, class) => Some("very long lines"),
        _ if keys::shown(file, contents) => Some(PRIVATE_KEY),
        _ => None,
    }
}

/// How many of these are lock files.
fn locks(named: &[(usize, &'static str)]) -> usize {
    named.iter().filter(|(_, why)| *why == LOCK_FILE).count()
}

/// Its lines were not written by hand, whichever side they stand on: one is too long, or all are on average.
fn squeezed(file: &FileChange, class: Class) -> bool {
    let lines = || file.hunks.iter().flat_map(|h| &h.lines).map(|l| l.text.len());
    let (count, bytes) = (lines().count(), lines().sum::<usize>());
    let most = if class == Class::Docs { LONG_PARAGRAPHS } else { LONG_LINES };
    lines().any(|long| long > LONG_LINE) || (bytes > LONG_LINE && bytes > count.saturating_mul(most))
}

/// A file's row, of a change with so many lock files.
fn row(place: usize, file: &FileChange, contents: &dyn Contents, locks: usize) -> String {
    let mut out = format!("{} ", file_id(place));
    out.push_str(match file.status {
        Status::Added => "added",
        Status::Modified => "modified",
        Status::Deleted => "deleted",
        Status::Renamed => "renamed",
        Status::Copied => "copied",
        Status::TypeChanged => "type changed",
        Status::Unmerged => "in conflict",
    });
    out.push(' ');
    if let Some(from) = &file.old_path {
        out.push_str(&format!("{from} -> "));
    }
    out.push_str(file.path.as_str());
    if file.added + file.removed > 0 {
        out.push_str(&format!(" +{} -{}", file.added, file.removed));
    }
    if let (Some(old), Some(new)) = (file.old_mode, file.new_mode)
        && old != new
    {
        out.push_str(&format!(" mode {old:o} -> {new:o}"));
    }
    // Of links and submodules the kind says it.
    let marked = |mode: &u32| *mode != PLAIN_MODE && matches!(file.kind, FileKind::Text | FileKind::Binary { .. });
    if let (None, Some(new)) = (file.old_mode, file.new_mode.filter(marked)) {
        out.push_str(&format!(" mode {new:o}"));
    }
    match &file.kind {
        FileKind::Binary { old_size, new_size } => {
            let size = |s: &Option<u64>| s.map_or_else(|| "none".to_owned(), |n| format!("{n} bytes"));
            out.push_str(&format!(" binary, {} -> {}", size(old_size), size(new_size)));
        }
        FileKind::Submodule { from, to, subjects } => {
            let short =
                |c: &Option<String>| c.as_ref().map_or_else(|| "none".to_owned(), |h| h.chars().take(10).collect());
            out.push_str(&format!(" submodule {} -> {}", short(from), short(to)));
            for subject in subjects {
                out.push_str(&format!("\n   commit: {subject}"));
            }
        }
        FileKind::Symlink => out.push_str(" symbolic link"),
        FileKind::Text => {}
    }
    if let Some(why) = &file.unread {
        out.push_str(&format!(" (not readable: {why})"));
    }
    if file.lfs {
        out.push_str(" (Git LFS)");
    }
    if file.eol_only {
        out.push_str(" (only line endings)");
    } else if file.whitespace_only {
        out.push_str(" (only white space)");
    }
    if classify(file) == Class::Lock {
        out.push_str(&packages(file, contents, locks));
    }
    out
}

/// What a lock file's change means, instead of its thousands of lines; there are so many such files.
fn packages(file: &FileChange, contents: &dyn Contents, locks: usize) -> String {
    let (before, after) = (contents.before(file, LOCK_LIMIT), contents.after(file, LOCK_LIMIT));
    let text = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
    let (before, after) = (text(before), text(after));
    let changes = lockfile::changes(file.path.file_name(), before.as_deref(), after.as_deref()).unwrap_or_default();
    let mut out = String::new();
    let mut told = 0;
    let room = PACKAGE_BYTES / locks.max(1);
    for change in changes.iter().take(PACKAGES) {
        let said = match (&change.from, &change.to) {
            (None, Some(to)) => format!("added {} {to}", change.name),
            (Some(from), None) => format!("removed {} {from}", change.name),
            (Some(from), Some(to)) => format!("{} {from} -> {to}", change.name),
            (None, None) => change.name.clone(),
        };
        if (told > 0 || locks > FEW_LOCKS) && out.len() + said.len() > room {
            break;
        }
        told += 1;
        out.push_str(&format!("\n   {said}"));
    }
    match (told, changes.len() - told) {
        (_, 0) => {}
        (0, all) => out.push_str(&format!("\n   {all} packages")),
        (_, more) => out.push_str(&format!("\n   and {more} more packages")),
    }
    out
}

/// A hunk as it stands in a prompt.
pub(super) fn rendered(hunk: &Hunk, lines: Lines) -> String {
    let mut out = hunk.header();
    out.push('\n');
    for line in &hunk.lines {
        let mark = match line.kind {
            LineKind::Context => ' ',
            LineKind::Added => '+',
            LineKind::Removed => '-',
        };
        if lines == Lines::Numbered {
            match line.new {
                Some(n) => out.push_str(&format!("{n:>5} ")),
                None => out.push_str("      "),
            }
        }
        out.push(mark);
        out.push_str(line.text.trim_end_matches('\r'));
        out.push('\n');
    }
    out
}
