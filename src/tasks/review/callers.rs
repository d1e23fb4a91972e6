//! Who uses what has another signature now: found by name in tracked files, told by place alone.

use std::collections::{HashMap, HashSet};

use memchr::memmem::Finder;

use super::outline::{Moved, Parsed};
use crate::code::{Kind, Language};
use crate::git::{ChangeSet, Contents, Path};
use crate::world::clock::Stopwatch;

/// The largest file that is searched (bytes).
const LIMIT: u64 = 512 << 10;
/// Most files that are searched, and most of their bytes; the clock is there for slow disks only, so that equal input
/// gives equal words.
const FILES: usize = 5_000;
const BYTES: usize = 32 << 20;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
/// Names that are looked for, and places of one name that are told.
const NAMES: usize = 40;
const PLACES: usize = 12;
/// So short a name, or one of these, stands everywhere and says nothing.
const SHORT: usize = 3;
const COMMON: &[&str] = &[
    "clone",
    "close",
    "constructor",
    "default",
    "delete",
    "drop",
    "equals",
    "fmt",
    "from",
    "get",
    "hashCode",
    "init",
    "into",
    "len",
    "main",
    "new",
    "next",
    "open",
    "read",
    "render",
    "run",
    "set",
    "setUp",
    "start",
    "stop",
    "tearDown",
    "test",
    "toString",
    "write",
];
/// Words before a name that make it a definition and no use.
const DEFINES: &[&str] = &["fn", "def", "func", "function", "class", "struct", "enum", "trait", "interface", "type"];
/// Folders of other people's code.
const FOREIGN: &[&str] = &["node_modules", "vendor", "third_party", "target", "dist", "build"];

/// The references, one a line, in at most `most` bytes; empty when no signature changed.
#[must_use]
pub(super) fn callers(change: &ChangeSet, contents: &dyn Contents, parsed: &Parsed, most: usize) -> String {
    let mut moved = parsed.moved();
    moved.retain(|m| m.name.len() >= SHORT && !COMMON.contains(&m.name.as_str()));
    moved.truncate(NAMES);
    if moved.is_empty() {
        return String::new();
    }
    let shown: HashMap<&[u8], HashSet<u32>> = change
        .files
        .iter()
        .map(|f| (f.path.raw(), f.hunks.iter().flat_map(|h| &h.lines).filter_map(|l| l.new).collect()))
        .collect();
    let (places, searched, whole) = search(change, contents, &moved, &shown);
    let mut out = String::from("\nOther lines that name what has another signature or is gone (path:line name):\n");
    for (m, places) in moved.iter().zip(&places) {
        let mut told = 0;
        for (path, line) in places.iter().take(PLACES) {
            let row = format!("{path}:{line} {}\n", m.name);
            if out.len() + row.len() > most {
                break;
            }
            told += 1;
            out.push_str(&row);
        }
        match places.len() - told {
            0 if places.is_empty() && whole => out.push_str(&format!("none of {}\n", m.name)),
            0 => {}
            more => out.push_str(&format!("and {more} more of {}\n", m.name)),
        }
        if out.len() > most {
            break;
        }
    }
    if !whole {
        out.push_str(&format!("(only {searched} files were searched)\n"));
    }
    out
}

/// Places by name, how many files were searched, and whether these were all.
fn search(
    change: &ChangeSet,
    contents: &dyn Contents,
    moved: &[Moved],
    shown: &HashMap<&[u8], HashSet<u32>>,
) -> (Vec<Vec<(String, u32)>>, usize, bool) {
    let folder = |path: &Path| path.folders().map(str::to_owned).collect::<Vec<_>>();
    let near: HashSet<Vec<String>> =
        moved.iter().filter_map(|m| change.files.get(m.place)).map(|f| folder(&f.path)).collect();
    let mut files: Vec<(bool, Path, Language)> = contents
        .tracked()
        .into_iter()
        .filter(|path| !path.folders().any(|f| FOREIGN.contains(&f)))
        .filter_map(|path| {
            let language = Language::of(path.as_str())?;
            moved.iter().any(|m| m.language.akin(language)).then(|| (!near.contains(&folder(&path)), path, language))
        })
        .collect();
    // The neighbours first, where the room may not do for all.
    files.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let finders: Vec<Finder<'_>> = moved.iter().map(|m| Finder::new(m.name.as_bytes())).collect();
    let mut places = vec![Vec::new(); moved.len()];
    let (watch, mut bytes, mut searched) = (Stopwatch::start(), 0, 0);
    for (_, path, language) in &files {
        if searched >= FILES || bytes >= BYTES || watch.elapsed() > PATIENCE {
            return (places, searched, false);
        }
        searched += 1;
        let Some(text) = contents.current(path, LIMIT) else { continue };
        bytes += text.len();
        let known = shown.get(path.raw());
        for ((m, finder), places) in moved.iter().zip(&finders).zip(&mut places) {
            if !m.language.akin(*language) {
                continue;
            }
            let seen = |n: &u32| known.is_some_and(|k| k.contains(n));
            let lines = lines(&text, finder, m, *language);
            places.extend(lines.into_iter().filter(|n| !seen(n)).map(|n| (path.to_string(), n)));
        }
    }
    (places, searched, true)
}

/// The lines of a text on which a name is used, from 1, each once.
fn lines(text: &[u8], finder: &Finder<'_>, moved: &Moved, language: Language) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    let (mut counted, mut number) = (0, 1_u32);
    for at in finder.find_iter(text) {
        let between = text.get(counted..at).unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', between).count();
        number = number.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        counted = at;
        if out.last() == Some(&number) {
            continue;
        }
        let start = memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |n| n + 1);
        let rest = text.get(at + moved.name.len()..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let before = String::from_utf8_lossy(text.get(start..at).unwrap_or_default());
        let after = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
        if !language.remark(&before) && used(&before, &after, moved.kind, language) {
            out.push(number);
        }
    }
    out
}

/// Whether a name between these two parts of a line is used there: called, handed on or imported.
fn used(before: &str, after: &str, kind: Kind, language: Language) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if before.ends_with(joins) || after.starts_with(joins) {
        return false;
    }
    let (head, tail) = (before.trim_end(), after.trim_start());
    let word = head.rsplit(|c: char| !joins(c)).next().unwrap_or_default();
    if DEFINES.contains(&word) {
        return false;
    }
    if kind != Kind::Function || language == Language::Bash {
        return true;
    }
    // A word in prose is none of these.
    let called = tail.starts_with(['(', '<', '!']) || tail.starts_with("::<");
    let handed =
        head.ends_with(['(', ',', '=', '&', '.', ':', '{', '[']) && tail.starts_with([')', ',', ';', '}', ']', '.']);
    let import =
        ["use ", "import ", "from "].iter().any(|w| before.trim_start().trim_start_matches("pub ").starts_with(w));
    called || handed || import || (head.ends_with(['.', '=', ':']) && tail.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, name: &str, file: &str) -> Vec<u32> {
        let language = Language::of(file).unwrap();
        let moved = Moved { name: name.to_owned(), language, kind: Kind::Function, place: 0 };
        lines(text.as_bytes(), &Finder::new(name), &moved, language)
    }

    #[test]
    fn uses_are_told_from_definitions_words_and_remarks() {
        let rust = "use crate::pager::pages;\n// pages(1)\nfn pages(a: u8) {}\nlet n = pages(1) + pages(2);\nlet s = \"all pages here\";\nlet my_pages = 1;\nitems.map(pages);\nself.pages\n";
        assert_eq!(found(rust, "pages", "a.rs"), [1, 4, 7, 8]);
        assert_eq!(found("def pages(): pass\n  x = a.pages( 1)\n# pages()\n", "pages", "a.py"), [2]);
        assert_eq!(found("deploy prod\n# deploy\n", "deploy", "a.sh"), [1]);
        assert_eq!(found("", "pages", "a.rs"), [0_u32; 0]);
    }
}
