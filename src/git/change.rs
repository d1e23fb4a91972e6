//! One change as everything above git sees it, whichever way it was read (git2, git process, patch).

use serde::{Deserialize, Serialize};

use crate::model::disguises;

/// A path inside the repository, with `/` between parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    raw: Vec<u8>,
    text: String,
}

impl Path {
    /// From the bytes git stores. What is not UTF-8, and characters that would end a line, steer a terminal or be seen
    /// by nobody, are shown as `\xNN`: a name is one line wherever it is written, and no other than it seems. So is a
    /// backslash with which a name itself would say such a thing: no two names are shown alike.
    #[must_use]
    pub fn new(raw: &[u8]) -> Self {
        let mut text = String::with_capacity(raw.len());
        let odd = |text: &mut String, bytes: &[u8]| {
            bytes.iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        };
        for chunk in raw.utf8_chunks() {
            let mut rest = chunk.valid();
            let shown = |rest: &str, (at, c): (usize, char)| {
                let before = || rest[..at].chars().next_back();
                disguises(c, before) || c == '\\' && escape(&rest.as_bytes()[at..]).is_some()
            };
            while let Some((at, c)) = rest.char_indices().find(|one| shown(rest, *one)) {
                let (plain, tail) = rest.split_at(at);
                let (one, tail) = tail.split_at(c.len_utf8());
                text.push_str(plain);
                odd(&mut text, one.as_bytes());
                rest = tail;
            }
            text.push_str(rest);
            odd(&mut text, chunk.invalid());
        }
        Self { raw: raw.to_vec(), text }
    }

    /// The bytes of a path that is shown so.
    #[must_use]
    pub fn bytes_of(shown: &str) -> Vec<u8> {
        let (mut out, mut rest) = (Vec::with_capacity(shown.len()), shown.as_bytes());
        while let Some(first) = rest.first() {
            let (byte, length) = escape(rest).map_or((*first, 1), |byte| (byte, ESCAPED));
            out.push(byte);
            rest = rest.get(length..).unwrap_or_default();
        }
        out
    }

    /// The bytes git stores.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// For people, prompts and comparisons.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or(&self.text)
    }

    /// Its last part up to the first point: `pager` of `src/pager.test.ts`.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.file_name().split('.').next().unwrap_or_default()
    }

    /// The extension without its dot, in lower case; empty when there is none.
    #[must_use]
    pub fn extension(&self) -> String {
        match self.file_name().rsplit_once('.') {
            Some((stem, ext)) if !stem.is_empty() => ext.to_ascii_lowercase(),
            _ => String::new(),
        }
    }

    /// The folder parts, outermost first, without the file name.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let count = self.text.matches('/').count();
        self.text.split('/').take(count)
    }
}

/// How many bytes `\xNN` takes.
const ESCAPED: usize = 4;

/// The byte that a text stands for that begins with `\xNN`.
fn escape(text: &[u8]) -> Option<u8> {
    let digits = text.get(..ESCAPED)?.strip_prefix(b"\\x")?;
    let small = digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    std::str::from_utf8(digits).ok().filter(|_| small).and_then(|digits| u8::from_str_radix(digits, 16).ok())
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes())
    }
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// New.
    Added,
    /// Changed in place (content, mode or both).
    Modified,
    /// Gone.
    Deleted,
    /// Moved, perhaps with edits; `old_path` says from where.
    Renamed,
    /// Copied; `old_path` says from where.
    Copied,
    /// A file became a symlink, a submodule or the other way round.
    TypeChanged,
    /// In conflict.
    Unmerged,
}

/// What kind of thing the file is after the change (before it, when deleted).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// Text, with hunks.
    Text,
    /// Binary: sizes in bytes, where known.
    Binary {
        /// Size before.
        old_size: Option<u64>,
        /// Size after.
        new_size: Option<u64>,
    },
    /// A symbolic link; hunks hold the target.
    Symlink,
    /// A submodule: commits before and after, full hex.
    Submodule {
        /// Before; `None` when new.
        from: Option<String>,
        /// After; `None` when removed.
        to: Option<String>,
        /// Subjects of the commits between, newest first, at most 20, when the submodule is checked out.
        subjects: Vec<String>,
    },
}

/// Which side of the change a line stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    /// On both sides.
    Context,
    /// On the new side only.
    Added,
    /// On the old side only.
    Removed,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which side.
    pub kind: LineKind,
    /// The text without its line feed, a carriage return kept; bytes that are not UTF-8 replaced by U+FFFD.
    pub text: String,
    /// Line number on the old side, from 1.
    pub old: Option<u32>,
    /// Line number on the new side, from 1.
    pub new: Option<u32>,
    /// The file ends here without a line feed.
    pub no_newline: bool,
}

/// One hunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hunk {
    /// First line on the old side, from 1; 0 when the old side is empty.
    pub old_start: u32,
    /// Lines on the old side.
    pub old_lines: u32,
    /// First line on the new side, from 1; 0 when the new side is empty.
    pub new_start: u32,
    /// Lines on the new side.
    pub new_lines: u32,
    /// The enclosing function as git guesses it; empty when unknown.
    pub section: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Hunk {
    /// `@@ -1,2 +3,4 @@ section`.
    #[must_use]
    pub fn header(&self) -> String {
        let head = format!("@@ -{},{} +{},{} @@", self.old_start, self.old_lines, self.new_start, self.new_lines);
        if self.section.is_empty() { head } else { format!("{head} {}", self.section) }
    }
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is now; where it was, when deleted.
    pub path: Path,
    /// Where it came from, for renames and copies.
    pub old_path: Option<Path>,
    /// What happened.
    pub status: Status,
    /// What it is.
    pub kind: FileKind,
    /// Mode before, as git writes it (`100644`); `None` when new.
    pub old_mode: Option<u32>,
    /// Mode after; `None` when deleted.
    pub new_mode: Option<u32>,
    /// Blob id before, full hex; `None` when new or not known (patch input).
    pub old_id: Option<String>,
    /// Blob id after; `None` when deleted, or when it lies in the work tree only.
    pub new_id: Option<String>,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// The hunks, three lines of context; empty for binaries, submodules and pure renames.
    pub hunks: Vec<Hunk>,
    /// Added and removed lines differ in nothing but their line endings.
    pub eol_only: bool,
    /// Added and removed lines differ in nothing but white space that means nothing: how much of it stands between words,
    /// before and behind a line, and empty lines.
    pub whitespace_only: bool,
    /// `.gitattributes` says `-diff`, `linguist-generated` or `linguist-vendored`.
    pub generated: bool,
    /// `.gitattributes` says `linguist-vendored`.
    pub vendored: bool,
    /// The content is a Git LFS pointer.
    pub lfs: bool,
    /// `git add -N`: announced, not yet added.
    pub intent_to_add: bool,
    /// Why its lines could not be read, for people; there are no hunks then.
    pub unread: Option<String>,
    /// Of a submodule that is checked out: how many commits come, and how many go.
    pub commits: Option<(usize, usize)>,
    /// Of a submodule that is checked out and has remote branches: whether one of them, or a tag, holds the commit after.
    pub pushed: Option<bool>,
}

/// The mode of a submodule.
pub(super) const MODULE: u32 = 0o160_000;

impl FileChange {
    /// A text change with nothing in it yet.
    #[must_use]
    pub fn new(path: Path, status: Status) -> Self {
        Self {
            path,
            old_path: None,
            status,
            kind: FileKind::Text,
            old_mode: None,
            new_mode: None,
            old_id: None,
            new_id: None,
            added: 0,
            removed: 0,
            hunks: Vec::new(),
            eol_only: false,
            whitespace_only: false,
            generated: false,
            vendored: false,
            lfs: false,
            intent_to_add: false,
            unread: None,
            commits: None,
            pushed: None,
        }
    }

    /// It is a submodule after the change, or was one before it is gone. What takes the place of one is what it is.
    #[must_use]
    pub(super) fn is_module(&self) -> bool {
        self.new_mode.or(self.old_mode) == Some(MODULE)
    }

    /// Its old side holds a content: that of a submodule is a commit of another repository.
    #[must_use]
    pub(super) fn had_content(&self) -> bool {
        self.old_mode.is_some_and(|mode| mode != MODULE)
    }

    /// Lines on the new side that this change added.
    pub fn added_lines(&self) -> impl Iterator<Item = &Line> {
        self.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind == LineKind::Added)
    }

    /// Lines on the old side that this change removed.
    pub fn removed_lines(&self) -> impl Iterator<Item = &Line> {
        self.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind == LineKind::Removed)
    }

    /// Only the mode changed.
    #[must_use]
    pub fn mode_only(&self) -> bool {
        self.status == Status::Modified
            && self.unread.is_none()
            && self.hunks.is_empty()
            && self.old_id == self.new_id
            && self.old_mode != self.new_mode
    }
}

/// A whole change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeSet {
    /// Every changed file, ordered by path bytes.
    pub files: Vec<FileChange>,
    /// What was compared, for people: `staged`, `working tree`, `HEAD~3..`, `patch`.
    pub label: String,
    /// What could not be read or was left out, one sentence each.
    pub notes: Vec<String>,
}

impl ChangeSet {
    /// Nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Lines added in all files.
    #[must_use]
    pub fn added(&self) -> u32 {
        self.files.iter().fold(0, |n, f| n.saturating_add(f.added))
    }

    /// Lines removed in all files.
    #[must_use]
    pub fn removed(&self) -> u32 {
        self.files.iter().fold(0, |n, f| n.saturating_add(f.removed))
    }
}

/// Whole files on both sides of a change, for checks that need more than hunks.
pub trait Contents {
    /// The file before the change; `None` when there was none, it is not readable, or larger than `limit` bytes.
    fn before(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>>;
    /// The file after the change; `None` as above.
    fn after(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>>;
    /// A file of the base side by path (rules, manifests): a change cannot rewrite its own rules.
    fn base(&self, path: &str, limit: u64) -> Option<Vec<u8>>;
    /// Every tracked path on the new side; empty when unknown (patch input).
    fn tracked(&self) -> Vec<Path>;
    /// A file of the new side by path, changed or not; `None` as above.
    fn current(&self, _path: &Path, _limit: u64) -> Option<Vec<u8>> {
        None
    }
    /// Whether each file costs a process of its own.
    fn slow(&self) -> bool {
        false
    }
    /// Whether git itself applies a patch to this file, tried in a folder outside any repository; `None` when git
    /// cannot be asked.
    fn applies(&self, _path: &Path, _text: &[u8], _patch: &str) -> Option<bool> {
        None
    }
}
