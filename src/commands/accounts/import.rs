//! `monster accounts import`: accounts from an export, or from the plain files of opencode-auth-monster.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::making::Making;
use super::portable::passphrase;
use super::{Asking, fit, seen, vault_or_error};
use crate::auth::ancestor::{self, Ancestor, Machine, Old, Originals};
use crate::auth::{Account, Opened, Taken, VaultError, check_shape, sealed_export, unpack};
use crate::client::upstreams;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::providers::Upstream;
use crate::ui::plain;
use crate::world::files;

/// An export larger than this is none (bytes).
const LIMIT: u64 = 32 << 20;

/// From a file.
#[derive(Debug, Args)]
#[command(
    after_help = "opencode-auth-monster keeps its accounts in ~/.config/opencode/auth-monster-accounts.json. They are removed there once the copy was written, opened again and compared."
)]
pub(super) struct Import {
    /// What monster accounts export wrote, or opencode-auth-monster's auth-monster-accounts.json or its folder.
    file: PathBuf,
    /// A private file that holds the export's passphrase.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    making: Making,
}

impl Import {
    /// Takes them in.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let file = context.env.cwd().join(&self.file);
        if ancestor::named(&file) {
            return self.migrate(context, &file);
        }
        let sealed = files::read_bounded(&file, LIMIT)
            .map_err(|e| CommandError::new(Exit::Usage, format!("{} cannot be read: {e}", file.display())))?;
        if !sealed_export(&sealed) {
            return Err(VaultError::Export("it is no age file".to_owned()).into());
        }
        let secret = passphrase(context, self.passphrase_file.as_deref(), "Passphrase of the file", false)?;
        let accounts = unpack(&sealed, &secret).map_err(|error| match error {
            VaultError::WrongPassphrase => {
                CommandError::new(Exit::Failed, format!("this passphrase does not open {}", file.display()))
                    .hint("it is the one that was given when the file was written")
            }
            other => other.into(),
        })?;
        let (_, taken) = self.take(context, &accounts)?;
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.accounts.import/1", "accounts": rows(&accounts, &taken) }))?;
        } else {
            say(context, &accounts, &taken)?;
        }
        Ok(Exit::Done)
    }

    /// Puts them into the sealed file, which is made if need be, and compares what lies there then.
    fn take(&self, context: &Context, accounts: &[Account]) -> Result<(Opened, Vec<Taken>), CommandError> {
        let vault = vault_or_error(context)?;
        let mut opened = self.making.opened(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
        let taken = opened.take(accounts)?;
        seen(context, &opened);
        let lies = opened.reread()?;
        for (account, taken) in accounts.iter().zip(&taken) {
            if !lies.iter().any(|l| l.name == taken.name() && l.secret == account.secret) {
                let what = format!("{} was stored and does not come back as it was", account.name);
                return Err(CommandError::new(Exit::Internal, what).hint("the original is left as it is"));
            }
        }
        Ok((opened, taken))
    }

    fn migrate(&self, context: &Context, file: &Path) -> Outcome {
        if ancestor::done(file) {
            let strays = ancestor::strays(file);
            if context.ui.look().json {
                let word = if strays { "kept in part" } else { "removed" };
                context.ui.json(&json!({ "schema": "monster.accounts.import/1", "accounts": [], "left": [],
                    "originals": word }))?;
            } else {
                context.ui.out("these accounts were taken over before")?;
                if strays {
                    context.ui.out("the plain originals still hold secrets that belong to no account")?;
                }
            }
            return Ok(Exit::Done);
        }
        let found = ancestor::read(file, &Machine::here())?;
        let known = upstreams(context.config(), &context.env);
        let (mut accounts, mut left) = (Vec::new(), Vec::new());
        for old in &found.accounts {
            match account(context, old, &known) {
                Ok(account) => {
                    accounts.push(account);
                    if let Some(what) = old.beside_the_key() {
                        left.push((old, format!("its key was taken over, {what} were not")));
                    }
                }
                Err(why) => left.push((old, why)),
            }
        }
        let taken = if accounts.is_empty() { Vec::new() } else { self.take(context, &accounts)?.1 };
        let originals = retire(context, &found, &left)?;
        if context.ui.look().json {
            let kept: Vec<_> = left
                .iter()
                .map(|(old, why)| json!({ "provider": old.provider, "label": old.label, "why": why }))
                .collect();
            let word = match originals {
                Some(Originals::Removed) => "removed",
                Some(Originals::Kept { .. }) => "kept in part",
                None => "kept",
            };
            context.ui.json(&json!({ "schema": "monster.accounts.import/1", "accounts": rows(&accounts, &taken),
                "left": kept, "originals": word }))?;
        } else {
            say(context, &accounts, &taken)?;
            for (old, why) in &left {
                context.ui.out(&plain(&format!("left {}: {why}", called(old))))?;
            }
            context.ui.out(&match originals {
                None => "the plain originals are left as they are".to_owned(),
                Some(Originals::Removed) => "the plain originals were overwritten and removed".to_owned(),
                Some(Originals::Kept { accounts, strays }) => {
                    let left = (accounts > 0).then(|| counted(accounts, "account"));
                    let strays = (strays > 0).then(|| format!("{} of no account", counted(strays, "secret")));
                    let left = left.into_iter().chain(strays).collect::<Vec<_>>().join(" and ");
                    format!("in the plain originals {left} remained; the rest was overwritten")
                }
            })?;
        }
        if !accounts.is_empty() && originals.is_some() {
            context.ui.hint(
                "SSDs, snapshots and backups may keep what was overwritten: make new keys at the providers and revoke these",
            );
        }
        Ok(Exit::Done)
    }
}

/// Removes from the originals what was taken over, and nothing else; `None` when that is nothing. An id that two accounts
/// share goes only with both.
fn retire(context: &Context, found: &Ancestor, left: &[(&Old, String)]) -> Result<Option<Originals>, CommandError> {
    let stays: BTreeSet<&str> = left.iter().map(|(old, _)| old.id.as_str()).collect();
    let ids = found.accounts.iter().map(|old| old.id.as_str()).filter(|id| !id.is_empty());
    let gone: BTreeSet<String> = ids.filter(|id| !stays.contains(id)).map(str::to_owned).collect();
    if gone.is_empty() && !found.interrupted() {
        return Ok(None);
    }
    let when = context.clock.now().strftime("%Y-%m-%d").to_string();
    found.retire(&gone, &when).map(Some).map_err(|error| {
        CommandError::from(error)
            .hint("the accounts are stored; run the same command again to remove the plain originals")
    })
}

/// What an account is called in a message, whatever of it is missing.
fn called(old: &Old) -> String {
    let provider = Some(old.provider.as_str()).filter(|p| !p.is_empty()).unwrap_or("an account");
    match [&old.label, &old.id].into_iter().find(|name| !name.is_empty()) {
        Some(name) => format!("{provider} ({name})"),
        None => provider.to_owned(),
    }
}

/// The account as we keep it, or why we do not.
fn account(context: &Context, old: &Old, known: &[Upstream]) -> Result<Account, String> {
    let name = match old.provider.as_str() {
        "grok" => "xai",
        other => other,
    };
    if matches!(name, "windsurf" | "cursor" | "copilot" | "kiro") {
        return Err("its tokens belong to another program and are not for others to use".to_owned());
    }
    if old.empty() {
        let why = "it holds no secret; newer versions of opencode-auth-monster keep it in the macOS keychain only";
        return Err(why.to_owned());
    }
    let target = match &old.base_url {
        // Sending a key elsewhere than it was meant for would give it away.
        Some(url) => known
            .iter()
            .find(|u| u.base_url.trim_end_matches('/') == url.trim_end_matches('/'))
            .ok_or_else(|| format!("no upstream has the address {url}; add one to your settings, then import again")),
        None if name.is_empty() => return Err("it names no provider".to_owned()),
        None => known
            .iter()
            .find(|u| u.name == name)
            .ok_or_else(|| format!("there is no upstream \"{name}\"; add one to your settings, then import again")),
    };
    let target = target?;
    let Some(key) = &old.key else {
        return Err(if old.odd && !old.tokens && !old.unreadable {
            "where its key should stand is something that is no text".to_owned()
        } else if old.unreadable {
            "its secret was encrypted on another machine, or this one's network cards have changed".to_owned()
        } else if old.tokens {
            format!(
                "its tokens were issued to another program's sign-in; sign in with your own: monster login {}",
                target.name
            )
        } else {
            format!("it has headers and no key; store a key if there is one: monster login {}", target.name)
        });
    };
    // What could be no key is not called stored.
    check_shape(&target.provider, key).map_err(|e| e.to_string())?;
    let name = Some(old.label.trim()).filter(|label| !label.is_empty()).map(|label| format!("{}:{label}", target.name));
    let name = name.filter(|name| fit(name).is_ok()).unwrap_or_else(|| target.name.clone());
    Ok(Account::api_key(&name, &target.name, &target.provider, key.clone(), &context.clock))
}

fn rows(accounts: &[Account], taken: &[Taken]) -> Vec<serde_json::Value> {
    let row = |(account, taken): (&Account, &Taken)| json!({ "account": taken.name(), "upstream": account.upstream, "added": matches!(taken, Taken::Added(_)) });
    accounts.iter().zip(taken).map(row).collect()
}

fn say(context: &Context, accounts: &[Account], taken: &[Taken]) -> std::io::Result<()> {
    for (account, taken) in accounts.iter().zip(taken) {
        let line = match taken {
            Taken::Added(name) if *name == account.name => format!("stored {name} at {}", account.upstream),
            Taken::Added(name) => format!("stored {name} at {}, because {} is taken", account.upstream, account.name),
            Taken::Known(name) => format!("{name} at {} is there already", account.upstream),
        };
        context.ui.out(&plain(&line))?;
    }
    if accounts.is_empty() {
        context.ui.out("no account was taken over")?;
    }
    Ok(())
}
