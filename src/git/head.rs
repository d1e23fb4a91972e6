//! Files of the last commit: what is declared there holds for the next one, whatever that changes about it.

use std::path::Path as FsPath;

use super::repo::Repo;

/// A tree that is never looked through as a whole (entries): then each file is asked for.
const WIDE: usize = 5_000;

/// The last commit's files.
pub struct HeadFiles<'a> {
    repo: &'a Repo,
    /// What lies at the top, where the git process reads: asking it costs more than knowing that there is nothing.
    top: Option<Vec<String>>,
    /// The tree, where libgit2 reads.
    tree: Option<git2::Tree<'a>>,
}

impl Repo {
    /// Files of the last commit; none before the first.
    #[must_use]
    pub fn head_files(&self) -> HeadFiles<'_> {
        let top = || {
            let listed = self.git().bytes(&["ls-tree", "-z", "--full-tree", "--name-only", "HEAD"]).unwrap_or_default();
            let names = listed.split(|b| *b == 0).filter(|name| !name.is_empty());
            names.take(WIDE).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
        };
        let tree = self.inner().and_then(|repo| repo.head().ok()?.peel_to_tree().ok());
        HeadFiles { repo: self, top: self.inner().is_none().then(top), tree }
    }
}

impl HeadFiles<'_> {
    /// A regular file's text; `None` where there is none, or a larger one. No link is followed.
    #[must_use]
    pub fn text(&self, path: &str, limit: u64) -> Option<String> {
        let bytes = match self.repo.inner() {
            Some(repo) => {
                let entry = self.tree.as_ref()?.get_path(FsPath::new(path)).ok()?;
                let regular = matches!(entry.filemode(), 0o100_644 | 0o100_755 | 0o100_664);
                let blob = repo.find_blob(entry.id()).ok().filter(|_| regular)?;
                (u64::try_from(blob.size()).ok()? <= limit).then(|| blob.content().to_vec())?
            }
            None => self.by_process(path, limit)?,
        };
        String::from_utf8(bytes).ok()
    }

    fn by_process(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let first = path.split('/').next()?;
        if self.top.as_ref().is_some_and(|top| top.len() < WIDE && !top.iter().any(|name| name == first)) {
            return None;
        }
        let git = self.repo.git();
        let row = git.line(&["ls-tree", "-l", "--full-tree", "HEAD", "--", path]).ok()?;
        // "MODE blob ID SIZE TAB PATH"
        let (head, _) = row.split_once('\t')?;
        let [mode, "blob", id, size] = head.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let fits = mode.starts_with("100") && size.parse::<u64>().is_ok_and(|size| size <= limit);
        git.bytes(&["cat-file", "blob", id]).ok().filter(|_| fits)
    }
}
