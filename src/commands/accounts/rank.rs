//! `monster accounts priority|weight|use|wake`, and draining: which account is tried first, and when.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;

use super::{Asking, alter, open, vault_or_error};
use crate::auth::{self, Credential, Source};
use crate::client::upstreams;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::{counted, moment};
use crate::store::{Store, StoreError};

/// How long a pin holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// So long.
    For(Duration),
    /// Until a window or a cool-down of the account ends.
    Reset,
    /// Until somebody says otherwise.
    Always,
}

/// Reads `30m`, `2h`, `1d`, `until-reset`, `until-changed` or `always`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    match text {
        "always" | "until-changed" => return Ok(Span::Always),
        "until-reset" => return Ok(Span::Reset),
        _ => {}
    }
    let wrong = || "a time such as 30m, 2h or 1d, or until-reset, until-changed or always".to_owned();
    let parsed: jiff::Span = text.parse().map_err(|_| wrong())?;
    let length = parsed.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(length).ok().filter(|d| !d.is_zero()).map(Span::For).ok_or_else(wrong)
}

/// Sets an account's priority.
pub(super) fn priority(context: &Context, name: &str, value: i32) -> Outcome {
    stored(context, name)?;
    let said = format!("{name} has priority {value}");
    let (exit, upstream) = alter(context, name, |opened| opened.alter(name, |a| a.priority = value), &said)?;
    // Conversations choose again: the user has ranked the accounts they may be bound to.
    context.memory().unbind(&upstream, None);
    Ok(exit)
}

/// Sets or takes an account's share.
pub(super) fn weight(context: &Context, name: &str, value: u32) -> Outcome {
    stored(context, name)?;
    let said = match value {
        0 => format!(
            "{name} has no share of its own from now on: where accounts are \"weighted\" it counts as 1, else it stands behind those that have one; to use it no more: monster accounts disable {}",
            auth::quoted(name)
        ),
        _ => format!("{name} has the share {value}"),
    };
    let share = Some(value).filter(|v| *v > 0);
    let (exit, upstream) = alter(context, name, |opened| opened.alter(name, |a| a.weight = share), &said)?;
    context.memory().unbind(&upstream, None);
    Ok(exit)
}

/// An account takes no new conversations; those that are bound to it go on.
pub(super) fn drain(context: &Context, name: &str) -> Outcome {
    let (upstream, name) = &one(context, name)?;
    let store = context.kept()?;
    let now_ms = context.clock.millis();
    auth::drain(&store, upstream, name, Some(now_ms)).map_err(|e| CommandError::of(Exit::Failed, &e))?;
    let said = match talking(&store, upstream, name) {
        0 => format!("{name} takes nothing new from now on, and no conversation is bound to it"),
        n => format!("{name} takes nothing new from now on; {} may go on", counted(n, "conversation")),
    };
    done(context, &said)
}

/// Conversations that are bound to an account.
pub(super) fn talking(store: &Store, upstream: &str, name: &str) -> usize {
    let bindings = store.bindings().unwrap_or_default();
    let mine = bindings.iter().filter(|b| b.upstream == upstream && b.account == name);
    mine.map(|b| b.conversation.as_str()).collect::<HashSet<_>>().len()
}

/// An account that was being drained is used again.
pub(super) fn undrain(context: &Context, upstream: &str, name: &str) -> Result<(), CommandError> {
    auth::drain(context.memory(), upstream, name, None).map_err(|e| CommandError::of(Exit::Failed, &e))
}

/// Ends the draining of keys of the environment that are called so; `false` where the name is a stored account's.
pub(super) fn freed(context: &Context, name: &str) -> Result<bool, CommandError> {
    let keys = from_env(context, name);
    for key in &keys {
        undrain(context, &key.upstream, &key.account)?;
    }
    if !keys.is_empty() {
        done(context, &format!("{name} is used again"))?;
    }
    Ok(!keys.is_empty())
}

/// What was said of an account goes with it to its new name; of one that is gone nothing stays that another of its name
/// would get.
pub(super) fn follow(context: &Context, upstream: &str, old: &str, new: Option<&str>) -> Result<(), CommandError> {
    let (store, now_ms) = (context.memory(), context.clock.millis());
    let failed = |e: StoreError| CommandError::of(Exit::Failed, &e);
    if let Some(since_ms) = auth::drained(store, upstream, old) {
        auth::drain(store, upstream, old, None).map_err(failed)?;
        if let Some(new) = new {
            auth::drain(store, upstream, new, Some(since_ms)).map_err(failed)?;
        }
    }
    if let Some((_, until_ms)) = auth::pinned(store, upstream, now_ms).filter(|(pinned, _)| pinned == old) {
        auth::pin(store, upstream, new, until_ms).map_err(failed)?;
    }
    store.unbind(upstream, Some(old));
    Ok(())
}

/// Pins an account at its upstream, or takes the pin out.
pub(super) fn first(context: &Context, name: &str, time: Span, off: bool) -> Outcome {
    let (upstream, name) = &one(context, name)?;
    let now_ms = context.clock.millis();
    let store = context.kept()?;
    let until_ms = match time {
        _ if off => None,
        Span::Always => None,
        Span::For(t) => Some(now_ms.saturating_add(i64::try_from(t.as_millis()).unwrap_or(i64::MAX))),
        Span::Reset => Some(reset(&store, upstream, name, now_ms)?),
    };
    if off && auth::pinned(&store, upstream, now_ms).is_none_or(|(pinned, _)| pinned != *name) {
        return Err(CommandError::new(Exit::Failed, format!("{name} is not preferred to the others")));
    }
    let pin = if off { None } else { Some(name.as_str()) };
    auth::pin(&store, upstream, pin, until_ms).map_err(|e| CommandError::of(Exit::Failed, &e))?;
    let said = match (off, until_ms) {
        (true, _) => format!("{name} is tried in its turn again"),
        (false, None) => format!("{name} is tried first at {upstream}"),
        (false, Some(until)) => format!("{name} is tried first at {upstream} until {}", moment(until)),
    };
    done(context, &said)
}

/// The first moment at which something of the account begins anew: a window of its limits, or the end of a cool-down.
fn reset(store: &Store, upstream: &str, name: &str, now_ms: i64) -> Result<i64, CommandError> {
    let failed = |e: StoreError| CommandError::of(Exit::Failed, &e);
    let limits = store.limits().map_err(failed)?;
    let windows = limits.iter().filter(|l| l.upstream == upstream && l.account == name).filter_map(|l| l.reset_ms);
    let cools = store.cooling().map_err(failed)?;
    let models = format!("model:{upstream}/{name}/");
    let mine = [format!("account:{upstream}/{name}"), format!("provider:{upstream}")];
    let rests = cools.iter().filter(|c| mine.contains(&c.key) || c.key.starts_with(&models)).map(|c| c.until_ms);
    windows.chain(rests).filter(|at| *at > now_ms).min().ok_or_else(|| {
        CommandError::new(
            Exit::Failed,
            format!("nothing is known of when {name} is reset: no limit of it was seen, and it does not cool down"),
        )
        .hint(format!("name a time: monster accounts use {} --for 2h", auth::quoted(name)))
    })
}

/// Ends cool-downs, and forgets those that have ended: what comes next is no second time in a row. An account of which
/// nothing is said to be left would still be tried last, so that is forgotten too.
pub(super) fn wake(context: &Context, name: Option<&str>) -> Outcome {
    let store = context.kept()?;
    let mut cools = store.cool_downs().map_err(|e| CommandError::of(Exit::Failed, &e))?;
    if let Some(name) = name {
        let accounts = named(context, name)?;
        cools.retain(|cool| {
            accounts.iter().any(|(upstream, account)| {
                cool.key == format!("provider:{upstream}")
                    || cool.key == format!("account:{upstream}/{account}")
                    || cool.key.starts_with(&format!("model:{upstream}/{account}/"))
            })
        });
    }
    cools.iter().for_each(|cool| store.rouse(&cool.key));
    store.flush(Duration::from_secs(2));
    let now_ms = context.clock.millis();
    let said = match (cools.iter().filter(|c| c.until_ms > now_ms).count(), cools.len()) {
        (0, 0) => "nothing was cooling down".to_owned(),
        (0, _) => "nothing was cooling down any more; what had ended is forgotten".to_owned(),
        (n, _) => format!("{} ended", counted(n, "cool-down")),
    };
    done(context, &said)
}

/// Keys of the environment that are called so: `env` at each upstream, and `upstream/env` where one is meant.
fn from_env(context: &Context, name: &str) -> Vec<Credential> {
    let mut keys = auth::from_env(&context.env, &upstreams(context.config(), &context.env));
    keys.retain(|key| key.account == name || format!("{}/{}", key.upstream, key.account) == name);
    keys
}

/// Upstream and name of the accounts called so.
fn named(context: &Context, name: &str) -> Result<Vec<(String, String)>, CommandError> {
    let keys = from_env(context, name);
    let mut out: Vec<(String, String)> = keys.into_iter().map(|key| (key.upstream, key.account)).collect();
    if out.is_empty() {
        out.push((upstream_of(context, name)?, name.to_owned()));
    }
    Ok(out)
}

/// Upstream and name of the one account called so.
fn one(context: &Context, name: &str) -> Result<(String, String), CommandError> {
    let mut found = named(context, name)?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (last, _) => {
            let names: Vec<String> = found.into_iter().chain(last).map(|(at, name)| format!("{at}/{name}")).collect();
            let what = format!("several accounts are called \"{name}\"");
            Err(CommandError::new(Exit::Usage, what).hint(format!("name one of: {}", names.join(", "))))
        }
    }
}

/// What is kept with a stored account cannot be said of a key that lies in the environment.
pub(super) fn stored(context: &Context, name: &str) -> Result<(), CommandError> {
    let keys = from_env(context, name);
    let Some((key, Source::Env(variable))) = keys.first().map(|key| (key, &key.source)) else { return Ok(()) };
    let what = format!("{name} is the key in {variable}: it is not stored, so nothing can be kept with it");
    Err(CommandError::new(Exit::Failed, what)
        .hint(format!("store it under a name of its own: monster login {} --name NAME", key.upstream))
        .hint(format!(
            "to use it no more, unset {variable}; to have it tried first: monster accounts use {}/{}",
            key.upstream, key.account
        )))
}

/// The upstream of a stored account.
fn upstream_of(context: &Context, name: &str) -> Result<String, CommandError> {
    let vault = vault_or_error(context)?;
    let missing = || {
        CommandError::new(Exit::Failed, format!("there is no account \"{name}\""))
            .hint("see what there is: monster accounts")
    };
    if !vault.exists() {
        return Err(missing());
    }
    let opened = open(context, &vault, &Asking { ui: &context.ui, allowed: true })?;
    opened.accounts().iter().find(|a| a.name == name).map(|a| a.upstream.clone()).ok_or_else(missing)
}

fn done(context: &Context, said: &str) -> Outcome {
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.accounts.change/1", "done": said }))?;
    } else {
        context.ui.out(said)?;
    }
    Ok(Exit::Done)
}
