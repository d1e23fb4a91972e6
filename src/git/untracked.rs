//! Files of the work tree that git neither tracks nor ignores, as files that were added.

use super::contents::{in_work_tree, os_path};
use super::diff::RETYPED;
use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, FileChange, FileKind, Path, Status, lines, patch, plain, plumbing};

/// More of them are not read, which is told.
const FILES: usize = 10_000;

/// Adds them to what is changed in the work tree. Git itself says which they are; what it is told to ignore stays out.
pub(super) fn add(repo: &Repo, change: &mut ChangeSet) -> Result<(), GitError> {
    let git = repo.git();
    let listed = git.bytes(&["ls-files", "-z", "--others", "--exclude-standard", "--full-name"])?;
    let mut files = Vec::new();
    let mut left = 0_usize;
    for name in listed.split(|b| *b == 0).filter(|name| !name.is_empty()) {
        let path = Path::new(name);
        if name.ends_with(b"/") {
            change.notes.push(format!("{path} is a repository of its own and was not read"));
        } else if files.len() == FILES {
            left += 1;
        } else {
            let mut file = FileChange::new(path, Status::Added);
            file.new_mode = mode(repo, &file.path);
            files.push(file);
        }
    }
    if left > 0 {
        change.notes.push(format!("only the first {FILES} untracked files were read, and {left} were not"));
    }
    plain::check(repo, files.iter().map(|f| f.path.raw()))?;
    let said = plumbing::attributes(&git, &mut files);
    for (file, said) in files.iter_mut().zip(said) {
        if file.new_mode == Some(0o120_000) {
            file.kind = FileKind::Symlink;
        }
        let held = git.held_back(file, &said);
        let content = repo.root().and_then(|root| in_work_tree(root, &file.path, RETYPED));
        match content {
            _ if held.is_some() => file.unread = held,
            _ if said.encoded => file.unread = Some("it is encoded otherwise in the working tree".to_owned()),
            None => file.unread = Some("it is very large, or cannot be read".to_owned()),
            // What git would keep of it is a pointer.
            Some(_) if said.lfs => {}
            Some(content) => lines::between(file, b"", &content, said.text)?,
        }
        patch::finish(file);
    }
    change.files.extend(files);
    change.files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
    Ok(())
}

/// As git would record it.
fn mode(repo: &Repo, path: &Path) -> Option<u32> {
    let meta = std::fs::symlink_metadata(repo.root()?.join(os_path(path)?)).ok()?;
    if meta.is_symlink() {
        return Some(0o120_000);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if meta.permissions().mode() & 0o100 != 0 {
            return Some(0o100_755);
        }
    }
    Some(0o100_644)
}
