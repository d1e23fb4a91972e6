//! `monster accounts export`: accounts in a file that a passphrase opens.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Asking, existing, open};
use crate::auth::{VaultError, read_passphrase};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::model::Secret;
use crate::ui::plain;
use crate::world::files;

/// Into a file.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is an armored age file: `age -d FILE` opens it, too. With --account NAME only that account is written."
)]
pub(super) struct Export {
    /// The file; it must not be there yet.
    file: PathBuf,
    /// A private file that holds the passphrase.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Export {
    /// Writes it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let file = context.env.cwd().join(&self.file);
        let there = || {
            CommandError::new(Exit::Failed, format!("{} is there already", file.display()))
                .hint("name another file: an export never replaces one")
        };
        if file.symlink_metadata().is_ok() {
            return Err(there());
        }
        let vault = existing(context)?;
        let opened = open(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
        let mut accounts = opened.accounts().to_vec();
        if let Some(only) = &context.globals.account {
            accounts.retain(|a| a.name == *only);
            if accounts.is_empty() {
                return Err(VaultError::NoAccount(only.clone()).into());
            }
        }
        if accounts.is_empty() {
            return Err(
                CommandError::new(Exit::Nothing, "there are no stored accounts").hint("make one with: monster login")
            );
        }
        let secret = passphrase(context, self.passphrase_file.as_deref(), "New passphrase for the file", true)?;
        let sealed = vault.pack(&accounts, &secret)?;
        match files::create_private(&file, &sealed) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Err(there()),
            written => written
                .map_err(|e| CommandError::new(Exit::Failed, format!("{} cannot be written: {e}", file.display())))?,
        }
        let rotates: Vec<&str> = accounts
            .iter()
            .filter(|a| a.grant.as_ref().is_some_and(|g| g.refresh.is_some()))
            .map(|a| a.name.as_str())
            .collect();
        if !rotates.is_empty() {
            context.ui.warn(&format!(
                "{}: a refresh token may be good once only; use these accounts on one machine, or sign in on each",
                rotates.join(", ")
            ));
        }
        if context.ui.look().json {
            let names: Vec<&str> = accounts.iter().map(|a| a.name.as_str()).collect();
            context.ui.json(&json!({ "schema": "monster.accounts.export/1", "file": file, "accounts": names }))?;
        } else {
            let what = counted(accounts.len(), "account");
            context.ui.out(&plain(&format!("{what} in {}", file.display())))?;
        }
        Ok(Exit::Done)
    }
}

/// The passphrase of an export: from a file, else from a person. Never the one of the accounts themselves.
pub(super) fn passphrase(
    context: &Context,
    file: Option<&Path>,
    question: &str,
    new: bool,
) -> Result<Secret, CommandError> {
    if let Some(path) = file {
        return Ok(read_passphrase(&context.env.cwd().join(path))?);
    }
    match context.ui.secret(question, new) {
        Some(secret) if !secret.is_empty() => Ok(secret),
        Some(_) => Err(CommandError::new(Exit::Usage, "the passphrase is empty")),
        None => Err(CommandError::new(Exit::Usage, "there is nobody to ask for the file's passphrase")
            .hint("put it into a private file and name that: --passphrase-file FILE")),
    }
}
