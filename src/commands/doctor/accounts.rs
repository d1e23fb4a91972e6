//! Whether each provider takes its key or token; also for `monster accounts test` and `monster login`.

use std::time::Duration;

use serde_json::json;

use super::{Context, Exit, Finding, Outcome, State, vault};
use crate::auth::{Credential, Source, Tokens, again};
use crate::client::{Checked, Limits, check, checked, upstreams};
use crate::commands::error::CommandError;
use crate::commands::show::counted;
use crate::model::{Kind, Secret};
use crate::net::Net;
use crate::providers::{Upstream, provider};

/// How long a provider has to answer a check.
pub(super) const LIMITS: Limits = Limits { first_byte: Duration::from_secs(10), idle: Duration::from_secs(10) };

/// What came of asking.
#[derive(Default)]
pub(super) struct Asked {
    /// A line an account.
    pub(super) found: Vec<Finding>,
    /// The upstreams that have accounts, once for each as it is asked for it.
    pub(super) upstreams: Vec<Upstream>,
    /// Servers on this machine that say what they serve.
    pub(super) servers: Vec<Upstream>,
    /// Upstreams that say what they serve, and what that is.
    pub(super) listed: Vec<(String, Vec<String>)>,
    /// Upstreams whose time was told, by how many seconds it is ahead of ours, and whether it is another machine's.
    pub(super) ahead: Vec<(String, i64, bool)>,
}

impl Asked {
    /// What this upstream said it serves, once for each account.
    pub(super) fn lists(&self, upstream: &str) -> Vec<&Vec<String>> {
        self.listed.iter().filter(|(name, _)| name == upstream).map(|(_, list)| list).collect()
    }
}

/// Asks every provider with every key and token.
pub(super) fn ask(context: &Context) -> Result<Asked, CommandError> {
    let all = upstreams(context.config(), &context.env);
    let mut credentials = crate::auth::from_env(&context.env, &all);
    let held = context.held();
    credentials.extend(held.map(|h| h.credentials.clone()).unwrap_or_default());
    let mut out = Asked::default();
    let over = |c: &Credential| Some(all.iter().find(|u| u.name == c.upstream)?.clone().over(&c.account));
    out.upstreams = credentials.iter().filter_map(over).collect();
    if credentials.is_empty() {
        let none = Finding::new("keys", State::Absent, "no key in the environment or the sealed file");
        out.found.push(none.hint("monster login"));
        return Ok(out);
    }
    if let Some(why) = super::unasked(context) {
        out.found.push(Finding::new("keys", State::Absent, why));
        return Ok(out);
    }
    let tokens = held.map(|held| &held.tokens);
    context.block_on(async {
        let net = Net::new(context.config().net.clone());
        for credential in &credentials {
            let part = &credential.account;
            let Some(upstream) = &over(credential) else {
                let says = format!("its upstream \"{}\" is not in your settings", credential.upstream);
                let finding = Finding::new(part, State::Bad, says).hint("monster config edit");
                out.found.push(finding.public("account", "its upstream is not in the settings"));
                continue;
            };
            if !credential.enabled {
                let finding = Finding::new(part, State::Absent, format!("disabled, so {} is not asked", upstream.name));
                out.found.push(finding.public("account", "disabled, so nobody is asked"));
                continue;
            }
            let now = context.clock.now().as_second();
            let what = if credential.grant.is_some() { "token" } else { "key" };
            let asked = match (credential.bearing(upstream), tokens) {
                (Some(bearing), Some(tokens)) => token(&net, &bearing, tokens, &credential.account, now).await,
                _ => checked(&net, LIMITS, upstream, Some(&credential.secret), now).await,
            };
            if let Some(date) = asked.date {
                let ahead = date.saturating_sub(context.clock.now().as_second());
                out.ahead.push((upstream.name.clone(), ahead, crate::net::away(&upstream.base_url)));
            }
            out.found.push(line(upstream, credential, what, &asked));
            // An administrator's key serves no model: nothing is known of what there is.
            if let Some(models) = asked.said.ok().filter(|models| !models.is_empty()) {
                out.listed.push((upstream.name.clone(), models));
            }
        }
        Ok(())
    })?;
    Ok(out)
}

/// What is said of one account.
fn line(upstream: &Upstream, credential: &Credential, what: &str, asked: &Checked) -> Finding {
    let (part, name) = (&credential.account, &upstream.name);
    // A name that is the user's own may tell whose it is.
    let known = provider(name).map_or("an upstream", |served| served.label());
    match &asked.said {
        Ok(models) => {
            let many = match models.len() {
                0 => "it lists no models".to_owned(),
                n => counted(n, "model"),
            };
            Finding::new(part, State::Good, format!("{name} takes the {what}; {many}"))
                .public("account", format!("{known} takes the {what}; {many}"))
        }
        Err(failure) => {
            let finding = Finding::new(part, State::Bad, format!("{name}: {}", failure.message))
                .public("account", format!("{known} was asked with a {what}: {}", failure.kind.name()));
            match failure.kind {
                Kind::Unauthorized | Kind::Forbidden => finding.hint(match &credential.source {
                    Source::Env(variable) => format!("correct {variable}, or: monster login {name}"),
                    Source::Vault => again(&credential.upstream, &credential.account, credential.grant.as_ref()),
                }),
                _ => finding,
            }
        }
    }
}

/// Asks with a token, and once more with another where that one is refused, as a call does.
async fn token(net: &Net, upstream: &Upstream, tokens: &Tokens, account: &str, now: i64) -> Checked {
    let first = match tokens.fresh(account).await {
        Ok(fresh) => fresh.secret,
        Err(failure) => return Checked { said: Err(failure), date: None, listed: false },
    };
    let asked = checked(net, LIMITS, upstream, Some(&first), now).await;
    if !asked.said.as_ref().is_err_and(|failure| failure.kind == Kind::Unauthorized) {
        return asked;
    }
    match tokens.instead(account, &first).await {
        Ok(other) => checked(net, LIMITS, upstream, Some(&other.secret), now).await,
        Err(failure) => Checked { said: Err(failure), ..asked },
    }
}

/// `monster accounts test`.
pub(in crate::commands) fn test(context: &Context, only: Option<&str>) -> Outcome {
    if let Some(problem) = context.loaded().unsafe_to_call() {
        return Err(CommandError::new(Exit::Failed, problem).hint("mend it with: monster config edit"));
    }
    let accounts = vault::sealed(context);
    let mut found = ask(context)?.found;
    if accounts.state == State::Bad {
        found.retain(|f| f.part != "keys");
        found.insert(0, accounts);
    }
    if let Some(only) = only {
        found.retain(|f| f.part == only);
        if found.is_empty() {
            return Err(
                CommandError::new(Exit::Failed, format!("there is no account \"{only}\"")).hint("monster accounts")
            );
        }
    }
    let bad = found.iter().any(|f| f.state == State::Bad);
    if context.ui.look().json {
        let rows: Vec<_> =
            found.iter().map(|f| json!({ "account": f.part, "state": f.state.name(), "says": f.says })).collect();
        context.ui.json(&json!({ "schema": "monster.accounts.test/1", "accounts": rows }))?;
    } else {
        for finding in &found {
            context.ui.out(&format!(
                "{:<6} {}  {}",
                finding.state.name(),
                finding.part,
                crate::ui::plain(&finding.says)
            ))?;
        }
    }
    Ok(if bad { Exit::Failed } else { Exit::Done })
}

/// Asks the provider about a key or sign-in (`what`) before it is stored; a provider that cannot be reached is no reason
/// against it.
pub(in crate::commands) fn check_key(
    context: &Context,
    upstream: &Upstream,
    what: &str,
    key: &Secret,
) -> Result<(), CommandError> {
    if let Some(problem) = context.loaded().unsafe_to_call() {
        return Err(CommandError::new(Exit::Failed, problem)
            .hint("mend it with: monster config edit, or store it unchecked with: --no-check"));
    }
    let now = context.clock.now().as_second();
    let net = Net::new(context.config().net.clone());
    let asked = context.block_on(async { Ok(check(&net, LIMITS, upstream, Some(key), now).await) })?;
    match asked {
        Ok(_) => Ok(()),
        Err(failure) if matches!(failure.kind, Kind::Unauthorized | Kind::Forbidden) => Err(CommandError::new(
            Exit::Failed,
            format!("{} does not take this {what}: {}", upstream.name, failure.message),
        )
        .hint("nothing was stored; store it all the same with: --no-check")),
        Err(failure) => {
            context.ui.warn(&format!("the {what} could not be checked: {}", failure.message));
            Ok(())
        }
    }
}
