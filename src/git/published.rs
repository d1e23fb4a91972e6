//! What others have already: the commits that remotes are known to have here.

use git2::{ErrorCode, Oid};

use super::error::GitError;
use super::repo::Repo;

/// Where git notes what a remote has.
const REMOTES: &str = "refs/remotes/";

impl Repo {
    /// The newest commit of the history of `tip` that some remote has, as far as that is known here, or that belongs to
    /// the history of one of `also`. `None` where there is none: then all of it is new.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn published(&self, tip: &str, also: &[String]) -> Result<Option<String>, GitError> {
        let Some(repo) = self.inner() else { return self.published_by_process(tip, also) };
        let unknown = |_| GitError::UnknownRevision(tip.to_owned());
        let named = |rev: &str| Ok::<Oid, git2::Error>(repo.revparse_single(rev)?.peel_to_commit()?.id());
        let tip = named(tip).map_err(unknown)?;
        let there = repo.references_glob(&format!("{REMOTES}*"))?;
        // A reference that leads nowhere tells nothing.
        let there = there.flatten().filter_map(|one| Some(one.peel_to_commit().ok()?.id()));
        let mut known: Vec<Oid> = there.chain(also.iter().filter_map(|rev| named(rev).ok())).collect();
        known.sort();
        known.dedup();
        if known.is_empty() {
            return Ok(None);
        }
        known.insert(0, tip);
        match repo.merge_base_many(&known) {
            Ok(base) => Ok(Some(base.to_string())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn published_by_process(&self, tip: &str, also: &[String]) -> Result<Option<String>, GitError> {
        let git = self.git();
        let there = git.bytes(&["for-each-ref", "--format=%(objectname)", REMOTES])?;
        let there = String::from_utf8_lossy(&there);
        let mut known: Vec<&str> = there.lines().chain(also.iter().map(String::as_str)).collect();
        known.sort_unstable();
        known.dedup();
        if known.is_empty() {
            return Ok(None);
        }
        git.maybe(&[&["merge-base", "--", tip], known.as_slice()].concat())
    }
}
