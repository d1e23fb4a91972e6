//! What a review looked at, and what it did not: said in every report.

use serde::Serialize;

use crate::git::ChangeSet;

/// Files by how they were treated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Read by a model, every hunk.
    pub reviewed: Vec<String>,
    /// Only named to the model, with the reason.
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

    /// Nobody but the rules looked.
    #[must_use]
    pub fn rules_only() -> Self {
        Self::default()
    }

    /// From places in the change set.
    #[must_use]
    pub fn new(change: &ChangeSet, shown: &[usize], named: &[(usize, &str)], unread: &[(usize, String)]) -> Self {
        let name = |place: usize| change.files[place].path.as_str().to_owned();
        Self {
            reviewed: shown.iter().filter(|p| !unread.iter().any(|(u, _)| u == *p)).map(|p| name(*p)).collect(),
            summarised: named.iter().map(|(p, why)| (name(*p), (*why).to_owned())).collect(),
            skipped: unread.iter().map(|(p, why)| (name(*p), why.clone())).collect(),
            ignored: Vec::new(),
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
            self.summarised.retain(|(n, _)| n != name);
            self.skipped.retain(|(n, _)| n != name);
            self.skipped.push((name.to_owned(), why.clone()));
        }
        self.skipped.extend(change.notes.iter().map(|note| (format!("({})", change.label), note.clone())));
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![format!("{} reviewed", self.reviewed.len())];
        if !self.summarised.is_empty() {
            parts.push(format!("{} summarised", self.summarised.len()));
        }
        if !self.skipped.is_empty() {
            parts.push(format!("{} skipped", self.skipped.len()));
        }
        format!("files: {}", parts.join(", "))
    }
}
