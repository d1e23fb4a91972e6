//! `monster hook`: a drafted message in the editor of `git commit`. It never stops a commit for a model's sake.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::client::Deaf;
use crate::git::{ChangeSet, Contents, Looks, Repo, Source, hooks, message};
use crate::model::Purpose;
use crate::tasks::commit_message::{self, Body, Wish};
use crate::tasks::offline::message::Hints;
use crate::tasks::review::{blocks, leaks};
use crate::tasks::room;
use crate::ui::plain;

/// Install, remove, show and run the prepare-commit-msg hook.
#[derive(Debug, Args)]
#[command(after_help = "git commit --no-verify does not skip this hook: git runs prepare-commit-msg all the same. \
Skip it once with: MONSTER_SKIP=1 git commit")]
pub(super) struct Hook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Install the hook in this repository, where none stands.
    Install,
    /// Remove what install put there.
    Uninstall,
    /// Show whether the hook is installed and would run.
    Status,
    /// What git runs; not for people.
    Run(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// The hook.
    #[arg(value_parser = ["prepare-commit-msg"])]
    hook: String,
    /// The message file.
    file: PathBuf,
    /// Where the message comes from.
    source: Option<String>,
    /// The commit, for amends.
    commit: Option<String>,
}

impl Hook {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            Action::Install => install(context),
            Action::Uninstall => uninstall(context),
            Action::Status => status(context),
            Action::Run(run) => run.run(context),
        }
    }
}

fn install(context: &Context) -> Outcome {
    let repo = context.repo()?;
    let program = context.program()?;
    let done = hooks::install(repo, &program)?;
    if context.ui.look().json {
        context.ui.json(
            &json!({ "schema": "monster.hook/1", "installed": true, "path": done.path, "changed": done.changed }),
        )?;
    } else {
        let word = if done.changed { "installed" } else { "already installed" };
        context.ui.out(&plain(&format!("{word}: {}", done.path.display())))?;
    }
    Ok(Exit::Done)
}

fn uninstall(context: &Context) -> Outcome {
    let repo = context.repo()?;
    let done = hooks::uninstall(repo)?;
    if context.ui.look().json {
        context.ui.json(
            &json!({ "schema": "monster.hook/1", "installed": false, "path": done.path, "changed": done.changed }),
        )?;
    } else {
        let word = if done.changed { "removed" } else { "not installed" };
        context.ui.out(&plain(&format!("{word}: {}", done.path.display())))?;
    }
    Ok(Exit::Done)
}

fn status(context: &Context) -> Outcome {
    let status = hooks::status(context.repo()?)?;
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.hook/1", "state": status.state.name(), "path": status.path,
            "installed": status.state == hooks::State::Installed, "advice": status.advice }))?;
    } else {
        context.ui.out(&plain(&format!("{}: {}", status.state.name(), status.path.display())))?;
        if let Some(advice) = &status.advice {
            context.ui.hint(advice);
        }
    }
    Ok(Exit::Done)
}

impl Run {
    /// Drafts a message into the file. Whatever goes wrong with models, the commit goes on.
    fn run(self, context: &Context) -> Outcome {
        let acts = matches!(self.source.as_deref(), None | Some("" | "template"));
        if !acts || context.env.flag("MONSTER_SKIP") {
            return Ok(Exit::Done);
        }
        context.in_hook();
        match self.draft(context) {
            Ok(()) => Ok(Exit::Done),
            Err(error) if error.exit == Exit::Policy => Err(error),
            // Ctrl-C means the commit, not only the message.
            Err(error) if error.exit == Exit::Interrupted => Err(error),
            Err(error) => {
                context.ui.warn(&format!("no message was drafted: {}", error.what));
                Ok(Exit::Done)
            }
        }
    }

    fn draft(&self, context: &Context) -> Result<(), CommandError> {
        let started = context.clock.now();
        let repo = context.repo()?;
        if !context.config().hook.enabled || repo.state().keeps_message() {
            return Ok(());
        }
        let change = repo.diff(&Source::Staged)?;
        if change.is_empty() {
            return Ok(());
        }
        let redactor = context.redactor()?;
        let found = if redactor.idle() { Vec::new() } else { leaks(&change, &redactor) };
        if blocks(&found, &redactor) {
            return Err(CommandError::new(Exit::Policy, "the staged change adds a secret, and redact.mode is block")
                .hint("see where: monster review --staged --offline"));
        }
        if !message::vacant(repo, &self.file)? {
            // Somebody has written there already: a draft would be paid for and thrown away.
            return Ok(());
        }
        let contents = repo.contents(&Source::Staged)?;
        context.drafts(repo.draft(&Source::Staged));
        let mut wish = wish(context, repo, &change, contents.as_ref(), Purpose::Hook);
        let (text, reason) = message_for(context, &mut wish, started)?;
        let secrets = found.iter().map(|f| format!("warning: {}:{}: {}", plain(&f.file), f.line, f.title));
        let comment = reason.into_iter().chain(secrets).collect::<Vec<_>>().join("\n");
        let draft = message::Draft { text: &text, comment: Some(comment.as_str()).filter(|c| !c.is_empty()) };
        message::insert(repo, &self.file, &draft)?;
        Ok(())
    }
}

/// A message within the hook's deadline, and why it is not a model's, if it is not.
fn message_for(
    context: &Context,
    wish: &mut Wish<'_>,
    started: jiff::Timestamp,
) -> Result<(String, Option<String>), CommandError> {
    let rules = |wish: &Wish<'_>, why: String| {
        let written = commit_message::by_rules(wish);
        let mut why = format!("monster's own rules wrote this: {why}");
        if !written.alternatives.is_empty() {
            why.push_str(&format!("; types that may fit: {}", written.alternatives.join(", ")));
        }
        (written.text, Some(why))
    };
    if context.offline() {
        context.record_offline(Purpose::Hook);
        return Ok(rules(wish, "offline was asked for".to_owned()));
    }
    let whole = Duration::from_secs(context.config().hook.deadline);
    let asked = context.model("fast");
    let left = || {
        let spent = context.clock.now().duration_since(started).try_into().unwrap_or_default();
        whole.saturating_sub(spent)
    };
    // Connecting counts: a local server that does not answer must not take the model's time and more.
    let outcome = context.block_on(within(left(), async {
        let client = context.connect(&asked, true).await?;
        let routes = match client.routes(&asked) {
            Ok(routes) => routes,
            Err(error) => {
                client.record_offline(Purpose::Hook).await;
                return Err(error.into());
            }
        };
        if let Some(speed) = client.speed(&routes[0]) {
            wish.max_bytes = wish.max_bytes.min(room::in_time(whole, speed));
        }
        commit_message::write(wish, &client, &routes, Duration::ZERO, Some(left()), &mut Deaf)
            .await
            .map_err(|error| CommandError::of(Exit::NoModel, &error))
    }));
    match outcome {
        Ok(written) => {
            let by = written.replies.last().map(|reply| format!("{} drafted this", plain(&reply.route.name())));
            Ok((written.text, by))
        }
        // Ctrl-C means the commit, not only the message.
        Err(error) if error.exit == Exit::Interrupted => Err(error),
        // One line: what helps belongs to it, for example when the accounts are locked.
        Err(error) => {
            Ok(rules(wish, error.hints.first().map_or(error.what.clone(), |h| format!("{}; {h}", error.what))))
        }
    }
}

/// The work, or an error when it takes longer than this.
async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let late = || CommandError::new(Exit::NoModel, format!("no answer within {}", crate::client::park::spell(limit)));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}

/// What history, settings and repository say about a message.
pub(super) fn wish<'a>(
    context: &Context,
    repo: &Repo,
    change: &'a ChangeSet,
    contents: &'a dyn Contents,
    purpose: Purpose,
) -> Wish<'a> {
    let config = &context.config().commit;
    let learned = repo.style();
    let looks = config.style.as_deref().and_then(looks).unwrap_or(learned.looks);
    let subject_max = config.subject_max;
    let hints = Hints {
        branch: repo.branch(),
        priors: learned.priors.clone(),
        scopes: learned.scopes.clone(),
        subject_max,
        looks,
    };
    Wish {
        change,
        contents,
        hints,
        recent: learned.recent.iter().take(8).cloned().collect(),
        types: config.types.clone(),
        scopes: config.scopes.clone(),
        rules: message::Rules { subject_max, comment: repo.comment_mark(), ..message::Rules::default() },
        type_: None,
        scope: None,
        intent: None,
        language: config.language.clone(),
        body: match config.body.as_str() {
            "always" => Body::Always,
            "never" => Body::Never,
            _ => Body::Auto,
        },
        max_bytes: config.max_bytes,
        effort: context.effort(Purpose::Hook),
        purpose,
    }
}

/// A style by name; `None` for `auto`.
pub(super) fn looks(name: &str) -> Option<Looks> {
    match name {
        "conventional" => Some(Looks::Conventional),
        "plain" => Some(Looks::Plain),
        "gitmoji" => Some(Looks::Gitmoji),
        "subsystem" => Some(Looks::Subsystem),
        _ => None,
    }
}
