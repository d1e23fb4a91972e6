//! Lockfiles that are plain lines: Bundler, Go, Mix, Dart, CocoaPods and Gradle.

use super::{Locked, lock};

/// `Gemfile.lock`: four-blank lines under `specs:` are `name (version)`; deeper ones are requirements.
pub(super) fn gemfile(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut specs = false;
    for line in text.lines() {
        if !line.starts_with("    ") {
            specs = line.trim() == "specs:";
            continue;
        }
        let Some(spec) = line.strip_prefix("    ").filter(|s| specs && !s.starts_with(' ')) else { continue };
        if let Some((name, rest)) = spec.split_once(" (") {
            lock(&mut out, name, rest.trim_end_matches(')'));
        }
    }
    out
}

/// `go.sum`: `module version hash`. A line ending in `/go.mod` only records that the module was looked at, so a
/// version counts only with its own hash.
pub(super) fn go_sum(text: &str) -> Locked {
    let mut out = Locked::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next())
            && !version.ends_with("/go.mod")
        {
            lock(&mut out, name, version);
        }
    }
    out
}

/// `go.mod`: `require` lines, alone or in a block.
pub(super) fn go_mod(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut block = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or("").trim();
        let entry = if block { Some(line) } else { line.strip_prefix("require ").map(str::trim) };
        match (line, entry) {
            (")", _) => block = false,
            (_, Some("(")) => block = true,
            (_, Some(entry)) => {
                let mut words = entry.split_whitespace();
                if let (Some(name), Some(version)) = (words.next(), words.next()) {
                    lock(&mut out, name, version);
                }
            }
            _ => {}
        }
    }
    out
}

/// `mix.lock`: `"name": {:hex, :name, "1.0.0", …` or `{:git, "url", "revision", …`.
pub(super) fn mix(text: &str) -> Locked {
    let mut out = Locked::new();
    for line in text.lines() {
        let Some((name, rest)) = line.trim().split_once(": {") else { continue };
        let quoted = |n: usize| rest.split('"').nth(n * 2 + 1);
        let version = if rest.starts_with(":git") { quoted(1).and_then(|r| r.get(..7)) } else { quoted(0) };
        if let Some(version) = version {
            lock(&mut out, name.trim_matches('"'), version);
        }
    }
    out
}

/// `pubspec.lock`: names two blanks deep under `packages:`, their `version:` two deeper.
pub(super) fn pubspec(text: &str) -> Locked {
    let mut out = Locked::new();
    let (mut inside, mut name) = (false, "");
    for line in text.lines() {
        if !line.starts_with(' ') {
            inside = line.trim_end() == "packages:";
        } else if let Some(version) = line.strip_prefix("    version:").filter(|_| inside && !name.is_empty()) {
            lock(&mut out, name, version.trim().trim_matches('"'));
        } else if let Some(key) = line.strip_prefix("  ").filter(|k| inside && !k.starts_with(' ')) {
            name = key.trim_end().trim_end_matches(':').trim_matches('"');
        }
    }
    out
}

/// `Podfile.lock`: under `PODS:`, `  - Name/Part (1.0):`; deeper ones are requirements.
pub(super) fn podfile(text: &str) -> Locked {
    let mut out = Locked::new();
    let mut inside = false;
    for line in text.lines() {
        if !line.starts_with(' ') {
            inside = line.trim_end() == "PODS:";
            continue;
        }
        let Some(spec) = line.strip_prefix("  - ").filter(|_| inside) else { continue };
        if let Some((name, rest)) = spec.trim_matches('"').split_once(" (") {
            let whole = name.split('/').next().unwrap_or(name);
            lock(&mut out, whole, rest.split(')').next().unwrap_or(rest));
        }
    }
    out
}

/// `gradle.lockfile`: `group:artifact:version=configurations`.
pub(super) fn gradle(text: &str) -> Locked {
    let mut out = Locked::new();
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let Some((spec, _)) = line.split_once('=') else { continue };
        if let Some((name, version)) = spec.rsplit_once(':') {
            lock(&mut out, name, version);
        }
    }
    out
}
