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
/// Bytes before and behind a name that tell how it is used.
const AROUND: usize = 400;
/// Names that are looked for, and places of one name that are told.
const NAMES: usize = 40;
const PLACES: usize = 12;
/// A name that stands on more lines than this is a word; its places would say nothing.
const WORD: usize = 30;
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
    let mut moved = parsed.moved(change);
    moved.retain(|m| sought(m).is_some());
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
        let most_of_it = if places.len() > WORD { 0 } else { PLACES };
        for (path, line) in places.iter().take(most_of_it) {
            let row = format!("{path}:{line} {}\n", m.name);
            if out.len() + row.len() > most {
                break;
            }
            told += 1;
            out.push_str(&row);
        }
        match places.len() - told {
            0 if places.is_empty() && whole => out.push_str(&format!("no other line: {}\n", m.name)),
            0 => {}
            many if told == 0 => out.push_str(&format!("{many} lines, too many to tell: {}\n", m.name)),
            more => out.push_str(&format!("{more} more lines: {}\n", m.name)),
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
    let sought: Vec<String> = moved.iter().map(|m| sought(m).unwrap_or_default()).collect();
    let finders: Vec<Finder<'_>> = sought.iter().map(|name| Finder::new(name.as_bytes())).collect();
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
            let home = change.files.get(m.place).map(|f| &f.path);
            if !m.language.akin(*language) || !home.is_some_and(|home| reaches(m, home, path)) {
                continue;
            }
            let seen = |n: &u32| known.is_some_and(|k| k.contains(n));
            let lines = lines(&text, finder, m, *language);
            places.extend(lines.into_iter().filter(|n| !seen(n)).map(|n| (path.to_string(), n)));
        }
    }
    (places, searched, true)
}

/// What is looked for: the name, and where everything has one of that name, only together with what it belongs to.
fn sought(m: &Moved) -> Option<String> {
    if m.name.len() >= SHORT && !COMMON.contains(&m.name.as_str()) {
        return Some(m.name.clone());
    }
    let between = if m.language == Language::Rust { "::" } else { "." };
    m.owner.as_ref().map(|owner| format!("{owner}{between}{}", m.name))
}

/// Whether code in this file can use it at all. Methods are reached through values, wherever these are.
fn reaches(m: &Moved, home: &Path, path: &Path) -> bool {
    if m.exported || m.owner.is_some() || home == path {
        return true;
    }
    let within = |home: &Path| home.as_str().rsplit_once('/').map_or(0, |(folder, _)| folder.len() + 1);
    let folder = home.as_str().get(..within(home)).unwrap_or_default();
    !matches!(m.language, Language::C | Language::TypeScript | Language::Tsx) && path.as_str().starts_with(folder)
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
        // Of a squeezed text the line is no measure.
        let head = text.get(at.saturating_sub(AROUND)..at).unwrap_or_default();
        let head = memchr::memrchr(b'\n', head).and_then(|n| head.get(n + 1..)).unwrap_or(head);
        let rest = text.get(at + finder.needle().len()..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest.get(..AROUND).unwrap_or(rest)).unwrap_or(rest.len().min(AROUND));
        let before = String::from_utf8_lossy(head);
        let after = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
        if !language.remark(&before) && used(&before, &after, moved) {
            out.push(number);
        }
    }
    out
}

/// Whether a name between these two parts of a line is used there: called, handed on or imported.
fn used(before: &str, after: &str, moved: &Moved) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if before.ends_with(joins) || after.starts_with(joins) {
        return false;
    }
    let (head, tail) = (before.trim_end(), after.trim_start());
    let word = head.rsplit(|c: char| !joins(c)).next().unwrap_or_default();
    if DEFINES.contains(&word) {
        return false;
    }
    if moved.kind != Kind::Function || moved.language == Language::Bash || head.ends_with("::") {
        return true;
    }
    // A function of no type is no method there.
    if head.ends_with('.') && moved.owner.is_none() && matches!(moved.language, Language::Rust | Language::C) {
        return false;
    }
    let called = tail.starts_with(['(', '<', '!']) || tail.starts_with("::<");
    let line = before.trim_start().trim_start_matches("pub ");
    let import = ["use ", "import ", "from "].iter().any(|w| line.starts_with(w));
    // A name of one word that is handed on is mostly a variable.
    let words = moved.name.contains('_') || moved.name.chars().skip(1).any(char::is_uppercase);
    let handed =
        head.ends_with(['(', ',', '=', '&', '.', ':', '{', '[']) && !tail.starts_with(joins) && !tail.starts_with('"');
    called || import || (words && handed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(name: &str, language: Language) -> Moved {
        Moved { name: name.to_owned(), owner: None, language, kind: Kind::Function, exported: true, place: 0 }
    }

    fn found(text: &str, name: &str, file: &str) -> Vec<u32> {
        let language = Language::of(file).unwrap();
        let moved = free(name, language);
        lines(text.as_bytes(), &Finder::new(name), &moved, language)
    }

    #[test]
    fn uses_are_told_from_definitions_words_and_remarks() {
        let rust = "use crate::pager::pages;\n// pages(1)\nfn pages(a: u8) {}\nlet n = pages(1) + pages(2);\n\
            let s = \"all pages here\";\nlet my_pages = 1;\nlet pages = 3;\nitems.pages();\nf(&pages);\nuse_it(pager::pages)\n";
        assert_eq!(found(rust, "pages", "a.rs"), [1, 4, 10]);
        assert_eq!(found("items.map(page_count);\n", "page_count", "a.rs"), [1]);
        assert_eq!(found("def pages(): pass\n  x = a.pages( 1)\n# pages()\n", "pages", "a.py"), [2]);
        assert_eq!(found("deploy prod\n# deploy\n", "deploy", "a.sh"), [1]);
        assert_eq!(found("", "pages", "a.rs"), [0_u32; 0]);
    }

    #[test]
    fn a_name_that_everything_has_is_looked_for_with_its_owner_and_a_private_one_at_home() {
        let mut new = free("new", Language::Rust);
        assert_eq!(sought(&new), None);
        new.owner = Some("Page".to_owned());
        assert_eq!(sought(&new).as_deref(), Some("Page::new"));
        let mut help = free("help", Language::Rust);
        let paths = ["src/a/b.rs", "src/a/c.rs", "src/a/d/e.rs", "src/f.rs"].map(Path::from);
        let reached = |m: &Moved| paths.each_ref().map(|path| reaches(m, &paths[0], path));
        assert_eq!(reached(&help), [true; 4]);
        help.exported = false;
        assert_eq!(reached(&help), [true, true, true, false]);
        help.language = Language::C;
        assert_eq!(reached(&help), [true, false, false, false]);
    }
}
