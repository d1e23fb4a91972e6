//! `monster accounts`: which keys there are, where each secret lies and what opens it.

mod import;
mod list;
mod making;
mod portable;
mod rank;
mod rekey;
mod reveal;
mod slots;

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

pub(super) use making::Making;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::auth::{self, Ask, Opened, Vault, VaultError, check_name};
use crate::model::Secret;
use crate::secrets::mask;
use crate::ui::Ui;

#[derive(Debug, Args)]
pub(super) struct Accounts {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List accounts (the default).
    List,
    /// Ask each provider whether its key is good.
    Test {
        /// Only this account.
        name: Option<String>,
    },
    /// Give an account another name.
    Rename {
        /// Its name now.
        old: String,
        /// Its name from now on.
        new: String,
    },
    /// Forget an account and its secret.
    Remove {
        /// Its name.
        name: String,
    },
    /// Use an account again.
    Enable {
        /// Its name.
        name: String,
    },
    /// Keep an account but do not use it.
    #[command(after_help = "Example: let what runs come to its end.\n  monster accounts disable work --drain")]
    Disable {
        /// Its name.
        name: String,
        /// Take no new conversations, and let those that are bound to it go on until an hour after their last call.
        #[arg(long)]
        drain: bool,
    },
    /// Set which accounts are tried first; higher goes before lower.
    #[command(after_help = "Example:\n  monster accounts priority work 10")]
    Priority {
        /// Its name.
        name: String,
        /// Any whole number; accounts have 0 from the start.
        #[arg(allow_negative_numbers = true)]
        value: i32,
    },
    /// Give an account a share of the requests, among accounts of the same upstream and priority.
    #[command(
        after_help = "Example: three requests of four go to work.\n  monster accounts weight work 3\n  monster accounts weight home 1"
    )]
    Weight {
        /// Its name.
        name: String,
        /// Its share; 0 takes it away, and the account is used in turn behind those that have one.
        value: u32,
    },
    /// Try an account before the others of its upstream.
    #[command(
        after_help = "Examples:\n  monster accounts use work --for 2h\n  monster accounts use work --for until-reset\n  monster accounts use work --off"
    )]
    Use {
        /// Its name.
        name: String,
        /// For this long: 30m, 2h, 1d; until-reset (the next known reset of its limits or end of a cool-down);
        /// until-changed, or always: until another one is used, or --off.
        #[arg(long = "for", value_name = "TIME", default_value = "always", value_parser = rank::span)]
        time: rank::Span,
        /// No longer.
        #[arg(long, conflicts_with = "time")]
        off: bool,
    },
    /// End the cool-downs of an account, or of all.
    Wake {
        /// Its name; all accounts when left out.
        name: Option<String>,
    },
    /// Show what opens the sealed file, add to it or take away.
    Slots {
        #[command(subcommand)]
        action: Option<slots::Slots>,
    },
    /// Give the accounts a new identity: whoever knew the old one opens nothing from then on.
    Rekey(rekey::Rekey),
    /// Forget an unlocked identity that the kernel keeps (accounts.unlock_for).
    Lock,
    /// Write accounts into a file that a passphrase opens.
    Export(portable::Export),
    /// Take accounts from such a file, or from opencode-auth-monster.
    Import(import::Import),
    /// Show an account's secret, on a terminal and after a question.
    Reveal {
        /// Its name.
        name: String,
    },
}

impl Accounts {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action.unwrap_or(Action::List) {
            Action::List => list::list(context),
            Action::Test { name } => super::doctor::test(context, name.as_deref()),
            Action::Priority { name, value } => rank::priority(context, &name, value),
            Action::Weight { name, value } => rank::weight(context, &name, value),
            Action::Use { name, time, off } => rank::first(context, &name, time, off),
            Action::Wake { name } => rank::wake(context, name.as_deref()),
            Action::Slots { action } => action.unwrap_or(slots::Slots::List).run(context),
            Action::Rekey(rekey) => rekey.run(context),
            Action::Lock => slots::lock(context),
            Action::Export(export) => export.run(context),
            Action::Import(import) => import.run(context),
            Action::Reveal { name } => reveal::reveal(context, &name),
            Action::Rename { old, new } => {
                fit(&new)?;
                let said = format!("{old} is now {new}");
                let (exit, upstream) = alter(context, &old, |opened| opened.rename(&old, &new), &said)?;
                rank::follow(context, &upstream, &old, Some(&new))?;
                Ok(exit)
            }
            Action::Remove { name } => {
                let said = format!("{name} is forgotten");
                let (exit, upstream) = alter(context, &name, |opened| opened.remove(&name), &said)?;
                rank::follow(context, &upstream, &name, None)?;
                Ok(exit)
            }
            Action::Enable { name } => {
                if rank::freed(context, &name)? {
                    return Ok(Exit::Done);
                }
                let said = format!("{name} is used again");
                let (exit, upstream) = alter(context, &name, |opened| opened.set_enabled(&name, true), &said)?;
                rank::undrain(context, &upstream, &name)?;
                Ok(exit)
            }
            Action::Disable { name, drain: true } => rank::drain(context, &name),
            Action::Disable { name, drain: false } => {
                rank::stored(context, &name)?;
                change(context, |opened| opened.set_enabled(&name, false), &format!("{name} is not used from now on"))
            }
        }
    }
}

/// Where the sealed file lies; `None` when the environment names no home.
pub(super) fn vault(context: &Context) -> Option<Vault> {
    let kept = Duration::from_secs(context.config().accounts.unlock_for);
    let vault = Vault::at(&context.env.config_dir()?, &context.env).cache(kept);
    Some(match context.hurry() {
        Some(limit) => vault.hurry(limit),
        None => vault,
    })
}

/// As [`vault`], for commands that cannot go on without.
pub(super) fn vault_or_error(context: &Context) -> Result<Vault, CommandError> {
    vault(context).ok_or_else(|| {
        CommandError::new(Exit::Failed, "there is no place for accounts")
            .hint("set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR")
    })
}

/// Asks a person for passphrases, if that is allowed and there is one.
pub(super) struct Asking<'a> {
    /// Where to ask.
    pub ui: &'a Ui,
    /// A hook never asks.
    pub allowed: bool,
}

impl Ask for Asking<'_> {
    fn interactive(&self) -> bool {
        self.allowed && self.ui.interactive()
    }

    fn passphrase(&self, question: &str, new: bool) -> Option<Secret> {
        if self.interactive() { self.ui.secret(question, new) } else { None }
    }
}

/// Opens the sealed file, and remembers its generation so that an older one is refused.
pub(super) fn open(context: &Context, vault: &Vault, ask: &dyn Ask) -> Result<Opened, VaultError> {
    let opened = auth::open(vault, context.memory(), ask)?;
    for warning in opened.warnings() {
        context.ui.warn_once(warning);
    }
    seen(context, &opened);
    Ok(opened)
}

/// Remembers the generation, also after a change of our own.
pub(super) fn seen(context: &Context, opened: &Opened) {
    if let Err(error) = auth::seen(opened, context.memory()) {
        context.ui.detail(&format!("the generation of the sealed file could not be kept: {error}"));
    }
}

/// Refuses a name that no list should show; one that looks like a key is not repeated.
///
/// # Errors
/// Exit 2 for such a key; [`VaultError`] as for storing it.
pub(super) fn fit(name: &str) -> Result<(), CommandError> {
    if mask(name) != name {
        return Err(CommandError::new(Exit::Usage, "an account cannot be called that: it looks like a key").hint(
            "if it is one, your shell's history has it now: make a new one at the provider, and revoke this one",
        ));
    }
    Ok(check_name(name)?)
}

/// The vault of a command that makes none.
fn existing(context: &Context) -> Result<Vault, CommandError> {
    let vault = vault_or_error(context)?;
    if vault.exists() {
        return Ok(vault);
    }
    Err(CommandError::new(Exit::Failed, "there are no stored accounts").hint("make one with: monster login"))
}

/// As [`change`], for one account; also gives its upstream.
fn alter(
    context: &Context,
    name: &str,
    f: impl FnOnce(&mut Opened) -> Result<(), VaultError>,
    said: &str,
) -> Result<(Exit, String), CommandError> {
    let mut upstream = String::new();
    let noted = |opened: &mut Opened| {
        let account = opened.accounts().iter().find(|a| a.name == name);
        upstream = account.map(|a| a.upstream.clone()).unwrap_or_default();
        f(opened)
    };
    let exit = change(context, noted, said)?;
    Ok((exit, upstream))
}

fn change(context: &Context, f: impl FnOnce(&mut Opened) -> Result<(), VaultError>, said: &str) -> Outcome {
    let vault = existing(context)?;
    let mut opened = open(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
    f(&mut opened)?;
    seen(context, &opened);
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.accounts.change/1", "done": said }))?;
    } else {
        context.ui.out(said)?;
    }
    Ok(Exit::Done)
}
