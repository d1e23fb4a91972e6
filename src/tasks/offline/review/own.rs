//! What lock files say that the project itself asks for.

use std::collections::BTreeSet;

type Wishes = BTreeSet<String>;

/// What wrote the lock file, so that two versions of it are not compared, and the project's own wishes.
type Own = fn(&str) -> Option<(String, Wishes)>;

/// Of a wish that is new on one side, whether the other side knew it, but as somebody else's.
type Knows = fn(&str, &str) -> bool;

/// A lock file that repeats what it was made from.
pub(super) struct Lock {
    pub(super) name: &'static str,
    /// Names of files it is made from, or how they end where that begins with a dot.
    pub(super) manifests: &'static [&'static str],
    pub(super) own: Own,
    pub(super) knows: Knows,
}

const fn lock(name: &'static str, manifests: &'static [&'static str], own: Own) -> Lock {
    Lock { name, manifests, own, knows: |_, _| false }
}

/// What else brings pods: plug-ins of React Native and of Flutter.
const PODS: &[&str] = &[
    "Podfile",
    ".rb",
    ".podspec",
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "pubspec.yaml",
    "pubspec.lock",
];

/// Those that repeat it.
pub(super) const LOCKS: [Lock; 12] = [
    lock("Cargo.lock", &["Cargo.toml"], cargo),
    lock("package-lock.json", &["package.json"], npm),
    lock(
        "pnpm-lock.yaml",
        &["package.json", "pnpm-workspace.yaml", ".pnpmfile.cjs", "package.yaml", "package.json5"],
        pnpm,
    ),
    Lock { knows: in_yarn, ..lock("yarn.lock", &["package.json", ".yarnrc.yml"], yarn) },
    lock("bun.lock", &["package.json"], bun),
    lock("poetry.lock", &["pyproject.toml"], poetry),
    lock("uv.lock", &["pyproject.toml", "setup.py", "setup.cfg"], uv),
    lock("Pipfile.lock", &["Pipfile"], pipfile),
    lock("composer.lock", &["composer.json"], composer),
    lock("Gemfile.lock", &["Gemfile", ".gemspec", ".gemfile", "gems.rb"], gems),
    lock("pubspec.lock", &["pubspec.yaml"], pub_dev),
    lock("Podfile.lock", PODS, pods),
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

/// What no other package of the lock asks for; from its second format on, what the project's own packages ask for.
fn yarn(text: &str) -> Option<(String, Wishes)> {
    let new = text.contains("\n__metadata:");
    let (mut asked, mut all) = (Wishes::new(), Wishes::new());
    let (mut own, mut inside) = (false, false);
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let depth = line.len() - line.trim_start().len();
        let bare = line.trim().trim_end_matches(':');
        match depth {
            0 => {
                own = bare.contains("@workspace:");
                inside = false;
                if !own && !new {
                    all.extend(bare.split(", ").map(|d| d.trim_matches('"').to_owned()));
                }
            }
            2 => inside = matches!(bare, "dependencies" | "optionalDependencies"),
            _ if inside && (own || !new) => {
                let (name, range) = bare.split_once(' ').unwrap_or((bare, ""));
                let unquoted = |text: &str| text.trim_matches(['"', ':']).to_owned();
                asked.insert(format!("{}@{}", unquoted(name), unquoted(range)));
            }
            _ => {}
        }
    }
    let tool = if new { text.split("\n__metadata:").nth(1)?.lines().nth(1)?.trim().to_owned() } else { String::new() };
    Some((tool, if new { asked } else { all.difference(&asked).cloned().collect() }))
}

/// Another package asks for it on the other side, or did: that a project asks too does not show there.
fn in_yarn(other: &str, wish: &str) -> bool {
    let known = |line: &str| line.trim_end_matches(':').split(", ").any(|d| d.trim_matches('"') == wish);
    !other.contains("\n__metadata:") && other.lines().any(|line| !line.starts_with(' ') && known(line))
}

/// What Bun copied from the manifests of the workspace. Its JSON has commas behind the last of a list.
fn bun(text: &str) -> Option<(String, Wishes)> {
    let root: serde_json::Value = serde_json::from_str(&strict(text)).ok()?;
    let packages = root.get("workspaces")?.as_object()?;
    let groups = ["dependencies", "devDependencies", "optionalDependencies"];
    let of = |package: &'_ serde_json::Value| {
        let all = groups.iter().filter_map(|g| package.get(g)?.as_object()).flatten();
        all.map(|(name, range)| format!("{name} {}", range.as_str().unwrap_or_default())).collect::<Vec<_>>()
    };
    let tool = root.get("lockfileVersion").map(ToString::to_string).unwrap_or_default();
    Some((tool, packages.iter().flat_map(|(_, package)| of(package)).collect()))
}

/// JSON without commas at the end of lists.
fn strict(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        if !inside && matches!(c, '}' | ']') && out.trim_end().ends_with(',') {
            out.truncate(out.trim_end().len() - 1);
        }
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// The list below `DEPENDENCIES`.
fn pods(text: &str) -> Option<(String, Wishes)> {
    let (mut inside, mut tool, mut out) = (false, "", Wishes::new());
    for line in text.lines() {
        match line.strip_prefix("  - ") {
            Some(wish) if inside => drop(out.insert(wish.trim_matches('"').to_owned())),
            Some(_) => {}
            None => {
                inside = line == "DEPENDENCIES:";
                tool = line.strip_prefix("COCOAPODS: ").unwrap_or(tool);
            }
        }
    }
    (!out.is_empty()).then_some((tool.to_owned(), out))
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
