//! `monster login`: an API key into the sealed file. The key is read from a terminal or standard input, never from argv.

use clap::Args;
use serde_json::json;

use super::accounts::{Asking, Making, open, seen, vault_or_error};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::auth::{Account, VaultError, check_shape};
use crate::client::upstreams;
use crate::model::Secret;
use crate::providers::{all, provider};

/// Store an API key in the sealed accounts file.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster login openai\n  pass show openai | monster login openai --stdin --name work\n\nThe key is never taken from the command line, where other users could see it."
)]
pub(super) struct Login {
    /// The provider, or the name of an upstream from your settings.
    upstream: Option<String>,
    /// A name for the account.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Read the key from standard input.
    #[arg(long)]
    stdin: bool,
    #[command(flatten)]
    making: Making,
    /// Store the key without asking the provider whether it is good.
    #[arg(long)]
    no_check: bool,
}

impl Login {
    /// Stores a key.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let known = upstreams(context.config(), &context.env);
        let upstream = self.upstream(context, &known.iter().map(|u| u.name.clone()).collect::<Vec<_>>())?;
        let Some(target) = known.iter().find(|u| u.name == upstream) else {
            let names: Vec<&str> = known.iter().map(|u| u.name.as_str()).collect();
            return Err(CommandError::new(Exit::Usage, format!("there is no provider or upstream \"{upstream}\""))
                .hint(format!("there are: {}", names.join(", "))));
        };
        let served = provider(&target.provider)
            .ok_or_else(|| CommandError::new(Exit::Failed, format!("the upstream \"{upstream}\" has no provider")))?;
        let key = self.key(context, served.label(), served.sign_in().url)?;
        if let Some(warning) = check_shape(served.id(), &key).map_err(|e| CommandError::of(Exit::Usage, &e))? {
            context.ui.warn(&warning);
        }
        if !self.no_check && !context.offline() {
            super::doctor::check_key(context, target, &key)?;
        }
        let vault = vault_or_error(context)?;
        let asking = Asking { ui: &context.ui, allowed: true };
        let mut opened = if vault.exists() {
            open(context, &vault, &asking)?
        } else {
            match vault.create(&self.making.keep()?, &asking) {
                Ok(opened) => {
                    opened.warnings().iter().for_each(|w| context.ui.warn(w));
                    opened
                }
                // Another login made it at the same moment.
                Err(VaultError::Exists(_)) => open(context, &vault, &asking)?,
                Err(error) => return Err(error.into()),
            }
        };
        let name = self.name.unwrap_or_else(|| {
            free_name(&upstream, &opened.accounts().iter().map(|a| a.name.as_str()).collect::<Vec<_>>())
        });
        let replaced = opened.accounts().iter().any(|a| a.name == name);
        opened.put(Account::api_key(&name, &upstream, served.id(), key, &context.clock))?;
        seen(context, &opened);
        let opened_by = vault.slots()?.iter().map(|s| s.kind.name().to_owned()).collect::<Vec<_>>().join(", ");
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.login/1", "account": name, "upstream": upstream,
                "replaced": replaced, "opened_by": opened_by }))?;
        } else {
            let word = if replaced { "replaced" } else { "stored" };
            context.ui.out(&format!("{word} the key of {name} in the sealed file (opened by: {opened_by})"))?;
        }
        Ok(Exit::Done)
    }

    fn upstream(&self, context: &Context, known: &[String]) -> Result<String, CommandError> {
        if let Some(name) = &self.upstream {
            return Ok(name.clone());
        }
        context.ui.select("Which provider?", known).map(|n| known[n].clone()).ok_or_else(|| {
            CommandError::new(Exit::Usage, "name the provider").hint(format!(
                "monster login PROVIDER, one of {}",
                all().iter().filter(|p| !p.local()).map(|p| p.id()).collect::<Vec<_>>().join(", ")
            ))
        })
    }

    fn key(&self, context: &Context, label: &str, url: &str) -> Result<Secret, CommandError> {
        let key = if self.stdin {
            Some(Secret::new(context.stdin_text("the key")?.trim().to_owned()))
        } else {
            if context.ui.interactive() && !url.is_empty() {
                context.ui.status(&format!("keys for {label} are made at {url}"));
            }
            context.ui.secret(&format!("API key for {label}"), false)
        };
        match key {
            Some(key) if key.is_empty() => Err(CommandError::new(Exit::Usage, "the key is empty")),
            Some(key) => Ok(key),
            None => Err(CommandError::new(Exit::Usage, "there is nobody to ask for the key")
                .hint("give it on standard input: … | monster login PROVIDER --stdin")),
        }
    }
}

/// `openai`, then `openai-2`, …
fn free_name(upstream: &str, taken: &[&str]) -> String {
    if !taken.contains(&upstream) {
        return upstream.to_owned();
    }
    (2..).map(|n| format!("{upstream}-{n}")).find(|name| !taken.contains(&name.as_str())).unwrap_or_default()
}
