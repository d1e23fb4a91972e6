//! The lockfiles of npm, Yarn and pnpm.

use serde_json::Value;

use super::{Locked, lock};

/// `package-lock.json`, versions 1 to 3: `packages` keyed by path since 2, nested `dependencies` in 1.
pub(super) fn npm(text: &str) -> Option<Locked> {
    let root: Value = serde_json::from_str(text).ok()?;
    let mut out = Locked::new();
    if let Some(packages) = root.get("packages").and_then(Value::as_object) {
        for (path, package) in packages {
            let Some((_, name)) = path.rsplit_once("node_modules/") else { continue };
            let real = package.get("name").and_then(Value::as_str).unwrap_or(name);
            if let Some(version) = package.get("version").and_then(Value::as_str) {
                lock(&mut out, real, version);
            }
        }
        return Some(out);
    }
    nested(&root, &mut out);
    Some(out)
}

fn nested(node: &Value, out: &mut Locked) {
    for (name, package) in node.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        if let Some(version) = package.get("version").and_then(Value::as_str) {
            lock(out, name, version);
        }
        nested(package, out);
    }
}

/// `yarn.lock`, v1 (`version "1.0"`) and berry (`version: 1.0`): an unindented line of `name@range` specs,
/// then indented fields.
pub(super) fn yarn(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut name = String::new();
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            name = yarn_name(line);
        } else if let Some(rest) = line.strip_prefix("  version") {
            let version = rest.trim_start_matches(':').trim().trim_matches('"');
            // Berry lists the workspace's own packages with this placeholder.
            if !name.is_empty() && version != "0.0.0-use.local" {
                lock(&mut out, &name, version);
            }
            name.clear();
        }
    }
    out
}

fn yarn_name(line: &str) -> String {
    let first = line.trim_end_matches(':').split(", ").next().unwrap_or("").trim_matches('"');
    if first == "__metadata" {
        return String::new();
    }
    let scope = usize::from(first.starts_with('@'));
    let rest = first.get(scope..).unwrap_or("");
    let end = rest.find('@').unwrap_or(rest.len());
    first.get(..scope + end).unwrap_or("").to_owned()
}

/// `pnpm-lock.yaml`: the keys under `packages:`; `/name/1.0.0` (5), `/name@1.0.0` (6), `name@1.0.0` (9), with
/// peers in brackets or after `_`.
pub(super) fn pnpm(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut inside = false;
    for line in text.lines() {
        if !line.starts_with(' ') && !line.trim().is_empty() {
            inside = line.trim_end() == "packages:";
            continue;
        }
        let Some(key) = line.strip_prefix("  ").filter(|k| inside && !k.starts_with(' ')) else { continue };
        // Version 9 opens a small package on one line: `name@1.0.0: {}` never, but `resolution` may follow.
        let Some(end) = key.find(": ").or_else(|| key.trim_end().strip_suffix(':').map(str::len)) else { continue };
        let key = key.get(..end).unwrap_or("").trim_matches('\'').trim_start_matches('/');
        let key = key.split('(').next().unwrap_or(key);
        // Up to version 8 a slash stands before the version, from 6 on an at sign; peers may bring more of both.
        let slash =
            key.match_indices('/').map(|(at, _)| at).find(|at| key[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        let at_sign = key.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
        let parts = match (slash, at_sign) {
            (Some(slash), Some(at)) if slash < at => Some((&key[..slash], &key[slash + 1..])),
            (Some(slash), None) => Some((&key[..slash], &key[slash + 1..])),
            (_, Some(at)) => Some((&key[..at], &key[at + 1..])),
            (None, None) => None,
        };
        if let Some((name, version)) = parts {
            lock(&mut out, name, version.split('_').next().unwrap_or(version));
        }
    }
    out
}

/// What the workspace's packages ask for, under `importers:` (from version 6 on): group, name, `version: 1.0.0(peers)`.
pub(super) fn pnpm_direct(text: &str) -> Locked {
    let mut out = Locked::new();
    let (mut inside, mut name) = (false, "");
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let word = line.trim();
        match line.len() - line.trim_start().len() {
            0 if inside => break,
            0 => inside = word == "importers:",
            6 if inside => name = word.trim_end_matches(':').trim_matches('\''),
            8 if inside => {
                let version = word.strip_prefix("version: ").map(|v| v.trim_matches('\'').split(['(', '_']).next());
                // Others of the workspace, and what stands in for a package, have none.
                let plain = version.flatten().filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
                plain.iter().for_each(|version| lock(&mut out, name, version));
            }
            _ => {}
        }
    }
    out
}

/// `bun.lock`: under `"packages": {`, a line for each: `"name": ["name@1.0.0", …]`. JSON with commas too many.
pub(super) fn bun(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if !inside {
            inside = line.starts_with("\"packages\": {");
            continue;
        }
        let Some(spec) = line.split_once(": [\"").and_then(|(_, rest)| rest.split('"').next()) else { continue };
        if let Some((name, version)) = spec.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
            lock(&mut out, name, version);
        }
    }
    out
}
