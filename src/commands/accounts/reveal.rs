//! `monster accounts reveal`: the one command that shows a secret.

use super::{Asking, existing, open};
use crate::auth::VaultError;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};

/// Shows an account's secret to a person who says so.
pub(super) fn reveal(context: &Context, name: &str) -> Outcome {
    let look = context.ui.look();
    if look.json || !look.stdout_terminal || !context.ui.interactive() {
        // A pipe or a file would keep it, and so would a log of either.
        return Err(CommandError::new(Exit::Usage, "a secret is shown on a terminal only, and never as JSON")
            .hint("to move accounts to another machine: monster accounts export FILE"));
    }
    let vault = existing(context)?;
    let opened = open(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
    let account = opened
        .accounts()
        .iter()
        .find(|a| a.name == name)
        .ok_or_else(|| CommandError::from(VaultError::NoAccount(name.to_owned())))?;
    if account.secret.is_empty() {
        return Err(CommandError::new(Exit::Failed, format!("no secret of {name} is stored now"))
            .hint("it is read or fetched when it is needed"));
    }
    if context.ui.confirm(&format!("Show the secret of {name} on this screen?"), false) != Some(true) {
        return Err(CommandError::new(Exit::Failed, "nothing was shown"));
    }
    context.ui.out(account.secret.expose())?;
    Ok(Exit::Done)
}
