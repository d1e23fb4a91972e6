//! `monster login`: a key or a sign-in into the sealed file. Secrets are read from a terminal or standard input, never
//! from argv.

use clap::Args;
use serde_json::json;

use super::accounts::{Asking, Making, fit, seen, vault_or_error};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::signin::{self, Secrets};
use crate::auth::{self, Method, Setup, SignInError, Signed, Wish, bearing, check_shape};
use crate::client::upstreams;
use crate::model::Secret;
use crate::providers::{Upstream, provider};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster login openai\n  pass show openai | monster login openai --stdin --name work\n  monster login openrouter --method browser\n\nA key or a client's secret is never taken from the command line, where other users could see it."
)]
pub(super) struct Login {
    /// The provider, or the name of an upstream from your settings.
    upstream: Option<String>,
    /// A name for the account.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How to sign in: key, browser, device, client, adc, az, profile, managed, federation. What there is depends on the provider.
    #[arg(long, value_name = "HOW", value_parser = Method::ALL.map(Method::name))]
    method: Option<String>,
    /// The id of your own OAuth client, for the browser, device and client methods.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The directory to sign in to, where there are several.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Ask for this scope instead of the usual ones; may be repeated.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Offer also ways to sign in that were never tried against the real service.
    #[arg(long)]
    experimental: bool,
    /// Read the key, or the client's secret, from standard input.
    #[arg(long)]
    stdin: bool,
    #[command(flatten)]
    making: Making,
    /// Store it without asking the provider whether it is good.
    #[arg(long)]
    no_check: bool,
}

impl Login {
    /// Signs in, and stores what comes of it.
    pub(super) fn run(mut self, context: &Context) -> Outcome {
        self.name.as_deref().map_or(Ok(()), fit)?;
        let known = upstreams(context.config(), &context.env);
        let upstream = self.upstream(context, &known.iter().map(|u| u.name.clone()).collect::<Vec<_>>())?;
        let Some(target) = known.iter().find(|u| u.name == upstream) else {
            if let Some(lost) = CommandError::lost(&upstream, &context.config().lost) {
                return Err(lost);
            }
            let stranger = || CommandError::stranger(&upstream, known.iter().map(|u| u.name.as_str()));
            return Err(elsewhere(context, &upstream).unwrap_or_else(stranger));
        };
        // Its proxy is chosen by the name it will have.
        let target = &target.clone().over(self.name.as_deref().unwrap_or(&upstream));
        let served = provider(&target.provider)
            .ok_or_else(|| CommandError::new(Exit::Failed, format!("the upstream \"{upstream}\" has no provider")))?;
        let vault = vault_or_error(context)?;
        let asking = Asking { ui: &context.ui, allowed: true };
        let (method, setup) = self.way(context, target)?;
        if self.upstream.is_none() && !vault.exists() {
            self.making.choose(context);
        }
        let early = if method == Method::Key {
            None
        } else {
            if context.offline() {
                return Err(CommandError::new(Exit::Usage, "signing in takes the network, and offline was asked for"));
            }
            // A sign-in takes a person's time: what could fail afterwards comes first.
            Some(self.making.opened(context, &vault, &asking)?)
        };
        let (signed, token) = match setup {
            Some(mut setup) if method != Method::Key => {
                if self.client_id.is_none() {
                    let known = early.iter().flat_map(|opened| opened.accounts()).filter(|a| a.upstream == upstream);
                    signin::remember(&mut setup, known);
                }
                self.sign_in(context, target, setup, method)?
            }
            _ => {
                let key = self.key(context, served.label(), served.sign_in().url)?;
                let shape = check_shape(served.id(), &key).map_err(|e| CommandError::of(Exit::Usage, &e))?;
                shape.iter().for_each(|warning| context.ui.warn(warning));
                (Signed::key(key.clone()), key)
            }
        };
        if !self.no_check && !context.offline() && signed.usable {
            let asked = signed.grant.as_ref().map_or_else(|| target.clone(), |grant| bearing(target, grant));
            let what = if signed.grant.is_some() { "sign-in" } else { "key" };
            if let Err(error) = super::doctor::check_key(context, &asked, what, &token) {
                signin::discard(context, target, &signed, early.iter().flat_map(|opened| opened.accounts()));
                return Err(error);
            }
        }
        let mut opened = match early {
            Some(opened) => opened,
            None => self.making.opened(context, &vault, &asking)?,
        };
        let expires = signed.grant.as_ref().and_then(|g| g.expires).filter(|_| !signed.secret.is_empty());
        let what = match &signed.grant {
            Some(grant) if grant.by.foreign() => "way to the token",
            Some(_) => "sign-in",
            None => "key",
        };
        let account = signed.account(&upstream, &upstream, served.id(), &context.clock);
        let (name, replaced) = opened.add(account, self.name.as_deref())?;
        seen(context, &opened);
        let opened_by = vault.slots()?.iter().map(|s| s.kind.name().to_owned()).collect::<Vec<_>>().join(", ");
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.login/1", "account": name, "upstream": upstream,
                "method": method.name(), "expires": expires.and_then(moment), "replaced": replaced,
                "opened_by": opened_by }))?;
        } else {
            let word = if replaced { "replaced" } else { "stored" };
            context.ui.out(&format!("{word} the {what} of {name} in the sealed file (opened by: {opened_by})"))?;
        }
        Ok(Exit::Done)
    }

    fn upstream(&self, context: &Context, known: &[String]) -> Result<String, CommandError> {
        if let Some(name) = &self.upstream {
            return Ok(name.clone());
        }
        context.ui.select("Which provider?", known).map(|n| known[n].clone()).ok_or_else(|| {
            CommandError::new(Exit::Usage, "name the provider")
                .hint(format!("monster login PROVIDER, one of {}", known.join(", ")))
        })
    }

    /// How to sign in, and what the flow needs to know.
    fn way(&self, context: &Context, target: &Upstream) -> Result<(Method, Option<Setup>), CommandError> {
        let row = context.config().upstreams.iter().find(|row| row.name == target.name);
        let row = row.and_then(|row| row.oauth.as_ref());
        let setup = |experimental: bool| {
            let wish = Wish {
                client_id: self.client_id.clone(),
                tenant: self.tenant.clone(),
                scopes: self.scope.clone(),
                experimental,
                installation: if experimental { auth::installation(context.store()) } else { String::new() },
            };
            Setup::of(target, row, &wish, &context.env)
        };
        let known = setup(self.experimental || context.config().chatgpt)?;
        let offered: Vec<Method> =
            [Method::Key].into_iter().chain(known.iter().flat_map(|s| s.methods.iter().copied())).collect();
        let method = match self.method.as_deref().and_then(Method::parse) {
            Some(method) if offered.contains(&method) => method,
            Some(method) => {
                let names: Vec<&str> = offered.iter().map(|m| m.name()).collect();
                let what = format!("there is no method {} for {}", method.name(), target.name);
                let error = CommandError::new(Exit::Usage, what).hint(format!("there are: {}", names.join(", ")));
                let hidden = setup(true)?.is_some_and(|s| s.methods.contains(&method));
                return Err(if hidden {
                    error.hint("this one was never tried against the real service; to try it: --experimental")
                } else {
                    error
                });
            }
            None if self.stdin || offered.len() == 1 => Method::Key,
            None => {
                let items: Vec<String> = offered.iter().map(|m| m.label().to_owned()).collect();
                let asked = context.ui.interactive().then(|| context.ui.select("How?", &items));
                match asked {
                    Some(Some(n)) => offered[n],
                    Some(None) => return Err(SignInError::Stopped.into()),
                    None => Method::Key,
                }
            }
        };
        Ok((method, known))
    }

    fn sign_in(
        &self,
        context: &Context,
        target: &Upstream,
        setup: Setup,
        method: Method,
    ) -> Result<(Signed, Secret), CommandError> {
        let given = if self.stdin {
            Some(Secret::new(context.stdin_text("the client's secret")?.trim().to_owned()))
        } else {
            None
        };
        signin::sign_in(context, target, setup, method, Secrets { given, scopes: !self.scope.is_empty() })
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

/// A provider whose address is the customer's to know, or that runs on this machine.
fn elsewhere(context: &Context, name: &str) -> Option<CommandError> {
    let served = provider(name)?;
    if served.local() {
        let what = format!("{} runs on this machine and needs no login", served.label());
        return Some(CommandError::new(Exit::Usage, what).hint("see what it serves with: monster models list"));
    }
    let config = context.config_file().map_or_else(|| "config.toml".to_owned(), |path| path.display().to_string());
    // What stands there is named by whoever runs it.
    let own = if name == "generic" { "mine" } else { name };
    let lines = format!("[upstreams.{own}]\nprovider = \"{name}\"\nbase_url = \"https://…\"");
    let what = format!("where {} is, only you know", served.label());
    let hint = format!("write it into {config}, then run: monster login {own}\n{lines}");
    Some(CommandError::new(Exit::Usage, what).hint(hint))
}

/// A moment in RFC 3339.
fn moment(seconds: i64) -> Option<String> {
    Some(jiff::Timestamp::from_second(seconds).ok()?.to_string())
}
