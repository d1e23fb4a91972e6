//! `monster accounts priority|weight|use|wake`: which account is tried first, and when.

use std::time::Duration;

use serde_json::json;

use super::{Asking, change, open, vault_or_error};
use crate::auth;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;

/// A time to come; `None` = for good.
pub(super) type Span = Option<Duration>;

/// Reads `30m`, `2h`, `1d` or `always`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    if text == "always" {
        return Ok(None);
    }
    let wrong = || "a time such as 30m, 2h or 1d, or always".to_owned();
    let parsed: jiff::Span = text.parse().map_err(|_| wrong())?;
    let length = parsed.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(length).ok().filter(|d| !d.is_zero()).map(Some).ok_or_else(wrong)
}

/// Sets an account's priority.
pub(super) fn priority(context: &Context, name: &str, value: i32) -> Outcome {
    change(context, |opened| opened.alter(name, |a| a.priority = value), &format!("{name} has priority {value}"))
}

/// Sets or takes an account's share.
pub(super) fn weight(context: &Context, name: &str, value: u32) -> Outcome {
    let said = match value {
        0 => format!("{name} has no share from now on"),
        _ => format!("{name} has the share {value}"),
    };
    change(context, |opened| opened.alter(name, |a| a.weight = Some(value).filter(|v| *v > 0)), &said)
}

/// Pins an account at its upstream, or takes the pin out.
pub(super) fn first(context: &Context, name: &str, time: Span, off: bool) -> Outcome {
    let upstream = upstream_of(context, name)?;
    let now_ms = context.clock.millis();
    let until_ms = time.map(|t| now_ms.saturating_add(i64::try_from(t.as_millis()).unwrap_or(i64::MAX)));
    let store = context.kept()?;
    if off && auth::pinned(&store, &upstream, now_ms).is_none_or(|(pinned, _)| pinned != name) {
        return Err(CommandError::new(Exit::Failed, format!("{name} is not preferred to the others")));
    }
    let pin = if off { None } else { Some(name) };
    auth::pin(&store, &upstream, pin, until_ms).map_err(|e| CommandError::of(Exit::Failed, &e))?;
    let said = match (off, until_ms) {
        (true, _) => format!("{name} is tried in its turn again"),
        (false, None) => format!("{name} is tried first at {upstream}"),
        (false, Some(until)) => format!("{name} is tried first at {upstream} until {}", moment(until)),
    };
    done(context, &said)
}

/// Ends cool-downs.
pub(super) fn wake(context: &Context, name: Option<&str>) -> Outcome {
    let store = context.kept()?;
    let cooling = store.cooling().map_err(|e| CommandError::of(Exit::Failed, &e))?;
    let wanted: Vec<String> = match name {
        None => cooling.into_iter().map(|c| c.key).collect(),
        Some(name) => {
            let upstream = upstream_of(context, name)?;
            let keys = [format!("account:{upstream}/{name}"), format!("provider:{upstream}")];
            let models = format!("model:{upstream}/{name}/");
            cooling.into_iter().map(|c| c.key).filter(|k| keys.contains(k) || k.starts_with(&models)).collect()
        }
    };
    wanted.iter().for_each(|key| store.rouse(key));
    store.flush(Duration::from_secs(2));
    let said = match wanted.len() {
        0 => "nothing was cooling down".to_owned(),
        n => format!("{} ended", counted(n, "cool-down")),
    };
    done(context, &said)
}

/// The moment as people read it, in their zone.
pub(super) fn moment(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|t| t.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

/// The upstream of an account, stored or from the environment.
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
