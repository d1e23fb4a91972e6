//! `monster accounts list`.

use serde_json::{Value, json};

use super::rank::talking;
use super::{Asking, open, vault_or_error};
use crate::auth::{self, Account, Source};
use crate::client::upstreams;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::{counted, moment};
use crate::store::CoolDown;
use crate::ui::Table;

/// Every account, where its secret lies, what opens it, and how it is.
pub(super) fn list(context: &Context) -> Outcome {
    let all = upstreams(context.config(), &context.env);
    let from_env = auth::from_env(&context.env, &all);
    let vault = vault_or_error(context)?;
    let mut rows = Vec::new();
    let mut locked = None;
    let cooling = context.store().cooling().unwrap_or_default();
    let mut weak = Vec::new();
    if vault.exists() {
        match open(context, &vault, &Asking { ui: &context.ui, allowed: true }) {
            Ok(opened) => {
                let slots = vault.slots().unwrap_or_default();
                let holders: Vec<&str> = slots.iter().map(|s| s.kind.name()).collect();
                weak = slots.iter().filter(|s| s.kind.weak()).map(|s| s.kind.name()).collect();
                rows.extend(opened.accounts().iter().map(|account| row(context, account, &holders, &cooling)));
            }
            Err(error) => locked = Some(error),
        }
    }
    for credential in &from_env {
        let variable = match &credential.source {
            Source::Env(name) => name.clone(),
            Source::Vault => continue,
        };
        rows.push(
            json!({ "name": credential.account, "upstream": credential.upstream, "kind": "api key", "enabled": true,
            "secret_lies": format!("environment ({variable})"), "opened_by": [], "created": null, "state": "ready" }),
        );
    }
    if context.ui.look().json {
        let why = locked.as_ref().map(ToString::to_string);
        context.ui.json(&json!({ "schema": "monster.accounts/1", "accounts": rows, "locked": why }))?;
        if let Some(error) = locked {
            // The one value is on stdout already; people still get the hint.
            let error = CommandError::from(error);
            context.ui.error(&error.what, &error.causes, &error.hints);
            return Ok(Exit::Failed);
        }
    } else if rows.is_empty() && locked.is_none() {
        context.ui.out("no accounts")?;
        context
            .ui
            .hint("make one with: monster login, or set OPENAI_API_KEY (or another provider's key) in the environment");
    } else if !rows.is_empty() {
        context.ui.out(&table(&rows, &weak).render())?;
    }
    match locked {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}

fn table(rows: &[Value], weak: &[&str]) -> Table {
    let mut table = Table::new(&["account", "upstream", "kind", "secret lies in", "opened by", "state"]);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    for row in rows {
        let told = |holder: &Value| match text(holder) {
            holder if weak.contains(&holder.as_str()) => format!("{holder} (weak)"),
            holder => holder,
        };
        let holders: Vec<String> = row["opened_by"].as_array().into_iter().flatten().map(told).collect();
        table.row([
            text(&row["name"]),
            text(&row["upstream"]),
            text(&row["kind"]),
            text(&row["secret_lies"]),
            holders.join(", "),
            text(&row["state"]),
        ]);
    }
    table
}

fn row(context: &Context, account: &Account, holders: &[&str], cooling: &[CoolDown]) -> Value {
    let now_ms = context.clock.millis();
    let pin = auth::pinned(context.store(), &account.upstream, now_ms).filter(|(name, _)| *name == account.name);
    let store = context.store();
    let drain = auth::drained(store, &account.upstream, &account.name)
        .map(|_| talking(store, &account.upstream, &account.name));
    let grant = account.grant.as_ref();
    let kind = grant.map_or("api key".to_owned(), |g| format!("token ({})", g.method));
    let foreign = grant.is_some_and(|g| g.by.foreign());
    let lies = match grant.and_then(|g| g.file.as_ref()) {
        Some(file) if foreign => format!("{} (not ours)", file.display()),
        _ if foreign => "its own program".to_owned(),
        _ => "sealed file".to_owned(),
    };
    let opened_by: &[&str] = if foreign { &[] } else { holders };
    json!({
        "name": account.name, "upstream": account.upstream, "kind": kind, "enabled": account.enabled,
        "secret_lies": lies, "opened_by": opened_by, "created": account.created,
        "priority": account.priority, "weight": account.weight, "first": pin.is_some(), "draining": drain.is_some(),
        "expires": grant.and_then(|g| g.expires).and_then(|at| jiff::Timestamp::from_second(at).ok()).map(|t| t.to_string()),
        "signed_out": grant.and_then(|g| g.ended.clone()),
        "state": state(account, pin, drain, cooling, now_ms),
    })
}

/// One phrase: what hinders it first, then what the user has set.
fn state(
    account: &Account,
    pin: Option<(String, Option<i64>)>,
    drain: Option<usize>,
    cooling: &[CoolDown],
    now_ms: i64,
) -> String {
    let keys = [format!("account:{}/{}", account.upstream, account.name), format!("provider:{}", account.upstream)];
    let cools = cooling.iter().filter(|c| keys.contains(&c.key)).map(|c| c.until_ms).max();
    let grant = account.grant.as_ref();
    let mut parts = Vec::new();
    if !account.enabled {
        parts.push("disabled".to_owned());
    } else if let Some(talking) = drain {
        parts.push(match talking {
            0 => "drained: takes nothing new".to_owned(),
            n => format!("draining: {} may go on", counted(n, "conversation")),
        });
    } else if grant.is_some_and(|g| g.ended.is_some()) {
        parts.push("sign in again".to_owned());
    } else if let Some(until) = cools {
        parts.push(format!("cools {}", crate::client::park::spell(left(until, now_ms))));
    } else if auth::admin(&account.provider, &account.secret) {
        parts.push("for quota only".to_owned());
    } else {
        parts.push("ready".to_owned());
    }
    let mine = format!("model:{}/{}/", account.upstream, account.name);
    for (model, until) in cooling.iter().filter_map(|c| Some((c.key.strip_prefix(&mine)?, c.until_ms))) {
        parts.push(format!("{model} cools {}", crate::client::park::spell(left(until, now_ms))));
    }
    match pin {
        Some((_, None)) => parts.push("first".to_owned()),
        Some((_, Some(until))) => parts.push(format!("first until {}", moment(until))),
        None => {}
    }
    if account.priority != 0 {
        parts.push(format!("priority {}", account.priority));
    }
    if let Some(weight) = account.weight {
        parts.push(format!("share {weight}"));
    }
    parts.join(", ")
}

fn left(until_ms: i64, now_ms: i64) -> std::time::Duration {
    std::time::Duration::from_millis(u64::try_from(until_ms - now_ms).unwrap_or(0))
}
