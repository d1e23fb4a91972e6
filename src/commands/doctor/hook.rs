//! Whether the hook stands in this repository, and whether git gets a message from it.

use std::time::Duration;

use super::{CommandError, Context, Finding, State};
use crate::client::park::spell;
use crate::git::hooks::{self, Name, Status};
use crate::git::{Rehearsed, rehearse};

pub(super) fn check(context: &Context) -> Finding {
    let status =
        context.repo().and_then(|repo| hooks::status(repo, Name::PrepareCommitMsg).map_err(CommandError::from));
    let Ok(status) = status else { return Finding::new("hook", State::Absent, "this is no repository") };
    let state = match status.state {
        hooks::State::Installed if status.manager.is_none() => return run(context, &status),
        hooks::State::Installed => {
            let by = status.manager.map(hooks::Manager::name).unwrap_or_default();
            let told = format!("installed: {} calls it in {}", by, status.path.display());
            return Finding::new("hook", State::Good, told).public("hook", format!("installed by {by}"));
        }
        // Whoever did not install it may not want it.
        hooks::State::Absent | hooks::State::Managed | hooks::State::Tracked | hooks::State::Shared => State::Absent,
        _ => State::Bad,
    };
    let name = status.state.name();
    let finding = Finding::new("hook", state, format!("{name}: {}", status.path.display())).public("hook", name);
    match status.advice {
        Some(advice) => finding.hint(advice),
        None => finding,
    }
}

/// Ours is run in earnest, in a repository of its own.
fn run(context: &Context, status: &Status) -> Finding {
    let place = status.path.display();
    let told = |state, what: String| {
        Finding::new("hook", state, format!("installed: {place}; {what}")).public("hook", format!("installed; {what}"))
    };
    if !context.config().hook.enabled {
        return told(State::Absent, "hook.enabled is off, so it drafts nothing".to_owned());
    }
    let limit = Duration::from_secs(context.config().hook.deadline);
    match rehearse(&status.path, limit, &context.env) {
        Err(error) => {
            let error = CommandError::from(error);
            let finding = Finding::new("hook", State::Bad, format!("installed: {place}; {}", error.what));
            finding.public("hook", "installed; its run came to no end").hint(AGAIN)
        }
        Ok(Rehearsed { took, .. }) if took > limit => {
            let late = format!("a commit took {} in a repository of its own, longer than hook.deadline", spell(took));
            told(State::Bad, late).hint(AGAIN)
        }
        Ok(Rehearsed { message: Some(_), .. }) => {
            told(State::Good, "in a repository of its own it drafted a message, in time".to_owned())
        }
        Ok(Rehearsed { message: None, said, .. }) => {
            let said = if said.is_empty() { "no word".to_owned() } else { said };
            let says = format!("installed: {place}; in a repository of its own it drafted no message: {said}");
            Finding::new("hook", State::Bad, says).public("hook", "installed; it drafted no message").hint(AGAIN)
        }
    }
}

/// The hook names the program that installed it, which may have moved.
const AGAIN: &str = "install it anew: monster hook uninstall && monster hook install";
