//! What is to be reviewed, from flags: index, working tree, commits, or a patch.

use super::Review;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents, Source, patch};

/// A patch larger than this is no patch anybody reviews (bytes).
const PATCH_LIMIT: usize = 64 << 20;

impl Review {
    /// The change, and the files around it.
    pub(super) fn read(&self, context: &Context) -> Result<(ChangeSet, Box<dyn Contents>), CommandError> {
        if self.target.as_deref() == Some("-") {
            let bytes = context.stdin_bytes(PATCH_LIMIT, "a patch")?;
            if bytes.iter().all(u8::is_ascii_whitespace) {
                return Err(CommandError::new(Exit::Nothing, "there is nothing to review (an empty patch)"));
            }
            let change = patch::parse(&bytes).map_err(|e| {
                CommandError::of(Exit::Usage, &e)
                    .hint("a patch as git diff prints it is expected: git diff | monster review -")
            })?;
            return Ok((self.below(change), Box::new(patch::Bare)));
        }
        let repo = context.repo()?;
        let (source, read) = match (&self.target, &self.base) {
            (Some(target), _) => (Source::parse(target), None),
            (None, Some(base)) if base == "auto" => (Source::Parted(repo.default_base()?, "HEAD".to_owned()), None),
            (None, Some(base)) => (Source::Parted(base.clone(), "HEAD".to_owned()), None),
            (None, None) if self.staged => (Source::Staged, None),
            (None, None) if self.untracked => (Source::WithUntracked, None),
            (None, None) if self.worktree => (Source::Worktree, None),
            (None, None) => {
                // What was read to find out is not read again.
                let staged = repo.diff(&Source::Staged)?;
                if staged.is_empty() { (Source::Worktree, None) } else { (Source::Staged, Some(staged)) }
            }
        };
        let change = read.map_or_else(|| repo.diff(&source), Ok)?;
        let contents = repo.contents(&source)?;
        context.about(repo.commit_of(&source));
        Ok((self.below(change), contents))
    }

    fn below(&self, mut change: ChangeSet) -> ChangeSet {
        if !self.paths.is_empty() {
            let wanted: Vec<&str> =
                self.paths.iter().map(|p| p.trim_start_matches("./").trim_end_matches('/')).collect();
            change.files.retain(|f| {
                let path = f.path.as_str();
                wanted.iter().any(|w| path == *w || path.strip_prefix(w).is_some_and(|rest| rest.starts_with('/')))
            });
        }
        change
    }
}
