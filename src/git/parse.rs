//! Patches read from bytes that may come from anywhere. What is not understood is told, never passed over.

use super::error::GitError;
use super::patch::finish;
use super::prefix::{self, Names};
use super::{ChangeSet, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};

/// Files of one patch; what comes after is left out and told.
const FILES: usize = 20_000;
/// Sentences about what was not read; what comes after is counted.
const NOTES: usize = 20;
/// A merge of more parents than this is none (marks before a hunk's ranges).
const PARENTS: usize = 16;

/// Reads a patch as `git diff`, `git show` and `diff -u` print it. A combined diff, as of a merge, is read as against
/// the first parent.
///
/// # Errors
/// `Patch` when there is no file in it.
pub fn parse(bytes: &[u8]) -> Result<ChangeSet, GitError> {
    let mut reader = Reader::default();
    for line in bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|b| *b == b'\n') {
        reader.line(line);
    }
    reader.end_file();
    if reader.files.is_empty() {
        let why = reader.notes.into_iter().next().unwrap_or_else(|| "no changed file was found in it".to_owned());
        return Err(GitError::Patch(why));
    }
    let mut out = ChangeSet { label: "patch".to_owned(), notes: reader.notes, ..ChangeSet::default() };
    if out.notes.len() > NOTES {
        let more = out.notes.len() - NOTES;
        out.notes.truncate(NOTES);
        out.notes.push(format!("and {more} more parts of the patch were not read"));
    }
    if reader.files.len() > FILES {
        out.notes.push(format!("only the first {FILES} files of {} were read", reader.files.len()));
        reader.files.truncate(FILES);
    }
    reader.files.iter_mut().for_each(finish);
    out.files = reader.files;
    Ok(out)
}

#[derive(Default)]
struct Reader {
    files: Vec<FileChange>,
    notes: Vec<String>,
    file: Option<Part>,
    /// Lines of the current hunk that are still to come, old and new.
    left: (u32, u32),
    at: (u32, u32),
    /// Marks before a line of the current hunk: one for each parent.
    marks: usize,
    /// The line before was the last of a hunk.
    after: bool,
}

/// A file whose part of the patch is being read.
struct Part {
    file: FileChange,
    names: Names,
}

impl Part {
    fn name(&self) -> String {
        self.names
            .resolve(self.file.status)
            .map_or_else(|| "a file without a name".to_owned(), |(_, new)| Path::new(&new).as_str().to_owned())
    }
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        if self.left != (0, 0) && self.body(line) {
            self.after = self.left == (0, 0);
            return;
        }
        self.cut();
        let after = std::mem::take(&mut self.after);
        // A patch that went through Windows; a name that ends so is quoted.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"diff --git ") {
            self.begin(Names { line: Some(rest.to_vec()), ..Names::default() });
        } else if let Some(rest) = line.strip_prefix(b"diff --cc ").or_else(|| line.strip_prefix(b"diff --combined ")) {
            self.begin(Names { combined: Some(prefix::unquote(rest)), ..Names::default() });
        } else if line.starts_with(b"\\ No newline") {
            self.no_newline();
            self.after = after;
        } else if let Some(rest) = line.strip_prefix(b"--- ") {
            // A plain diff has no "diff --git" line: its files begin here.
            if self.file.as_ref().is_none_or(|p| !p.file.hunks.is_empty()) {
                self.begin(Names::default());
            }
            self.side(rest, true);
        } else if let Some(rest) = line.strip_prefix(b"+++ ") {
            self.side(rest, false);
        } else if line.starts_with(b"@@") {
            self.hunk(line);
        } else if line.starts_with(b"***************") {
            self.note("a part in the context format was not read; make it with diff -u".to_owned());
        } else if let Some(rest) = line.strip_prefix(b"Submodule ") {
            let rest = Path::new(rest);
            self.note(format!("the log of a submodule was not read ({rest}); make it with --submodule=short"));
        } else if after && matches!(line.first(), Some(b'+' | b'-')) && !line.starts_with(b"--") {
            let name = self.file.as_ref().map(Part::name).unwrap_or_default();
            self.note(format!("{name}: lines outside of its hunks were not read"));
        } else {
            self.header(line);
        }
    }

    fn note(&mut self, what: String) {
        if !self.notes.contains(&what) {
            self.notes.push(what);
        }
    }

    /// A hunk ends here, whether all of it came or not.
    fn cut(&mut self) {
        if std::mem::take(&mut self.left) != (0, 0) {
            let name = self.file.as_ref().map(Part::name).unwrap_or_default();
            self.note(format!("{name}: a hunk is shorter than it says, and what is missing was not read"));
        }
    }

    fn begin(&mut self, names: Names) {
        self.end_file();
        self.file = Some(Part { file: FileChange::new(Path::default(), Status::Modified), names });
    }

    fn header(&mut self, line: &[u8]) {
        let Some(Part { file, names }) = &mut self.file else { return };
        if !file.hunks.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(line);
        // A combined diff names one mode for each parent.
        let mode = |s: &str| s.split(',').next().and_then(|s| u32::from_str_radix(s.trim(), 8).ok());
        let bytes_after = |prefix: &str| line.get(prefix.len()..).map(prefix::unquote);
        if let Some(rest) = text.strip_prefix("new file mode ") {
            file.status = Status::Added;
            file.new_mode = mode(rest);
        } else if let Some(rest) = text.strip_prefix("deleted file mode ") {
            file.status = Status::Deleted;
            file.old_mode = mode(rest);
        } else if let Some(rest) = text.strip_prefix("old mode ") {
            file.old_mode = mode(rest);
        } else if let Some(rest) = text.strip_prefix("new mode ") {
            file.new_mode = mode(rest);
        } else if text.starts_with("rename from ") {
            file.status = Status::Renamed;
            names.from = bytes_after("rename from ");
        } else if text.starts_with("rename to ") {
            names.to = bytes_after("rename to ");
        } else if text.starts_with("copy from ") {
            file.status = Status::Copied;
            names.from = bytes_after("copy from ");
        } else if text.starts_with("copy to ") {
            names.to = bytes_after("copy to ");
        } else if let Some(rest) = text.strip_prefix("index ") {
            let (ids, mode_text) = rest.split_once(' ').unwrap_or((rest, ""));
            if let Some((old, new)) = ids.split_once("..") {
                let old = old.split(',').next().unwrap_or_default();
                let id = |s: &str| (!s.is_empty() && s.bytes().any(|b| b != b'0')).then(|| s.to_owned());
                (file.old_id, file.new_id) = (id(old), id(new));
            }
            if let Some(both) = mode(mode_text) {
                (file.old_mode, file.new_mode) = (Some(both), Some(both));
            }
        } else if let Some(rest) = text.strip_prefix("mode ") {
            // "mode 100644,100644..100755", of a combined diff.
            if let Some((old, new)) = rest.split_once("..") {
                (file.old_mode, file.new_mode) = (mode(old), mode(new));
            }
        } else if text.starts_with("Binary files ") || text.starts_with("GIT binary patch") {
            file.kind = FileKind::Binary { old_size: None, new_size: None };
        }
    }

    fn side(&mut self, rest: &[u8], old: bool) {
        let Some(Part { file, names }) = &mut self.file else { return };
        if !file.hunks.is_empty() {
            return;
        }
        // A tab and a time stand behind the names of a plain diff.
        let rest = rest.split(|b| *b == b'\t').next().unwrap_or(rest);
        let name = prefix::unquote(rest);
        let side = if old { &mut names.minus } else { &mut names.plus };
        if name == b"/dev/null" {
            file.status = if old { Status::Added } else { Status::Deleted };
            *side = Some(None);
        } else {
            *side = Some(Some(name));
        }
    }

    fn hunk(&mut self, line: &[u8]) {
        let Some(Part { file, .. }) = &mut self.file else { return };
        match ranges(&String::from_utf8_lossy(line)) {
            Some((hunk, parents)) => {
                self.left = (hunk.old_lines, hunk.new_lines);
                self.at = (hunk.old_start, hunk.new_start);
                self.marks = parents;
                file.hunks.push(hunk);
            }
            None => {
                let name = self.file.as_ref().map(Part::name).unwrap_or_default();
                self.note(format!("{name}: the head of a hunk could not be read, and so its lines were not"));
            }
        }
    }

    /// A line of a hunk; `false` when it is none.
    fn body(&mut self, line: &[u8]) -> bool {
        let Some(hunk) = self.file.as_mut().and_then(|p| p.file.hunks.last_mut()) else { return false };
        if line.first() == Some(&b'\\') {
            self.no_newline();
            return true;
        }
        // Mail programs take the blank off empty context lines.
        let (marks, text) = match line {
            [] | [b'\r'] => (&b" "[..], line),
            _ => line.split_at(self.marks.min(line.len())),
        };
        if !marks.iter().all(|mark| matches!(mark, b' ' | b'+' | b'-')) {
            return false;
        }
        let first = marks.first().copied().unwrap_or(b' ');
        let kind = if first == b'-' {
            LineKind::Removed
        } else if marks.contains(&b'-') {
            // Another parent had it, and neither the first nor the result.
            return true;
        } else if first == b'+' {
            LineKind::Added
        } else {
            LineKind::Context
        };
        let (old, new) = (kind != LineKind::Added, kind != LineKind::Removed);
        if (old && self.left.0 == 0) || (new && self.left.1 == 0) {
            return false;
        }
        let number = |wanted: bool, at: &mut u32, left: &mut u32| {
            wanted.then(|| {
                let n = *at;
                *at = at.saturating_add(1);
                *left = left.saturating_sub(1);
                n
            })
        };
        let old = number(old, &mut self.at.0, &mut self.left.0);
        let new = number(new, &mut self.at.1, &mut self.left.1);
        hunk.lines.push(Line { kind, text: String::from_utf8_lossy(text).into_owned(), old, new, no_newline: false });
        true
    }

    fn no_newline(&mut self) {
        let hunk = self.file.as_mut().and_then(|p| p.file.hunks.last_mut());
        if let Some(line) = hunk.and_then(|h| h.lines.last_mut()) {
            line.no_newline = true;
        }
    }

    fn end_file(&mut self) {
        self.cut();
        self.after = false;
        let Some(Part { mut file, names }) = self.file.take() else { return };
        let Some((old, new)) = names.resolve(file.status) else {
            self.note("a file without a name was not read".to_owned());
            return;
        };
        file.path = Path::new(&new);
        if matches!(file.status, Status::Renamed | Status::Copied) {
            file.old_path = Some(Path::new(&old));
        }
        if file.is_module() {
            let commit = |kind| {
                let lines = file.hunks.iter().flat_map(|h| &h.lines).filter(move |l| l.kind == kind);
                lines
                    .filter_map(|l| l.text.strip_prefix("Subproject commit "))
                    .next()
                    .map(|c| c.trim_end_matches("-dirty").to_owned())
            };
            file.kind = FileKind::Submodule {
                from: commit(LineKind::Removed),
                to: commit(LineKind::Added),
                subjects: Vec::new(),
            };
            file.hunks.clear();
        } else if [file.new_mode, file.old_mode].into_iter().flatten().next() == Some(0o120_000) {
            file.kind = FileKind::Symlink;
        }
        match file.status {
            Status::Added => (file.old_mode, file.old_id) = (None, None),
            Status::Deleted => (file.new_mode, file.new_id) = (None, None),
            _ => {}
        }
        self.files.push(file);
    }
}

/// `@@ -A,B +C,D @@ SECTION`, or with one old range for each parent `@@@ -A,B -C,D +E,F @@@`, and how many parents.
fn ranges(line: &str) -> Option<(Hunk, usize)> {
    let parents =
        line.bytes().take_while(|b| *b == b'@').count().checked_sub(1).filter(|n| (1..=PARENTS).contains(n))?;
    let fence = "@".repeat(parents + 1);
    let (ranges, section) = line.strip_prefix(&fence)?.split_once(&format!(" {fence}"))?;
    let words: Vec<&str> = ranges.split_whitespace().collect();
    if words.len() != parents + 1 {
        return None;
    }
    let range = |text: &str, sign: char| -> Option<(u32, u32)> {
        let text = text.strip_prefix(sign)?;
        match text.split_once(',') {
            Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let (old_start, old_lines) = range(words.first()?, '-')?;
    let (new_start, new_lines) = range(words.last()?, '+')?;
    let section = section.trim().to_owned();
    Some((Hunk { old_start, old_lines, new_start, new_lines, section, lines: Vec::new() }, parents))
}
