//! The pairs: a change without a defect, and the same with one line of it spoilt.

use std::sync::OnceLock;

use similar::TextDiff;

use crate::git::{ChangeSet, Contents, FileChange, Path, patch};

/// Files of pairs, one per language.
const FILES: [&str; 6] = [
    include_str!("../pairs/rust.txt"),
    include_str!("../pairs/python.txt"),
    include_str!("../pairs/typescript.txt"),
    include_str!("../pairs/go.txt"),
    include_str!("../pairs/java.txt"),
    include_str!("../pairs/c.txt"),
];

/// One pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its name.
    pub name: String,
    /// Path of its one file.
    path: String,
    /// What is wrong with the spoilt side.
    class: String,
    before: String,
    clean: String,
    planted: String,
    /// The line in which the sides differ, from 1.
    pub line: u32,
}

/// Every pair; languages take turns, so that a calibration that stops early has seen all of them.
pub(super) fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let files: Vec<Vec<Pair>> =
            FILES.iter().map(|text| text.split("## ").skip(1).filter_map(read).collect()).collect();
        let most = files.iter().map(Vec::len).max().unwrap_or(0);
        (0..most).flat_map(|n| files.iter().filter_map(move |pairs| pairs.get(n)).cloned()).collect()
    })
}

fn read(text: &str) -> Option<Pair> {
    let (head, rest) = text.split_once('\n')?;
    let mut names = head.split(" | ").map(str::to_owned);
    let (before, rest) = rest.strip_prefix("=== before\n")?.split_once("=== clean\n")?;
    let (clean, spoilt) = rest.split_once("=== planted\n")?;
    let (right, wrong) = spoilt.trim_end_matches('\n').split_once('\n')?;
    let place = clean.lines().position(|line| line == right)?;
    let planted = clean.replacen(&format!("{right}\n"), &format!("{wrong}\n"), 1);
    Some(Pair {
        name: names.next()?,
        path: names.next()?,
        class: names.next()?,
        before: before.to_owned(),
        clean: clean.to_owned(),
        planted,
        line: u32::try_from(place + 1).ok()?,
    })
}

impl Pair {
    /// One side as a change, with its files.
    pub(super) fn change(&self, planted: bool) -> (ChangeSet, Files) {
        let after = if planted { &self.planted } else { &self.clean };
        let path = &self.path;
        let hunks = TextDiff::from_lines(&self.before, after)
            .unified_diff()
            .context_radius(3)
            .header(&format!("a/{path}"), &format!("b/{path}"))
            .to_string();
        let change = patch::parse(format!("diff --git a/{path} b/{path}\n{hunks}").as_bytes()).unwrap_or_default();
        let files = Files { path: path.clone(), before: self.before.clone(), after: after.clone() };
        // Nothing says which side it is.
        (ChangeSet { label: "calibration".to_owned(), ..change }, files)
    }
}

/// The one file of a pair, on both sides.
pub(super) struct Files {
    path: String,
    before: String,
    after: String,
}

impl Contents for Files {
    fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.before.clone().into_bytes())
    }

    fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.after.clone().into_bytes())
    }

    fn base(&self, path: &str, _: u64) -> Option<Vec<u8>> {
        (path == self.path).then(|| self.before.clone().into_bytes())
    }

    fn tracked(&self) -> Vec<Path> {
        vec![self.path.as_str().into()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tasks::offline::review;
    use crate::tasks::pack::{Lines, pack};

    #[test]
    fn there_are_pairs_of_six_languages_and_no_two_are_one() {
        let pairs = pairs();
        let names: BTreeSet<&str> = pairs.iter().map(|p| p.name.as_str()).collect();
        let ends: BTreeSet<&str> = pairs.iter().filter_map(|p| p.path.rsplit('.').next()).collect();
        assert_eq!((pairs.len(), names.len(), ends.len()), (24, 24, 6));
        let first: BTreeSet<&str> = pairs.iter().take(6).filter_map(|p| p.path.rsplit('.').next()).collect();
        assert_eq!(first.len(), 6, "languages take turns");
    }

    #[test]
    fn the_sides_differ_in_one_line_and_that_is_an_added_one() {
        for pair in pairs() {
            let differing: Vec<usize> = (1..)
                .zip(pair.clean.lines().zip(pair.planted.lines()))
                .filter(|(_, (a, b))| a != b)
                .map(|(n, _)| n)
                .collect();
            assert_eq!(differing, [usize::try_from(pair.line).unwrap()], "{}", pair.name);
            for planted in [true, false] {
                let (change, files) = pair.change(planted);
                assert_eq!(change.files.len(), 1, "{}", pair.name);
                let added = change.files[0].added_lines().any(|l| l.new == Some(pair.line));
                assert!(added, "{}: line {} is changed on both sides", pair.name, pair.line);
                let packed = pack(&change, &files, 200_000, Lines::Numbered);
                assert_eq!(packed.shown, [0], "{} is shown", pair.name);
            }
        }
    }

    #[test]
    fn nothing_in_a_prompt_tells_the_sides_apart_but_the_line() {
        for pair in pairs() {
            assert!(!pair.class.is_empty());
            for word in ["planted", "clean", "bug", "wrong", "defect", "calibrat"] {
                assert!(!pair.planted.to_lowercase().contains(word), "{} says {word}", pair.name);
            }
        }
    }

    #[test]
    fn clean_sides_are_clean_by_the_rules_too() {
        for pair in pairs() {
            let (change, files) = pair.change(false);
            let found: Vec<String> = review::review(&change, &files).into_iter().map(|f| f.class).collect();
            assert_eq!(found, Vec::<String>::new(), "{}", pair.name);
        }
    }
}
