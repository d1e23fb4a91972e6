//! Lockfiles that are plain lines: Bundler and Go.

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
