//! Patches as text: read from bytes that may come from anywhere, written, and applied in memory.

use super::error::GitError;
use super::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};

/// Files of one patch; what comes after is left out and told.
const FILES: usize = 20_000;
/// What a Git LFS pointer begins with.
const LFS: &str = "version https://git-lfs.github.com/spec/v1";

/// Reads a patch as `git diff` and `diff -u` print it.
///
/// # Errors
/// `Patch` when there is no file in it.
pub fn parse(bytes: &[u8]) -> Result<ChangeSet, GitError> {
    let mut reader = Reader::default();
    for line in bytes.split(|b| *b == b'\n') {
        reader.line(line);
    }
    reader.end_file();
    if reader.files.is_empty() {
        return Err(GitError::Patch("no changed file was found in it".to_owned()));
    }
    let mut out = ChangeSet { label: "patch".to_owned(), ..ChangeSet::default() };
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
    file: Option<FileChange>,
    /// Lines of the current hunk that are still to come, old and new.
    left: (u32, u32),
    at: (u32, u32),
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        if self.left != (0, 0) && self.body(line) {
            return;
        }
        self.left = (0, 0);
        // A patch that went through Windows; a name that ends so is quoted.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"diff --git ") {
            self.begin(rest);
        } else if line.starts_with(b"\\ No newline") {
            self.no_newline();
        } else if let Some(rest) = line.strip_prefix(b"--- ") {
            // A plain diff has no "diff --git" line: its files begin here.
            if self.file.as_ref().is_none_or(|f| !f.hunks.is_empty()) {
                self.end_file();
                self.file = Some(FileChange::new(Path::default(), Status::Modified));
            }
            self.side(rest, true);
        } else if let Some(rest) = line.strip_prefix(b"+++ ") {
            self.side(rest, false);
        } else if line.starts_with(b"@@ ") {
            self.hunk(&String::from_utf8_lossy(line));
        } else {
            self.header(line);
        }
    }

    fn begin(&mut self, rest: &[u8]) {
        self.end_file();
        let mut file = FileChange::new(Path::default(), Status::Modified);
        if let Some((old, new)) = two_names(rest) {
            file.path = Path::new(&new);
            file.old_path = Some(Path::new(&old)).filter(|p| *p != file.path);
        }
        self.file = Some(file);
    }

    fn header(&mut self, line: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if !file.hunks.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(line);
        let mode = |s: &str| u32::from_str_radix(s.trim(), 8).ok();
        let bytes_after = |prefix: &str| line.get(prefix.len()..).map(unquote).map(|n| Path::new(&n));
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
            file.old_path = bytes_after("rename from ");
        } else if text.starts_with("rename to ") {
            file.path = bytes_after("rename to ").unwrap_or_default();
        } else if text.starts_with("copy from ") {
            file.status = Status::Copied;
            file.old_path = bytes_after("copy from ");
        } else if text.starts_with("copy to ") {
            file.path = bytes_after("copy to ").unwrap_or_default();
        } else if let Some(rest) = text.strip_prefix("index ") {
            let (ids, mode_text) = rest.split_once(' ').unwrap_or((rest, ""));
            if let Some((old, new)) = ids.split_once("..") {
                let id = |s: &str| (!s.is_empty() && s.bytes().any(|b| b != b'0')).then(|| s.to_owned());
                (file.old_id, file.new_id) = (id(old), id(new));
            }
            if let Some(both) = mode(mode_text) {
                (file.old_mode, file.new_mode) = (Some(both), Some(both));
            }
        } else if text.starts_with("Binary files ") || text.starts_with("GIT binary patch") {
            file.kind = FileKind::Binary { old_size: None, new_size: None };
        }
    }

    fn side(&mut self, rest: &[u8], old: bool) {
        let Some(file) = &mut self.file else { return };
        // A tab and a time stand behind the names of a plain diff.
        let rest = rest.split(|b| *b == b'\t').next().unwrap_or(rest);
        let name = unquote(rest);
        if name == b"/dev/null" {
            file.status = if old { Status::Added } else { Status::Deleted };
            return;
        }
        let bare = name.strip_prefix(if old { b"a/" } else { b"b/" }).unwrap_or(&name);
        if file.path.raw().is_empty() || (!old && file.status == Status::Modified) {
            file.path = Path::new(bare);
        }
    }

    fn hunk(&mut self, line: &str) {
        let Some(file) = &mut self.file else { return };
        let Some((ranges, section)) = line.strip_prefix("@@ ").and_then(|l| l.split_once(" @@")) else { return };
        let Some((old, new)) = ranges.split_once(' ') else { return };
        let range = |text: &str, sign: char| -> Option<(u32, u32)> {
            let text = text.strip_prefix(sign)?;
            match text.split_once(',') {
                Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
                None => Some((text.parse().ok()?, 1)),
            }
        };
        let (Some((old_start, old_lines)), Some((new_start, new_lines))) = (range(old, '-'), range(new, '+')) else {
            return;
        };
        self.left = (old_lines, new_lines);
        self.at = (old_start, new_start);
        let section = section.trim().to_owned();
        file.hunks.push(Hunk { old_start, old_lines, new_start, new_lines, section, lines: Vec::new() });
    }

    /// A line of a hunk; `false` when it is none.
    fn body(&mut self, line: &[u8]) -> bool {
        let Some(hunk) = self.file.as_mut().and_then(|f| f.hunks.last_mut()) else { return false };
        // Mail programs take the blank off empty context lines.
        let (mark, text) = match line.split_first() {
            None => (b' ', line),
            Some((b'\r', [])) => (b' ', line),
            Some((mark, text)) => (*mark, text),
        };
        let (kind, old, new) = match mark {
            b' ' if self.left.0 > 0 && self.left.1 > 0 => (LineKind::Context, true, true),
            b'-' if self.left.0 > 0 => (LineKind::Removed, true, false),
            b'+' if self.left.1 > 0 => (LineKind::Added, false, true),
            b'\\' => {
                self.no_newline();
                return true;
            }
            _ => return false,
        };
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
        if let Some(line) = self.file.as_mut().and_then(|f| f.hunks.last_mut()).and_then(|h| h.lines.last_mut()) {
            line.no_newline = true;
        }
    }

    fn end_file(&mut self) {
        self.left = (0, 0);
        let Some(mut file) = self.file.take() else { return };
        if file.path.raw().is_empty() {
            return;
        }
        if matches!(file.status, Status::Modified | Status::Added | Status::Deleted) {
            file.old_path = None;
        }
        let submodule = [file.old_mode, file.new_mode].contains(&Some(0o160_000));
        if submodule {
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

/// Counts lines and notices what they have in common.
pub(super) fn finish(file: &mut FileChange) {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (added, removed) = (count(file.added_lines().count()), count(file.removed_lines().count()));
    (file.added, file.removed) = (added, removed);
    let all = |f: &FileChange, added: bool, strip: fn(&str) -> String| -> String {
        let one = |l: &Line| strip(&l.text);
        if added {
            f.added_lines().map(one).collect::<Vec<_>>().join("\n")
        } else {
            f.removed_lines().map(one).collect::<Vec<_>>().join("\n")
        }
    };
    if added > 0 && removed > 0 {
        let eol = |t: &str| t.trim_end_matches('\r').to_owned();
        let white = |t: &str| t.split_whitespace().collect::<String>();
        let same = |strip: fn(&str) -> String| all(file, true, strip) == all(file, false, strip);
        let (eol_only, whitespace_only) = (same(eol), same(white));
        let moved_newline = all(file, true, str::to_owned) == all(file, false, str::to_owned);
        (file.eol_only, file.whitespace_only) = (eol_only && !moved_newline, whitespace_only);
    }
    let pointer = |l: &Line| l.text.starts_with(LFS);
    file.lfs = file.hunks.iter().flat_map(|h| &h.lines).any(pointer);
}

/// The two names of a `diff --git` line. Without quotes they can only be told apart when they are equal.
fn two_names(rest: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let bare = |name: Vec<u8>, prefix: &[u8]| name.strip_prefix(prefix).map(<[u8]>::to_vec).unwrap_or(name);
    if rest.first() == Some(&b'"') {
        let end = closing_quote(rest)?;
        let second = rest.get(end + 2..)?;
        return Some((bare(unquote(&rest[..=end]), b"a/"), bare(unquote(second), b"b/")));
    }
    if rest.last() == Some(&b'"') {
        let start = rest.windows(2).position(|w| w == b" \"")?;
        return Some((bare(rest[..start].to_vec(), b"a/"), bare(unquote(&rest[start + 1..]), b"b/")));
    }
    // "a/NAME b/NAME": both halves are equally long when the name did not change.
    let half = rest.len() / 2;
    if rest.get(half) == Some(&b' ') {
        let (old, new) = (bare(rest[..half].to_vec(), b"a/"), bare(rest[half + 1..].to_vec(), b"b/"));
        if old == new {
            return Some((old, new));
        }
    }
    let at = rest.windows(3).position(|w| w == b" b/")?;
    Some((bare(rest[..at].to_vec(), b"a/"), bare(rest[at + 1..].to_vec(), b"b/")))
}

fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// Takes git's C quoting off a name.
fn unquote(name: &[u8]) -> Vec<u8> {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")) else { return name.to_vec() };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(next @ b'0'..=b'7') = bytes.peek().copied() {
                        value = value * 8 + u32::from(next - b'0');
                        bytes.next();
                    }
                }
                out.push(u8::try_from(value & 0xff).unwrap_or(b'?'));
            }
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'v') => out.push(11),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// A change as text for people and models: unified, names as they are shown.
#[must_use]
pub fn render(change: &ChangeSet) -> String {
    let mut out = String::new();
    for file in &change.files {
        let old = file.old_path.as_ref().unwrap_or(&file.path);
        out.push_str(&format!("diff --git a/{old} b/{}\n", file.path));
        match &file.kind {
            FileKind::Binary { .. } => out.push_str("(binary)\n"),
            FileKind::Submodule { from, to, .. } => {
                let id = |i: &Option<String>| i.clone().unwrap_or_else(|| "none".to_owned());
                out.push_str(&format!("(submodule {} -> {})\n", id(from), id(to)));
            }
            FileKind::Text | FileKind::Symlink => {
                let side = |there: bool, prefix: &str, path: &Path| {
                    if there { format!("{prefix}/{path}") } else { "/dev/null".to_owned() }
                };
                if !file.hunks.is_empty() {
                    out.push_str(&format!("--- {}\n", side(file.status != Status::Added, "a", old)));
                    out.push_str(&format!("+++ {}\n", side(file.status != Status::Deleted, "b", &file.path)));
                }
            }
        }
        for hunk in &file.hunks {
            out.push_str(&hunk.header());
            out.push('\n');
            for line in &hunk.lines {
                out.push(match line.kind {
                    LineKind::Context => ' ',
                    LineKind::Added => '+',
                    LineKind::Removed => '-',
                });
                out.push_str(&line.text);
                out.push('\n');
                if line.no_newline {
                    out.push_str("\\ No newline at end of file\n");
                }
            }
        }
    }
    out
}

/// Applies the hunks of a patch of one file to its text. The context must match exactly, where the hunk says or
/// nearby; line endings of the text are kept.
///
/// # Errors
/// `Patch` with the first hunk that does not apply.
pub fn apply(before: &str, patch: &str) -> Result<String, GitError> {
    let text = if patch.trim_start().starts_with("@@ ") {
        format!("--- a/x\n+++ b/x\n{}", patch.trim_start())
    } else {
        patch.to_owned()
    };
    let change = parse(text.as_bytes())?;
    let [file] = change.files.as_slice() else {
        return Err(GitError::Patch("it changes more than one file".to_owned()));
    };
    if file.hunks.iter().all(|h| h.lines.is_empty()) {
        return Err(GitError::Patch("it has no hunk".to_owned()));
    }
    let mut lines: Vec<String> = before.split_inclusive('\n').map(str::to_owned).collect();
    let mut shift: i64 = 0;
    // Hunks stand in order: none applies above the end of the one before.
    let mut floor = 0;
    for (n, hunk) in file.hunks.iter().enumerate() {
        let counted = |kind| u32::try_from(hunk.lines.iter().filter(|l| l.kind != kind).count()).unwrap_or(u32::MAX);
        if counted(LineKind::Added) != hunk.old_lines || counted(LineKind::Removed) != hunk.new_lines {
            return Err(GitError::Patch(format!("hunk {} is shorter than it says", n + 1)));
        }
        let old: Vec<&Line> = hunk.lines.iter().filter(|l| l.kind != LineKind::Added).collect();
        let wanted =
            i64::from(hunk.old_start.max(1)) - 1 + shift + i64::from(hunk.old_lines == 0 && hunk.old_start > 0);
        let bare = |s: &str| s.trim_end_matches(['\n', '\r']).to_owned();
        let fits = |at: usize| {
            lines
                .get(at..at + old.len())
                .is_some_and(|there| there.iter().zip(&old).all(|(t, o)| bare(t) == o.text.trim_end_matches('\r')))
        };
        let near = |distance: i64| usize::try_from(wanted + distance).ok();
        // Without a line to hold on to, it applies where it says or nowhere.
        let reach = if old.is_empty() { 0 } else { 200_i64 };
        let at = (0..=reach)
            .flat_map(|d| [d, -d])
            .filter_map(near)
            .find(|at| *at >= floor && fits(*at))
            .ok_or_else(|| GitError::Patch(format!("hunk {} does not match the file", n + 1)))?;
        let ending =
            lines.iter().find(|l| l.ends_with('\n')).map_or("\n", |l| if l.ends_with("\r\n") { "\r\n" } else { "\n" });
        let mut place = at;
        let mut fresh = Vec::new();
        for line in &hunk.lines {
            match line.kind {
                LineKind::Context => {
                    fresh.push(lines[place].clone());
                    place += 1;
                }
                LineKind::Removed => place += 1,
                LineKind::Added => {
                    let end = if line.no_newline { "" } else { ending };
                    fresh.push(format!("{}{end}", line.text.trim_end_matches('\r')));
                }
            }
        }
        // A line that was the last and without its line feed gets one when something follows.
        let count = fresh.len();
        for (i, line) in fresh.iter_mut().enumerate() {
            if !line.ends_with('\n') && (i + 1 < count || place < lines.len()) {
                line.push_str(ending);
            }
        }
        let grown = i64::try_from(fresh.len()).unwrap_or(0) - i64::try_from(place - at).unwrap_or(0);
        floor = at + fresh.len();
        lines.splice(at..place, fresh);
        shift += grown + i64::try_from(at).unwrap_or(0) - wanted;
    }
    Ok(lines.concat())
}

/// The files around a bare patch: nothing is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Bare;

impl Contents for Bare {
    fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn tracked(&self) -> Vec<Path> {
        Vec::new()
    }
}
