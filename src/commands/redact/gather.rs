//! What is looked through: files and folders, a change, the index, a range, a history.

use std::path::{Path, PathBuf};

use super::form;
use super::look::{Found, Item};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, LineKind, Repo, Source, Version, patch};
use crate::secrets::Redactor;
use crate::world::files;

/// What is larger is left out and told (bytes).
pub(super) const LARGEST: u64 = 256 << 20;
/// A patch that is larger is none.
const PATCH: usize = 256 << 20;

/// Files and what lies in folders; what git leaves out is left out, and links are not followed.
pub(super) struct Walk<'a> {
    context: &'a Context,
    repo: Option<&'a Repo>,
    /// Where the work tree really lies.
    root: Option<PathBuf>,
    waiting: Vec<(PathBuf, String)>,
}

impl<'a> Walk<'a> {
    /// # Errors
    /// Exit 2 for what is not there.
    pub(super) fn new(context: &'a Context, names: &[String]) -> Result<Self, CommandError> {
        let repo = context.repo().ok();
        let mut waiting = Vec::new();
        for name in names.iter().rev() {
            let path = context.env.cwd().join(name);
            if std::fs::symlink_metadata(&path).is_err() {
                return Err(CommandError::new(Exit::Usage, format!("there is no file, folder or range \"{name}\"")));
            }
            waiting.push((path, name.trim_end_matches('/').to_owned()));
        }
        let root = repo.and_then(Repo::root).and_then(|root| root.canonicalize().ok());
        Ok(Self { context, repo, root, waiting })
    }

    fn relative(&self, path: &Path) -> Option<PathBuf> {
        let whole = path.canonicalize().ok()?;
        whole.strip_prefix(self.root.as_ref()?).ok().map(Path::to_owned)
    }

    /// Looks at what comes next; `false` at the end.
    pub(super) fn step(&mut self, redactor: &Redactor, found: &mut Found) -> bool {
        let Some((path, name)) = self.waiting.pop() else { return false };
        let Ok(meta) = std::fs::symlink_metadata(&path) else { return true };
        if meta.is_dir() {
            self.enter(&path, &name, found);
            return true;
        }
        // What is named is looked at, also through a link; what lies in a folder is not.
        match files::read_bounded(&path, LARGEST) {
            Ok(bytes) => {
                let path = self.relative(&path).map(|p| p.to_string_lossy().replace('\\', "/"));
                whole(redactor, found, Item { name, path, ..Item::default() }, &bytes);
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => found.large += 1,
            Err(error) => {
                found.unreadable += 1;
                self.context.ui.warn(&format!("{name} cannot be read: {error}"));
            }
        }
        true
    }

    fn enter(&mut self, path: &Path, name: &str, found: &mut Found) {
        let Ok(entries) = std::fs::read_dir(path) else {
            found.unreadable += 1;
            self.context.ui.warn(&format!("{name} cannot be read"));
            return;
        };
        let base = self.relative(path);
        let mut inside: Vec<(PathBuf, String)> = Vec::new();
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let file = entry.file_name();
            if !(kind.is_dir() || kind.is_file()) || file == ".git" {
                continue;
            }
            let left = |repo: &Repo| base.as_ref().is_some_and(|base| repo.leaves_out(&base.join(&file)));
            if self.repo.is_some_and(left) {
                continue;
            }
            let file = file.to_string_lossy();
            let shown = if name == "." { file.into_owned() } else { format!("{name}/{file}") };
            inside.push((entry.path(), shown));
        }
        inside.sort_by(|a, b| b.1.cmp(&a.1));
        self.waiting.extend(inside);
    }
}

fn whole(redactor: &Redactor, found: &mut Found, item: Item, bytes: &[u8]) {
    if form::binary(bytes) {
        found.binary += 1;
    } else {
        found.look(redactor, &Item { text: form::text(bytes).0, ..item });
    }
}

/// One version out of a history.
pub(super) fn version(redactor: &Redactor, found: &mut Found, version: Version) {
    let Some(bytes) = version.bytes else {
        found.large += 1;
        return;
    };
    let name = version.path.to_string();
    let item = Item { path: Some(name.clone()), name, commit: Some(version.commit), ..Item::default() };
    whole(redactor, found, item, &bytes);
}

/// The added lines of a file, seen together with what stands round them: the whole file where it can be had, its hunks
/// otherwise.
pub(super) fn file(redactor: &Redactor, found: &mut Found, file: &FileChange, contents: Option<&dyn Contents>) {
    if !matches!(file.kind, FileKind::Text | FileKind::Symlink) {
        found.binary += usize::from(matches!(file.kind, FileKind::Binary { .. }));
        return;
    }
    if file.added == 0 {
        return;
    }
    let name = file.path.to_string();
    let after = contents.and_then(|c| c.after(file, LARGEST)).filter(|bytes| !form::binary(bytes));
    let (text, rows) = match after {
        Some(bytes) => {
            let text = form::text(&bytes).0;
            let mut rows: Vec<(u32, bool)> = (1..).take(text.matches('\n').count() + 1).map(|n| (n, false)).collect();
            for line in file.added_lines().filter_map(|l| l.new) {
                let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
                if let Some(row) = rows.get_mut(at) {
                    row.1 = true;
                }
            }
            (text, rows)
        }
        None => {
            let lines = file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind != LineKind::Removed);
            let rows = lines.clone().map(|l| (l.new.unwrap_or(0), l.kind == LineKind::Added)).collect();
            (lines.map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n"), rows)
        }
    };
    found.look(redactor, &Item { path: Some(name.clone()), name, commit: None, text, rows: Some(rows) });
}

/// The repository round the current folder.
///
/// # Errors
/// Exit 3 when there is none.
pub(super) fn repo(context: &Context) -> Result<&Repo, CommandError> {
    context.repo().map_err(|error| CommandError {
        hints: vec!["run it inside a repository, or name files: monster redact scan FILE".to_owned()],
        ..error
    })
}

/// A change of the repository, with whole files.
///
/// # Errors
/// Exit 2 or 3 for what git does not know.
pub(super) fn change(context: &Context, source: &Source) -> Result<(ChangeSet, Box<dyn Contents>), CommandError> {
    let repo = repo(context)?;
    Ok((repo.diff(source)?, repo.contents(source)?))
}

/// A patch from a file or standard input.
///
/// # Errors
/// Exit 2 when it is none.
pub(super) fn patch(context: &Context, name: &str) -> Result<ChangeSet, CommandError> {
    let bytes = if name == "-" {
        context.stdin_bytes(PATCH, "the diff")?
    } else {
        files::read_bounded(&context.env.cwd().join(name), LARGEST)
            .map_err(|e| CommandError::new(Exit::Usage, format!("{name} cannot be read: {e}")))?
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(ChangeSet::default());
    }
    Ok(patch::parse(&bytes)?)
}
