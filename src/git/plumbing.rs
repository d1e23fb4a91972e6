//! A change as the git process tells it: names, modes and ids from the raw form, lines from the patch.

use std::collections::HashMap;

use super::diff::{live, settle, submodule_of};
use super::error::GitError;
use super::process::Git;
use super::repo::Repo;
use super::{ChangeSet, FileChange, FileKind, Path, Source, Status, patch};

/// How the comparison is asked for, so that no setting of the user's or the repository's changes it.
const FLAGS: [&str; 15] = [
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
pub(super) fn sides(git: &Git, source: &Source) -> Result<Sides, GitError> {
    let known = |rev: &str| {
        git.line(&["rev-parse", "--verify", "-q", "--end-of-options", &format!("{rev}^{{commit}}")])
            .map_err(|_| GitError::UnknownRevision(rev.to_owned()))
    };
    let empty = || git.line(&["hash-object", "-t", "tree", "--stdin"]);
    let head = || known("HEAD").or_else(|_| empty());
    let parent_of = |commit: &str| known(&format!("{commit}^")).or_else(|_| empty());
    let (old, new) = match source {
        Source::Staged | Source::Tracked => (Some(head()?), None),
        Source::Amend => (Some(parent_of(&known("HEAD").map_err(|_| GitError::Unborn)?)?), None),
        Source::Worktree => (None, None),
        Source::Commit(rev) => {
            let commit = known(rev)?;
            (Some(parent_of(&commit)?), Some(commit))
        }
        Source::Range(a, b) => (Some(known(a)?), Some(known(b)?)),
        Source::Parted(a, b) => {
            let (a, b) = (known(a)?, known(b)?);
            (Some(git.line(&["merge-base", &a, &b]).or_else(|_| empty())?), Some(b))
        }
    };
    Ok(Sides { old, new })
}

pub(super) fn diff(repo: &Repo, source: &Source) -> Result<ChangeSet, GitError> {
    let git = repo.git();
    let sides = sides(&git, source)?;
    let cached = matches!(source, Source::Staged | Source::Amend).then_some("--cached");
    let run = |more: &[&str]| {
        let between = cached.into_iter().chain(sides.old.as_deref()).chain(sides.new.as_deref());
        let words = ["diff"].into_iter().chain(FLAGS).chain(more.iter().copied()).chain(between).chain(["--"]);
        git.bytes(&words.collect::<Vec<_>>())
    };
    let mut files = raw(&run(&["--raw", "-z", "--no-abbrev"])?);
    let (mut lines, notes) = match patch::parse(&run(&["-p"])?) {
        Ok(change) => (by_path(change.files), change.notes),
        // Nothing changed in any line.
        Err(GitError::Patch(_)) => (HashMap::new(), Vec::new()),
        Err(other) => return Err(other),
    };
    if *source == Source::Tracked && repo.unmerged() {
        in_conflict(&git, &mut files)?;
    }
    let announced = announced(&git, source, &files)?;
    for file in &mut files {
        file.intent_to_add = announced.contains(&file.path);
        if file.status != Status::Unmerged {
            fill(repo, file, lines.remove(&file.path).unwrap_or_default());
        }
    }
    sizes(repo, &git, source, &mut files)?;
    attributes(&git, &mut files);
    for file in &mut files {
        patch::finish(file);
        settle(file, live(source));
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
fn raw(bytes: &[u8]) -> Vec<FileChange> {
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
        Source::Worktree => Ok(new(files)),
        Source::Tracked if files.iter().any(|f| f.status == Status::Added) => {
            Ok(new(&raw(&git.bytes(&["diff", "--raw", "-z", "--no-renames", "--ignore-submodules=dirty", "--"])?)))
        }
        _ => Ok(Vec::new()),
    }
}

/// Kind and lines, from the patch's part on this file.
fn fill(repo: &Repo, file: &mut FileChange, parts: Vec<FileChange>) {
    let modes = [file.old_mode, file.new_mode];
    if modes.contains(&Some(0o160_000)) {
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
            let path = repo.root()?.join(file.path.as_str());
            live(source).then(|| std::fs::symlink_metadata(path).ok()).flatten().map(|m| m.len())
        };
        let new_size = file.new_mode.and_then(|_| at(&file.new_id).or_else(on_disk));
        file.kind = FileKind::Binary { old_size: at(&file.old_id), new_size };
    }
    Ok(())
}

/// What `.gitattributes` says. Where git cannot say, nothing is said.
fn attributes(git: &Git, files: &mut [FileChange]) {
    if files.is_empty() {
        return;
    }
    let input: Vec<u8> = files.iter().flat_map(|f| [f.path.raw(), b"\0"]).flatten().copied().collect();
    let words = ["check-attr", "-z", "--stdin", "linguist-generated", "linguist-vendored", "diff"];
    let out = git.fed(&words, Some(input)).unwrap_or_default();
    let fields: Vec<&[u8]> = out.split(|b| *b == 0).collect();
    let mut marked: Vec<&[u8]> = fields
        .chunks_exact(3)
        .filter(|row| match row[1] {
            b"diff" => row[2] == b"unset" || row[2] == b"false",
            _ => row[2] == b"set" || row[2] == b"true",
        })
        .map(|row| row[0])
        .collect();
    marked.sort_unstable();
    for file in files {
        let submodule = matches!(file.kind, FileKind::Submodule { .. });
        file.generated = !submodule && marked.binary_search(&file.path.raw()).is_ok();
    }
}
