//! `monster accounts rekey`: a new identity for the sealed file.

use clap::Args;
use serde_json::json;

use super::making::words;
use super::{Asking, existing};
use crate::auth::{self, Renewal};
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::ui::plain;

/// A new identity.
#[derive(Debug, Args)]
#[command(
    after_help = "Every slot is given the new identity but a command, which cannot be written to: name another program with --command, or it is dropped."
)]
pub(super) struct Rekey {
    /// Take an older file that was put back on purpose.
    #[arg(long)]
    accept_older: bool,
    /// A program that prints a new identity, in the place of one that prints the old; words separated by spaces.
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
}

impl Rekey {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let command = self.command.as_deref().map(|c| words(Some(c))).transpose()?;
        let vault = existing(context)?;
        let asking = Asking { ui: &context.ui, allowed: true };
        let wish = Renewal { accept_older: self.accept_older, command };
        let done = auth::rekey(&vault, context.memory(), &asking, &wish, &context.state_dir()?)?;
        done.opened.warnings().iter().for_each(|w| context.ui.warn(w));
        for (name, why) in &done.dropped {
            context.ui.warn(&format!("the slot {name} is dropped: {why}"));
        }
        done.notes.iter().for_each(|n| context.ui.warn(n));
        let names: Vec<&str> = done.kept.iter().map(|s| s.name.as_str()).collect();
        if context.ui.look().json {
            let dropped: Vec<_> = done.dropped.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect();
            context.ui.json(&json!({ "schema": "monster.accounts.rekey/1", "slots": names, "dropped": dropped }))?;
        } else {
            context.ui.out(&plain(&format!("the accounts have a new identity (opened by: {})", names.join(", "))))?;
        }
        context.ui.hint(
            "copies of the folder from before still open with the old one: rotate the keys if somebody may have one",
        );
        Ok(Exit::Done)
    }
}
