//! What is to be reviewed, from flags: index, working tree, commits, a pull request, or a patch.

use clap::Args;
use serde_json::json;

use super::gh::Gh;
use super::post;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents, GitError, Repo, Source, patch};

/// A patch larger than this is no patch anybody reviews (bytes).
const PATCH_LIMIT: usize = 64 << 20;

/// What to review.
#[derive(Debug, Default, Args)]
pub(super) struct What {
    /// What to review: REV (that commit), A..B, A...B (since they parted), or - for a patch on standard input.
    #[arg(value_name = "REV|RANGE|-")]
    pub target: Option<String>,
    /// Review what is staged.
    #[arg(long, conflicts_with_all = ["target", "worktree", "base", "pr"])]
    pub staged: bool,
    /// Review what is changed in the working tree and not staged.
    #[arg(long, conflicts_with_all = ["target", "base", "pr"])]
    pub worktree: bool,
    /// Review the working tree with the files in it that git does not track, but for those it ignores.
    #[arg(long, conflicts_with_all = ["target", "staged", "base", "pr"])]
    pub untracked: bool,
    /// Review everything since the branch left this one; auto = its upstream, else origin's default, else main.
    #[arg(long, value_name = "REV|auto", conflicts_with_all = ["target", "pr"])]
    pub base: Option<String>,
    /// Review a pull request: as it was fetched (refs/pull/N), else as GitHub's program gh gives it.
    #[arg(long, value_name = "N", conflicts_with = "target", value_parser = clap::value_parser!(u64).range(1..))]
    pub pr: Option<u64>,
    /// Only files below this path; may be repeated.
    #[arg(long = "path", value_name = "PATH")]
    pub paths: Vec<String>,
}

/// A pull request as it was read.
pub(super) struct Pull {
    pub number: u64,
    /// Its newest commit, full hex.
    pub head: String,
}

/// What was read.
pub(super) struct Read {
    pub change: ChangeSet,
    /// The files around it.
    pub contents: Box<dyn Contents>,
    /// The commit that it begins at, where there is one.
    pub begins: Option<String>,
    pub pull: Option<Pull>,
}

impl What {
    /// Reads it. `gh` is given where the pull request has to be read as it is on GitHub now.
    pub(super) fn read(&self, context: &Context, gh: Option<&Gh<'_>>) -> Result<Read, CommandError> {
        if self.target.as_deref() == Some("-") {
            let bytes = context.stdin_bytes(PATCH_LIMIT, "a patch")?;
            return Ok(self.below(bare(&bytes, "an empty patch")?));
        }
        if let Some(number) = self.pr {
            return Ok(self.below(self.pull(context, number, gh)?));
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
        Ok(self.below(Read { change, contents, begins: repo.begins(&source), pull: None }))
    }

    fn pull(&self, context: &Context, number: u64, gh: Option<&Gh<'_>>) -> Result<Read, CommandError> {
        let label = format!("pull request {number}");
        if gh.is_none()
            && let Ok(repo) = context.repo()
            && let Some(source) = fetched(repo, number)
        {
            let mut change = repo.diff(&source)?;
            change.label = label;
            return Ok(Read { change, contents: repo.contents(&source)?, begins: repo.begins(&source), pull: None });
        }
        let own;
        let gh = match gh {
            Some(gh) => gh,
            None => {
                own = Gh::find(context)?;
                &own
            }
        };
        let (base, head) = sides(gh, number)?;
        let pull = Some(Pull { number, head: head.clone() });
        // With both of its ends here, whole files can be looked at; else the patch is all there is.
        if let Ok(repo) = context.repo() {
            let source = Source::Parted(base, head);
            match repo.diff(&source) {
                Ok(change) => {
                    let change = ChangeSet { label, ..change };
                    return Ok(Read { change, contents: repo.contents(&source)?, begins: repo.begins(&source), pull });
                }
                Err(GitError::UnknownRevision(_) | GitError::Shallow(_) | GitError::NoMergeBase(..)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        context.ui.status(&format!("{label} is not fetched, so its patch is reviewed without the files around it"));
        let bytes = gh.run(&["pr", "diff", &number.to_string(), "--color", "never"], None)?;
        let read = bare(&bytes, &format!("{label} changes nothing"))?;
        Ok(Read { change: ChangeSet { label, ..read.change }, pull, ..read })
    }

    fn below(&self, mut read: Read) -> Read {
        if !self.paths.is_empty() {
            let wanted: Vec<&str> =
                self.paths.iter().map(|p| p.trim_start_matches("./").trim_end_matches('/')).collect();
            read.change.files.retain(|f| {
                let path = f.path.as_str();
                wanted.iter().any(|w| path == *w || path.strip_prefix(w).is_some_and(|rest| rest.starts_with('/')))
            });
        }
        read
    }
}

/// A patch without anything around it.
fn bare(bytes: &[u8], empty: &str) -> Result<Read, CommandError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(CommandError::new(Exit::Nothing, format!("there is nothing to review ({empty})")));
    }
    let change = patch::parse(bytes).map_err(|e| {
        CommandError::of(Exit::Usage, &e).hint("a patch as git diff prints it is expected: git diff | monster review -")
    })?;
    Ok(Read { change, contents: Box::new(patch::Bare), begins: None, pull: None })
}

/// A pull request that was fetched before, under one of the names that are usual for that.
fn fetched(repo: &Repo, number: u64) -> Option<Source> {
    // What GitHub made of branch and base: its first parent is the base.
    let merged = format!("refs/remotes/pull/{number}/merge");
    if repo.resolves(&merged) {
        return Some(Source::Commit(merged));
    }
    let heads = ["refs/pull/{}/head", "refs/remotes/origin/pr/{}", "refs/remotes/origin/pull/{}/head"];
    let others = ["refs/remotes/upstream/pr/{}", "refs/remotes/upstream/pull/{}/head", "refs/remotes/pull/{}/head"];
    let mut names = heads.iter().chain(&others).map(|name| name.replace("{}", &number.to_string()));
    let head = names.find(|name| repo.resolves(name))?;
    Some(Source::Parted(repo.default_base().ok()?, head))
}

/// Base and newest commit of a pull request, as they are now.
fn sides(gh: &Gh<'_>, number: u64) -> Result<(String, String), CommandError> {
    const SIDES: &str = "query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name)\
{pullRequest(number:$number){baseRefOid headRefOid}}}";
    let answer = gh.graphql(SIDES, &json!({ "owner": gh.home.owner, "name": gh.home.name, "number": number }))?;
    let found = &answer["repository"]["pullRequest"];
    let id = |name: &str| found[name].as_str().filter(|id| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    match (id("baseRefOid"), id("headRefOid")) {
        (Some(base), Some(head)) => Ok((base.to_owned(), head.to_owned())),
        _ => Err(post::unknown(number)),
    }
}
