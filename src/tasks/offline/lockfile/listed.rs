//! Lockfiles that are one structured list of packages.

use serde_json::Value;

use super::{Locked, lock};

/// `[[package]]` tables with `name` and `version`: Cargo, Poetry, uv, PDM.
pub(super) fn toml(text: &str) -> Option<Locked> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let mut out = Locked::new();
    for package in table.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        let field = |key: &str| package.get(key).and_then(toml::Value::as_str);
        // A workspace's own packages have no version worth naming in uv.lock.
        if let Some(name) = field("name") {
            lock(&mut out, name, field("version").unwrap_or(""));
        }
    }
    Some(out)
}

/// `default` and `develop`, each name → `{ "version": "==1.0" }`.
pub(super) fn pipfile(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    for group in ["default", "develop"] {
        for (name, package) in root.get(group).and_then(Value::as_object).into_iter().flatten() {
            let version = package.get("version").and_then(Value::as_str).unwrap_or("");
            lock(&mut out, name, version.trim_start_matches('='));
        }
    }
    Some(out)
}

/// `packages` and `packages-dev`, lists of `{ name, version }`.
pub(super) fn composer(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    for group in ["packages", "packages-dev"] {
        for package in root.get(group).and_then(Value::as_array).into_iter().flatten() {
            let field = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or("");
            lock(&mut out, field("name"), field("version").trim_start_matches('v'));
        }
    }
    Some(out)
}
