//! A change as a [`ChangeSet`]: by libgit2, and by the git process where libgit2 cannot.

use git2::{
    AttrCheckFlags, Delta, Diff, DiffFindOptions, DiffLineType, DiffOptions, FileMode, Oid, Patch, Repository, Tree,
};

use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, FileChange, FileKind, Hunk, Line, LineKind, Path, Source, Status, patch};

/// Renames are looked for among at most this many files.
const RENAMES: usize = 2_000;

pub(super) fn diff(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    if repo.root().is_none() && matches!(source, Source::Staged | Source::Worktree | Source::Tracked | Source::Amend) {
        return Err(GitError::Bare);
    }
    refuse_dashes(source)?;
    let Some(inner) = repo.inner() else { return by_process(repo, source) };
    match by_library(inner, source) {
        Err(GitError::Git(error)) if beyond_library(&error) => by_process(repo, source),
        other => other,
    }
}

/// What libgit2 cannot read and git may: split and sparse indexes, missing objects.
fn beyond_library(error: &git2::Error) -> bool {
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
        if let Some(file) = file(repo, &diff, place)? {
            files.push(file);
        }
    }
    files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(ChangeSet { files, label: source.label(), notes: Vec::new() })
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
    let submodule = old.mode() == FileMode::Commit || new.mode() == FileMode::Commit;
    let link = new.mode() == FileMode::Link || (status == Status::Deleted && old.mode() == FileMode::Link);
    if submodule {
        let subjects = subjects(repo, out.path.as_str(), out.old_id.as_deref(), out.new_id.as_deref());
        out.kind = FileKind::Submodule { from: out.old_id.clone(), to: out.new_id.clone(), subjects };
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
fn subjects(repo: &Repository, path: &str, from: Option<&str>, to: Option<&str>) -> Vec<String> {
    let walk = || -> Result<Vec<String>, git2::Error> {
        let (Some(from), Some(to)) = (from, to) else { return Ok(Vec::new()) };
        let inner = Repository::open(repo.workdir().unwrap_or_else(|| std::path::Path::new("")).join(path))?;
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

pub(super) fn by_process(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    let git = repo.git();
    let known = |rev: &str| {
        git.line(&["rev-parse", "--verify", "-q", "--end-of-options", &format!("{rev}^{{commit}}")])
            .map_err(|_| GitError::UnknownRevision(rev.to_owned()))
    };
    let empty = || git.line(&["hash-object", "-t", "tree", "/dev/null"]);
    let head = || known("HEAD").or_else(|_| empty());
    let parent_of = |rev: &str| known(&format!("{rev}^")).or_else(|_| empty());
    let between: Vec<String> = match source {
        Source::Staged => vec!["--cached".to_owned(), head()?],
        Source::Amend => vec!["--cached".to_owned(), parent_of("HEAD")?],
        Source::Worktree => Vec::new(),
        Source::Tracked => vec![head()?],
        Source::Commit(rev) => vec![parent_of(&known(rev)?)?, known(rev)?],
        Source::Range(a, b) => vec![known(a)?, known(b)?],
        Source::Parted(a, b) => {
            let (a, b) = (known(a)?, known(b)?);
            let base = git.line(&["merge-base", &a, &b]).or_else(|_| empty())?;
            vec![base, b]
        }
    };
    let flags = [
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--no-relative",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "-M",
        "-l2000",
        "-U3",
        "--submodule=short",
        "--ignore-submodules=dirty",
        "--full-index",
        "--indent-heuristic",
        "-O/dev/null",
    ];
    let run = |more: &[&str]| {
        let words = ["diff"].iter().chain(&flags).chain(more).copied();
        git.bytes(&words.chain(between.iter().map(String::as_str)).chain(["--"]).collect::<Vec<_>>())
    };
    let mut change = patch::parse(&run(&["-p"])?).or_else(|e| match e {
        GitError::Patch(_) => Ok(ChangeSet::default()),
        other => Err(other),
    })?;
    // A patch names no blobs where no line changed; the raw form does.
    raw(&run(&["--raw", "-z", "--no-abbrev"])?, &mut change);
    change.label = source.label();
    change.files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(change)
}

/// Fills modes and ids from `:OLDMODE NEWMODE OLDID NEWID STATUS NUL PATH NUL [PATH NUL]`.
fn raw(bytes: &[u8], change: &mut ChangeSet) {
    let mut parts = bytes.split(|b| *b == 0);
    while let Some(head) = parts.next() {
        let head = String::from_utf8_lossy(head);
        let Some(head) = head.strip_prefix(':') else { continue };
        let words: Vec<&str> = head.split(' ').collect();
        let [old_mode, new_mode, old_id, new_id, status] = words.as_slice() else { continue };
        let first = parts.next().unwrap_or_default();
        let path = if status.starts_with(['R', 'C']) { parts.next().unwrap_or_default() } else { first };
        let Some(file) = change.files.iter_mut().find(|f| f.path.raw() == path) else { continue };
        let mode = |text: &str| u32::from_str_radix(text, 8).ok().filter(|m| *m != 0);
        let id = |text: &str| text.bytes().any(|b| b != b'0').then(|| text.to_owned());
        (file.old_mode, file.new_mode) = (mode(old_mode), mode(new_mode));
        (file.old_id, file.new_id) = (id(old_id), id(new_id));
    }
}
