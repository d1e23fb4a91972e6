//! What a review looked at, and what it did not: said in every report.

use std::collections::HashSet;

use serde::Serialize;

use super::summary;
use crate::git::{ChangeSet, FileKind};
use crate::tasks::offline::classify::{Class, classify};

/// Why a model is not shown a file that was renamed, made executable or made empty, and no more.
const NO_LINES: &str = "no lines changed";

/// Files by how they were treated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Read by a model, every hunk, and by the rules.
    pub reviewed: Vec<String>,
    /// Read by the rules alone, because no model was asked.
    pub by_rules: Vec<String>,
    /// Only named to the model, or judged by their names alone, with the reason.
    pub summarised: Vec<(String, String)>,
    /// Not wholly read, with the reason: the review is incomplete.
    pub skipped: Vec<(String, String)>,
    /// Left out because settings say so, with whose settings; searched for secrets all the same.
    pub ignored: Vec<(String, String)>,
}

impl Coverage {
    /// Everything was read or rightly summarised.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.skipped.is_empty()
    }

    /// Nobody but the rules looked: at every line that people write, and at the names of the rest.
    #[must_use]
    pub fn rules_only(change: &ChangeSet) -> Self {
        let mut out = Self::default();
        for file in change.files.iter().filter(|f| f.unread.is_none()) {
            let name = file.path.as_str().to_owned();
            let class = classify(file);
            let passed =
                matches!(class, Class::Generated | Class::Vendored | Class::Minified).then(|| summary::kind(class, 1));
            match (&file.kind, passed) {
                (FileKind::Text, Some(why)) => {
                    out.summarised.push((name, format!("{why}: searched for secrets alone")));
                }
                (FileKind::Text | FileKind::Symlink, _) => out.by_rules.push(name),
                (FileKind::Binary { .. }, _) => out.summarised.push((name, "binary".to_owned())),
                (FileKind::Submodule { .. }, _) => out.summarised.push((name, "submodule".to_owned())),
            }
        }
        out
    }

    /// From places in the change set. What is none of these has no line to be read.
    #[must_use]
    pub fn new(change: &ChangeSet, shown: &[usize], named: &[(usize, &str)], unread: &[(usize, String)]) -> Self {
        let name = |place: usize| change.files[place].path.as_str().to_owned();
        let told = shown.iter().chain(named.iter().map(|(p, _)| p)).chain(unread.iter().map(|(p, _)| p));
        let told: HashSet<usize> = told.copied().collect();
        let mut summarised: Vec<(usize, &str)> = named.to_vec();
        summarised.extend((0..change.files.len()).filter(|place| !told.contains(place)).map(|place| (place, NO_LINES)));
        summarised.sort_unstable();
        let unread_at: HashSet<usize> = unread.iter().map(|(place, _)| *place).collect();
        Self {
            reviewed: shown.iter().filter(|place| !unread_at.contains(place)).map(|place| name(*place)).collect(),
            summarised: summarised.into_iter().map(|(place, why)| (name(place), why.to_owned())).collect(),
            skipped: unread.iter().map(|(p, why)| (name(*p), why.clone())).collect(),
            ..Self::default()
        }
    }

    /// What either of two read is reviewed; what neither read wholly is skipped.
    #[must_use]
    pub fn both(a: &Self, b: &Self) -> Self {
        let mut out = a.clone();
        out.reviewed.extend(b.reviewed.iter().filter(|name| !a.reviewed.contains(name)).cloned());
        out.skipped.retain(|(name, _)| !b.reviewed.contains(name));
        out
    }

    /// What git could not read nobody reviewed: files without their lines, and parts of a patch.
    pub fn miss(&mut self, change: &ChangeSet) {
        for file in &change.files {
            let (name, Some(why)) = (file.path.as_str(), &file.unread) else { continue };
            self.reviewed.retain(|n| n != name);
            self.by_rules.retain(|n| n != name);
            self.summarised.retain(|(n, _)| n != name);
            self.skipped.retain(|(n, _)| n != name);
            self.skipped.push((name.to_owned(), why.clone()));
        }
        self.skipped.extend(change.notes.iter().map(|note| (format!("({})", change.label), note.clone())));
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = match (self.reviewed.len(), self.by_rules.len()) {
            (0, rules) if rules > 0 => vec![format!("{rules} read by the rules")],
            // Nothing was to be read: there is no line, or settings leave it all out.
            (0, _) if self.skipped.is_empty() && !(self.summarised.is_empty() && self.ignored.is_empty()) => vec![],
            (reviewed, _) => vec![format!("{reviewed} reviewed")],
        };
        if parts.is_empty() && self.summarised.is_empty() {
            parts.push(format!("{} left out", self.ignored.len()));
        }
        if !self.summarised.is_empty() {
            parts.push(format!("{} summarised", self.summarised.len()));
        }
        if !self.skipped.is_empty() {
            parts.push(format!("{} skipped", self.skipped.len()));
        }
        format!("files: {}", parts.join(", "))
    }
}
