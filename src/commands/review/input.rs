//! What is to be reviewed, from flags: index, working tree, commits, a pull request, or a patch.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::gh::Gh;
use super::post;
use crate::auth::quoted;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents, FileChange, GitError, Repo, Source, patch};

/// What is advised where there is no repository.
const INSIDE: &str = "run it inside a repository";
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
    /// Only files below this path, seen from where you stand; may be repeated. Of a patch: as they are called in it.
    #[arg(long = "path", value_name = "PATH")]
    pub paths: Vec<String>,
    /// The same as --path, behind --: files and folders as they are called now, no patterns.
    #[arg(last = true, value_name = "PATH")]
    pub files: Vec<String>,
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
    /// Files of the change that it was narrowed down from.
    pub rest: Vec<FileChange>,
    /// What it was narrowed down to, from the top of the repository; empty = nothing was left out.
    pub below: Vec<String>,
}

impl What {
    /// Reads it. `gh` is given where the pull request has to be read as it is on GitHub now.
    pub(super) fn read(&self, context: &Context, gh: Option<&Gh<'_>>) -> Result<Read, CommandError> {
        if self.target.as_deref() == Some("-") {
            let bytes = context.stdin_bytes(PATCH_LIMIT, "a patch")?;
            return self.below(bare(&bytes, "an empty patch")?, &Place::default());
        }
        if let Some(number) = self.pr {
            return self.below(self.pull(context, number, gh)?, &Place::of(context));
        }
        let repo = context.repo().map_err(|error| {
            let patch = "or give a patch: git diff | monster review -";
            if error.hints.iter().any(|hint| hint == INSIDE) { error.hint(patch) } else { error }
        })?;
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
        let change = read.map_or_else(|| repo.diff(&source), Ok).map_err(|error| self.meant(context, error))?;
        let contents = repo.contents(&source)?;
        context.about(repo.commit_of(&source));
        let read =
            Read { change, contents, begins: repo.begins(&source), pull: None, rest: Vec::new(), below: Vec::new() };
        self.below(read, &Place::of(context))
    }

    /// Only a part is reviewed.
    pub(super) fn narrow(&self) -> bool {
        !self.paths.is_empty() || !self.files.is_empty()
    }

    /// Who names a file where a revision stands means that file.
    fn meant(&self, context: &Context, error: GitError) -> CommandError {
        let named = self.target.as_ref().filter(|name| context.env.cwd().join(name).exists());
        match (&error, named) {
            (GitError::UnknownRevision(_), Some(name)) => CommandError::of(Exit::Usage, &error).hint(format!(
                "it is a file or folder; to review what is changed in it: monster review -- {}",
                quoted(name)
            )),
            _ => error.into(),
        }
    }

    fn pull(&self, context: &Context, number: u64, gh: Option<&Gh<'_>>) -> Result<Read, CommandError> {
        let label = format!("pull request {number}");
        if gh.is_none()
            && let Ok(repo) = context.repo()
            && let Some(source) = fetched(repo, number)
        {
            let mut change = repo.diff(&source)?;
            change.label = label;
            let (contents, begins) = (repo.contents(&source)?, repo.begins(&source));
            return Ok(Read { change, contents, begins, pull: None, rest: Vec::new(), below: Vec::new() });
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
                    let (contents, begins) = (repo.contents(&source)?, repo.begins(&source));
                    return Ok(Read { change, contents, begins, pull, rest: Vec::new(), below: Vec::new() });
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

    fn below(&self, mut read: Read, place: &Place) -> Result<Read, CommandError> {
        let named = || self.paths.iter().chain(&self.files);
        if !self.narrow() {
            return Ok(read);
        }
        let wanted = named().map(|path| place.inside(path)).collect::<Result<Vec<_>, _>>()?;
        let all = read.change.files.len();
        let named_there = |f: &FileChange| {
            // As git has it, or as it is shown.
            let called = |path: &[u8], w: &[u8]| {
                path.strip_prefix(w).is_some_and(|rest| w.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
            };
            let (raw, shown) = (f.path.raw(), f.path.as_str().as_bytes());
            wanted.iter().any(|w| called(raw, w.as_bytes()) || called(shown, w.as_bytes()))
        };
        let (kept, rest) = std::mem::take(&mut read.change.files).into_iter().partition(named_there);
        read.change.files = kept;
        if read.change.is_empty() && all > 0 {
            let below = named().cloned().collect::<Vec<_>>().join(", ");
            let what = format!("there is nothing to review ({}) below {below}", read.change.label);
            return Err(CommandError::new(Exit::Nothing, what).hint(format!(
                "{} elsewhere; a path of --path is seen from the folder you stand in",
                if all == 1 { "1 file is changed".to_owned() } else { format!("{all} files are changed") }
            )));
        }
        Ok(Read { rest, below: wanted, ..read })
    }
}

/// Where paths are seen from: the top of the work tree, and the folder in it that the user stands in. Without a work tree
/// they are as they stand in the change.
#[derive(Default)]
struct Place(Option<(PathBuf, PathBuf)>);

impl Place {
    fn of(context: &Context) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let root = context.repo().ok().and_then(Repo::root).map(real);
        Self(root.map(|root| (root, real(context.env.cwd()))))
    }

    /// A path from the top, with `/`, and with neither `.` nor `..` in it; empty for the top itself.
    fn inside(&self, path: &str) -> Result<String, CommandError> {
        let given = Path::new(path);
        let whole = match &self.0 {
            // An absolute path may go through links that the work tree's own name does not have.
            Some(_) if given.is_absolute() => reached(given),
            // Somebody who names the repository from elsewhere stands at its top.
            Some((root, cwd)) => {
                let from = if cwd.starts_with(root) { cwd } else { root };
                from.join(given)
            }
            None => Path::new("/").join(given),
        };
        let mut parts = PathBuf::new();
        for part in whole.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let root = self.0.as_ref().map_or(Path::new("/"), |(root, _)| root);
        let inside = parts.strip_prefix(root).map_err(|_| {
            CommandError::new(Exit::Usage, format!("{path} is outside of this repository"))
                .hint(format!("its top is {}", root.display()))
        })?;
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        Ok(parts.join("/"))
    }
}

/// A path by the real name of as much of it as is there: what was deleted has none.
fn reached(path: &Path) -> PathBuf {
    let real = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    match real {
        Some((folder, real)) => path.strip_prefix(folder).map_or_else(|_| path.to_owned(), |rest| real.join(rest)),
        None => path.to_owned(),
    }
}

/// A patch without anything around it.
fn bare(bytes: &[u8], empty: &str) -> Result<Read, CommandError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(CommandError::new(Exit::Nothing, format!("there is nothing to review ({empty})")));
    }
    // Colour that was asked for always comes down a pipe as well. What is a patch as it is stays as it is.
    let read = patch::parse(bytes).or_else(|error| {
        let plain = patch::uncoloured(bytes).ok_or(error)?;
        patch::parse(&plain)
    });
    let change = read.map_err(|e| {
        CommandError::of(Exit::Usage, &e).hint("a patch as git diff prints it is expected: git diff | monster review -")
    })?;
    Ok(Read { change, contents: Box::new(patch::Bare), begins: None, pull: None, rest: Vec::new(), below: Vec::new() })
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
    // It was made against one branch, whatever the one is that the user happens to stand on.
    Some(Source::Parted(repo.trunk()?.to_owned(), head))
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
