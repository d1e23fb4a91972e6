//! A change as a [`ChangeSet`]: by libgit2, and by the git process where libgit2 cannot.

use git2::{
    AttrCheckFlags, Delta, Diff, DiffFindOptions, DiffLineType, DiffOptions, FileMode, Oid, Patch, Repository, Tree,
};

use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, FileChange, FileKind, Hunk, Line, LineKind, Path, Source, Status, patch, plumbing};
use crate::world::files;

/// Renames are looked for among at most this many files.
const RENAMES: usize = 2_000;

/// The largest file that became one from a link and is still read (bytes).
const RETYPED: u64 = 64 << 20;

pub(super) fn diff(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    if repo.root().is_none() && matches!(source, Source::Staged | Source::Worktree | Source::Tracked | Source::Amend) {
        return Err(GitError::Bare);
    }
    refuse_dashes(source)?;
    let Some(inner) = repo.inner() else { return plumbing::diff(repo, source) };
    match by_library(inner, source) {
        Err(GitError::Git(error)) if beyond_library(&error) => plumbing::diff(repo, source),
        other => other,
    }
}

/// What libgit2 cannot read and git may: split and sparse indexes, missing objects.
pub(super) fn beyond_library(error: &git2::Error) -> bool {
    use git2::ErrorClass::{Index, Odb, Repository as Repo};
    matches!(error.class(), Index | Odb | Repo)
}

fn refuse_dashes(source: &Source) -> Result<(), GitError> {
    let dash = |rev: &String| if rev.starts_with('-') { Err(GitError::Dash(rev.clone())) } else { Ok(()) };
    match source {
        Source::Commit(rev) => dash(rev),
        Source::Range(a, b) | Source::Parted(a, b) => dash(a).and_then(|()| dash(b)),
        _ => Ok(()),
    }
}

pub(super) fn by_library(repo: &Repository, source: &Source) -> Result<ChangeSet, GitError> {
    let mut options = DiffOptions::new();
    options.context_lines(3).include_typechange(true).ignore_submodules(false).indent_heuristic(true);
    let mut diff = match source {
        Source::Staged => {
            let index = repo.index()?;
            repo.diff_tree_to_index(head_tree(repo)?.as_ref(), Some(&index), Some(&mut options))?
        }
        Source::Amend => {
            let parent = head_commit(repo)?.parent(0).ok().map(|p| p.tree()).transpose()?;
            repo.diff_tree_to_index(parent.as_ref(), Some(&repo.index()?), Some(&mut options))?
        }
        Source::Worktree => repo.diff_index_to_workdir(Some(&repo.index()?), Some(&mut options))?,
        Source::Tracked => repo.diff_tree_to_workdir_with_index(head_tree(repo)?.as_ref(), Some(&mut options))?,
        Source::Commit(_) | Source::Range(..) | Source::Parted(..) => {
            let (old, new) = trees(repo, source)?;
            repo.diff_tree_to_tree(old.as_ref(), Some(&new), Some(&mut options))?
        }
    };
    let mut find = DiffFindOptions::new();
    find.renames(true).rename_limit(RENAMES);
    diff.find_similar(Some(&mut find))?;
    let mut files = Vec::with_capacity(diff.deltas().len());
    for place in 0..diff.deltas().len() {
        if let Some(mut file) = file(repo, &diff, place)? {
            settle(&mut file, live(source));
            files.push(file);
        }
    }
    announced(repo, source, &mut files)?;
    files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(ChangeSet { files, label: source.label(), notes: Vec::new() })
}

/// The new side lies in the work tree.
pub(super) const fn live(source: &Source) -> bool {
    matches!(source, Source::Worktree | Source::Tracked)
}

/// What lies in the work tree only has no id, whatever libgit2 or git happened to compute on the way; what is there
/// unchanged has the old one.
pub(super) fn settle(file: &mut FileChange, live: bool) {
    let there = file.new_mode.is_some() && file.status != Status::Unmerged;
    if live && there && !matches!(file.kind, FileKind::Submodule { .. }) {
        let unchanged = file.old_mode.is_some() && file.hunks.is_empty() && file.kind == FileKind::Text;
        file.new_id = if unchanged { file.old_id.clone() } else { None };
    }
}

/// Marks what `git add -N` announced; nothing of it is staged.
fn announced(repo: &Repository, source: &Source, files: &mut Vec<FileChange>) -> Result<(), GitError> {
    if !matches!(source, Source::Staged | Source::Amend | Source::Worktree | Source::Tracked) {
        return Ok(());
    }
    let index = repo.index()?;
    let soon: Vec<Vec<u8>> = index
        .iter()
        .filter(|e| git2::IndexEntryExtendedFlag::from_bits_truncate(e.flags_extended).is_intent_to_add())
        .map(|e| e.path)
        .collect();
    if soon.is_empty() {
        return Ok(());
    }
    if !live(source) {
        files.retain(|f| !soon.iter().any(|path| path == f.path.raw()));
    }
    for file in files.iter_mut().filter(|f| soon.iter().any(|path| path == f.path.raw())) {
        file.intent_to_add = true;
        file.status = Status::Added;
        (file.old_mode, file.old_id) = (None, None);
    }
    Ok(())
}

/// The trees that a source of commits compares.
pub(super) fn trees<'r>(repo: &'r Repository, source: &Source) -> Result<(Option<Tree<'r>>, Tree<'r>), GitError> {
    let commit = |rev: &str| {
        let unknown = |_| GitError::UnknownRevision(rev.to_owned());
        repo.revparse_single(rev).map_err(unknown)?.peel_to_commit().map_err(unknown)
    };
    match source {
        Source::Commit(rev) => {
            let commit = commit(rev)?;
            let parent = commit.parent(0).ok().map(|p| p.tree()).transpose()?;
            Ok((parent, commit.tree()?))
        }
        Source::Range(a, b) => Ok((Some(commit(a)?.tree()?), commit(b)?.tree()?)),
        Source::Parted(a, b) => {
            let (a, b) = (commit(a)?, commit(b)?);
            let base = repo.merge_base(a.id(), b.id()).ok().map(|id| repo.find_commit(id)?.tree()).transpose()?;
            Ok((base, b.tree()?))
        }
        _ => Err(GitError::Unborn),
    }
}

/// The last commit's tree; `None` before the first commit.
pub(super) fn head_tree(repo: &Repository) -> Result<Option<Tree<'_>>, GitError> {
    match repo.head() {
        Ok(head) => Ok(Some(head.peel_to_tree()?)),
        Err(e) if matches!(e.code(), git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The last commit.
pub(super) fn head_commit(repo: &Repository) -> Result<git2::Commit<'_>, GitError> {
    match repo.head() {
        Ok(head) => Ok(head.peel_to_commit()?),
        Err(e) if e.code() == git2::ErrorCode::UnbornBranch => Err(GitError::Unborn),
        Err(e) => Err(e.into()),
    }
}

fn file(repo: &Repository, diff: &Diff<'_>, place: usize) -> Result<Option<FileChange>, GitError> {
    let Some(delta) = diff.get_delta(place) else { return Ok(None) };
    let status = match delta.status() {
        Delta::Added => Status::Added,
        Delta::Deleted => Status::Deleted,
        Delta::Modified => Status::Modified,
        Delta::Renamed => Status::Renamed,
        Delta::Copied => Status::Copied,
        Delta::Typechange => Status::TypeChanged,
        Delta::Conflicted => Status::Unmerged,
        _ => return Ok(None),
    };
    let (old, new) = (delta.old_file(), delta.new_file());
    let raw = |side: &git2::DiffFile<'_>| side.path_bytes().map(Path::new).unwrap_or_default();
    let path = if status == Status::Deleted { raw(&old) } else { raw(&new) };
    let mut out = FileChange::new(path, status);
    if matches!(status, Status::Renamed | Status::Copied) {
        out.old_path = Some(raw(&old));
    }
    if status == Status::Unmerged {
        // It has up to three sides, none of them the old or the new one.
        return Ok(Some(out));
    }
    let mode = |side: &git2::DiffFile<'_>| match side.mode() {
        FileMode::Unreadable => None,
        FileMode::Blob => Some(0o100_644),
        FileMode::BlobGroupWritable => Some(0o100_664),
        FileMode::BlobExecutable => Some(0o100_755),
        FileMode::Link => Some(0o120_000),
        FileMode::Commit => Some(0o160_000),
        FileMode::Tree => Some(0o040_000),
    };
    out.old_mode = if status == Status::Added { None } else { mode(&old) };
    out.new_mode = if status == Status::Deleted { None } else { mode(&new) };
    let id = |side: &git2::DiffFile<'_>| {
        Some(side.id()).filter(|id| *id != Oid::ZERO_SHA1 && !id.is_zero()).map(|id| id.to_string())
    };
    out.old_id = if status == Status::Added { None } else { id(&old) };
    out.new_id = if status == Status::Deleted { None } else { id(&new) };
    let is_submodule = old.mode() == FileMode::Commit || new.mode() == FileMode::Commit;
    let link = new.mode() == FileMode::Link || (status == Status::Deleted && old.mode() == FileMode::Link);
    if is_submodule {
        submodule_of(&mut out, repo.workdir());
        return Ok(Some(out));
    }
    if status == Status::TypeChanged {
        retyped(repo, &mut out, (&old, &new))?;
        out.generated = generated(repo, out.path.as_str());
        patch::finish(&mut out);
        return Ok(Some(out));
    }
    let patch = Patch::from_diff(diff, place)?;
    // libgit2 decides "binary" only once it has looked at the content.
    let delta = diff.get_delta(place);
    if patch.is_none() || delta.is_some_and(|d| d.flags().is_binary()) {
        let size = |side: &git2::DiffFile<'_>, there: bool| there.then(|| blob_size(repo, side)).flatten();
        out.kind = FileKind::Binary {
            old_size: size(&old, out.old_mode.is_some()),
            new_size: size(&new, out.new_mode.is_some()),
        };
    } else if let Some(patch) = patch {
        out.kind = if link { FileKind::Symlink } else { FileKind::Text };
        out.hunks = hunks(&patch)?;
    }
    out.generated = generated(repo, out.path.as_str());
    patch::finish(&mut out);
    Ok(Some(out))
}

/// Fills in a submodule. Where a file became one or was one, its blob is no commit.
pub(super) fn submodule_of(file: &mut FileChange, root: Option<&std::path::Path>) {
    let commit = |mode: Option<u32>, id: &Option<String>| id.clone().filter(|_| mode == Some(0o160_000));
    let (from, to) = (commit(file.old_mode, &file.old_id), commit(file.new_mode, &file.new_id));
    let subjects = subjects(root, file.path.as_str(), from.as_deref(), to.as_deref());
    file.kind = FileKind::Submodule { from, to, subjects };
}

/// A file that became a link, or a link that became a file: all of the old goes and all of the new comes. libgit2 has
/// no lines for it, and where a link points to matters.
fn retyped(
    repo: &Repository,
    out: &mut FileChange,
    (old, new): (&git2::DiffFile<'_>, &git2::DiffFile<'_>),
) -> Result<(), GitError> {
    let (gone, come) = (content(repo, old)?, content(repo, new)?);
    let mut options = DiffOptions::new();
    let removed = Patch::from_buffers(&gone, None, b"", None, Some(&mut options))?;
    let added = Patch::from_buffers(b"", None, &come, None, Some(&mut options))?;
    let size = |bytes: &[u8]| u64::try_from(bytes.len()).ok();
    if added.delta().flags().is_binary() {
        out.kind = FileKind::Binary { old_size: size(&gone), new_size: size(&come) };
        return Ok(());
    }
    out.kind = if out.new_mode == Some(0o120_000) { FileKind::Symlink } else { FileKind::Text };
    out.hunks = hunks(&removed)?;
    out.hunks.extend(hunks(&added)?);
    Ok(())
}

/// What a file holds: a blob, or what lies in the work tree; of a link where it points to.
fn content(repo: &Repository, side: &git2::DiffFile<'_>) -> Result<Vec<u8>, GitError> {
    if let Ok(blob) = repo.find_blob(side.id()) {
        return Ok(blob.content().to_vec());
    }
    let path = repo.workdir().unwrap_or(repo.path()).join(side.path().unwrap_or_else(|| std::path::Path::new("")));
    let read = || match std::fs::symlink_metadata(&path)?.file_type().is_symlink() {
        true => Ok(std::fs::read_link(&path)?.into_os_string().into_encoded_bytes()),
        false => files::read_bounded(&path, RETYPED),
    };
    read().map_err(|source| GitError::File { path: path.clone(), source })
}

fn blob_size(repo: &Repository, side: &git2::DiffFile<'_>) -> Option<u64> {
    if let Ok(blob) = repo.find_blob(side.id()) {
        return u64::try_from(blob.size()).ok();
    }
    let path = repo.workdir()?.join(side.path()?);
    std::fs::symlink_metadata(path).ok().map(|m| m.len())
}

fn hunks(patch: &Patch<'_>) -> Result<Vec<Hunk>, GitError> {
    let mut out = Vec::with_capacity(patch.num_hunks());
    for h in 0..patch.num_hunks() {
        let (head, count) = patch.hunk(h)?;
        let header = String::from_utf8_lossy(head.header()).into_owned();
        let section = header.splitn(3, "@@").nth(2).unwrap_or_default().trim().to_owned();
        let mut hunk = Hunk {
            old_start: head.old_start(),
            old_lines: head.old_lines(),
            new_start: head.new_start(),
            new_lines: head.new_lines(),
            section,
            lines: Vec::with_capacity(count),
        };
        for l in 0..count {
            let line = patch.line_in_hunk(h, l)?;
            let kind = match line.origin_value() {
                DiffLineType::Context => LineKind::Context,
                DiffLineType::Addition => LineKind::Added,
                DiffLineType::Deletion => LineKind::Removed,
                // "\ No newline at end of file" belongs to the line before.
                DiffLineType::ContextEOFNL | DiffLineType::AddEOFNL | DiffLineType::DeleteEOFNL => {
                    if let Some(last) = hunk.lines.last_mut() {
                        let last: &mut Line = last;
                        last.no_newline = true;
                    }
                    continue;
                }
                _ => continue,
            };
            let content = line.content();
            let content = content.strip_suffix(b"\n").unwrap_or(content);
            let text = String::from_utf8_lossy(content).into_owned();
            hunk.lines.push(Line { kind, text, old: line.old_lineno(), new: line.new_lineno(), no_newline: false });
        }
        out.push(hunk);
    }
    Ok(out)
}

fn generated(repo: &Repository, path: &str) -> bool {
    let attribute =
        |name: &str| repo.get_attr(std::path::Path::new(path), name, AttrCheckFlags::FILE_THEN_INDEX).ok().flatten();
    let on = |name: &str| attribute(name).is_some_and(|v| v == "true" || v == "[internal]__TRUE__");
    let off = |name: &str| attribute(name).is_some_and(|v| v == "false" || v == "[internal]__FALSE__");
    on("linguist-generated") || on("linguist-vendored") || off("diff")
}

/// Subjects of a submodule's commits, newest first, when it is checked out.
fn subjects(root: Option<&std::path::Path>, path: &str, from: Option<&str>, to: Option<&str>) -> Vec<String> {
    let walk = || -> Result<Vec<String>, git2::Error> {
        let (Some(root), Some(from), Some(to)) = (root, from, to) else { return Ok(Vec::new()) };
        let inner = Repository::open(root.join(path))?;
        let mut walk = inner.revwalk()?;
        walk.push(Oid::from_str(to)?)?;
        walk.hide(Oid::from_str(from)?)?;
        walk.take(20)
            .map(|id| {
                Ok(String::from_utf8_lossy(inner.find_commit(id?)?.summary_bytes().unwrap_or_default()).into_owned())
            })
            .collect()
    };
    walk().unwrap_or_default()
}
