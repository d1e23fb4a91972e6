//! What a build server runs of others, by the version that it is held at: `uses: actions/checkout@v4`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Verdict, plain};
use crate::git::{FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;

/// Most actions that a body lists.
const LISTED: usize = 12;

/// Versions of one action: before, and after.
type Versions = (BTreeSet<String>, BTreeSet<String>);

/// Nothing but versions of what build servers run is another one.
pub(super) fn decide(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    if files.is_empty() || !classes.iter().all(|class| *class == Class::Ci) {
        return None;
    }
    let mut all: BTreeMap<&str, Versions> = BTreeMap::new();
    for file in files {
        if file.status != Status::Modified || file.mode_only() {
            return None;
        }
        for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
            if line.kind == LineKind::Context || line.text.trim().is_empty() {
                continue;
            }
            let (name, version) = pin(&line.text)?;
            let (old, new) = all.entry(name).or_default();
            if line.kind == LineKind::Removed {
                old.insert(version)
            } else {
                new.insert(version)
            };
        }
    }
    let stays = |(old, new): &Versions| !old.is_empty() && !new.is_empty() && old != new;
    if all.is_empty() || !all.values().all(stays) {
        return None;
    }
    let rows: Vec<(String, Option<(String, String)>)> = all.iter().map(|(name, of)| (plain(name), way(of))).collect();
    let row = |(name, way): &(String, Option<(String, String)>)| match way {
        Some((from, to)) => plain(&format!("bump {name} {from} → {to}")),
        None => format!("bump {name}"),
    };
    let first = rows.first()?;
    let count = rows.len();
    let texts = match rows.as_slice() {
        [_] => vec![row(first), format!("bump {}", first.0), "bump an action".to_owned()],
        [_, second] => vec![format!("bump {} and {}", first.0, second.0), format!("bump {count} actions")],
        _ => vec![format!("bump {} and {} more actions", first.0, count - 1), format!("bump {count} actions")],
    };
    let mut lines: Vec<String> = rows.iter().take(LISTED).map(|one| format!("- {}", row(one))).collect();
    if count > LISTED {
        lines.push(format!("- and {} more", count - LISTED));
    }
    let body = (count > 1).then(|| lines.join("\n"));
    Some(Verdict { rule: "ci", type_: Some("ci"), texts, soft: false, body })
}

/// From where to where, where it is one way.
fn way((old, new): &Versions) -> Option<(String, String)> {
    match (old.len(), new.len()) {
        (1, 1) => Some((old.first()?.clone(), new.first()?.clone())),
        _ => None,
    }
}

/// `actions/checkout` and `4.1.0` of `- uses: actions/checkout@8ade135… # v4.1.0`.
fn pin(line: &str) -> Option<(&str, String)> {
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
    (named && !version.is_empty()).then_some((name, version))
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
    fn several_actions_are_listed() {
        let patch = edit(FILE, "", "- uses: a/b@v1", "- uses: a/b@v2")
            + &edit(".github/workflows/b.yml", "", "- uses: c/d@v1", "- uses: c/d@v2");
        let told = draft(&patch, &Hints::default());
        assert_eq!(told.subject, "ci: bump a/b and c/d");
        assert_eq!(told.body.as_deref(), Some("- bump a/b 1 → 2\n- bump c/d 1 → 2"));
    }
}
