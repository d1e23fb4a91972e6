//! Names of files, definitions and packages that hold a secret, as they are shown: what is told of a change goes through
//! here, whatever tells it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// Sorted by secret.
    words: Vec<(String, String)>,
    /// What is shown, each once.
    shown: BTreeSet<String>,
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
        let words: Vec<(String, String)> = secrets.collect::<BTreeMap<_, _>>().into_iter().collect();
        let shown = words.iter().map(|(_, word)| word.clone()).collect();
        Self { words, shown }
    }

    /// Of the files of a change, by what they are called on both sides.
    #[must_use]
    pub fn of_change(change: &ChangeSet, redactor: &Redactor) -> Self {
        Self::of(paths(change), redactor)
    }

    /// Of all files that a review of this change tells of, and of what it says.
    #[must_use]
    pub fn of_review(change: &ChangeSet, report: &Report, redactor: &Redactor) -> Self {
        let since = report.looks.since.iter().flat_map(|since| [&since.fixed, &since.unseen, &since.left]).flatten();
        let found = report.findings.iter().chain(since).map(|finding| finding.file.as_str());
        let ignored = report.coverage.ignored.iter().map(|(name, _)| name.as_str());
        let said = report.findings.iter().flat_map(|finding| [finding.title.as_str(), finding.why.as_str()]);
        // Many say the same. What is defined and what is depended on may be called by a secret as a file may.
        let said: BTreeSet<&str> = said.chain([report.summary.as_str()]).flat_map(str::lines).collect();
        Self::of(paths(change).chain(found).chain(ignored).chain(said), redactor)
    }

    /// A text without them.
    #[must_use]
    pub fn told<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (mut out, mut done) = (String::new(), 0);
        for (at, _) in text.char_indices() {
            let rest = text.get(at..).filter(|_| at >= done).and_then(|rest| self.opens(rest));
            if let Some((value, word)) = rest {
                out.push_str(text.get(done..at).unwrap_or_default());
                out.push_str(word);
                done = at + value.len();
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The longest secret that a text begins with: one may be a part of another. Among many it is found by halves.
    fn opens(&self, text: &str) -> Option<&(String, String)> {
        let mut rest = text.as_bytes();
        loop {
            let before = self.words.partition_point(|(value, _)| value.as_bytes() <= rest).checked_sub(1)?;
            let near = self.words.get(before)?;
            // Whatever else the text begins with, this one does too.
            let same = near.0.bytes().zip(rest).take_while(|(a, b)| a == *b).count();
            if same == near.0.len() {
                return Some(near);
            }
            rest = rest.get(..same).filter(|same| !same.is_empty())?;
        }
    }

    /// The folder that can be told of a file whose whole name cannot; empty at the top.
    #[must_use]
    pub fn folder<'f>(&self, file: &'f str) -> Option<&'f str> {
        let at = self.shown.iter().filter_map(|word| file.find(word.as_str())).min()?;
        let folder = file.get(..at)?.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(folder.strip_prefix(NAMED).unwrap_or(folder))
    }

    /// Takes them out of a finding. A suggestion names its file.
    pub fn finding(&self, finding: &mut Finding) {
        for text in [&mut finding.file, &mut finding.title, &mut finding.why].into_iter().chain(&mut finding.rule) {
            self.hide(text);
        }
        finding.suggestion.take_if(|patch| self.folder(&finding.file).is_some() || self.hides(patch));
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

    fn hides(&self, text: &str) -> bool {
        matches!(self.told(text), Cow::Owned(_))
    }

    fn hide(&self, text: &mut String) {
        if let Cow::Owned(told) = self.told(text) {
            *text = told;
        }
    }
}

/// What takes secrets out of words that rules make of a change: of names of its files, and of whatever else is called so,
/// a definition, a package, the commit that is taken back.
#[derive(Default)]
pub struct Veil {
    names: Masked,
    redactor: Option<Arc<Redactor>>,
}

impl Veil {
    /// For words about this change.
    #[must_use]
    pub fn of_change(change: &ChangeSet, redactor: Arc<Redactor>) -> Self {
        Self { names: Masked::of_change(change, &redactor), redactor: Some(redactor) }
    }

    /// A text without them.
    #[must_use]
    pub fn told(&self, text: &str) -> String {
        let text = self.names.told(text);
        let own = self.redactor.as_ref().map(|redactor| Masked::of([&*text], redactor));
        own.map_or_else(|| text.to_string(), |own| own.told(&text).into_owned())
    }

    /// Takes them out of many texts.
    pub fn all<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>) {
        let mut texts: Vec<&mut String> = texts.into_iter().collect();
        texts.iter_mut().for_each(|text| self.names.hide(text));
        let Some(redactor) = &self.redactor else { return };
        let own = Masked::of(texts.iter().map(|text| text.as_str()), redactor);
        texts.iter_mut().for_each(|text| own.hide(text));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_thousands_of_secrets_each_is_hidden_and_the_longest_that_stands_there() {
        let key = |n: u32| format!("{}_{:036}", ["gh", "p"].concat(), n.wrapping_mul(2_654_435_761));
        let kind = |value: &str| (value.to_owned(), format!("<{}>", value.len()));
        let words: Vec<_> = ["aa", "aaab", "ab", "b"].map(kind).into();
        let shown = words.iter().map(|(_, word)| word.clone()).collect();
        let few = Masked { words, shown };
        for (text, told) in [("aaab", "<4>"), ("aaac", "<2>ac"), ("üaabaaa", "ü<2><1><2>a"), ("ac", "ac"), ("", "")] {
            assert_eq!(few.told(text), told);
        }
        assert!(Masked::default().told("aa") == "aa" && few.folder("x/<2>").is_some());
        // Each of these beside all the others: whoever asks for one after the other comes to no end here.
        let words: Vec<_> = (0..30_000).map(key).map(|value| (value, "<hidden token>".to_owned())).collect();
        let many = Masked {
            shown: BTreeSet::from([words[0].1.clone()]),
            words: BTreeMap::from_iter(words).into_iter().collect(),
        };
        for (value, _) in &many.words {
            let told = many.told(&format!("keys/{value}.txt")).into_owned();
            assert_eq!((told.as_str(), many.folder(&told)), ("keys/<hidden token>.txt", Some("keys")));
        }
    }
}
