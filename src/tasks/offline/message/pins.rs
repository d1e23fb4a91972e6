//! What is run of others, by the version that it is held at: `uses: actions/checkout@v4` on a build server, and what an
//! image is built on, `FROM node:22`.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{changed, stepped};
use super::{Verdict, plain};
use crate::git::{FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;

/// Most of them that a body lists.
const LISTED: usize = 12;

/// What is longer has no room in a subject (characters).
const ROOM: usize = 64;

/// What it is held at, on one side of a change.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    versions: BTreeSet<String>,
    /// The beginnings of exact ids and sums.
    sums: BTreeSet<String>,
}

impl Held {
    fn add(&mut self, pin: Pin<'_>) {
        self.versions.extend(pin.version);
        self.sums.extend(pin.sum);
    }
}

/// One of them as a line holds it: by a version, by an id or a sum, or by both.
struct Pin<'l> {
    name: &'l str,
    version: Option<String>,
    sum: Option<String>,
    /// What else the line says.
    rest: String,
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

const ACTIONS: Kind = Kind { noun: "action", rule: "ci", type_: "ci", soft: true, pin: action };
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
    let mut all: BTreeMap<(&str, String), (Held, Held)> = BTreeMap::new();
    for file in files {
        if file.status != Status::Modified || file.mode_only() {
            return None;
        }
        for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
            if line.kind == LineKind::Context || line.text.trim().is_empty() {
                continue;
            }
            let pin = (kind.pin)(&line.text)?;
            let (old, new) = all.entry((pin.name, pin.rest.clone())).or_default();
            if line.kind == LineKind::Removed { old.add(pin) } else { new.add(pin) }
        }
    }
    let none = Held::default();
    let stays = |(old, new): &(Held, Held)| *old != none && *new != none && old != new;
    if all.is_empty() || !all.values().all(stays) {
        return None;
    }
    let mut rows: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for ((name, _), of) in &all {
        let ways = rows.entry(plain(name)).or_default();
        lines.insert(match way(of) {
            Some((from, to)) => {
                let line = plain(&format!("- {} {name} {from} → {to}", stepped(&from, &to)));
                ways.insert((from, to));
                line
            }
            // Which of several became which is not known.
            None => plain(&format!("- bump {name}")),
        });
    }
    let noun = kind.noun;
    let names: Vec<&String> = rows.keys().collect();
    let count = names.len();
    let texts = match names.as_slice() {
        [] => return None,
        [name] => {
            let ways = rows.first_key_value().map(|(_, ways)| ways).filter(|ways| ways.len() == lines.len());
            let down = |ways: &BTreeSet<(String, String)>| ways.iter().all(|(from, to)| stepped(from, to) != "bump");
            let verb = |ways| if down(ways) { "downgrade" } else { "bump" };
            let said = ways.map(|ways| plain(&format!("{} {name} {}", verb(ways), changed(ways))));
            said.into_iter().chain([format!("bump {name}"), format!("bump an {noun}")]).collect()
        }
        [first, second] => vec![format!("bump {first} and {second}"), format!("bump {count} {noun}s")],
        [first, ..] => vec![format!("bump {first} and {} more {noun}s", count - 1), format!("bump {count} {noun}s")],
    };
    let more = lines.len().saturating_sub(LISTED);
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.truncate(LISTED);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    // In a subject it may have no room.
    let long = lines.iter().any(|line| line.chars().count() > ROOM);
    let body = (lines.len() > 1 || long).then(|| lines.join("\n"));
    Some(Verdict {
        rule: kind.rule,
        type_: Some(kind.type_),
        texts,
        soft: kind.soft,
        body,
        packages: Vec::new(),
        whole: Vec::new(),
    })
}

/// From where to where, where it is one way.
fn way((old, new): &(Held, Held)) -> Option<(String, String)> {
    let other = |a: &BTreeSet<String>, b: &BTreeSet<String>| match a.difference(b).collect::<Vec<_>>().as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    };
    let differ = |a: &BTreeSet<String>, b: &BTreeSet<String>| Some((other(a, b)?, other(b, a)?));
    // One id became one other: a version that both are called by says less.
    if old.sums.len() == 1 && new.sums.len() == 1 {
        return differ(&old.versions, &new.versions).or_else(|| differ(&old.sums, &new.sums));
    }
    let one = old.versions.len() == 1 && new.versions.len() == 1;
    differ(&old.versions, &new.versions).filter(|_| one)
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
    let bare = |text: &str| text.strip_prefix('v').filter(|rest| number(rest)).unwrap_or(text).to_owned();
    let (version, sum) = match sum {
        true => (number(told).then(|| told.trim_start_matches('v').to_owned()), Some(short(version))),
        false => (Some(bare(version)), None),
    };
    (named && version.as_ref().is_none_or(|v| !v.is_empty())).then(|| Pin { name, version, sum, rest: String::new() })
}

/// So much of an id or a sum as people say of it.
fn short(sum: &str) -> String {
    sum.chars().take(SHORT).collect()
}

/// Characters that people say of an id or a sum.
const SHORT: usize = 7;

/// Whether an image is built by it.
fn builds(file: &FileChange) -> bool {
    let name = file.path.file_name();
    ["Dockerfile", "Containerfile"]
        .iter()
        .any(|one| name.strip_prefix(one).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// `node` and `22-alpine` of `FROM --platform=$BUILDPLATFORM node:22-alpine AS build`; of one that is held by its sum
/// alone, its beginning.
fn image(line: &str) -> Option<Pin<'_>> {
    let mut words = line.split_whitespace();
    words.next().filter(|from| from.eq_ignore_ascii_case("from"))?;
    let (flags, others): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("--"));
    let (said, stage) = others.split_first()?;
    let (said, sum) = said.split_once('@').unwrap_or((said, ""));
    let sum =
        sum.strip_prefix("sha256:").filter(|sum| sum.len() >= SHORT && sum.chars().all(|c| c.is_ascii_hexdigit()));
    // A registry may have a port.
    let at = said.rfind(':').filter(|at| said.rfind('/').is_none_or(|last| last < *at));
    let (name, version) = at.and_then(|at| Some((said.get(..at)?, Some(said.get(at + 1..)?)))).unwrap_or((said, None));
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:".contains(c));
    // On another machine it is another image; `as` may be written in any letters.
    let rest = flags.iter().chain(stage).copied().collect::<Vec<_>>().join(" ").to_lowercase();
    let held = version.map_or(sum.is_some(), plain);
    (plain(name) && held).then(|| Pin { name, version: version.map(str::to_owned), sum: sum.map(short), rest })
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
            // What it is called by stays, and what it is does not.
            (&format!("uses: a/b@{a} # v2"), &format!("uses: a/b@{b} # v2"), "ci: bump a/b 8ade135 → 08c6903"),
            ("- uses: a/b@v5", "- uses: a/b@v4", "ci: downgrade a/b 5 → 4"),
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
            (
                "FROM --platform=linux/amd64 node:18 as build",
                "FROM --platform=linux/amd64 node:20 AS build",
                "build: bump node 18 → 20",
            ),
            (
                "FROM --platform=$BUILDPLATFORM  golang:1.22",
                "FROM --platform=$BUILDPLATFORM golang:1.23",
                "build: bump golang 1.22 → 1.23",
            ),
            ("FROM --platform=linux/amd64 node:18", "FROM --platform=linux/arm64 node:20", "update Dockerfile"),
            (
                "FROM debian:12-slim@sha256:74d56e3931 as run",
                "FROM debian:12-slim@sha256:f065376537 as run",
                "build: bump debian 74d56e3 → f065376",
            ),
            ("FROM a/b@sha256:74d56e3931", "FROM a/b@sha256:f065376537", "build: bump a/b 74d56e3 → f065376"),
            // Another image, another stage, no sum, a variable and a command are no versions.
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
        let stages = |a: &str, b: &str| {
            edit("Dockerfile", "", &format!("FROM node:{a} AS a"), &format!("FROM node:{b} AS a"))
                + &edit("web/Dockerfile", "", "FROM node:18-slim", "FROM node:20-slim")
        };
        let told = draft(&stages("18", "20"), &Hints::default());
        assert_eq!(told.subject, "build: bump node 18 → 20 and 18-slim → 20-slim");
        assert_eq!(told.body.as_deref(), Some("- bump node 18 → 20\n- bump node 18-slim → 20-slim"));
        assert_eq!(
            draft(&stages("16", "20-slim"), &Hints::default()).subject,
            "build: bump node 16 and 18-slim → 20-slim"
        );
        let one = "diff --git a/Dockerfile b/Dockerfile\n--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n";
        let lines = "-FROM node:16\n-FROM node:18\n+FROM node:20\n+FROM node:22\n";
        assert_eq!(draft(&format!("{one}{lines}"), &Hints::default()).subject, "build: bump node");
        let other = edit("Dockerfile", "", "FROM node:18", "FROM node:20") + &edit("a.toml", "", "a = 1", "a = 2");
        assert!(!draft(&other, &Hints::default()).subject.contains("bump"), "something else changed too");
    }

    #[test]
    fn an_action_that_is_called_by_several_versions_is_at_the_closest_one() {
        let (a, b) = ("8ade135a41bc03ea155e62e844d188df1ea18608", "08c6903cd8c0fde910a37f88322edcfb5dd907a8");
        let patch = edit(FILE, "", &format!("- uses: a/b@{a} # v2.1.0"), &format!("- uses: a/b@{b} # v2.2.0"))
            + &edit(".github/workflows/b.yml", "", &format!("- uses: a/b@{a} # v2"), &format!("- uses: a/b@{b} # v2"));
        assert_eq!(draft(&patch, &Hints::default()).subject, "ci: bump a/b 2.1.0 → 2.2.0");
        // Of versions alone it is not known which became which.
        let patch = edit(FILE, "", "- uses: a/b@v1", "- uses: a/b@v2")
            + &edit(".github/workflows/b.yml", "", "- uses: a/b@v2", "- uses: a/b@v3");
        assert_eq!(draft(&patch, &Hints::default()).subject, "ci: bump a/b");
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
