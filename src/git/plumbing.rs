//! A change as the git process tells it: names, modes and ids from the raw form, lines from the patch.

use std::collections::HashMap;

use super::attributes::{NAMES, Said, State, doubts};
use super::contents::{in_work_tree, os_path};
use super::diff::{FAR, PARTIAL, RENAMES, RETYPED, live, settle, stem, submodule_of, unread, unreadable};
use super::error::{Anew, GitError};
use super::process::Git;
use super::repo::Repo;
use super::{ChangeSet, FileChange, FileKind, Path, Source, Status, lfs, lines, patch, plain, refs, tree};

/// How the comparison is asked for, so that no setting of the user's or the repository's changes it.
pub(super) const FLAGS: [&str; 15] = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-M",
    "-C",
    "-l2000",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--full-index",
    "--indent-heuristic",
    "--diff-algorithm=myers",
    "-O/dev/null",
];

/// What a source compares: a tree or the index, with a tree, the index or the work tree.
pub(super) struct Sides {
    /// The old side's commit or tree; `None` = the index.
    pub(super) old: Option<String>,
    /// The new side's; `None` = index or work tree.
    pub(super) new: Option<String>,
}

/// Resolves a source.
pub(super) fn sides(repo: &Repo, source: &Source) -> Result<Sides, GitError> {
    let git = &repo.git();
    let known = |rev: &str| {
        let commit = resolved(git, &format!("{rev}^{{commit}}")).map_err(GitError::judged);
        let torn = || refs::torn(repo.git_dir(), stem(rev));
        commit.map_err(|error| match error {
            damaged @ (GitError::Damaged(_) | GitError::Index(..)) => damaged,
            _ if torn().is_some() => GitError::References(torn().unwrap_or_default()),
            _ if headless(git) => GitError::References("what HEAD names cannot be read".to_owned()),
            _ if lost(git, rev) => GitError::Damaged(unreadable(rev)),
            _ => GitError::UnknownRevision(rev.to_owned()),
        })
    };
    let empty = || git.line(&["hash-object", "-t", "tree", "--stdin"]);
    let head = || match known("HEAD") {
        Err(GitError::UnknownRevision(_)) => empty(),
        other => other,
    };
    let parent_of = |commit: &str, name: &str| match parent(git, commit, name)? {
        Some(parent) => Ok(parent),
        None => empty(),
    };
    let (old, new) = match source {
        Source::Staged | Source::Tracked => (Some(head()?), None),
        Source::Amend | Source::AmendTracked => {
            let commit = known("HEAD").map_err(|error| match error {
                GitError::UnknownRevision(_) => GitError::Unborn,
                other => other,
            })?;
            (Some(parent_of(&commit, "HEAD")?), None)
        }
        Source::Worktree | Source::WithUntracked => (None, None),
        Source::Commit(rev) => {
            let commit = known(rev)?;
            (Some(parent_of(&commit, rev)?), Some(commit))
        }
        Source::Range(a, b) => (Some(known(a)?), Some(known(b)?)),
        Source::Whole(rev) => {
            // A tag may lead to a tree that stands in no commit.
            let tree = |error| resolved(git, &format!("{rev}^{{tree}}")).map_err(|_| error);
            (Some(empty()?), Some(known(rev).or_else(tree)?))
        }
        Source::Parted(a, b) => {
            let (from, to) = (known(a)?, known(b)?);
            let base = git.maybe(&["merge-base", &from, &to])?;
            (Some(base.ok_or_else(|| GitError::NoMergeBase(a.clone(), b.clone()))?), Some(to))
        }
    };
    Ok(Sides { old, new })
}

fn resolved(git: &Git, name: &str) -> Result<String, GitError> {
    git.line(&["rev-parse", "--verify", "-q", "--end-of-options", name])
}

/// HEAD leads to no commit, and not to a branch that has none yet either.
fn headless(git: &Git) -> bool {
    resolved(git, "HEAD").is_err() && git.bytes(&["symbolic-ref", "-q", "HEAD"]).is_err()
}

/// The name that a revision begins with leads to an object that cannot be read, or the way on from there does. An id is no
/// name: of one that is not here nobody knows whether it ever was.
fn lost(git: &Git, rev: &str) -> bool {
    let name = stem(rev);
    let Ok(id) = resolved(git, name) else { return false };
    let gone = id != name && git.bytes(&["cat-file", "-e", &id]).is_err();
    let far = format!("--max-count={FAR}");
    gone || rev.contains(['~', '^']) && git.bytes(&["rev-list", "--count", &far, &id, "--"]).is_err()
}

/// The first parent, full hex; `None` when there is none.
fn parent(git: &Git, commit: &str, name: &str) -> Result<Option<String>, GitError> {
    let line = git.line(&["rev-list", "--parents", "--max-count=1", commit, "--"])?;
    if let Some(parent) = line.split(' ').nth(1) {
        return Ok(Some(parent.to_owned()));
    }
    // Where a shallow clone ends, git calls it a root; the commit itself knows better.
    let raw = git.bytes(&["cat-file", "commit", commit])?;
    let had = raw.split(|b| *b == b'\n').take_while(|l| !l.is_empty()).any(|l| l.starts_with(b"parent "));
    if had && git.line(&["rev-parse", "--is-shallow-repository"])? == "true" {
        return Err(GitError::Shallow(name.to_owned()));
    }
    Ok(None)
}

pub(super) fn diff(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    let sides = sides(repo, source)?;
    if sides.new.is_none() && tree::torn(repo) {
        return Err(GitError::Index("the index does not end as it was written".to_owned(), Anew::default()));
    }
    let git = match &sides.new {
        Some(new) => repo.git().attributes_of(new),
        None => repo.git(),
    };
    let cached = matches!(source, Source::Staged | Source::Amend).then_some("--cached");
    if live(source) {
        // To see what changed in the work tree, git asks for attributes on its way.
        let entries = tree::entries(repo).unwrap_or_default();
        plain::check(repo, entries.iter().map(|e| e.path.as_slice()))?;
    }
    let run = |more: &[&str]| {
        let between = cached.into_iter().chain(sides.old.as_deref()).chain(sides.new.as_deref());
        let words = ["diff"].into_iter().chain(FLAGS).chain(more.iter().copied()).chain(between).chain(["--"]);
        git.bytes(&words.collect::<Vec<_>>())
    };
    let listed = run(&["--raw", "-z", "--no-abbrev"]);
    // To see what moved and changed takes content, and some of it may not be here.
    let listed = listed.or_else(|_| run(&["--raw", "-z", "--no-abbrev", "-M100%"]));
    let mut files = raw(&listed.or_else(|_| run(&["--raw", "-z", "--no-abbrev", "--no-renames"]))?);
    // Among so many git looks for what moved and changed by the names of files, where nothing is looked for as a copy.
    let among = files.iter().filter(|file| file.status != Status::Added).count();
    let any = |status| files.iter().any(|file| file.status == status);
    let mut shown = vec!["-p", "-U3"];
    if among > RENAMES
        && any(Status::Added)
        && any(Status::Deleted)
        && let Ok(listed) = run(&["--raw", "-z", "--no-abbrev", "-M"])
    {
        files = raw(&listed);
        shown.push("-M");
    }
    plain::check(repo, files.iter().map(|f| f.path.raw()))?;
    let (mut lines, mut notes) = (None, Vec::new());
    match run(&shown).map(|out| patch::parse(&out)) {
        // Git itself shows nothing of what is not to be shown.
        _ if doubted(&files) => {}
        Ok(Ok(change)) => (lines, notes) = (Some(by_path(change.files)), change.notes),
        // Nothing changed in any line.
        Ok(Err(_)) => lines = Some(HashMap::new()),
        // One file that cannot be read stops git: then they are read one by one.
        Err(_) => {}
    }
    if matches!(source, Source::Tracked | Source::AmendTracked) && repo.unmerged() {
        in_conflict(&git, &mut files)?;
    }
    let announced = announced(&git, source, &files)?;
    for file in &mut files {
        file.intent_to_add = announced.contains(&file.path);
        if file.status != Status::Unmerged {
            let parts = lines.as_mut().map(|lines| lines.remove(&file.path).unwrap_or_default());
            fill(repo, file, parts.unwrap_or_default());
        }
    }
    let said = attributes(&git, &mut files);
    match lines {
        Some(_) => sizes(repo, &git, source, &mut files)?,
        None => one_by_one(repo, &git, source, &mut files, &said),
    }
    if live(source) {
        hold_back(&git, &mut files, &said);
    }
    for file in &mut files {
        patch::finish(file);
        settle(file, live(source));
    }
    if let Some(root) = repo.root().filter(|_| live(source)) {
        lfs::settle(root, &mut files, |id| git.bytes(&["cat-file", "blob", id]).ok());
    }
    files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(ChangeSet { files, label: source.label(), notes })
}

fn by_path(files: Vec<FileChange>) -> HashMap<Path, Vec<FileChange>> {
    let mut out: HashMap<Path, Vec<FileChange>> = HashMap::new();
    for file in files {
        out.entry(file.path.clone()).or_default().push(file);
    }
    out
}

/// `:OLDMODE NEWMODE OLDID NEWID STATUS NUL PATH NUL [PATH NUL]`.
pub(super) fn raw(bytes: &[u8]) -> Vec<FileChange> {
    let mut out: Vec<FileChange> = Vec::new();
    let mut parts = bytes.split(|b| *b == 0);
    while let Some(head) = parts.next() {
        let head = String::from_utf8_lossy(head);
        if head.starts_with("::") {
            // Three sides at once: only a file in conflict is listed so.
            out.push(FileChange::new(Path::new(parts.next().unwrap_or_default()), Status::Unmerged));
            continue;
        }
        let Some(head) = head.strip_prefix(':') else { continue };
        let words: Vec<&str> = head.split(' ').collect();
        let [old_mode, new_mode, old_id, new_id, letter] = words.as_slice() else { continue };
        let first = Path::new(parts.next().unwrap_or_default());
        let status = match letter.chars().next() {
            Some('A') => Status::Added,
            Some('D') => Status::Deleted,
            Some('R') => Status::Renamed,
            Some('C') => Status::Copied,
            Some('T') => Status::TypeChanged,
            Some('U') => Status::Unmerged,
            _ => Status::Modified,
        };
        // A file in conflict is listed twice: as such, and compared with one of its sides.
        if out.last().is_some_and(|f| f.status == Status::Unmerged && f.path == first) {
            continue;
        }
        let mut file = FileChange::new(first, status);
        if matches!(status, Status::Renamed | Status::Copied) {
            let new = Path::new(parts.next().unwrap_or_default());
            file.old_path = Some(std::mem::replace(&mut file.path, new));
        }
        let mode = |text: &str| u32::from_str_radix(text, 8).ok().filter(|m| *m != 0);
        let id = |text: &str| text.bytes().any(|b| b != b'0').then(|| text.to_owned());
        if status != Status::Unmerged {
            (file.old_mode, file.new_mode) = (mode(old_mode), mode(new_mode));
            (file.old_id, file.new_id) = (id(old_id), id(new_id));
        }
        out.push(file);
    }
    out
}

/// Compared with a commit, git tells a file in conflict as changed: its markers would be its new lines.
fn in_conflict(git: &Git, files: &mut [FileChange]) -> Result<(), GitError> {
    let index = git.bytes(&["ls-files", "-z", "--unmerged", "--full-name"])?;
    let names: Vec<&[u8]> = index.split(|b| *b == 0).filter_map(|row| row.splitn(2, |b| *b == b'\t').nth(1)).collect();
    for file in files.iter_mut().filter(|f| names.contains(&f.path.raw())) {
        *file = FileChange::new(std::mem::take(&mut file.path), Status::Unmerged);
    }
    Ok(())
}

/// Files that `git add -N` announced. Between index and work tree only they are new.
fn announced(git: &Git, source: &Source, files: &[FileChange]) -> Result<Vec<Path>, GitError> {
    let new = |files: &[FileChange]| -> Vec<Path> {
        files.iter().filter(|f| f.status == Status::Added).map(|f| f.path.clone()).collect()
    };
    match source {
        Source::Worktree | Source::WithUntracked => Ok(new(files)),
        Source::Tracked | Source::AmendTracked if files.iter().any(|f| f.status == Status::Added) => {
            Ok(new(&raw(&git.bytes(&["diff", "--raw", "-z", "--no-renames", "--ignore-submodules=dirty", "--"])?)))
        }
        _ => Ok(Vec::new()),
    }
}

/// Kind and lines, from the patch's part on this file.
fn fill(repo: &Repo, file: &mut FileChange, parts: Vec<FileChange>) {
    let modes = [file.old_mode, file.new_mode];
    if file.is_module() {
        for part in parts {
            // The raw form knows no commit for what lies in the work tree.
            if let FileKind::Submodule { from, to, .. } = part.kind {
                file.old_id = file.old_id.take().or(from);
                file.new_id = file.new_id.take().or(to);
            }
        }
        submodule_of(file, repo.root());
        return;
    }
    // The last part is the new side: a file that became a link has two.
    let binary = parts.last().is_some_and(|p| matches!(p.kind, FileKind::Binary { .. }));
    if binary {
        file.kind = FileKind::Binary { old_size: None, new_size: None };
        return;
    }
    if modes[1].or(modes[0]) == Some(0o120_000) {
        file.kind = FileKind::Symlink;
    }
    file.hunks = parts.into_iter().flat_map(|p| p.hunks).collect();
}

/// Sizes of binaries.
fn sizes(repo: &Repo, git: &Git, source: &Source, files: &mut [FileChange]) -> Result<(), GitError> {
    let binary = |f: &&mut FileChange| matches!(f.kind, FileKind::Binary { .. });
    let ids: Vec<String> =
        files.iter_mut().filter(binary).flat_map(|f| [f.old_id.clone(), f.new_id.clone()]).flatten().collect();
    let mut known: HashMap<String, u64> = HashMap::new();
    if !ids.is_empty() {
        let input = ids.iter().map(|id| format!("{id}\n")).collect::<String>().into_bytes();
        let out = git.fed(&["cat-file", "--batch-check"], Some(input))?;
        for line in String::from_utf8_lossy(&out).lines() {
            if let [id, "blob", size] = line.split(' ').collect::<Vec<_>>().as_slice()
                && let Ok(size) = size.parse()
            {
                known.insert((*id).to_owned(), size);
            }
        }
    }
    for file in files.iter_mut().filter(binary) {
        let at = |id: &Option<String>| id.as_ref().and_then(|id| known.get(id)).copied();
        let on_disk = || {
            let path = repo.root()?.join(os_path(&file.path)?);
            live(source).then(|| std::fs::symlink_metadata(path).ok()).flatten().map(|m| m.len())
        };
        let new_size = file.new_mode.and_then(|_| at(&file.new_id).or_else(on_disk));
        file.kind = FileKind::Binary { old_size: at(&file.old_id), new_size };
    }
    Ok(())
}

/// One of them says of others that they are not to be shown.
fn doubted(files: &[FileChange]) -> bool {
    files.iter().any(|file| doubts(file.path.raw()) || file.old_path.as_ref().is_some_and(|path| doubts(path.raw())))
}

/// What `.gitattributes` says, by place of the file. Where git cannot say, that is all that is said.
pub(super) fn attributes(git: &Git, files: &mut [FileChange]) -> Vec<Said> {
    let mut out = vec![Said::default(); files.len()];
    if files.is_empty() {
        return out;
    }
    let input: Vec<u8> = files.iter().flat_map(|f| [f.path.raw(), b"\0"]).flatten().copied().collect();
    let words = [&["check-attr", "-z", "--stdin"][..], &NAMES[..]].concat();
    let Ok(told) = git.fed(&words, Some(input)) else {
        return vec![Said { unknown: true, ..Said::default() }; files.len()];
    };
    let fields: Vec<&[u8]> = told.split(|b| *b == 0).collect();
    let mut states: HashMap<(&[u8], &[u8]), State> = HashMap::new();
    for row in fields.chunks_exact(3) {
        let state = match row[2] {
            b"unspecified" => continue,
            b"set" => State::Set,
            b"unset" => State::Unset,
            value => State::Value(String::from_utf8_lossy(value).into_owned()),
        };
        states.insert((row[0], row[1]), state);
    }
    let doubted = doubted(files);
    for (file, said) in files.iter_mut().zip(&mut out) {
        if !matches!(file.kind, FileKind::Submodule { .. }) && file.status != Status::Unmerged {
            let told = Said::new(|name| states.get(&(file.path.raw(), name.as_bytes())).cloned());
            *said = if doubted { told.shown() } else { told };
            (file.generated, file.vendored, file.lfs) = (said.generated, said.vendored, said.lfs);
        }
    }
    out
}

/// Lines of every file that can be read; of the others, why not.
fn one_by_one(repo: &Repo, git: &Git, source: &Source, files: &mut [FileChange], said: &[Said]) {
    let partial = partial(git);
    let blob = |id: &str| {
        git.bytes(&["cat-file", "blob", id]).map_err(|_| {
            // What is missing is not even known by its size.
            unread(git.bytes(&["cat-file", "-e", id]).is_err().then_some(id), partial)
        })
    };
    for (file, said) in files.iter_mut().zip(said) {
        if matches!(file.kind, FileKind::Submodule { .. }) || file.status == Status::Unmerged {
            continue;
        }
        let side = |there: bool, id: &Option<String>| match (there, id) {
            (false, _) => Ok(Vec::new()),
            (true, Some(id)) => blob(id),
            (true, None) => live(source)
                .then(|| in_work_tree(repo.root()?, &file.path, RETYPED))
                .flatten()
                .ok_or_else(|| "it cannot be read in the working tree".to_owned()),
        };
        let (old, new) = (side(file.had_content(), &file.old_id), side(file.new_mode.is_some(), &file.new_id));
        compare(file, old, new, said);
    }
}

/// Takes out what git would not keep of the work tree's files.
fn hold_back(git: &Git, files: &mut [FileChange], said: &[Said]) {
    for (file, said) in files.iter_mut().zip(said).filter(|(file, _)| file.new_mode.is_some()) {
        if let Some(why) = git.held_back(file, said) {
            (file.hunks, file.kind, file.unread) = (Vec::new(), FileKind::Text, Some(why));
        }
    }
}

/// Fills in what changed from one content to another, or why one of them cannot be read.
pub(super) fn compare(file: &mut FileChange, old: Result<Vec<u8>, String>, new: Result<Vec<u8>, String>, said: &Said) {
    match (old, new) {
        (Ok(old), Ok(new)) => {
            let retyped = file.status == Status::TypeChanged;
            let done =
                if retyped { lines::retyped(file, &old, &new) } else { lines::between(file, &old, &new, said.text) };
            file.unread = done.err().map(|e| e.message().to_owned());
        }
        (Err(why), _) | (_, Err(why)) => file.unread = Some(why),
    }
}

/// What is missing here is promised by a remote.
pub(super) fn partial(git: &Git) -> bool {
    let promises = |name: &str, value: &str| {
        name.eq_ignore_ascii_case(PARTIAL)
            || name.starts_with("remote.")
                && name.ends_with(".promisor")
                && git2::Config::parse_bool(value).unwrap_or(false)
    };
    git.settings().is_ok_and(|all| all.iter().any(|(_, name, value)| promises(name, value)))
}
