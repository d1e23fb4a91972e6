//! What lock files say that the project itself asks for.

use std::collections::BTreeSet;

type Wishes = BTreeSet<String>;

/// What wrote the lock file, so that two versions of it are not compared, and the project's own wishes.
type Own = fn(&str) -> Option<(String, Wishes)>;

/// A lock file that repeats what it was made from.
pub(super) struct Lock {
    pub(super) name: &'static str,
    /// Names of files it is made from, or how they end where that begins with a dot.
    pub(super) manifests: &'static [&'static str],
    pub(super) own: Own,
}

/// Those that repeat it.
pub(super) const LOCKS: [Lock; 9] = [
    Lock { name: "Cargo.lock", manifests: &["Cargo.toml"], own: cargo },
    Lock { name: "package-lock.json", manifests: &["package.json"], own: npm },
    Lock {
        name: "pnpm-lock.yaml",
        manifests: &["package.json", "pnpm-workspace.yaml", ".pnpmfile.cjs", "package.yaml", "package.json5"],
        own: pnpm,
    },
    Lock { name: "poetry.lock", manifests: &["pyproject.toml"], own: poetry },
    Lock { name: "uv.lock", manifests: &["pyproject.toml", "setup.py", "setup.cfg"], own: uv },
    Lock { name: "Pipfile.lock", manifests: &["Pipfile"], own: pipfile },
    Lock { name: "composer.lock", manifests: &["composer.json"], own: composer },
    Lock { name: "Gemfile.lock", manifests: &["Gemfile", ".gemspec", ".gemfile", "gems.rb"], own: gems },
    Lock { name: "pubspec.lock", manifests: &["pubspec.yaml"], own: pub_dev },
];

/// The words of a finding where the lock has only a sum of what is asked for.
const SUM: &str = "its sum of what is asked for";

/// What the workspace's own packages, which come from nowhere else, depend on. Versions are the lock's to choose.
fn cargo(text: &str) -> Option<(String, Wishes)> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let packages = root.get("package").and_then(toml::Value::as_array)?;
    let own = packages.iter().filter(|p| p.get("source").is_none());
    let wishes = own.flat_map(|p| p.get("dependencies").and_then(toml::Value::as_array).into_iter().flatten());
    let names = wishes.filter_map(toml::Value::as_str).filter_map(|d| d.split(' ').next());
    Some((version(&root), names.map(str::to_owned).collect()))
}

/// What npm copied from the manifest.
fn npm(text: &str) -> Option<(String, Wishes)> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let own = root.get("packages")?.get("")?;
    let groups = ["dependencies", "devDependencies", "optionalDependencies"].into_iter();
    let wishes = groups.flat_map(|g| own.get(g).and_then(serde_json::Value::as_object).into_iter().flatten());
    let wishes = wishes.map(|(name, range)| format!("{name} {}", range.as_str().unwrap_or_default()));
    Some((root.get("lockfileVersion").map(ToString::to_string).unwrap_or_default(), wishes.collect()))
}

/// `specifier:` of every importer.
fn pnpm(text: &str) -> Option<(String, Wishes)> {
    let tool = text.lines().next()?.to_owned();
    let (mut inside, mut name) = (false, "");
    let mut out = Wishes::new();
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        match (depth, line.trim_start()) {
            (_, "") => {}
            (0, head) => inside = head == "importers:",
            (6, key) if inside => name = key.trim_end_matches(':').trim_matches('\''),
            (8, rest) if inside => {
                if let Some(range) = rest.strip_prefix("specifier: ") {
                    out.insert(format!("{name} {}", range.trim_matches('\'')));
                }
            }
            _ => {}
        }
    }
    Some((tool, out))
}

fn poetry(text: &str) -> Option<(String, Wishes)> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let meta = root.get("metadata")?;
    let sum = meta.get("content-hash")?.as_str()?;
    Some((text.lines().next()?.to_owned(), sum_of(sum)))
}

fn composer(text: &str) -> Option<(String, Wishes)> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let tool = root.get("plugin-api-version").map(ToString::to_string).unwrap_or_default();
    Some((tool, sum_of(root.get("content-hash")?.as_str()?)))
}

fn pipfile(text: &str) -> Option<(String, Wishes)> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let meta = root.get("_meta")?;
    Some((meta.get("pipfile-spec")?.to_string(), sum_of(meta.get("hash")?.get("sha256")?.as_str()?)))
}

/// Two sums that differ are named by the same words: the sum itself says nothing to anybody.
fn sum_of(sum: &str) -> Wishes {
    Wishes::from([format!("{SUM} ({})", sum.chars().take(8).collect::<String>())])
}

/// What uv copied from the manifests of the project's own packages.
fn uv(text: &str) -> Option<(String, Wishes)> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let packages = root.get("package").and_then(toml::Value::as_array)?;
    let of = |p: &toml::Value| Some(p.get("metadata")?.get("requires-dist")?.as_array()?.clone());
    let wish = |w: &toml::Value| {
        let range = w.get("specifier").and_then(toml::Value::as_str).unwrap_or_default();
        Some(format!("{} {range}", w.get("name")?.as_str()?).trim_end().to_owned())
    };
    let wishes = packages.iter().filter_map(of).flatten().filter_map(|w| wish(&w)).collect();
    let revision = root.get("revision").map(ToString::to_string).unwrap_or_default();
    Some((format!("{} {revision}", version(&root)), wishes))
}

/// The list below `DEPENDENCIES`.
fn gems(text: &str) -> Option<(String, Wishes)> {
    let mut section = "";
    let (mut tool, mut out) = (String::new(), Wishes::new());
    for line in text.lines() {
        if !line.starts_with(' ') {
            section = line.trim_end();
        } else if section == "DEPENDENCIES" {
            out.insert(line.trim().to_owned());
        } else if section == "BUNDLED WITH" {
            tool = line.trim().to_owned();
        }
    }
    (!out.is_empty()).then_some((tool, out))
}

/// The packages that are there because the project asks for them.
fn pub_dev(text: &str) -> Option<(String, Wishes)> {
    let mut name = "";
    let mut out = Wishes::new();
    for line in text.lines() {
        match line.strip_prefix("  ") {
            Some(key) if !key.starts_with(' ') => name = key.trim_end().trim_end_matches(':'),
            Some(rest) if rest.trim_start().starts_with("dependency: \"direct") => {
                out.insert(name.to_owned());
            }
            _ => {}
        }
    }
    (!out.is_empty()).then_some((String::new(), out))
}

fn version(root: &toml::Table) -> String {
    root.get("version").map(ToString::to_string).unwrap_or_default()
}
