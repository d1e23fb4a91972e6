//! Patches as text: read, written, and applied in memory.

use super::error::GitError;
pub use super::parse::parse;
use super::{ChangeSet, Contents, FileChange, FileKind, Line, LineKind, Path, Status, space};

/// What a Git LFS pointer begins with.
pub(super) const LFS: &str = "version https://git-lfs.github.com/spec/v1";

/// Counts lines and notices what they have in common.
pub(super) fn finish(file: &mut FileChange) {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (file.added, file.removed) = (count(file.added_lines().count()), count(file.removed_lines().count()));
    if file.added > 0 && file.removed > 0 {
        let eol = |line: &Line| line.text.trim_end_matches('\r').len();
        let same = file.added == file.removed
            && file.added_lines().zip(file.removed_lines()).all(|(a, r)| a.text[..eol(a)] == r.text[..eol(r)]);
        let moved_newline = same && file.added_lines().zip(file.removed_lines()).all(|(a, r)| a.text == r.text);
        file.eol_only = same && !moved_newline;
        file.whitespace_only = space::only(file);
    }
    let pointer = |l: &Line| l.text.starts_with(LFS);
    file.lfs = file.lfs || file.hunks.iter().flat_map(|h| &h.lines).any(pointer);
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

/// Without the sequences by which a terminal is told to colour (`ESC [ … m`, and the `ESC [ K` that some put behind
/// them); `None` where there are none.
#[must_use]
pub fn uncoloured(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == 0x1b) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let code = from.strip_prefix(b"\x1b[").unwrap_or_default();
        let digits = code.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b';' | b':')).count();
        rest = match code.get(digits) {
            Some(b'm' | b'K') => code.get(digits + 1..).unwrap_or_default(),
            _ => {
                out.push(0x1b);
                from.get(1..).unwrap_or_default()
            }
        };
    }
    out.extend_from_slice(rest);
    (out.len() < bytes.len()).then_some(out)
}

/// The name of a file in the head of a patch (`a/NAME`), as git writes it: quoted where it holds what would end it or
/// mean something else, and with a tab behind it where it holds a space.
#[must_use]
pub fn head(prefix: &str, path: &Path) -> String {
    let plain = |b: &u8| (0x20..0x7f).contains(b) && !matches!(b, b'"' | b'\\');
    if path.raw().iter().all(plain) {
        let tab = if path.raw().contains(&b' ') { "\t" } else { "" };
        return format!("{prefix}{path}{tab}");
    }
    let mut out = format!("\"{prefix}");
    for b in path.raw() {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(*b)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b if plain(b) => out.push(char::from(*b)),
            b => out.push_str(&format!("\\{b:03o}")),
        }
    }
    out.push('"');
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
        let own = |line: &str| line.get(line.trim_end_matches(['\n', '\r']).len()..).unwrap_or_default().to_owned();
        let usual = lines.iter().map(|l| own(l)).find(|end| !end.is_empty()).unwrap_or_else(|| "\n".to_owned());
        let mut ending = usual.clone();
        // Who writes a carriage return into a patch, where the file has it, means what is written.
        let exact = old
            .iter()
            .enumerate()
            .all(|(n, o)| lines.get(at + n).is_some_and(|l| l.strip_suffix('\n').unwrap_or(l) == o.text))
            && old.iter().any(|o| o.text.ends_with('\r'));
        let mut place = at;
        let (mut fresh, mut gone) = (Vec::new(), std::collections::VecDeque::new());
        for line in &hunk.lines {
            match line.kind {
                LineKind::Context => {
                    gone.clear();
                    let there = lines.get(place).cloned().unwrap_or_default();
                    ending = Some(own(&there)).filter(|end| !end.is_empty()).unwrap_or(ending);
                    fresh.push(there);
                    place += 1;
                }
                LineKind::Removed => {
                    gone.extend(lines.get(place).map(|l| own(l)).filter(|end| !end.is_empty()));
                    place += 1;
                }
                LineKind::Added => {
                    // In files with both, a line ends as the one it stands instead of, else as the one before it.
                    ending = gone.pop_front().unwrap_or(ending);
                    let text = line.text.trim_end_matches('\r');
                    fresh.push(match (line.no_newline, exact) {
                        (true, _) => text.to_owned(),
                        (false, true) => format!("{}\n", line.text),
                        (false, false) => format!("{text}{ending}"),
                    });
                }
            }
        }
        // A line that was the last and without its line feed gets one when something follows.
        let count = fresh.len();
        for (i, line) in fresh.iter_mut().enumerate() {
            if !line.ends_with('\n') && (i + 1 < count || place < lines.len()) {
                line.push_str(&ending);
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
