//! `monster accounts list`.

use serde_json::json;

use super::{Asking, open, vault_or_error};
use crate::auth::{self, Source};
use crate::client::upstreams;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::ui::Table;

/// Every account, where its secret lies and what opens it.
pub(super) fn list(context: &Context) -> Outcome {
    let all = upstreams(context.config(), &context.env);
    let from_env = auth::from_env(&context.env, &all);
    let vault = vault_or_error(context)?;
    let mut rows = Vec::new();
    let mut locked = None;
    if vault.exists() {
        match open(context, &vault, &Asking { ui: &context.ui, allowed: true }) {
            Ok(opened) => {
                let holders: Vec<String> =
                    vault.slots().unwrap_or_default().iter().map(|s| s.kind.name().to_owned()).collect();
                for account in opened.accounts() {
                    rows.push(json!({ "name": account.name, "upstream": account.upstream, "kind": "api key",
                        "enabled": account.enabled, "secret_lies": "sealed file", "opened_by": holders,
                        "created": account.created }));
                }
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
            "secret_lies": format!("environment ({variable})"), "opened_by": [], "created": null }),
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
        let mut table = Table::new(&["account", "upstream", "secret lies in", "opened by", "used"]);
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        for row in &rows {
            let holders: Vec<String> = row["opened_by"].as_array().into_iter().flatten().map(text).collect();
            let used = if row["enabled"].as_bool() == Some(true) { "yes" } else { "no" };
            table.row([
                text(&row["name"]),
                text(&row["upstream"]),
                text(&row["secret_lies"]),
                holders.join(", "),
                used.to_owned(),
            ]);
        }
        context.ui.out(&table.render())?;
    }
    match locked {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Done),
    }
}
