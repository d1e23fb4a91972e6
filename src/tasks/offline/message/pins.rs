//! What is run of others, by the version that it is held at: `uses: actions/checkout@v4` on a build server, and what an
//! image is built on, `FROM node:22`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Verdict, plain};
use crate::git::{FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;

/// Most of them that a body lists.
const LISTED: usize = 12;

/// Versions of one of them: before, and after.
type Versions = (BTreeSet<String>, BTreeSet<String>);

/// One of them as a line holds it.
struct Pin<'l> {
    name: &'l str,
    version: String,
    /// What else the line says.
    rest: &'l str,
}

/// What files of one kind hold.
struct Kind {
    noun: &'static str,
    rule: &'static str,
    type_: &'static str,
    /// Habits of history know better what such a change is called.
    soft: bool,
    pin: for<'l> fn(&'l str) -> Option<Pin<'l>>,
}

const ACTIONS: Kind = Kind { noun: "action", rule: "ci", type_: "ci", soft: false, pin: action };
const IMAGES: Kind = Kind { noun: "image", rule: "image", type_: "build", soft: true, pin: image };

/// Nothing but versions of what build servers run, or of what images are built on, is another one.
pub(super) fn decide(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    if files.is_empty() {
        return None;
    }
    let kind = if classes.iter().all(|class| *class == Class::Ci) {
        ACTIONS
    } else if classes.iter().all(|class| matches!(class, Class::Config | Class::Source))
        && files.iter().all(|file| builds(file))
    {
        IMAGES
    } else {
        return None;
    };
    let mut all: BTreeMap<(&str, &str), Versions> = BTreeMap::new();
    for file in files {
        if file.status != Status::Modified || file.mode_only() {
            return None;
        }
        for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
            if line.kind == LineKind::Context || line.text.trim().is_empty() {
                continue;
            }
            let pin = (kind.pin)(&line.text)?;
            let (old, new) = all.entry((pin.name, pin.rest)).or_default();
            if line.kind == LineKind::Removed {
                old.insert(pin.version)
            } else {
                new.insert(pin.version)
            };
        }
    }
    let stays = |(old, new): &Versions| !old.is_empty() && !new.is_empty() && old != new;
    if all.is_empty() || !all.values().all(stays) {
        return None;
    }
    let rows = all.iter().map(|((name, _), of)| (plain(name), way(of)));
    let rows: Vec<(String, Option<(String, String)>)> = rows.collect::<BTreeSet<_>>().into_iter().collect();
    let noun = kind.noun;
    let row = |(name, way): &(String, Option<(String, String)>)| match way {
        Some((from, to)) => plain(&format!("bump {name} {from} → {to}")),
        None => format!("bump {name}"),
    };
    let first = rows.first()?;
    let count = rows.len();
    let texts = match rows.as_slice() {
        [_] => vec![row(first), format!("bump {}", first.0), format!("bump an {noun}")],
        [_, second] => vec![format!("bump {} and {}", first.0, second.0), format!("bump {count} {noun}s")],
        _ => vec![format!("bump {} and {} more {noun}s", first.0, count - 1), format!("bump {count} {noun}s")],
    };
    let mut lines: Vec<String> = rows.iter().take(LISTED).map(|one| format!("- {}", row(one))).collect();
    if count > LISTED {
        lines.push(format!("- and {} more", count - LISTED));
    }
    let body = (count > 1).then(|| lines.join("\n"));
    Some(Verdict { rule: kind.rule, type_: Some(kind.type_), texts, soft: kind.soft, body })
}

/// From where to where, where it is one way.
fn way((old, new): &Versions) -> Option<(String, String)> {
    match (old.len(), new.len()) {
        (1, 1) => Some((old.first()?.clone(), new.first()?.clone())),
        _ => None,
    }
}

/// `actions/checkout` and `4.1.0` of `- uses: actions/checkout@8ade135… # v4.1.0`.
fn action(line: &str) -> Option<Pin<'_>> {
    let text = line.trim().trim_start_matches("- ").strip_prefix("uses:")?.trim();
    let (said, comment) = text.split_once('#').unwrap_or((text, ""));
    let (name, version) = said.trim().trim_matches(['"', '\'']).split_once('@')?;
    let named = name.contains('/') && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let told = comment.trim().split(' ').next().unwrap_or_default();
    let number = |text: &str| text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let sum = version.len() >= 40 && version.chars().all(|c| c.is_ascii_hexdigit());
    let version = match (sum, number(told)) {
        (true, true) => told.trim_start_matches('v').to_owned(),
        (true, false) => version.chars().take(7).collect(),
        (false, _) => version.strip_prefix('v').filter(|rest| number(rest)).unwrap_or(version).to_owned(),
    };
    (named && !version.is_empty()).then_some(Pin { name, version, rest: "" })
}

/// Whether an image is built by it.
fn builds(file: &FileChange) -> bool {
    let name = file.path.file_name();
    ["Dockerfile", "Containerfile"]
        .iter()
        .any(|one| name.strip_prefix(one).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// `node` and `22-alpine` of `FROM node:22-alpine AS build`; one that is held by its sum alone has no version to tell.
fn image(line: &str) -> Option<Pin<'_>> {
    let text = line.trim();
    let from = text.get(..5).filter(|from| from.eq_ignore_ascii_case("from "))?;
    let text = text.strip_prefix(from)?.trim_start();
    let (said, rest) = text.split_once(' ').unwrap_or((text, ""));
    let said = said.split('@').next()?;
    // A registry may have a port.
    let at = said.rfind(':').filter(|at| said.rfind('/').is_none_or(|last| last < *at))?;
    let (name, version) = (said.get(..at)?, said.get(at + 1..)?);
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:".contains(c));
    (plain(name) && plain(version)).then(|| Pin { name, version: version.to_owned(), rest })
}

#[cfg(test)]
mod tests {
    use crate::tasks::offline::message::Hints;
    use crate::tasks::offline::message::tests::{draft, edit};

    const FILE: &str = ".github/workflows/ci.yml";

    #[test]
    fn an_action_at_another_version_is_named() {
        let (a, b) = ("8ade135a41bc03ea155e62e844d188df1ea18608", "08c6903cd8c0fde910a37f88322edcfb5dd907a8");
        for (old, new, told) in [
            ("- uses: actions/checkout@v4", "- uses: actions/checkout@v5", "ci: bump actions/checkout 4 → 5"),
            (
                &format!("  uses: actions/checkout@{a} # v4.1.0"),
                &format!("  uses: actions/checkout@{b} # v5.0.0"),
                "ci: bump actions/checkout 4.1.0 → 5.0.0",
            ),
            (&format!("uses: a/b@{a} # stable"), &format!("uses: a/b@{b} # stable"), "ci: bump a/b 8ade135 → 08c6903"),
            ("- uses: a/b@v4", "- uses: a/c@v4", "ci: update ci.yml"),
            ("- uses: a/b@v4", "- run: true", "ci: update ci.yml"),
            ("- uses: ./b", "- uses: ./c", "ci: update ci.yml"),
        ] {
            assert_eq!(draft(&edit(FILE, "", old, new), &Hints::default()).subject, told);
        }
    }

    #[test]
    fn an_image_that_is_built_on_another_version_is_named() {
        for (old, new, told) in [
            ("FROM node:18", "FROM node:20", "build: bump node 18 → 20"),
            ("FROM node:18-alpine AS build", "FROM node:20-alpine AS build", "build: bump node 18-alpine → 20-alpine"),
            (
                "FROM docker.io:443/a/b:1.0@sha256:aa",
                "FROM docker.io:443/a/b:1.1@sha256:bb",
                "build: bump docker.io:443/a/b 1.0 → 1.1",
            ),
            // Another image, another stage, a sum, a variable and a command are no versions.
            ("FROM node:18", "FROM deno:2", "update Dockerfile"),
            ("FROM node:18 AS a", "FROM node:20 AS b", "update Dockerfile"),
            ("FROM node@sha256:aa", "FROM node@sha256:bb", "update Dockerfile"),
            ("FROM node:$OLD", "FROM node:$NEW", "update Dockerfile"),
            ("RUN a", "RUN b", "update Dockerfile"),
        ] {
            let subject = draft(&edit("Dockerfile", "", old, new), &Hints::default()).subject;
            assert!(subject.to_lowercase().ends_with(&told.to_lowercase()), "{old}: {subject}");
        }
        let both = edit("Dockerfile", "", "FROM node:18 AS a", "FROM node:20 AS a")
            + &edit("web/Dockerfile.dev", "", "FROM node:18", "FROM node:20");
        assert_eq!(draft(&both, &Hints::default()).subject, "build: bump node 18 → 20", "one image is named once");
        let other = edit("Dockerfile", "", "FROM node:18", "FROM node:20") + &edit("a.toml", "", "a = 1", "a = 2");
        assert!(!draft(&other, &Hints::default()).subject.contains("bump"), "something else changed too");
    }

    #[test]
    fn several_actions_are_listed() {
        let patch = edit(FILE, "", "- uses: a/b@v1", "- uses: a/b@v2")
            + &edit(".github/workflows/b.yml", "", "- uses: c/d@v1", "- uses: c/d@v2");
        let told = draft(&patch, &Hints::default());
        assert_eq!(told.subject, "ci: bump a/b and c/d");
        assert_eq!(told.body.as_deref(), Some("- bump a/b 1 → 2\n- bump c/d 1 → 2"));
    }
}
