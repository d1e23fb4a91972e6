//! A token from the Azure CLI, which the user signed in to. It stays the Azure CLI's: nothing is stored or refreshed.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::token::{Granted, TokenError};
use crate::model::Secret;
use crate::vault::Grant;
use crate::world::{Clock, process};

/// It starts slowly, and may itself renew a token.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `az` for a token with the grant's scope, and for the tenant in its parameters. Blocks until it answers.
pub(super) fn read(grant: &Grant) -> Result<Granted, TokenError> {
    let broken = TokenError::Unavailable;
    let mut words = vec!["account", "get-access-token", "-o", "json"];
    if !grant.scope.is_empty() {
        words.extend(["--scope", &grant.scope]);
    }
    if let Some((_, tenant)) = grant.params.iter().find(|(name, _)| name == "tenant") {
        words.extend(["--tenant", tenant]);
    }
    let run = process::Run {
        program: if cfg!(windows) { "az.cmd" } else { "az" },
        args: words.into_iter().map(OsString::from).collect(),
        // Nothing of the folder a command runs in is to change what `az` does.
        cwd: Path::new("/"),
        stdin: None,
        env: Vec::new(),
        timeout: Some(PATIENCE),
    };
    let ran = run.collect().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => broken("the Azure CLI (az) is not installed".to_owned()),
        std::io::ErrorKind::TimedOut => broken(format!("az did not answer within {} s", PATIENCE.as_secs())),
        _ => broken(format!("az cannot be started: {e}")),
    })?;
    if !ran.ok() {
        let said = String::from_utf8_lossy(&ran.stderr);
        let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it did not say why");
        let line: String = line.trim_start_matches("ERROR: ").chars().filter(|c| !c.is_control()).take(300).collect();
        return Err(broken(format!("az gives no token: {line}")));
    }
    let value: Value = serde_json::from_slice(&ran.stdout)
        .map_err(|_| broken("az answers with something that is no JSON".to_owned()))?;
    let access = value["accessToken"].as_str().filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_graphic()));
    let access = access.ok_or_else(|| broken("az answers without a token".to_owned()))?;
    Ok(Granted {
        access: Secret::new(access.to_owned()),
        refresh: None,
        expires_in: value["expires_on"].as_i64().map(left),
        scope: None,
        id_token: None,
        other: Value::Null,
    })
}

/// Seconds until a moment that `az` read from the machine's own clock.
fn left(until: i64) -> u64 {
    u64::try_from(until - Clock::system().now().as_second()).unwrap_or_default()
}
