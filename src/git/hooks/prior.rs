//! What stood in a hook's place before ours: kept beside it under a name of its own, and given back.

use std::io;
use std::path::{Path, PathBuf};

/// What is put behind a hook's name to keep what stood there.
const NAME: &str = ".monster-prior";
/// How a hook calls what is kept beside it.
const CALL: &[u8] = b"$0.monster-prior";
/// More of them nobody has: one comes with every installation over what was edited.
const DEPTH: usize = 8;

/// Where what stood at `path` is kept.
pub(super) fn of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(NAME);
    PathBuf::from(name)
}

/// Something is kept.
pub(super) fn kept(path: &Path) -> bool {
    std::fs::symlink_metadata(of(path)).is_ok()
}

/// This hook runs what is kept beside it.
pub(super) fn called(content: &[u8]) -> bool {
    content.windows(CALL.len()).any(|bytes| bytes == CALL)
}

/// Keeps what stands at `path`: its bytes, its mode and its times go along. What it keeps itself moves with it, to where
/// it looks for it by its new name.
pub(super) fn keep(path: &Path) -> io::Result<()> {
    let mut chain = vec![path.to_owned()];
    while let Some(last) = chain.last().filter(|last| kept(last)) {
        if chain.len() > DEPTH {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let next = of(last);
        chain.push(next);
    }
    for (done, one) in chain.iter().rev().enumerate() {
        if let Err(error) = std::fs::rename(one, of(one)) {
            for moved in chain.iter().rev().take(done).rev() {
                // The first error is the one to tell.
                drop(std::fs::rename(of(moved), moved));
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Puts back what is kept, and what that keeps itself.
pub(super) fn give_back(path: &Path) -> io::Result<()> {
    let mut at = path.to_owned();
    while kept(&at) {
        let next = of(&at);
        // A folder, which git does not run, takes no file's place. Should it not come back now, it does the next time.
        if std::fs::symlink_metadata(&next)?.is_dir() && std::fs::symlink_metadata(&at).is_ok_and(|m| !m.is_dir()) {
            std::fs::remove_file(&at)?;
        }
        std::fs::rename(&next, &at)?;
        at = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::files;

    #[test]
    fn what_is_kept_twice_is_given_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let hook = dir.path().join("pre-push");
        let there = || {
            let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.file_name()).collect();
            names.sort();
            names.iter().map(|n| std::fs::read_to_string(dir.path().join(n)).unwrap()).collect::<Vec<_>>()
        };
        for text in ["one", "two", "three"] {
            files::replace(&hook, text.as_bytes(), 0o755).unwrap();
            keep(&hook).unwrap();
        }
        assert_eq!(there(), ["three", "two", "one"], "the last stands nearest to the hook's own name");
        for rest in [["three", "two", "one"].as_slice(), &["two", "one"], &["one"]] {
            give_back(&hook).unwrap();
            assert_eq!(there(), rest);
            std::fs::remove_file(&hook).unwrap();
        }
        // Some keep a folder of scripts under a hook's name.
        std::fs::create_dir(&hook).unwrap();
        keep(&hook).unwrap();
        files::replace(&hook, b"ours", 0o755).unwrap();
        give_back(&hook).unwrap();
        assert!(hook.is_dir() && !kept(&hook));
        assert!(called(b"\"$0.monster-prior\" || exit") && !called(b"$0"));
    }
}
