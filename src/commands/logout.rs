//! `monster logout`: a sign-in is given back where it can be, and forgotten.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::accounts::{Asking, open, seen, vault_or_error};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::auth::{Account, Opened, VaultError, hold, home, quoted, revoke};
use crate::client::upstreams;
use crate::net::Net;
use crate::providers::provider;

#[derive(Debug, Args)]
pub(super) struct Logout {
    /// The account's name.
    name: String,
    /// Forget it here, and leave it as it is at the provider.
    #[arg(long)]
    keep_remote: bool,
}

/// A renewal that is under way may take as long as an endpoint.
const PATIENCE: Duration = crate::auth::token::PATIENCE;

/// What became of the sign-in at the provider.
enum Remote {
    /// It is over there too.
    Revoked,
    /// It is as it was, and this is why.
    Stays(String),
}

impl Logout {
    /// Gives it back, and forgets it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let vault = vault_or_error(context)?;
        let none = || {
            CommandError::new(Exit::Failed, format!("there is no stored account \"{}\"", self.name))
                .hint("see which there are: monster accounts")
        };
        if !vault.exists() {
            return Err(none());
        }
        let mut opened = open(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
        // No renewal may come between; it holds until the account is forgotten. One that hangs is not waited for: what
        // is there is given back all the same.
        let known = opened.accounts().iter().find(|a| a.name == self.name).filter(|a| a.grant.is_some());
        let state = context.state_dir()?;
        let _still = known.map(|account| hold(&state, account, PATIENCE));
        let account = as_it_is(&mut opened, &self.name)?.ok_or_else(none)?;
        let remote = self.remote(context, &account)?;
        opened.remove(&self.name)?;
        seen(context, &opened);
        if context.ui.look().json {
            let (revoked, why) = match &remote {
                Remote::Revoked => (true, None),
                Remote::Stays(why) => (false, Some(why)),
            };
            context
                .ui
                .json(&json!({ "schema": "monster.logout/1", "account": self.name, "upstream": account.upstream,
                "revoked": revoked, "why_not": why }))?;
        } else {
            match remote {
                Remote::Revoked => context.ui.out(&format!("{} is revoked and forgotten", self.name))?,
                Remote::Stays(why) => {
                    context.ui.out(&format!("{} is forgotten", self.name))?;
                    context.ui.status(&why);
                }
            }
        }
        Ok(Exit::Done)
    }

    fn remote(&self, context: &Context, account: &Account) -> Result<Remote, CommandError> {
        if self.keep_remote {
            return Ok(Remote::Stays("it stays as it is at the provider, as you asked".to_owned()));
        }
        let served = provider(&account.provider);
        let label = served.map_or(account.upstream.as_str(), |p| p.label());
        let page = served.map(|p| p.sign_in().url).filter(|url| !url.is_empty());
        let yourself = page.map(|url| format!(": {url}")).unwrap_or_default();
        let Some(grant) = &account.grant else {
            return Ok(Remote::Stays(format!("the key itself is still good at {label}; delete it there{yourself}")));
        };
        if grant.by.foreign() || grant.file.is_some() {
            return Ok(Remote::Stays("the sign-in of the other program is untouched".to_owned()));
        }
        if context.offline() && grant.revoke_url.is_some() {
            return Ok(Remote::Stays(format!("{label} was not told, because offline was asked for")));
        }
        let home = home(&upstreams(context.config(), &context.env), account);
        let net = Net::about(context.config().net.clone(), &home.base_url, home.via);
        let told = context.block_on(async { Ok(revoke(&net, &context.clock, &account.secret, grant).await) })?;
        Ok(match told {
            Ok(true) => Remote::Revoked,
            Ok(false) if grant.expires.is_some() => {
                Remote::Stays(format!("{label} has no way to be told; what is left of it ends by itself"))
            }
            Ok(false) => Remote::Stays(format!("{label} has no way to be told; end it there{yourself}")),
            Err(error) => {
                // What is forgotten can never be given back.
                let what = format!("{label} did not take the sign-in back, so nothing was forgotten: {error}");
                let anyway = format!(
                    "try again, or forget it all the same: monster logout {} --keep-remote",
                    quoted(&self.name)
                );
                return Err(CommandError::new(Exit::Failed, what).hint(anyway));
            }
        })
    }
}

/// The account as it is stored now: another process may have renewed it since the vault was opened, and a token that was
/// replaced is no longer one to give back.
fn as_it_is(opened: &mut Opened, name: &str) -> Result<Option<Account>, VaultError> {
    opened.reload()?;
    Ok(opened.accounts().iter().find(|a| a.name == name).cloned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::auth::{Keep, Nobody, Vault};
    use crate::model::Secret;
    use crate::world::{Clock, Env};

    #[test]
    fn what_is_given_back_is_what_another_process_has_stored_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::fixed([("HOME", "/")], Path::new("/"));
        let vault = Vault::at(&dir.path().join("monster"), &env);
        let mut ours = vault.create(&Keep::Plaintext, &Nobody).unwrap();
        let first = Secret::new("first".to_owned());
        ours.put(Account::api_key("mine", "openai", "openai", first, &Clock::system())).unwrap();
        let mut theirs = vault.open(&Nobody, &|_| 0).unwrap();
        theirs.alter("mine", |account| account.secret = Secret::new("second".to_owned())).unwrap();
        assert_eq!(ours.accounts()[0].secret.expose(), "first");
        let found = as_it_is(&mut ours, "mine").unwrap().unwrap();
        assert_eq!(found.secret.expose(), "second");
        theirs.remove("mine").unwrap();
        assert!(as_it_is(&mut ours, "mine").unwrap().is_none());
    }
}
