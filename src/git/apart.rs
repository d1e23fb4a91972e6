//! Where two trees differ, by name alone: libgit2's own comparison reads the configuration anew each time, which for the
//! hundred commits that a style is learned from is most of the work.

use std::cmp::Ordering;

use git2::{ObjectType, Repository, Tree, TreeEntry};

/// Folders in folders; deeper ones are left out.
const DEEPEST: usize = 128;

/// The paths of files that are in one of two trees alone or other in them, in git's order, at most `most`; a moved file
/// stands there twice. `None` = the empty tree.
///
/// # Errors
/// A tree that is not here.
pub(super) fn apart(
    repo: &Repository,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
    most: usize,
) -> Result<Vec<Vec<u8>>, git2::Error> {
    let mut walk = Walk { repo, most, out: Vec::new() };
    walk.both(old, new, &mut Vec::new(), 0)?;
    Ok(walk.out)
}

struct Walk<'r> {
    repo: &'r Repository,
    most: usize,
    out: Vec<Vec<u8>>,
}

impl Walk<'_> {
    fn both(
        &mut self,
        old: Option<&Tree<'_>>,
        new: Option<&Tree<'_>>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), git2::Error> {
        if depth > DEEPEST {
            return Ok(());
        }
        let entry = |tree: Option<&Tree<'_>>, n: usize| tree.and_then(|tree| tree.get(n)).map(|e| e.to_owned());
        let (mut left, mut right) = (0, 0);
        while self.out.len() < self.most {
            let (was, is) = (entry(old, left), entry(new, right));
            let order = match (&was, &is) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(was), Some(is)) => name(was).cmp(&name(is)),
            };
            left += usize::from(order != Ordering::Greater);
            right += usize::from(order != Ordering::Less);
            let (was, is) = (was.filter(|_| order != Ordering::Greater), is.filter(|_| order != Ordering::Less));
            self.entry(was.as_ref(), is.as_ref(), path, depth)?;
        }
        Ok(())
    }

    /// What stands under one name on either side.
    fn entry(
        &mut self,
        was: Option<&TreeEntry<'_>>,
        is: Option<&TreeEntry<'_>>,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), git2::Error> {
        if let (Some(was), Some(is)) = (was, is)
            && (was.id(), was.filemode_raw()) == (is.id(), is.filemode_raw())
        {
            return Ok(());
        }
        let length = path.len();
        path.extend_from_slice(was.or(is).map(TreeEntry::name_bytes).unwrap_or_default());
        let folder = |entry: Option<&TreeEntry<'_>>| {
            let entry = entry.filter(|entry| entry.kind() == Some(ObjectType::Tree));
            entry.map(|entry| self.repo.find_tree(entry.id())).transpose()
        };
        let (old, new) = (folder(was)?, folder(is)?);
        let file = |entry: Option<&TreeEntry<'_>>| entry.is_some_and(|e| e.kind() != Some(ObjectType::Tree));
        if file(was) || file(is) {
            self.out.push(path.clone());
        }
        if old.is_some() || new.is_some() {
            path.push(b'/');
            self.both(old.as_ref(), new.as_ref(), path, depth + 1)?;
        }
        path.truncate(length);
        Ok(())
    }
}

/// A name as git orders it: that of a folder ends in a slash.
fn name(entry: &TreeEntry<'_>) -> Vec<u8> {
    let mut name = entry.name_bytes().to_vec();
    if entry.kind() == Some(ObjectType::Tree) {
        name.push(b'/');
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Names that stand beside, inside and instead of each other.
    const NAMES: [&str; 12] = ["a", "a.b", "a/b", "a/b/c", "a0", "a-", "b", "b/a", "b/a/a", "c/a.b", "c/a", "é/ü"];

    fn tree(repo: &Repository, files: &[(usize, u8)]) -> git2::Oid {
        let mut index = git2::Index::new().unwrap();
        for (name, content) in files {
            let entry = git2::IndexEntry {
                ctime: git2::IndexTime::new(0, 0),
                mtime: git2::IndexTime::new(0, 0),
                dev: 0,
                ino: 0,
                mode: if content % 5 == 4 { 0o100_755 } else { 0o100_644 },
                uid: 0,
                gid: 0,
                file_size: 0,
                id: repo.blob(&[content % 3]).unwrap(),
                flags: 0,
                flags_extended: 0,
                path: NAMES[*name].as_bytes().to_vec(),
            };
            // A file where a folder is takes the folder's place.
            index.add(&entry).unwrap();
        }
        index.write_tree_to(repo).unwrap()
    }

    proptest! {
        #[test]
        fn the_paths_are_those_that_libgit2_names(
            old in proptest::collection::vec((0..NAMES.len(), any::<u8>()), 0..9),
            new in proptest::collection::vec((0..NAMES.len(), any::<u8>()), 0..9),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let repo = Repository::init_bare(dir.path()).unwrap();
            let (old, new) = (tree(&repo, &old), tree(&repo, &new));
            let (old, new) = (repo.find_tree(old).unwrap(), repo.find_tree(new).unwrap());
            let diff = repo.diff_tree_to_tree(Some(&old), Some(&new), None).unwrap();
            let theirs: BTreeSet<Vec<u8>> = diff
                .deltas()
                .flat_map(|d| [d.old_file(), d.new_file()].map(|f| f.path_bytes().unwrap().to_vec()))
                .collect();
            let ours = apart(&repo, Some(&old), Some(&new), usize::MAX).unwrap();
            prop_assert_eq!(ours.iter().cloned().collect::<BTreeSet<_>>(), theirs);
            let few = apart(&repo, Some(&old), Some(&new), 2).unwrap();
            prop_assert_eq!(&few[..], &ours[..ours.len().min(2)]);
            prop_assert_eq!(apart(&repo, None, Some(&new), 99).unwrap(), apart(&repo, Some(&new), None, 99).unwrap());
            prop_assert!(apart(&repo, Some(&new), Some(&new), 99).unwrap().is_empty());
        }
    }
}
