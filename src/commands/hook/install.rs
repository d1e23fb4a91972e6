//! `monster hook install`, `uninstall` and `status`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::git::GitError;
use crate::git::hooks::{self, Done, How, Name, State, Status};
use crate::ui::plain;

/// A hook by git's name; completions know them.
fn name() -> impl TypedValueParser<Value = Name> {
    let unknown = || format!("one of {}", Name::ALL.map(Name::text).join(", "));
    PossibleValuesParser::new(Name::ALL.map(Name::text)).try_map(move |text| Name::parse(&text).ok_or_else(unknown))
}

/// Each once, in the order in which they were named.
fn once(named: &[Name]) -> Vec<Name> {
    let mut out = Vec::new();
    for hook in named {
        if !out.contains(hook) {
            out.push(*hook);
        }
    }
    out
}

#[derive(Debug, Args)]
pub(super) struct Install {
    /// Which hooks: prepare-commit-msg (the default), commit-msg, pre-commit, pre-push.
    #[arg(value_name = "HOOK", value_parser = name(), hide_possible_values = true)]
    hooks: Vec<Name>,
    /// All four.
    #[arg(long, conflicts_with = "hooks")]
    all: bool,
    /// Edit files of the work tree where hooks are kept there (husky, lefthook, pre-commit, core.hooksPath), and show
    /// what was done to them.
    #[arg(long)]
    write: bool,
    /// Install where core.hooksPath leads out of this repository, for every repository that it holds for.
    #[arg(long)]
    global_hooks: bool,
    /// Stand in git's own folder although lefthook or pre-commit keeps the hooks.
    #[arg(long)]
    beside: bool,
}

#[derive(Debug, Args)]
pub(super) struct Uninstall {
    /// Which hooks: prepare-commit-msg, commit-msg, pre-commit, pre-push; all of monster's without one.
    #[arg(value_name = "HOOK", value_parser = name(), hide_possible_values = true)]
    hooks: Vec<Name>,
}

impl Install {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let repo = context.repo()?;
        let program = context.program()?;
        let how = How { write: self.write, global: self.global_hooks, beside: self.beside };
        let one = [Name::PrepareCommitMsg];
        let hooks = match (self.all, self.hooks.as_slice()) {
            (true, _) => Name::ALL.to_vec(),
            (false, []) => one.to_vec(),
            (false, named) => once(named),
        };
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for hook in &hooks {
            match hooks::install(repo, *hook, &program, how) {
                Ok(one) => done.push(one),
                // The others go all the same.
                Err(error) => failed.push((*hook, error)),
            }
        }
        let failed = together(failed);
        tell(context, &done, &failed, true)?;
        let some = !done.is_empty();
        ended(context, &Deed { name: "installed", many: hooks.len() > 1, some, told: some }, failed)
    }
}

impl Uninstall {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let repo = context.repo()?;
        let all = self.hooks.is_empty();
        let hooks = if all { Name::ALL.to_vec() } else { once(&self.hooks) };
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        let many = hooks.len() > 1;
        for hook in hooks {
            match hooks::uninstall(repo, hook) {
                Ok(one) => done.push(one),
                Err(error) => failed.push((hook, error)),
            }
        }
        let some = done.iter().any(|d| d.changed);
        if all && (!failed.is_empty() || some) {
            done.retain(|d| d.changed || d.other.is_some());
        } else if all && done.iter().any(|d| d.other.is_some()) {
            done.retain(|d| d.other.is_some());
        } else if all {
            done.truncate(1);
        }
        let failed = together(failed);
        tell(context, &done, &failed, false)?;
        ended(context, &Deed { name: "removed", many, some, told: !done.is_empty() }, failed)
    }
}

/// Hooks with which something could not be done, and why.
struct Failed {
    hooks: Vec<Name>,
    error: CommandError,
}

/// What is the same of several is told once, with the lines of all of them.
fn together(failed: Vec<(Name, GitError)>) -> Vec<Failed> {
    let mut out: Vec<Failed> = Vec::new();
    let mut heads: Vec<Option<(String, String)>> = Vec::new();
    for (hook, error) in failed {
        let (head, more) = match &error {
            GitError::HookTaken { what, advice, lines } => (Some((what.clone(), advice.clone())), lines.clone()),
            _ => (None, String::new()),
        };
        let same = heads.iter().position(|one| head.is_some() && *one == head);
        if let Some(same) = same.and_then(|at| out.get_mut(at)) {
            same.hooks.push(hook);
            if let Some(hint) = same.error.hints.last_mut().filter(|_| !more.is_empty()) {
                let _ = write!(hint, "\n{more}");
            }
            continue;
        }
        heads.push(head);
        out.push(Failed { hooks: vec![hook], error: error.into() });
    }
    out
}

/// What was to be done.
struct Deed {
    name: &'static str,
    /// With several hooks.
    many: bool,
    /// A part of it was done.
    some: bool,
    /// What was done was told already.
    told: bool,
}

/// Tells what could not be done, and how that ends: where a part was done, with what stands for a part.
fn ended(context: &Context, deed: &Deed, failed: Vec<Failed>) -> Outcome {
    let named = |failed: Failed| {
        let mut error = failed.error;
        if deed.many {
            let names: Vec<&str> = failed.hooks.iter().map(|hook| hook.text()).collect();
            let verb = if names.len() == 1 { "was" } else { "were" };
            error.what = format!("{} {verb} not {}: {}", names.join(", "), deed.name, error.what);
        }
        if deed.some {
            error.exit = Exit::Incomplete;
        }
        error
    };
    let mut errors: Vec<CommandError> = failed.into_iter().map(named).collect();
    let Some(mut last) = errors.pop() else { return Ok(Exit::Done) };
    let json = context.ui.look().json;
    if json && !deed.told {
        // One document has room for one error.
        for error in errors {
            last.causes.push(error.what);
            last.hints.extend(error.hints);
        }
        return Err(last);
    }
    for error in errors.iter().chain(json.then_some(&last)) {
        context.ui.error(&error.what, &error.causes, &error.hints);
    }
    Err(if json { CommandError::silent(last.exit) } else { last })
}

fn tell(context: &Context, done: &[Done], failed: &[Failed], installed: bool) -> Result<(), CommandError> {
    let Some(first) = done.first() else { return Ok(()) };
    if context.ui.look().json {
        let row = |d: &Done| {
            json!({ "hook": d.hook.text(), "installed": installed, "path": d.path, "changed": d.changed,
                "prior": d.prior, "diff": d.diff, "then": d.then, "other": d.other })
        };
        let left = |f: &Failed| {
            let (why, advice) = (f.error.what.clone(), f.error.hints.first().cloned());
            let row = move |hook: &Name| json!({ "hook": hook.text(), "why": why, "advice": advice });
            f.hooks.iter().map(row).collect::<Vec<_>>()
        };
        context.ui.json(&json!({ "schema": "monster.hook/1", "installed": installed, "path": first.path,
            "changed": done.iter().any(|d| d.changed), "hooks": done.iter().map(row).collect::<Vec<_>>(),
            "failed": failed.iter().flat_map(left).collect::<Vec<_>>() }))?;
        return Ok(());
    }
    let mut hints = Vec::new();
    for d in done {
        let path = plain(&d.path.display().to_string());
        // Of a file that is somebody's, only what was put there or taken out of it is ours.
        let mut text = match (installed, d.changed, d.part) {
            (true, true, false) => format!("installed: {path}"),
            (true, true, true) => format!("added to {path}: {}", d.hook.text()),
            (true, false, _) => format!("already installed: {path}"),
            (false, true, false) => format!("removed: {path}"),
            (false, true, true) => format!("taken out of {path}: {}", d.hook.text()),
            (false, false, _) => format!("not installed: {path}"),
        };
        if let Some(other) = &d.other {
            text = format!("left alone: {path}: it is another work tree's ({})", plain(&other.display().to_string()));
        }
        match &d.prior {
            Some(prior) if d.changed && installed => {
                let _ = write!(text, "\nwhat stood there runs first: {}", plain(&prior.display().to_string()));
            }
            Some(_) if d.changed => text.push_str("\nwhat stood there before is back"),
            _ => {}
        }
        if let Some(diff) = &d.diff {
            text.push('\n');
            text.push_str(&diff.trim_end().lines().map(plain).collect::<Vec<_>>().join("\n"));
        }
        context.ui.out(&text)?;
        let hint = match &d.then {
            Some(then) if d.changed => format!("then run: {then}"),
            Some(then) if installed => format!("git does not run it yet; run: {then}"),
            _ => continue,
        };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints.iter().for_each(|hint| context.ui.hint(hint));
    Ok(())
}

pub(super) fn status(context: &Context) -> Outcome {
    let repo = context.repo()?;
    let all: Vec<Status> = Name::ALL.into_iter().map(|hook| hooks::status(repo, hook)).collect::<Result<_, _>>()?;
    let Some(first) = all.first() else { return Ok(Exit::Done) };
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.hook/1", "state": first.state.name(), "path": first.path,
            "installed": first.state.runs(), "advice": first.advice,
            "drafts": context.config().hook.enabled, "judges": context.config().hook.judges,
            "hooks": all.iter().map(row).collect::<Vec<_>>() }))?;
        return Ok(Exit::Done);
    }
    // The others are told of where there is something to tell.
    let worth = |s: &&Status| {
        // Behind a link nobody sees whose hook it is.
        let told = matches!(s.state, State::Shadowed | State::Apart | State::Unmade | State::Unfound)
            || (s.state == State::Linked && s.there);
        let kept = s.state == State::Absent && s.advice.is_some();
        s.hook == Name::PrepareCommitMsg || s.version.is_some() || s.state.runs() || told || kept
    };
    let many = all.iter().filter(worth).count() > 1;
    let mut hints = Vec::new();
    for status in all.iter().filter(worth) {
        let mut text = String::new();
        if many {
            let _ = write!(text, "{}: ", status.hook.text());
        }
        let _ = write!(text, "{}: {}", status.state.name(), plain(&status.path.display().to_string()));
        if let Some(version) = status.version.as_ref().filter(|v| *v != env!("CARGO_PKG_VERSION")) {
            let _ = write!(text, " (by monster {})", plain(version));
        }
        if let Some(prior) = &status.prior {
            let _ = write!(text, "\nwhat stood there runs first: {}", plain(&prior.display().to_string()));
        }
        context.ui.out(&text)?;
        if let Some(advice) = status.advice.as_ref().filter(|advice| !hints.contains(advice)) {
            context.ui.hint(advice);
            hints.push(advice);
        }
    }
    tell_disabled(context);
    tell_misread(context);
    Ok(Exit::Done)
}

/// What it means for the hooks that settings cannot be read; what is wrong with them was told.
fn tell_misread(context: &Context) {
    let loaded = context.loaded();
    if loaded.unread().is_some() {
        context.ui.warn(
            "your settings cannot be wholly read: no model is asked, and secrets are looked for with what can be read of them",
        );
    }
    if loaded.misread("review.fail_on") {
        let holds = loaded.config.review.fail_on.as_deref().unwrap_or("never");
        context.ui.warn(&format!("a value of review.fail_on cannot be read: {holds} holds for a push"));
    }
    if let Some(what) = super::judge::misjudged(context) {
        context.ui.warn(&what);
    }
}

/// Hooks that stand in their place and do nothing, and who wants it so.
fn tell_disabled(context: &Context) {
    let hook = &context.config().hook;
    let what = match (hook.enabled, hook.judges) {
        (true, true) => return,
        (false, true) => "no message is drafted; the other hooks do their work",
        (true, false) => "messages are drafted, and the other hooks do nothing",
        (false, false) => "the hooks do nothing",
    };
    let why = context.loaded().said("hook.enabled", "false").map(|origin| format!(" ({})", plain(&origin.to_string())));
    context.ui.warn(&format!("hook.enabled is false{}: {what}", why.unwrap_or_default()));
}

fn row(status: &Status) -> Value {
    json!({ "hook": status.hook.text(), "state": status.state.name(), "path": status.path,
        "installed": status.state.runs(), "shadowed": status.state == State::Shadowed,
        "broken": status.state == State::Broken, "version": status.version, "prior": status.prior,
        "manager": status.manager.map(hooks::Manager::name), "advice": status.advice })
}
