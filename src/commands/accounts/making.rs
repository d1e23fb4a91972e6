//! What is to open the sealed file: the flags of every command that may make it or add to it.

use std::path::PathBuf;

use clap::Args;

use super::{Asking, open};
use crate::auth::{self, Keep, Opened, Vault, VaultError};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::commands::show::typed;

/// What opens the sealed file, should it be made now.
#[derive(Debug, Args)]
pub(in crate::commands) struct Making {
    /// What opens the sealed file, when it is made now: auto, keychain, passphrase, keyfile, command, plaintext.
    #[arg(long, value_name = "WHAT", default_value = "auto", value_parser = ["auto", "keychain", "passphrase", "keyfile", "command", "plaintext"])]
    store: String,
    #[command(flatten)]
    holder: Holder,
}

/// More about what holds the identity.
#[derive(Debug, Args)]
pub(super) struct Holder {
    /// The key file, for --store keyfile; made when it is not there.
    #[arg(long, value_name = "FILE")]
    keyfile: Option<PathBuf>,
    /// For --store keyfile: a file beside the accounts that opens on this machine only. Weak: it helps against copies
    /// of the folder and nothing else.
    #[arg(long, conflicts_with = "keyfile")]
    machine_bound: bool,
    /// The program that prints the identity, for --store command; words separated by spaces.
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
}

impl Making {
    /// What the flags say.
    ///
    /// # Errors
    /// Exit 2 when something is missing.
    pub(in crate::commands) fn keep(&self) -> Result<Keep, CommandError> {
        self.holder.keep(&self.store)
    }

    /// Asks a person where the identity shall lie, unless the flags say so already.
    pub(in crate::commands) fn choose(&mut self, context: &Context) {
        const PLACES: [(&str, bool, &str); 4] = [
            ("auto", false, "in a sealed file, opened by the system's keychain if there is one"),
            ("keychain", false, "in a sealed file that the keychain opens, or nowhere"),
            ("passphrase", false, "in a sealed file that a passphrase opens"),
            ("keyfile", true, "in a sealed file that opens on this machine only (weak)"),
        ];
        let items: Vec<String> = PLACES.iter().map(|(_, _, label)| (*label).to_owned()).collect();
        if self.store == "auto"
            && let Some(n) = context.ui.select("Where shall it lie?", &items)
        {
            PLACES[n].0.clone_into(&mut self.store);
            self.holder.machine_bound = PLACES[n].1;
        }
    }

    /// Opens the sealed file, or makes it.
    ///
    /// # Errors
    /// Exit 2 when a flag is missing; why it cannot be opened or made.
    pub(in crate::commands) fn opened(
        &self,
        context: &Context,
        vault: &Vault,
        asking: &Asking<'_>,
    ) -> Result<Opened, CommandError> {
        if vault.exists() {
            // Scripts say each time what is true already.
            let so = self.keep().is_ok_and(|keep| vault.slots().unwrap_or_default().iter().any(|slot| slot.is(&keep)));
            if self.store != "auto" && !so {
                let bound = if self.holder.machine_bound { " --machine-bound" } else { "" };
                context.ui.warn(&format!(
                    "the sealed file is there already, and --store is only for making it; what else opens it is added with: \
                     monster accounts slots add --store {}{bound}",
                    self.store
                ));
            }
            return Ok(open(context, vault, asking)?);
        }
        match auth::create(vault, context.memory(), &self.keep()?, asking) {
            Ok(opened) => {
                opened.warnings().iter().for_each(|w| context.ui.warn_once(w));
                Ok(opened)
            }
            // Another command made it at the same moment.
            Err(VaultError::Exists(_)) => Ok(open(context, vault, asking)?),
            Err(error @ VaultError::NoKeeper(_)) if self.store == "auto" => {
                let line = typed();
                let mut out = CommandError::from(error);
                out.hints = vec![
                    format!("run: MONSTER_PASSPHRASE_FILE=FILE {line} --store passphrase"),
                    format!("or with a key file on a stick or another disk: {line} --store keyfile --keyfile FILE"),
                    format!("or, weak, for this machine only: {line} --store keyfile --machine-bound"),
                ];
                Err(out)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Holder {
    /// What the flags say for `--store WHAT`.
    ///
    /// # Errors
    /// Exit 2 when something is missing, or belongs to another `--store`.
    pub(super) fn keep(&self, store: &str) -> Result<Keep, CommandError> {
        let flags = [
            ("--keyfile", self.keyfile.is_some(), "keyfile"),
            ("--machine-bound", self.machine_bound, "keyfile"),
            ("--command", self.command.is_some(), "command"),
        ];
        if let Some((flag, _, _)) = flags.iter().find(|(_, given, of)| *given && *of != store) {
            return Err(CommandError::new(Exit::Usage, format!("--store {store} takes no {flag}")));
        }
        Ok(match store {
            "keychain" => Keep::Keychain,
            "passphrase" => Keep::Passphrase,
            "plaintext" => Keep::Plaintext,
            "keyfile" if self.machine_bound => Keep::Machine,
            "keyfile" => Keep::Keyfile(self.keyfile.clone().ok_or_else(|| {
                CommandError::new(Exit::Usage, "--store keyfile needs --keyfile FILE or --machine-bound")
            })?),
            "command" => Keep::Command(words(self.command.as_deref())?),
            _ => Keep::Auto,
        })
    }
}

/// A command's words.
pub(super) fn words(command: Option<&str>) -> Result<Vec<String>, CommandError> {
    let words: Vec<String> = command.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        Err(CommandError::new(Exit::Usage, "--command COMMAND is missing or empty"))
    } else {
        Ok(words)
    }
}
