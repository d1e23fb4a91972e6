//! `monster commit`: a message drafted from the staged change, shown, edited, committed by git itself.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::listen::Watch;
use super::{plan, show};
use crate::client::CallError;
use crate::git::{Commit as GitCommit, Repo, Source, State, named};
use crate::model::{Purpose, random_id};
use crate::store::Draft;
use crate::tasks::commit_message::{self, Body, Wish, WriteError, Written};
use crate::tasks::review::{blocks, leaks};
use crate::ui::{Choice, INTERRUPT, Tone, plain};
use crate::world::random;

/// Write the message for the staged change, show it, and commit with git.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster commit\n  monster commit -a -y\n  monster commit --dry-run\n  monster commit -- --signoff --no-verify"
)]
pub(super) struct Commit {
    /// Stage all changes of tracked files first, as git commit -a.
    #[arg(short, long)]
    all: bool,
    /// Rewrite the last commit, with what is staged added to it.
    #[arg(long)]
    amend: bool,
    /// Fix the type (feat, fix, docs, …).
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    type_: Option<String>,
    /// Fix the scope.
    #[arg(short, long)]
    scope: Option<String>,
    /// How subjects look; auto learns it from history.
    #[arg(long, value_parser = ["auto", "conventional", "plain", "gitmoji", "subsystem"])]
    style: Option<String>,
    /// The language of the message, for example German.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<String>,
    /// What the change is for, in your words.
    #[arg(short, long, value_name = "TEXT")]
    intent: Option<String>,
    /// Whether a body is written.
    #[arg(long, value_parser = ["auto", "always", "never"])]
    body: Option<String>,
    /// The issue that the change is about: its key, such as ABC-7 or 12; auto takes the branch's where history has a
    /// place for keys.
    #[arg(long, value_name = "auto|never|KEY")]
    issue: Option<String>,
    /// What "commitlint --print-config json" printed, for a configuration that is a program.
    #[arg(long, value_name = "FILE")]
    commitlint_json: Option<std::path::PathBuf>,
    /// Print the message and commit nothing.
    #[arg(long)]
    dry_run: bool,
    /// Commit without asking.
    #[arg(short, long)]
    yes: bool,
    /// Open the message in git's editor before committing.
    #[arg(short, long)]
    edit: bool,
    /// Commit although conflict markers are staged.
    #[arg(long)]
    force: bool,
    /// Flags for git commit, as they are.
    #[arg(last = true, value_name = "GIT FLAGS")]
    git: Vec<String>,
}

/// How often a message is written for a change that does not rest.
const ROUNDS: usize = 3;

/// How git ends when Ctrl-C ends it.
const INTERRUPTED: i32 = 130;

/// What to do with a message.
enum Next {
    Commit(String),
    Edit(String),
    Quit,
}

impl Commit {
    /// Writes and commits.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let repo = context.repo()?;
        self.check_state(repo)?;
        let source = match (self.all, self.amend) {
            (true, _) => Source::Tracked,
            (false, true) => Source::Amend,
            (false, false) => Source::Staged,
        };
        // Whoever keeps staging is not waited for without end.
        for round in 1..=ROUNDS {
            if let Some(exit) = self.attempt(context, repo, &source)? {
                return Ok(exit);
            }
            if round < ROUNDS {
                context.ui.warn("what would be committed changed while the message was written: another is written");
            }
        }
        Err(CommandError::new(Exit::Failed, "what would be committed keeps changing while its message is written")
            .hint("run monster commit again when nothing else changes it"))
    }

    /// Writes and commits what lies there now; `None` when something else lies there by the time it would be committed.
    fn attempt(&self, context: &Context, repo: &Repo, source: &Source) -> Result<Option<Exit>, CommandError> {
        let paths = named(&self.git);
        let only = !paths.is_empty() && !self.all && !self.amend;
        // With paths, git takes what lies in the work tree, and leaves what is staged beside it.
        let source = if only { &Source::Tracked } else { source };
        let before = repo.snapshot(source)?;
        let mut change = repo.diff(source)?;
        if only {
            repo.keep_named(&mut change, &paths)?;
        }
        if change.is_empty() && only {
            return Err(CommandError::new(Exit::Nothing, format!("nothing is changed in {}", paths.join(" "))));
        }
        if change.is_empty() {
            let mut error = CommandError::new(Exit::Nothing, "nothing is staged");
            error
                .hints
                .push("stage with: git add FILE, or commit all tracked changes with: monster commit -a".to_owned());
            return Err(error);
        }
        let contents = repo.contents(source)?;
        // With -a, what the tree will be is not known before git has made it.
        let draft = repo.draft(source).unwrap_or_else(|| random_id("d", random::bytes().unwrap_or_default()));
        context.drafts(Some(draft.clone()));
        self.check_markers(&change)?;
        self.check_secrets(context, &change)?;
        let wish = self.wish(context, repo, &change, contents.as_ref())?;
        if context.globals.show_prompt {
            return preview(context, &wish).map(Some);
        }
        let mends = context.ui.interactive() && !self.yes && !self.edit && !self.dry_run;
        let mut written = write(context, &wish, mends)?;
        if !mends {
            // Nobody is asked: what the message breaks all the same is at least told.
            written
                .problems
                .iter()
                .for_each(|problem| context.ui.warn(&format!("the message breaks a rule: {problem}")));
        }
        if self.dry_run || !(self.yes || self.edit || context.ui.interactive()) {
            return answer(context, &written, None).map(Some);
        }
        let text = if self.yes || self.edit {
            let next = if self.edit { Next::Edit } else { Next::Commit };
            next(written.text.clone())
        } else {
            self.talk(context, &wish, &mut written)?
        };
        let (text, edit) = match text {
            Next::Commit(text) => (text, false),
            Next::Edit(text) => (text, true),
            Next::Quit => {
                context.ui.status("nothing was committed");
                return Err(CommandError::silent(Exit::Failed));
            }
        };
        if repo.snapshot(source)? != before {
            return Ok(None);
        }
        let mut flags = self.git.clone();
        if context.ui.look().json {
            // Git's own summary would stand before our one value.
            flags.push("--quiet".to_owned());
        }
        let done = repo.commit(&GitCommit { message: &text, all: self.all, amend: self.amend, edit, flags: &flags })?;
        if done.code != 0 {
            let mut error = if done.code == INTERRUPTED {
                CommandError::new(Exit::Interrupted, "interrupted; nothing was committed")
            } else {
                CommandError::new(Exit::Failed, format!("git commit ended with {}", done.code))
            };
            if let Some(path) = done.kept {
                error.hints.push(format!("the message is kept; use it with: git commit -F '{}'", path.display()));
            }
            return Err(error);
        }
        let commit = repo.head_id();
        if let (Some(commit), Some(repo)) = (&commit, context.place().repo) {
            context.store().ended_in(&Draft { repo, draft }, commit);
        }
        if context.ui.look().json {
            return answer(context, &written, commit.as_deref()).map(Some);
        }
        Ok(Some(Exit::Done))
    }

    fn check_state(&self, repo: &Repo) -> Result<(), CommandError> {
        match repo.state() {
            State::Clean => Ok(()),
            State::Unmerged => Err(CommandError::new(Exit::Repository, "there are unmerged files")
                .hint("resolve them, git add them, then commit with git commit, which has the merge's own message")),
            State::Merging
            | State::CherryPicking
            | State::Reverting
            | State::Rebasing
            | State::Bisecting
            | State::Applying
                if repo.state().keeps_message() =>
            {
                Err(CommandError::new(Exit::Repository, format!("{} is in progress", repo.state()))
                    .hint("git has a message for it already: git commit"))
            }
            _ => Ok(()),
        }
    }

    fn check_markers(&self, change: &crate::git::ChangeSet) -> Result<(), CommandError> {
        if self.force {
            return Ok(());
        }
        let marked = crate::tasks::offline::review::conflict_markers(change);
        match marked.first() {
            None => Ok(()),
            Some((path, line)) => {
                Err(CommandError::new(Exit::Failed, format!("a conflict marker is staged in {path}, line {line}"))
                    .hint("resolve it, or commit it all the same with: --force"))
            }
        }
    }

    /// Secrets that this change adds: told always; a question on a terminal, and exit 6 where the policy is to block.
    fn check_secrets(&self, context: &Context, change: &crate::git::ChangeSet) -> Result<(), CommandError> {
        let redactor = context.redactor()?;
        if redactor.idle() {
            return Ok(());
        }
        let found = leaks(change, &redactor);
        for finding in &found {
            context.ui.warn(&format!("{}:{}: {}", plain(&finding.file), finding.line, finding.title));
        }
        if found.is_empty() || self.dry_run {
            return Ok(());
        }
        if blocks(&found, &redactor) {
            return Err(CommandError::new(Exit::Policy, "the staged change adds a secret, and redact.mode is block")
                .hint("take it out and revoke it; a false alarm is silenced by \"monster:allow\" on its line"));
        }
        if context.ui.interactive() && !self.yes && context.ui.confirm("Commit it all the same?", false) != Some(true) {
            return Err(CommandError::new(Exit::Failed, "nothing was committed"));
        }
        Ok(())
    }

    fn wish<'a>(
        &self,
        context: &Context,
        repo: &Repo,
        change: &'a crate::git::ChangeSet,
        contents: &'a dyn crate::git::Contents,
    ) -> Result<Wish<'a>, CommandError> {
        let mut wish = super::hook::wish(context, repo, change, contents, Purpose::Commit);
        super::hook::declare(context, repo, &mut wish, self.commitlint_json.as_deref(), self.issue.as_deref())?;
        if let Some(looks) = self.style.as_deref().and_then(super::hook::looks) {
            wish.hints.looks = looks;
        }
        wish.type_ = self.type_.clone();
        wish.scope = self.scope.clone();
        wish.intent = self.intent.clone();
        wish.language = self.lang.clone().or(wish.language);
        wish.body = match self.body.as_deref() {
            Some("always") => Body::Always,
            Some("never") => Body::Never,
            Some(_) => Body::Auto,
            None => wish.body,
        };
        Ok(wish)
    }

    /// Shows the message and asks what to do, until something is decided.
    fn talk(&self, context: &Context, wish: &Wish<'_>, written: &mut Written) -> Result<Next, CommandError> {
        const EDIT: Choice = Choice { key: 'e', label: "edit" };
        const YES: Choice = Choice { key: 'y', label: "yes" };
        const OTHERS: [Choice; 3] = [
            Choice { key: 'r', label: "regenerate" },
            Choice { key: 'd', label: "diff" },
            Choice { key: 'q', label: "quit" },
        ];
        let ui = &context.ui;
        loop {
            ui.show(Tone::Bold, "");
            for line in written.text.lines() {
                ui.show(Tone::Bold, &format!("    {line}"));
            }
            ui.show(Tone::Bold, "");
            for problem in &written.problems {
                ui.show(Tone::Red, &format!("  ✗ {problem}"));
            }
            // Enter is the first choice: what is marked is edited, not taken.
            let first = if written.problems.is_empty() { [YES, EDIT] } else { [EDIT, YES] };
            let choices: Vec<Choice> = first.into_iter().chain(OTHERS).collect();
            match ui.choose(&choices) {
                Some('y') => return Ok(Next::Commit(written.text.clone())),
                Some('e') => return Ok(Next::Edit(written.text.clone())),
                Some('r') => *written = write(context, wish, true)?,
                Some(INTERRUPT) => {
                    return Err(CommandError::new(Exit::Interrupted, "interrupted; nothing was committed"));
                }
                Some('d') => ui.show(Tone::Dim, &crate::git::patch::render(wish.change)),
                _ => return Ok(Next::Quit),
            }
        }
    }
}

/// The message, by a model where one is connected, else by the rules, which is told. `mends`: somebody is there who can
/// mend a model's message that does not hold.
fn write(context: &Context, wish: &Wish<'_>, mends: bool) -> Result<Written, CommandError> {
    if context.offline() {
        context.record_offline(wish.purpose);
        context.ui.status("written by monster's own rules (offline)");
        return Ok(commit_message::by_rules(wish));
    }
    let asked = context.model("fast");
    let patience = context.patience(wish.purpose);
    let deadline = Some(Duration::from_secs(context.config().commit.deadline));
    context.block_on(async {
        let client = context.connect(&asked, false).await?;
        let routes = match client.routes(&asked) {
            Ok(routes) => routes,
            Err(CallError::NoRoute { notes }) if !context.globals.no_fallback => {
                client.record_offline(wish.purpose).await;
                context.ui.status("written by monster's own rules: no model is connected");
                let how = notes.first().cloned().unwrap_or_else(|| {
                    "connect one with: monster login, or set OPENAI_API_KEY (or another provider's key)".to_owned()
                });
                context.ui.hint(&how);
                return Ok(commit_message::by_rules(wish));
            }
            Err(error @ CallError::Locked(_)) if !context.globals.no_fallback => {
                client.record_offline(wish.purpose).await;
                context.ui.status(&format!("written by monster's own rules: {error}"));
                context.ui.hint(&error.hint().unwrap_or_default());
                return Ok(commit_message::by_rules(wish));
            }
            Err(error) => return Err(error.into()),
        };
        let mut watch = Watch::new(&context.ui, "writing the message");
        let written = commit_message::write(wish, &client, &routes, patience, deadline, &mut watch).await;
        watch.end();
        match written {
            Ok(written) => {
                let replies: Vec<_> = written.replies.iter().collect();
                if replies.is_empty() {
                    context.ui.status("written by monster's own rules: packages and versions say it all");
                    return Ok(written);
                }
                let by = replies.last().map(|r| r.route.name()).unwrap_or_default();
                context.ui.status(&format!("{by} · {}", show::cost_line(&replies)));
                Ok(written)
            }
            Err(WriteError::Unusable { text: Some(text), problems, replies, .. }) if mends => {
                context.ui.status(&show::cost_line(&replies.iter().collect::<Vec<_>>()));
                Ok(Written { text, replies, alternatives: Vec::new(), problems })
            }
            Err(WriteError::Call(error)) if error.policy() || matches!(error, CallError::UnknownModel { .. }) => {
                Err(error.into())
            }
            Err(WriteError::Call(error)) if context.globals.no_fallback => Err(error.into()),
            Err(error) if context.globals.no_fallback => Err(CommandError::of(Exit::NoModel, &error)),
            Err(error) => {
                context.ui.warn(&format!("written by monster's own rules: {error}"));
                if let WriteError::Call(error) = &error
                    && let Some(hint) = error.hint()
                {
                    context.ui.hint(&hint);
                }
                if let WriteError::Unusable { replies, .. } = &error {
                    context.ui.status(&show::cost_line(&replies.iter().collect::<Vec<_>>()));
                }
                Ok(commit_message::by_rules(wish))
            }
        }
    })
}

fn preview(context: &Context, wish: &Wish<'_>) -> Outcome {
    let asked = context.model("fast");
    context.block_on(async {
        let client = context.connect(&asked, false).await?;
        match client.routes(&asked) {
            Ok(routes) => plan::show_prompt(context, &client, &routes, commit_message::request(wish, &routes)),
            Err(error @ (CallError::NoRoute { .. } | CallError::Locked(_))) => {
                context.ui.status(&format!("{error}: nothing would be sent"));
                Ok(Exit::Done)
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Prints a message as the answer.
fn answer(context: &Context, written: &Written, commit: Option<&str>) -> Outcome {
    if context.ui.look().json {
        let source = if written.replies.is_empty() { "offline" } else { "model" };
        context.ui.json(&json!({ "schema": "monster.commit/1", "message": written.text, "source": source,
            "alternatives": written.alternatives, "commit": commit,
            "requests": written.replies.iter().map(show::reply_json).collect::<Vec<_>>() }))?;
    } else {
        context.ui.out(&plain(&written.text))?;
    }
    Ok(Exit::Done)
}
