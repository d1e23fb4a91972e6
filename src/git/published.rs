//! What others have already: the commits that remotes are known to have here.

use std::collections::HashMap;

use git2::{ErrorCode, Oid, Repository};

use super::error::GitError;
use super::repo::Repo;

/// Where git notes what a remote has.
const REMOTES: &str = "refs/remotes/";
const ORIGIN: &str = "refs/remotes/origin/";
/// What git writes into the log of such a branch when it was pushed, and when its remote was called otherwise.
const PUSHED: &[u8] = b"} update by push";
const RENAMED: &[u8] = b"} remote: renamed ";

impl Repo {
    /// The newest commits of the history of `tip` that this remote has (`None` = some remote), as far as that is known
    /// here, or that belong to the history of one of `also`. More than one where histories were merged: what is new is new over each of them.
    /// None where there is none: then all of it is new.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn published(&self, tip: &str, remote: Option<&str>, also: &[String]) -> Result<Vec<String>, GitError> {
        let below = remote.map_or_else(|| REMOTES.to_owned(), |remote| format!("{REMOTES}{remote}/"));
        let there = match self.inner() {
            Some(repo) => {
                // A reference that leads nowhere tells nothing.
                let there = repo.references_glob(&format!("{below}*"))?.flatten();
                there.filter_map(|one| Some(one.peel_to_commit().ok()?.id().to_string())).collect()
            }
            None => {
                let there = self.git().bytes(&["for-each-ref", "--format=%(objectname)", &below])?;
                String::from_utf8_lossy(&there).lines().map(str::to_owned).collect::<Vec<_>>()
            }
        };
        self.shared(tip, there.iter().chain(also))
    }

    /// Whether something of this remote came from there: one that was only pushed to is known by what went there alone. Of
    /// a branch whose log is not kept, or has run out, nobody knows that it was only pushed.
    #[must_use]
    pub fn heard_of(&self, remote: &str) -> bool {
        // libgit2 begins a log where it finds none.
        let git = self.git();
        let names = git.bytes(&["for-each-ref", "--format=%(refname)", &format!("{REMOTES}{remote}/")]);
        let names = names.unwrap_or_default();
        if names.is_empty() {
            return false;
        }
        let logs = git.fed(&["log", "-g", "--format=%gD %gs", "--stdin"], Some(names.clone())).unwrap_or_default();
        let mut pushed: HashMap<&[u8], bool> = HashMap::new();
        for line in logs.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let end = line.windows(2).position(|two| two == b"@{").unwrap_or(line.len());
            let (name, said) = line.split_at(end);
            if said.ends_with(PUSHED) {
                pushed.entry(name).or_insert(true);
            } else if !said.windows(RENAMED.len()).any(|part| part == RENAMED) {
                pushed.insert(name, false);
            }
        }
        names.split(|b| *b == b'\n').any(|name| !name.is_empty() && pushed.get(name) != Some(&true))
    }

    /// The branch that others come from of the remote that is called `origin`, without what stands before its name.
    #[must_use]
    pub fn main_of_origin(&self) -> Option<String> {
        let head = format!("{ORIGIN}HEAD");
        let to = match self.inner() {
            Some(repo) => repo.find_reference(&head).ok()?.symbolic_target().ok()??.to_owned(),
            None => self.git().line(&["symbolic-ref", "--quiet", &head]).ok()?,
        };
        to.strip_prefix(ORIGIN).map(str::to_owned)
    }

    /// As [`Self::published`], of the histories of `others` alone, which are here.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn shared<'a>(&self, tip: &str, others: impl IntoIterator<Item = &'a String>) -> Result<Vec<String>, GitError> {
        let mut known: Vec<&str> = others.into_iter().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        match self.inner() {
            Some(repo) => shared(repo, tip, &known),
            None => self.shared_by_process(tip, &known),
        }
    }

    fn shared_by_process(&self, tip: &str, known: &[&str]) -> Result<Vec<String>, GitError> {
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let bases = self.git().found(&[&["merge-base", "--all", "--", tip], known].concat())?;
        Ok(String::from_utf8_lossy(&bases).lines().map(str::to_owned).collect())
    }
}

fn shared(repo: &Repository, tip: &str, known: &[&str]) -> Result<Vec<String>, GitError> {
    let named = |rev: &str| Ok::<Oid, git2::Error>(repo.revparse_single(rev)?.peel_to_commit()?.id());
    let first = named(tip).map_err(|_| GitError::UnknownRevision(tip.to_owned()))?;
    let mut all = vec![first];
    all.extend(known.iter().filter_map(|rev| named(rev).ok()));
    if all.len() == 1 {
        return Ok(Vec::new());
    }
    match repo.merge_bases_many(&all) {
        Ok(bases) => Ok(bases.iter().map(ToString::to_string).collect()),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
