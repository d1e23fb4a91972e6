//! Files that git and libgit2 open wherever they lie: a pipe or a device in their place would hold us for ever.

use std::collections::BTreeSet;
use std::path::Path as FsPath;

use super::Path;
use super::contents::os_path;
use super::error::GitError;
use super::repo::Repo;

/// In every folder of the work tree.
const EVERYWHERE: [&str; 2] = [".gitattributes", ".gitignore"];

/// Refuses a repository in which reading these paths would open what is no plain file.
pub(super) fn check<'p>(repo: &Repo, paths: impl Iterator<Item = &'p [u8]>) -> Result<(), GitError> {
    let own = repo.inner().map_or(repo.git_dir(), git2::Repository::commondir).join("info");
    let named = [repo.attributes_file(), repo.excludes_file()].into_iter().flatten();
    for file in named.chain(["attributes", "exclude"].map(|name| own.join(name))) {
        refuse(&file)?;
    }
    let Some(root) = repo.root() else { return Ok(()) };
    for folder in folders(paths) {
        let Some(folder) = os_path(&Path::new(&folder)) else { continue };
        for name in EVERYWHERE {
            refuse(&root.join(&folder).join(name))?;
        }
    }
    Ok(())
}

fn refuse(path: &FsPath) -> Result<(), GitError> {
    match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() && !meta.is_dir() => Err(GitError::NotPlain(path.to_owned())),
        _ => Ok(()),
    }
}

/// All folders on the way to these paths; the top is empty.
fn folders<'p>(paths: impl Iterator<Item = &'p [u8]>) -> BTreeSet<Vec<u8>> {
    let mut out = BTreeSet::from([Vec::new()]);
    let mut last: &[u8] = b"";
    for path in paths {
        let end = path.iter().rposition(|b| *b == b'/').unwrap_or(0);
        let folder = path.get(..end).unwrap_or_default();
        if folder == last {
            continue;
        }
        last = folder;
        let mut rest = folder;
        while !rest.is_empty() && out.insert(rest.to_vec()) {
            rest = rest.iter().rposition(|b| *b == b'/').map_or(&b""[..], |at| &rest[..at]);
        }
    }
    out
}
