//! `monster doctor`: each part looked at end to end, and what is wrong with the command that mends it.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::accounts::{Asking, open, vault};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::auth::{Source, Tokens, again};
use crate::client::{Limits, check, upstreams};
use crate::git::hooks;
use crate::model::{Failure, Kind, ModelName, Secret};
use crate::net::Net;
use crate::providers::Upstream;
use crate::ui::Tone;

/// Look at settings, store, accounts, local servers and the hook, and say what is wrong.
#[derive(Debug, Args)]
pub(super) struct Doctor {}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Not there, which may be what the user wants.
    Absent,
    Bad,
}

/// What was found.
struct Finding {
    part: String,
    state: State,
    says: String,
    hint: Option<String>,
}

impl Finding {
    fn new(part: &str, state: State, says: impl Into<String>) -> Self {
        Self { part: part.to_owned(), state, says: says.into(), hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A part that cannot be looked at for this reason.
    fn bad(part: &str, error: CommandError) -> Self {
        Self { hint: error.hints.into_iter().next(), ..Self::new(part, State::Bad, error.what) }
    }
}

impl Doctor {
    /// Looks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let mut found = vec![settings(context), store(context), sealed(context), hook(context)];
        found.extend(keys(context)?);
        found.extend(local(context)?);
        let bad = found.iter().filter(|f| f.state == State::Bad).count();
        if context.ui.look().json {
            let checks: Vec<_> = found
                .iter()
                .map(|f| json!({ "part": f.part, "state": f.state.name(), "says": f.says, "hint": f.hint }))
                .collect();
            context.ui.json(&json!({ "schema": "monster.doctor/1", "checks": checks, "bad": bad }))?;
        } else {
            for finding in &found {
                let mark = context.ui.paint(finding.state.tone(), &format!("{:<6}", finding.state.name()));
                context.ui.out(&format!("{mark} {:<10} {}", finding.part, crate::ui::plain(&finding.says)))?;
                if let Some(hint) = &finding.hint {
                    context.ui.out(&format!("       {:<10} -> {hint}", ""))?;
                }
            }
        }
        Ok(if bad == 0 { Exit::Done } else { Exit::Failed })
    }
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Absent => "absent",
            Self::Bad => "bad",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Good => Tone::Green,
            Self::Absent => Tone::Dim,
            Self::Bad => Tone::Red,
        }
    }
}

fn settings(context: &Context) -> Finding {
    let problems = &context.loaded().problems;
    match (problems.first(), context.config_file()) {
        (Some(problem), _) => Finding::new(
            "settings",
            State::Bad,
            format!("{}, the first: {problem}", super::show::counted(problems.len(), "problem")),
        )
        .hint("monster config edit"),
        (None, Some(file)) if file.exists() => Finding::new("settings", State::Good, file.display().to_string()),
        (None, _) => Finding::new("settings", State::Absent, "no settings file; the defaults hold"),
    }
}

fn store(context: &Context) -> Finding {
    match context.kept() {
        Ok(_) => {
            let place = context.env.state_dir().map(|d| d.display().to_string()).unwrap_or_default();
            Finding::new("store", State::Good, place)
        }
        Err(error) => Finding::bad("store", error),
    }
}

/// The sealed file, opened once for everything that is looked at.
fn sealed(context: &Context) -> Finding {
    let Some(vault) = vault(context) else {
        let hint = "set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR";
        return Finding::new("accounts", State::Bad, "there is no place for them").hint(hint);
    };
    if !vault.exists() {
        return Finding::new("accounts", State::Absent, "no sealed file").hint("monster login");
    }
    match open(context, &vault, &Asking { ui: &context.ui, allowed: true }) {
        Ok(opened) => {
            let weak: Vec<&str> =
                vault.slots().unwrap_or_default().iter().map(|s| s.kind.note()).filter(|n| !n.is_empty()).collect();
            let mut says = format!("{} in the sealed file", super::show::counted(opened.accounts().len(), "account"));
            if !weak.is_empty() {
                says.push_str(&format!("; {}", weak.join("; ")));
            }
            let recovered = opened.recovered();
            match context.adopt(opened) {
                Ok(_) if recovered => {
                    says.push_str(
                        "; it is damaged or missing: its previous generation was opened, and the last change is lost",
                    );
                    let hint = "write it anew, as any change does: monster accounts rekey";
                    Finding::new("accounts", State::Bad, says).hint(hint)
                }
                Ok(_) => Finding::new("accounts", State::Good, says),
                Err(locked) => Finding { hint: locked.hint, ..Finding::new("accounts", State::Bad, locked.why) },
            }
        }
        Err(error) => Finding::bad("accounts", error.into()),
    }
}

fn hook(context: &Context) -> Finding {
    let status = context.repo().and_then(|repo| hooks::status(repo).map_err(CommandError::from));
    match status {
        Err(_) => Finding::new("hook", State::Absent, "this is no repository"),
        Ok(status) => {
            let state = match status.state {
                hooks::State::Installed => State::Good,
                hooks::State::Absent => State::Absent,
                _ => State::Bad,
            };
            let finding = Finding::new("hook", state, format!("{}: {}", status.state.name(), status.path.display()));
            match status.advice {
                Some(advice) => finding.hint(advice),
                None => finding,
            }
        }
    }
}

fn keys(context: &Context) -> Result<Vec<Finding>, CommandError> {
    let all = upstreams(context.config(), &context.env);
    let mut credentials = crate::auth::from_env(&context.env, &all);
    let held = context.held();
    credentials.extend(held.map(|h| h.credentials.clone()).unwrap_or_default());
    if credentials.is_empty() {
        return Ok(vec![
            Finding::new("keys", State::Absent, "no key in the environment or the sealed file").hint("monster login"),
        ]);
    }
    if context.offline() {
        return Ok(vec![Finding::new("keys", State::Absent, "not asked, because offline was asked for")]);
    }
    if context.loaded().unsafe_to_call().is_some() {
        return Ok(vec![Finding::new("keys", State::Absent, UNSENT)]);
    }
    context.block_on(async {
        let net = Net::new(context.config().net.clone());
        let mut out = Vec::new();
        for credential in &credentials {
            let part = credential.account.clone();
            let Some(upstream) = all.iter().find(|u| u.name == credential.upstream) else {
                out.push(
                    Finding::new(
                        &part,
                        State::Bad,
                        format!("its upstream \"{}\" is not in your settings", credential.upstream),
                    )
                    .hint("monster config edit"),
                );
                continue;
            };
            let now = context.clock.now().as_second();
            let what = if credential.grant.is_some() { "token" } else { "key" };
            let asked = match (credential.bearing(upstream), held) {
                (Some(bearing), Some(held)) => token(&net, &bearing, &held.tokens, &credential.account, now).await,
                _ => check(&net, LIMITS, upstream, Some(&credential.secret), now).await,
            };
            out.push(match asked {
                Ok(models) => Finding::new(
                    &part,
                    State::Good,
                    format!("{} takes the {what}; {}", upstream.name, super::show::counted(models.len(), "model")),
                ),
                Err(failure) => {
                    let finding = Finding::new(&part, State::Bad, format!("{}: {}", upstream.name, failure.message));
                    match failure.kind {
                        Kind::Unauthorized | Kind::Forbidden => finding.hint(match &credential.source {
                            Source::Env(name) => format!("correct {name}, or: monster login {}", upstream.name),
                            Source::Vault => {
                                again(&credential.upstream, &credential.account, credential.grant.as_ref())
                            }
                        }),
                        _ => finding,
                    }
                }
            });
        }
        Ok(out)
    })
}

/// Asks with a token, and once more with another where that one is refused, as a call does.
async fn token(
    net: &Net,
    upstream: &Upstream,
    tokens: &Tokens,
    account: &str,
    now: i64,
) -> Result<Vec<String>, Failure> {
    let first = tokens.fresh(account).await?.secret;
    match check(net, LIMITS, upstream, Some(&first), now).await {
        Err(failure) if failure.kind == Kind::Unauthorized => {
            let other = tokens.instead(account, &first).await?.secret;
            check(net, LIMITS, upstream, Some(&other), now).await
        }
        done => done,
    }
}

/// What broken settings leave undone: they may name another address.
const UNSENT: &str = "not asked, because the settings cannot be wholly read";

/// How long a provider has to answer a check.
const LIMITS: Limits = Limits { first_byte: Duration::from_secs(10), idle: Duration::from_secs(10) };

fn local(context: &Context) -> Result<Vec<Finding>, CommandError> {
    if context.loaded().unsafe_to_call().is_some() {
        return Ok(vec![Finding::new("servers", State::Absent, UNSENT)]);
    }
    // Nobody is asked for anything here; what could be accepted is named.
    let looked = context.block_on(async { context.connect(&ModelName("balanced".to_owned()), true).await });
    let client = match looked {
        Ok(client) => client,
        Err(error) if error.exit == Exit::Interrupted => return Err(error),
        Err(error) => return Ok(vec![Finding::bad("models", error)]),
    };
    let mut out: Vec<Finding> =
        client.landscape.notes.iter().map(|n| Finding::new("note", State::Absent, n.clone())).collect();
    for upstream in &client.landscape.upstreams {
        let models: Vec<&str> = client
            .landscape
            .listed
            .iter()
            .filter(|(name, _)| *name == upstream.name)
            .map(|(_, c)| c.id.as_str())
            .collect();
        if !models.is_empty() {
            out.push(Finding::new(
                &upstream.name,
                State::Good,
                format!("{} serves {}", upstream.base_url, models.join(", ")),
            ));
        }
    }
    Ok(out)
}

/// `monster accounts test`.
pub(super) fn test(context: &Context, only: Option<&str>) -> Outcome {
    if let Some(problem) = context.loaded().unsafe_to_call() {
        return Err(CommandError::new(Exit::Failed, problem).hint("mend it with: monster config edit"));
    }
    let accounts = sealed(context);
    let mut found = keys(context)?;
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
pub(super) fn check_key(context: &Context, upstream: &Upstream, what: &str, key: &Secret) -> Result<(), CommandError> {
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
