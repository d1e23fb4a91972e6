//! Names of files that hold a secret, as they are shown: what is told of a change goes through here, whatever tells it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Report;
use super::coverage::Coverage;
use crate::git::ChangeSet;
use crate::secrets::{Hit, Place, Redactor, vague};
use crate::tasks::finding::Finding;

/// What stands before a file where the secret is in its name.
pub(super) const NAMED: &str = "name of ";

/// Secrets that names hold, each with the word that is shown for it. The word is the same in every run: forms are compared.
#[derive(Debug, Default)]
pub struct Masked {
    /// The longest first: one may be a part of another.
    words: Vec<(String, String)>,
}

impl Masked {
    /// Of these names.
    #[must_use]
    pub fn of<'p>(names: impl IntoIterator<Item = &'p str>, redactor: &Redactor) -> Self {
        let text: String = names.into_iter().flat_map(|name| [name, "\n"]).collect();
        Self::with(&text, &hits(&text, redactor))
    }

    /// Of what was found in names, one a line.
    pub(super) fn with(names: &str, hits: &[Hit]) -> Self {
        let secrets = hits.iter().filter_map(|hit| {
            let value = names.get(hit.start..hit.end)?.lines().next()?;
            (!value.is_empty()).then(|| (value.to_owned(), format!("<hidden {}>", hit.kind)))
        });
        let mut words: Vec<(String, String)> = secrets.collect::<BTreeMap<_, _>>().into_iter().collect();
        words.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self { words }
    }

    /// Of the files of a change, by what they are called on both sides.
    #[must_use]
    pub fn of_change(change: &ChangeSet, redactor: &Redactor) -> Self {
        Self::of(paths(change), redactor)
    }

    /// Of all files that a review of this change tells of.
    #[must_use]
    pub fn of_review(change: &ChangeSet, report: &Report, redactor: &Redactor) -> Self {
        let since = report.looks.since.iter().flat_map(|since| [&since.fixed, &since.unseen, &since.left]).flatten();
        let found = report.findings.iter().chain(since).map(|finding| finding.file.as_str());
        let ignored = report.coverage.ignored.iter().map(|(name, _)| name.as_str());
        Self::of(paths(change).chain(found).chain(ignored), redactor)
    }

    /// A text without them.
    #[must_use]
    pub fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        for (value, word) in &self.words {
            if out.contains(value.as_str()) {
                out = Cow::Owned(out.replace(value.as_str(), word));
            }
        }
        out
    }

    /// The folder that can be told of a file whose whole name cannot; empty at the top.
    #[must_use]
    pub fn folder<'f>(&self, file: &'f str) -> Option<&'f str> {
        let at = self.words.iter().filter_map(|(_, word)| file.find(word.as_str())).min()?;
        let folder = file.get(..at)?.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(folder.strip_prefix(NAMED).unwrap_or(folder))
    }

    /// Takes them out of a finding. A suggestion names its file.
    pub fn finding(&self, finding: &mut Finding) {
        for text in [&mut finding.file, &mut finding.title, &mut finding.why].into_iter().chain(&mut finding.rule) {
            self.hide(text);
        }
        finding.suggestion.take_if(|patch| self.folder(&finding.file).is_some() || self.shown(patch));
    }

    /// Takes them out of all that a review tells.
    pub fn report(&self, report: &mut Report) {
        if self.words.is_empty() {
            return;
        }
        let veiled = report.findings.iter_mut().filter_map(|finding| {
            let had = finding.suggestion.is_some();
            self.finding(finding);
            (had && finding.suggestion.is_none()).then(|| finding.id.clone())
        });
        report.looks.veiled.extend(veiled);
        self.hide(&mut report.summary);
        self.coverage(&mut report.coverage);
        for note in report.looks.notes.values_mut() {
            note.evidence.iter_mut().chain(&mut note.reason).for_each(|text| self.hide(text));
        }
        let since = report.looks.since.iter_mut();
        let before = since.flat_map(|since| [&mut since.fixed, &mut since.unseen, &mut since.left]);
        before.flatten().for_each(|finding| self.finding(finding));
    }

    fn coverage(&self, coverage: &mut Coverage) {
        coverage.reviewed.iter_mut().chain(&mut coverage.by_rules).for_each(|name| self.hide(name));
        for (name, why) in
            [&mut coverage.summarised, &mut coverage.skipped, &mut coverage.ignored].into_iter().flatten()
        {
            self.hide(name);
            self.hide(why);
        }
    }

    fn shown(&self, text: &str) -> bool {
        self.words.iter().any(|(value, _)| text.contains(value.as_str()))
    }

    fn hide(&self, text: &mut String) {
        if self.shown(text) {
            *text = self.told(text).into_owned();
        }
    }
}

/// The secrets in names, one a line. What a word beside it alone gives away is none there.
pub(super) fn hits(names: &str, redactor: &Redactor) -> Vec<Hit> {
    let mut hits = redactor.scan_in(names, Place { path: None, report: true });
    hits.retain(|hit| !vague(hit));
    hits
}

fn paths(change: &ChangeSet) -> impl Iterator<Item = &str> {
    change.files.iter().flat_map(|file| std::iter::once(&file.path).chain(&file.old_path)).map(|path| path.as_str())
}
