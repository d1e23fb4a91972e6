//! One repository: where it is, its branch, its `monster.*` settings, and what is compared.

use std::path::{Path as FsPath, PathBuf};

use git2::{Repository, RepositoryOpenFlags};

use super::contents::{Blobs, os_path};
use super::error::GitError;
use super::past::Past;
use super::process::{Asked, Git};
use super::{ChangeSet, Contents, Path, Source, diff};
use crate::world::Env;

/// `monster.*` of git's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// From the user's own files.
    pub global: Vec<(String, String)>,
    /// From git's command line.
    pub command: Vec<(String, String)>,
    /// From the repository, which may have come from anybody.
    pub local: Vec<(String, String)>,
}

/// A repository.
pub struct Repo {
    /// `None` where libgit2 cannot open it (sha256, reftable): then the git process reads.
    inner: Option<Repository>,
    root: Option<PathBuf>,
    git_dir: PathBuf,
    /// Where the search for it began.
    from: PathBuf,
    env: Env,
    asked: Asked,
    past: Past,
}

impl Repo {
    /// The repository around `from`, as git itself would find it (`GIT_DIR`, `GIT_WORK_TREE`, `GIT_INDEX_FILE`).
    ///
    /// # Errors
    /// `NotARepository`.
    pub fn discover(from: &FsPath, env: &Env) -> Result<Self, GitError> {
        match Self::open(from, env) {
            Ok(repo) => {
                let root = repo.workdir().map(FsPath::to_owned);
                let git_dir = repo.path().to_owned();
                Ok(Self {
                    inner: Some(repo),
                    root,
                    git_dir,
                    from: from.to_owned(),
                    env: env.clone(),
                    asked: Asked::default(),
                    past: Past::default(),
                })
            }
            Err(error) if error.code() == git2::ErrorCode::NotFound => Err(GitError::NotARepository(from.to_owned())),
            Err(error) if error.code() == git2::ErrorCode::Owner => Err(GitError::Owner(owned(&error, from))),
            Err(error) => {
                // libgit2 knows fewer formats than git.
                let git = Git::at(from, env);
                let (Ok(git_dir), root) =
                    (git.line(&["rev-parse", "--absolute-git-dir"]), git.line(&["rev-parse", "--show-toplevel"]))
                else {
                    return Err(error.into());
                };
                let root = root.ok().filter(|r| !r.is_empty()).map(PathBuf::from);
                let git_dir = PathBuf::from(git_dir);
                Ok(Self {
                    inner: None,
                    root,
                    git_dir,
                    from: from.to_owned(),
                    env: env.clone(),
                    asked: Asked::default(),
                    past: Past::default(),
                })
            }
        }
    }

    fn open(from: &FsPath, env: &Env) -> Result<Repository, git2::Error> {
        let place = |name: &str| env.get(name).map(|path| env.cwd().join(path));
        let ceilings: Vec<PathBuf> =
            env.get("GIT_CEILING_DIRECTORIES").map(|all| std::env::split_paths(all).collect()).unwrap_or_default();
        let repo = match place("GIT_DIR") {
            Some(dir) => Repository::open_ext(dir, RepositoryOpenFlags::NO_SEARCH, &[] as &[&FsPath])?,
            None => Repository::open_ext(from, RepositoryOpenFlags::empty(), &ceilings)?,
        };
        if let Some(tree) = place("GIT_WORK_TREE") {
            repo.set_workdir(&tree, false)?;
        }
        if let Some(index) = place("GIT_INDEX_FILE") {
            // A partial commit (git commit FILE) works on an index of its own.
            repo.set_index(&mut git2::Index::open(&index)?)?;
        }
        Ok(repo)
    }

    /// The same repository, opened once more.
    pub(super) fn again(&self) -> Result<Repository, GitError> {
        Ok(Self::open(&self.from, &self.env)?)
    }

    /// Where the user stands: what relative paths in flags for git mean.
    pub(super) fn from(&self) -> &FsPath {
        &self.from
    }

    /// The work tree; `None` when bare.
    #[must_use]
    pub fn root(&self) -> Option<&FsPath> {
        self.root.as_deref()
    }

    /// Where a file of the work tree lies: the work tree, and the way from there; `None` when bare, or where this system has no such name.
    #[must_use]
    pub fn place(&self, path: &Path) -> Option<(&FsPath, PathBuf)> {
        Some((self.root()?, os_path(path)?))
    }

    /// This work tree's git folder.
    #[must_use]
    pub fn git_dir(&self) -> &FsPath {
        &self.git_dir
    }

    pub(super) const fn inner(&self) -> Option<&Repository> {
        self.inner.as_ref()
    }

    /// The commits behind the last one, as far as they were read.
    pub(super) const fn past(&self) -> &Past {
        &self.past
    }

    pub(super) fn git(&self) -> Git {
        Git::at(self.root.as_deref().unwrap_or(&self.git_dir), &self.env).remembering(&self.asked)
    }

    /// Git where the user stands, for what was named from there.
    pub(super) fn git_here(&self) -> Git {
        Git::at(&self.from, &self.env).remembering(&self.asked)
    }

    pub(super) const fn env(&self) -> &Env {
        &self.env
    }

    /// The branch's short name; also of a branch without a commit. `None` when detached.
    #[must_use]
    pub fn branch(&self) -> Option<String> {
        let head = match &self.inner {
            Some(repo) => repo.find_reference("HEAD").ok()?.symbolic_target().ok().flatten().map(str::to_owned)?,
            None => self.git().line(&["symbolic-ref", "-q", "HEAD"]).ok()?,
        };
        head.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// The last commit's full id.
    #[must_use]
    pub fn head_id(&self) -> Option<String> {
        match &self.inner {
            Some(repo) => Some(repo.head().ok()?.target()?.to_string()),
            None => self.git().line(&["rev-parse", "--verify", "-q", "HEAD"]).ok(),
        }
    }

    /// `monster.*` of git's configuration, the user's and the repository's apart.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut out = Settings::default();
        let Some(config) = self.config() else {
            for (scope, name, value) in self.git().settings().unwrap_or_default().iter().cloned() {
                if name.starts_with("monster.") {
                    let layer = match scope.as_str() {
                        "local" | "worktree" => &mut out.local,
                        "command" => &mut out.command,
                        _ => &mut out.global,
                    };
                    layer.push((name, value));
                }
            }
            return out;
        };
        let Ok(mut entries) = config.entries(Some("^monster\\.")) else { return out };
        while let Some(Ok(entry)) = entries.next() {
            let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else { continue };
            let row = (name.to_owned(), value.to_owned());
            match entry.level() {
                git2::ConfigLevel::Local | git2::ConfigLevel::Worktree => out.local.push(row),
                _ => out.global.push(row),
            }
        }
        out.command = command_line(&self.env);
        out
    }

    /// A string of git's configuration, from any layer.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<String> {
        let Some(config) = self.config() else {
            let git = self.git();
            let all = git.settings().ok()?;
            return all.iter().rev().find(|(_, n, _)| n.eq_ignore_ascii_case(name)).map(|(_, _, value)| value.clone());
        };
        if let Some((_, value)) =
            all_command_line(&self.env).into_iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name))
        {
            return Some(value);
        }
        config.get_string(name).ok()
    }

    /// One setting of two names: the layer that is nearest holds.
    pub(super) fn either(&self, names: [&str; 2]) -> Option<String> {
        let one = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let Some(config) = self.config() else {
            let git = self.git();
            return git.settings().ok()?.iter().rev().find(|(_, name, _)| one(name)).map(|(_, _, value)| value.clone());
        };
        let said = all_command_line(&self.env).into_iter().rev().find(|(name, _)| one(name)).map(|(_, value)| value);
        said.or_else(|| {
            let read = |name: &str| {
                let entry = config.get_entry(name).ok()?;
                Some((entry.level() as i32, entry.value().ok()?.to_owned()))
            };
            // Within one layer nobody tells here which stands last: the newer name holds.
            let [newer, older] = names.map(read);
            let older = older.filter(|(level, _)| newer.as_ref().is_none_or(|(newer, _)| level > newer));
            older.or(newer).map(|(_, value)| value)
        })
    }

    /// This is set in some layer, be it to what is no text.
    #[must_use]
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.setting(name).is_some() || self.config().is_some_and(|config| config.get_entry(name).is_ok())
    }

    /// The configuration as libgit2 reads it; `None` where git must be asked: libgit2 does not know that the
    /// environment can name other files.
    fn config(&self) -> Option<git2::Config> {
        let moved = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];
        if moved.iter().any(|name| self.env.get(name).is_some()) {
            return None;
        }
        self.inner.as_ref()?.config().ok()?.snapshot().ok()
    }

    /// Where the user keeps attributes for every repository, if anywhere: `core.attributesFile` and its default.
    pub(super) fn attributes_file(&self) -> Option<PathBuf> {
        self.named_file("core.attributesFile", "attributes")
    }

    /// Where the user keeps ignore rules for every repository, likewise.
    pub(super) fn excludes_file(&self) -> Option<PathBuf> {
        self.named_file("core.excludesFile", "ignore")
    }

    fn named_file(&self, setting: &str, default: &str) -> Option<PathBuf> {
        let home = self.env.get("HOME").map(PathBuf::from);
        match self.setting(setting) {
            Some(path) => match path.strip_prefix("~/") {
                Some(rest) => Some(home?.join(rest)),
                None => Some(self.root.as_deref().unwrap_or(&self.git_dir).join(path)),
            },
            None => {
                let own = self.env.get("XDG_CONFIG_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
                Some(own.or_else(|| Some(home?.join(".config")))?.join("git").join(default))
            }
        }
    }

    /// The change.
    ///
    /// # Errors
    /// [`GitError`]: an unknown revision, a bare repository, an object that cannot be read.
    pub fn diff(&self, source: &Source) -> Result<ChangeSet, GitError> {
        diff::diff(self, source)
    }

    /// Whole files around a change.
    ///
    /// # Errors
    /// As [`Self::diff`].
    pub fn contents(&self, source: &Source) -> Result<Box<dyn Contents>, GitError> {
        Ok(Box::new(Blobs::open(self, source)?))
    }

    /// What a branch is compared with: its upstream, else origin's default branch, else main or master.
    ///
    /// # Errors
    /// `NoBase`.
    pub fn default_base(&self) -> Result<String, GitError> {
        let mut names = vec!["@{upstream}", "refs/remotes/origin/HEAD", "main", "master"];
        if let Some(branch) = self.branch() {
            names.retain(|n| *n != branch);
        }
        names.into_iter().find(|n| self.resolves(n)).map(str::to_owned).ok_or(GitError::NoBase)
    }

    /// What pull requests are made against, wherever one stands: origin's default branch, else main or master.
    #[must_use]
    pub fn trunk(&self) -> Option<&'static str> {
        ["refs/remotes/origin/HEAD", "main", "master"].into_iter().find(|name| self.resolves(name))
    }

    /// There is such a revision.
    #[must_use]
    pub fn resolves(&self, name: &str) -> bool {
        match &self.inner {
            Some(repo) => repo.revparse_single(name).is_ok(),
            None => self.git().line(&["rev-parse", "--verify", "-q", "--end-of-options", name]).is_ok(),
        }
    }
}

/// The folder that libgit2 says is somebody else's: it stands quoted in its message.
fn owned(error: &git2::Error, from: &FsPath) -> PathBuf {
    error.message().split('\'').nth(1).map_or_else(|| from.to_owned(), PathBuf::from)
}

/// `monster.*` given with `git -c`.
fn command_line(env: &Env) -> Vec<(String, String)> {
    all_command_line(env).into_iter().filter(|(name, _)| name.to_ascii_lowercase().starts_with("monster.")).collect()
}

/// What `git -c` gave: `GIT_CONFIG_COUNT` and friends, and the older quoted list.
fn all_command_line(env: &Env) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let count: usize = env.get("GIT_CONFIG_COUNT").and_then(|n| n.parse().ok()).unwrap_or(0);
    for n in 0..count.min(1_000) {
        if let (Some(name), Some(value)) =
            (env.get(&format!("GIT_CONFIG_KEY_{n}")), env.get(&format!("GIT_CONFIG_VALUE_{n}")))
        {
            out.push((name.to_owned(), value.to_owned()));
        }
    }
    // 'name'='value' 'name'='value', each quoted for a shell; older: 'name=value'.
    for word in quoted_words(env.get("GIT_CONFIG_PARAMETERS").unwrap_or_default()) {
        let (name, value) = word.split_once('=').unwrap_or((&word, "true"));
        out.push((name.to_owned(), value.to_owned()));
    }
    out
}

/// Shell words of single-quoted parts.
fn quoted_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                any = true;
            }
            '\\' if !quoted => word.extend(chars.next()),
            ' ' if !quoted => {
                if std::mem::take(&mut any) {
                    out.push(std::mem::take(&mut word));
                }
            }
            c => {
                any = true;
                word.push(c);
            }
        }
    }
    if any {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::quoted_words;

    #[test]
    fn what_git_dash_c_hands_down_is_read() {
        assert_eq!(quoted_words("'monster.hook'='false' 'a.b'='it'\\''s'"), ["monster.hook=false", "a.b=it's"]);
        assert_eq!(quoted_words("'monster.hook=false'"), ["monster.hook=false"]);
        assert!(quoted_words("").is_empty());
    }
}
