//! `monster accounts slots`: what opens the sealed file.

use clap::{Args, Subcommand};
use serde_json::json;

use super::making::Holder;
use super::{Asking, existing, open, vault_or_error};
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::ui::{Table, plain};

/// What to do with what opens the sealed file.
#[derive(Debug, Subcommand)]
pub(super) enum Slots {
    /// Show what opens the sealed file (the default).
    List,
    /// Let one more thing open it; the accounts stay as they are.
    Add(Add),
    /// Take one away; the accounts stay as they are.
    Remove {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What it is: keychain, passphrase, keyfile, command, plaintext.
    #[arg(long, value_name = "WHAT", value_parser = ["keychain", "passphrase", "keyfile", "command", "plaintext"])]
    store: String,
    #[command(flatten)]
    holder: Holder,
    /// A name for it.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl Slots {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self {
            Self::List => list(context),
            Self::Add(add) => add.run(context),
            Self::Remove { name } => remove(context, &name),
        }
    }
}

/// What opens the sealed file.
fn list(context: &Context) -> Outcome {
    let vault = vault_or_error(context)?;
    let slots = vault.slots()?;
    if context.ui.look().json {
        let rows: Vec<_> = slots
            .iter()
            .map(|s| json!({ "name": s.name, "kind": s.kind.name(), "note": s.kind.note(), "weak": s.kind.weak() }))
            .collect();
        context.ui.json(&json!({ "schema": "monster.slots/1", "slots": rows }))?;
    } else if slots.is_empty() {
        context.ui.out("there is no sealed file yet")?;
    } else {
        let mut table = Table::new(&["slot", "kind", ""]);
        for slot in &slots {
            table.row([slot.name.clone(), slot.kind.name().to_owned(), slot.kind.note().to_owned()]);
        }
        context.ui.out(&table.render())?;
    }
    Ok(Exit::Done)
}

impl Add {
    fn run(self, context: &Context) -> Outcome {
        let keep = self.holder.keep(&self.store)?;
        let vault = existing(context)?;
        let asking = Asking { ui: &context.ui, allowed: true };
        let opened = open(context, &vault, &asking)?;
        let (slot, warnings) = opened.add_slot(&keep, self.name.as_deref(), &asking)?;
        warnings.iter().for_each(|w| context.ui.warn(w));
        if context.ui.look().json {
            context
                .ui
                .json(&json!({ "schema": "monster.slots.change/1", "added": slot.name, "kind": slot.kind.name(),
                "note": slot.kind.note(), "weak": slot.kind.weak() }))?;
        } else {
            context.ui.out(&plain(&format!("{} opens the accounts from now on", slot.name)))?;
        }
        Ok(Exit::Done)
    }
}

fn remove(context: &Context, name: &str) -> Outcome {
    let (slot, left) = existing(context)?.remove_slot(name)?;
    if let Some(why) = left {
        context.ui.warn(&format!("what it held is left there, and opens the accounts still: {why}"));
    }
    if context.ui.look().json {
        context
            .ui
            .json(&json!({ "schema": "monster.slots.change/1", "removed": slot.name, "kind": slot.kind.name() }))?;
    } else {
        context.ui.out(&plain(&format!("{} is asked no more", slot.name)))?;
    }
    context.ui.hint("whoever holds it still knows the identity; to end that: monster accounts rekey");
    Ok(Exit::Done)
}

/// `monster accounts lock`.
pub(super) fn lock(context: &Context) -> Outcome {
    let forgotten = existing(context)?.forget_unlocked()?;
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.accounts.lock/1", "forgotten": forgotten }))?;
    } else {
        context.ui.out(if forgotten { "the accounts are locked" } else { "the accounts were not kept unlocked" })?;
    }
    Ok(Exit::Done)
}
