//! The repository's own rules for reviews, as they stood before the change: a change cannot rewrite its own rules.

use std::collections::BTreeSet;

use crate::git::{ChangeSet, Contents, Path};

/// Most of one file that is given on, and of all (bytes).
const ONE: usize = 16 << 10;
const ALL: usize = 32 << 10;
/// A file larger than this holds no rules (bytes).
const LIMIT: u64 = 1 << 20;
/// Folders that are looked into for rules of their own.
const FOLDERS: usize = 60;
/// Where rules stand, what is meant for reviews before what is meant for everything.
const FIRST: [&str; 2] = [".monster/review.md", "REVIEW.md"];
const LAST: [&str; 6] =
    ["AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md", "CONTRIBUTING"];
/// The name of rules for one folder.
const NESTED: &str = "AGENTS.md";

/// Rules by file and line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    files: Vec<(String, Vec<String>)>,
}

impl Rules {
    /// What stands on the base side of a change: the file that settings name, those that are usual, and those of the
    /// folders it touches.
    #[must_use]
    pub fn read(change: &ChangeSet, contents: &dyn Contents, named: Option<&str>) -> Self {
        let mut names: Vec<String> = named.into_iter().map(str::to_owned).collect();
        names.extend(FIRST.map(str::to_owned));
        names.extend(nested(change));
        names.extend(LAST.map(str::to_owned));
        let mut out = Self::default();
        for name in names {
            let known = out.files.iter().any(|(n, _)| *n == name);
            let Some(text) = contents.base(&name, LIMIT).filter(|_| !known) else { continue };
            let Ok(text) = String::from_utf8(text) else { continue };
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            // A link gives the name it leads to; and some keep the same text under two names.
            let link = lines.len() == 1 && lines.iter().all(|l| l.ends_with(".md") && !l.contains(char::is_whitespace));
            if !link && !out.files.iter().any(|(_, known)| *known == lines) {
                out.files.push((name, lines));
            }
        }
        out.within(ALL)
    }

    /// As much as `most` bytes hold, whole lines.
    #[must_use]
    pub(super) fn within(&self, most: usize) -> Self {
        let mut left = most;
        let mut out = Self::default();
        for (name, lines) in &self.files {
            let head = name.len() + 1;
            let mut room = ONE.min(left.saturating_sub(head));
            let mut kept: Vec<String> = Vec::new();
            for line in lines {
                let Some(rest) = room.checked_sub(written(line)) else { break };
                room = rest;
                kept.push(line.clone());
            }
            if kept.iter().any(|l| !l.trim().is_empty()) {
                left = left.saturating_sub(head + kept.iter().map(|l| written(l)).sum::<usize>());
                out.files.push((name.clone(), kept));
            }
        }
        out
    }

    /// This file is one of them.
    #[must_use]
    pub fn hold(&self, name: &str) -> bool {
        self.files.iter().any(|(known, _)| known == name)
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// With their numbers, as a model is given them.
    #[must_use]
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for (name, lines) in &self.files {
            out.push_str(&format!("{name}\n"));
            for (n, line) in lines.iter().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                out.push_str(&format!("{:>5} {}\n", n + 1, line.trim_end()));
            }
        }
        out
    }

    /// `FILE:LINE` of a rule that was given, out of what a model wrote; `None` when no rule stands there.
    #[must_use]
    pub(super) fn cited(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_matches(['`', '[', ']', '(', ')', '"']);
        let (file, line) = text.rsplit_once(':')?;
        let file = file.trim().trim_start_matches("./");
        let digits: String = line.trim().trim_start_matches('L').chars().take_while(char::is_ascii_digit).collect();
        let number: usize = digits.parse().ok()?;
        let (name, lines) = self.files.iter().find(|(name, _)| name == file)?;
        let line = lines.get(number.checked_sub(1)?)?;
        (!line.trim().is_empty()).then(|| format!("{name}:{number}"))
    }
}

fn written(line: &str) -> usize {
    if line.trim().is_empty() { 0 } else { line.trim_end().len() + 7 }
}

/// The rules of folders that a change touches, and of those round them.
fn nested(change: &ChangeSet) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in &change.files {
        let mut folder = String::new();
        for part in file.path.folders() {
            folder.push_str(part);
            folder.push('/');
            if out.len() < FOLDERS {
                out.insert(format!("{folder}{NESTED}"));
            }
        }
    }
    out
}

/// Programs that keep the style of files: the names of their settings, what must be in them, and the extensions they
/// look after.
const KEEPERS: &[(&[&str], &[&str], &[&str])] = &[
    (&["rustfmt.toml", ".rustfmt.toml", "clippy.toml", ".clippy.toml"], &[], &["rs"]),
    (
        &[".prettierrc", "prettier.config", "biome.json", "biome.jsonc", "dprint.json", ".oxfmtrc"],
        &[],
        &[
            "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "css", "scss", "html", "vue", "json", "md", "yaml",
            "yml",
        ],
    ),
    (
        &[".eslintrc", "eslint.config", ".oxlintrc"],
        &[],
        &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
    ),
    (&["ruff.toml", ".ruff.toml", ".flake8", ".pylintrc", "pylintrc", ".style.yapf"], &[], &["py", "pyi"]),
    (&["pyproject.toml"], &["[tool.ruff", "[tool.black", "[tool.pylint", "[tool.yapf"], &["py", "pyi"]),
    (&[".clang-format", ".clang-tidy", "_clang-format"], &[], &["c", "h", "cc", "cpp", "hpp", "cxx"]),
    (&[".golangci.yml", ".golangci.yaml", ".golangci.toml", "go.mod"], &[], &["go"]),
    (&["checkstyle.xml", ".checkstyle"], &[], &["java"]),
    (&[".shellcheckrc"], &[], &["sh", "bash"]),
    (&[".rubocop.yml"], &[], &["rb"]),
];

/// A formatter or linter keeps the style of this file: nothing of it is worth a finding.
#[must_use]
pub(super) fn kept(path: &Path, contents: &dyn Contents) -> bool {
    let extension = path.extension();
    let rows: Vec<_> = KEEPERS.iter().filter(|(_, _, of)| of.contains(&extension.as_str())).collect();
    if rows.is_empty() {
        return false;
    }
    let folder = path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    contents.tracked().iter().any(|config| {
        let name = config.file_name();
        let above = config.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        let covers =
            above.is_empty() || folder == above || folder.strip_prefix(above).is_some_and(|r| r.starts_with('/'));
        covers
            && rows.iter().any(|(names, words, _)| {
                names.iter().any(|n| name == *n || name.strip_prefix(n).is_some_and(|rest| rest.starts_with('.')))
                    && (words.is_empty()
                        || contents.current(config, LIMIT).is_some_and(|text| {
                            let text = String::from_utf8_lossy(&text);
                            words.iter().any(|word| text.contains(word))
                        }))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::FileChange;

    struct Base(Vec<(&'static str, String)>);

    impl Contents for Base {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn base(&self, path: &str, _: u64) -> Option<Vec<u8>> {
            self.0.iter().find(|(name, _)| *name == path).map(|(_, text)| text.clone().into_bytes())
        }
        fn tracked(&self) -> Vec<Path> {
            self.0.iter().map(|(name, _)| Path::from(*name)).collect()
        }
        fn current(&self, path: &Path, _: u64) -> Option<Vec<u8>> {
            self.base(path.as_str(), 0)
        }
    }

    fn change(paths: &[&str]) -> ChangeSet {
        let files = paths.iter().map(|p| FileChange::new(Path::from(*p), crate::git::Status::Modified)).collect();
        ChangeSet { files, ..ChangeSet::default() }
    }

    #[test]
    fn rules_of_reviews_and_of_touched_folders_come_first_and_links_are_passed_over() {
        let base = Base(vec![
            ("AGENTS.md", "# Rules\n\nNo unwrap.\n".to_owned()),
            ("CLAUDE.md", "AGENTS.md".to_owned()),
            ("src/db/AGENTS.md", "Use migrations.\n".to_owned()),
            ("src/ui/AGENTS.md", "Use colours.\n".to_owned()),
            ("house.md", "Be kind.\n".to_owned()),
        ]);
        let rules = Rules::read(&change(&["src/db/a.rs"]), &base, Some("house.md"));
        assert_eq!(
            rules.text(),
            "house.md\n    1 Be kind.\nsrc/db/AGENTS.md\n    1 Use migrations.\nAGENTS.md\n    1 # Rules\n    3 No unwrap.\n"
        );
        assert_eq!(rules.cited("AGENTS.md:3").as_deref(), Some("AGENTS.md:3"));
        assert_eq!(rules.cited("`./AGENTS.md:3-4`").as_deref(), Some("AGENTS.md:3"));
        for wrong in ["AGENTS.md:2", "AGENTS.md:9", "AGENTS.md:0", "OTHER.md:1", "AGENTS.md", "", ":", "AGENTS.md:x"] {
            assert_eq!(rules.cited(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_file_and_not_all_of_them_take_more_than_their_share() {
        let long = "A rule that is not very long.\n".repeat(4_000);
        let base = Base(vec![
            ("REVIEW.md", long.clone()),
            ("AGENTS.md", format!("Other.\n{long}")),
            ("CLAUDE.md", "x\n".repeat(9)),
        ]);
        let rules = Rules::read(&change(&[]), &base, None);
        assert!(rules.text().len() <= ALL, "{}", rules.text().len());
        assert!(rules.text().contains("AGENTS.md\n    1 Other."));
        assert_eq!(rules.cited("REVIEW.md:3000"), None, "a line that was cut away is no rule");
        assert!(rules.within(100).text().len() <= 100);
        assert!(rules.within(0).is_empty());
    }

    #[test]
    fn a_formatter_keeps_the_style_below_its_settings() {
        let base = Base(vec![
            ("web/.prettierrc.json", String::new()),
            ("py/pyproject.toml", "[tool.ruff]\n".to_owned()),
            ("old/pyproject.toml", "[project]\n".to_owned()),
        ]);
        for (path, expected) in
            [("web/a/b.ts", true), ("website/b.ts", false), ("py/a.py", true), ("old/a.py", false), ("web/a.rs", false)]
        {
            assert_eq!(kept(&Path::from(path), &base), expected, "{path}");
        }
    }
}
