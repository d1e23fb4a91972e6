//! GitHub, through its own program `gh`: run in an empty folder and told which repository is meant, so that nothing of
//! the repository on disk is read or run by it. Texts go over its standard input; no secret is among its words.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::world::process::Run;
use crate::world::scratch::Scratch;

/// One exchange takes no longer unless something hangs.
const PATIENCE: Duration = Duration::from_secs(90);
const GITHUB: &str = "github.com";
/// Remotes in the order in which `gh` itself looks for a repository's home.
const REMOTES: [&str; 3] = ["upstream", "github", "origin"];

/// A repository on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    pub host: String,
    pub owner: String,
    pub name: String,
}

/// `gh`, for one repository.
pub(super) struct Gh<'a> {
    context: &'a Context,
    pub home: Home,
    scratch: Scratch,
}

impl<'a> Gh<'a> {
    /// For the repository that `GH_REPO` names, else for the one that the remotes lead to.
    ///
    /// # Errors
    /// Exit 2 when none is named, or one on a host that the user has not named.
    pub(super) fn find(context: &'a Context) -> Result<Self, CommandError> {
        let home = home(context)?;
        let scratch = Scratch::new("gh")?;
        Ok(Self { context, home, scratch })
    }

    /// Runs it, and gives what it printed.
    ///
    /// # Errors
    /// Exit 1, with its last words or how to get it.
    pub(super) fn run(&self, args: &[&str], stdin: Option<Vec<u8>>) -> Result<Vec<u8>, CommandError> {
        let Home { host, owner, name } = &self.home;
        let mut env: Vec<(String, Option<String>)> = Vec::new();
        // Nothing of the user's repository, and nothing that would print or open more than was asked for.
        let git = self.context.env.vars().map(|(name, _)| name).filter(|name| name.starts_with("GIT_"));
        let unset = ["GH_DEBUG", "GH_FORCE_TTY", "GH_BROWSER", "BROWSER", "DEBUG", "CLICOLOR_FORCE"].into_iter();
        env.extend(git.chain(unset).map(|name| (name.to_owned(), None)));
        let repo = format!("{host}/{owner}/{name}");
        let folder = self.scratch.path().to_string_lossy().into_owned();
        for (name, value) in [
            ("GH_REPO", repo.as_str()),
            ("GH_PROMPT_DISABLED", "1"),
            ("GH_NO_UPDATE_NOTIFIER", "1"),
            ("GH_NO_EXTENSION_UPDATE_NOTIFIER", "1"),
            ("GH_PAGER", "cat"),
            ("NO_COLOR", "1"),
            ("GIT_CEILING_DIRECTORIES", &folder),
            ("GIT_TERMINAL_PROMPT", "0"),
        ] {
            env.push((name.to_owned(), Some(value.to_owned())));
        }
        let run = Run {
            program: "gh",
            args: args.iter().map(Into::into).collect(),
            cwd: self.scratch.path(),
            stdin,
            env,
            timeout: Some(PATIENCE),
        };
        let ran = run.collect().map_err(|e| match e.kind() {
            ErrorKind::NotFound => CommandError::new(Exit::Failed, "GitHub's program gh is not installed")
                .hint("get it from https://cli.github.com, then: gh auth login"),
            _ => CommandError::new(Exit::Failed, format!("gh could not be run: {e}")),
        })?;
        if ran.ok() {
            return Ok(ran.stdout);
        }
        let said = String::from_utf8_lossy(&ran.stderr);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = said.last().copied().unwrap_or("it gave no reason");
        let mut error = CommandError::new(Exit::Failed, format!("gh failed: {last}"));
        if said.iter().any(|line| line.contains("auth login") || line.contains("GH_TOKEN")) {
            error = error.hint("sign in to GitHub with: gh auth login");
        }
        Err(error)
    }

    /// Asks GitHub's GraphQL interface.
    ///
    /// # Errors
    /// As [`Self::run`]; exit 1 when the answer is none.
    pub(super) fn graphql(&self, query: &str, variables: &Value) -> Result<Value, CommandError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let out =
            self.run(&["api", "graphql", "--hostname", &self.home.host, "--input", "-"], Some(body.into_bytes()))?;
        let unread = || CommandError::new(Exit::Failed, "what GitHub answered could not be read");
        let mut answer: Value = serde_json::from_slice(&out).map_err(|_| unread())?;
        if let Some(error) = answer["errors"][0]["message"].as_str() {
            return Err(CommandError::new(Exit::Failed, format!("GitHub says: {error}")));
        }
        Some(answer["data"].take()).filter(Value::is_object).ok_or_else(unread)
    }
}

fn home(context: &Context) -> Result<Home, CommandError> {
    if let Some(named) = context.env.get("GH_REPO").filter(|named| !named.is_empty()) {
        // Whoever names the repository has chosen its host.
        let host = context.env.get("GH_HOST").filter(|host| !host.is_empty()).unwrap_or(GITHUB);
        return Home::named(named, host).ok_or_else(|| {
            CommandError::new(Exit::Usage, "GH_REPO names no repository").hint("it is OWNER/NAME or HOST/OWNER/NAME")
        });
    }
    let repo = context.repo()?;
    let address = REMOTES.iter().find_map(|remote| repo.setting(&format!("remote.{remote}.url")));
    let home = address.as_deref().and_then(Home::at).ok_or_else(|| {
        CommandError::new(Exit::Usage, "no remote of this repository leads to GitHub")
            .hint("name it with: GH_REPO=OWNER/NAME")
    })?;
    // A token for one host must not go to another because a repository's settings name that.
    let own = context.env.get("GH_HOST").unwrap_or(GITHUB);
    if home.host != GITHUB && home.host != own {
        let Home { host, owner, name } = &home;
        return Err(CommandError::new(Exit::Usage, format!("the remote leads to {host}, which is not github.com"))
            .hint(format!("if that is your GitHub: GH_REPO={host}/{owner}/{name}")));
    }
    Ok(home)
}

impl Home {
    /// `OWNER/NAME` at a host, or `HOST/OWNER/NAME`.
    fn named(text: &str, host: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (host, owner, name) = match parts.as_slice() {
            [owner, name] => (host, *owner, *name),
            [host, owner, name] => (*host, *owner, *name),
            _ => return None,
        };
        let good = |part: &&str| {
            !part.is_empty()
                && !part.starts_with(['-', '.'])
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
        };
        let name = name.strip_suffix(".git").unwrap_or(name);
        [host, owner, name].iter().all(good).then(|| Self {
            host: host.to_ascii_lowercase(),
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Where a remote's address leads; what stands in it beside host and path, as a password, is left out.
    fn at(address: &str) -> Option<Self> {
        let (host, path) = match address.split_once("://") {
            Some((scheme, rest)) => {
                if !["https", "http", "ssh", "git", "git+ssh"].contains(&scheme) {
                    return None;
                }
                rest.split_once('/')?
            }
            // The short form of ssh: git@host:owner/name
            None => address.split_once(':')?,
        };
        let host = host.rsplit('@').next()?;
        // A port belongs to the way there, not to the host's name.
        let host = host.split(':').next()?;
        let host = if host.eq_ignore_ascii_case("ssh.github.com") { GITHUB } else { host };
        let path = path.trim_matches('/');
        if path.matches('/').count() == 1 { Self::named(path, host) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_tells_host_owner_and_name_and_nothing_else() {
        let told = |address: &str| Home::at(address).map(|h| format!("{}/{}/{}", h.host, h.owner, h.name));
        for address in [
            "git@github.com:ada/pager.git",
            "https://github.com/ada/pager",
            "https://ada:pass@github.com/ada/pager.git/",
            "ssh://git@github.com:22/ada/pager.git",
            "ssh://git@ssh.github.com:443/ada/pager.git",
        ] {
            assert_eq!(told(address).as_deref(), Some("github.com/ada/pager"), "{address}");
        }
        for address in
            ["../pager", "/srv/pager.git", "file:///srv/a/b", "ext::sh -c x", "https://github.com/ada", "git@h:a/-b"]
        {
            assert_eq!(told(address), None, "{address}");
        }
        assert_eq!(Home::named("ghe.example/a/b", GITHUB).map(|h| h.host).as_deref(), Some("ghe.example"));
        assert_eq!(Home::named("a/b/c/d", GITHUB), None);
    }
}
