//! A profile of Anthropic's own programs (sign-in.md, "Anthropic"): read where it lies, never refreshed, never stored.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::token::{Granted, TokenError};
use crate::model::Secret;
use crate::vault::Grant;
use crate::world::{Env, files};

/// What requests with such a token have to say.
pub(super) const HEADER: (&str, &str) = ("anthropic-beta", "oauth-2025-04-20");
/// The profile, when none is chosen.
const DEFAULT: &str = "default";
/// No such file is larger (bytes).
const LIMIT: u64 = 1 << 16;

/// The credentials file of the active profile; the error is a sentence.
pub(super) fn find(env: &Env) -> Result<PathBuf, String> {
    let dir = dir(env).ok_or("there is no home folder to look for a profile in")?;
    let chosen = files::read_bounded(&dir.join("active_config"), LIMIT).ok();
    let chosen = chosen.and_then(|bytes| String::from_utf8(bytes).ok()).map(|name| name.trim().to_owned());
    let name = chosen.filter(|name| !name.is_empty()).unwrap_or_else(|| DEFAULT.to_owned());
    if name.starts_with('.') || !name.chars().all(|c| c.is_alphanumeric() || "-_. @".contains(c)) {
        return Err(format!("the active profile in {} has a name that no file has", dir.display()));
    }
    let file = dir.join("credentials").join(format!("{name}.json"));
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("no program of Anthropic is signed in here: there is no {}", file.display()))
    }
}

fn dir(env: &Env) -> Option<PathBuf> {
    match env.get("ANTHROPIC_CONFIG_DIR") {
        Some(dir) => Some(env.cwd().join(dir)),
        None if cfg!(windows) => Some(PathBuf::from(env.get("APPDATA")?).join("Anthropic")),
        None => Some(env.home()?.join(".config").join("anthropic")),
    }
}

/// The token in the grant's file, if it is still good; `now` is seconds since 1970.
pub(super) fn read(grant: &Grant, now: i64) -> Result<Granted, TokenError> {
    let broken = TokenError::Unavailable;
    let file = grant.file.as_deref().ok_or_else(|| broken("the account names no profile file".to_owned()))?;
    let value = json(file).map_err(broken)?;
    let access = value["access_token"].as_str().filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_graphic()));
    let access = access.ok_or_else(|| broken(format!("{} holds no access token", file.display())))?;
    let expires = value["expires_at"].as_i64();
    if expires.is_some_and(|at| at <= now) {
        // No end of our account: with the next sign-in over there it serves again.
        return Err(broken(format!("the token in {} has expired; sign in again with its own program", file.display())));
    }
    Ok(Granted {
        access: Secret::new(access.to_owned()),
        refresh: None,
        expires_in: expires.and_then(|at| u64::try_from(at - now).ok()),
        scope: None,
        id_token: None,
        other: Value::Null,
    })
}

fn json(file: &Path) -> Result<Value, String> {
    let bytes = files::read_bounded(file, LIMIT).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    // What the parser says could repeat a part of the file.
    serde_json::from_slice(&bytes).map_err(|_| format!("{} is no JSON", file.display()))
}
