//! Paths among the flags for `git commit`: with them git takes what lies in the work tree, and nothing else.

use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, Path};

/// Flags of `git commit` whose value is the next word.
const WITH_VALUE: [&str; 18] = [
    "-m",
    "-F",
    "-C",
    "-c",
    "-t",
    "--message",
    "--file",
    "--reuse-message",
    "--reedit-message",
    "--template",
    "--author",
    "--date",
    "--cleanup",
    "--trailer",
    "--fixup",
    "--squash",
    "--pathspec-from-file",
    "--unified",
];

/// The paths among these flags.
#[must_use]
pub fn named(flags: &[String]) -> Vec<&str> {
    apart(flags).1
}

/// The flags among these words, with their values, and the paths.
#[must_use]
pub fn apart(flags: &[String]) -> (Vec<&str>, Vec<&str>) {
    let (mut own, mut paths) = (Vec::new(), Vec::new());
    let mut words = flags.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if word == "--" {
            paths.extend(words);
            break;
        }
        if WITH_VALUE.contains(&word) {
            own.push(word);
            own.extend(words.next());
        } else if word.starts_with('-') {
            own.push(word);
        } else {
            paths.push(word);
        }
    }
    (own, paths)
}

impl Repo {
    /// Leaves in a change what these paths, meant from where the user stands, make git take.
    ///
    /// # Errors
    /// `Unmatched`, as git would refuse them.
    pub fn keep_named(&self, change: &mut ChangeSet, paths: &[&str]) -> Result<(), GitError> {
        let mut words = vec!["ls-files", "-z", "--full-name", "--error-unmatch"];
        if self.head_id().is_some() {
            // What was taken out of the index is known by the last commit.
            words.push("--with-tree=HEAD");
        }
        words.push("--");
        words.extend(paths);
        let unmatched = |error| match error {
            GitError::Process { .. } => GitError::Unmatched(paths.join(" ")),
            other => other,
        };
        let out = self.git_here().bytes(&words).map_err(unmatched)?;
        let mut known: Vec<&[u8]> = out.split(|b| *b == 0).collect();
        known.sort_unstable();
        let taken = |path: &Path| known.binary_search(&path.raw()).is_ok();
        change.files.retain(|f| taken(&f.path) || f.old_path.as_ref().is_some_and(taken));
        Ok(())
    }
}
