//! What manifests ask for, name by name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;

use crate::tasks::offline::lockfile;

/// What a manifest wants: name and requirement.
pub(super) type Wanted = BTreeMap<String, String>;

pub(super) fn npm(text: &str) -> Option<Wanted> {
    let mut out = groups(text, &["dependencies", "devDependencies", "optionalDependencies"])?;
    // Parts of a package for single platforms are published along with it, at its own version: before that no lock file
    // can name them.
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let version = root.get("version").map(ToString::to_string);
    let part = |name: &str| root.get("optionalDependencies").is_some_and(|all| all.get(name).is_some());
    out.retain(|name, range| version.as_ref() != Some(range) || !part(name));
    Some(out)
}

/// What the platform itself gives is in no lock file.
pub(super) fn composer(text: &str) -> Option<Wanted> {
    let mut out = groups(text, &["require", "require-dev"])?;
    out.retain(|name, _| name.contains('/'));
    Some(out)
}

fn groups(text: &str, groups: &[&str]) -> Option<Wanted> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let all = groups.iter().flat_map(|g| root.get(g).and_then(serde_json::Value::as_object).into_iter().flatten());
    Some(all.map(|(name, range)| (name.clone(), range.to_string())).collect())
}

pub(super) fn go(text: &str) -> Option<Wanted> {
    let locked = lockfile::read("go.mod", text)?;
    Some(locked.into_iter().map(|(k, v)| (k, v.into_iter().collect::<Vec<_>>().join(" "))).collect())
}

/// The package's own name.
pub(super) fn crate_name(text: &str) -> Option<String> {
    let root: toml::Table = toml::from_str(text).ok()?;
    Some(root.get("package")?.get("name")?.as_str()?.to_owned())
}

/// All tables of dependencies, those for single targets too. A workspace's own list locks nothing by itself.
pub(super) fn cargo(text: &str) -> Option<Wanted> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let targets =
        root.get("target").and_then(toml::Value::as_table).into_iter().flatten().filter_map(|(_, t)| t.as_table());
    let mut out = Wanted::new();
    for table in std::iter::once(&root).chain(targets) {
        for group in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table.get(group).and_then(toml::Value::as_table).into_iter().flatten() {
                let real = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                out.insert(real.to_owned(), value.to_string());
            }
        }
    }
    Some(out)
}

/// `project.dependencies` with its extras, groups, and Poetry's own tables.
pub(super) fn python(text: &str) -> Option<Wanted> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let mut out = Wanted::new();
    let project = root.get("project");
    let list = |v: Option<&toml::Value>| v.and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let table = |v: Option<&toml::Value>| v.and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let mut all = list(project.and_then(|p| p.get("dependencies")));
    let extras = table(project.and_then(|p| p.get("optional-dependencies")));
    for (_, extra) in extras.iter().chain(&table(root.get("dependency-groups"))) {
        all.extend(list(Some(extra)));
    }
    for spec in all.iter().filter_map(toml::Value::as_str) {
        let end = spec.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(spec.len());
        let (name, range) = spec.split_at(end);
        out.insert(name.to_owned(), range.trim().to_owned());
    }
    let poetry = root.get("tool").and_then(|t| t.get("poetry"));
    let mut tables = vec![table(poetry.and_then(|p| p.get("dependencies")))];
    tables.extend(table(poetry.and_then(|p| p.get("group"))).iter().map(|(_, g)| table(g.get("dependencies"))));
    for (name, value) in tables.iter().flatten() {
        out.insert(name.clone(), value.to_string());
    }
    Some(out)
}

pub(super) fn pipfile(text: &str) -> Option<Wanted> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let tables = ["packages", "dev-packages"].into_iter().filter_map(|g| root.get(g).and_then(toml::Value::as_table));
    Some(tables.flatten().map(|(name, range)| (name.clone(), range.to_string())).collect())
}

/// `gem "rails", "~> 7.1"`.
pub(super) fn gems(text: &str) -> Option<Wanted> {
    static GEM: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&GEM, r#"(?m)^\s*gem\s*\(?\s*["']([\w.-]+)["']((?:\s*,\s*["'][^"']*["'])*)"#, text)
}

/// `{:phoenix, "~> 1.7"}` in a project's list; what lies beside the project is not locked.
pub(super) fn mix(text: &str) -> Option<Wanted> {
    static DEPENDENCY: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&DEPENDENCY, r#"\{:(\w+),\s*("[^"]*"|git:\s*"[^"]*"|github:\s*"[^"]*")"#, text)
}

/// `pod 'Alamofire', '~> 5'`, without those that lie in the project; a part of a pod is its pod.
pub(super) fn pods(text: &str) -> Option<Wanted> {
    static POD: OnceLock<Option<Regex>> = OnceLock::new();
    let mut out = matches(&POD, r#"(?m)^\s*pod\s*\(?\s*["']([\w.+-]+)(?:/[^"']*)?["']([^\n]*)"#, text)?;
    out.retain(|_, rest| !rest.contains(":path") && !rest.contains("path:"));
    Some(out)
}

/// `.package(url: "https://…", from: "1.0.0")`.
pub(super) fn swift(text: &str) -> Option<Wanted> {
    static PACKAGE: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&PACKAGE, r#"(?s)\.package\(\s*(?:name:\s*"[^"]*"\s*,\s*)?url:\s*"([^"]+)"([^)]*)"#, text)
}

/// `<PackageReference Include="Serilog" Version="4.0.0" />`.
pub(super) fn nuget(text: &str) -> Option<Wanted> {
    static REFERENCE: OnceLock<Option<Regex>> = OnceLock::new();
    matches(&REFERENCE, r#"<PackageReference\s+Include\s*=\s*"([^"]+)"(?:\s+Version\s*=\s*("[^"]*"))?"#, text)
}

/// The names below `dependencies:` and `dev_dependencies:`.
pub(super) fn pub_dev(text: &str) -> Option<Wanted> {
    let mut inside = false;
    let mut out = Wanted::new();
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_alphabetic()) {
            inside = ["dependencies:", "dev_dependencies:"].contains(&line.trim_end());
        } else if let Some(rest) = line.strip_prefix("  ").filter(|_| inside)
            && rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            && let Some((name, range)) = rest.split_once(':')
        {
            out.insert(name.to_owned(), range.trim().to_owned());
        }
    }
    Some(out)
}

/// First and second group of every match.
fn matches(compiled: &'static OnceLock<Option<Regex>>, pattern: &str, text: &str) -> Option<Wanted> {
    let pattern = compiled.get_or_init(|| Regex::new(pattern).ok()).as_ref()?;
    let group = |found: &regex::Captures<'_>, n| found.get(n).map_or("", |m| m.as_str()).trim().to_owned();
    Some(pattern.captures_iter(text).map(|found| (group(&found, 1), group(&found, 2))).collect())
}
