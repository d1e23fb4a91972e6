//! Lockfiles that are one structured list of packages.

use std::collections::BTreeMap;

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

/// What packages without a source ask for: those are the workspace's own.
pub(super) fn cargo_direct(text: &str) -> Locked {
    let Ok(table) = toml::from_str::<toml::Table>(text) else { return Locked::new() };
    let packages = || table.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages() {
        let field = |key: &str| package.get(key).and_then(toml::Value::as_str);
        if let (Some(name), Some(version)) = (field("name"), field("version")) {
            versions.entry(name).or_default().push(version);
        }
    }
    let own = packages().filter(|package| package.get("source").is_none());
    let asked = own.filter_map(|package| package.get("dependencies")?.as_array()).flatten();
    // A version stands behind the name where it is locked in several.
    let mut out = Locked::new();
    for one in asked.filter_map(toml::Value::as_str) {
        let mut words = one.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next().or_else(|| versions.get(name)?.first().copied());
        version.iter().for_each(|version| lock(&mut out, name, version));
    }
    out
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

/// `dependencies`, by target framework, then by name → `{ "resolved": "1.0.0" }` (NuGet).
pub(super) fn nuget(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    for framework in root.get("dependencies").and_then(Value::as_object).into_iter().flatten().map(|(_, f)| f) {
        for (name, package) in framework.as_object().into_iter().flatten() {
            if let Some(version) = package.get("resolved").and_then(Value::as_str) {
                lock(&mut out, name, version);
            }
        }
    }
    Some(out)
}

/// `nodes`, name → `{ "locked": { "rev": … } }` (Nix); a revision is told by its first seven characters.
pub(super) fn flake(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    for (name, node) in root.get("nodes").and_then(Value::as_object).into_iter().flatten() {
        let Some(locked) = node.get("locked") else { continue };
        let field = |key: &str| locked.get(key).and_then(Value::as_str);
        let version: String = field("rev").or_else(|| field("narHash")).unwrap_or_default().chars().take(7).collect();
        lock(&mut out, name, &version);
    }
    Some(out)
}

/// `npm` and `jsr`, at the top (versions 4 and 5) or under `packages` (3), keyed `name@version`, peers after `_`.
pub(super) fn deno(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    let held = root.get("packages").unwrap_or(&root);
    for registry in ["npm", "jsr"] {
        for (key, _) in held.get(registry).and_then(Value::as_object).into_iter().flatten() {
            let key = key.split('_').next().unwrap_or(key);
            if let Some((name, version)) = key.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
                lock(&mut out, name, version);
            }
        }
    }
    Some(out)
}
