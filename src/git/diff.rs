//! A change as a [`ChangeSet`]: by libgit2, and by the git process where libgit2 cannot.

use std::collections::HashSet;

use git2::{Delta, Diff, DiffFindOptions, FileMode, Oid, Patch, Repository, Tree};

use super::attributes::{Attributes, doubts};
use super::change::MODULE;
use super::contents::os_path;
use super::error::{GitError, broken};
use super::process::Git;
use super::repo::Repo;
use super::{
    ChangeSet, FileChange, FileKind, Path, Source, Status, lfs, lines, patch, plain, plumbing, refs, untracked,
};
use crate::world::files;

/// Renames of files that changed too are looked for among at most this many files.
pub(super) const RENAMES: usize = 2_000;

/// The largest file that became one from a link and is still read (bytes).
pub(super) const RETYPED: u64 = 64 << 20;

pub(super) fn diff(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    let committed = matches!(source, Source::Commit(_) | Source::Range(..) | Source::Parted(..) | Source::Whole(_));
    if repo.root().is_none() && !committed {
        return Err(GitError::Bare);
    }
    if *source == Source::WithUntracked {
        let mut change = diff(repo, &Source::Worktree)?;
        untracked::add(repo, &mut change).map_err(GitError::judged)?;
        return Ok(ChangeSet { label: source.label(), ..change });
    }
    refuse_dashes(source)?;
    match by_library(repo, source) {
        Err(GitError::Git(error)) if beyond_library(&error) => plumbing::diff(repo, source).map_err(|e| e.of(repo)),
        other => other.map_err(|e| e.of(repo)),
    }
}

/// What libgit2 cannot read and git may: split and sparse indexes, missing objects. An index that was cut off git reads
/// too, as if what is missing had never been staged.
pub(super) fn beyond_library(error: &git2::Error) -> bool {
    use git2::ErrorClass::{Index, Odb, Repository as Repo};
    let torn = error.class() == Index && error.message().starts_with("invalid data in index");
    matches!(error.class(), Index | Odb | Repo) && !torn
}

fn refuse_dashes(source: &Source) -> Result<(), GitError> {
    let dash = |rev: &String| if rev.starts_with('-') { Err(GitError::Dash(rev.clone())) } else { Ok(()) };
    match source {
        Source::Commit(rev) | Source::Whole(rev) => dash(rev),
        Source::Range(a, b) | Source::Parted(a, b) => dash(a).and_then(|()| dash(b)),
        _ => Ok(()),
    }
}

/// By libgit2.
pub(super) fn by_library(whole: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    let Some(repo) = whole.inner() else { return Err(beyond("this format")) };
    if live(source) {
        // libgit2 asks for attributes and ignore rules on its way through the work tree.
        let index = index(repo)?;
        let paths: Vec<Vec<u8>> = index.iter().map(|e| e.path).collect();
        plain::check(whole, paths.iter().map(Vec::as_slice))?;
    }
    let diff = match paired(repo, source, false) {
        // To see what moved takes content, and some of it is not here.
        Err(GitError::Git(error)) if broken(&error) => paired(repo, source, true)?,
        other => other?,
    };
    let marks = Marks::of(repo, source)?;
    let mut attributes = Attributes::open(whole, repo, new_tree(repo, source)?);
    let doubtful = |delta: git2::DiffDelta<'_>| {
        [delta.old_file(), delta.new_file()].iter().any(|side| side.path_bytes().is_some_and(doubts))
    };
    attributes.doubted = diff.deltas().any(doubtful);
    if attributes.doubted && live(source) {
        return Err(beyond("attributes that come with the change"));
    }
    let mut files = Vec::with_capacity(diff.deltas().len());
    let git = whole.git();
    let desk = live(source).then_some(&git);
    for place in 0..diff.deltas().len() {
        if let Some(mut file) = file(repo, &mut attributes, &diff, place, desk)? {
            settle(&mut file, live(source));
            if !marks.passed_over(&file, source)? {
                files.push(file);
            }
        }
    }
    marks.announce(source, &mut files);
    if let Some(root) = whole.root().filter(|_| live(source)) {
        let blob = |id: &str| Some(repo.find_blob(Oid::from_str(id).ok()?).ok()?.content().to_vec());
        lfs::settle(root, &mut files, blob);
    }
    files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(ChangeSet { files, label: source.label(), notes: Vec::new() })
}

/// What differs, with renames and copies found; `exact` = only those that changed nothing.
fn paired<'r>(repo: &'r Repository, source: &Source, exact: bool) -> Result<Diff<'r>, GitError> {
    let mut options = lines::options();
    let mut diff = match source {
        Source::Staged => {
            repo.diff_tree_to_index(head_tree(repo)?.as_ref(), Some(&index(repo)?), Some(&mut options))?
        }
        Source::Amend => {
            let parent = parent_tree(repo, &head_commit(repo)?, "HEAD")?;
            repo.diff_tree_to_index(parent.as_ref(), Some(&index(repo)?), Some(&mut options))?
        }
        Source::Worktree | Source::WithUntracked => {
            repo.diff_index_to_workdir(Some(&index(repo)?), Some(&mut options))?
        }
        Source::Tracked => {
            index(repo)?;
            repo.diff_tree_to_workdir_with_index(head_tree(repo)?.as_ref(), Some(&mut options))?
        }
        Source::AmendTracked => {
            let parent = parent_tree(repo, &head_commit(repo)?, "HEAD")?;
            index(repo)?;
            repo.diff_tree_to_workdir_with_index(parent.as_ref(), Some(&mut options))?
        }
        Source::Commit(_) | Source::Range(..) | Source::Parted(..) | Source::Whole(_) => {
            let (old, new) = trees(repo, source)?;
            repo.diff_tree_to_tree(old.as_ref(), Some(&new), Some(&mut options))?
        }
    };
    if !exact && moves(&diff) > RENAMES {
        // The library would not look among all of them even for what only moved, as git does. Nothing is broken here.
        let what = "so many files that may have moved";
        return Err(git2::Error::new(git2::ErrorCode::GenericError, git2::ErrorClass::Repository, what).into());
    }
    let mut find = DiffFindOptions::new();
    find.renames(true).copies(true).rename_limit(RENAMES).exact_match_only(exact);
    diff.find_similar(Some(&mut find))?;
    Ok(diff)
}

/// Among how many files those that are new would be looked for.
fn moves(diff: &Diff<'_>) -> usize {
    let any = diff.deltas().any(|delta| delta.status() == Delta::Added);
    let from = |delta: &git2::DiffDelta<'_>| !matches!(delta.status(), Delta::Added | Delta::Conflicted);
    if any { diff.deltas().filter(from).count() } else { 0 }
}

/// The new side lies in the work tree.
pub(super) const fn live(source: &Source) -> bool {
    matches!(source, Source::Worktree | Source::WithUntracked | Source::Tracked | Source::AmendTracked)
}

/// What lies in the work tree only has no id, whatever libgit2 or git happened to compute on the way; what is there
/// unchanged has the old one.
pub(super) fn settle(file: &mut FileChange, live: bool) {
    let there = file.new_mode.is_some() && file.status != Status::Unmerged;
    if live && there && !matches!(file.kind, FileKind::Submodule { .. }) {
        let same = file.status != Status::TypeChanged
            && file.hunks.is_empty()
            && file.kind == FileKind::Text
            && file.unread.is_none();
        let unchanged = file.old_mode.is_some() && same;
        file.new_id = if unchanged { file.old_id.clone() } else { None };
    }
}

/// What the index says of files beside their content.
#[derive(Default)]
struct Marks {
    /// Announced by `git add -N`.
    soon: Vec<Vec<u8>>,
    /// Not in the work tree, and not missed there: outside of a sparse checkout.
    apart: HashSet<Vec<u8>>,
}

impl Marks {
    fn of(repo: &Repository, source: &Source) -> Result<Self, GitError> {
        let mut out = Self::default();
        if !live(source) && !matches!(source, Source::Staged | Source::Amend) {
            return Ok(out);
        }
        let sparse = live(source) && repo.config()?.get_bool("core.sparseCheckout").unwrap_or(false);
        for entry in repo.index()?.iter() {
            let more = git2::IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
            let left_alone = git2::IndexEntryFlag::from_bits_truncate(entry.flags).is_valid();
            if more.is_intent_to_add() {
                out.soon.push(entry.path);
            } else if left_alone {
                // libgit2 passes it over in the index too.
                return Err(beyond("a file that is assumed to be unchanged"));
            } else if more.is_skip_worktree() {
                let there = || {
                    let place = os_path(&Path::new(&entry.path)).and_then(|path| Some(repo.workdir()?.join(path)));
                    place.is_some_and(|place| std::fs::symlink_metadata(place).is_ok())
                };
                if sparse && more.is_skip_worktree() && there() {
                    // Git looks at such a file all the same, and libgit2 does not.
                    return Err(beyond("a file outside of the sparse checkout"));
                }
                out.apart.insert(entry.path);
            }
        }
        Ok(out)
    }

    /// Nothing happened to this file, although libgit2 misses it in the work tree.
    fn passed_over(&self, file: &FileChange, source: &Source) -> Result<bool, GitError> {
        if self.apart.is_empty() || !live(source) {
            return Ok(false);
        }
        if file.old_path.as_ref().is_some_and(|old| self.apart.contains(old.raw())) {
            return Err(beyond("a file outside of the sparse checkout"));
        }
        Ok(file.status == Status::Deleted && self.apart.contains(file.path.raw()))
    }

    /// Marks what was announced; nothing of it is staged.
    fn announce(&self, source: &Source, files: &mut Vec<FileChange>) {
        if self.soon.is_empty() {
            return;
        }
        if !live(source) {
            files.retain(|f| !self.soon.iter().any(|path| path == f.path.raw()));
        }
        for file in files.iter_mut().filter(|f| self.soon.iter().any(|path| path == f.path.raw())) {
            file.intent_to_add = true;
            file.status = Status::Added;
            (file.old_mode, file.old_id) = (None, None);
        }
    }
}

/// For [`beyond_library`].
fn beyond(what: &str) -> GitError {
    git2::Error::new(git2::ErrorCode::GenericError, git2::ErrorClass::Index, what).into()
}

/// The trees that a source of commits compares.
pub(super) fn trees<'r>(repo: &'r Repository, source: &Source) -> Result<(Option<Tree<'r>>, Tree<'r>), GitError> {
    let commit = |rev: &str| commit(repo, rev);
    match source {
        Source::Commit(rev) => {
            let commit = commit(rev)?;
            Ok((parent_tree(repo, &commit, rev)?, commit.tree()?))
        }
        Source::Range(a, b) => Ok((Some(commit(a)?.tree()?), commit(b)?.tree()?)),
        Source::Whole(rev) => Ok((None, any_tree(repo, rev)?)),
        Source::Parted(a, b) => {
            let (from, to) = (commit(a)?, commit(b)?);
            let base = repo.merge_base(from.id(), to.id()).map_err(|error| match error.code() {
                git2::ErrorCode::NotFound => GitError::NoMergeBase(a.clone(), b.clone()),
                _ => error.into(),
            })?;
            Ok((Some(repo.find_commit(base)?.tree()?), to.tree()?))
        }
        _ => Err(GitError::Unborn),
    }
}

/// The tree of a source's new side, where that is a commit.
fn new_tree<'r>(repo: &'r Repository, source: &Source) -> Result<Option<Tree<'r>>, GitError> {
    match source {
        Source::Commit(rev) | Source::Range(_, rev) | Source::Parted(_, rev) => Ok(Some(commit(repo, rev)?.tree()?)),
        Source::Whole(rev) => Ok(Some(any_tree(repo, rev)?)),
        _ => Ok(None),
    }
}

/// The tree of a commit, or one that stands in none: a tag may lead there.
fn any_tree<'r>(repo: &'r Repository, rev: &str) -> Result<Tree<'r>, GitError> {
    match commit(repo, rev) {
        Ok(commit) => Ok(commit.tree()?),
        Err(error) => repo.revparse_single(rev).and_then(|object| object.peel_to_tree()).map_err(|_| error),
    }
}

fn commit<'r>(repo: &'r Repository, rev: &str) -> Result<git2::Commit<'r>, GitError> {
    let found = repo.revparse_single(rev).and_then(|object| object.peel_to_commit());
    found.map_err(|error| unnamed(repo, rev, error))
}

/// Why a revision gave no commit: what it names is missing or broken, or it names none.
fn unnamed(repo: &Repository, rev: &str, error: git2::Error) -> GitError {
    use git2::ErrorCode::{Ambiguous, InvalidSpec, Peel};
    if let Some(what) = refs::torn(repo.path(), stem(rev)) {
        GitError::References(what)
    } else if lost(repo, rev) {
        GitError::Damaged(unreadable(rev))
    } else if broken(&error) && !matches!(error.code(), Ambiguous | InvalidSpec | Peel) {
        error.into()
    } else {
        GitError::UnknownRevision(rev.to_owned())
    }
}

/// The name that a revision begins with leads to an object that cannot be read, or the way on from there does.
fn lost(repo: &Repository, rev: &str) -> bool {
    let name = repo.resolve_reference_from_short_name(stem(rev)).and_then(|name| name.resolve());
    if name.ok().and_then(|name| name.target()).is_some_and(|id| repo.find_object(id, None).is_err()) {
        return true;
    }
    let cut = || {
        let commit = repo.revparse_single(stem(rev))?.peel_to_commit()?;
        let mut walk = repo.revwalk()?;
        walk.push(commit.id())?;
        Ok::<bool, git2::Error>(walk.take(FAR).any(|id| id.is_err()))
    };
    rev.contains(['~', '^']) && cut().unwrap_or(false)
}

/// Farther back no missing commit is looked for.
pub(super) const FAR: usize = 100_000;

/// The name that a revision begins with: `main` of `main~3`.
pub(super) fn stem(rev: &str) -> &str {
    let name = rev.split(['~', '^', ':']).next().unwrap_or_default();
    match name.split("@{").next().unwrap_or_default() {
        "" | "@" => "HEAD",
        name => name,
    }
}

/// What is said of a name whose commit is missing or broken.
pub(super) fn unreadable(rev: &str) -> String {
    format!("what {rev} names cannot be read")
}

/// The tree of a commit's first parent; `None` when it has none.
pub(super) fn parent_tree<'r>(
    repo: &'r Repository,
    commit: &git2::Commit<'r>,
    name: &str,
) -> Result<Option<Tree<'r>>, GitError> {
    if commit.parent_count() > 0 {
        return Ok(Some(commit.parent(0)?.tree()?));
    }
    // Where a shallow clone ends, libgit2 calls it a root; the commit itself knows better.
    let had = commit.raw_header_bytes().split(|b| *b == b'\n').any(|line| line.starts_with(b"parent "));
    if had && repo.is_shallow() { Err(GitError::Shallow(name.to_owned())) } else { Ok(None) }
}

/// The index as it lies on disk now: libgit2 keeps what it read when the repository was opened.
fn index(repo: &Repository) -> Result<git2::Index, GitError> {
    let mut index = repo.index()?;
    index.read(false)?;
    Ok(index)
}

/// The last commit's tree; `None` before the first commit.
pub(super) fn head_tree(repo: &Repository) -> Result<Option<Tree<'_>>, GitError> {
    match repo.head() {
        Ok(head) => head.peel_to_tree().map(Some).map_err(headless),
        Err(e) if matches!(e.code(), git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound) => {
            refs::torn(repo.path(), "HEAD").map_or(Ok(None), |what| Err(GitError::References(what)))
        }
        Err(e) => Err(e.into()),
    }
}

/// The branch has a last commit, and it cannot be read: libgit2 says only that its name leads nowhere.
fn headless(error: git2::Error) -> GitError {
    if broken(&error) { error.into() } else { GitError::Damaged(unreadable("HEAD")) }
}

/// The last commit.
pub(super) fn head_commit(repo: &Repository) -> Result<git2::Commit<'_>, GitError> {
    match repo.head() {
        Ok(head) => head.peel_to_commit().map_err(headless),
        Err(e) if e.code() == git2::ErrorCode::UnbornBranch => {
            Err(refs::torn(repo.path(), "HEAD").map_or(GitError::Unborn, GitError::References))
        }
        Err(e) => Err(e.into()),
    }
}

/// One file that differs; `desk` = the new side lies in the work tree.
fn file(
    repo: &Repository,
    attributes: &mut Attributes<'_>,
    diff: &Diff<'_>,
    place: usize,
    desk: Option<&Git>,
) -> Result<Option<FileChange>, GitError> {
    let live = desk.is_some();
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
        FileMode::Commit => Some(MODULE),
        FileMode::Tree => Some(0o040_000),
    };
    out.old_mode = if status == Status::Added { None } else { mode(&old) };
    out.new_mode = if status == Status::Deleted { None } else { mode(&new) };
    let id = |side: &git2::DiffFile<'_>| {
        Some(side.id()).filter(|id| *id != Oid::ZERO_SHA1 && !id.is_zero()).map(|id| id.to_string())
    };
    out.old_id = if status == Status::Added { None } else { id(&old) };
    out.new_id = if status == Status::Deleted { None } else { id(&new) };
    let link = new.mode() == FileMode::Link || (status == Status::Deleted && old.mode() == FileMode::Link);
    if out.is_module() {
        submodule_of(&mut out, repo.workdir());
        return Ok(Some(out));
    }
    let said = attributes.of(out.path.raw());
    (out.generated, out.vendored, out.lfs) = (said.generated, said.vendored, said.lfs);
    out.kind = if link { FileKind::Symlink } else { FileKind::Text };
    if live && said.encoded {
        return Err(beyond("a file that is encoded otherwise in the work tree"));
    }
    out.unread = desk.filter(|_| out.new_mode.is_some()).and_then(|git| git.held_back(&out, &said));
    if out.unread.is_some() {
        patch::finish(&mut out);
        return Ok(Some(out));
    }
    let filled = if status == Status::TypeChanged {
        let gone = if out.had_content() { content(repo, &old, live) } else { Ok(Vec::new()) };
        gone.and_then(|gone| Ok(lines::retyped(&mut out, &gone, &content(repo, &new, live)?)?))
    } else if live {
        in_work_tree(repo, diff, place, &mut out)
    } else {
        stored(repo, (&old, &new), &mut out, said.text)
    };
    match filled {
        Ok(()) => {}
        // One file that is not here takes no other with it.
        Err(GitError::Git(error)) if broken(&error) => out.unread = Some(absent(repo, &error, &[old.id(), new.id()])),
        Err(other) => return Err(other),
    }
    patch::finish(&mut out);
    Ok(Some(out))
}

/// Both sides are blobs.
fn stored(
    repo: &Repository,
    (old, new): (&git2::DiffFile<'_>, &git2::DiffFile<'_>),
    out: &mut FileChange,
    text: Option<bool>,
) -> Result<(), GitError> {
    let side = |side: &git2::DiffFile<'_>, there: bool| there.then(|| repo.find_blob(side.id())).transpose();
    let (gone, come) = (side(old, out.old_mode.is_some())?, side(new, out.new_mode.is_some())?);
    let (gone, come) = (gone.as_ref().map(git2::Blob::content), come.as_ref().map(git2::Blob::content));
    Ok(lines::between(out, gone.unwrap_or_default(), come.unwrap_or_default(), text)?)
}

/// Why the content of a file could not be read, for people.
fn absent(repo: &Repository, error: &git2::Error, sides: &[Oid]) -> String {
    let there = |id: &Oid| repo.odb().is_ok_and(|odb| odb.exists(*id));
    let absent = || sides.iter().find(|id| !id.is_zero() && !there(id)).or(sides.first()).map(Oid::to_string);
    let missing = if error.code() == git2::ErrorCode::NotFound { absent() } else { None };
    unread(missing.as_deref(), promised(repo).unwrap_or(false))
}

/// Whether what is missing here is promised by a remote.
fn promised(repo: &Repository) -> Result<bool, git2::Error> {
    let all = repo.config()?.snapshot()?;
    if all.get_string(PARTIAL).is_ok() {
        return Ok(true);
    }
    let mut remotes = all.entries(Some("^remote\\..*\\.promisor$"))?;
    while let Some(remote) = remotes.next() {
        if remote?.name().is_ok_and(|name| all.get_bool(name).unwrap_or(false)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What older versions of git wrote into a partial clone; today's write `remote.NAME.promisor`.
pub(super) const PARTIAL: &str = "extensions.partialClone";

/// The words for content that is missing, by its id, or damaged.
pub(super) fn unread(missing: Option<&str>, partial: bool) -> String {
    match missing {
        Some(id) if partial => {
            format!("its content is not here (partial clone); git fetches it with: git cat-file -e {id}")
        }
        Some(_) => "its content is missing from the repository".to_owned(),
        None => "its content is damaged".to_owned(),
    }
}

/// What lies in the work tree goes through what git does to it on the way in: line endings.
fn in_work_tree(repo: &Repository, diff: &Diff<'_>, place: usize, out: &mut FileChange) -> Result<(), GitError> {
    let patch = Patch::from_diff(diff, place)?;
    // libgit2 decides "binary" only once it has looked at the content.
    let Some(delta) = diff.get_delta(place) else { return Ok(()) };
    match patch {
        Some(patch) if !delta.flags().is_binary() => out.hunks = lines::hunks(&patch)?,
        _ => {
            let size = |side: &git2::DiffFile<'_>, there: bool| there.then(|| blob_size(repo, side)).flatten();
            out.kind = FileKind::Binary {
                old_size: size(&delta.old_file(), out.old_mode.is_some()),
                new_size: size(&delta.new_file(), out.new_mode.is_some()),
            };
        }
    }
    Ok(())
}

/// Fills in a submodule. Where a file became one, its blob is no commit.
pub(super) fn submodule_of(file: &mut FileChange, root: Option<&std::path::Path>) {
    let commit = |mode: Option<u32>, id: &Option<String>| id.clone().filter(|_| mode == Some(MODULE));
    let (from, to) = (commit(file.old_mode, &file.old_id), commit(file.new_mode, &file.new_id));
    let (subjects, commits) = passed(root, &file.path, from.as_deref(), to.as_deref()).unwrap_or_default();
    file.commits = commits;
    file.pushed = pushed(root, &file.path, to.as_deref());
    file.kind = FileKind::Submodule { from, to, subjects };
}

/// What a file holds: a blob, or what lies in the work tree; of a link where it points to.
fn content(repo: &Repository, side: &git2::DiffFile<'_>, live: bool) -> Result<Vec<u8>, GitError> {
    match repo.find_blob(side.id()) {
        Ok(blob) => return Ok(blob.content().to_vec()),
        Err(error) if !live => return Err(error.into()),
        Err(_) => {}
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

/// What a submodule that is checked out passes on its way: subjects of the commits that come, newest first and at most
/// 20, and how many come and go.
#[allow(clippy::type_complexity)] // said above
fn passed(
    root: Option<&std::path::Path>,
    path: &Path,
    from: Option<&str>,
    to: Option<&str>,
) -> Option<(Vec<String>, Option<(usize, usize)>)> {
    let (from, to) = (Oid::from_str(from?).ok()?, Oid::from_str(to?).ok()?);
    let inner = Repository::open(root?.join(os_path(path)?)).ok()?;
    let mut walk = inner.revwalk().ok()?;
    walk.push(to).ok()?;
    walk.hide(from).ok()?;
    let subject = |id: Result<Oid, git2::Error>| {
        let commit = inner.find_commit(id.ok()?).ok()?;
        Some(String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned())
    };
    let subjects = walk.take(20).map(subject).collect::<Option<_>>()?;
    Some((subjects, inner.graph_ahead_behind(to, from).ok()))
}

/// Whether others can have the commit that a submodule moves to: a remote branch or a tag holds it. `None` where that
/// cannot be told: it is not checked out, has no remote branch, or history that is cut off.
fn pushed(root: Option<&std::path::Path>, path: &Path, to: Option<&str>) -> Option<bool> {
    let to = Oid::from_str(to?).ok()?;
    let inner = Repository::open(root?.join(os_path(path)?)).ok()?;
    inner.find_commit(to).ok()?;
    if inner.is_shallow() || inner.references_glob("refs/remotes/*").ok()?.next().is_none() {
        return None;
    }
    let mut walk = inner.revwalk().ok()?;
    walk.push(to).ok()?;
    walk.hide_glob("refs/remotes/*").ok()?;
    walk.hide_glob("refs/tags/*").ok()?;
    // What is hidden is not walked.
    Some(walk.next().is_none())
}
